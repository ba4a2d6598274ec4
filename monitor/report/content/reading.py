"""A closed period as a report: what it says, in which order, of whom (docs/reporting.md).

Everything is read from the rows of one closing, and from closings before it; nothing is computed
from facts, and no clock is asked. So the same closing always gives the same report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from monitor.clock import vietnam_day
from monitor.errors import UserError
from monitor.measure.closing import Changes, Closing, by_id, changes
from monitor.measure.figures import Scope
from monitor.model import Language
from monitor.periods import CalendarKind, Period, Rules, previous, year_before
from monitor.record.connection import Connection
from monitor.report.content import accounts as content_accounts
from monitor.report.content import agency as content_agency
from monitor.report.content import certificates as content_certificates
from monitor.report.content import changes as content_changes
from monitor.report.content import documents as content_documents
from monitor.report.content import gaps as content_gaps
from monitor.report.content import indicators as content_indicators
from monitor.report.content import main as content_main
from monitor.report.content import method as content_method
from monitor.report.content import quality as content_quality
from monitor.report.content import ranking as content_ranking
from monitor.report.content import restated as content_restated
from monitor.report.content import summary as content_summary
from monitor.report.content import targets as content_targets
from monitor.report.content import trend as content_trend
from monitor.report.content.basis import basis_of
from monitor.report.content.compared import comparable_only
from monitor.report.content.facts import (
    PREVIOUS,
    PROVINCE,
    YEAR_BEFORE,
    Facts,
    Of,
    read_facts,
    read_targets,
)
from monitor.report.content.names import Names
from monitor.report.content.ranking import Rankings
from monitor.report.content.targets import Judgement, Targets
from monitor.report.model import FigureRow, Head, Report, Standing, Table
from monitor.report.spans import span
from monitor.report.text import clean
from monitor.report.words import Words, words
from monitor.settings import ReportSettings

CLOSED_BEFORE = """
SELECT closing_id FROM closing WHERE period = $1 AND version > 0 AND closing_id < $2
ORDER BY version DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report of a closing."""

    settings: ReportSettings
    standing: Standing
    language: Language = Language.VI
    agency: str | None = None
    """Its own sheet, by code."""
    level: str | None = None
    """The agencies of one level. Neither: the province."""
    people: Mapping[UUID, tuple[str, str]] | None = None
    """Sender and subject of documents, unsealed by a caller who was asked for them and has written
    so to the audit log; None leaves their columns out."""

    @property
    def of(self) -> Of:
        if self.agency is not None:
            return Of(Scope.AGENCY, self.agency)
        if self.level is not None:
            return Of(Scope.LEVEL, self.level)
        return Of(Scope.PROVINCE, PROVINCE)


class Shared:
    """What all reports of a closing have in common: give the same to each, and it is read once."""

    def __init__(self) -> None:
        self.rankings = Rankings()
        self._changes: dict[int, Changes | None] = {}

    async def changes(self, connection: Connection, closing_id: int) -> Changes | None:
        """What a restatement changed."""
        if closing_id not in self._changes:
            self._changes[closing_id] = await changes(connection, closing_id)
        return self._changes[closing_id]


async def read(
    connection: Connection, closing_id: int, wanted: Wanted, shared: Shared | None = None
) -> Report:
    """The report of a closing.

    Raises UserError for an agency or a level that the period does not have, LookupError where there
    is no such closing, and what asyncpg raises.
    """
    closing = await by_id(connection, closing_id)
    days = _so_far(closing)
    facts = await read_facts(connection, closing_id, wanted.of, days)
    compared = comparable_only(
        facts.figures,
        closing.basis,
        _others(closing, wanted),
        over=days.last == closing.period.last,
    )
    facts = replace(facts, figures=compared.figures)
    if not facts.agencies and wanted.of.scope is not Scope.PROVINCE:
        raise UserError(_nobody(wanted, closing.period))
    say = words(wanted.language)
    names = Names(facts, say)
    head = _head(closing, wanted, names, say)
    few = _few(closing, wanted)
    method = _method(closing, facts, head, wanted, compared.partly, say)
    return Report(
        head=head,
        summary=content_summary.paragraphs(
            facts, Targets(facts, few), few, names, say),
        tables=await _tables(connection, closing, facts, names, wanted, say, shared or Shared()),
        method=content_method.paragraphs(method),
        figures=_figure_rows(facts, names), definitions=method.basis.versions,
    )  # fmt: skip


def _so_far(closing: Closing) -> Period:
    """The days that were collected: of a period that is not over up to the day itself, on which no
    agency has ended that is in force.
    """
    day = max(closing.period.first, vietnam_day(closing.closed_at))
    return replace(closing.period, last=min(closing.period.last, day))


def _nobody(wanted: Wanted, period: Period) -> str:
    if wanted.agency is not None:
        return (
            f"{period.id}: no agency {wanted.agency} was in force in it; "
            "congvu agencies list shows all codes"
        )
    return f"{period.id}: no agency of level {wanted.level} was in force in it"


async def _tables(
    connection: Connection,
    closing: Closing,
    facts: Facts,
    names: Names,
    wanted: Wanted,
    say: Words,
    shared: Shared,
) -> Sequence[Table]:
    few, rules = _few(closing, wanted), _rules(closing, wanted)
    targets = Targets(facts, few)
    places = await shared.rankings.read(connection, closing.id, facts, few)
    habits = partial(content_ranking.habits, connection)
    moved = await content_changes.moved(facts, few, habits)
    before = await _targets_before(connection, closing, facts, few, rules)
    trend = await content_trend.read_trend(connection, closing, facts.of, rules, few)
    found = [
        content_main.table(facts, targets, few, names, say),
        content_targets.table(facts, targets, names, say),
        content_indicators.indicators(facts, few, names, say),
        content_indicators.channels(facts, few, names, say),
        content_accounts.funnel(facts, names, say),
        content_accounts.leaders(facts, names, say),
        content_quality.verdicts(facts, names, say),
        content_quality.reasons(facts, say),
        content_quality.signatures(facts, say),
        content_certificates.table(facts, names, say),
        content_ranking.table(facts, places, few, names, say),
        content_changes.figures(moved, names, say),
        content_changes.events(facts, before, few, names, say),
        content_trend.table(trend, say),
        content_gaps.table(facts, few, names, say),
    ]
    if facts.of.one:
        found.extend(content_documents.tables(facts, wanted.people, say))
        place = places.get(facts.of.code)
        found.append(content_agency.figures(facts, targets, place, few, say))
        found.append(content_agency.officials(facts, say))
        found.append(content_agency.checks(facts, say))
    restated = wanted.standing is Standing.RESTATED
    if restated and (changed := await shared.changes(connection, closing.id)):
        found.append(content_restated.figures(facts, changed, names, say))
        found.append(content_restated.causes(facts, changed, names, say))
    return content_agency.arranged(found) if facts.of.one else found


async def _targets_before(
    connection: Connection, closing: Closing, facts: Facts, few: int, rules: Rules
) -> Mapping[tuple[str, str], Judgement] | None:
    """How targets stood when the period before was closed; None where it is not."""
    period = previous(closing.period, rules)
    if period is None:
        return None
    earlier = await connection.fetchval(CLOSED_BEFORE, period.id, closing.id)
    if earlier is None:
        return None
    codes = [each.code for each in facts.agencies]
    rows = await read_targets(connection, earlier, facts.of, codes, facts.levels)
    return content_changes.judgements(rows, few)


def _few(closing: Closing, wanted: Wanted) -> int:
    """The settings' of the moment of closing: a report must not change with them."""
    settings = closing.basis.get("settings", {})
    return int(settings.get("report.few_documents", wanted.settings.few_documents))


