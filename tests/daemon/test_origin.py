"""Where captured mail comes from, as a running daemon finds it with a resolver of its own."""

import json
import os
import signal
import smtplib
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path

import pytest

from monitor.clock import now
from tests.daemon.conftest import Start
from tests.support.daemon import JOURNAL, DaemonProcess
from tests.support.dkim_mails import LETTER, SigningKey
from tests.support.small_dns import SmallDns

AGENCY = "mot.example"
KEY = SigningKey.rsa()
SERVICE = "192.0.2.25"
STRANGER = "203.0.113.9"
PUBLISHED = {
    f"mail._domainkey.{AGENCY}": KEY.published(),
    AGENCY: f"v=spf1 ip4:{SERVICE} -all",
    "list.test": "v=spf1 +all",
    "evil.test": "v=spf1 +all",
}


@pytest.fixture
def names() -> Iterator[SmallDns]:
    with SmallDns(PUBLISHED) as found:
        yield found


def asking(names: SmallDns) -> dict[str, object]:
    return {"resolvers": [names.address], "timeout_seconds": 5, "tries": 4}


def letter(name: str) -> bytes:
    """A mail that says to be of the agency."""
    return LETTER.replace(b"so.tinh.example", AGENCY.encode()).replace(
        b"<thu.1@", f"<{name}@".encode()
    )


def signed(name: str) -> bytes:
    return KEY.sign(letter(name), AGENCY, "mail")


def entered(raw: bytes, client: str | None) -> bytes:
    """With the header of the gateway that took it just now; None was submitted by a login."""
    clause = f"from host.test (host.test [{client or '198.51.100.3'}])"
    protocol = "ESMTPS" if client else "ESMTPSA"
    at = format_datetime(now())
    return f"Received: {clause} by mx.{AGENCY} with {protocol}; {at}\r\n".encode() + raw


def capture(daemon: DaemonProcess, raw: bytes, sender: str) -> None:
    with smtplib.SMTP("127.0.0.1", daemon.smtp_port, timeout=30) as client:
        client.sendmail(sender, [JOURNAL], raw)


def test_spoofs_forwards_lists_and_services_are_told_apart(daemon: Start, names: SmallDns) -> None:
    running = daemon(dns=asking(names), origin={"wait_seconds": 60})
    mails = {
        "spoof": (entered(letter("spoof"), STRANGER), "x@evil.test"),
        "forward": (entered(signed("forward"), STRANGER), "srs@list.test"),
        "list": (entered(signed("list") + b"-- \r\nlist footer\r\n", STRANGER), "l@list.test"),
        "service": (entered(letter("service"), SERVICE), f"van.thu@{AGENCY}"),
        "inside": (entered(letter("inside"), None), f"van.thu@{AGENCY}"),
        "stranger": (
            entered(letter("stranger").replace(AGENCY.encode(), b"evil.test"), STRANGER),
            "x@evil.test",
        ),
    }
    for raw, sender in mails.values():
        capture(running, raw, sender)
    running.wait_drained()
    rows = running.sql(
        "SELECT origin, origin_evidence, claimed_agency_id <> 0, findings FROM message"
    )
    found = sorted(
        (origin, (json.loads(evidence) if evidence else {}).get("aligned_by") or "", claimed,
         "sender_spoofed" in findings)
        for origin, evidence, claimed, findings in rows
    )  # fmt: skip
    assert found == [
        ("aligned", "dkim", True, False),  # forward
        ("aligned", "spf", False, False),  # stranger: of himself
        ("aligned", "spf", True, False),  # service
        ("internal", "", False, False),  # inside
        ("unaligned", "", True, True),  # list, spoof
        ("unaligned", "", True, True),
    ]
    running.wait_metric('congvu_mail_spoofed_total{agency="mot"}', 2)
    metrics = running.metrics()
    assert metrics['congvu_mail_spoofed_total{agency="hai"}'] == 0
    assert {origin: metrics[f'congvu_mail_origin_total{{origin="{origin}"}}'] for origin in (
        "internal", "aligned", "unaligned", "unknown",
    )} == {"internal": 1, "aligned": 3, "unaligned": 2, "unknown": 0}  # fmt: skip
    assert running.sql("SELECT domain, selector FROM posture_selector") == [(AGENCY, "mail")]


