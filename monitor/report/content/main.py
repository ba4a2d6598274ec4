"""The table of DOMAIN "Suggested report columns", by level, with its charts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.measure.figures import Scope, State
from monitor.measure.indicators import PAIRED
from monitor.model import Channel
from monitor.report.content.facts import AgencyRow, Facts, Of, TargetRow
from monitor.report.content.gaps import Gap, missing
from monitor.report.content.grouping import by_level, group_name
from monitor.report.content.measures import PAIR, Measured, count, paired, share, single
from monitor.report.content.names import Names
from monitor.report.content.targets import Targets, about, overall
from monitor.report.model import Cell, Chart, ChartKind, Column, Heading, Row, Series, Table
from monitor.report.words import Words

MOST_TARGETS = 3
"""Named in a cell; more are counted, the table of targets has them all."""
HABITUAL = "accounts_habitual"


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of the table is made of."""

    provisioned: Measured
    habitual: Measured
    paired: Measured
    paper: Measured

    @property
    def counts(self) -> tuple[int, int, int, int, int, int]:
        """Officials, provisioned, habitual, documents, paired, on paper too."""
        return (
            self.provisioned.denominator, self.provisioned.numerator, self.habitual.numerator,
            self.paired.denominator, self.paired.numerator, self.paper.numerator,
        )  # fmt: skip


def line(facts: Facts, of: Of, few: int) -> Line:
    figures = facts.figures
    return Line(
        single(figures, "accounts_provisioned", of, few),
        single(figures, HABITUAL, of, few),
        paired(figures, of, few),
        single(figures, "document_parallel_paper", of, few, Channel.DOCSYS),
    )


def table(facts: Facts, targets: Targets, few: int, names: Names, say: Words) -> Table:
    """One line an agency, one each level before its agencies, the province's own figure last."""
    maker = _Lines(facts, targets, few, names, say)
    title = say("main.title_one" if facts.of.one else "main.title")
    return Table(
        id="agencies", title=title, sheet=say("main.sheet"),
        headings=headings(say), rows=maker.rows(),
        total=None if facts.of.one else maker.total(), notes=tuple(maker.notes()),
        charts=() if facts.of.one else tuple(_charts(facts, few, names, say)),
        landscape=True, empty=say("main.empty"),
    )  # fmt: skip


def headings(say: Words) -> tuple[Heading, ...]:
    mail, documents = say("over.mail"), say("over.documents")
    return (
        Heading("ordinal", say("column.ordinal"), Column.ORDINAL),
        Heading("agency", say("column.agency"), Column.WIDE),
        Heading("officials", say("column.officials"), Column.COUNT, mail),
        Heading("provisioned", say("column.provisioned"), Column.COUNT, mail),
        Heading("provisioned_share", say("column.share"), Column.SHARE, mail),
        Heading("habitual", say("column.habitual"), Column.COUNT, mail),
        Heading("habitual_share", say("column.share"), Column.SHARE, mail),
        Heading("documents", say("column.documents"), Column.COUNT, documents),
        Heading("paired", say("column.paired"), Column.COUNT, documents),
        Heading("paired_share", say("column.share"), Column.SHARE, documents),
        Heading("parallel_paper", say("column.paper"), Column.COUNT, say("over.register")),
        Heading("target", say("column.target"), Column.WIDE),
        Heading("assessment", say("column.assessment"), Column.TEXT),
        Heading("note", say("column.note"), Column.WIDE),
    )


