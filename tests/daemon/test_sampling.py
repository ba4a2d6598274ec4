"""Sampled verification through whole daemons: all is counted, a share is verified, alike on all."""

import json
import shutil
import time
from collections.abc import Iterable
from functools import partial

import pytest

from monitor.extract.mail import read_mail
from monitor.model import Limits
from monitor.record import Sealer, running_dsn
from monitor.record.keyring import KEY_FILE
from tests.daemon.conftest import Start
from tests.support.daemon import JOURNAL, DaemonProcess
from tests.support.load import Load

pytestmark = pytest.mark.timeout(300)

MAILS = 120
CIRCULAR = "van ban gui nhieu noi"


def pdf(text: str) -> bytes:
    """A small unsigned PDF of its own; readers build its cross-reference table anew."""
    return (
        f"%PDF-1.4\n% {text}\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        "2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
        "trailer\n<< /Root 1 0 R /Size 3 >>\n%%EOF\n"
    ).encode()


def letter(number: int, content: str | None = None) -> bytes:
    """An official's mail to another agency with a PDF."""
    attached = pdf(content or f"van ban {number}").decode()
    return (
        "Received: from ws.mot.example (ws.mot.example [127.0.0.2]) by gw.example (Postfix)\r\n"
        f" with ESMTPSA id {number:08X}; Mon, 16 Nov 2026 08:00:00 +0700\r\n"
        "From: Nguyen <nguyen@mot.example>\r\nTo: tran@hai.example\r\n"
        f"Message-ID: <letter-{number}@mot.example>\r\nSubject: so {number}\r\n"
        "Date: Mon, 16 Nov 2026 08:00:00 +0700\r\nMIME-Version: 1.0\r\n"
        "Content-Type: application/pdf; name=van-ban.pdf\r\n"
        "Content-Disposition: attachment; filename=van-ban.pdf\r\n\r\n"
    ).encode() + attached.replace("\n", "\r\n").encode()


def key_of(raw: bytes) -> str:
    return read_mail(raw, None, Limits()).facts.message_key


def keep_at(daemon: DaemonProcess, rate: float) -> None:
    """The rate in force, as if it had been set half a minute ago."""
    daemon.sql(
        "INSERT INTO sampling_rate (stratum, from_at, rate, reason)"
        f" VALUES ('all', now(), {rate}, 'a test')"
    )
    daemon.wait_metric("congvu_sampling_rate", rate)


def send(daemon: DaemonProcess, mails: Iterable[bytes]) -> None:
    with daemon.smtp() as client:
        for raw in mails:
            client.sendmail("nguyen@mot.example", [JOURNAL], raw)


def drawn_of(daemon: DaemonProcess, mails: Iterable[bytes], rate: float) -> set[str]:
    """Keys of the messages that the shared secret draws."""
    sealer = Sealer.load(daemon.state)
    keys = map(key_of, mails)
    return {key for key in keys if sealer.lot(bytes.fromhex(key)) < rate}


def recorded(daemon: DaemonProcess) -> dict[str, bool]:
    rows = daemon.sql("SELECT encode(message_key, 'hex'), sampled FROM message")
    return {row[0]: row[1] for row in rows}


def total(daemons: Iterable[DaemonProcess], family: str) -> float:
    return sum(
        value
        for daemon in daemons
        for name, value in daemon.metrics().items()
        if name.startswith(family)
    )


def test_all_is_counted_and_what_is_drawn_is_verified(daemon: Start) -> None:
    running = daemon()
    keep_at(running, 0.5)
    mails = [letter(number) for number in range(MAILS)]
    mails += [letter(1000 + number, CIRCULAR) for number in range(20)]
    send(running, mails)
    running.wait_drained()
    wanted = drawn_of(running, mails, 0.5)
    found = recorded(running)
    assert found.keys() == set(map(key_of, mails))
    assert {key for key, sampled in found.items() if sampled} == wanted
    verdicts = running.sql(
        "SELECT sampled, overall = 'indeterminate', count(*) FROM document"
        " WHERE NOT (NOT sampled AND overall <> 'indeterminate') GROUP BY 1, 2"
    )
    # The circular counts once; where its first mail was not drawn its verdict is known later.
    assert {row[:2] for row in verdicts} == {(True, False), (False, True)}
    [[documents, drawn]] = running.sql(
        "SELECT count(*), count(*) FILTER (WHERE sampled) FROM document"
    )
    assert documents == MAILS + 1
    counted = total([running], 'congvu_documents_total{agency="mot"')
    left_out = total([running], 'congvu_documents_not_sampled_total{agency="mot"')
    assert (counted, left_out) == (drawn, documents - drawn)
    assert total([running], 'congvu_documents_total{agency="mot",channel="mail",verdict="ind') == 0
    outgoing = 'congvu_mail_messages_total{agency="mot",direction="out"}'
    assert running.metrics()[outgoing] == len(mails)
    assert running.sql("SELECT count(*) FROM judgement WHERE state = 'open'") == [(0,)]
    the_commands_say_so(running)
    assert running.stop() == 0


