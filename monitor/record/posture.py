"""Looks at mail domains and gateways as they are recorded (docs/posture.md).

A look that was not answered decides nothing. One that says `fail` of what is decided otherwise
only suspects it: a second look, at least `CONFIRMED_AFTER` later, has to say so too, so that one
odd answer is no fall. Whatever is stored twice, or late, changes nothing.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.clock import vietnam_day
from monitor.model import Check, CheckStatus
from monitor.record import clean
from monitor.record.agencies import AgencyIds
from monitor.record.connection import Connection
from monitor.record.database import Database
from monitor.record.statements import sql

LOCK = 0x706F_7374_7572
"""Of "postur": registry and looks come into the record one after the other."""
CONFIRMED_AFTER = timedelta(minutes=2)
CONFIRM_SECONDS = 600.0
"""Until the second look at a fall: longer than resolvers keep many an odd answer, and an operator
hears of a fall within a quarter of an hour after the first."""
FIRST_PAUSE_SECONDS = 120.0
"""Until what was not answered is asked again; twice as long after each time, up to the interval."""
CLAIMED = timedelta(minutes=20)
"""So long nobody else looks at a domain that a daemon has taken; for one that died meanwhile."""
SELECTORS_SEEN = timedelta(days=90)
MOST_SELECTORS = 20
NOT_MENDED = ("not_configured", "not_validating")
"""Reasons of `unknown` that asking again does not mend."""
FALLEN_WITHIN = timedelta(days=7)
MOST_CHANGES = 10_000


class Result(Protocol):
    """One check of one look."""

    @property
    def check(self) -> Check: ...
    @property
    def status(self) -> CheckStatus: ...
    @property
    def reason(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, str]: ...
    @property
    def evidence(self) -> Sequence[str]: ...


class Look(Protocol):
    """One look at one domain: each check once."""

    @property
    def domain(self) -> str: ...
    @property
    def checked_at(self) -> datetime: ...
    @property
    def results(self) -> Sequence[Result]: ...
    @property
    def questions(self) -> int: ...


class GatewayLook(Protocol):
    """One look at one gateway."""

    @property
    def name(self) -> str: ...
    @property
    def checked_at(self) -> datetime: ...
    @property
    def status(self) -> CheckStatus: ...
    @property
    def reason(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, str]: ...
    @property
    def certificate_not_after(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """A domain to look at."""

    domain: str
    selectors: tuple[str, ...]
    """That its mail was signed with lately."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A check whose decided result became another by a look."""

    domain: str
    check: str
    before: CheckStatus
    after: CheckStatus
    reason: str

    @property
    def fell(self) -> bool:
        return (self.before, self.after) == (CheckStatus.PASS, CheckStatus.FAIL)


# -- which domains ---------------------------------------------------------------------------------


async def sync_domains(
    database: Database, domains: Mapping[str, Sequence[str]], now: datetime
) -> None:
    """Make the record hold these domains, with the codes of their agencies; new ones are due."""
    pairs = [(domain, code) for domain, codes in domains.items() for code in codes]
    async with _alone(database) as connection:
        await connection.execute(
            sql("posture_sync"), [each for each, _ in pairs], [code for _, code in pairs], now
        )


async def hurry(connection: Connection, now: datetime, domain: str | None = None) -> int:
    """Make a domain, or all, due now; gives how many."""
    done = await connection.execute(
        "UPDATE posture_domain SET next_at = $1 WHERE $2::text IS NULL OR domain = $2", now, domain
    )
    return int(done.rpartition(" ")[2])


async def claim(connection: Connection, due: datetime, now: datetime, most: int) -> list[Claimed]:
    """Take up to `most` domains that were due then; nobody else gets them until they are stored."""
    since = vietnam_day(now - SELECTORS_SEEN)
    rows = await connection.fetch(
        sql("posture_claim"), due, now + CLAIMED, most, since, MOST_SELECTORS
    )
    return [Claimed(row["domain"], tuple(row["selectors"])) for row in rows]


# -- looks -----------------------------------------------------------------------------------------


async def store(
    database: Database, looks: Sequence[tuple[Look, float]], interval_seconds: float
) -> list[Changed]:
    """Store looks at different domains, each with the jitter of its next one (1.0 is none).

    Gives what changed. Looks at what is no domain of the registry any more are dropped.
    """
    await database.ensure_partitions({vietnam_day(look.checked_at) for look, _ in looks})
    async with _alone(database) as connection:
        await _load(connection, looks)
        await _learn_agencies(connection)
        await connection.execute(sql("posture_decide"), CONFIRMED_AFTER)
        rows = await connection.fetch(sql("posture_write_checks"))
        await connection.execute(sql("posture_write_days"))
        await connection.execute(
            sql("posture_plan"), interval_seconds, CONFIRM_SECONDS, FIRST_PAUSE_SECONDS,
            list(NOT_MENDED),
        )  # fmt: skip
    return [
        Changed(
            row["domain"], row["check_name"], CheckStatus(row["before"]),
            CheckStatus(row["after"]), row["reason"],
        )
        for row in rows
    ]  # fmt: skip


async def _load(connection: Connection, looks: Sequence[tuple[Look, float]]) -> None:
    await connection.execute(sql("posture_tables"))
    await connection.copy_records_to_table(
        "posture_look",
        records=[(look.domain, look.checked_at, look.questions, jitter) for look, jitter in looks],
    )
    await connection.copy_records_to_table(
        "posture_result", records=[row for look, _ in looks for row in _rows(look)]
    )


def _rows(look: Look) -> Iterable[tuple[object, ...]]:
    for each in look.results:
        yield (
            look.domain, each.check.value, each.status.value, str(each.reason), _facts(each.facts),
            [clean.text(line) for line in each.evidence],
        )  # fmt: skip


def _facts(facts: Mapping[str, str]) -> str:
    return json.dumps({clean.text(name): clean.text(fact) for name, fact in facts.items()})


async def _learn_agencies(connection: Connection) -> None:
    rows = await connection.fetch(
        "SELECT DISTINCT code FROM posture_look JOIN posture_domain USING (domain),"
        " unnest(agencies) AS code"
    )
    await AgencyIds().learn(connection, [row["code"] for row in rows])


async def store_gateway(connection: Connection, look: GatewayLook) -> None:
    """Store a look at a gateway, unless a later one is there."""
    await connection.execute(
        sql("gateway_write"), look.name, look.checked_at, look.status.value, str(look.reason),
        _facts(look.facts), look.certificate_not_after,
    )  # fmt: skip


async def forget_gateways(connection: Connection, known: Iterable[str], before: datetime) -> None:
    """Drop what is said of gateways that the settings name no more."""
    await connection.execute(
        "DELETE FROM gateway_check WHERE gateway <> ALL ($1::text[]) AND checked_at < $2",
        list(known), before,
    )  # fmt: skip


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[Connection]:
    async with database.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        yield connection
