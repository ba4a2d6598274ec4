"""Erasure: people who left, and the addresses that were theirs alone, become numbers without names.

What is sealed of them goes, and their pseudonyms are replaced by random numbers, so that neither a
list nor a key leads back to them; a person who comes again begins anew. Rows that figures count
stay, so every figure of the past stays as it was. The evidence of documents stays the agency's:
subject and signers are kept (docs/privacy.md), the sender's address is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from monitor.errors import UserError
from monitor.privacy.statements import sql
from monitor.record import addresses, audit
from monitor.record.connection import Connection
from monitor.record.pseudonyms import short
from monitor.record.roster import LOCK
from monitor.record.sealing import Sealer

LONGEST_STATEMENT = 3600.0


@dataclass(frozen=True, slots=True)
class Erasure:
    """How much was erased, or would be."""

    people: int
    addresses: int
    still_open: int
    """Addresses of theirs whose account is not closed: they stay until it is."""
    senders: int
    """Messages and documents whose sealed sender goes."""


async def due(connection: Connection, today: date, after_days: int) -> list[int]:
    """People (person_id) whose employment ended more than so many days ago."""
    return await _people(connection, today - timedelta(days=after_days))


async def one(connection: Connection, pseudonym: int, today: date) -> int:
    """The person of a pseudonym. Raises UserError when there is none, or who is still employed:
    a list would bring such a person in again tomorrow.
    """
    row = await connection.fetchrow(
        "SELECT person_id, erased_on FROM person WHERE pseudonym = $1", pseudonym
    )
    if row is None or row["erased_on"]:
        raise UserError(f"{short(pseudonym)}: no person of the record has this pseudonym")
    if row["person_id"] not in await _people(connection, today):
        raise UserError(
            f"{short(pseudonym)}: is still employed: let the next list end it (`congvu roster "
            "import`), then erase"
        )
    return int(row["person_id"])


async def _people(connection: Connection, before: date) -> list[int]:
    rows = await connection.fetch(sql("people_left"), before, timeout=LONGEST_STATEMENT)
    return [row["person_id"] for row in rows]


async def plan(
    connection: Connection, sealer: Sealer, people: Sequence[int], today: date
) -> Erasure:
    """What erasing these people would erase; nothing is changed."""
    async with connection.transaction():
        await _choose(connection, people, today)
        counted = await _counted(connection, len(await _documents(connection, sealer)))
        await connection.execute("DROP TABLE leaving, leaving_address")
    return counted


async def apply(
    connection: Connection,
    sealer: Sealer,
    people: Sequence[int],
    today: date,
    actor: str,
    reason: str,
) -> Erasure:
    """Erase these people, all or none, with a row in the audit log. Raises UserError without a
    reason. Waits for the end of an import, which may have brought one of them back: they stay.
    """
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{LONGEST_STATEMENT:.0f}s'")
        await connection.execute(
            "SELECT pg_advisory_xact_lock($1)", LOCK, timeout=LONGEST_STATEMENT
        )
        left = set(await _people(connection, today))
        await _choose(connection, [each for each in people if each in left], today)
        documents = await _documents(connection, sealer)
        counted = await _counted(connection, len(documents))
        if counted.people or counted.addresses:
            subject = (
                f"{counted.people} people, {counted.addresses} addresses, "
                f"sender of {counted.senders} messages and documents"
            )
            await audit.note(connection, actor, "erase", subject, reason)
            await connection.execute(sql("erase_documents"), documents, timeout=LONGEST_STATEMENT)
            await connection.execute(sql("erase_messages"), timeout=LONGEST_STATEMENT)
            for name in ("erase_addresses", "erase_people"):
                await connection.execute(sql(name), today, timeout=LONGEST_STATEMENT)
        await connection.execute("DROP TABLE leaving, leaving_address")
    return counted


async def _documents(connection: Connection, sealer: Sealer) -> list[UUID]:
    """Documents that name one of the leaving addresses as their sender.

    A document that others sent as well may name another: so the seal is opened and compared. What
    no key opens names nobody any more and goes too.
    """
    rows = await connection.fetch(
        "SELECT a.sealed_address FROM address a JOIN leaving_address l USING (address_id) "
        "WHERE NOT l.still_open"
    )
    theirs = {_opened(sealer, row["sealed_address"], addresses.SEAL) for row in rows} | {None}
    sent = await connection.fetch(sql("documents_sent"), timeout=LONGEST_STATEMENT)
    return sorted(
        row["document_uid"]
        for row in sent
        if _opened(sealer, row["sealed_sender"], "sender") in theirs
    )


def _opened(sealer: Sealer, sealed: bytes, purpose: str) -> str | None:
    try:
        text = sealer.open(sealed, purpose)
    except UserError:
        return None
    return text.lower() if text else None


async def _choose(connection: Connection, people: Sequence[int], today: date) -> None:
    """Temporary tables: who leaves, and which addresses go with them or with earlier ones."""
    await connection.execute(
        "CREATE TEMPORARY TABLE leaving (person_id integer PRIMARY KEY) ON COMMIT DROP"
    )
    await connection.execute(
        "CREATE TEMPORARY TABLE leaving_address "
        "(address_id integer PRIMARY KEY, still_open boolean NOT NULL) ON COMMIT DROP"
    )
    await connection.execute("INSERT INTO leaving SELECT unnest($1::integer[])", sorted(people))
    await connection.execute(sql("choose_addresses"), today, timeout=LONGEST_STATEMENT)
    await connection.execute("ANALYZE leaving")
    await connection.execute("ANALYZE leaving_address")


async def _counted(connection: Connection, documents: int) -> Erasure:
    row = await connection.fetchrow(sql("count_erasure"), documents, timeout=LONGEST_STATEMENT)
    assert row is not None  # noqa: S101 - a SELECT of scalars
    return Erasure(**dict(row))
