"""The demo's lists on their way into the record, by the functions of `congvu roster import`."""

import asyncio
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from monitor.agencies import Registry
from monitor.clock import now, vietnam_day
from monitor.demo.mail_system import ACCOUNTS, MailSystem
from monitor.demo.register import RegisterExport
from monitor.errors import UserError
from monitor.observe import Observer
from monitor.record import Database, Sealer, attached
from monitor.record.register_rows import Terms as RegisterTerms
from monitor.record.roster_rows import Terms
from monitor.register.importing import Imported as RegisterImported
from monitor.register.importing import import_listing
from monitor.register.profile import Profile
from monitor.register.reading import Listing as RegisterListing
from monitor.register.reading import Understanding
from monitor.roster.agencies import Agencies
from monitor.roster.importing import Imported, import_accounts, import_people
from monitor.roster.people import read_people
from monitor.roster.words import LeaderPosts
from monitor.roster.zimbra import read_zmprov
from monitor.settings import Settings

ACTOR = "congvu demo"
PEOPLE_SOURCE = "demo-personnel"
ACCOUNTS_SOURCE = "demo-zimbra"
REGISTER_SOURCE = "demo-docsys"


@dataclass(frozen=True)
class ImportedLists:
    """What became of the newest lists."""

    people: Imported
    accounts: Imported


async def import_lists(
    settings: Settings, mail_system: MailSystem, observer: Observer
) -> ImportedLists:
    """Import the lists as of the Vietnam days they are of; a repetition changes nothing.

    Raises UserError when another import runs.
    """
    async with attached(settings, observer) as database:
        importer = _Importer(settings, database, Sealer.load(settings.state_dir))
        lists = mail_system.people_lists
        if await importer.has_people():
            lists = lists[-1:]
        people = [await importer.people(file, as_of) for file, as_of in lists]
        return ImportedLists(people[-1], await importer.accounts(mail_system.made_on))


async def import_register(
    settings: Settings, export: RegisterExport, observer: Observer
) -> RegisterImported:
    """Import the register as it is now; what has not changed changes nothing."""
    await asyncio.to_thread(export.write)
    today = vietnam_day(now())
    registry = _registry(settings)
    listing = RegisterListing(
        [export.path], registry, Understanding("out", Profile(confirmed=True), today)
    )
    terms = RegisterTerms(REGISTER_SOURCE, "out", today, ACTOR, apply=True)
    async with attached(settings, observer) as database:
        sealer = Sealer.load(settings.state_dir)
        return await import_listing(listing, registry.codes(), terms, database, sealer, _uncounted)


def _registry(settings: Settings) -> Registry:
    if settings.agencies.registry is None:
        raise UserError("the demo's settings name no registry: start it again")
    return Registry.load(settings.agencies.registry)


class _Importer:
    def __init__(self, settings: Settings, database: Database, sealer: Sealer) -> None:
        self._settings = settings
        self._registry = _registry(settings)
        self._database = database
        self._sealer = sealer

    async def has_people(self) -> bool:
        """Has an earlier run imported them? An older list is not taken after a newer one."""
        async with self._database.connection() as connection:
            found = await connection.fetchval(
                "SELECT EXISTS (SELECT FROM import_run WHERE what = 'people' AND source = $1)",
                PEOPLE_SOURCE,
            )
        return bool(found)

    async def people(self, file: Path, as_of: date) -> Imported:
        posts = LeaderPosts(self._settings.accounts.leader_words)
        agencies = Agencies(self._registry, as_of)
        listing = read_people(self._settings.state_dir / file, None, agencies, posts)
        return await import_people(
            listing, agencies, _terms(PEOPLE_SOURCE, as_of), self._settings, self._database,
            self._sealer, _uncounted,
        )  # fmt: skip

    async def accounts(self, as_of: date) -> Imported:
        listing = read_zmprov(self._settings.state_dir / ACCOUNTS, as_of)
        return await import_accounts(
            listing, Agencies(self._registry, as_of), _terms(ACCOUNTS_SOURCE, as_of),
            self._settings, self._database, self._sealer, _uncounted,
        )  # fmt: skip


def _terms(source: str, as_of: date) -> Terms:
    return Terms(source, as_of, whole=True, actor=ACTOR, apply=True)


def _uncounted(_row: int | None) -> None:
    """Lists so short need no progress."""


def register_said(imported: RegisterImported) -> str:
    """One line for the terminal."""
    outcome = imported.outcome
    if not outcome.applied:
        return "\n".join(
            ("Sổ văn bản chưa nhập / register not imported:", *map(str, imported.problems[:5]))
        )
    count = outcome.total("added") + outcome.total("changed") + outcome.total("unchanged")
    return f"Sổ văn bản đi: {count} dòng / register of documents sent: {count} rows"


def said(lists: ImportedLists) -> str:
    """One line for the terminal."""
    people, accounts = lists.people.outcome, lists.accounts.outcome
    if not (people.applied and accounts.applied):
        problems = (*lists.people.problems, *lists.accounts.problems)
        return "\n".join(("Danh sách chưa nhập / lists not imported:", *map(str, problems[:5])))
    counts = [sum(c.added + c.unchanged for c in o.counts) for o in (people, accounts)]
    return (
        f"Danh sách đã nhập: {counts[0]} người, {counts[1]} tài khoản / lists imported: "
        f"{counts[0]} people, {counts[1]} accounts"
    )
