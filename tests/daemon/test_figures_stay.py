"""What is shown stays through a restart, and is what computing it anew gives."""

from collections.abc import Iterator

import pytest

from tests.support.daemon import DaemonProcess
from tests.support.database import open_folder
from tests.support.load import plain_mail


@pytest.fixture(scope="module")
def daemon() -> Iterator[DaemonProcess]:
    running = DaemonProcess(open_folder("congvu-figures-stay-"))
    running.start()
    for number in range(3):
        running.send(plain_mail(number))
    running.wait_metric('congvu_mail_messages_total{agency="mot",direction="out"}', 3)
    running.wait_drained()
    yield running
    running.stop()


FAMILIES = ("congvu_adoption_", "congvu_accounts", "congvu_leaders_")


def shown(daemon: DaemonProcess) -> set[str]:
    return {name for name in daemon.metrics() if name.startswith(FAMILIES)}


def test_recomputing_finds_what_was_spoilt_and_mends_it(daemon: DaemonProcess) -> None:
    def mails() -> int:
        return int(daemon.sql("SELECT coalesce(sum(messages), 0)::int FROM mail_day")[0][0])

    daemon.wait_for(lambda: mails() >= 3, "the day is counted")
    assert "Nothing differs" in daemon.congvu("recompute", "--check").stdout
    daemon.sql("UPDATE mail_day SET messages = messages + 1 WHERE direction = 'out' RETURNING 1")
    spoilt = mails()
    checked = daemon.congvu("recompute", "--check")
    assert checked.returncode == 1, checked.stderr
    assert "mail_day" in checked.stdout
    assert mails() == spoilt
    mended = daemon.congvu("recompute")
    assert mended.returncode == 0, mended.stderr
    assert "were mended" in mended.stdout
    assert mails() < spoilt
    assert "1 of 1 days" in mended.stderr
    again = daemon.congvu("recompute", "--check", "--from", "2026-01-01")
    assert (again.returncode, "Nothing differs" in again.stdout) == (0, True)


def test_days_in_the_wrong_order_are_a_mistake_in_the_call(daemon: DaemonProcess) -> None:
    done = daemon.congvu("recompute", "--from", "2026-02-01", "--to", "2026-01-01")
    assert (done.returncode, done.stderr) == (2, "congvu: --to is before --from\n")


def test_after_a_restart_figures_come_back_whole_and_at_once(daemon: DaemonProcess) -> None:
    daemon.wait_for(lambda: len(shown(daemon)) > 10, "figures are shown")
    before = shown(daemon)
    daemon.stop()
    daemon.start(ready=False)
    after: set[str] = set()

    def come() -> bool:
        nonlocal after
        after = shown(daemon)
        return bool(after)

    daemon.wait_for(come, "the first page with figures")
    assert before - after == set()
