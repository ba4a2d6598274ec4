"""Agencies of a level beside each other, in groups of those that cannot be told apart.

Fully signed documents are compared by the interval of the habit behind them (95%, each document an
observation): 12 of 12 documents are no proof of being better than 990 of 1,000. The statement
`rank_groups` is that of the dashboards.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.measure.figures import Scope
from monitor.record.connection import Connection
from monitor.report.content.facts import PERIOD, AgencyRow, Facts, Figures, Of, figure_of
from monitor.report.content.gaps import Gap, missing
from monitor.report.content.grouping import by_level
from monitor.report.content.measures import PAIR, Measured, paired, share
from monitor.report.content.names import Names
from monitor.report.model import Chart, ChartKind, Column, Heading, Row, Series, Share, Table
from monitor.report.words import Words

MOST_BARS = 40
UNRANKED = (Gap.CAPTURE, Gap.PAIR_CHANNELS, Gap.FEW, Gap.UNDECIDED)
"""What keeps an agency out of the ranking."""
HABIT = """
SELECT n, low, high FROM unnest($1::int[], $2::float8[], $3::float8[]) AS u (n, y, x),
LATERAL process_interval(y, x, 1)
"""
GROUPS = "SELECT rank_groups($1::float8[], $2::float8[], $3::float8[])"
OF_LEVEL = """
SELECT f.* FROM closed_figure f JOIN closed_agency a USING (closing_id, code)
WHERE f.closing_id = $1 AND f.scope = 'agency' AND f.about = 'period' AND f.panel = ''
  AND f.indicator = $2 AND f.document_class = 'formal' AND f.role = '' AND f.base = ''
  AND a.level IS NOT DISTINCT FROM $3
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agency stands in its level."""

    group: int
    """1 is the best."""
    in_group: int
    """Agencies in it, with this one."""
    groups: int
    ranked: int
    low: float
    high: float


Habits = Callable[[Sequence[Measured]], Awaitable[list[tuple[float, float]]]]
"""`habits` on a connection."""
Places = Mapping[str, Place]


class Rankings:
    """The places of every agency of a level, read once for all reports of a closing."""

    def __init__(self) -> None:
        self._levels: dict[tuple[int, str | None, int], Places] = {}

    async def read(self, connection: Connection, closing_id: int, facts: Facts, few: int) -> Places:
        """The places of a report's agencies, among all of their levels."""
        found: dict[str, Place] = {}
        for level, agencies in by_level(facts):
            whole = await self._of_level(connection, closing_id, level, few)
            found |= {each.code: whole[each.code] for each in agencies if each.code in whole}
        return found

    async def _of_level(
        self, connection: Connection, closing_id: int, level: str | None, few: int
    ) -> Places:
        key = closing_id, level, few
        if key not in self._levels:
            rows = await connection.fetch(OF_LEVEL, closing_id, PAIR, level)
            figures = Figures((PERIOD, "", figure_of(row)) for row in rows)
            codes = sorted({row["code"] for row in rows})
            self._levels[key] = await _places(connection, figures, codes, few)
        return self._levels[key]


async def _places(
    connection: Connection, figures: Figures, codes: Iterable[str], few: int
) -> Places:
    read = {code: paired(figures, Of(Scope.AGENCY, code), few) for code in codes}
    usable = [(code, each) for code, each in read.items() if each.usable]
    if not usable:
        return {}
    ends = await habits(connection, [each for _, each in usable])
    ratios = [each.ratio for _, each in usable]
    lows, highs = [low for low, _ in ends], [high for _, high in ends]
    groups: Sequence[int] = await connection.fetchval(GROUPS, ratios, lows, highs)
    return {
        code: Place(group, groups.count(group), max(groups), len(groups), low, high)
        for (code, _), group, (low, high) in zip(usable, groups, ends, strict=True)
    }


async def habits(connection: Connection, found: Sequence[Measured]) -> list[tuple[float, float]]:
    """Intervals of the habit; of a sample, of the documents that were checked."""
    sizes = [
        min(each.checked, each.denominator) if each.checked else each.denominator for each in found
    ]
    rows = await connection.fetch(
        HABIT, list(range(len(found))),
        [(each.ratio or 0.0) * size for each, size in zip(found, sizes, strict=True)],
        [float(size) for size in sizes],
    )  # fmt: skip
    ends = {row["n"]: (row["low"], row["high"]) for row in rows}
    return [ends[n] for n in range(len(found))]


# -- tables ----------------------------------------------------------------------------------------


