"""Free mail through a real daemon: by SMTP, recorded, as a figure and message by message."""

import json
import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import pytest

from monitor.clock import now
from tests.daemon.conftest import Start
from tests.support.daemon import JOURNAL, DaemonProcess
from tests.support.postfix import Postfix, with_postfix

OFFICER, OTHER = "nguyen@mot.example", "tran@hai.example"
PRIVATE, STRANGER = "rieng@gmail.com", "ban@example.org"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def received(client: str, protocol: str, recipient: str | None = None) -> str:
    given = f"\r\n\tfor <{recipient}>" if recipient else ""
    when = format_datetime(now())
    return (
        f"Received: from h (h [{client}])\r\n\tby mx.example (Postfix) with {protocol} id 4X"
        f"{given};\r\n\t{when}\r\n"
    )


SUBMITTED = received("198.51.100.7", "ESMTPSA")
ENTERED = received("203.0.113.9", "ESMTPS")
DELIVERED = received("127.0.0.1", "LMTP")
MARK = f"X-Sieve: Pigeonhole Sieve 0.5.19\r\nX-Sieve-Redirected-From: {OTHER}\r\n"


def mail(name: str, sender: str, to: Sequence[str], *, document: bool = True) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, ", ".join(to)
    message["Message-ID"] = f"<{name}@example.org>"
    message["Date"] = format_datetime(now())
    message["Subject"] = f"công văn {name}"
    message.set_content("Kính gửi")
    if document:
        message.add_attachment(
            PDF + name.encode(), maintype="application", subtype="pdf", filename=f"{name}.pdf"
        )
    return message.as_bytes()


def with_trace(trace: str, message: bytes) -> bytes:
    return trace.encode() + message


def listed(daemon: DaemonProcess, *options: str) -> set[tuple[str | None, str]]:
    answer = daemon.congvu("freemail", "list", "--json", *options)
    assert answer.returncode == 0, answer.stderr
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    return {(row["agency"], way) for row in rows for way in row["ways"]}


def province(daemon: DaemonProcess, what: str) -> float | None:
    key = (
        f'congvu_adoption_group_{what}{{channel="mail",group="province",indicator="freemail",'
        'window="period"}'
    )
    return daemon.metrics().get(key)


def test_free_mail_is_counted_and_can_be_asked_for_and_forged_fields_accuse_nobody(
    daemon: Start,
) -> None:
    running = daemon()
    running.send(with_trace(SUBMITTED, mail("to", OFFICER, [PRIVATE])), OFFICER)
    running.send(with_trace(ENTERED, mail("from", PRIVATE, [OFFICER])), PRIVATE)
    arriving = mail("forwarded", STRANGER, [OTHER], document=False)
    running.send(with_trace(ENTERED, arriving), STRANGER)
    leaving = received("127.0.0.2", "ESMTP", PRIVATE) + MARK + DELIVERED + ENTERED
    running.send(with_trace(leaving, arriving), STRANGER)
    forged = MARK + f"Resent-From: {OTHER}\r\nResent-To: {PRIVATE}\r\n"
    forged += received("127.0.0.2", "ESMTP", PRIVATE) + MARK
    running.send(with_trace(ENTERED + forged, mail("forged", STRANGER, [OTHER])), STRANGER)
    running.send(with_trace(ENTERED, mail("plain", STRANGER, [OFFICER])), STRANGER)
    running.wait_drained()
    running.wait_for(lambda: province(running, "denominator") == 5, "every unit counted")
    assert province(running, "ratio") == pytest.approx(3 / 5)
    assert listed(running) == {("mot", "to"), ("mot", "from"), ("hai", "forwarded")}
    assert listed(running, "--agency", "hai") == {("hai", "forwarded")}
    findings = running.sql("SELECT findings, copies FROM message WHERE copies = 2")
    assert [("forwarded_privately" in words, copies) for words, copies in findings] == [(True, 2)]
    assert running.stop() == 0


@with_postfix
def test_a_real_postfix_says_whom_a_redirect_went_to_though_a_copy_is_added(daemon: Start) -> None:
    running = daemon()
    journal = JOURNAL
    port = running.smtp_port
    with Postfix(
        {
            "always_bcc": journal,
            "transport_maps": f"inline:{{{journal}=journal:[127.0.0.1]:{port}}}",
            "default_transport": "discard",
            "local_header_rewrite_clients": "",
        },
        services=["journal unix - - n - - smtp -o smtp_line_length_limit=0"],
    ) as postfix:
        redirected = with_trace(MARK + DELIVERED + ENTERED, mail("sieve", STRANGER, [OTHER]))
        with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
            client.sendmail(STRANGER, [PRIVATE], redirected)
        running.wait_for(
            lambda: running.sql("SELECT count(*) FROM message") == [(1,)], "it is recorded"
        )
    assert listed(running) == {("hai", "forwarded")}
    assert running.stop() == 0
