"""`congvu accounts` as it is called: mistakes are told, months are read."""

from datetime import date

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.commands.accounts import month_of, span_of
from monitor.errors import UserError


def call(*arguments: str) -> UserError:
    found = CliRunner().invoke(app, ["accounts", *arguments])
    assert isinstance(found.exception, UserError)
    return found.exception


def test_a_month_has_its_first_and_last_day() -> None:
    assert month_of("2024-02", "--month") == (date(2024, 2, 1), date(2024, 2, 29))
    with pytest.raises(UserError, match="--month: '2026-13' is no month; write 2026-03"):
        month_of("2026-13", "--month")


def test_windows_of_the_funnel_end_yesterday_today_or_with_their_month() -> None:
    today = date(2026, 3, 18)
    assert span_of("30d", today) == (date(2026, 2, 16), date(2026, 3, 17))
    assert span_of("period", today) == (date(2026, 3, 1), today)
    assert span_of("2026-03", today) == (date(2026, 3, 1), today)
    assert span_of("2026-02", today) == (date(2026, 2, 1), date(2026, 2, 28))


def test_mistakes_in_the_call_say_what_to_do() -> None:
    assert "exclude each other" in str(call("figures", "--agency", "a", "--level", "b"))
    assert "--to is before --from" in str(call("figures", "--from", "2026-03", "--to", "2026-02"))
    assert "mailboxes are on no roster" in str(call("figures", "--role", "mailbox"))
    assert "is no month" in str(call("funnel", "--agency", "a", "--window", "7d"))
