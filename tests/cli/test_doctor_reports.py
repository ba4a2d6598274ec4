"""`congvu doctor` on reports: what is due, and whether the relay would take them."""

from datetime import UTC, datetime
from pathlib import Path

from monitor.commands.doctor_reports import judged, reported
from monitor.measure.closing import Closing
from monitor.periods import Rules, parse
from monitor.report.delivery.due import Due
from monitor.report.delivery.handing import PROVINCE, Handing, Result, Standing
from monitor.settings import ReportMailSettings, ReportSettings, Settings
from tests.support.relay import FakeRelay, relaying

OCTOBER = parse("2026-10", Rules())
MAIL = Handing(7, PROVINCE, "ai@so.example")
CLOSING = Closing(7, OCTOBER, 1, datetime(2026, 11, 5, 17, tzinfo=UTC), "congvu", "", {}, "ab")
MONTHLY = Settings(report=ReportSettings(close=("month",)))


def due(mail: tuple[Handing, ...] = (), result: Result | None = None, closed: bool = True) -> Due:
    return Due(
        close=(), write=(), mail=mail, closings={7: CLOSING},
        standings={each: Standing(result) for each in mail}, newest=OCTOBER if closed else None,
    )  # fmt: skip


def test_what_is_closed_and_sent_is_well() -> None:
    found = judged(due(), MONTHLY)
    assert (found.mark, found.seen) == ("ok", "every month; 2026-10 was closed last")
    assert judged(due(closed=False), MONTHLY).seen == "every month; none was closed yet"


def test_what_is_due_is_told_with_what_to_do() -> None:
    found = judged(due((MAIL,), Result.FAILED), MONTHLY)
    assert found.mark == "look"
    assert found.seen.endswith("due: 1 mails to send")
    assert "report_failed" in found.advice


def test_a_mail_that_was_refused_is_sent_by_command_once_the_address_is_mended() -> None:
    found = judged(due((MAIL,), Result.REFUSED), MONTHLY)
    assert found.seen.endswith("1 of them refused by the relay")
    assert found.advice.endswith("congvu report send 2026-10")


def test_without_a_schedule_reports_are_by_command(tmp_path: Path) -> None:
    [found] = reported(Settings(state_dir=tmp_path))
    assert (found.what, found.mark) == ("reports", "ok")


def test_the_relay_is_asked_and_sent_nothing(tmp_path: Path) -> None:
    with relaying(FakeRelay()) as relay:
        _, found = reported(Settings(state_dir=tmp_path, report_mail=relay.settings()))
    assert (found.what, found.mark) == ("report relay", "ok")
    assert relay.took == []
    down = ReportMailSettings(host="127.0.0.1", port=relay.port, sender="a@b.example")
    _, found = reported(Settings(state_dir=tmp_path, report_mail=down))
    assert (found.what, found.mark) == ("report relay", "bad")
    assert f"127.0.0.1:{relay.port}" in found.seen