class _Lines:
    def __init__(self, facts: Facts, targets: Targets, few: int, names: Names, say: Words) -> None:
        self._facts, self._targets, self._few = facts, targets, few
        self._names, self._say = names, say
        self._kinds = list(dict.fromkeys(about(each, say) for each in facts.targets))

    # -- rows ----------------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        found: list[Row] = []
        number = 0
        for place, (level, agencies) in enumerate(by_level(self._facts), 1):
            if self._facts.of.scope is Scope.PROVINCE:
                found.append(self._group(place, level, agencies))
            for each in agencies:
                number += 1
                found.append(self._agency(number, each))
        return found

    def total(self) -> Row:
        of = self._facts.of
        cells = self._cells(of, None, self._say("main.total"), self._facts.agencies)
        return Row(cells, emphasis=True, code=of.code)

    def _agency(self, number: int, agency: AgencyRow) -> Row:
        of = Of(Scope.AGENCY, agency.code)
        made = line(self._facts, of, self._few)
        asked_of = self._targets.of(Scope.AGENCY, agency.code)
        found = overall(self._targets.judgements(Scope.AGENCY, agency.code))
        texts = [self._asked(each) for each in asked_of]
        if len(texts) > MOST_TARGETS:
            texts = [self._say("main.targets", count=str(len(texts)))]
        cells = (
            number, self._names.agency(agency.code), *_counts(made), "; ".join(texts) or None,
            self._say(f"judgement.{found}") if found else None,
            "; ".join(self._agency_notes(agency, made)),
        )  # fmt: skip
        return Row(cells, code=agency.code)

    def _group(self, place: int, level: str | None, agencies: Sequence[AgencyRow]) -> Row:
        name = group_name(place, level, len(agencies), self._names, self._say)
        if level is None:
            empty: tuple[Cell, ...] = (None,) * (len(headings(self._say)) - 2)
            return Row((None, name, *empty), emphasis=True)
        cells = self._cells(Of(Scope.LEVEL, level), None, name, agencies)
        return Row(cells, emphasis=True, code=level)

    def _cells(
        self, of: Of, number: int | None, name: str, agencies: Sequence[AgencyRow]
    ) -> tuple[Cell, ...]:
        """Of a group: its own targets, and how many of its agencies reach theirs."""
        found = overall(self._targets.judgements(of.scope, of.code))
        texts = [self._asked(each) for each in self._targets.of(of.scope, of.code)]
        if len(texts) > MOST_TARGETS:
            texts = [self._say("main.targets", count=str(len(texts)))]
        return (
            number, name, *_counts(line(self._facts, of, self._few)), "; ".join(texts) or None,
            self._say(f"judgement.{found}") if found else None, self._tally(agencies),
        )  # fmt: skip

    def _asked(self, target: TargetRow) -> str:
        """What is asked for; of which indicator stands below the table, by number if of several."""
        value = self._say.numbers.whole_percent(target.value)
        if len(self._kinds) == 1:
            return value
        return f"({self._kinds.index(about(target, self._say)) + 1}) {value}"

    def _tally(self, agencies: Sequence[AgencyRow]) -> str:
        """As "Đạt: 2; Chưa đạt: 1; Chưa đủ căn cứ: 4"."""
        tally, say = self._targets.tally(agencies), self._say
        return "; ".join(
            f"{say(f'judgement.{each}')}: {say.numbers.count(count)}"
            for each, count in tally.items() if count
        )  # fmt: skip

    # -- notes ---------------------------------------------------------------------------------

    def _agency_notes(self, agency: AgencyRow, made: Line) -> Iterator[str]:
        numbers = self._say.numbers
        if agency.last < self._facts.last:
            yield self._names.ended(agency, self._facts.of)
        if agency.first > self._facts.first:
            yield self._say("note.began", day=numbers.day(agency.first))
        for each in missing(self._facts, agency, self._few, self._say):
            if each.gap is not Gap.REGISTER:
                yield each.text
        if share(made.paired).sampled:
            yield self._say("note.sampled")

    def notes(self) -> Iterator[str]:
        """Below the table: what is counted, and why sums may differ from the total."""
        yield self._say("main.note_pair")
        yield self._say("main.note_register")
        if self._kinds:
            yield self._say("main.note_targets", list="; ".join(self._numbered()))
        if self._facts.of.one:
            return
        whole = line(self._facts, self._facts.of, self._few)
        yield from self._in_part(whole)
        sums = [0] * len(whole.counts)
        for each in self._facts.agencies:
            counts = line(self._facts, Of(Scope.AGENCY, each.code), self._few).counts
            sums = [a + b for a, b in zip(sums, counts, strict=True)]
        if sums[0] != whole.counts[0] or sums[1] != whole.counts[1] or sums[2] != whole.counts[2]:
            yield self._say("main.note_officials")
        if sums[3:] != list(whole.counts[3:]):
            yield self._say("main.note_documents")

    def _numbered(self) -> list[str]:
        if len(self._kinds) == 1:
            return self._kinds
        return [f"({number}) {each}" for number, each in enumerate(self._kinds, 1)]

    def _in_part(self, whole: Line) -> Iterator[str]:
        """What the total does not cover."""
        numbers, everyone = self._say.numbers, len(self._facts.agencies)
        for key, known in zip(("rosters", "documents"), known_of(self._facts), strict=True):
            if known < everyone:
                yield self._say(
                    f"main.note_{key}_part", known=numbers.count(known),
                    all=numbers.count(everyone),
                )  # fmt: skip
        if whole.paper.state is State.STALE:
            yield self._say("main.note_register_part")


