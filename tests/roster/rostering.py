"""A small province, its lists as text, and what an import of them records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from monitor.agencies.agency import Agency
from monitor.agencies.mailboxes import Mailbox
from monitor.agencies.registry import Registry
from monitor.agencies.signing import Signing
from monitor.record import Database, Sealer
from monitor.record.roster_rows import Terms
from monitor.roster.accounts import read_accounts
from monitor.roster.agencies import Agencies
from monitor.roster.importing import Imported, import_accounts, import_people
from monitor.roster.people import read_people
from monitor.roster.words import LeaderPosts
from monitor.settings import PrivacySettings, Settings
from monitor.tables import ColumnMapping

REGISTRY = Registry(
    [
        Agency(
            code="ubnd", name="Ủy ban nhân dân tỉnh", level="province", domains=("tinh.gov.vn",),
            addresses=("vanthu@tinh.gov.vn",),
        ),
        Agency(
            code="so-yt", name="Sở Y tế", level="department", parent="ubnd",
            domains=("soyt.tinh.gov.vn",), organ_codes=("H53.10",),
        ),
        Agency(
            code="so-ct", name="Sở Công Thương", level="department", parent="ubnd",
            domains=("soct.tinh.gov.vn",),
        ),
        Agency(
            code="xa-1", name="UBND xã Tân Lập", level="commune", parent="ubnd",
            domains=("tanlap1.tinh.gov.vn",), valid_to=date(2025, 6, 30), successors=("ubnd",),
        ),
        Agency(
            code="xa-2", name="UBND xã Tân Lập", level="commune", parent="ubnd",
            domains=("tanlap2.tinh.gov.vn",), valid_to=date(2025, 6, 30), successors=("ubnd",),
        ),
    ],
    signing=Signing(mailboxes=(Mailbox(address="duongdaynong@soyt.tinh.gov.vn", agency="so-yt"),)),
)  # fmt: skip
SEALER = Sealer(b"r" * 32)
SETTINGS = Settings()
KEEPING_NAMES = Settings(privacy=PrivacySettings(keep_names=True))
OPEN = date.max


@dataclass
class Office:
    """Hands lists in, and looks at what is recorded."""

    database: Database
    folder: Path
    settings: Settings = SETTINGS
    registry: Registry = REGISTRY
    workbook: Path | None = None
    """Read instead of lines."""

    async def people(self, as_of: str, *lines: str, source: str = "hr", **terms: Any) -> Imported:
        """Import a list of people that is given line by line, headings first."""
        wanted = _terms(as_of, source, terms)
        agencies = Agencies(self.registry, wanted.as_of)
        listing = read_people(
            self.workbook or self._file(lines),
            None,
            agencies,
            LeaderPosts(self.settings.accounts.leader_words),
        )
        return await import_people(
            listing, agencies, wanted, self.settings, self.database, SEALER, lambda _: None
        )

    async def accounts(
        self, as_of: str, *lines: str, source: str = "mail", **terms: Any
    ) -> Imported:
        """Import a list of accounts that is given line by line, headings first."""
        wanted = _terms(as_of, source, terms)
        agencies = Agencies(self.registry, wanted.as_of)
        listing = read_accounts(self._file(lines), ColumnMapping(), agencies)
        return await import_accounts(
            listing, agencies, wanted, self.settings, self.database, SEALER, lambda _: None
        )

    def _file(self, lines: Sequence[str]) -> Path:
        path = self.folder / "list.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.database.connection() as connection:
            return [tuple(row) for row in await connection.fetch(query, *values)]

    async def employments(self, staff_number: str, source: str = "hr") -> list[tuple[Any, ...]]:
        """Agency, role, first and last day (None is open)."""
        found = await self.rows(
            "SELECT a.code, e.role, e.first_day, e.last_day FROM employment e JOIN agency a "
            "USING (agency_id) JOIN person p USING (person_id) WHERE p.pseudonym = $1 "
            "ORDER BY e.first_day",
            SEALER.pseudonym(f"{source}\n{staff_number}"),
        )
        return [_days(row) for row in found]

    async def holders(self, address: str) -> list[tuple[Any, ...]]:
        """Staff number, first and last day of those who have had an address."""
        found = await self.rows(
            "SELECT p.sealed_key, o.first_day, o.last_day FROM person_address o JOIN person p "
            "USING (person_id) JOIN address a USING (address_id) WHERE a.pseudonym = $1 "
            "ORDER BY o.first_day",
            SEALER.pseudonym(address),
        )
        return [
            _days(((SEALER.open(row[0], "person") or "").rpartition("\n")[2], *row[1:]))
            for row in found
        ]

    async def account(self, address: str) -> list[tuple[Any, ...]]:
        """Agency, kind, state, first and last day (None is open)."""
        found = await self.rows(
            "SELECT g.code, p.kind, p.state, p.first_day, p.last_day FROM account_period p "
            "JOIN agency g USING (agency_id) JOIN account c USING (account_id) "
            "JOIN address a USING (address_id) WHERE a.pseudonym = $1 ORDER BY p.first_day",
            SEALER.pseudonym(address),
        )
        return [_days(row) for row in found]

    async def carriers(self, address: str) -> list[tuple[Any, ...]]:
        """Primary address, first and last day of the accounts that have had an address."""
        found = await self.rows(
            "SELECT own.sealed_address, o.first_day, o.last_day FROM account_address o "
            "JOIN address a USING (address_id) JOIN account c USING (account_id) "
            "JOIN address own ON own.address_id = c.address_id WHERE a.pseudonym = $1 "
            "ORDER BY o.first_day",
            SEALER.pseudonym(address),
        )
        return [_days((SEALER.open(row[0], "address"), *row[1:])) for row in found]

    async def emptied(self) -> None:
        """Nobody, nothing, and no list before."""
        async with self.database.connection() as connection:
            await connection.execute(
                "TRUNCATE employment, person_address, person, account_address, account_period, "
                "account, address, import_run CASCADE"
            )

    async def count(self, table: str) -> int:
        return int((await self.rows(f"SELECT count(*) FROM {table}"))[0][0])


def _terms(as_of: str, source: str, given: dict[str, Any]) -> Terms:
    usual: dict[str, Any] = {"whole": True, "actor": "tester", "apply": True}
    return Terms(source, date.fromisoformat(as_of), **(usual | given))


def _days(row: tuple[Any, ...]) -> tuple[Any, ...]:
    *rest, first, last = row
    return (*rest, first.isoformat(), None if last == OPEN else last.isoformat())


def said(problems: Iterable[object]) -> str:
    return "\n".join(map(str, problems))
