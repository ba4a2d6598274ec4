"""A journal mailbox read over IMAP: mail leaves it once it is recorded, and not before.

Each look selects the folder, moves what the record has by now, and takes what is new: listed by
ranges of UIDs, fetched in bounded batches, durable in the spool before it counts as taken. What is
taken and not yet recorded is remembered here alone; after a restart it is taken again under the
identifiers it had. Whatever the other end does, the task lives on.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from monitor.clock import Clock, now
from monitor.collect.events import (
    MailboxConnected,
    MailboxFault,
    MailboxMailUnreadable,
    MailboxNotCleared,
    MailboxUnavailable,
    MailboxWaiting,
    Refusal,
)
from monitor.collect.imap_session import (
    LISTED_AT_ONCE,
    Listed,
    MailboxError,
    MailboxSession,
    Selected,
    batches,
)
from monitor.collect.pulled import HandOver, PulledMail
from monitor.collect.recorded import Recorded
from monitor.collect.sink import Sink
from monitor.errors import UserError
from monitor.observe import Event, Observer
from monitor.settings import ImapSource

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds to the next try at a server that is away; doubled each time."""
MISTAKE_PAUSE, LONGEST_MISTAKE_PAUSE = 30.0, 600.0
"""After what an operator has to mend."""
REFUSED_PAUSE, LONGEST_REFUSED_PAUSE = 300.0, 3600.0
"""After a refused password: mail systems lock an account out after a few."""
SOON, SPOOL_PAUSE, PASSWORD_LOOK = 1.0, 10.0, 5.0
ASKED_AT_ONCE = 5000
"""Of what waits for the record: the oldest come first."""
LONGEST_IDLE = 25 * 60.0
"""Servers end a session that is silent for half an hour (RFC 2177)."""
COMMAND_SECONDS = 60.0
"""Longest that a command may take, beside the time for the mails it moves."""
LONG_SECONDS = 300.0
SLOW_BYTES = 64 * 1024
"""A second: slower than that is not slow but stuck."""

_MISTAKES = {
    MailboxFault.CERTIFICATE,
    MailboxFault.PASSWORD_UNREADABLE,
    MailboxFault.FOLDER_MISSING,
    MailboxFault.READ_ONLY,
}


