"""People, accounts and activity written straight into the record, by plain words."""

from dataclasses import dataclass, field
from datetime import date

from monitor.model import ActivityKind
from monitor.record import Database

ALWAYS = (date.min, date.max)
Span = tuple[date, date]


@dataclass
class World:
    """Writes facts; addresses, accounts and people are known by any text."""

    database: Database
    _addresses: dict[str, int] = field(default_factory=dict)
    _accounts: dict[str, int] = field(default_factory=dict)
    _people: dict[str, int] = field(default_factory=dict)

    async def agency(
        self, code: str, span: Span = ALWAYS, level: str = "commune", heirs: tuple[str, ...] = ()
    ) -> None:
        async with self.database.connection() as connection:
            await connection.execute(
                "INSERT INTO agency (code, name, level) VALUES ($1, $1, $2) ON CONFLICT DO NOTHING",
                code, level,
            )  # fmt: skip
            await connection.execute(
                "INSERT INTO agency_period (agency_id, first_day, last_day, name, level)"
                " SELECT agency_id, $2, $3, code, $4 FROM agency WHERE code = $1",
                code, *span, level,
            )  # fmt: skip
            for heir in heirs:
                await connection.execute(
                    "INSERT INTO agency_successor SELECT a.agency_id, b.agency_id"
                    " FROM agency a, agency b WHERE a.code = $1 AND b.code = $2",
                    code, heir,
                )  # fmt: skip

    async def works(
        self, person: str, agency: str, role: str = "staff", span: Span = ALWAYS
    ) -> None:
        async with self.database.connection() as connection:
            if person not in self._people:
                self._people[person] = await connection.fetchval(
                    "INSERT INTO person (pseudonym, source) VALUES ($1, 'test')"
                    " RETURNING person_id",
                    len(self._people),
                )
            await connection.execute(
                "INSERT INTO employment SELECT $1, $2, $3, agency_id, $4 FROM agency"
                " WHERE code = $5",
                self._people[person], *span, role, agency,
            )  # fmt: skip

    async def uses(self, person: str, address: str, span: Span = ALWAYS) -> None:
        address_id = await self.address(address)
        async with self.database.connection() as connection:
            await connection.execute(
                "INSERT INTO person_address VALUES ($1, $2, $3, $4)",
                self._people[person], *span, address_id,
            )  # fmt: skip

    async def account(
        self, address: str, agency: str, *, state: str = "enabled", kind: str = "personal",
        span: Span = ALWAYS, aliases: tuple[str, ...] = (), created_on: date | None = None,
        reported_login: date | None = None,
    ) -> None:  # fmt: skip
        """A period of an account; its first one makes it."""
        ids = [await self.address(each) for each in (address, *aliases)]
        async with self.database.connection() as connection:
            if address not in self._accounts:
                self._accounts[address] = await connection.fetchval(
                    "INSERT INTO account (address_id, source, created_on, reported_login)"
                    " VALUES ($1, 'test', $2, $3) RETURNING account_id",
                    ids[0], created_on, reported_login,
                )  # fmt: skip
                for each in ids:
                    await connection.execute(
                        "INSERT INTO account_address VALUES ($1, $2, $3, $4)",
                        each, *ALWAYS, self._accounts[address],
                    )  # fmt: skip
            await connection.execute(
                "INSERT INTO account_period SELECT $1, $2, $3, agency_id, $4, $5 FROM agency"
                " WHERE code = $6",
                self._accounts[address], *span, kind, state, agency,
            )  # fmt: skip

    async def alias(self, address: str, account: str, span: Span) -> None:
        """An address that is one more of an account's on these days."""
        ids = [await self.address(each) for each in (address, account)]
        async with self.database.connection() as connection:
            await connection.execute(
                "INSERT INTO account_address SELECT $1, $2, $3, account_id FROM account"
                " WHERE address_id = $4",
                ids[0], *span, ids[1],
            )  # fmt: skip

    async def official(
        self, person: str, agency: str, role: str = "staff", span: Span = ALWAYS
    ) -> None:
        """Somebody with an enabled account under an address of the same name."""
        await self.works(person, agency, role, span)
        await self.account(person, agency)
        await self.uses(person, person)

    async def active(
        self, address: str, *days: date, kind: ActivityKind = ActivityKind.SENT
    ) -> None:
        address_id = await self.address(address)
        await self.database.ensure_partitions(days)
        async with self.database.connection() as connection:
            for day in days:
                await connection.execute(
                    f"INSERT INTO activity_month AS a (address_id, month, {kind})"
                    " VALUES ($1, $2, $3) ON CONFLICT (address_id, month)"
                    f" DO UPDATE SET {kind} = a.{kind} | excluded.{kind}",
                    address_id, day.replace(day=1), 1 << day.day - 1,
                )  # fmt: skip
                await connection.execute(
                    f"INSERT INTO address_activity AS a (address_id, {kind}) VALUES ($1, $2)"
                    f" ON CONFLICT (address_id) DO UPDATE SET {kind} = greatest(a.{kind}, $2)",
                    address_id, day,
                )  # fmt: skip

    async def address(self, name: str) -> int:
        if name not in self._addresses:
            async with self.database.connection() as connection:
                self._addresses[name] = await connection.fetchval(
                    "INSERT INTO address (pseudonym) VALUES ($1) RETURNING address_id",
                    len(self._addresses),
                )
        return self._addresses[name]

    async def agencies(self, *codes: str) -> None:
        for code in codes:
            await self.agency(code)
