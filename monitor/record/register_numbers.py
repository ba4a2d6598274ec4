"""Gaps and doubles in the numbers of registers, and what entries said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitor.record.connection import Connection
from monitor.record.register_rows import RegisterDirection
from monitor.record.statements import sql

PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Series:
    """One run of numbers of an agency's year."""

    agency: str
    name: str
    series: str
    """Type or notation where the profile says that they are numbered apart; else empty."""
    from_one: bool
    """The register is given since 1 January: numbers below the first are missing too."""
    entries: int
    first: int | None
    last: int | None
    missing: int | None
    too_many: int
    """Entries whose number another one has."""
    without_number: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers from `first` to `last` that nothing has."""

    agency: str
    series: str
    first: int
    last: int
    after_day: date | None
    """Of what stands before; None at the beginning of the year."""
    before_day: date


@dataclass(frozen=True, slots=True)
class Double:
    """A number of several documents."""

    agency: str
    series: str
    number: int
    documents: int
    which: tuple[str, ...]
    """The first ten, with their days."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What there is to say of a year's numbers."""

    series: tuple[Series, ...]
    gaps: tuple[Gap, ...]
    doubles: tuple[Double, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One import of registers."""

    run_id: int
    at: datetime
    source: str
    as_of: date
    whole: bool
    actor: str
    added: int
    changed: int
    gone: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Days:
    """Days that a register is given for."""

    direction: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class State:
    """What an entry said since an import, nothing of it sealed."""

    year: int
    ordinal: int
    now: bool
    at: datetime
    source: str
    as_of: date
    gone_at: datetime | None
    day: date
    number: str | None
    notation: str | None
    arrival_number: str | None
    document_type: str | None
    role: str
    secret: bool
    paper: str | None
    status: str | None
    signed_at: datetime | None
    sent_at: datetime | None
    recipients: int | None
    file_names: Sequence[str]
    external_id: str | None


async def numbers(
    connection: Connection,
    agency: str | None,
    direction: RegisterDirection,
    year: int,
    most: int,
) -> Numbers:
    """Of one agency, or of all; at most so many gaps and doubles."""
    wanted = (agency, direction, year)
    series = await connection.fetch(sql("register_number_series"), *wanted, timeout=PATIENCE)
    gaps = await connection.fetch(sql("register_number_gaps"), *wanted, most, timeout=PATIENCE)
    doubles = await connection.fetch(
        sql("register_number_doubles"), *wanted, most, timeout=PATIENCE
    )
    return Numbers(
        tuple(Series(**dict(row)) for row in series),
        tuple(Gap(**dict(row)) for row in gaps),
        tuple(Double(**{**dict(row), "which": tuple(row["which"])}) for row in doubles),
    )


async def runs(connection: Connection, agency: str | None, most: int) -> list[Run]:
    """Imports, the newest first."""
    rows = await connection.fetch(sql("register_runs"), agency, most, timeout=PATIENCE)
    return [Run(**dict(row)) for row in rows]


async def days(connection: Connection, agency: str) -> list[Days]:
    """For which days an agency's registers are there."""
    rows = await connection.fetch(sql("register_days"), agency, timeout=PATIENCE)
    return [Days(**dict(row)) for row in rows]


async def states(
    connection: Connection,
    agency: str,
    direction: RegisterDirection,
    number_key: str,
    year: int | None,
) -> list[State]:
    """What the entries of a number have said, the oldest first."""
    rows = await connection.fetch(
        sql("register_states"), agency, direction, number_key, year, timeout=PATIENCE
    )
    return [State(**dict(row)) for row in rows]
