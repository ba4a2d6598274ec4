"""Showing what is sealed of one person or address, and finding the pseudonym of a known address."""

from dataclasses import dataclass

from monitor.errors import UserError
from monitor.privacy.statements import sql
from monitor.record import addresses, audit, people_key
from monitor.record.connection import Connection
from monitor.record.pseudonyms import short
from monitor.record.sealing import Sealer

ROWS_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Shown:
    """Whom a pseudonym stands for: an address, a person, or a person known by address as both."""

    pseudonym: str
    """By the newest key."""
    kind: str
    """`address` or `person`."""
    name: str | None
    """Of a person, where names are kept."""
    known_by: str | None
    """What a person's pseudonym is of: source and staff number, or mail address."""
    addresses: tuple[str | None, ...]
    erased: bool


async def reveal(
    connection: Connection, sealer: Sealer, pseudonym: int, actor: str, reason: str
) -> list[Shown]:
    """Open what is sealed; the audit row is committed before anything is opened.

    A pseudonym of before a rotation is found as long as the key of that time is kept.
    Raises UserError without a reason, and when the record has no such pseudonym.
    """
    await audit.note(connection, actor, "reveal", short(pseudonym), reason)
    rows = await connection.fetch(sql("named_by"), pseudonym)
    if not rows and (now := await _of_today(connection, sealer, pseudonym)) is not None:
        rows = await connection.fetch(sql("named_by"), now)
    if not rows:
        raise UserError(
            f"{short(pseudonym)}: no address and no person of the record has this pseudonym, or "
            "had it under a key that is kept; or they were erased"
        )
    return [
        Shown(
            short(row["pseudonym"]),
            row["kind"],
            sealer.open(row["sealed_name"], people_key.NAME_SEAL),
            (sealer.open(row["sealed_key"], people_key.SEAL) or "").replace("\n", " ") or None,
            tuple(sealer.open(each, addresses.SEAL) for each in row["sealed_addresses"]),
            row["erased"],
        )
        for row in rows
    ]


async def _of_today(connection: Connection, sealer: Sealer, older: int) -> int | None:
    """The pseudonym that took the place of one by an older key: every seal is opened for it."""
    if not sealer.has_older:
        return None
    async with connection.transaction():
        cursor = await connection.cursor(
            "SELECT sealed_address AS sealed, false AS person FROM address "
            "WHERE sealed_address IS NOT NULL "
            "UNION ALL SELECT sealed_key, true FROM person WHERE sealed_key IS NOT NULL"
        )
        while rows := await cursor.fetch(ROWS_AT_ONCE):
            for row in rows:
                purpose = people_key.SEAL if row["person"] else addresses.SEAL
                named = sealer.pseudonyms(sealer.open(row["sealed"], purpose) or "")
                if older in named[1:]:
                    return named[0]
    return None


async def find(
    connection: Connection, sealer: Sealer, address: str, actor: str
) -> tuple[int, bool]:
    """The pseudonym of an address, and whether the record has it.

    It shows nothing that is sealed, but what it finds makes every report about the address speak of
    a person: so it is noted as well, without asking why.
    """
    pseudonym = sealer.pseudonym(address)
    await audit.note(connection, actor, "pseudonym", short(pseudonym), "looked up by its address")
    known = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM address WHERE pseudonym = $1)", pseudonym
    )
    return pseudonym, known
