"""Targets of the plan: what may be said of each, by agency and as a table."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from monitor.measure.figures import Scope, State
from monitor.measure.indicators import CATALOGUE
from monitor.measure.progress import Assessment
from monitor.report.content.facts import AgencyRow, Facts, TargetRow
from monitor.report.content.measures import COUNTED_IN_DOCUMENTS, unseen
from monitor.report.content.names import Names
from monitor.report.model import Cell, Column, Heading, Row, Share, Table
from monitor.report.words import Words


class Judgement(StrEnum):
    """Đạt, Chưa đạt, Chưa đủ căn cứ."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


def judged(target: TargetRow, few: int) -> Judgement:
    """Few documents, and figures that may not be used, are no reason to praise or blame."""
    if too_few(target, few) or target.state is not State.OK:
        return Judgement.UNKNOWN
    match target.assessment:
        case Assessment.MET:
            return Judgement.MET
        case Assessment.UNASSESSABLE | Assessment.UNCONFIRMED:
            return Judgement.UNKNOWN
        case _:
            return Judgement.NOT_MET


def too_few(target: TargetRow, few: int) -> bool:
    counts = CATALOGUE[target.indicator].unit in COUNTED_IN_DOCUMENTS
    return counts and target.state is not State.NO_DATA and target.denominator < few


def overall(judgements: Sequence[Judgement]) -> Judgement | None:
    """Of several targets: all met, one not met, else not known; None without any."""
    if not judgements:
        return None
    if Judgement.NOT_MET in judgements:
        return Judgement.NOT_MET
    return Judgement.UNKNOWN if Judgement.UNKNOWN in judgements else Judgement.MET


class Targets:
    """The targets of a report, by whom they are for."""

    def __init__(self, facts: Facts, few: int) -> None:
        self.few = few
        self._of: Mapping[tuple[str, str], list[TargetRow]] = defaultdict(list)
        for each in facts.targets:
            self._of[each.scope, each.code].append(each)

    def of(self, scope: Scope, code: str) -> Sequence[TargetRow]:
        return self._of.get((scope, code), [])

    def judgements(self, scope: Scope, code: str) -> list[Judgement]:
        return [judged(each, self.few) for each in self.of(scope, code)]

    def tally(self, agencies: Sequence[AgencyRow]) -> Mapping[Judgement, int]:
        """How many of these agencies reach all that is asked of them; those with targets alone."""
        found = [overall(self.judgements(Scope.AGENCY, each.code)) for each in agencies]
        return {each: found.count(each) for each in Judgement}


def table(facts: Facts, targets: Targets, names: Names, say: Words) -> Table:
    """Every target of the plan with its standing."""
    return Table(
        id="targets", title=say("targets.title"), sheet=say("targets.sheet"),
        headings=tuple(_headings(facts, say)),
        rows=[
            Row(tuple(_cells(number, each, facts, targets.few, names, say)), code=each.code)
            for number, each in enumerate(facts.targets, 1)
        ],
        notes=(say("targets.note", few=say.numbers.count(targets.few)),) if facts.targets else (),
        empty=say("targets.empty"), landscape=True,
    )  # fmt: skip


def _headings(facts: Facts, say: Words) -> Iterator[Heading]:
    yield Heading("ordinal", say("column.ordinal"), Column.ORDINAL)
    yield Heading("target", say("column.target"), Column.WIDE)
    if not facts.of.one:
        yield Heading("agency", say("column.whose"), Column.WIDE)
    yield Heading("indicator", say("column.indicator"), Column.WIDE)
    yield Heading("value", say("column.value"), Column.SHARE)
    yield Heading("due", say("column.due"), Column.DATE)
    yield Heading("numerator", say("column.numerator"), Column.COUNT)
    yield Heading("denominator", say("column.denominator"), Column.COUNT)
    yield Heading("ratio", say("column.share"), Column.SHARE)
    yield Heading("gap", say("column.gap"), Column.POINTS)
    yield Heading("units_short", say("column.units_short"), Column.COUNT)
    yield Heading("assessment", say("column.assessment"), Column.TEXT)
    yield Heading("note", say("column.note"), Column.WIDE)


def _cells(
    number: int, target: TargetRow, facts: Facts, few: int, names: Names, say: Words
) -> Iterator[Cell]:
    found = judged(target, few)
    known = not (target.state is State.NO_DATA or unseen(target.indicator, target.state))
    state = State.INSUFFICIENT if too_few(target, few) else target.state
    ratio = target.numerator / target.denominator if known and target.denominator else None
    yield number
    yield target.title
    if not facts.of.one:
        yield names.of(Scope(target.scope), target.code)
    yield about(target, say)
    yield Share(target.value)
    yield target.due
    yield target.numerator if known else None
    yield target.denominator if known else None
    yield Share(ratio if target.ratio is None else target.ratio, state if known else State.NO_DATA)
    yield -target.gap if found is Judgement.NOT_MET and target.gap is not None else None
    yield target.units_short if found is Judgement.NOT_MET else None
    yield say(f"judgement.{found}")
    yield _why(target, found, few, say)


def about(target: TargetRow, say: Words) -> str:
    """What a target is about: "Văn bản được ký số (trục liên thông)"."""
    name = CATALOGUE[target.indicator].name[say.language]
    if CATALOGUE[target.indicator].by_channel:
        return f"{name} ({say.of('channel', target.channel)})"
    return name


def _why(target: TargetRow, found: Judgement, few: int, say: Words) -> str:
    if target.assessment == Assessment.UNCONFIRMED:
        return say("standing.unconfirmed")
    if found is Judgement.UNKNOWN:
        if too_few(target, few):
            return say("gap.few", count=say.numbers.count(target.denominator))
        why = say(f"why.{target.state}")
        return why[0].upper() + why[1:]
    return say.of("standing", target.assessment)
