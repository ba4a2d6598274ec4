"""Vietnam days, of times that others wrote too."""

from datetime import date, datetime, timedelta

from monitor.clock import vietnam_day


def day_of(instant: datetime | None, otherwise: date) -> date:
    """The Vietnam day of an instant, or `otherwise` where there is none or it leaves the calendar.

    A time such as 9999-12-31T23:59Z has no Vietnam day that Python can hold.
    """
    if instant is None:
        return otherwise
    try:
        return vietnam_day(instant)
    except OverflowError:
        return otherwise


def day_after(day: date) -> date:
    """The next day; the last one that Python knows stays."""
    return day if day == date.max else day + timedelta(days=1)


def day_before(day: date) -> date:
    """The day before; the first one that Python knows stays."""
    return day if day == date.min else day - timedelta(days=1)
