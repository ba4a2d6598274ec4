"""When an address is asked again. Pure: times in, time out."""

from datetime import datetime, timedelta

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
OUR_FIRST_PAUSE = timedelta(seconds=5)
"""Where the fault is ours, not the server's."""
SHORTEST = timedelta(minutes=5)
JITTER = 0.1
"""Of every pause, so that many machines do not ask at one moment."""


def after_success(
    now: datetime,
    this_update: datetime | None,
    next_update: datetime | None,
    interval: timedelta,
    chance: float,
) -> datetime:
    """When a quarter of a list's time is left, at the latest after `interval`; `chance` is 0–1.

    A list that has run out already is asked for again soon: the server is late.
    """
    pause = interval
    if this_update and next_update and next_update > this_update:
        due = next_update - (next_update - this_update) / 4
        pause = min(interval, due - now)
    return now + max(pause, SHORTEST) * (1 - JITTER * chance)


def after_failure(
    now: datetime, failures: int, chance: float, first: timedelta = FIRST_PAUSE
) -> datetime:
    """Twice as long with each failure in a row, up to a quarter of a day."""
    doubled: int = 1 << min(failures - 1, 20)
    pause = min(first * doubled, LONGEST_PAUSE)
    return now + pause * (1 + JITTER * chance)
