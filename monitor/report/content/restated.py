"""Of a restatement: which figures changed against the version before, by how much, and why."""

from collections.abc import Mapping, Sequence

from monitor.measure.closing.differences import Cause, Changes, FigureChange
from monitor.measure.figures import Figure, Scope, State
from monitor.measure.indicators import CATALOGUE
from monitor.report.content.facts import PERIOD, Facts
from monitor.report.content.measures import unseen
from monitor.report.content.names import Names
from monitor.report.model import Cell, Column, Heading, Row, Share, Table
from monitor.report.words import Words


def figures(facts: Facts, changes: Changes, names: Names, say: Words) -> Table:
    """Figures of the period itself, of everyone and of formal documents, as they were and are."""
    place = {each.code: number for number, each in enumerate(facts.agencies)}
    shown = sorted(
        (each for each in changes.figures if _shown(facts, each)),
        key=lambda each: _order(_one(each), place),
    )
    rows = [
        Row((number, *_cells(each, names, say)), code=_one(each).code)
        for number, each in enumerate(shown, 1)
    ]
    return Table(
        id="restated", title=say("restated.title"), sheet=say("restated.sheet"),
        headings=(
            Heading("ordinal", say("column.ordinal"), Column.ORDINAL),
            Heading("agency", say("column.whose"), Column.WIDE),
            Heading("indicator", say("column.indicator"), Column.WIDE),
            Heading("channel", say("column.channel"), Column.TEXT),
            Heading("numerator_before", say("column.numerator"), Column.COUNT, _old(changes, say)),
            Heading("denominator_before", say("column.denominator"), Column.COUNT,
                    _old(changes, say)),
            Heading("ratio_before", say("column.share"), Column.SHARE, _old(changes, say)),
            Heading("numerator", say("column.numerator"), Column.COUNT, _new(changes, say)),
            Heading("denominator", say("column.denominator"), Column.COUNT, _new(changes, say)),
            Heading("ratio", say("column.share"), Column.SHARE, _new(changes, say)),
            Heading("change", say("column.change"), Column.POINTS),
        ),
        rows=rows, empty=say("restated.empty"), landscape=True,
        notes=(say("restated.note"),) if rows else (),
    )  # fmt: skip


def causes(facts: Facts, changes: Changes, names: Names, say: Words) -> Table:
    """How many facts differ, and why."""
    codes = {each.code for each in facts.agencies}
    wanted = codes if facts.of.scope is not Scope.PROVINCE else {*codes, ""}
    shown = [each for each in changes.causes if each.code in wanted or _everyones(each)]
    return Table(
        id="restated_causes", title=say("causes.title"), sheet=say("causes.sheet"),
        headings=(
            Heading("ordinal", say("column.ordinal"), Column.ORDINAL),
            Heading("agency", say("column.agency"), Column.WIDE),
            Heading("channel", say("column.channel"), Column.TEXT),
            Heading("what", say("causes.what"), Column.TEXT),
            Heading("why", say("causes.why"), Column.WIDE),
            Heading("facts", say("column.number"), Column.COUNT),
        ),
        rows=[
            Row((
                number, names.agency(each.code) if each.code else say("causes.everyone"),
                say.of("channel", each.channel) if each.channel else None,
                say.of("cause_what", each.what), say.of("cause_why", each.why), each.facts,
            ), code=each.code)
            for number, each in enumerate(shown, 1)
        ],
        empty=say("causes.empty"), landscape=True,
    )  # fmt: skip


def _order(figure: Figure, place: Mapping[str, int]) -> tuple[int, int, str, int, str]:
    """The province, levels, agencies in the order of the first table; of each as the catalogue."""
    scopes = (Scope.PROVINCE, Scope.LEVEL, Scope.AGENCY)
    indicator = list(CATALOGUE).index(figure.indicator)
    number = place.get(figure.code, 0)
    return scopes.index(figure.scope), number, figure.code, indicator, figure.channel


def _everyones(cause: Cause) -> bool:
    """Settings and definitions are nobody's own; documents without agency are not everyone's."""
    return not cause.code and cause.what in ("setting", "definition", "target")


def _one(each: FigureChange) -> Figure:
    found = each.after or each.before
    if found is None:
        raise ValueError("a change of nothing")
    return found


def _shown(facts: Facts, each: FigureChange) -> bool:
    figure = _one(each)
    if each.about != PERIOD or each.panel or figure.role or figure.base:
        return False
    if figure.document_class not in ("", "formal") or figure.indicator not in CATALOGUE:
        return False
    if _three(each.before) == _three(each.after):  # units that nobody can decide, coverage
        return False
    if figure.scope is Scope.AGENCY:
        return figure.code in {agency.code for agency in facts.agencies}
    return facts.of.scope is Scope.PROVINCE or (figure.scope, figure.code) == (
        facts.of.scope, facts.of.code
    )  # fmt: skip


def _cells(each: FigureChange, names: Names, say: Words) -> Sequence[Cell]:
    figure = _one(each)
    usable = each.before and each.after and State.OK is each.before.state is each.after.state
    before = each.before.ratio if each.before else None
    after = each.after.ratio if each.after else None
    both = usable and before is not None and after is not None
    return (
        names.of(figure.scope, figure.code), CATALOGUE[figure.indicator].name[say.language],
        say.of("channel", figure.channel), *_three(each.before), *_three(each.after),
        (after or 0.0) - (before or 0.0) if both else None,
    )  # fmt: skip


def _three(figure: Figure | None) -> tuple[Cell, Cell, Cell]:
    if figure is None or figure.state is State.NO_DATA or unseen(figure.indicator, figure.state):
        return None, None, Share(None, State.NO_DATA)
    ratio = Share(figure.ratio, figure.state, figure.low, figure.high)
    return figure.numerator, figure.denominator, ratio


def _old(changes: Changes, say: Words) -> str:
    return say("restated.version", version=str(changes.before.version))


def _new(changes: Changes, say: Words) -> str:
    return say("restated.version", version=str(changes.after.version))
