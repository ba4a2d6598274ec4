"""Showing what is sealed of one person or address, and finding the pseudonym of a known address."""

from dataclasses import dataclass

from monitor.errors import UserError
from monitor.privacy.statements import sql
from monitor.record import addresses, audit, people_key
from monitor.record.connection import Connection
from monitor.record.pseudonyms import short
from monitor.record.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Shown:
    """Whom a pseudonym stands for: an address, a person, or a person known by address as both."""

    pseudonym: str
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

    Raises UserError without a reason, and when the record has no such pseudonym.
    """
    await audit.note(connection, actor, "reveal", short(pseudonym), reason)
    rows = await connection.fetch(sql("named_by"), pseudonym)
    if not rows:
        raise UserError(
            f"{short(pseudonym)}: no address and no person of the record has this pseudonym; it is "
            "another one since a key was rotated, or the person was erased"
        )
    return [
        Shown(
            short(pseudonym),
            row["kind"],
            sealer.open(row["sealed_name"], people_key.NAME_SEAL),
            (sealer.open(row["sealed_key"], people_key.SEAL) or "").replace("\n", " ") or None,
            tuple(sealer.open(each, addresses.SEAL) for each in row["sealed_addresses"]),
            row["erased"],
        )
        for row in rows
    ]


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
