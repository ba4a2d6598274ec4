"""Everything that a report of a period says, collected for its closing (docs/statistics.md).

Figures are those of the windows of this moment (figures.py), of other days and of the agencies that
were in force on them; every statement that decides one is shared.
"""

from collections.abc import Sequence
from datetime import date

from monitor import periods
from monitor.clock import now, vietnam_day
from monitor.measure.account_history import same_agencies
from monitor.measure.coverage import refresh_coverage
from monitor.measure.figures import COVERAGE_LOCK, LOCK, PLANNING, estimate, roll_up_changed
from monitor.measure.period.accounts import account_days, account_figures
from monitor.measure.period.documents import documents
from monitor.measure.period.targets import targets
from monitor.measure.period.windows import PERIOD, Against, Span, Window
from monitor.measure.plan import Plan
from monitor.measure.statements import joined, sql
from monitor.periods import Period
from monitor.record.connection import Connection
from monitor.settings import Settings

TIMEOUT_SECONDS = 900.0
DROP_STEPS = """
DROP TABLE figure_day, figure_window, figure_agency, figure_alike, figure_stratum, figure_estimate,
    figure_process, figure_result
"""
"""So that a transaction can collect several periods."""
ANY_FACTS = "SELECT EXISTS (SELECT FROM day_fact WHERE day BETWEEN $1 AND $2)"
COPIED = """
SELECT coalesce((SELECT (first_day, last_day) = ($2::date, $3::date) FROM closing
                 WHERE period = $1 AND version > 0 ORDER BY version DESC LIMIT 1), false)
"""
"""Whether a period is closed, of the days that it has by the settings of now."""


async def collect(
    connection: Connection,
    settings: Settings,
    plan: Plan,
    period: Period,
    closing_id: int,
    *,
    today: date | None = None,
    current: bool = False,
) -> None:
    """Fill the closed_ tables for a closing, in the caller's transaction.

    `today`: the present Vietnam day unless given; of a period that has not ended the days up to it
    are counted. The same facts give the same rows. `current`: what had changed has been computed
    (`bring_up_to_date`) in an earlier transaction; else it is now, and the locks of figures and
    coverage are held until the transaction ends. Raises what asyncpg raises.
    """
    until = today or vietnam_day(now())
    if not current:
        await bring_up_to_date(connection, settings, until)
    await connection.execute(PLANNING)
    span = _until(period, until)
    await connection.execute(sql("period_agencies"), closing_id, *span)
    found = await _against(connection, settings, period, span)
    await _figures(connection, span, found, closing_id, until)
    month = account_days(period, settings.report.rules, span.last)
    await account_figures(connection, settings, month, found, closing_id)
    await _copies(connection, found, closing_id)
    await connection.execute(PLANNING)
    await _counts(connection, span, month, closing_id)
    await documents(connection, span, closing_id)
    await targets(connection, plan, span.last, closing_id)


async def bring_up_to_date(connection: Connection, settings: Settings, today: date) -> None:
    """Compute anew the facts of all days that have changed, and the coverage of mail."""
    await connection.execute(PLANNING)
    await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
    await roll_up_changed(connection, settings.measure.dispatch_until)
    await connection.execute("SELECT pg_advisory_xact_lock($1)", COVERAGE_LOCK)
    await refresh_coverage(connection, today)


def _until(period: Period, today: date) -> Span:
    """Its days so far; of one that is still to begin all."""
    return Span(period.first, today if period.first <= today < period.last else period.last)


async def _against(
    connection: Connection, settings: Settings, period: Period, span: Span
) -> Sequence[Against]:
    """The periods that it is compared with."""
    rules = settings.report.rules
    found = []
    for about, other in (
        ("previous", periods.previous(period, rules)),
        ("year_before", periods.year_before(period, rules)),
    ):
        if other is None:
            continue
        facts = bool(await connection.fetchval(ANY_FACTS, other.first, other.last))
        closed = bool(await connection.fetchval(COPIED, other.id, other.first, other.last))
        panel = await same_agencies(connection, min(other.first, span.first), span.last)
        found.append(Against(about, other, panel, facts=facts, closed=closed))
    return found


async def _figures(
    connection: Connection,
    span: Span,
    compared: Sequence[Against],
    closing_id: int,
    today: date,
) -> None:
    """Of captured facts and registers: all windows at once, so that each fact is read once."""
    await connection.execute(sql("figure_tables"))
    for window in _windows(span, compared):
        await connection.execute(
            sql("period_window"), window.name, *window.days, window.panel, *window.in_force
        )
    await connection.execute(sql("period_alike"))
    await connection.execute("ANALYZE figure_day, figure_agency, figure_window, figure_alike")
    await estimate(connection, today)
    await connection.execute(sql("period_store_figures"), closing_id)
    await connection.execute(DROP_STEPS)


def _windows(span: Span, compared: Sequence[Against]) -> Sequence[Window]:
    found = [Window(PERIOD, span, None, span)]
    for other in compared:
        if not other.facts:
            continue
        days = Span(other.period.first, other.period.last)
        last_day = Span(span.last, span.last)
        if not other.closed:
            found.append(Window(other.about, days, None, days))
        # Both halves of a panel are of the same agencies, in the levels in which they stand now.
        found.append(Window(f"{PERIOD}/{other.about}", span, other.panel, last_day))
        found.append(Window(f"{other.about}/{other.about}", days, other.panel, last_day))
    return found


async def _copies(connection: Connection, compared: Sequence[Against], closing_id: int) -> None:
    """What closed periods said of themselves stands as it was handed in."""
    for other in compared:
        if other.closed:
            await connection.execute(
                sql("period_copy_figures"), closing_id, other.about, other.period.id
            )


async def _counts(connection: Connection, span: Span, accounts: Span, closing_id: int) -> None:
    """Counts of verdicts, reasons, signatures, certificates; the documents' steps of the funnel."""
    await connection.execute(sql("period_counts"), closing_id, *span, timeout=TIMEOUT_SECONDS)
    await connection.execute(
        joined("certificates_ending", "period_certificates"), span.last, closing_id,
        timeout=TIMEOUT_SECONDS,
    )  # fmt: skip
    await connection.execute(
        joined("funnel_counted", "period_funnel"), *accounts, closing_id, timeout=TIMEOUT_SECONDS
    )
