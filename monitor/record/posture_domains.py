"""Mail domains with all their checks as they stand, for people to read (docs/posture.md)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from monitor.model import Check, CheckStatus
from monitor.record.connection import Connection
from monitor.record.posture_standing import Seen, Standing, standings


@dataclass(frozen=True, slots=True)
class Selector:
    """A DKIM selector that captured mail of the domain was signed with."""

    name: str
    last_seen: date


@dataclass(frozen=True, slots=True)
class DomainStanding:
    """A domain; without checks before it was first looked at."""

    domain: str
    agencies: tuple[str, ...]
    """Codes."""
    looked_at: datetime | None
    next_at: datetime | None
    checks: Mapping[Check, Standing]
    """In the order of `Check`."""

    def shown(self) -> tuple[CheckStatus, ...]:
        return tuple(status(each) for each in self.checks.values())


def status(standing: Standing) -> CheckStatus:
    """What stands: what was decided last."""
    return standing.decided.status if standing.decided else CheckStatus.UNKNOWN


def because(standing: Standing) -> Seen:
    """What that rests on."""
    return standing.decided or standing.last


def held(standing: Standing) -> bool:
    """Does a result stand that the last look could not ask for again?"""
    return standing.decided is not None and standing.last.status is CheckStatus.UNKNOWN


async def domains(
    connection: Connection, *, domain: str | None = None, agency: str | None = None
) -> list[DomainStanding]:
    """The domains of the registry by name; of an agency by its code."""
    rows = await connection.fetch(
        "SELECT domain, agencies, checked_at, next_at FROM posture_domain"
        " WHERE ($1::text IS NULL OR domain = $1) AND ($2::text IS NULL OR $2 = ANY (agencies))"
        " ORDER BY domain",
        domain, agency,
    )  # fmt: skip
    checks: defaultdict[str, dict[str, Standing]] = defaultdict(dict)
    for each in await standings(connection, domain=domain, agency=agency):
        checks[each.domain][each.check] = each
    return [
        DomainStanding(
            row["domain"], tuple(row["agencies"]), row["checked_at"], row["next_at"],
            ordered(checks[row["domain"]]),
        )
        for row in rows
    ]  # fmt: skip


def ordered(checks: Mapping[str, Standing]) -> dict[Check, Standing]:
    """Checks that this version knows, in their order."""
    return {check: checks[check] for check in Check if check in checks}


async def selectors(connection: Connection, domain: str) -> list[Selector]:
    """The last seen first."""
    rows = await connection.fetch(
        "SELECT selector, last_seen FROM posture_selector WHERE domain = $1"
        " ORDER BY last_seen DESC, selector",
        domain,
    )
    return [Selector(row["selector"], row["last_seen"]) for row in rows]


async def agency_names(connection: Connection) -> dict[str, str]:
    """Names of today by code."""
    rows = await connection.fetch("SELECT code, name FROM agency WHERE agency_id <> 0")
    return {row["code"]: row["name"] for row in rows}
