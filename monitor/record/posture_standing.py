"""How mail domains and gateways stand, as the record has it (docs/posture.md)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from monitor.model import CheckStatus
from monitor.record.connection import Connection
from monitor.record.posture import FALLEN_WITHIN, MOST_CHANGES
from monitor.record.statements import sql


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look saw."""

    status: CheckStatus
    reason: str
    """A word of monitor/posture/words.py."""
    facts: Mapping[str, str]
    evidence: Sequence[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How one check of one domain stands."""

    domain: str
    check: str
    agencies: tuple[str, ...]
    """Codes."""
    last: Seen
    """The last look, whatever came of it."""
    decided: Seen | None
    """The look that decided last; None if none ever did."""
    since: datetime | None
    """When it became what is decided."""
    before: CheckStatus | None
    """What was decided before that."""
    suspected_at: datetime | None
    """A look says that it fails, and none has confirmed it yet."""

    def fallen(self, now: datetime) -> bool:
        """It fails, and passed until lately."""
        return (
            self.decided is not None
            and self.decided.status is CheckStatus.FAIL
            and self.before is CheckStatus.PASS
            and self.since is not None
            and self.since > now - FALLEN_WITHIN
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A check whose decided result became another."""

    domain: str
    check: str
    agencies: tuple[str, ...]
    before: CheckStatus
    seen: Seen
    """What it became, by what."""


@dataclass(frozen=True, slots=True)
class GatewayStanding:
    """How a gateway answered last."""

    name: str
    last: Seen
    since: datetime
    """When its status became what it is."""
    certificate_not_after: datetime | None


@dataclass(frozen=True, slots=True)
class PostureCounts:
    """What metrics say of all domains."""

    failing: Mapping[str, int]
    """Checks that fail, by the code of the agency whose domain it is; 0 is said too."""
    fallen: Mapping[str, int]
    """Of these, those that passed until lately."""
    checks: Mapping[tuple[str, str], int]
    """Domains by check and decided status, `unknown` where nothing was ever decided."""
    domains: int
    undecided: int
    """Checks whose last look was `unknown`."""
    suspected: int
    last_decided: datetime | None
    """When any look decided anything."""
    late: Sequence[str]
    """Domains that nothing was decided of for too long, a hundred at most."""


NOTHING_YET = PostureCounts({}, {}, {}, 0, 0, 0, None, ())
"""Before anything was looked at, or where nobody is asked."""


async def standings(
    connection: Connection, *, domain: str | None = None, agency: str | None = None
) -> list[Standing]:
    """Of a domain, of an agency's, or of all; by domain."""
    rows = await connection.fetch(sql("posture_standing"), domain, agency)
    return [_standing(row) for row in rows]


async def fallen(connection: Connection, now: datetime) -> list[Standing]:
    """Checks that fail and passed until lately, by domain."""
    return [each for each in await standings(connection) if each.fallen(now)]


async def changes(
    connection: Connection, since: datetime, domain: str | None = None
) -> list[Change]:
    """The newest first, a bounded number."""
    rows = await connection.fetch(sql("posture_changes"), since, domain, MOST_CHANGES)
    return [
        Change(
            row["domain"], row["check_name"], tuple(row["agencies"]), CheckStatus(row["before"]),
            _seen(row, row["after"], row["at"]),
        )
        for row in rows
    ]  # fmt: skip


async def gateways(connection: Connection) -> list[GatewayStanding]:
    """By name."""
    rows = await connection.fetch(
        "SELECT *, '{}'::text[] AS evidence FROM gateway_check ORDER BY 1"
    )
    return [
        GatewayStanding(
            row["gateway"], _seen(row, row["status"], row["checked_at"]), row["since"],
            row["certificate_not_after"],
        )
        for row in rows
    ]  # fmt: skip


async def counts(connection: Connection, now: datetime, late_before: datetime) -> PostureCounts:
    """`late_before`: domains that nothing was decided of since then are late."""
    rows = await connection.fetch(sql("posture_counts"), now - FALLEN_WITHIN)
    (looks,) = await connection.fetch(sql("posture_looks"), late_before)
    own = [row for row in rows if row["agency"] is not None]
    whole = [row for row in rows if row["agency"] is None]
    return PostureCounts(
        {row["agency"]: row["checks"] for row in own},
        {row["agency"]: row["fallen"] for row in own},
        {(row["check_name"], row["status"]): row["checks"] for row in whole},
        looks["domains"], looks["undecided"], looks["suspected"], looks["last_decided"],
        looks["late"],
    )  # fmt: skip


async def unanswered(connection: Connection) -> list[tuple[str, str, int, int]]:
    """Reason, what became of the question, checks and domains: why last looks were `unknown`."""
    rows = await connection.fetch(sql("posture_unanswered"))
    return [(row["reason"], row["why"], row["checks"], row["domains"]) for row in rows]


def _standing(row: asyncpg.Record) -> Standing:
    decided = CheckStatus(row["decided"]) if row["decided"] else None
    return Standing(
        row["domain"], row["check_name"], tuple(row["agencies"]),
        _seen(row, row["status"], row["checked_at"]),
        _seen(row, decided, row["decided_at"], "decided_") if decided else None,
        row["decided_since"],
        CheckStatus(row["decided_before"]) if row["decided_before"] else None,
        row["suspected_at"],
    )  # fmt: skip


def _seen(row: asyncpg.Record, status: str, at: datetime, prefix: str = "") -> Seen:
    return Seen(
        CheckStatus(status), row[f"{prefix}reason"], json.loads(row[f"{prefix}facts"]),
        tuple(row[f"{prefix}evidence"]), at,
    )  # fmt: skip
