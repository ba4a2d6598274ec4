"""The figures that were computed last, read back: what is shown until they are computed anew."""

from collections.abc import Sequence
from datetime import date, timedelta

from monitor.measure.accounts import AccountFigures, counts
from monitor.measure.figures import Figure, figure_of, in_pieces
from monitor.measure.indicators import CATALOGUE
from monitor.measure.windows import WindowName, current_windows
from monitor.model import Role
from monitor.record.connection import Connection

OF_THESE_WINDOWS = """
SELECT f.* FROM figure f
JOIN unnest($1::text[], $2::date[], $3::date[]) AS w (window_name, first_day, last_day)
    USING (window_name, first_day, last_day)
WHERE f.base = '' AND f.document_class IN ('formal', '') AND f.role IN ('', $4)
ORDER BY indicator, scope, code, channel, role, window_name
"""


async def stored(connection: Connection, today: date) -> tuple[Sequence[Figure], AccountFigures]:
    """Those whose windows are today's; what is of yesterday is not today's and is left out."""
    spans = [
        (each.name, each.first, each.last) for each in await current_windows(connection, today)
    ]
    before = today.replace(day=1) - timedelta(days=1)
    spans.append((WindowName.LAST_MONTH, before.replace(day=1), before))
    names, firsts, lasts = ([*column] for column in zip(*spans, strict=True))
    rows = await connection.fetch(OF_THESE_WINDOWS, names, firsts, lasts, Role.LEADER)
    known = [row for row in rows if row["indicator"] in CATALOGUE]
    found = await in_pieces(known, figure_of)
    return (
        [each for each in found if not CATALOGUE[each.indicator].of_accounts],
        AccountFigures(
            [each for each in found if CATALOGUE[each.indicator].of_accounts],
            await counts(connection),
        ),
    )
