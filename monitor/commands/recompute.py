"""`congvu recompute`: all facts and figures once more from what is recorded."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date

from monitor import clock
from monitor.errors import UserError
from monitor.measure.recompute import DAYS_AT_ONCE, Differing, Recomputation
from monitor.observe import Observer, configure_logging
from monitor.record.access import attached
from monitor.settings import Settings

MOST_LINES = 50


def recompute(first: date | None, last: date | None, check: bool, settings: Settings) -> int:
    """Compute anew, or with `check` only compare; status 1 where a check finds a difference.

    Raises UserError for days in the wrong order.
    """
    if first and last and last < first:
        raise UserError("--to is before --from")
    configure_logging("error", "console")
    differing = asyncio.run(_recompute(first or date.min, last or date.max, check, settings))
    return 1 if check and differing else 0


async def _recompute(first: date, last: date, check: bool, settings: Settings) -> bool:
    async with attached(settings, Observer()) as database:
        work = Recomputation(database, settings, check=check)
        span = await work.span(first, last)
        if span.left_out:
            _say(
                f"{span.left_out} days are left as they are: retention has removed what was "
                "recorded on them (docs/privacy.md)."
            )
        rows: Counter[tuple[date, str]] = Counter()
        for start in range(0, len(span.days), DAYS_AT_ONCE):
            days = span.days[start : start + DAYS_AT_ONCE]
            found = _by_day(await work.facts(days))
            rows += found
            _progress(span.days, start + len(days), found.total())
        figures = await work.figures(clock.vietnam_day(clock.now()))
    _report(span.days, rows, figures, check)
    return bool(rows or figures)


def _by_day(found: Differing) -> Counter[tuple[date, str]]:
    return Counter({(day, table): n for table, days in found.items() for day, n in days.items()})


def _progress(days: Sequence[date], done: int, rows: int) -> None:
    sys.stderr.write(f"{done:>6} of {len(days)} days, up to {days[done - 1]}: {rows} rows differ\n")
    sys.stderr.flush()


def _report(
    days: Sequence[date], rows: Counter[tuple[date, str]], figures: int, check: bool
) -> None:
    for (day, table), number in sorted(rows.items())[:MOST_LINES]:
        _say(f"{day}  {table:<14} {number:>6} rows")
    if len(rows) > MOST_LINES:
        _say(f"... and {len(rows) - MOST_LINES} more")
    what = f"{len(days)} days of facts, and all figures of today"
    if not rows and not figures:
        _say(f"Nothing differs: {what} are what is recorded.")
        return
    mended = "differ" if check else "were mended"
    _say(f"{rows.total()} rows of facts and {figures} figures {mended}.")
    if check:
        _say("Run it without --check to mend them; say what led to it: it is a fault of congvu.")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
