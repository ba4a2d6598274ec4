"""People, accounts and activity put into the record line by line, for tests that read them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from monitor.record import Database, Sealer
from monitor.record.addresses import SEAL
from monitor.record.people_key import NAME_SEAL, person_pseudonym

OPEN = date.max
SEALER = Sealer(b"h" * 32)
Days = tuple[date, date]
ALWAYS: Days = (date(2020, 1, 1), OPEN)


@dataclass
class History:
    """Writes rows as the imports would, without their checks."""

    database: Database
    _ids: dict[str, int] = field(default_factory=dict)

    async def agency(self, code: str, days: Days = ALWAYS, successor: str | None = None) -> None:
        self._ids[code] = await self._value(
            "INSERT INTO agency (code, name) VALUES ($1, 'Cơ quan ' || $1) RETURNING agency_id",
            code,
        )
        await self._do(
            "INSERT INTO agency_period (agency_id, first_day, last_day, name, level) "
            "VALUES ($1, $2, $3, 'Cơ quan ' || $4, 'department')",
            self._ids[code], *days, code,
        )  # fmt: skip
        if successor:
            await self._do(
                "INSERT INTO agency_successor VALUES ($1, $2)", self._ids[code],
                self._ids[successor],
            )  # fmt: skip

    async def person(
        self,
        name: str,
        agency: str,
        addresses: Sequence[str] = (),
        days: Days = ALWAYS,
        *,
        role: str = "staff",
        source: str = "hr",
        addresses_until: date = OPEN,
    ) -> int:
        pseudonym, key = person_pseudonym(SEALER, source, name, None)
        person_id = await self._value(
            "INSERT INTO person (pseudonym, source, sealed_key, sealed_name) "
            "VALUES ($1, $2, $3, $4) RETURNING person_id",
            pseudonym, source, key, SEALER.seal(f"Ông {name}", NAME_SEAL),
        )  # fmt: skip
        await self.employ(person_id, agency, days, role)
        for address in addresses:
            await self._do(
                "INSERT INTO person_address VALUES ($1, $2, $3, $4)",
                person_id, days[0], addresses_until, await self.address(address),
            )  # fmt: skip
        return person_id

    async def employ(self, person_id: int, agency: str, days: Days, role: str = "staff") -> None:
        await self._do(
            "INSERT INTO employment VALUES ($1, $2, $3, $4, $5)",
            person_id, *days, self._ids[agency], role,
        )  # fmt: skip

    async def account(
        self,
        address: str,
        agency: str,
        *periods: tuple[date, date, str],
        aliases: Sequence[str] = (),
        kind: str = "personal",
        source: str = "mail",
        created_on: date | None = date(2020, 1, 1),
        reported: date | None = None,
    ) -> int:
        account_id = await self._value(
            "INSERT INTO account (address_id, source, created_on, reported_login) "
            "VALUES ($1, $2, $3, $4) RETURNING account_id",
            await self.address(address), source, created_on, reported,
        )  # fmt: skip
        for first, last, state in periods or ((*ALWAYS, "enabled"),):
            await self._do(
                "INSERT INTO account_period VALUES ($1, $2, $3, $4, $5, $6)",
                account_id, first, last, self._ids[agency], kind, state,
            )  # fmt: skip
        for each in (address, *aliases):
            await self._do(
                "INSERT INTO account_address VALUES ($1, $2, $3, $4)",
                await self.address(each), *ALWAYS, account_id,
            )  # fmt: skip
        return account_id

    async def active(self, address: str, kind: str, *days: date) -> None:
        """The address was active on these days in this way."""
        address_id = await self.address(address)
        await self.database.ensure_partitions(days)
        for day in days:
            await self._do(
                f"INSERT INTO activity_month (address_id, month, {kind}, sources) "
                "VALUES ($1, $2, $3, 1) ON CONFLICT (address_id, month) DO UPDATE SET "
                f"{kind} = activity_month.{kind} | excluded.{kind}",
                address_id, day.replace(day=1), 1 << day.day - 1,
            )  # fmt: skip
        await self._do(
            f"INSERT INTO address_activity (address_id, {kind}) VALUES ($1, $2) "
            f"ON CONFLICT (address_id) DO UPDATE SET {kind} = "
            f"greatest(address_activity.{kind}, excluded.{kind})",
            address_id, max(days),
        )  # fmt: skip

    async def listed(self, what: str, source: str, as_of: date) -> None:
        """A list was applied."""
        await self._do(
            "INSERT INTO import_run (what, source, as_of, whole, actor, added, changed, ended, "
            "unchanged) VALUES ($1, $2, $3, true, 'an operator', 0, 0, 0, 0)",
            what, source, as_of,
        )  # fmt: skip

    async def address(self, address: str) -> int:
        if address not in self._ids:
            self._ids[address] = await self._value(
                "INSERT INTO address (pseudonym, sealed_address) VALUES ($1, $2) "
                "RETURNING address_id",
                SEALER.pseudonym(address), SEALER.seal(address, SEAL),
            )  # fmt: skip
        return self._ids[address]

    async def _do(self, statement: str, *arguments: Any) -> None:
        async with self.database.connection() as connection:
            await connection.execute(statement, *arguments)

    async def _value(self, statement: str, *arguments: Any) -> int:
        async with self.database.connection() as connection:
            found: int = await connection.fetchval(statement, *arguments)
        return found