def _rules(closing: Closing, wanted: Wanted) -> Rules:
    """The calendar's rules of the moment of closing."""
    settings, now = closing.basis.get("settings", {}), wanted.settings.rules
    return Rules(
        CalendarKind(settings.get("report.calendar", now.calendar)),
        int(settings.get("report.administrative_day", now.first_day)),
        bool(settings.get("report.administrative_half_years", now.administrative_half_years)),
    )


# -- head ------------------------------------------------------------------------------------------


def _head(closing: Closing, wanted: Wanted, names: Names, say: Words) -> Head:
    provisional = wanted.standing is Standing.PROVISIONAL
    of, settings = wanted.of, wanted.settings
    name = names.of(of.scope, of.code)
    return Head(
        language=wanted.language, period=closing.period, standing=wanted.standing,
        version=0 if provisional else closing.version,
        closing_id=None if provisional else closing.id,
        facts="" if provisional else closing.facts, at=closing.closed_at,
        title=say("head.title"), subject=say(f"head.subject_{of.scope}", name=name),
        span=span(closing.period, say), remark=_remark(closing, wanted, say),
        superior=clean(settings.superior), issuer=clean(settings.issuer),
        place=clean(settings.place), scope=of.scope.value, code=of.code, name=name,
    )  # fmt: skip


def _remark(closing: Closing, wanted: Wanted, say: Words) -> str:
    match wanted.standing:
        case Standing.CLOSED:
            return ""
        case Standing.PROVISIONAL:
            return say("head.provisional", at=say.numbers.instant(closing.closed_at))
        case Standing.RESTATED:
            return say(
                "head.restated", version=str(closing.version),
                at=say.numbers.instant(closing.closed_at),
                reason=content_method.reason(closing, wanted.of, say),
            )  # fmt: skip


def _others(closing: Closing, wanted: Wanted) -> Mapping[str, Period]:
    """The periods that it is compared with."""
    rules = _rules(closing, wanted)
    found = {
        PREVIOUS: previous(closing.period, rules), YEAR_BEFORE: year_before(closing.period, rules)
    }  # fmt: skip
    return {about: each for about, each in found.items() if each is not None}


def _method(
    closing: Closing, facts: Facts, head: Head, wanted: Wanted,
    partly: Mapping[str, Mapping[str, date]], say: Words,
) -> content_method.Method:  # fmt: skip
    period = closing.period
    accounts = facts.figures.get("accounts_habitual", facts.of)
    span_of = (accounts.first_day, accounts.last_day) if accounts else (period.first, period.last)
    return content_method.Method(
        facts, closing, basis_of(closing.basis, *span_of), head,
        _others(closing, wanted), partly, _few(closing, wanted), say,
    )  # fmt: skip


def _figure_rows(facts: Facts, names: Names) -> list[FigureRow]:
    """Every figure of these agencies and groups, in the order in which they were read."""
    levels: Mapping[str, Any] = {each.code: each.level for each in facts.agencies}
    return [
        FigureRow(
            about, panel, names.of(figure.scope, figure.code),
            levels.get(figure.code) if figure.scope is Scope.AGENCY
            else figure.code if figure.scope is Scope.LEVEL else None,
            figure,
        )
        for about, panel, figure in facts.figures
    ]  # fmt: skip