def the_commands_say_so(running: DaemonProcess) -> None:
    listed = running.congvu("documents", "list", "--limit", "1000")
    assert listed.stdout.count("not drawn") > MAILS / 4
    [[content]] = running.sql(
        "SELECT encode(content_hash, 'hex') FROM document"
        " WHERE findings @> ARRAY['not_sampled'] LIMIT 1"
    )
    explained = running.congvu("documents", "explain", content, "--language", "en").stdout
    explained = " ".join(explained.split())
    assert "not drawn for verification (rate 0.5)" in explained
    assert "congvu verify" in explained
    assert "checked again" not in explained
    doctor = " ".join(running.congvu("doctor").stdout.split())
    assert "a share of 0.5 is verified" in doctor
    done = running.congvu("sampling", "set", "1", "--reason", "the backlog is gone")
    assert done.returncode == 0, done.stderr
    shown = json.loads(running.congvu("sampling", "show", "--json").stdout)
    assert [each["rate"] for each in shown["changes"]] == [1.0, 0.5, 1.0]
    assert shown["in_force"]["mail"] == 0.5
    [[action, subject]] = running.sql("SELECT action, subject FROM audit WHERE action = 'sampling'")
    assert (action, subject) == ("sampling", "all 1")
    wrong = running.congvu("sampling", "set", "2", "--reason", "a mistake")
    assert wrong.returncode == 2
    assert "from 0.01 to 1" in wrong.stderr


def test_a_daemon_killed_at_a_rate_below_one_loses_and_doubles_nothing(daemon: Start) -> None:
    running = daemon()
    keep_at(running, 0.5)
    with Load(running, build=letter) as load:
        for _ in range(2):
            time.sleep(2)
            running.kill()
            running.start()
        time.sleep(1)
    running.wait_drained(120)
    acknowledged = {key_of(letter(number)) for number in load.acknowledged}
    possible = acknowledged | {key_of(letter(number)) for number in load.unanswered}
    found = recorded(running)
    assert acknowledged <= found.keys() <= possible
    sent = [letter(number) for number in load.acknowledged | load.unanswered]
    drawn = {key for key, sampled in found.items() if sampled}
    assert drawn == drawn_of(running, sent, 0.5) & found.keys()
    assert running.sql("SELECT count(*) FROM message WHERE copies <> 1") == [(0,)]
    assert running.sql("SELECT count(DISTINCT sampled_rate) FROM message") == [(1,)]
    assert running.stop() == 0


def in_force(daemon: DaemonProcess) -> bool:
    return daemon.metrics()["congvu_sampling_rate"] == 0.5


def test_copies_on_two_nodes_are_drawn_alike_and_count_once(daemon: Start) -> None:
    one, other = daemon(), daemon(start=False)
    other.state.mkdir(mode=0o711)
    shutil.copy(one.state / KEY_FILE, other.state / KEY_FILE)
    dsn = running_dsn(one.state)
    assert dsn
    with other.config.open("a", encoding="utf-8") as config:
        config.write(f"\n[database]\ndsn = {json.dumps(dsn)}\n")
    other.start()
    keep_at(one, 0.5)
    other.wait_for(partial(in_force, other), "the rate on the other node")
    mails = [letter(number) for number in range(MAILS)]
    with one.smtp() as first, other.smtp() as second:
        for raw in mails:
            for client in (first, second):
                client.sendmail("nguyen@mot.example", [JOURNAL], raw)
    one.wait_drained()
    other.wait_drained()
    wanted = drawn_of(one, mails, 0.5)
    assert {key for key, sampled in recorded(one).items() if sampled} == wanted
    assert one.sql("SELECT DISTINCT copies FROM message") == [(2,)]
    nodes = [one, other]
    assert total(nodes, 'congvu_documents_total{agency="mot"') == len(wanted)
    left_out = total(nodes, 'congvu_documents_not_sampled_total{agency="mot"')
    assert left_out == MAILS - len(wanted)
    assert other.stop() == 0
    assert one.stop() == 0
