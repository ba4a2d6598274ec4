"""A real Dovecot and a whole daemon: whoever is killed, no mail is lost or counted twice."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.extract.mail import read_mail
from monitor.model import Limits
from tests.collect.pulling import mail
from tests.daemon.conftest import Start
from tests.support.daemon import DaemonProcess
from tests.support.dovecot import USER, Dovecot, with_dovecot


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with Dovecot() as server:
        yield server


def journal(dovecot: Dovecot) -> dict[str, object]:
    """The section of the configuration that reads it."""
    return {
        "name": "journal", "host": "127.0.0.1", "port": dovecot.tls_port,
        "ca": str(dovecot.issuer.path), "username": USER, "journal_address": USER,
        "password_file": str(dovecot.password_file), "poll_seconds": 1,
    }  # fmt: skip


def key(raw: bytes) -> str:
    return read_mail(raw, None, Limits()).facts.message_key


def recorded(daemon: DaemonProcess) -> dict[str, int]:
    """Copies by message key."""
    return dict(daemon.sql("SELECT encode(message_key, 'hex'), copies FROM message"))


@with_dovecot
def test_daemon_and_mail_server_are_killed_in_turn_and_each_mail_counts_once(
    daemon: Start, dovecot: Dovecot
) -> None:
    running = daemon(imap=journal(dovecot))
    sent = [mail(number, 30_000) for number in range(400)]
    for turn in range(4):
        dovecot.deliver(sent[turn * 100 : turn * 100 + 100])
        time.sleep(0.4 * (turn + 1))
        if turn % 2:
            dovecot.kill()
            dovecot.start()
        else:
            running.kill()
            running.start(ready=False)
    running.wait_for(lambda: dovecot.holds() == 0, "an empty mailbox", 120)
    running.wait_drained()
    assert recorded(running) == {key(each): 1 for each in sent}
    assert running.sql("SELECT count(*) FROM item") == [(400,)]
    assert dovecot.holds("Archive") == 400
    out = "SELECT count(*) FROM message WHERE direction = 'out'"
    assert running.sql(out) == [(400,)], "the officials' own, by what their server wrote"
    assert running.stop() == 0


@with_dovecot
def test_while_the_database_is_away_mail_stays_in_the_mailbox(
    daemon: Start, dovecot: Dovecot
) -> None:
    running = daemon(imap=journal(dovecot))
    running.pause_database()
    dovecot.deliver(mail(number) for number in range(20))
    running.wait_for(lambda: running.metrics()["congvu_spool_items"] == 20, "20 in the spool")
    time.sleep(2)
    assert dovecot.holds() == 20
    assert dovecot.holds("Archive") == -1
    running.resume_database()
    running.wait_for(lambda: dovecot.holds("Archive") == 20, "all moved")
    assert set(recorded(running).values()) == {1}
    assert running.stop() == 0


def test_a_maildir_and_mboxes_are_recorded_and_put_away(daemon: Start, tmp_path: Path) -> None:
    box = tmp_path / "Maildir"
    for name in ("tmp", "new", "cur"):
        (box / name).mkdir(parents=True)
    running = daemon(mail_folders={"name": "box", "path": str(box), "poll_seconds": 0.5})
    for number in range(50):
        (box / "tmp" / "x").write_bytes(mail(number))
        (box / "tmp" / "x").rename(box / "new" / f"{int(time.time())}.M{number}.host")
    running.wait_for(lambda: len(list((box / ".Archive" / "cur").iterdir())) == 50, "all filed")
    assert recorded(running) == {key(mail(number)): 1 for number in range(50)}
    look = 'congvu_source_last_look_timestamp_seconds{source="box"}'
    assert running.metrics()[look] > time.time() - 60
    assert running.stop() == 0
