"""A small record with people, accounts, activity and mail, under keys of its own."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from monitor.clock import day_bounds
from monitor.model import Outcome
from monitor.record import AgencyRow, Database, Recorder, Sealer
from monitor.record.addresses import AddressIds
from monitor.record.people_key import NAME_SEAL, person_pseudonym
from tests.support.outcomes import document, mail, valid

FOREVER = date.max
TODAY = date(2026, 3, 18)
NOW = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
    AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
]


@dataclass
class World:
    """The record, and the keys that it is made with."""

    database: Database
    state_dir: Path

    @property
    def sealer(self) -> Sealer:
        return Sealer.load(self.state_dir)

    async def address(self, text: str) -> int:
        async with self.database.connection() as connection:
            return (await AddressIds(self.sealer).learn(connection, [text]))[text]

    async def person(
        self, number: str, *addresses: str, last_day: date = FOREVER, name: str | None = None
    ) -> int:
        sealer = self.sealer
        pseudonym, key = person_pseudonym(sealer, "so-noi-vu", number, None)
        async with self.database.connection() as connection:
            person: int = await connection.fetchval(
                "INSERT INTO person (pseudonym, source, sealed_key, sealed_name) "
                "VALUES ($1, 'so-noi-vu', $2, $3) RETURNING person_id",
                pseudonym, key, sealer.seal(name, NAME_SEAL),
            )  # fmt: skip
            await connection.execute(
                "INSERT INTO employment SELECT $1, '2020-01-01', $2, agency_id, 'staff' "
                "FROM agency WHERE code = 'so-mot'",
                person, last_day,
            )  # fmt: skip
        for address in addresses:
            number_of = await self.address(address)
            async with self.database.connection() as connection:
                await connection.execute(
                    "INSERT INTO person_address VALUES ($1, '2020-01-01', $2, $3)",
                    person, last_day, number_of,
                )  # fmt: skip
        return person

    async def register_entry(self, number: int, day: date = TODAY) -> None:
        """An entry of a register that was corrected once, and an axis message of that day."""
        sealed = [
            self.sealer.seal(f"{what} {number}", what)
            for what in ("subject", "signer", "recipients")
        ]
        async with self.database.connection() as connection:
            entry = await connection.fetchval(
                "INSERT INTO register_entry (agency_id, direction, year, number_key, day, digest,"
                " first_run_id, run_id, sealed_subject, sealed_signer, sealed_recipients)"
                " SELECT agency_id, 'out', extract(year FROM $1::date), $2, $1, '', 1, 2,"
                " $3, $4, $5 FROM agency WHERE code = 'so-mot' RETURNING entry_id",
                day, str(number), *sealed,
            )  # fmt: skip
            await connection.execute(
                "INSERT INTO register_entry_past SELECT e.*, 2 FROM register_entry e"
                " WHERE entry_id = $1",
                entry,
            )
            uid = uuid5(NAMESPACE_OID, str(number))
            await connection.execute(
                "INSERT INTO axis_message (axis_uid, day, sender_code, sender_agency_id,"
                " document_ref, first_received_at, copies, documents, container, findings,"
                " sealed_subject, sealed_signer)"
                " VALUES ($1, $2, 'H53.1', 0, '', now(), 1, 0, 'unsigned', '{}', $3, $4)",
                uid, day, *sealed[:2],
            )  # fmt: skip
            await connection.execute("INSERT INTO axis_recipient VALUES ($1, 'H53.2', 0)", uid)
            await connection.execute(
                "INSERT INTO axis_status VALUES ($1, 'H53.2', 'arrived', $2, 0, now())",
                uid, day_bounds(day)[0],
            )  # fmt: skip
            await connection.execute(
                "INSERT INTO register_file VALUES ($1, $2, 'hash')", entry, uid
            )

    async def account(
        self, *addresses: str, kind: str = "personal", closed_on: date | None = None
    ) -> int:
        ids = [await self.address(each) for each in addresses]
        async with self.database.connection() as connection:
            account: int = await connection.fetchval(
                "INSERT INTO account (address_id, source) VALUES ($1, 'zimbra') "
                "RETURNING account_id",
                ids[0],
            )
            await connection.execute(
                "INSERT INTO account_address (address_id, account_id, first_day, last_day) "
                "SELECT unnest($1::integer[]), $2, '2020-01-01', 'infinity'",
                ids, account,
            )  # fmt: skip
            periods = [(date(2020, 1, 1), closed_on or FOREVER, "enabled")]
            if closed_on:
                periods = [
                    (date(2020, 1, 1), closed_on, "enabled"),
                    (date.fromordinal(closed_on.toordinal() + 1), FOREVER, "closed"),
                ]
            await connection.executemany(
                "INSERT INTO account_period SELECT $1, $2, $3, agency_id, $4, $5 "
                "FROM agency WHERE code = 'so-mot'",
                [(account, first, last, kind, state) for first, last, state in periods],
            )
        return account

    async def record(self, *outcomes: Outcome) -> None:
        await Recorder(self.database, self.state_dir).write(outcomes)

    async def value(self, query: str, *values: object) -> object:
        async with self.database.connection() as connection:
            return await connection.fetchval(query, *values)

    async def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        async with self.database.connection() as connection:
            return [tuple(row) for row in await connection.fetch(query, *values)]


async def made(database: Database, state_dir: Path) -> World:
    await database.sync_agencies(AGENCIES)
    return World(database, state_dir)


def letter(
    name: str, sender: str, *contents: str, at: datetime = NOW, live: bool = True
) -> Outcome:
    """A mail of an agency's own person with signed documents."""
    outcome = mail(name, [document(each, valid()) for each in contents], at=at, live=live)
    attribution = outcome.attribution.model_copy(update={"sender": sender})
    return outcome.model_copy(update={"attribution": attribution})