def test_names_that_are_away_leave_it_unknown_and_it_is_settled_when_they_are_back(
    daemon: Start, names: SmallDns
) -> None:
    names.silent = True
    running = daemon(dns=asking(names), origin={"wait_seconds": 0.3})
    capture(running, entered(signed("one"), STRANGER), "srs@list.test")
    capture(running, entered(letter("two"), None), f"van.thu@{AGENCY}")
    running.wait_drained()
    assert running.sql("SELECT origin, findings FROM message WHERE origin <> 'internal'") == [
        ("unknown", ["sender_unverified", "origin_unchecked"])
    ]
    assert running.metrics()['congvu_mail_origin_total{origin="unknown"}'] == 1
    names.silent = False
    running.sql("UPDATE origin_due SET next_at = now()")
    running.wait_metric('congvu_mail_origin_total{origin="aligned"}', 1)
    assert running.sql("SELECT origin, findings FROM message WHERE origin <> 'internal'") == [
        ("aligned", ["sender_unverified"])
    ]
    assert running.sql("SELECT count(*) FROM origin_due") == [(0,)]
    assert running.metrics()['congvu_mail_spoofed_total{agency="mot"}'] == 0


def test_a_message_that_waits_for_an_answer_survives_a_stop_and_a_crash_and_counts_once(
    daemon: Start, names: SmallDns
) -> None:
    names.silent = True
    running = daemon(
        start=False, dns={**asking(names), "timeout_seconds": 20}, origin={"wait_seconds": 20}
    )
    shipped = running.config.read_text("utf-8")
    running.config.write_text(shipped.replace("grace_seconds = 10", "grace_seconds = 0.5"), "utf-8")
    running.start()
    capture(running, entered(signed("one"), STRANGER), "srs@list.test")
    capture(running, entered(letter("two"), None), f"van.thu@{AGENCY}")
    running.wait_metric("congvu_spool_items", 1)
    assert running.sql("SELECT origin FROM message") == [("internal",)]
    assert running.stop() == 0
    running.start()
    running.wait_metric("congvu_spool_items", 1)
    running.kill()
    names.silent = False
    running.start()
    running.wait_drained()
    assert sorted(running.sql("SELECT origin, copies FROM message")) == [
        ("aligned", 1), ("internal", 1),
    ]  # fmt: skip
    assert running.metrics()['congvu_mail_origin_total{origin="aligned"}'] == 1


def names_process(daemon: DaemonProcess) -> int:
    """PID of the process that asks about names."""
    assert daemon.process
    pid = daemon.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    (found,) = [
        each for each in children
        if b"monitor.posture.child" in Path(f"/proc/{each}/cmdline").read_bytes()
    ]  # fmt: skip
    return int(found)


def test_all_that_wait_when_the_process_for_names_is_killed_are_recorded_and_found_later_once(
    daemon: Start, names: SmallDns
) -> None:
    names.silent = True
    running = daemon(dns={**asking(names), "timeout_seconds": 20}, origin={"wait_seconds": 20})
    mails = 100
    with running.smtp() as client:
        for number in range(mails):
            raw = entered(signed(f"m{number}"), STRANGER)
            client.sendmail("srs@list.test", [JOURNAL], raw)
    capture(running, entered(letter("last"), None), f"van.thu@{AGENCY}")
    running.wait_metric('congvu_mail_origin_total{origin="internal"}', 1)
    running.wait_metric("congvu_spool_items", mails)  # all before it wait
    os.kill(names_process(running), signal.SIGKILL)
    running.wait_drained()
    counted = (
        "SELECT origin, copies, findings, count(*) FROM message WHERE origin <> 'internal'"
        " GROUP BY 1, 2, 3"
    )
    unchecked = ["sender_unverified", "origin_unchecked"]
    assert running.sql(counted) == [("unknown", 1, unchecked, mails)]
    assert running.metrics()['congvu_mail_origin_total{origin="unknown"}'] == mails
    names.silent = False
    running.sql("UPDATE origin_due SET next_at = now()")
    running.wait_metric('congvu_mail_origin_total{origin="aligned"}', mails)
    assert running.sql(counted) == [("aligned", 1, unchecked[:1], mails)]
    assert running.sql("SELECT count(*) FROM origin_due") == [(0,)]
    metrics = running.metrics()
    assert metrics['congvu_mail_origin_total{origin="aligned"}'] == mails
    assert metrics['congvu_mail_spoofed_total{agency="mot"}'] == 0
    assert metrics['congvu_events_total{event="names_process_lost"}'] == 1
    assert running.stop() == 0


def test_without_a_resolver_only_what_came_from_inside_is_known(daemon: Start) -> None:
    running = daemon()
    capture(running, entered(signed("one"), STRANGER), "srs@list.test")
    capture(running, entered(letter("two"), None), f"van.thu@{AGENCY}")
    running.wait_drained()
    assert sorted(running.sql("SELECT origin, findings FROM message")) == [
        ("internal", []), ("unknown", ["sender_unverified", "origin_unchecked"]),
    ]  # fmt: skip
    assert running.sql("SELECT count(*) FROM origin_due") == [(0,)]
