"""A closed period as a report: what it says, in which order, of whom (docs/reporting.md).

Everything is read from the rows of one closing, and from closings before it; nothing is computed
from facts, and no clock is asked. So the same closing always gives the same report.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg

from monitor.errors import UserError
from monitor.measure.closing import Closing
from monitor.measure.figures import Scope
from monitor.model import Language
from monitor.periods import Period, from_id, last_month, previous, year_before
from monitor.record.connection import Connection
from monitor.report import (
    content_gaps,
    content_main,
    content_method,
    content_summary,
    content_targets,
)
from monitor.report.content_basis import basis_of
from monitor.report.content_facts import PREVIOUS, PROVINCE, YEAR_BEFORE, Facts, Of, read_facts
from monitor.report.content_names import Names
from monitor.report.content_targets import Targets
from monitor.report.model import FigureRow, Head, Report, Standing, Table
from monitor.report.spans import span
from monitor.report.text import clean
from monitor.report.words import Words, words
from monitor.settings import ReportSettings


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


async def read(connection: Connection, closing_id: int, wanted: Wanted) -> Report:
    """The report of a closing.

    Raises UserError for an agency or a level that the period does not have, LookupError where there
    is no such closing, and what asyncpg raises.
    """
    closing = await _closing(connection, closing_id, wanted)
    facts = await read_facts(connection, closing_id, wanted.of, closing.period)
    if not facts.agencies and wanted.of.scope is not Scope.PROVINCE:
        raise UserError(_nobody(wanted, closing.period))
    say = words(wanted.language)
    names = Names(facts, say)
    head = _head(closing, wanted, names, say)
    targets = Targets(facts, wanted.settings.few_documents)
    method = _method(closing, facts, head, wanted, say)
    return Report(
        head=head,
        summary=content_summary.paragraphs(
            facts, targets, wanted.settings.few_documents, names, say),
        tables=_tables(facts, targets, names, wanted, say),
        method=content_method.paragraphs(method),
        figures=_figure_rows(facts, names), definitions=method.basis.versions,
    )  # fmt: skip


async def _closing(connection: Connection, closing_id: int, wanted: Wanted) -> Closing:
    row = await connection.fetchrow("SELECT * FROM closing WHERE closing_id = $1", closing_id)
    if row is None:
        raise LookupError(f"no closing {closing_id}")
    return closing_of(row, wanted.settings)


def closing_of(row: asyncpg.Record, settings: ReportSettings) -> Closing:
    """A row of the table `closing`."""
    basis = row["basis"]
    period = from_id(row["period"], settings.rules)
    return Closing(
        id=row["closing_id"],
        # Its days are those it was closed with, whatever the settings say by now.
        period=replace(period, first=row["first_day"], last=row["last_day"]),
        version=row["version"], closed_at=row["closed_at"], actor=row["actor"],
        reason=row["reason"],
        basis=json.loads(basis) if isinstance(basis, str) else basis,
        facts=row["facts"].hex(),
    )  # fmt: skip


def _nobody(wanted: Wanted, period: Period) -> str:
    if wanted.agency is not None:
        return (
            f"{period.id}: no agency {wanted.agency} was in force in it; "
            "congvu agencies list shows all codes"
        )
    return f"{period.id}: no agency of level {wanted.level} was in force in it"


def _tables(
    facts: Facts, targets: Targets, names: Names, wanted: Wanted, say: Words
) -> Sequence[Table]:
    few = wanted.settings.few_documents
    return [
        content_main.table(facts, targets, few, names, say),
        content_gaps.table(facts, few, names, say),
        content_targets.table(facts, targets, names, say),
    ]


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
        span=span(closing.period, say), remark=_remark(closing, wanted.standing, say),
        superior=clean(settings.superior), issuer=clean(settings.issuer),
        place=clean(settings.place), scope=of.scope.value, code=of.code, name=name,
    )  # fmt: skip


def _remark(closing: Closing, standing: Standing, say: Words) -> str:
    match standing:
        case Standing.CLOSED:
            return ""
        case Standing.PROVISIONAL:
            return say("head.provisional", at=say.numbers.instant(closing.closed_at))
        case Standing.RESTATED:
            return say(
                "head.restated", version=str(closing.version),
                at=say.numbers.instant(closing.closed_at), reason=clean(closing.reason),
            )  # fmt: skip


def _method(
    closing: Closing, facts: Facts, head: Head, wanted: Wanted, say: Words
) -> content_method.Method:
    period, rules = closing.period, wanted.settings.rules
    compared = {PREVIOUS: previous(period, rules), YEAR_BEFORE: year_before(period, rules)}
    return content_method.Method(
        facts, closing, basis_of(closing.basis, last_month(period, rules)), head,
        {about: each for about, each in compared.items() if each is not None},
        wanted.settings.few_documents, say,
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
