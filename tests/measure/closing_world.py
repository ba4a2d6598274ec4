"""A month that is over, with documents, mail, a register and a roster, and its closing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from monitor.measure import Measure, closing
from monitor.measure.closing import Closing, Difference
from monitor.measure.plan import Plan
from monitor.model import Overall
from monitor.periods import Period, Rules, parse
from monitor.record import AgencyRow, Database, Recorder
from monitor.settings import Settings
from tests.measure.accounts_world import World
from tests.support.outcomes import document, filed, mail, undecided, valid, verdict
from tests.support.registers import entered, given, met

MARCH = parse("2026-03", Rules())
AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
    AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
    AgencyRow("xa-mot", "Xã Một", "commune", "tinh"),
]
TEN_DAYS_LATER = datetime(2026, 4, 10, 3, 0, tzinfo=UTC)
LATER = datetime(2026, 4, 20, 3, 0, tzinfo=UTC)
TABLES = (
    "closing", "closed_agency", "closed_figure", "closed_funnel", "closed_verdict",
    "closed_reason", "closed_signature", "closed_certificate", "closed_target", "closed_document",
    "closed_cell", "closed_change",
)  # fmt: skip


def on(day: int, hour: int = 2) -> datetime:
    """An instant of March 2026; 2 UTC is 9 in the morning."""
    return datetime(2026, 3, day, hour, 0, tzinfo=UTC)


@dataclass
class Month:
    """Writes facts of March and closes it, by a clock of its own."""

    database: Database
    recorder: Recorder
    settings: Settings
    world: World
    plan: Plan = field(default_factory=Plan)
    at: datetime = TEN_DAYS_LATER

    @classmethod
    async def made(cls, database: Database, recorder: Recorder, folder: Path) -> "Month":
        world = World(database)
        month = cls(database, recorder, Settings(state_dir=folder), world)
        await database.sync_agencies(AGENCIES)
        await recorder.write([
            filed(document("một", valid()), at=on(3), sent_at=on(3)),
            filed(document("hai", verdict()), at=on(4), sent_at=on(4)),
            filed(document("ba", undecided()), at=on(5), sent_at=on(5)),
            filed(document("bốn", valid()), agency="xa-mot", at=on(6), sent_at=on(6)),
            mail("thư một", [document("năm", valid())], at=on(9)),
            mail("thư hai", [document("sáu", verdict(Overall.INVALID))], at=on(10)),
        ])  # fmt: skip
        await given(database, MARCH.first, MARCH.last)
        entry = await entered(database, 1, on(3).date(), paper="electronic")
        await met(database, entry, "một")
        await entered(database, 2, on(4).date(), paper="paper")
        await world.official("mau", "so-mot", "leader")
        await world.official("thu", "so-mot")
        await world.active("mau", *(on(day).date() for day in range(2, 14)))
        return month

    def clock(self) -> datetime:
        return self.at

    async def close(self, period: Period = MARCH, **more: Any) -> Closing:
        return await closing.close(
            self.database, self.settings, self.plan, period, "trà", "hết kỳ", self.clock, **more
        )

    async def restate(self, period: Period = MARCH) -> Closing | None:
        self.at = max(self.at, LATER)
        return await closing.restate(
            self.database, self.settings, self.plan, period, "trà", "số liệu muộn", self.clock
        )

    async def check(self, period: Period = MARCH) -> Difference:
        return await closing.check(self.database, self.settings, self.plan, period, self.clock)

    def change(self, section: str, **values: Any) -> None:
        """Change settings of a section."""
        changed = getattr(self.settings, section).model_copy(update=values)
        self.settings = self.settings.model_copy(update={section: changed})

    async def rows(self, table: str, closing_id: int) -> list[str]:
        async with self.database.connection() as connection:
            found = await connection.fetch(
                f"SELECT t::text AS line FROM {table} t WHERE closing_id = $1", closing_id
            )
        return sorted(row["line"] for row in found)

    async def all_rows(self, closing_id: int) -> dict[str, list[str]]:
        return {table: await self.rows(table, closing_id) for table in TABLES}

    async def causes(self, made: Closing | None) -> set[tuple[str, str, str, str, int]]:
        """Of a restatement, but for those of what the period is compared with."""
        assert made is not None
        async with self.database.connection() as connection:
            found = await closing.changes(connection, made.id)
        assert found is not None
        return {
            (each.code, each.channel, each.what, each.why, each.facts)
            for each in found.causes if each.what != "comparison"
        }  # fmt: skip

    async def measure(self) -> None:
        """As the daemon does."""
        await Measure(self.database, self.clock).refresh()

    async def fetch(self, statement: str, *given: Any) -> list[asyncpg.Record]:
        async with self.database.connection() as connection:
            return await connection.fetch(statement, *given)

    async def execute(self, statement: str, *given: Any) -> None:
        async with self.database.connection() as connection:
            await connection.execute(statement, *given)
