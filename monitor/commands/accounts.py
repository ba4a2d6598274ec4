"""`congvu accounts`: figures of past months, and the funnel of one agency."""

import asyncio
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

from monitor.clock import now, vietnam_day
from monitor.commands.accounts_words import Words
from monitor.commands.tables import show, table
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.measure.account_history import (
    Whose,
    agencies_of,
    documents_between,
    figures_between,
    months_between,
    same_agencies,
)
from monitor.measure.figures import Figure, State
from monitor.measure.funnel import Funnel, Level, Step, funnel
from monitor.model import Language, Role
from monitor.observe import Observer, configure_logging
from monitor.record import attached
from monitor.record.agencies import require_known
from monitor.record.connection import Connection
from monitor.settings import Settings

BAR = 30
"""Columns of a whole bar."""
INDICATORS = {
    Step.PROVISIONED: "accounts_provisioned",
    Step.ACTIVE: "accounts_active",
    Step.HABITUAL: "accounts_habitual",
}


@dataclass(frozen=True, slots=True)
class Request:
    """Which figures: whose, of which months, of whom."""

    first: date
    last: date
    whose: Whose
    role: Role | None = None
    same_agencies: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one month; a value is numerator and denominator, absent without data."""

    first: date
    last: date
    roster: int | None
    values: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Months of all agencies, and of the panel if it was asked for."""

    months: Sequence[Row]
    panel: Sequence[Row]
    panel_size: int | None


def show_figures(
    request: Request, as_json: bool, language: Language | None, settings: Settings
) -> int:
    """Print one row a month; each by its own roster, agencies and activity."""
    configure_logging("error", "console")

    async def ask() -> Answer:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            await require_known(connection, request.whose.agency, request.whose.level)
            return await answer(connection, request, settings)

    found = asyncio.run(ask())
    if as_json:
        for kind, rows in (("all", found.months), ("same_agencies", found.panel)):
            for row in rows:
                print_json({"panel": kind, **asdict(row)})
        return 0
    words = Words(language or settings.language)
    role = f", {words('leaders_only')}" if request.role is Role.LEADER else ""
    sys.stdout.write(words(request.whose.scope, code=request.whose.code) + role + "\n")
    sys.stdout.write(words("habitual_rule", n=settings.accounts.habitual_days) + "\n\n")
    if found.panel_size is not None:
        sys.stdout.write(words("all") + "\n")
    _show_rows(found.months, words)
    if found.panel_size is not None:
        spans = {"first": words.day(request.first), "last": words.day(found.months[-1].last)}
        sys.stdout.write(words("same", count=found.panel_size, **spans) + "\n")
        _show_rows(found.panel, words)
    return 0


async def answer(connection: Connection, request: Request, settings: Settings) -> Answer:
    """The figures asked for, computed from the record."""
    spans = months_between(request.first, request.last)
    panel = None
    if request.same_agencies:
        panel = await same_agencies(connection, spans[0][0], spans[-1][1])
    months: list[Row] = []
    of_panel: list[Row] = []
    for first, last in spans:
        agencies: Collection[int] | None = None
        if request.whose.agency:
            agencies = await agencies_of(connection, request.whose.agency, last)
        past = await figures_between(
            connection,
            settings.accounts,
            first,
            last,
            agencies=agencies,
            panels=[panel] if panel is not None else [],
        )
        documents = await documents_between(connection, request.whose, first, last)
        months.append(_row(request, first, last, past.figures, documents))
        if panel is not None:
            documents = await documents_between(connection, request.whose, first, last, panel)
            of_panel.append(_row(request, first, last, past.panels[0], documents))
    if panel is None:
        return Answer(months, (), None)
    return Answer(months, of_panel, len(panel))


def _row(
    request: Request,
    first: date,
    last: date,
    figures: Sequence[Figure],
    documents: Mapping[str, tuple[int, int]],
) -> Row:
    wanted = (request.whose.scope, request.whose.code, request.role or "", "")
    own = {
        each.indicator: each
        for each in figures
        if (each.scope, each.code, each.role, each.base) == wanted
    }
    values = {
        name: (each.numerator, each.denominator)
        for name, each in own.items()
        if each.state is not State.NO_DATA
    }
    roster = own.get("accounts_provisioned")
    return Row(
        first, last, roster.denominator or None if roster else None,
        values if request.role else values | dict(documents),
    )  # fmt: skip


