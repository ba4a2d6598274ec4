"""How a share went over earlier closed periods of the same kind: what was handed in of each.

Only closings before this one are read, so that the report of a closing never changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.measure.closing import Closing
from monitor.periods import Period, Rules, previous
from monitor.record.connection import Connection
from monitor.report.content.facts import PERIOD, Figures, Of, figure_of
from monitor.report.content.main import HABITUAL, bars
from monitor.report.content.measures import PAIR, Measured, count, paired, share, single
from monitor.report.model import Chart, ChartKind, Column, Heading, Row, Series, Table
from monitor.report.spans import name, short
from monitor.report.words import Words

MOST = 12
LEAST = 3
"""Periods with figures that make a line."""
EARLIER = """
SELECT DISTINCT ON (period) period, version, closing_id FROM closing
WHERE period = ANY ($1) AND version > 0 AND closing_id < $2 ORDER BY period, version DESC
"""
FIGURES = """
SELECT * FROM closed_figure
WHERE closing_id = ANY ($1) AND about = 'period' AND panel = '' AND scope = $2 AND code = $3
  AND indicator = ANY ($4) AND document_class IN ('formal', '') AND role = '' AND base = ''
"""


@dataclass(frozen=True, slots=True)
class Point:
    """One period; without a closing a gap."""

    period: Period
    version: int | None
    paired: Measured
    habitual: Measured


async def read_trend(
    connection: Connection, closing: Closing, of: Of, rules: Rules, few: int
) -> list[Point]:
    """The last twelve periods up to this one, from the first that is closed on."""
    periods = _back(closing.period, rules)
    rows = await connection.fetch(EARLIER, [each.id for each in periods[1:]], closing.id)
    closings = {row["period"]: (row["closing_id"], row["version"]) for row in rows}
    closings[closing.period.id] = (closing.id, closing.version)
    found = await _figures(connection, [id_ for id_, _ in closings.values()], of)
    points: list[Point] = []
    for period in reversed(periods):
        id_, version = closings.get(period.id, (None, None))
        if id_ is None and not points:
            continue
        figures = found.get(id_ or 0, Figures(()))
        points.append(
            Point(period, version, paired(figures, of, few), single(figures, HABITUAL, of, few))
        )
    return points


def _back(period: Period, rules: Rules) -> list[Period]:
    """A period and those before it, the newest first."""
    found = [period]
    while len(found) < MOST and (before := previous(found[-1], rules)):
        found.append(before)
    return found


async def _figures(connection: Connection, closings: Sequence[int], of: Of) -> dict[int, Figures]:
    rows = await connection.fetch(FIGURES, closings, of.scope.value, of.code, [PAIR, HABITUAL])
    return {
        id_: Figures(
            (PERIOD, "", figure_of(row)) for row in rows if row["closing_id"] == id_)
        for id_ in closings
    }  # fmt: skip


def table(points: Sequence[Point], say: Words) -> Table:
    """One line a period, and a line chart where there are enough of them."""
    rows = [
        Row((
            name(each.period, say), each.version or None,
            count(each.paired, each.paired.denominator), count(each.paired, each.paired.numerator),
            share(each.paired), count(each.habitual, each.habitual.denominator),
            count(each.habitual, each.habitual.numerator), share(each.habitual),
        ))
        for each in points
    ]  # fmt: skip
    mail, documents = say("over.mail"), say("over.documents")
    return Table(
        id="trend", title=say("trend.title"), sheet=say("trend.sheet"),
        headings=(
            Heading("period", say("trend.period"), Column.WIDE),
            Heading("version", say("trend.version"), Column.COUNT),
            Heading("documents", say("column.documents"), Column.COUNT, documents),
            Heading("paired", say("column.paired"), Column.COUNT, documents),
            Heading("paired_share", say("column.share"), Column.SHARE, documents),
            Heading("officials", say("column.officials"), Column.COUNT, mail),
            Heading("habitual", say("column.habitual"), Column.COUNT, mail),
            Heading("habitual_share", say("column.share"), Column.SHARE, mail),
        ),
        rows=rows, notes=(say("trend.note"),), charts=tuple(_charts(points, say)),
    )  # fmt: skip


def _charts(points: Sequence[Point], say: Words) -> list[Chart]:
    found: list[Series] = [
        bars(say("chart.paired"), [each.paired for each in points]),
        bars(say("chart.habitual"), [each.habitual for each in points]),
    ]
    lines = [
        each for each in found
        if sum(value is not None for value in each.values) >= LEAST
    ]  # fmt: skip
    if not lines:
        return []
    return [Chart(
        id="trend", kind=ChartKind.LINES, title=say("chart.trend"),
        labels=tuple(short(each.period, say) for each in points), series=tuple(lines),
    )]  # fmt: skip
