"""A real daemon fed as Exchange feeds it: TLS, a login, journal reports of several servers."""

import smtplib
from pathlib import Path

import pytest

from tests.collect.certificates import Issuer, anonymous_context
from tests.daemon.conftest import Start
from tests.extract.journal_samples import ANONYMOUS, journal, original, report
from tests.support.daemon import DaemonProcess, free_port

ADDRESS = "journal-exchange@congvu.example"
PASSWORD = "p4ss word"
OURS, THEIRS, OUTSIDE = "nguyen@mot.example", "tran@hai.example", "ban@outside.example"
SERVER = (
    "from ex1.mot.example (10.0.0.21) by ex2.mot.example (10.0.0.22) with Microsoft SMTP Server"
)
BY_OUTLOOK = "from ex1.mot.example (10.0.0.21) by ex1.mot.example (10.0.0.21) with mapi id 15.02"


@pytest.fixture
def exchange(daemon: Start, tmp_path: Path) -> DaemonProcess:
    server = Issuer(tmp_path).issue("server")
    password = tmp_path / "password"
    password.write_text(PASSWORD, encoding="utf-8")
    running = daemon(
        start=False,
        smtp={
            "tls_port": free_port(),
            "tls_certificate": str(server.certificate),
            "tls_key": str(server.key),
        },
    )
    with running.config.open("a", encoding="utf-8") as config:
        config.write(
            f'[[mail_sources]]\nname = "exchange"\njournal = "exchange"\n'
            f'journal_address = "{ADDRESS}"\nnetworks = ["127.0.0.0/8"]\n'
            f'trusted_hops = ["10.0.0.0/24", "127.0.0.0/8"]\nusername = "exchange"\n'
            f'password_file = "{password}"\n'
        )
    running.start()
    return running


def deliver(daemon: DaemonProcess, *messages: bytes) -> None:
    """Over STARTTLS and the login, from the null sender, as Exchange's connector does."""
    with daemon.smtp() as client:
        client.starttls(context=anonymous_context())
        client.login("exchange", PASSWORD)
        for message in messages:
            client.sendmail("", [ADDRESS], message)


def letter(number: int, sender: str, to: str, **more: bytes) -> bytes:
    return original(sender=sender, to=to, message_id=f"{number}@mot.example", **more)


def told(number: int, sender: str, *recipients: str) -> bytes:
    return report(*recipients, sender=sender, message_id=f"{number}@mot.example")


def test_reports_become_messages_of_who_was_proven_to_send_them(exchange: DaemonProcess) -> None:
    sent, forged = letter(1, OURS, THEIRS), letter(3, OURS, THEIRS, marks=ANONYMOUS)
    deliver(
        exchange,
        journal(sent, told(1, OURS, f"To: {THEIRS}"), hops=(SERVER,)),
        journal(sent, told(1, OURS, f"Bcc: {OUTSIDE}")),
        journal(letter(2, OUTSIDE, OURS, marks=ANONYMOUS), told(2, OUTSIDE, f"Recipient: {OURS}")),
        journal(forged, told(3, OURS, f"Recipient: {THEIRS}")),
        # Mailed to the journal's address by a colleague, who learnt it.
        journal(letter(4, OURS, THEIRS), told(4, OURS, f"To: {THEIRS}"), hops=(BY_OUTLOOK,)),
        letter(5, OURS, THEIRS),
    )
    exchange.wait_drained()
    rows = exchange.sql(
        "SELECT m.direction, a.code, m.copies, cardinality(m.recipients), m.findings "
        "FROM message m LEFT JOIN agency a ON a.agency_id = m.sender_agency_id "
        "ORDER BY m.first_received_at, m.message_uid"
    )
    found = sorted((d, c, n, r, [f for f in fs if "journal" in f or "sender" in f])
                   for d, c, n, r, fs in rows)  # fmt: skip
    nobody = found[0][1]
    assert nobody != "mot"
    assert found == sorted([
        ("out", "mot", 2, 2, []),
        ("in", nobody, 1, 1, ["sender_unknown"]),
        ("in", nobody, 1, 1, ["sender_unverified"]),
        ("in", nobody, 1, 1, ["sender_unverified"]),
        ("in", nobody, 1, 1, ["journal_report_missing", "sender_unverified"]),
    ])  # fmt: skip


def test_without_the_login_reports_wait(exchange: DaemonProcess) -> None:
    with exchange.smtp() as client:
        client.starttls(context=anonymous_context())
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.sendmail("", [ADDRESS], journal())
    assert refused.value.recipients[ADDRESS][0] == 450
    assert exchange.sql("SELECT 1 FROM message") == []
