"""A real daemon: revocation lists arrive, verdicts and figures follow, and no body is kept."""

import signal
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from tests.daemon.conftest import Start
from tests.support.daemon import DaemonProcess
from tests.verify import making as make

RATIO = (
    'congvu_adoption_ratio{agency="mot",channel="mail",indicator="document_signed",window="period"}'
)
SECRET = "noi dung rieng cua van ban nay"
pytestmark = pytest.mark.timeout(600)


def clerk(number: int = 0) -> make.Identity:
    """An officer of the agency mot."""
    subject = make.name(f"Văn Thư {number}", o="Sở Thử nghiệm Một", e=f"vt{number}@mot.example")
    return make.issue(subject, make.intermediate(), usage=make.usages(sign=True))


def letter(number: int, document: bytes) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Received"] = (
        "from pc (pc [127.0.0.1]) by mx.mot.example with ESMTPSA; Mon, 16 Nov 2026 08:00:00 +0700"
    )
    message["From"], message["To"] = "nguyen@mot.example", "tran@hai.example"
    message["Message-ID"] = f"<signed-{number}@mot.example>"
    message["Date"] = "Mon, 16 Nov 2026 08:00:00 +0700"
    message["Subject"] = "công văn"
    message.set_content(f"Kính gửi, {SECRET}")
    message.add_attachment(document, maintype="application", subtype="pdf", filename="cv.pdf")
    return message.as_bytes()


class Judging:
    """A daemon that trusts the small PKI and demands revocation data."""

    def __init__(self, start: Start, folder: Path) -> None:
        self.lists = folder / "crls"
        for name, content in (
            ("anchors/cong_vu/root.crt", make.root().der),
            ("intermediates/sub.crt", make.intermediate().der),
            ("crls/root.crl", self._list(make.root())),
        ):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        names = ("anchors", "intermediates", "crls")
        trust = {name: str(folder / name) for name in names}
        self.daemon: DaemonProcess = start(verify={"revocation": "require"} | trust)

    def _list(self, issuer: make.Identity, *revoked: tuple[make.Identity, datetime]) -> bytes:
        now = datetime.now(UTC)
        week = timedelta(days=7)
        return make.crl(issuer, *revoked, this_update=now - make.DAY, next_update=now + week)

    def publish(self, *revoked: tuple[make.Identity, datetime], stale: bool = False) -> None:
        """A new list of the CA arrives in the watched folder."""
        now = datetime.now(UTC).replace(microsecond=0)
        ends = now - timedelta(hours=1) if stale else now + timedelta(days=7)
        issued = now - make.DAY if stale else now
        content = make.crl(make.intermediate(), *revoked, this_update=issued, next_update=ends)
        fresh = self.lists / "sub.new"
        fresh.write_bytes(content)
        fresh.rename(self.lists / "sub.crl")
        assert self.daemon.process
        self.daemon.process.send_signal(signal.SIGHUP)

    def send(self, number: int, who: make.Identity) -> None:
        document = make.sign_pdf(make.page(f"{SECRET} {number}"), who, leaf_only=True)
        self.daemon.send(letter(number, document))

    def document(self) -> tuple[str, str | None, bool]:
        [row] = self.daemon.sql("SELECT overall, cause, provisional FROM document")
        return row[0], row[1], row[2]


@pytest.fixture
def judging(daemon: Start, tmp_path: Path) -> Judging:
    return Judging(daemon, tmp_path)


def kept(daemon: DaemonProcess, text: str) -> list[str]:
    """Tables and files that hold a text; the spool's newest segment may, until it is full."""
    tables = [row[0] for row in daemon.sql(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind = 'r'")]  # fmt: skip
    words = (text, text.encode().hex())
    likes = " OR ".join(f"t::text LIKE '%{word}%'" for word in words)
    found = [each for each in tables if daemon.sql(f"SELECT 1 FROM {each} t WHERE {likes} LIMIT 1")]
    spool = daemon.state / "spool"
    files = [
        path for path in daemon.state.rglob("*") if path.is_file() and spool not in path.parents
    ]
    return found + [path.name for path in files if text.encode() in path.read_bytes()]


def test_a_list_that_arrives_decides_and_another_takes_back_without_any_body(
    judging: Judging,
) -> None:
    daemon, who = judging.daemon, clerk()
    judging.publish(stale=True)
    judging.send(1, who)
    labels = 'agency="mot",channel="mail",verdict="indeterminate"'
    daemon.wait_metric(f"congvu_documents_total{{{labels}}}", 1)
    assert judging.document() == ("indeterminate", "ours", False)
    assert RATIO not in daemon.metrics()

    judging.publish()
    daemon.wait_metric(RATIO, 1)
    daemon.wait_for(lambda: judging.document()[:2] == ("valid", None), "the verdict")
    changed = 'congvu_verdicts_changed_total{from="indeterminate",of="document",to="valid"}'
    daemon.wait_metric(changed, 1)
    assert daemon.metrics()[f"congvu_documents_total{{{labels}}}"] == 1

    judging.publish((who, datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)))
    daemon.wait_metric(RATIO, 0)
    assert judging.document() == ("invalid", None, False)
    assert daemon.sql("SELECT reason FROM verdict_change ORDER BY change_id") == [
        ("revocation_data",), ("certificate_revoked",)
    ]  # fmt: skip
    daemon.wait_drained()
    assert kept(daemon, SECRET) == []
    told = daemon.congvu("documents", "list", "--json")
    assert '"overall": "invalid"' in told.stdout
    assert daemon.stop() == 0


def test_a_daemon_killed_while_it_judges_again_goes_on_where_it_was(judging: Judging) -> None:
    daemon, who = judging.daemon, clerk(1)
    mails = 60
    for number in range(mails):
        judging.send(number, who)
    daemon.wait_for(
        lambda: daemon.sql("SELECT count(*) FROM document") == [(mails,)], "every document"
    )
    judging.publish()
    daemon.wait_for(
        lambda: daemon.sql("SELECT count(*) > 0 FROM verdict_change") == [(True,)], "a change"
    )
    daemon.kill()
    daemon.start()
    verdicts = "SELECT overall, count(*) FROM document GROUP BY 1"
    daemon.wait_for(lambda: daemon.sql(verdicts) == [("valid", mails)], "all verdicts", 180)
    assert daemon.sql("SELECT count(*), count(DISTINCT uid) FROM verdict_change") == [
        (mails, mails)
    ]
    assert daemon.stop() == 0
