"""The account figures of a period: those of the month in which it ends."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from monitor import periods
from monitor.measure.account_history import figures_between
from monitor.measure.figures import Figure, Scope, State
from monitor.measure.period.windows import PERIOD, Against, Span
from monitor.model import Role
from monitor.periods import Period, Rules
from monitor.record.connection import Connection
from monitor.settings import Settings

MONTH = timedelta(days=30)
PLANNED_AS_BEFORE = """
SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL enable_sort TO DEFAULT;
SET LOCAL hash_mem_multiplier TO DEFAULT; SET LOCAL max_parallel_workers_per_gather TO DEFAULT;
SET LOCAL statement_timeout TO DEFAULT
"""
"""Accounts are measured by hash tables alone; what follows in the transaction is not."""
COLUMNS = (
    "closing_id", "about", "panel", "indicator", "scope", "code", "channel", "document_class",
    "role", "base", "first_day", "last_day", "numerator", "denominator", "undecided", "ratio",
    "sample_fraction", "state",
)  # fmt: skip


def account_days(period: Period, rules: Rules, until: date | None = None) -> Span:
    """Which of the days of a period its account figures are of.

    `until`: the last of its days so far; while its last month is still to begin, they are the last
    31 of these.
    """
    last = until or period.last
    month = periods.last_month(period, rules)
    first = month.first if month.first <= last else last - MONTH
    return Span(max(first, period.first), min(month.last, last))


async def account_figures(
    connection: Connection,
    settings: Settings,
    month: Span,
    compared: Sequence[Against],
    closing_id: int,
) -> None:
    """Store the account figures of a period's `account_days`, and of what it is compared with."""
    panels = [each.panel for each in compared]
    past = await figures_between(connection, settings.accounts, *month, panels=panels)
    rows = list(_rows(closing_id, PERIOD, "", past.figures))
    for other, own in zip(compared, past.panels, strict=True):
        days = account_days(other.period, settings.report.rules)
        then = await figures_between(connection, settings.accounts, *days, panels=[other.panel])
        if not _known(then.figures):
            continue
        rows += _rows(closing_id, PERIOD, other.about, _of_groups(own))
        rows += _rows(closing_id, other.about, other.about, _of_groups(then.panels[0]))
        if not other.closed:
            rows += _rows(closing_id, other.about, "", _headline(then.figures))
    await connection.execute(PLANNED_AS_BEFORE)
    await connection.copy_records_to_table("closed_figure", records=rows, columns=COLUMNS)


def _known(figures: Iterable[Figure]) -> bool:
    return any(each.state is not State.NO_DATA for each in figures)


def _headline(figures: Iterable[Figure]) -> Iterator[Figure]:
    """The series that reports show of other periods."""
    return (each for each in figures if each.role in ("", Role.LEADER))


def _of_groups(figures: Iterable[Figure]) -> Iterator[Figure]:
    return (each for each in _headline(figures) if each.scope is not Scope.AGENCY)


def _rows(
    closing_id: int, about: str, panel: str, figures: Iterable[Figure]
) -> Iterator[tuple[object, ...]]:
    for each in figures:
        yield (
            closing_id, about, panel, each.indicator, each.scope.value, each.code, each.channel,
            each.document_class, each.role, each.base, each.first_day, each.last_day,
            each.numerator, each.denominator, each.undecided, each.ratio, each.sample_fraction,
            each.state.value,
        )  # fmt: skip
