"""Closings as the table `closing` has them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import asyncpg

from monitor.measure.statements import sql
from monitor.periods import Period, Rules, from_id
from monitor.record.connection import Connection

COLUMNS = "closing_id, period, version, first_day, last_day, closed_at, actor, reason, basis, facts"
FIND = f"""
SELECT {COLUMNS} FROM closing
WHERE period = $1 AND version > 0 AND version = coalesce($2, version)
ORDER BY version DESC LIMIT 1
"""  # noqa: S608 - columns of ours
BY_ID = f"SELECT {COLUMNS} FROM closing WHERE closing_id = $1"  # noqa: S608 - columns of ours
LISTED = f"""
SELECT {COLUMNS} FROM closing WHERE version > 0 ORDER BY last_day DESC, first_day, period, version
"""  # noqa: S608 - columns of ours


LEAST_COVERAGE = 0.9
"""Below it figures are of too small a part of what was sent (docs/alerts.md: CongvuCoverageLow)."""


@dataclass(frozen=True, slots=True)
class Closing:
    """One version of a closed period, as the table `closing` has it."""

    id: int
    period: Period
    """Its days are those that were closed, whatever the settings say now."""
    version: int
    """1 is the original; later ones restate it. 0 is provisional and never kept."""
    closed_at: datetime
    actor: str
    reason: str
    basis: Mapping[str, Any]
    """What decided the figures beside the facts (docs/decisions/0024-closed-periods.md)."""
    facts: str
    """SHA-256 over this row and everything that is stored with it, hexadecimal; empty while
    provisional."""


async def find(
    connection: Connection, period: Period, version: int | None = None
) -> Closing | None:
    """A version of a closed period, the newest unless one is named; None where there is none."""
    row = await connection.fetchrow(FIND, period.id, version)
    return _closing(row) if row else None


async def by_id(connection: Connection, closing_id: int) -> Closing:
    """A closing that exists, a provisional one too. Raises LookupError."""
    row = await connection.fetchrow(BY_ID, closing_id)
    if row is None:
        raise LookupError(f"no closing {closing_id}")
    return _closing(row)


@dataclass(frozen=True, slots=True)
class Weak:
    """What of a closing's province figures stands on too little."""

    indicator: str
    """Empty where it is the channel's coverage."""
    channel: str
    state: str
    coverage: float | None


async def weak(connection: Connection, closing_id: int) -> list[Weak]:
    """Coverage below `LEAST_COVERAGE`, and figures that are stale or insufficient."""
    rows = await connection.fetch(sql("weak_figures"), closing_id, LEAST_COVERAGE)
    return [Weak(**dict(row)) for row in rows]


async def listed(connection: Connection) -> list[Closing]:
    """Every version of every closed period, the latest period first."""
    return [_closing(row) for row in await connection.fetch(LISTED)]


def _closing(row: asyncpg.Record) -> Closing:
    period = from_id(row["period"], Rules())
    return Closing(
        id=row["closing_id"],
        period=replace(period, first=row["first_day"], last=row["last_day"]),
        version=row["version"],
        closed_at=row["closed_at"],
        actor=row["actor"],
        reason=row["reason"],
        basis=json.loads(row["basis"]),
        facts=row["facts"].hex(),
    )
