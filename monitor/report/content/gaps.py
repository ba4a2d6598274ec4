"""What is missing of an agency, and so may not be concluded: named, never shown as 0%."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.measure.figures import STALE_ABOVE, Scope, State
from monitor.model import Channel
from monitor.report.content.facts import AgencyRow, Facts, Of
from monitor.report.content.measures import measured, paired, single
from monitor.report.content.names import Names
from monitor.report.model import Column, Heading, Row, Table
from monitor.report.words import Words

LOW_COVERAGE = 0.9
"""Of what an independent source counts: below, figures of an agency say so."""


class Gap(StrEnum):
    """What an agency lacks, the weightiest first."""

    ROSTER = "roster"
    ACTIVITY = "activity"
    CAPTURE = "capture"
    PAIR_CHANNELS = "pair_channels"
    FEW = "few"
    UNDECIDED = "undecided"
    COVERAGE = "coverage"
    REGISTER = "register"
    REGISTER_DAYS = "register_days"


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that an agency lacks."""

    gap: Gap
    text: str
    """For the column of notes."""


def missing(facts: Facts, agency: AgencyRow, few: int, say: Words) -> list[Missing]:
    """What an agency lacks in the period; officials of one that ended in it are its heirs'."""
    of = Of(Scope.AGENCY, agency.code)
    return [
        *(_rosters(facts, of, say) if agency.last == facts.last else ()),
        *_documents(facts, of, few, say),
        *_coverage(facts, of, say),
        *_registers(facts, of, say),
    ]


def _rosters(facts: Facts, of: Of, say: Words) -> Iterator[Missing]:
    provisioned = measured(facts.figures.get("accounts_provisioned", of))
    if provisioned.denominator == 0:
        yield Missing(Gap.ROSTER, say("gap.roster"))
    elif measured(facts.figures.get("accounts_active", of)).state is State.NO_DATA:
        yield Missing(Gap.ACTIVITY, say("gap.activity"))


def _documents(facts: Facts, of: Of, few: int, say: Words) -> Iterator[Missing]:
    found = paired(facts.figures, of, few)
    if found.state is State.NO_DATA:
        elsewhere = sum(
            measured(facts.figures.get("document_signed", of, channel)).denominator
            for channel in (Channel.MAIL, Channel.PORTAL)
        )
        if elsewhere:
            text = say("gap.pair_channels", count=say.numbers.count(elsewhere))
            yield Missing(Gap.PAIR_CHANNELS, text)
        else:
            yield Missing(Gap.CAPTURE, say("gap.capture"))
        return
    if found.state is State.STALE or (found.undecided_share or 0) > STALE_ABOVE:
        text = say("gap.undecided", share=say.numbers.percent(found.undecided_share or 0))
        yield Missing(Gap.UNDECIDED, text)
    if found.denominator < few:
        yield Missing(Gap.FEW, say("gap.few", count=say.numbers.count(found.denominator)))


def _coverage(facts: Facts, of: Of, say: Words) -> Iterator[Missing]:
    for channel in Channel:
        found = measured(facts.figures.get("document_signed", of, channel))
        if found.state is State.NO_DATA or found.coverage is None:
            continue
        if found.coverage < LOW_COVERAGE:
            yield Missing(Gap.COVERAGE, say(
                "gap.coverage", share=say.numbers.percent(found.coverage),
                channel=say.of("channel", channel)))  # fmt: skip


def _registers(facts: Facts, of: Of, say: Words) -> Iterator[Missing]:
    if not facts.figures.channels("document_electronic"):
        return  # nobody's register is connected: the method page says so once
    found = single(facts.figures, "document_electronic", of, 0, Channel.DOCSYS)
    if found.state is State.NO_DATA:
        yield Missing(Gap.REGISTER, say("gap.register"))
    elif found.state is State.STALE:
        yield Missing(Gap.REGISTER_DAYS, say("gap.register_days"))


def unassessed(found: Sequence[Missing]) -> bool:
    """Whether accounts or signing of an agency are not assessed."""
    return not (_accounts_assessed(found) and _signing_assessed(found))


def _accounts_assessed(found: Sequence[Missing]) -> bool:
    return not any(each.gap in (Gap.ROSTER, Gap.ACTIVITY) for each in found)


def _signing_assessed(found: Sequence[Missing]) -> bool:
    lacking = (Gap.CAPTURE, Gap.PAIR_CHANNELS, Gap.FEW, Gap.UNDECIDED)
    return not any(each.gap in lacking for each in found)


def table(facts: Facts, few: int, names: Names, say: Words) -> Table:
    """Agencies of which too little is known, with what is missing of each."""
    rows: list[Row] = []
    for each in facts.agencies:
        if found := missing(facts, each, few, say):
            ended = each.last < facts.last
            rows.append(_row(len(rows) + 1, each, found, names, say, ended=ended))
    return Table(
        id="gaps", title=say("gaps.title"), sheet=say("gaps.sheet"),
        headings=(
            Heading("ordinal", say("column.ordinal"), Column.ORDINAL),
            Heading("agency", say("column.agency"), Column.WIDE),
            Heading("level", say("column.level"), Column.TEXT),
            Heading("missing", say("column.missing"), Column.WIDE),
            Heading("accounts_assessed", say("column.accounts_assessed"), Column.TEXT),
            Heading("signing_assessed", say("column.signing_assessed"), Column.TEXT),
        ),
        rows=rows, empty=say("gaps.empty"), notes=(say("gaps.note"),) if rows else (),
    )  # fmt: skip


def _row(
    number: int, agency: AgencyRow, found: Sequence[Missing], names: Names, say: Words,
    *, ended: bool,
) -> Row:  # fmt: skip
    texts = "; ".join(each.text for each in found)
    signing, accounts = (
        say("phrase.yes") if each else say("phrase.no")
        for each in (_signing_assessed(found), _accounts_assessed(found))
    )
    return Row(
        (
            number, names.agency(agency.code), names.level(agency.level), texts,
            None if ended else accounts, signing,
        ),
        code=agency.code,
    )  # fmt: skip
