"""What became of each report: written into the folder, sent to each address (report_delivery).

Rows are only ever added; the newest of a closing, report and recipient says how it stands. One
process at a time hands reports on: it holds a lock of the database by the session that writes the
rows, so whoever lost the lock cannot note the beginning of a mail, and does not send it.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import asyncpg

from monitor.errors import UserError
from monitor.record import Database
from monitor.record.connection import Connection
from monitor.record.faults import FROM_THE_SERVER, unavailable

LOCK = 0x636F6E67_76757274
"""Of "congvurt"."""
PROVINCE = "province"
FOLDER = "folder"
"""The recipient that is no address."""
MOST_UNKNOWN = 2
"""Attempts of a mail in a row whose answer is not known: it may have arrived twice by then."""

Session: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Busy(UserError):
    """Another process hands reports on at this moment."""


class Result(StrEnum):
    """How an attempt ended."""

    SENT = "sent"
    """Written and durable, or taken over by the relay."""
    REFUSED = "refused"
    """For good (SMTP 5xx): only a command tries it again."""
    FAILED = "failed"
    """For now: it is tried again."""
    UNKNOWN = "unknown"
    """Noted before a mail is handed to the relay, which was reached. Where no other row follows,
    whether the relay has taken it is not known: congvu was killed, or the connection broke."""


@dataclass(frozen=True, slots=True)
class Handing:
    """One report of a closing and one that it goes to."""

    closing: int
    report: str
    """`province`, or `agency:` and its code."""
    recipient: str
    """`folder`, or a mail address of the settings."""

    @property
    def agency(self) -> str | None:
        """The code of the agency whose own sheet it is."""
        prefix, _, code = self.report.partition(":")
        return code if prefix == "agency" else None


def of_agency(code: str | None) -> str:
    """How a report is named in the rows."""
    return PROVINCE if code is None else f"agency:{code}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row."""

    handing: Handing
    at: datetime
    result: Result
    detail: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What all attempts of one handing come to."""

    result: Result | None = None
    """Of the last; None before the first."""
    sent: int = 0
    """How often it was sent: a command can send it again."""
    unknown: int = 0
    """Attempts since it was sent whose answer is not known."""

    @property
    def waits(self) -> bool:
        """Whether it is still to be tried without anybody's asking."""
        return not self.sent and self.result is not Result.REFUSED and self.unknown < MOST_UNKNOWN


def standings(attempts: Iterable[Attempt]) -> Mapping[Handing, Standing]:
    """How each handing stands, of its attempts in their order; others stand at `Standing()`."""
    found: defaultdict[Handing, Standing] = defaultdict(Standing)
    for each in attempts:
        found[each.handing] = _after(found[each.handing], each.result)
    return found


def _after(before: Standing, result: Result) -> Standing:
    if result is Result.SENT:
        return Standing(result, before.sent + 1)
    # A row that follows `unknown` is its answer.
    answered = before.result is Result.UNKNOWN and result is not Result.UNKNOWN
    unknown = before.unknown + (result is Result.UNKNOWN) - answered
    return Standing(result, before.sent, unknown)


@asynccontextmanager
async def turn(database: Database) -> AsyncIterator[Session]:
    """The session of the one process that hands reports on now.

    Raises Busy where another is at it, DatabaseUnavailable.
    """
    session = await database.lasting_connection()
    try:
        with _from_the_server():
            mine = await session.fetchval("SELECT pg_try_advisory_lock($1)", LOCK)
        if not mine:
            raise Busy("reports are being written or sent at this moment: try again soon")
        yield session
    finally:
        session.terminate()


@contextmanager
def _from_the_server() -> Iterator[None]:
    try:
        yield
    except FROM_THE_SERVER as error:
        raise unavailable(error) from error


async def attempts(session: Connection, closings: Sequence[int]) -> list[Attempt]:
    """Every attempt of these closings, in their order. Raises DatabaseUnavailable."""
    with _from_the_server():
        rows = await session.fetch(
            "SELECT closing_id, name, recipient, at, outcome, detail FROM report_delivery "
            "WHERE closing_id = ANY ($1::integer[]) ORDER BY delivery_id",
            closings,
        )
    return [
        Attempt(Handing(closing, name, recipient), at, Result(outcome), detail)
        for closing, name, recipient, at, outcome, detail in rows
    ]


async def note(session: Session, attempt: Attempt) -> None:
    """Add a row. Raises DatabaseUnavailable: then it is not sure whether it was added."""
    of = attempt.handing
    with _from_the_server():
        await session.execute(
            "INSERT INTO report_delivery (closing_id, name, recipient, at, outcome, detail) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            of.closing, of.report, of.recipient, attempt.at, attempt.result.value, attempt.detail,
        )  # fmt: skip


async def handed_out(session: Session, closing: int, name: str) -> bytes | None:
    """SHA-256 of the file that was first handed out under a name; None where none was."""
    with _from_the_server():
        found: bytes | None = await session.fetchval(
            "SELECT sha256 FROM report_file WHERE closing_id = $1 AND name = $2", closing, name
        )
    return found