def table(facts: Facts, places: Places, few: int, names: Names, say: Words) -> Table:
    """By level the best group first; then who is not ranked, and why."""
    rows: list[Row] = []
    for level, agencies in by_level(facts):
        rows.extend(_level(level, agencies, facts, places, few, names, say))
    return Table(
        id="ranking", title=say("ranking.title"), sheet=say("ranking.sheet"),
        headings=(
            Heading("level", say("column.level"), Column.TEXT),
            Heading("group", say("ranking.group"), Column.TEXT),
            Heading("agency", say("column.agency"), Column.WIDE),
            Heading("paired", say("column.paired"), Column.COUNT),
            Heading("documents", say("column.documents"), Column.COUNT),
            Heading("ratio", say("column.share"), Column.SHARE),
            Heading("low", say("column.low"), Column.SHARE, say("ranking.habit")),
            Heading("high", say("column.high"), Column.SHARE, say("ranking.habit")),
            Heading("note", say("column.note"), Column.WIDE),
        ),
        rows=rows, notes=(say("ranking.note"),), empty=say("main.empty"),
        charts=() if facts.of.one else tuple(_charts(facts, places, few, names, say)),
        landscape=True,
    )  # fmt: skip


def _level(
    level: str | None, agencies: Sequence[AgencyRow], facts: Facts, places: Places, few: int,
    names: Names, say: Words,
) -> Iterator[Row]:  # fmt: skip
    ranked = sorted(
        (each for each in agencies if each.code in places),
        key=lambda each: _order(facts, places, few, each),
    )
    for each in ranked:
        place = places[each.code]
        found = paired(facts.figures, Of(Scope.AGENCY, each.code), few)
        yield Row(
            (
                names.level(level), say("ranking.group_number", number=str(place.group)),
                names.agency(each.code), found.numerator, found.denominator, share(found),
                Share(place.low), Share(place.high), _place(place, facts, say),
            ),
            code=each.code,
        )  # fmt: skip
    for each in agencies:
        if each.code not in places:
            why = missing(facts, each, few, say)
            texts = "; ".join(one.text for one in why if one.gap in UNRANKED)
            yield Row(
                (
                    names.level(level), say("ranking.not_ranked"), names.agency(each.code), None,
                    None, None, None, None, texts or say("state.no_data"),
                ),
                code=each.code,
            )  # fmt: skip


def _order(facts: Facts, places: Places, few: int, agency: AgencyRow) -> tuple[int, float, str]:
    found = paired(facts.figures, Of(Scope.AGENCY, agency.code), few)
    return places[agency.code].group, -(found.ratio or 0.0), agency.code


def _place(place: Place, facts: Facts, say: Words) -> str:
    if facts.of.one:
        return place_in_words(place, say)
    if place.in_group > 1:
        return say("ranking.alike", count=say.numbers.count(place.in_group))
    return ""


def place_in_words(place: Place, say: Words) -> str:
    """Of an agency among those of its level, of whom none is named."""
    numbers = say.numbers
    key = "ranking.place_alone" if place.in_group == 1 else "ranking.place"
    return say(
        key, group=str(place.group), groups=str(place.groups),
        ranked=numbers.count(place.ranked), alike=numbers.count(place.in_group),
    )  # fmt: skip


def _charts(facts: Facts, places: Places, few: int, names: Names, say: Words) -> Iterator[Chart]:
    """A chart a level: at most forty bars, of many agencies the best and the last twenty."""
    for level, agencies in by_level(facts):
        ranked = sorted(
            (each for each in agencies if each.code in places),
            key=lambda each: _order(facts, places, few, each),
        )
        if len(ranked) < 2:
            continue
        half = MOST_BARS // 2
        shown = ranked if len(ranked) <= MOST_BARS else [*ranked[:half], *ranked[-half:]]
        key = "chart.ranking" if len(shown) == len(ranked) else "chart.ranking_ends"
        ratios = [paired(facts.figures, Of(Scope.AGENCY, each.code), few).ratio for each in shown]
        place = f"ranking_{facts.levels.index(level) + 1}" if level else "ranking_none"
        yield Chart(
            id=place, kind=ChartKind.BARS,
            title=say(key, level=names.level(level), half=str(half)),
            labels=tuple(names.agency(each.code) for each in shown),
            series=(Series(
                say("column.paired"), tuple(ratios),
                tuple(places[each.code].low for each in shown),
                tuple(places[each.code].high for each in shown)),),
        )  # fmt: skip
