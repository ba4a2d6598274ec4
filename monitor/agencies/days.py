"""Vietnam days of times that others wrote."""

from datetime import date, datetime

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
