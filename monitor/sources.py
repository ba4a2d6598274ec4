"""Every source of items that is asked or watched, as the daemon starts it: a name and a coroutine.

A source is one module of `collect` (or the portal's room) and one section of the settings; here is
all that the daemon knows of it. Journal copies that are delivered over SMTP are not among them:
their listener stops first and by an order of its own.
"""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass

from monitor.clock import Clock
from monitor.collect import FolderIntake
from monitor.collect.axis import AxisIntake
from monitor.collect.imap import MailboxIntake
from monitor.collect.mail_folder import MailFolderIntake
from monitor.collect.recorded import RecordedItems
from monitor.collect.sink import Sink
from monitor.errors import DatabaseUnavailable
from monitor.observe import Observer
from monitor.portal.crawler import PortalCrawler
from monitor.record import Database
from monitor.record.items import committed_items
from monitor.settings import Settings
from monitor.spool import Quarantine

Part = tuple[str, Coroutine[None, None, None]]


@dataclass(frozen=True)
class Sources:
    """What sources need of the daemon."""

    settings: Settings
    sink: Sink
    database: Callable[[], Database | None]
    """None while there is none yet."""
    looked: Callable[[str], None]
    """Told the name of a source that has answered."""
    observer: Observer
    clock: Clock

    def parts(self) -> Iterator[Part]:
        """A part of the daemon for each; their names begin with `source`."""
        for name, work in (*self._folders(), *self._mail(), *self._portals()):
            yield f"source {name}", work

    def _folders(self) -> Iterator[Part]:
        settings, rest = self.settings, (self.looked, self.observer, self.clock)
        for folder in settings.folders:
            intake = FolderIntake(folder, self.sink, settings.state_dir, *rest)
            yield folder.name, intake.run()
        for axis in settings.axis:
            yield axis.name, AxisIntake(axis, self.sink, *rest).run()

    def _mail(self) -> Iterator[Part]:
        settings, recorded = self.settings, self._recorded()
        most = settings.smtp.max_message_bytes
        rest = (self.looked, most, self.observer, self.clock)
        for mailbox in settings.imap:
            yield mailbox.name, MailboxIntake(mailbox, self.sink, recorded, *rest).run()
        for place in settings.mail_folders:
            yield place.name, MailFolderIntake(place, self.sink, recorded, *rest).run()

    def _portals(self) -> Iterator[Part]:
        for portal in self.settings.portals:
            crawler = PortalCrawler(
                portal, self.sink, self.settings.state_dir, self.observer, self.clock, self.looked
            )
            yield portal.name, crawler.run()

    def _recorded(self) -> RecordedItems:
        quarantine = Quarantine(self.settings.state_dir / "spool")
        return RecordedItems(self._committed, quarantine.holding)

    async def _committed(self, ids: Sequence[str]) -> set[str]:
        database = self.database()
        if database is None:
            raise DatabaseUnavailable("not connected yet")
        return await committed_items(database, ids)
