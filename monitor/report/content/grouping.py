"""Lines of agencies by level: the level's own figures first, the whole's last."""

from collections.abc import Callable, Sequence

from monitor.measure.figures import Scope
from monitor.report.content.facts import AgencyRow, Facts, Of
from monitor.report.content.names import Names
from monitor.report.model import Cell, Column, Heading, Row
from monitor.report.numbers import roman
from monitor.report.words import Words

Cells = Callable[[Of], Sequence[Cell]]


def leading(say: Words) -> tuple[Heading, Heading]:
    """The two columns that every line of an agency begins with."""
    return (
        Heading("ordinal", say("column.ordinal"), Column.ORDINAL),
        Heading("agency", say("column.agency"), Column.WIDE),
    )


def by_level(facts: Facts) -> list[tuple[str | None, list[AgencyRow]]]:
    """Levels that have agencies, the highest first; those without a level last."""
    found = [
        (level, [each for each in facts.agencies if each.level == level])
        for level in (*facts.levels, None)
    ]
    return [(level, agencies) for level, agencies in found if agencies]


def group_name(place: int, level: str | None, agencies: int, names: Names, say: Words) -> str:
    """As "II. UBND xã, phường (45 cơ quan, đơn vị)"; `place` from 1."""
    return say(
        "main.group", number=roman(place), name=names.level(level),
        count=say.numbers.count(agencies),
    )  # fmt: skip


def grouped(facts: Facts, names: Names, say: Words, cells: Cells) -> list[Row]:
    """A line an agency, in the province's report after one of its level; `cells` after the name."""
    rows: list[Row] = []
    number = 0
    for place, (level, agencies) in enumerate(by_level(facts), 1):
        if facts.of.scope is Scope.PROVINCE and level is not None:
            name = group_name(place, level, len(agencies), names, say)
            found = cells(Of(Scope.LEVEL, level))
            rows.append(Row((None, name, *found), emphasis=True, code=level))
        for each in agencies:
            number += 1
            found = cells(Of(Scope.AGENCY, each.code))
            rows.append(Row((number, names.agency(each.code), *found), code=each.code))
    return rows


def whole(facts: Facts, say: Words, cells: Cells) -> Row | None:
    """The last line; of one agency's report there is none."""
    if facts.of.one:
        return None
    return Row((None, say("main.total"), *cells(facts.of)), emphasis=True, code=facts.of.code)


def codes_of(facts: Facts, of: Of) -> list[str]:
    """Agencies that a line is about."""
    if of.scope is Scope.AGENCY:
        return [of.code]
    whole_scope = of == facts.of
    return [each.code for each in facts.agencies if whole_scope or each.level == of.code]