class MailboxIntake:
    """Reads one mailbox until cancelled."""

    def __init__(
        self,
        source: ImapSource,
        sink: Sink,
        recorded: Recorded,
        looked: Callable[[str], None],
        max_bytes: int,
        observer: Observer,
        clock: Clock = now,
    ) -> None:
        """`looked` is told the source's name after each look that went well."""
        self._source = source
        self._recorded = recorded
        self._looked = looked
        self._max_bytes = max_bytes
        self._observer = observer
        self._give = HandOver(source, sink, recorded, observer, clock).give
        self._session = MailboxSession(source)
        self._uid_validity = 0
        self._seen = 0
        """All mails up to this UID are taken, or known not to be given."""
        self._pending: dict[int, str] = {}
        """UID and identifier of what is taken and waits for the record."""
        self._waiting: Refusal | None = None
        self._failures = 0

    async def run(self) -> None:
        """Serve the mailbox; reconnect with growing pauses when it is away."""
        while True:
            try:
                await self._serve()
            except MailboxError as error:
                self._failures += 1
                pause = self._pause_after(error.fault)
                self._emit(
                    MailboxUnavailable(self._source.name, error.fault.value, error.detail, pause)
                )
                await self._rest(error.fault, pause)

    async def _serve(self) -> None:
        session = self._session = MailboxSession(self._source)
        try:
            await self._call(session.open)
            self._emit(MailboxConnected(self._source.name))
            while True:
                await self.look()
                self._failures = 0
                await self._wait()
        finally:
            # Neither the event loop nor a stop waits for a server's goodbye.
            _in_background(session.close)

    # -- one look -------------------------------------------------------------------------------

    async def look(self) -> None:
        """Move what is recorded, then take what is new; MailboxError."""
        selected = await self._call(self._session.select)
        if selected.uid_validity != self._uid_validity:
            # The server has numbered its mails anew; they keep the identifiers of their content.
            self._uid_validity, self._seen = selected.uid_validity, 0
            self._pending.clear()
        await self._let_go()
        await self._take_new(selected)
        self._looked(self._source.name)

    async def _let_go(self) -> None:
        if not self._pending:
            return
        safe = await self._recorded(tuple(islice(self._pending.values(), ASKED_AT_ONCE)))
        uids = [uid for uid, item_id in self._pending.items() if item_id in safe]
        if not uids:
            return
        try:
            await self._call(self._session.remove, uids, seconds=LONG_SECONDS)
        except MailboxError as error:
            if error.fault not in {MailboxFault.REFUSED, MailboxFault.NO_MOVE}:
                raise
            self._emit(MailboxNotCleared(self._source.name, error.fault.value, len(uids)))
            return
        for uid in uids:
            del self._pending[uid]

    async def _take_new(self, selected: Selected) -> None:
        low = max(self._seen + 1, selected.first_uid)
        while low < selected.uid_next:
            high = min(low + LISTED_AT_ONCE, selected.uid_next) - 1
            listed = await self._call(self._session.listing, low, high, seconds=LONG_SECONDS)
            for batch in batches(listed, self._max_bytes):
                refusal = await self._take(batch)
                if refusal:
                    self._wait_for_spool(refusal)
                    return
            self._seen, low = high, high + 1
        self._waiting = None

    async def _take(self, batch: Sequence[Listed]) -> Refusal | None:
        """Make a batch durable; why the spool does not take it."""
        mails = await self._fetch(batch)
        given = await self._give(tuple(mails.values()))
        for uid, item_id in zip(mails, given.ids, strict=True):
            if item_id:
                self._pending[uid] = item_id
        if given.refusal is None:
            self._seen = batch[-1].uid
        return given.refusal

    async def _fetch(self, batch: Sequence[Listed]) -> dict[int, PulledMail]:
        size = sum(min(mail.size, self._max_bytes) for mail in batch)
        seconds = COMMAND_SECONDS + size / SLOW_BYTES
        found: dict[int, PulledMail] = {}
        try:
            found = await self._call(self._session.fetch, batch, self._max_bytes, seconds=seconds)
        except MailboxError as error:
            if error.fault is not MailboxFault.REFUSED:
                raise
        missing = [mail for mail in batch if mail.uid not in found]
        if len(batch) > 1:
            # One of them is broken at the server: the others are not kept waiting for it.
            for mail in missing:
                found |= await self._fetch([mail])
        elif missing and await self._call(self._session.listing, batch[0].uid, batch[0].uid):
            self._emit(MailboxMailUnreadable(self._source.name))
        return found

    # -- waiting --------------------------------------------------------------------------------

    async def _wait(self) -> None:
        """Until the next look is worth it."""
        if self._waiting:
            await asyncio.sleep(min(SPOOL_PAUSE, self._source.poll_seconds))
        elif self._pending:
            await asyncio.sleep(min(SOON, self._source.poll_seconds))
        elif await self._call(self._session.idles):
            seconds = min(self._source.poll_seconds, LONGEST_IDLE)
            await self._call(self._session.wait, seconds, seconds=seconds + LONG_SECONDS)
        else:
            await asyncio.sleep(self._source.poll_seconds)

    def _pause_after(self, fault: MailboxFault) -> float:
        first, longest = FIRST_PAUSE, LONGEST_PAUSE
        if fault is MailboxFault.LOGIN_REFUSED:
            first, longest = REFUSED_PAUSE, LONGEST_REFUSED_PAUSE
        elif fault in _MISTAKES:
            first, longest = MISTAKE_PAUSE, LONGEST_MISTAKE_PAUSE
        return float(min(longest, first * 2.0 ** min(self._failures - 1, 20)))

    async def _rest(self, fault: MailboxFault, seconds: float) -> None:
        """Pause; a password that was changed meanwhile is tried at once."""
        if fault is not MailboxFault.LOGIN_REFUSED:
            await asyncio.sleep(seconds)
            return
        refused = self._password()
        while seconds > 0 and self._password() == refused:
            await asyncio.sleep(min(seconds, PASSWORD_LOOK))
            seconds -= PASSWORD_LOOK

    def _password(self) -> str | None:
        try:
            return self._source.password()
        except UserError:
            return None

    def _wait_for_spool(self, refusal: Refusal) -> None:
        if self._waiting is not refusal:
            self._emit(MailboxWaiting(self._source.name, refusal.value))
        self._waiting = refusal

    # -- the session's thread -------------------------------------------------------------------

    async def _call(
        self,
        work: Callable[..., T],
        *arguments: Any,
        seconds: float | None = None,
    ) -> T:
        """A call of the session that ends in time: by its end, or by that of the connection."""
        try:
            async with asyncio.timeout(seconds or COMMAND_SECONDS):
                return await _in_thread(work, *arguments)
        except TimeoutError:
            self._session.abort()
            raise MailboxError(MailboxFault.TIMEOUT) from None
        except asyncio.CancelledError:
            self._session.abort()
            raise

    def _emit(self, event: Event) -> None:
        self._observer.emit(event)


async def _in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Run what blocks in a thread of its own, which a stopping daemon does not wait for.

    The loop's own threads are joined at its end: a server that is silent would hold it up.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        ended: Callable[[], None]
        try:
            ended = partial(answer.set_result, work(*arguments))
        except BaseException as error:  # noqa: BLE001 - raised where it is awaited
            ended = partial(answer.set_exception, error)
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(_end, answer, ended)

    _in_background(run)
    return await answer


def _end(answer: "asyncio.Future[T]", ended: Callable[[], None]) -> None:
    if not answer.done():  # nobody waits for it any more when it is cancelled
        ended()


def _in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="mailbox", daemon=True).start()
