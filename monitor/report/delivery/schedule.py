"""Which periods a daemon has to close by itself, and which of its closings it still looks after."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from monitor.periods import Kind, Period, following, latest_ended
from monitor.settings import ReportSettings

LOOKED_AFTER = timedelta(days=30)
"""From its closing on, a report is written and sent by itself for so long: what fails is tried
again, and who sets up mail later is sent the last month and not the last years."""


def due(settings: ReportSettings, closed: Iterable[Period], today: date) -> Sequence[Period]:
    """Periods of the kinds in `close` that ended long enough before a Vietnam day, oldest first.

    From the one after the newest that is closed; where none is, the latest alone: a schedule that
    is new does not bring years of reports.
    """
    known = tuple(closed)
    found = [period for kind in settings.close for period in _of_kind(kind, settings, known, today)]
    return sorted(found, key=lambda period: (period.last, period.first, period.id))


def _of_kind(
    kind: Kind, settings: ReportSettings, closed: Sequence[Period], today: date
) -> Iterable[Period]:
    rules = settings.rules
    # Complete days lie between its last day and today.
    latest = latest_ended(kind, today - timedelta(days=settings.close_after_days), rules)
    same = [each for each in closed if each.kind == kind and each.calendar is rules.calendar]
    if not same:
        yield latest
        return
    period = following(max(same, key=lambda each: each.last), rules)
    while period.last <= latest.last:
        yield period
        period = following(period, rules)
