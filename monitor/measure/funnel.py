"""From the roster to valid signatures: where the officials of an agency are lost."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from string import Template

from monitor.measure.account_history import agencies_of, figures_between
from monitor.measure.figures import Figure, Scope, State
from monitor.measure.statements import sql
from monitor.measure.windows import Window, window_between
from monitor.model import Role
from monitor.record.connection import Connection
from monitor.settings import AccountSettings


class Step(StrEnum):
    """A step of the funnel, in its order."""

    ROSTER = "roster"
    PROVISIONED = "provisioned"
    ACTIVE = "active"
    HABITUAL = "habitual"
    SENDS = "sends"
    """Verified mail of theirs carried formal documents."""
    SIGNS = "signs"
    """Some of these, or the mail, bear a signature."""
    VALIDATES = "validates"
    """A mail of theirs, or all formal documents in it, were validly signed."""


@dataclass(frozen=True, slots=True)
class Level:
    """How many officials came so far; None where that is not known."""

    step: Step
    people: int | None
    leaders: int | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """The funnel of one agency over some days."""

    agency: str
    name: str
    first: date
    last: date
    working_days: int
    habitual_days: int
    levels: Sequence[Level]
    mailboxes: Sequence[int]
    """On how many of the working days each mailbox of the agency was opened."""


async def funnel(
    connection: Connection, settings: AccountSettings, agency: str, first: date, last: date
) -> Funnel | None:
    """The funnel of an agency in force on the last day, with what it holds of others that ended.

    None where no such agency is in force; raises ValueError for more than 63 days.
    """
    agencies = await agencies_of(connection, agency, last)
    if not agencies:
        return None
    window = await window_between(connection, "days", first, last)
    found = await figures_between(connection, settings, first, last, agencies=agencies)
    own = [each for each in found.figures if each.scope is Scope.AGENCY and each.code == agency]
    name = await connection.fetchval(
        "SELECT p.name FROM agency_period p JOIN agency a USING (agency_id)"
        " WHERE a.code = $1 AND $2 BETWEEN p.first_day AND p.last_day",
        agency,
        last,
    )
    return Funnel(
        agency, name, first, last, len(window.working), settings.habitual_days,
        [*_account_levels(own), *await _document_levels(connection, agencies, first, last)],
        await _mailboxes(connection, settings, agencies, window),
    )  # fmt: skip


def _account_levels(figures: Sequence[Figure]) -> list[Level]:
    indicators = {
        Step.PROVISIONED: "accounts_provisioned",
        Step.ACTIVE: "accounts_active",
        Step.HABITUAL: "accounts_habitual",
    }
    by_name = {(each.indicator, each.role): each for each in figures if each.base == ""}

    def known(indicator: str, role: str) -> Figure | None:
        figure = by_name.get((indicator, role))
        return figure if figure and figure.state is not State.NO_DATA else None

    roster = [_roster(by_name, role) for role in ("", Role.LEADER)]
    levels = [Level(Step.ROSTER, *roster)]
    for step, indicator in indicators.items():
        counted = [known(indicator, role) for role in ("", Role.LEADER)]
        levels.append(Level(step, *(each.numerator if each else None for each in counted)))
    return levels


def _roster(by_name: dict[tuple[str, str], Figure], role: str) -> int | None:
    figure = by_name.get(("accounts_provisioned", role))
    return figure.denominator or None if figure else None


async def _document_levels(
    connection: Connection, agencies: Collection[int], first: date, last: date
) -> list[Level]:
    captured = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM message WHERE day BETWEEN $1 AND $2"
        " AND sender_address_id IS NOT NULL)",
        first,
        last,
    )
    rows = await connection.fetch(sql("funnel_documents"), list(agencies), first, last)
    people: Counter[str] = Counter()
    leaders: Counter[str] = Counter()
    for row in rows:
        for step in (Step.SENDS, Step.SIGNS, Step.VALIDATES):
            people[step] += row[step]
            leaders[step] += row[step] if row["role"] == Role.LEADER else 0
    return [
        Level(step, people[step] if captured else None, leaders[step] if captured else None)
        for step in (Step.SENDS, Step.SIGNS, Step.VALIDATES)
    ]


async def _mailboxes(
    connection: Connection, settings: AccountSettings, agencies: Collection[int], window: Window
) -> list[int]:
    masks: Counter[date] = Counter()
    for day in window.working:
        masks[day.replace(day=1)] += 1 << day.day - 1
    human = " | ".join(f"m.{kind}" for kind in settings.human)
    rows = await connection.fetch(
        Template(sql("mailbox_days")).substitute(human=human),
        list(agencies), window.last, list(masks), list(masks.values()),
    )  # fmt: skip
    return [row["days"] for row in rows]
