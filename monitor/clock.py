"""Vietnam days and the clock: every day boundary of the product is Asia/Ho_Chi_Minh."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

Clock = Callable[[], datetime]
"""Gives the present instant, aware, in UTC; tests and the demo pass their own."""


_shift = timedelta()


def now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC) + _shift


def shift_to(instant: datetime) -> None:
    """Let this process take an aware instant for the present, and go on from there.

    For the demo that replays weeks within minutes, and for nothing else.
    """
    global _shift  # noqa: PLW0603 - one process has one present
    _shift = instant - datetime.now(UTC)


def vietnam_day(instant: datetime) -> date:
    """The Vietnam calendar day of an aware instant; a naive one is an error, never a guess.

    Signed files name any time: the last hours of 9999 are still its last day.
    """
    if instant.tzinfo is None:
        raise ValueError("naive time-stamp: its zone is unknown")
    try:
        return instant.astimezone(VIETNAM).date()
    except OverflowError:
        return date.max if instant.year == date.max.year else date.min


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """First instant of a Vietnam day and of the next one, in UTC."""
    start = datetime.combine(day, time(), VIETNAM).astimezone(UTC)
    return start, start + timedelta(days=1)