def known_of(facts: Facts) -> tuple[int, int]:
    """How many agencies have a roster, and documents that the pair is asked of."""
    scopes = [Of(Scope.AGENCY, each.code) for each in facts.agencies]
    rosters = (single(facts.figures, "accounts_provisioned", of, 0) for of in scopes)
    documents = (paired(facts.figures, of, 0) for of in scopes)
    return (
        sum(each.denominator > 0 for each in rosters),
        sum(each.state is not State.NO_DATA for each in documents),
    )


def _counts(made: Line) -> tuple[Cell, ...]:
    """From officials to documents on paper; a count of which nothing is known is None, never 0."""
    return (
        made.provisioned.denominator or None,
        count(made.provisioned, made.provisioned.numerator), share(made.provisioned),
        count(made.habitual, made.habitual.numerator), share(made.habitual),
        count(made.paired, made.paired.denominator), count(made.paired, made.paired.numerator),
        share(made.paired),
        count(made.paper, made.paper.numerator),
    )  # fmt: skip


# -- charts ----------------------------------------------------------------------------------------


def _charts(facts: Facts, few: int, names: Names, say: Words) -> Iterator[Chart]:
    """Shares by level, with the target line where all levels are asked for the same."""
    if facts.of.scope is not Scope.PROVINCE or not facts.levels:
        return
    groups = [*(Of(Scope.LEVEL, each) for each in facts.levels), facts.of]
    labels = tuple(names.of(each.scope, each.code) for each in groups)
    made = [line(facts, each, few) for each in groups]
    for id_, title, found, indicator in (
        ("paired_by_level", "chart.paired", [each.paired for each in made], PAIR),
        ("habitual_by_level", "chart.habitual", [each.habitual for each in made], HABITUAL),
    ):
        yield Chart(
            id=id_, kind=ChartKind.BARS, title=say(title), labels=labels,
            series=(bars(say(title), found),), target=_line(facts, indicator),
        )  # fmt: skip


def bars(title: str, found: Sequence[Measured]) -> Series:
    """Shares with their intervals; what may not be used is a gap."""
    shown = [each if each.usable else None for each in found]
    return Series(
        title,
        tuple(each.ratio if each else None for each in shown),
        tuple(each.low if each else None for each in shown),
        tuple(each.high if each else None for each in shown),
    )


def _line(facts: Facts, indicator: str) -> float | None:
    """What the plan asks for, where it asks everyone for the same."""
    asked_for = {
        each.value for each in facts.targets
        if each.indicator == indicator and (indicator != PAIR or each.channel in PAIRED)
    }  # fmt: skip
    return asked_for.pop() if len(asked_for) == 1 else None
