"""What is not as it was in the period before: agencies, their figures, their targets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.measure.figures import Scope
from monitor.measure.indicators import CATALOGUE
from monitor.report.content.facts import PREVIOUS, Facts, Of, TargetRow
from monitor.report.content.main import HABITUAL
from monitor.report.content.measures import PAIR, Measured, change, comparable, share, single
from monitor.report.content.names import Names
from monitor.report.content.ranking import Habits
from monitor.report.content.targets import Judgement, judged
from monitor.report.model import Column, Heading, Row, Table
from monitor.report.words import Words

MOST = 20
"""Agencies with the greatest changes that are named, of each indicator."""
LEAST_POINTS = 0.01
"""Of officials, who are all counted: smaller changes are somebody on leave."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One figure of an agency that is another than in the period before, beyond its interval."""

    indicator: str
    code: str
    before: Measured
    now: Measured

    @property
    def points(self) -> float:
        return change(self.now, self.before) or 0.0


async def moved(facts: Facts, few: int, habits: Habits) -> list[Moved]:
    """The greatest real changes, of signing first."""
    found = await _signing(facts, few, habits)
    officials = [each for each in _use(facts) if abs(each.points) >= LEAST_POINTS]
    return [*_greatest(found), *_greatest(officials)]


async def _signing(facts: Facts, few: int, habits: Habits) -> list[Moved]:
    """Changes of full signing whose intervals do not meet."""
    pairs = []
    for each in facts.agencies:
        of = Of(Scope.AGENCY, each.code)
        now, before = comparable(facts.figures, of, few, PREVIOUS)
        if before.usable and now.usable:
            pairs.append(Moved(PAIR, each.code, before, now))
    ends_before = await habits([each.before for each in pairs])
    ends_now = await habits([each.now for each in pairs])
    return [
        each for each, before, now in zip(pairs, ends_before, ends_now, strict=True)
        if before[1] < now[0] or now[1] < before[0]
    ]  # fmt: skip


def _use(facts: Facts) -> Iterator[Moved]:
    for each in facts.agencies:
        of = Of(Scope.AGENCY, each.code)
        before = single(facts.figures, HABITUAL, of, 0, about=PREVIOUS)
        now = single(facts.figures, HABITUAL, of, 0)
        if before.usable and now.usable:
            yield Moved(HABITUAL, each.code, before, now)


def _greatest(found: Sequence[Moved]) -> list[Moved]:
    return sorted(found, key=lambda each: (-abs(each.points), each.code))[:MOST]


# -- tables ----------------------------------------------------------------------------------------


def figures(found: Sequence[Moved], names: Names, say: Words) -> Table:
    """Agencies whose share rose or fell for more than chance."""
    rows = [
        Row(
            (
                number, names.agency(each.code), CATALOGUE[each.indicator].name[say.language],
                share(each.before), share(each.now), each.points,
                say("changes.up" if each.points > 0 else "changes.down"),
            ),
            code=each.code,
        )
        for number, each in enumerate(found, 1)
    ]  # fmt: skip
    return Table(
        id="changes", title=say("changes.title"), sheet=say("changes.sheet"),
        headings=(
            Heading("ordinal", say("column.ordinal"), Column.ORDINAL),
            Heading("agency", say("column.agency"), Column.WIDE),
            Heading("indicator", say("column.indicator"), Column.WIDE),
            Heading("before", say("column.previous_share"), Column.SHARE),
            Heading("now", say("column.now_share"), Column.SHARE),
            Heading("change", say("column.change"), Column.POINTS),
            Heading("direction", say("column.direction"), Column.TEXT),
        ),
        rows=rows, notes=(say("changes.note", most=str(MOST)),), empty=say("changes.empty"),
    )  # fmt: skip


def events(
    facts: Facts, before: Mapping[tuple[str, str], Judgement] | None, few: int, names: Names,
    say: Words,
) -> Table:  # fmt: skip
    """Agencies that began or ended, targets reached anew or lost since the period before.

    `before`: how targets stood in the closing of the period before, by target and code; None where
    it is not closed.
    """
    rows = [*_lives(facts, names, say), *_targets(facts, before or {}, few, names, say)]
    notes = [] if before is not None else [say("events.note_open")]
    return Table(
        id="events", title=say("events.title"), sheet=say("events.sheet"),
        headings=(
            Heading("ordinal", say("column.ordinal"), Column.ORDINAL),
            Heading("agency", say("column.whose"), Column.WIDE),
            Heading("event", say("events.event"), Column.TEXT),
            Heading("detail", say("events.detail"), Column.WIDE),
        ),
        rows=[Row((n, *cells), code=code) for n, (code, cells) in enumerate(rows, 1)],
        notes=tuple(notes), empty=say("events.empty"),
    )  # fmt: skip


Event = tuple[str, tuple[str, str, str]]


def _lives(facts: Facts, names: Names, say: Words) -> Iterator[Event]:
    day = say.numbers.day
    for each in facts.agencies:
        name = names.agency(each.code)
        if each.first > facts.first:
            text = say("note.began", day=day(each.first))
            yield each.code, (name, say("events.began"), text)
        if each.last < facts.last:
            yield each.code, (name, say("events.ended"), names.ended(each, facts.of))


def _targets(
    facts: Facts, before: Mapping[tuple[str, str], Judgement], few: int, names: Names, say: Words
) -> Iterator[Event]:
    words = {
        (Judgement.NOT_MET, Judgement.MET): "events.reached",
        (Judgement.MET, Judgement.NOT_MET): "events.lost",
    }
    for each in facts.targets:
        key = words.get(
            (before.get((each.target, each.code), Judgement.UNKNOWN), judged(each, few))
        )
        if key:
            yield each.code, (names.of(Scope(each.scope), each.code), say(key), _detail(each, say))


def _detail(target: TargetRow, say: Words) -> str:
    return say(
        "events.target", title=target.title, share=say.numbers.percent(target.ratio or 0.0),
        value=say.numbers.whole_percent(target.value),
    )  # fmt: skip


def judgements(targets: Sequence[TargetRow], few: int) -> dict[tuple[str, str], Judgement]:
    """How targets stand, by target and code."""
    return {(each.target, each.code): judged(each, few) for each in targets}
