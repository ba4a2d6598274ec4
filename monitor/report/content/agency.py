"""What an agency's own report prints: its figures upright, then what it has to put right.

Tables of one line are for programs: beside each of them stands here what a reader needs of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from monitor.measure.figures import Scope
from monitor.measure.indicators import CATALOGUE
from monitor.model import Role
from monitor.report.content.accounts import STEPS, steps_of
from monitor.report.content.facts import COMPARED, Facts, TargetRow
from monitor.report.content.indicators import share_of
from monitor.report.content.main import HABITUAL
from monitor.report.content.measures import PAIR, Measured, count, share, single
from monitor.report.content.quality import KINDS, counted
from monitor.report.content.ranking import Place, place_in_words
from monitor.report.content.targets import Targets, judged
from monitor.report.model import Cell, Column, Heading, Row, Table
from monitor.report.words import Words

ALWAYS = ("accounts_provisioned", HABITUAL, PAIR)
"""Shown without data, too."""
ELSEWHERE = ("agencies_signing", "signature_timestamped", "signature_public_service_ca")
"""Of agencies, or in the table of signatures; shown here where a target asks for them."""
ORDER = (
    "agencies", "own_figures", "own_checks", "own_officials", "documents", "documents_open",
    "reasons", "signatures", "certificates", "changes", "events", "trend", "gaps",
)  # fmt: skip
"""Of the tables, the others behind; the first is everybody's. Upright ones share a page."""
INSTEAD = ("agencies", "targets", "indicators", "channels", "funnel", "leaders", "verdicts",
           "ranking")  # fmt: skip
"""Tables that are one line of an agency; the upright ones say it."""
LEAST_PERIODS = 2
"""Of a trend that is printed."""


def arranged(tables: Iterable[Table]) -> list[Table]:
    """In the order in which an agency reads them; what says nothing of it is not printed, and a
    few figures of one agency are no picture.
    """
    places = {id_: place for place, id_ in enumerate(ORDER)}
    ordered = sorted(tables, key=lambda each: places.get(each.id, len(places)))
    return [replace(each, printed=_worth(each), charts=()) for each in ordered]


def _worth(table: Table) -> bool:
    if table.id in INSTEAD:
        return False
    if table.id == "trend":
        return len(table.rows) >= LEAST_PERIODS
    return table.id in ("documents", "restated", "causes") or bool(table.rows)


# -- figures ---------------------------------------------------------------------------------------


def figures(
    facts: Facts, targets: Targets, place: Place | None, few: int, say: Words
) -> Table:  # fmt: skip
    """One line an indicator: now, before, what is asked for; empty columns are left out."""
    asked: Mapping[tuple[str, str], TargetRow] = {
        (each.indicator, each.channel): each
        for each in targets.of(Scope.AGENCY, facts.of.code)
    }  # fmt: skip
    rows = [
        tuple(_cells(facts, indicator, channel, asked.get((indicator, channel)), few, say))
        for indicator, channel in _shown(facts, asked)
    ]
    headings = tuple(_headings(say))
    kept = [n for n, each in enumerate(headings)
            if each.id not in (*COMPARED, "target", "assessment")
            or any(row[n] is not None for row in rows)]  # fmt: skip
    notes = [say("own.place", place=place_in_words(place, say))] if place else []
    return Table(
        id="own_figures", title=say("own.title"), sheet=say("own.sheet"),
        headings=tuple(headings[n] for n in kept),
        rows=[Row(tuple(row[n] for n in kept), code=facts.of.code) for row in rows],
        notes=(*notes, say("own.note")),
    )  # fmt: skip


def _shown(facts: Facts, asked: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    asked_for = set(asked)
    for each in CATALOGUE.values():
        used = facts.figures.channels(each.id) if each.id not in ELSEWHERE else []
        found = [channel for channel in each.channels
                 if channel in used or (each.id, channel) in asked_for]  # fmt: skip
        if not found and each.id in ALWAYS:
            found = [each.channels[0]]
        yield from ((each.id, channel) for channel in found)


def _headings(say: Words) -> Iterator[Heading]:
    yield Heading("indicator", say("column.indicator"), Column.WIDE)
    yield Heading("numerator", say("column.numerator"), Column.COUNT)
    yield Heading("denominator", say("column.denominator"), Column.COUNT)
    yield Heading("ratio", say("column.share"), Column.SHARE)
    for about in COMPARED:
        yield Heading(about, say(f"column.{about}"), Column.SHARE)
    yield Heading("target", say("column.target"), Column.SHARE)
    yield Heading("assessment", say("column.assessment"), Column.TEXT)


def _cells(
    facts: Facts, indicator: str, channel: str, target: TargetRow | None, few: int, say: Words
) -> Iterator[Cell]:
    definition = CATALOGUE[indicator]
    found = single(facts.figures, indicator, facts.of, few, channel)
    name = definition.name[say.language]
    yield f"{name} ({say.of('channel', channel)})" if definition.by_channel else name
    yield count(found, found.numerator)
    yield count(found, found.denominator)
    yield share(found)
    for about in COMPARED:
        yield _before(single(facts.figures, indicator, facts.of, few, channel, about=about))
    yield share_of(target.value if target else None)
    yield say(f"judgement.{judged(target, few)}") if target else None


def _before(found: Measured) -> Cell:
    return share(found) if found.usable else None


# -- officials, checks -----------------------------------------------------------------------------


def officials(facts: Facts, say: Words) -> Table:
    """From the roster to valid signatures: everybody beside leaders."""
    everybody, leaders = steps_of(facts, facts.of, ""), steps_of(facts, facts.of, Role.LEADER)
    rows = [
        Row((say(f"funnel.{step}"), whole, leading))
        for step, whole, leading in zip(STEPS, everybody, leaders, strict=True)
        if whole is not None or leading is not None
    ]  # fmt: skip
    return Table(
        id="own_officials", title=say("own.officials"), sheet=say("own.officials_sheet"),
        headings=(
            Heading("step", say("signatures.what"), Column.WIDE),
            Heading("officials", say("own.everybody"), Column.COUNT),
            Heading("leaders", say("own.leaders"), Column.COUNT),
        ),
        rows=rows, notes=(say("funnel.note"),),
    )  # fmt: skip


def checks(facts: Facts, say: Words) -> Table:
    """Documents of all channels by what their check gave; results that none had are left out."""
    found, relayed = counted(facts, facts.of)
    rows: list[Row] = [
        Row((say(f"verdicts.{kind}"), found[kind], share_of(found[kind] / found.total())))
        for kind in KINDS if found[kind]
    ]  # fmt: skip
    if relayed:
        rows.append(Row((say("verdicts.relayed"), relayed, None)))
    return Table(
        id="own_checks", title=say("verdicts.title"), sheet=say("own.checks_sheet"),
        headings=(
            Heading("result", say("column.verdict"), Column.WIDE),
            Heading("documents", say("chart.documents"), Column.COUNT),
            Heading("share", say("column.share"), Column.SHARE),
        ),
        rows=rows, total=Row((say("verdicts.issued"), found.total(), None), emphasis=True),
        notes=(say("verdicts.note"),),
    )  # fmt: skip
