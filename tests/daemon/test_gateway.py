"""A real Postfix with `always_bcc` before a real daemon: real mails and documents through it."""

import csv
import re
import smtplib
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from monitor import material
from monitor.examine import Examiner
from monitor.extract.mail import read_mail
from monitor.model import Limits, Moment
from monitor.settings import load
from tests.daemon.conftest import Start
from tests.support.corpus import CORPUS
from tests.support.daemon import JOURNAL, DaemonProcess
from tests.support.load import key_of, plain_mail
from tests.support.postfix import Postfix, with_postfix

DESTINATION = "tran@hai.example"
corpus_only = pytest.mark.skipif(CORPUS is None, reason="the corpus of real files is not here")


def gateway(daemon: DaemonProcess) -> Postfix:
    """Journals every mail to the daemon; what officials get is delivered to nowhere, as `sent`."""
    port = daemon.smtp_port
    return Postfix(
        {
            "always_bcc": JOURNAL,
            "transport_maps": f"inline:{{{JOURNAL}=journal:[127.0.0.1]:{port}}}",
            "default_transport": "discard",
            "local_header_rewrite_clients": "",
        },
        services=["journal unix - - n - - smtp -o smtp_line_length_limit=0"],
    )


def send(postfix: Postfix, messages: Iterator[bytes] | list[bytes], sender: str) -> int:
    sent = 0
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        for message in messages:
            client.sendmail(sender, [DESTINATION], message)
            sent += 1
    return sent


def originals_delivered(postfix: Postfix) -> int:
    lines = postfix.log().splitlines()
    return sum(f"to=<{DESTINATION}>" in line and "status=sent" in line for line in lines)


def with_document(name: str, content: bytes, number: int) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "nguyen@mot.example", DESTINATION
    message["Message-ID"] = f"<document-{number}@mot.example>"
    message["Date"] = "Mon, 16 Nov 2026 08:00:00 +0700"
    message["Subject"] = "công văn"
    message.set_content("Kính gửi")
    message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


def corpus_rows(kind: str) -> list[dict[str, str]]:
    assert CORPUS is not None
    with (CORPUS / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in rows if row["kind"] == kind and (CORPUS / row["path"]).is_file()]


@pytest.fixture
def judging(daemon: Start, tmp_path: Path) -> DaemonProcess:
    """A daemon that trusts the corpus's roots."""
    assert CORPUS is not None
    folder = tmp_path / "anchors"
    folder.mkdir()
    for anchor in (CORPUS / "anchors").glob("*.pem"):
        if not anchor.name.startswith(("int_", "crl_")):
            (folder / anchor.name).write_bytes(anchor.read_bytes())
    return daemon(verify={"revocation": "soft", "anchors": str(folder)})


def own_examiner(daemon: DaemonProcess) -> Examiner:
    return Examiner(material.load(load(daemon.config).verify).material, Limits())


@corpus_only
@with_postfix
def test_documents_are_judged_in_the_database_as_they_were_sent(judging: DaemonProcess) -> None:
    assert CORPUS is not None
    files = {row["id"]: (CORPUS / row["path"], row["integrity"]) for row in corpus_rows("pdf")}
    mails = [
        with_document(f"{name}.pdf", path.read_bytes(), number)
        for number, (name, (path, _)) in enumerate(files.items())
    ]
    with gateway(judging) as postfix:
        send(postfix, mails, "nguyen@mot.example")
        send(postfix, mails[:10], "nguyen@mot.example")  # sent twice: a copy, no second document
        judging.wait_metric('congvu_mail_messages_total{agency="mot",direction="out"}', len(mails))
        judging.wait_drained()
        assert postfix.queue() == []
    recorded = dict(judging.sql("SELECT file_name, overall FROM document"))
    integrity = dict(judging.sql("SELECT file_name, integrity FROM document"))
    examiner, now = own_examiner(judging), datetime.now(UTC)
    moment = Moment(now=now, receipt=now)
    expected = {
        f"{name}.pdf": examiner.judge_file(name, path.read_bytes(), moment).overall.value
        for name, (path, _) in files.items()
    }
    assert recorded == expected
    wrong = {
        name: (integrity[f"{name}.pdf"], truth)
        for name, (_, truth) in files.items()
        if integrity[f"{name}.pdf"] != truth
    }
    assert len(wrong) <= 0.05 * len(files), wrong
    counted = judging.metrics()
    by_verdict = Counter(expected.values())
    for verdict, number in by_verdict.items():
        labels = f'agency="mot",channel="mail",verdict="{verdict}"'
        assert counted[f"congvu_documents_total{{{labels}}}"] == number
    [[sendings]] = judging.sql("SELECT count(*) FROM sending")
    assert sendings == len(files)


@corpus_only
@with_postfix
def test_signed_mails_are_judged_in_the_database_as_they_were_sent(judging: DaemonProcess) -> None:
    assert CORPUS is not None
    mails = {}
    examiner, now = own_examiner(judging), datetime.now(UTC)
    for row in corpus_rows("smime"):
        raw = re.sub(rb"\r?\n", b"\r\n", (CORPUS / row["path"]).read_bytes())
        key = read_mail(raw, None, Limits()).facts.message_key
        moment = Moment(now=now, receipt=now)
        mails[key] = (raw, examiner.judge_file(row["id"], raw, moment).overall.value)
    with gateway(judging) as postfix:
        send(postfix, [raw for raw, _ in mails.values()], "someone@outside.example")
        judging.wait_for(lambda: postfix.queue() == [], "an empty queue")
        judging.wait_drained()
    recorded = dict(judging.sql("SELECT encode(message_key, 'hex'), overall FROM message"))
    assert recorded == {key: overall for key, (_, overall) in mails.items()}
    assert judging.sql("SELECT DISTINCT direction FROM message") == [("in",)]


@with_postfix
def test_a_stopped_daemon_delays_copies_and_touches_no_official_mail(daemon: Start) -> None:
    running = daemon()
    with gateway(running) as postfix:
        send(postfix, [plain_mail(number) for number in range(20)], "nguyen@mot.example")
        running.wait_metric('congvu_mail_messages_total{agency="mot",direction="out"}', 20)
        assert running.stop() == 0
        send(postfix, [plain_mail(number) for number in range(20, 60)], "nguyen@mot.example")
        running.wait_for(lambda: originals_delivered(postfix) == 60, "delivery while stopped")
        time.sleep(10)
        assert len(postfix.queue()) == 40
        running.start()
        postfix.flush()
        running.wait_for(lambda: postfix.queue() == [], "an empty queue")
        running.wait_drained()
        assert originals_delivered(postfix) == 60
    copies = dict(running.sql("SELECT encode(message_key, 'hex'), copies FROM message"))
    assert copies == {key_of(number): 1 for number in range(60)}
