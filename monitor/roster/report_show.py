"""All that the record has of one account or person, for whoever says "but I do use it"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from monitor.agencies.names import address_key
from monitor.errors import UserError
from monitor.record import Database, Sealer, audit
from monitor.record.addresses import SEAL
from monitor.record.connection import Connection
from monitor.record.people_key import NAME_SEAL
from monitor.record.people_key import SEAL as PERSON_SEAL
from monitor.record.pseudonyms import parse, short
from monitor.record.statements import sql
from monitor.roster.report import staff_number

KINDS = ("sent", "login", "submission", "imap", "pop", "sync", "automatic")


@dataclass(frozen=True, slots=True)
class Post:
    """Where somebody worked."""

    first_day: date
    last_day: date
    agency: str
    role: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has, or had, one of the addresses."""

    pseudonym: str
    source: str
    first_day: date | None
    last_day: date | None
    """Of having the addresses."""
    posts: tuple[Post, ...]
    staff_number: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Period:
    """What an account was for a time."""

    first_day: date
    last_day: date
    agency: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Address:
    """An address, and since and until when it was the account's (None: it is of no account)."""

    pseudonym: str
    primary: bool
    first_day: date | None
    last_day: date | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """An account and its life."""

    pseudonym: str
    source: str
    created_on: date | None
    reported_login: date | None
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """On how many days of a month there was activity, by kind, and which sources said so."""

    month: date
    days: dict[str, int]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything about one account or person."""

    people: tuple[Person, ...]
    accounts: tuple[Account, ...]
    addresses: tuple[Address, ...]
    last_days: dict[str, date]
    """The last day of each kind of activity there ever was."""
    months: tuple[Month, ...]
    """Those that are kept, the latest first."""


async def show(
    database: Database, sealer: Sealer, who: str, since: date, reason: str | None
) -> Shown:
    """What there is of an address, or of whom a pseudonym stands for; a reason opens names.

    Asking by address and revealing are noted in the audit log before anything is shown. Raises
    UserError when the record has nobody of that name.
    """
    async with database.connection() as connection:
        pseudonyms = await _asked(connection, sealer, who, reason)
        return await _Showing(connection, sealer if reason else None).show(pseudonyms, who, since)


async def _asked(
    connection: Connection, sealer: Sealer, who: str, reason: str | None
) -> tuple[int, ...]:
    """The pseudonyms that are meant; each key in use gives an address another one."""
    actor = audit.operator()
    if "@" not in who:
        found: tuple[int, ...] = (parse(who),)
    else:
        address = address_key(who)
        if address is None:
            raise UserError(f"{who}: is no mail address")
        found = sealer.pseudonyms(address)
        if reason is None:
            why = "looked up by its address"
            await audit.note(connection, actor, "pseudonym", short(found[0]), why)
    if reason is not None:
        await audit.note(connection, actor, "reveal", short(found[0]), reason)
    return found


class _Showing:
    def __init__(self, connection: Connection, sealer: Sealer | None) -> None:
        self._connection = connection
        self._sealer = sealer

    async def show(self, pseudonyms: Sequence[int], who: str, since: date) -> Shown:
        fetch = self._connection.fetch
        asked_addresses = await self._ids("SELECT address_id FROM address", pseudonyms)
        asked_people = await self._ids("SELECT person_id FROM person", pseudonyms)
        if not asked_addresses and not asked_people:
            raise UserError(
                f"{who}: the record has no such address or pseudonym; pseudonyms are in the "
                "reports (congvu roster report)"
            )
        own = await fetch(
            "SELECT DISTINCT address_id FROM person_address WHERE person_id = ANY ($1)",
            asked_people,
        )
        bare = sorted({*asked_addresses, *(row["address_id"] for row in own)})
        accounts = await fetch(sql("show_accounts"), bare)
        rows = await fetch(sql("show_addresses"), [row["account_id"] for row in accounts], bare)
        ids = sorted({row["address_id"] for row in rows})
        people = await fetch(sql("show_people"), ids, asked_people)
        return Shown(
            people=tuple([await self._person(row) for row in people]),
            accounts=tuple([await self._account(row) for row in accounts]),
            addresses=tuple(self._address(row) for row in rows),
            last_days=await self._last_days(ids),
            months=await self._months(ids, since),
        )

    async def _ids(self, select: str, pseudonyms: Sequence[int]) -> list[int]:
        rows = await self._connection.fetch(
            f"{select} WHERE pseudonym = ANY ($1::bigint[])",
            pseudonyms,
        )
        return [row[0] for row in rows]

    async def _person(self, row: asyncpg.Record) -> Person:
        posts = await self._connection.fetch(sql("show_employment"), row["person_id"])
        return Person(
            pseudonym=short(row["pseudonym"]),
            source=row["source"],
            first_day=row["first_day"],
            last_day=row["last_day"],
            posts=tuple(Post(**dict(each)) for each in posts),
            staff_number=staff_number(self._opened(row["sealed_key"], PERSON_SEAL)),
            name=self._opened(row["sealed_name"], NAME_SEAL),
        )

    async def _account(self, row: asyncpg.Record) -> Account:
        periods = await self._connection.fetch(sql("show_periods"), row["account_id"])
        return Account(
            pseudonym=short(row["pseudonym"]),
            source=row["source"],
            created_on=row["created_on"],
            reported_login=row["reported_login"],
            periods=tuple(Period(**dict(each)) for each in periods),
        )

    def _address(self, row: asyncpg.Record) -> Address:
        return Address(
            pseudonym=short(row["pseudonym"]),
            primary=bool(row["is_primary"]),
            first_day=row["first_day"],
            last_day=row["last_day"],
            address=self._opened(row["sealed_address"], SEAL),
        )

    def _opened(self, sealed: bytes | None, purpose: str) -> str | None:
        return self._sealer.open(sealed, purpose) if self._sealer else None

    async def _last_days(self, ids: Sequence[int]) -> dict[str, date]:
        row = await self._connection.fetchrow(sql("show_last_days"), ids)
        return {kind: row[kind] for kind in KINDS if row and row[kind]}

    async def _months(self, ids: Sequence[int], since: date) -> tuple[Month, ...]:
        rows = await self._connection.fetch(sql("show_activity"), ids, since)
        return tuple(
            Month(
                row["month"],
                {kind: row[kind] for kind in KINDS if row[kind]},
                tuple(row["sources"]),
            )
            for row in rows
        )
