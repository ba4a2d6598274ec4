"""The demo's lists on their way into the record, by the functions of `congvu roster import`."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from monitor.agencies import Registry
from monitor.demo.mail_system import ACCOUNTS, MailSystem
from monitor.errors import UserError
from monitor.observe import Observer
from monitor.record import Database, Sealer, attached
from monitor.record.roster_rows import Terms
from monitor.roster.agencies import Agencies
from monitor.roster.importing import Imported, import_accounts, import_people
from monitor.roster.people import read_people
from monitor.roster.words import LeaderPosts
from monitor.roster.zimbra import read_zmprov
from monitor.settings import Settings

ACTOR = "congvu demo"
PEOPLE_SOURCE = "demo-personnel"
ACCOUNTS_SOURCE = "demo-zimbra"


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


class _Importer:
    def __init__(self, settings: Settings, database: Database, sealer: Sealer) -> None:
        if settings.agencies.registry is None:
            raise UserError("the demo's settings name no registry: start it again")
        self._settings = settings
        self._registry = Registry.load(settings.agencies.registry)
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
