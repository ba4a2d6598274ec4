"""One agency's month put through every source of a real daemon; what it is worth is in the test.

The papers are the demo's: real PDFs with real signatures and time-stamps, of a PKI that bears no
mark of the demo, which a real daemon refuses. Days are six working days in a row, some weeks ago.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

import pytest

from monitor.calendar import WorkingCalendar
from monitor.clock import VIETNAM, now, vietnam_day
from monitor.demo.agencies import BY_CODE, LEADER, STAFF, DemoAgency
from monitor.demo.axis import Dispatch, document_message, status_message
from monitor.demo.documents import DemoDocument, DocumentKind, DocumentMaker
from monitor.demo.files import appear
from monitor.demo.mails import Attachment, Mail, from_outside, plain_mail, with_trace
from monitor.demo.pki import Pki
from monitor.demo.province import registry_toml
from monitor.settings import CalendarSettings
from tests.support.daemon import DaemonProcess

Value = TypeVar("Value")
OURS, HAI, BA = BY_CODE["hs-skhcn"], BY_CODE["hs-stc"], BY_CODE["hs-trungtam"]
CLERK, STRANGER = OURS.address(STAFF), "ai-do@noi-khac.example"
GATEWAY = "127.0.0.1"
HEAD = (
    "Số ký hiệu,Ngày ban hành,Loại văn bản,Trích yếu,Hình thức gửi,Độ mật,Trạng thái,Thời điểm ký,"
    "Thời điểm gửi,Tên tệp,SHA-256"
)
E, P, G = "Điện tử", "Điện tử và bản giấy", "Giấy"
MANIFEST = "file,agency,number,notation,issued_on,sent_at,paper,role"


def six_days(today: date) -> list[date]:
    """The first six working days in a row, of one year, among the 28 days before yesterday."""
    calendar = WorkingCalendar(CalendarSettings(), today.year)
    worked = calendar.working_days(today - timedelta(days=29), today - timedelta(days=2))
    years = [[day for day in worked if day.year == year] for year in (today.year - 1, today.year)]
    return next(days[:6] for days in years if len(days) >= 9)


class Month:
    """The papers and sources of the agency, and the daemon that reads them."""

    def __init__(self, folder: Path) -> None:
        """Makes the papers (certificates without the demo's mark); the daemon is yet to start."""
        self.folder, self.now = folder, now()
        self.today = vietnam_day(self.now)
        self.days = six_days(self.today)
        self.papers: dict[str, DemoDocument] = {}
        self.told: list[str] = []
        """What the imports of the register said."""
        with pytest.MonkeyPatch.context() as marks:
            marks.setattr("monitor.demo.pki.DEMO_MARK", "Tỉnh thử nghiệm")
            marks.setattr("monitor.demo.pki.DEMO_EXTENSION_OID", "1.3.6.1.4.1.32473.79.9")
            pki = Pki.create(5, self.now)
            pki.write(folder / "trust")
            self._make_papers(DocumentMaker(pki))
        self.daemon = self._daemon()

    def at(self, day: int, clock: str) -> datetime:
        """A Vietnam time of the day of that place among the six."""
        return datetime.combine(self.days[day], time.fromisoformat(clock), VIETNAM)

    def content(self, name: str) -> str:
        return self.papers[name].content_hash

    # -- papers --------------------------------------------------------------------------------

    def _make_papers(self, maker: DocumentMaker) -> None:
        kind = DocumentKind
        signed: dict[str, tuple[DocumentKind, datetime]] = {
            "1": (kind.PAIR, self.at(0, "09:00")), "2": (kind.PAIR, self.at(0, "10:00")),
            "3": (kind.PAIR, self.at(0, "16:00")), "3 appendix": (kind.SEAL, self.at(0, "16:00")),
            "4": (kind.SEAL, self.at(1, "08:00")), "5": (kind.UNSIGNED, self.at(1, "09:00")),
            "6": (kind.PERSON, self.at(1, "09:00")), "7": (kind.NO_TIMESTAMP, self.at(1, "10:00")),
            "8": (kind.TAMPERED, self.at(2, "08:00")), "9": (kind.PAIR, self.at(2, "09:00")),
            "10": (kind.PAIR, self.at(2, "10:00")), "14 plan": (kind.PAIR, self.at(3, "08:00")),
            "15": (kind.PAIR, self.at(3, "09:00")), "16": (kind.PAIR, self.at(3, "10:00")),
            "18": (kind.PAIR, self.at(4, "09:00")), "19": (kind.PAIR, self.at(2, "14:00")),
            "notice": (kind.SEAL, self.at(3, "14:00")),
            "invitation": (kind.PAIR, self.now), "reply": (kind.UNSIGNED, self.now),
            "from outside": (kind.UNSIGNED, self.now),
        }  # fmt: skip
        for name, (which, when) in signed.items():
            made = maker.make(which, OURS, when)
            digits = name.split()[0]
            number = int(digits) if digits.isdigit() else 0
            self.papers[name] = replace(made, number=number, name=f"{name.replace(' ', '-')}.pdf")
        self.papers["of hai"] = maker.make(kind.PAIR, HAI, self.at(2, "09:00"))
        self.papers["hai to us"] = maker.make(kind.PAIR, HAI, self.at(4, "09:00"))

    # -- the daemon ----------------------------------------------------------------------------

    def _daemon(self) -> DaemonProcess:
        for name in ("qlvb", "truc", "Maildir/tmp", "Maildir/new", "Maildir/cur"):
            (self.folder / name).mkdir(parents=True)
        trust = {
            name: str(self.folder / "trust" / name) for name in ("anchors", "intermediates", "crls")
        }
        pace = {"poll_seconds": 0.3, "settle_seconds": 0.3}
        (self.folder / "daemon").mkdir()
        running = DaemonProcess(
            self.folder / "daemon",
            verify={"revocation": "require"} | trust,
            folders={"name": "qlvb", "path": str(self.folder / "qlvb"), "agencies": [OURS.code]}
            | pace,
            axis={"name": "truc", "path": str(self.folder / "truc")} | pace,
            mail_folders={
                "name": "luu", "path": str(self.folder / "Maildir"), "poll_seconds": 0.3,
                "trusted_hops": ["127.0.0.0/8"],
            },
        )  # fmt: skip
        (running.folder / "agencies.toml").write_text(registry_toml(), encoding="utf-8")
        return running

    # -- the document system ---------------------------------------------------------------------

    def file_documents(self) -> None:
        """The document system leaves its files, and the manifest last."""
        sent = [
            self._row("1", 0, "15:00", paper="electronic"),
            self._row("2", 1, "14:00", issued=0, paper="parallel"),
            self._row("3", 1, "10:00", issued=0),
            self._row("3 appendix", 1, "10:00", issued=0, role="appendix"),
            self._row("4", 1, "10:00", notation="SY-SKHCN", role="copy"),
            self._row("5", 1, "16:00", paper="paper"),
            self._row("6", 1, "15:00"),
            self._row("7", 2, "13:00", issued=1),
            self._row("8", 2, "15:00"),
            self._row("10", 2, "16:00"),
            self._row("14 plan", 3, "11:00"),
        ]
        appear(self.folder / "qlvb" / "manifest-1.csv", "\n".join([MANIFEST, *sent]).encode())

    def _row(
        self, name: str, day: int, clock: str, *, issued: int | None = None, notation: str = "",
        paper: str = "", role: str = "",
    ) -> str:  # fmt: skip
        paper_made = self.papers[name]
        appear(self.folder / "qlvb" / paper_made.name, paper_made.data)
        return ",".join((
            paper_made.name, OURS.code, str(paper_made.number), notation or OURS.notation,
            self.days[day if issued is None else issued].isoformat(),
            f"{self.days[day]} {clock}", paper, role,
        ))  # fmt: skip

    # -- the axis --------------------------------------------------------------------------------

    def exchange(self) -> None:
        """Documents on the axis, and what their receivers say of them."""
        first = self._dispatch("1", 0, "15:30", (HAI, BA))
        ninth = self._dispatch("9", 4, "10:00", (HAI, BA), paper=True)
        old = self._dispatch("16", 3, "11:00", (HAI, BA))
        new = self._dispatch("18", 4, "10:30", (HAI, BA))
        revoked = self._dispatch("19", 2, "15:00", (HAI,))
        notice = self._dispatch("notice", 3, "15:00", (HAI,))
        messages = [
            document_message(first),
            document_message(first),
            self._issued(document_message(ninth), sent=4, issued=2),
            document_message(old),
            _instead(document_message(new), "3", old),
            document_message(revoked),
            _instead(document_message(notice), "1", revoked),
            status_message(first, HAI, "01", self.at(0, "15:31")),
            status_message(first, HAI, "03", self.at(1, "08:00")),
            status_message(first, HAI, "06", self.at(2, "08:00")),
            status_message(ninth, HAI, "02", self.at(4, "11:00")),
            status_message(ninth, BA, "01", self.at(4, "10:01")),
            status_message(old, HAI, "03", self.at(3, "13:30")),
            status_message(new, HAI, "06", self.at(5, "09:00")),
            status_message(new, BA, "01", self.at(4, "10:31")),
        ]
        for number, message in enumerate(reversed(messages)):
            appear(self.folder / "truc" / f"m{number}.edxml", message)

    def _dispatch(
        self, name: str, day: int, clock: str, to: tuple[DemoAgency, ...], *, paper: bool = False
    ) -> Dispatch:
        return Dispatch(self.papers[name], OURS, to, self.at(day, clock), paper)

    def _issued(self, message: bytes, *, sent: int, issued: int) -> bytes:
        """Issued on another day than sent."""
        said = "<PromulgationDate>{:%Y/%m/%d}<".format
        days = self.days
        return message.replace(said(days[sent]).encode(), said(days[issued]).encode())

    # -- mail ------------------------------------------------------------------------------------

    def send_mail(self) -> None:
        """Journal copies over SMTP, of today; then an older mailbox's copy of the first mail, which
        moves it to its day.
        """
        early = self.at(0, "15:10")
        first = self._mail("m1", ("1",), (HAI, BA), at=early)
        for queue_id in ("4COPY0001", "4COPY0002"):
            self.daemon.send(with_trace(first, GATEWAY, "ESMTPSA", early, queue_id), CLERK)
        self.daemon.wait_for(
            lambda: self.daemon.sql("SELECT count(*) FROM message") == [(1,)], "the journal's copy"
        )
        self._old_mailbox(with_trace(first, GATEWAY, "ESMTPSA", early), early)
        for raw in (
            self._mail("m2", ("2",), (OURS,)),
            self._mail("m3", ("15",), (HAI,)),
            self._mail("m4", ("invitation",), (HAI,)),
            self._mail("m5", ("of hai",), (BA,)),
            self._mail("m6", ("reply",), (HAI,)),
        ):
            self.daemon.send(with_trace(raw, GATEWAY, "ESMTPSA", self.now), CLERK)
        theirs = HAI.address(LEADER)
        raw = self._mail("m7", ("hai to us",), (OURS,), sender=theirs)
        self.daemon.send(with_trace(raw, GATEWAY, "ESMTPSA", self.now), theirs)
        raw = self._mail("m8", ("from outside",), (OURS,), sender=STRANGER)
        self.daemon.send(from_outside(raw, self.now), STRANGER)

    def _mail(
        self, name: str, papers: Iterable[str], to: Iterable[DemoAgency], *,
        at: datetime | None = None, sender: str = CLERK,
    ) -> bytes:  # fmt: skip
        attached = tuple(Attachment(self.papers[e].name, self.papers[e].data) for e in papers)
        recipients = tuple(each.address(LEADER) for each in to)
        mail = Mail(sender, recipients, "Gửi văn bản", f"{name}@{OURS.domain}", at or self.now)
        return plain_mail(replace(mail, attachments=attached))

    def _old_mailbox(self, raw: bytes, delivered: datetime) -> None:
        seconds = int(delivered.timestamp())
        path = self.folder / "Maildir" / "tmp" / f"{seconds}.M1.host"
        path.write_bytes(f"Return-Path: <{CLERK}>\r\n".encode() + raw)
        os.utime(path, (seconds, seconds))
        path.rename(self.folder / "Maildir" / "new" / path.name)

    # -- the register ------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """The month's register as it is right; 13 was never given to a document."""
        sent = {
            "signed": f"{self.days[1]:%d/%m/%Y} 10:00",
            "sent": f"{self.days[2]:%d/%m/%Y} 13:00",
        }
        return [
            self._line(1, 0, E), self._line(2, 0, P), self._line(3, 0, E),
            self._line(4, 1, E, kind="Bản sao y", notation="SY-SKHCN"), self._line(5, 1, G),
            self._line(6, 1, E), self._line(7, 1, E, **sent), self._line(8, 2, E),
            self._line(9, 2), self._line(10, 2), self._line(11, 2, E),
            self._line(12, 2, E, secret="Mật"),
            self._line(14, 3, E, name="14-plan.pdf"), self._line(14, 3, G, name="14-proposal.pdf"),
            self._line(15, 3, G, sha256=self.content("15")), self._line(16, 3, E),
            self._line(17, 3), self._line(18, 4, E), self._line(19, 2),
            self._line(20, 4, status="Hủy"),
        ]  # fmt: skip

    def first_lines(self) -> list[str]:
        """As first exported: 11 on paper, and a 21 that was withdrawn since."""
        wrong = {self._line(11, 2, E): self._line(11, 2, G)}
        return [*(wrong.get(each, each) for each in self.lines()), self._line(21, 4, E)]

    def _line(
        self, number: int, day: int, form: str = "", *, kind: str = "Công văn",
        notation: str = OURS.notation, secret: str = "", status: str = "Đã phát hành",
        signed: str = "", sent: str = "", name: str = "", sha256: str = "",
    ) -> str:  # fmt: skip
        about = f"Việc {name or number}"
        return (
            f"{number}/{notation},{self.days[day]:%d/%m/%Y},{kind},{about},{form},{secret},"
            f"{status},{signed},{sent},{name},{sha256}"
        )

    def import_register(self, name: str, lines: Sequence[str]) -> str:
        """`congvu register import … --whole --apply` of the thirty days; what it says."""
        path = self.folder / name
        path.write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")
        done = self.daemon.congvu(
            "register", "import", str(path), "--source", "phan-mem", "--direction", "out",
            "--agency", OURS.code, "--whole", "--from", str(self.today - timedelta(days=30)),
            "--to", str(self.today), "--apply",
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    # -- what came of it -------------------------------------------------------------------------

    def all_is_in(self) -> bool:
        """Has every source handed over what it was given, and is it recorded?"""
        folders = (self.folder / "qlvb", self.folder / "truc", self.folder / "Maildir" / "new")
        waiting = [one for folder in folders for one in folder.iterdir() if one.is_file()]
        # 11 files; 14 messages, one of them twice; 3 copies of a mail and 7 mails.
        return not waiting and self.daemon.sql("SELECT count(*) FROM item") == [(11 + 14 + 10,)]

    def all_has_met(self) -> bool:
        """Is no entry or file left that the matching has yet to look at?"""
        return self.daemon.sql("SELECT count(*) FROM register_match_due") == [(0,)]

    def until(self, read: Callable[[], Value], wanted: Value) -> Value:
        """What is read once it is as wanted, or after half a minute."""
        last = read()
        deadline = monotonic() + 30
        while last != wanted and monotonic() < deadline:
            sleep(0.1)
            last = read()
        return last

    def figures(self, agency: str = OURS.code) -> dict[tuple[str, str, str, str], Any]:
        """Numerator, denominator, undecided, state and coverage by indicator, channel, base and
        window.
        """
        rows = self.daemon.sql(
            "SELECT indicator, channel, base, window_name, numerator, denominator, undecided,"
            f" state, coverage FROM figure WHERE scope = 'agency' AND code = '{agency}'"
            " AND document_class = 'formal' AND role = ''"
        )
        return {(row[0], row[1], row[2], row[3]): row[4:] for row in rows}


def _instead(message: bytes, business: str, of: Dispatch) -> bytes:
    """The message with another business type, which names the document that it concerns."""
    new = b"<BussinessDocType>0</BussinessDocType>"
    kind = f"<BussinessDocType>{business}</BussinessDocType>"
    listed = (
        f"<ReplacementInfoList><ReplacementInfo><DocumentId>{of.document_id}</DocumentId>"
        "</ReplacementInfo></ReplacementInfoList>"
    )
    assert new in message
    return message.replace(new, (kind + listed).encode())
