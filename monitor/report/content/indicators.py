"""Every indicator by channel and level, and documents by channel of each agency."""

from collections.abc import Iterator, Sequence

from monitor.measure.figures import Scope, State
from monitor.measure.indicators import CATALOGUE, Definition
from monitor.report.content.facts import COMPARED, PERIOD, Facts, Of
from monitor.report.content.grouping import grouped, leading, whole
from monitor.report.content.measures import Measured, change, count, share, single
from monitor.report.content.names import Names
from monitor.report.model import Cell, Column, Heading, Row, Share, Table
from monitor.report.words import Words

SIGNED = "document_signed"


def indicators(facts: Facts, few: int, names: Names, say: Words) -> Table:
    """Numerator, denominator, share and how far to trust it, and how it changed."""
    rows = [
        Row(
            (
                each.name[say.language], say.of("channel", channel), names.of(of.scope, of.code),
                *_cells(facts, each, of, channel, few, say),
            ),
            emphasis=of == facts.of and not facts.of.one, code=of.code,
        )
        for each in CATALOGUE.values()
        for channel in facts.figures.channels(each.id)
        for of in _groups(facts)
    ]  # fmt: skip
    return Table(
        id="indicators", title=say("indicators.title"), sheet=say("indicators.sheet"),
        headings=tuple(_headings(facts, say)), rows=rows, notes=tuple(_notes(facts, say)),
        empty=say("indicators.empty"), landscape=True,
    )  # fmt: skip


def _groups(facts: Facts) -> list[Of]:
    """The whole first, then levels."""
    if facts.of.scope is not Scope.PROVINCE:
        return [facts.of]
    return [facts.of, *(Of(Scope.LEVEL, level) for level in facts.levels)]


def _headings(facts: Facts, say: Words) -> Iterator[Heading]:
    yield Heading("indicator", say("column.indicator"), Column.WIDE)
    yield Heading("channel", say("column.channel"), Column.TEXT)
    yield Heading("scope", say("column.whose"), Column.TEXT)
    yield Heading("numerator", say("column.numerator"), Column.COUNT)
    yield Heading("denominator", say("column.denominator"), Column.COUNT)
    yield Heading("ratio", say("column.share"), Column.SHARE)
    yield Heading("low", say("column.low"), Column.SHARE, say("over.interval"))
    yield Heading("high", say("column.high"), Column.SHARE, say("over.interval"))
    yield Heading("checked_share", say("column.checked"), Column.SHARE)
    yield Heading("coverage", say("column.coverage"), Column.SHARE)
    yield Heading("undecided_share", say("column.undecided"), Column.SHARE)
    yield Heading("state", say("column.state"), Column.TEXT)
    for about in COMPARED:
        yield Heading(f"change_{about}", say(f"column.{about}"), Column.POINTS, say("over.change"))
    if not facts.of.one:
        over = say("over.same_agencies")
        for about in COMPARED:
            yield Heading(f"same_{about}", say(f"column.{about}"), Column.POINTS, over)


def _cells(
    facts: Facts, each: Definition, of: Of, channel: str, few: int, say: Words
) -> Iterator[Cell]:
    def read(about: str = PERIOD, panel: str = "") -> Measured:
        return single(facts.figures, each.id, of, few, channel, about=about, panel=panel)

    found = read()
    known = share(found)
    yield count(found, found.numerator)
    yield count(found, found.denominator)
    yield known
    yield share_of(found.low if known.sampled else None)
    yield share_of(found.high if known.sampled else None)
    checked = each.sampled and found.state is not State.NO_DATA
    yield share_of(found.sample_fraction if checked else None)
    yield share_of(found.coverage)
    yield share_of(None if each.of_accounts else found.undecided_share)
    yield say(f"state.{found.state}")
    for about in COMPARED:
        yield change(found, read(about))
    if not facts.of.one:
        for about in COMPARED:
            yield change(read(panel=about), read(about, about))


def share_of(value: float | None) -> Cell:
    """A share that is not an estimate; a dash where it is not known."""
    return None if value is None else Share(value)


def _notes(facts: Facts, say: Words) -> Iterator[str]:
    yield say("indicators.note_interval")
    yield say("indicators.note_state")
    if not facts.of.one:
        yield say("indicators.note_same")
    declared = [
        each.name[say.language] for each in CATALOGUE.values()
        if each.declared and facts.figures.channels(each.id)
    ]  # fmt: skip
    if declared:
        yield say("indicators.note_declared", list=say.listing(declared))


# -- documents by channel --------------------------------------------------------------------------


def channels(facts: Facts, few: int, names: Names, say: Words) -> Table:
    """Of each agency: documents and those with a valid signature of its own, a channel each."""
    used = facts.figures.channels(SIGNED)

    def cells(of: Of) -> Sequence[Cell]:
        found = [single(facts.figures, SIGNED, of, few, channel) for channel in used]
        return [
            cell for each in found
            for cell in (
                count(each, each.denominator), count(each, each.numerator), share(each))
        ]  # fmt: skip

    headings = [*leading(say)]
    for channel in used:
        over = say.of("channel", channel)
        over = over[0].upper() + over[1:]
        headings += [
            Heading(f"{channel}_documents", say("column.documents"), Column.COUNT, over),
            Heading(f"{channel}_signed", say("column.signed"), Column.COUNT, over),
            Heading(f"{channel}_share", say("column.share"), Column.SHARE, over),
        ]
    return Table(
        id="channels", title=say("channels.title"), sheet=say("channels.sheet"),
        headings=tuple(headings), rows=grouped(facts, names, say, cells) if used else (),
        total=whole(facts, say, cells) if used else None, notes=(say("channels.note"),),
        empty=say("channels.empty"), landscape=True,
    )  # fmt: skip