def _show_rows(rows: Sequence[Row], words: Words) -> None:
    columns = [words("month"), words(Step.ROSTER)]
    for step in INDICATORS:
        columns += [words(step), words("rate")]
    columns += [words("documents"), words(Step.VALIDATES), words("rate")]
    listed = table(*columns, right=tuple(columns[1:]))
    for row in rows:
        listed.add_row(row.first.strftime("%m/%Y"), *_cells(row, words))
    show(listed)


def _cells(row: Row, words: Words) -> Iterator[str]:
    yield words.number(row.roster)
    for indicator in INDICATORS.values():
        numerator, denominator = row.values.get(indicator, (None, None))
        yield words.number(numerator)
        yield words.share(numerator, denominator)
    numerator, denominator = row.values.get("document_signed", (None, None))
    yield words.number(denominator)
    yield words.number(numerator) if denominator is not None else ""
    yield words.share(numerator, denominator)


# -- the funnel -------------------------------------------------------------------------------


def show_funnel(
    agency: str, span: tuple[date, date], as_json: bool, language: Language | None,
    settings: Settings,
) -> int:  # fmt: skip
    """Print the funnel of one agency over the days from one to another."""
    configure_logging("error", "console")

    async def ask() -> Funnel | None:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            return await funnel(connection, settings.accounts, agency, *span)

    found = asyncio.run(ask())
    if found is None:
        raise UserError(
            f"--agency: no agency {agency} was in force on {span[1].isoformat()}; "
            "`congvu agencies list` names them"
        )
    if as_json:
        print_json(asdict(found))
        return 0
    for line in funnel_lines(found, Words(language or settings.language)):
        sys.stdout.write(line + "\n")
    return 0


def funnel_lines(found: Funnel, words: Words) -> Iterator[str]:
    """The funnel as text: a bar, how many, what share, and the leaders among them."""
    yield words(
        "funnel", name=safe(found.name), agency=found.agency, first=words.day(found.first),
        last=words.day(found.last), days=found.working_days,
    )  # fmt: skip
    yield words("habitual_rule", n=found.habitual_days)
    yield words("columns")
    yield ""
    before: Level | None = None
    for level in found.levels:
        yield _funnel_line(level, found.levels[0], before, words)
        before = level
    yield ""
    if not found.mailboxes:
        yield words("no_mailbox")
        return
    yield words("mailboxes", count=len(found.mailboxes))
    for number, opened in enumerate(found.mailboxes, 1):
        yield "  " + words("mailbox", number=number, opened=opened, days=found.working_days)


def _funnel_line(level: Level, roster: Level, before: Level | None, words: Words) -> str:
    share = words.percent(level.people, roster.people)
    step = words.percent(level.people, before.people) if before else ""
    whole = roster.people or 0
    filled = round(BAR * min(level.people, whole) / whole) if level.people and whole else 0
    leaders = ""
    if level.leaders is not None:
        part = words.percent(level.leaders, roster.leaders)
        leaders = f"{words('leaders')} {words.number(level.leaders)}" + (
            f" ({part})" if part else ""
        )
    line = (
        f"{words(level.step):<24}{'█' * filled:<{BAR}} {words.number(level.people):>9}"
        f" {share:>7} {'→ ' + step if step else '':>9}  {leaders}"
    )
    return line.rstrip()


def span_of(window: str, today: date) -> tuple[date, date]:
    """First and last day of `30d`, `period` or a month `2026-03`. Raises UserError."""
    if window == "30d":
        return today - timedelta(days=30), today - timedelta(days=1)
    if window == "period":
        return today.replace(day=1), today
    first, last = month_of(window, "--window")
    return first, min(last, max(first, today))


def month_of(text: str, option: str) -> tuple[date, date]:
    """First and last day of a month `2026-03`. Raises UserError."""
    try:
        start = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise UserError(f"{option}: {text!r} is no month; write 2026-03") from None
    return months_between(start, start)[0]


def today() -> date:
    """The present Vietnam day."""
    return vietnam_day(now())
