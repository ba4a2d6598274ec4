"""Reports on their way out: into the folder, and by mail to who is named in the settings.

A mail is noted before the relay has it and answered after: what a crash leaves unanswered is sent
once more under the same Message-ID, and then no more. Each address gets a mail of its own, so that
one that is refused holds up no other, and no list shows who else is told.
"""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from monitor.clock import Clock
from monitor.errors import DatabaseUnavailable, UserError
from monitor.measure.closing import Closing
from monitor.report.delivery import relay
from monitor.report.delivery.handing import (
    FOLDER,
    Attempt,
    Handing,
    Result,
    Session,
    Standing,
    handed_out,
    note,
    of_agency,
)
from monitor.report.delivery.letter import Envelope, Letter, Sheet, letter
from monitor.report.delivery.relay import Answer, Relay
from monitor.report.order import SHEETS, Order, Written
from monitor.settings import Settings

OUTGOING = "reports-outgoing"
"""Below the state folder: files of mails while they are sent; one process at a time is at it."""

Export = Callable[[Settings, int, Order, Path], Awaitable[list[Written]]]
"""`monitor.report.apart.export_apart`."""


def folder_of(settings: Settings) -> Path:
    """Where the daemon writes reports."""
    return settings.report.folder or settings.state_dir / "reports"


@dataclass(frozen=True, slots=True)
class Mailing:
    """One report, and the addresses that it is to be sent to."""

    closing: Closing
    agency: str | None
    name: str
    """Of the agency; empty of the province."""
    to: Mapping[Handing, Standing]


@dataclass(frozen=True, slots=True)
class Mailed:
    """What became of a mailing."""

    answers: Mapping[Handing, Answer]
    """Without those that the relay went away from."""
    files: Sequence[Written]


@dataclass(slots=True)
class Delivery:
    """Hands on reports; one of it in a process, used by who has the turn (`handing.turn`)."""

    settings: Settings
    export: Export
    clock: Clock
    unnoted: list[Attempt] = field(default_factory=list)
    """What the relay answered while the database was away: noted when it is back."""

    # -- into the folder -------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """Where reports are written."""
        return folder_of(self.settings)

    async def write(
        self, session: Session, closing: int, agencies: Sequence[str | None]
    ) -> list[Written]:
        """Write reports into the folder and note them: of the province (None) and of agencies.

        The province with all agencies is one order, which is quicker than one by one. Raises
        UserError, DatabaseUnavailable.
        """
        alone = len(agencies) == 1
        agency = agencies[0] if alone else None
        order = self._order(agency, sheets=not alone)
        written = await self.export(self.settings, closing, order, self._place(agency))
        for each in agencies:
            handing = Handing(closing, of_agency(each), FOLDER)
            await self._note(session, handing, Result.SENT, "")
        return written

    def _place(self, agency: str | None) -> Path:
        return self.folder / SHEETS if agency else self.folder

    def _order(self, agency: str | None, *, sheets: bool = False) -> Order:
        wanted = self.settings.report
        return Order(wanted.formats, wanted.languages, agency, sheets=sheets)

    # -- by mail ---------------------------------------------------------------------------------

    async def mail(self, session: Session, mailing: Mailing) -> Mailed:
        """Send one report to its addresses, as far as the relay goes on to answer.

        Raises RelayAway, UserError (the report cannot be made), DatabaseUnavailable.
        """
        wanted = self.settings.report_mail
        answers: dict[Handing, Answer] = {}
        async with relay.session(wanted) as connected, self._outgoing() as folder:
            order = self._order(mailing.agency)
            written = await self.export(self.settings, mailing.closing.id, order, folder)
            written = [await self._handed_out(session, mailing, each) for each in written]
            files = [each.path for each in written]
            sheet = Sheet(mailing.closing, mailing.agency, mailing.name, files)
            for handing, standing in mailing.to.items():
                if connected.there:
                    answers[handing] = await self._send(
                        session, connected, sheet, handing, standing
                    )
        return Mailed(answers, written)

    async def _handed_out(self, session: Session, mailing: Mailing, made: Written) -> Written:
        """What was written into the folder by an earlier congvu, where it is there as it was."""
        if not made.differs:
            return made
        first = self._place(mailing.agency) / made.path.name
        known = await handed_out(session, mailing.closing.id, first.name)
        content = await asyncio.to_thread(_content, first)
        if content is None or hashlib.sha256(content).digest() != known:
            return made
        return Written(first, len(content), hashlib.sha256(content).hexdigest())

    async def _send(
        self, session: Session, connected: Relay, sheet: Sheet, handing: Handing, standing: Standing
    ) -> Answer:
        try:
            made = await asyncio.to_thread(self._letter, connected, sheet, handing, standing)
        except UserError as error:
            answer = Answer(Result.REFUSED, str(error))
        else:
            # By the session that holds the turn: who has lost it sends nothing.
            await note(session, self._attempt(handing, Result.UNKNOWN, ""))
            sender = self.settings.report_mail.sender or ""
            answer = await connected.send(sender, handing.recipient, made.data)
            if made.left:
                answer = replace(answer, detail=f"{answer.detail}; too large: {len(made.left)}")
        if answer.result is not Result.UNKNOWN:
            await self._note(session, handing, answer.result, answer.detail)
        return answer

    def _letter(
        self, connected: Relay, sheet: Sheet, handing: Handing, standing: Standing
    ) -> Letter:
        wanted = self.settings.report_mail
        envelope = Envelope(
            handing, self.settings.report.issuer, wanted.sender or "", standing.sent, self.clock()
        )
        most = min(wanted.max_bytes, connected.most_bytes or wanted.max_bytes)
        return letter(sheet, envelope, self.settings.report.languages, most)

    @asynccontextmanager
    async def _outgoing(self) -> AsyncIterator[Path]:
        """A folder for the files of one mail; what a crash has left in it goes first."""
        folder = self.settings.state_dir / OUTGOING
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    # -- noting ----------------------------------------------------------------------------------

    async def catch_up(self, session: Session) -> None:
        """Note what could not be noted. Raises DatabaseUnavailable."""
        while self.unnoted:
            await note(session, self.unnoted[0])
            self.unnoted.pop(0)

    async def _note(self, session: Session, handing: Handing, result: Result, detail: str) -> None:
        attempt = self._attempt(handing, result, detail)
        try:
            await note(session, attempt)
        except DatabaseUnavailable:
            self.unnoted.append(attempt)
            raise

    def _attempt(self, handing: Handing, result: Result, detail: str) -> Attempt:
        return Attempt(handing, self.clock(), result, detail)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
