"""Looks at one portal again and again, and gives what it newly publishes to the spool.

A document is taken when it is whole; its identifier depends on source, address and content alone,
so whatever is repeated after a crash counts once. What is known of the portal only saves work.
"""

import asyncio
import hashlib
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from weakref import WeakKeyDictionary

from prometheus_client import CollectorRegistry, Counter
from pydantic import ValidationError

from monitor.clock import Clock, now
from monitor.collect.events import DocumentCaptured, IntakeFault, Refusal
from monitor.collect.identity import derived_item_id
from monitor.collect.sink import Sink
from monitor.errors import SpoolFault, SpoolFull
from monitor.fetch.hosts import may_ask
from monitor.fetch.schedule import after_failure
from monitor.fetch.wire import Rules
from monitor.model import Channel, DocumentClaim, ItemHeader, PayloadKind
from monitor.observe import Event, Observer
from monitor.portal import process
from monitor.portal.addresses import canonical
from monitor.portal.book import Book, Entry, Round, last_round, save_round
from monitor.portal.events import (
    PortalFailed,
    PortalNotRemembered,
    PortalProcessDied,
    PortalRound,
    PortalTooLarge,
    PortalWaiting,
)
from monitor.portal.names import plain
from monitor.portal.process import Piece, ProcessDied
from monitor.portal.wire import Answer, Job, Link, Links, Outcome
from monitor.settings import PortalSource

_SAVE_SECONDS = 60.0
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 1.0, 60.0
_SHOWN = 20
"""Addresses that the summary names of one kind."""


class _NotNow(Exception):
    """Handing over went wrong in a way nobody classified: the next round tries again."""


@dataclass
class _Doing:
    """A round while it lasts."""

    began: datetime
    starts: frozenset[str]
    asking: str | None = None
    reached: bool = False
    died: bool = False
    first_failure: Outcome | None = None
    failed_starts: dict[str, Outcome] = field(default_factory=dict)
    outcomes: Tally[Outcome] = field(default_factory=Tally)
    documents: int = 0
    left: int = 0
    too_large: list[str] = field(default_factory=list)
    other_hosts: list[str] = field(default_factory=list)
    saved: float = field(default_factory=monotonic)


def rules_of(source: PortalSource) -> Rules:
    """What the process may ask."""
    return Rules(
        hosts=source.allowed(),
        allow_private=source.allow_private,
        timeout_seconds=source.timeout_seconds,
        max_bytes=source.max_bytes,
        proxy=source.proxy,
    )


def job_of(source: PortalSource, entries: Sequence[Entry], at: datetime) -> Job:
    """One round, with what is known from earlier ones."""
    starts = frozenset(starts_of(source))
    return Job(
        rules=rules_of(source),
        starts=source.starts,
        depth=source.depth,
        max_pages=source.max_pages,
        delay_seconds=source.delay_seconds,
        robots=source.robots,
        known=tuple(
            entry.known(at, start=entry.url in starts)
            for entry in entries
            if may_ask(entry.url, source.allowed())
        ),
    )


def starts_of(source: PortalSource) -> list[str]:
    """Where a round begins, as the process names it."""
    return [str(url) for url in (canonical(None, text) for text in source.starts) if url]


class PortalCrawler:
    """Use `run` as one task of the daemon; it ends its process when it is cancelled."""

    def __init__(
        self,
        source: PortalSource,
        sink: Sink,
        state_dir: Path,
        observer: Observer,
        clock: Clock = now,
        looked: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._source = source
        self._sink = sink
        self._state_dir = state_dir
        self._observer = observer
        self._clock = clock
        self._looked = looked
        self._interval = timedelta(seconds=source.interval_seconds)
        self._counters = _counters(observer.registry)
        self._book: Book | None = None

    async def run(self) -> None:
        """A round every `interval_seconds`, sooner after one that failed."""
        last = await asyncio.to_thread(last_round, self._state_dir, self._source.name)
        while True:
            if last is not None:
                await asyncio.sleep(self._pause(last))
            last = await self.round()

    def _pause(self, last: Round) -> float:
        """Seconds until the next round is due."""
        due = last.ended + self._interval
        if last.failures:
            due = min(due, after_failure(last.ended, last.failures, 0.0))
        return max((due - self._clock()).total_seconds(), 0.0)

    async def round(self) -> Round:
        """One round: everything that is due and within bounds."""
        book = await self._known()
        doing = _Doing(self._clock(), frozenset(starts_of(self._source)))
        entries = tuple(book.entries.values())
        job = await asyncio.to_thread(job_of, self._source, entries, doing.began)
        try:
            async with aclosing(process.run(job)) as answers:
                async for answer, body in answers:
                    await self._take(doing, book, answer, body)
        except ProcessDied:
            self._died(doing, book)
        except _NotNow as fault:
            self._emit(IntakeFault(type(fault.__cause__).__name__))
        except asyncio.CancelledError:
            self._keep(book.save())
            raise
        await asyncio.to_thread(book.forget, doing.began)
        self._keep(await asyncio.to_thread(book.save))
        return await self._finish(doing)

    async def _known(self) -> Book:
        if self._book is None:
            source = self._source
            self._book = await asyncio.to_thread(
                Book.load, self._state_dir, source.name, source.max_pages
            )
        return self._book

    # -- one answer -----------------------------------------------------------------------------

    async def _take(self, doing: _Doing, book: Book, answer: Answer, body: Piece) -> None:
        if answer.outcome is Outcome.ASKING:
            doing.asking = answer.url
            return
        if answer.outcome.answered and not self._may_speak_of(answer, doing):
            raise ProcessDied
        self._count(doing, answer)
        if answer.outcome is Outcome.LIMIT:
            doing.left = answer.number or 0
        elif answer.outcome is Outcome.HOST_REFUSED and len(doing.other_hosts) < _SHOWN:
            doing.other_hosts.append(answer.url)
        elif answer.outcome.answered and not _is_robots(answer):
            await self._remember(doing, book, answer, body)
        await self._save_now_and_then(doing, book)

    def _may_speak_of(self, answer: Answer, doing: _Doing) -> bool:
        """The process is not taken at its word: only what it said it asks, of a listed host."""
        told = answer.url == doing.asking or _is_robots(answer)
        return told and may_ask(answer.url, self._source.allowed())

    def _count(self, doing: _Doing, answer: Answer) -> None:
        outcome, name = answer.outcome, self._source.name
        many = (answer.number or 0) if outcome is Outcome.ROBOTS and not answer.url else 1
        doing.outcomes[outcome] += many
        self._counters.pages.labels(name, outcome.value).inc(many)
        if answer.url in doing.starts and outcome.good:
            doing.reached = True
            self._looked(name)
        elif answer.url in doing.starts and outcome is not Outcome.GIVEN_UP:
            doing.failed_starts[answer.url] = outcome
        if not outcome.good and doing.first_failure is None and outcome is not Outcome.LIMIT:
            doing.first_failure = outcome

    async def _remember(self, doing: _Doing, book: Book, answer: Answer, body: Piece) -> None:
        at = self._clock()
        link = Link(url=answer.url, depth=answer.depth, hops=answer.hops)
        before = book.entry(link, answer.parent, at)
        if answer.outcome is Outcome.DOCUMENT:
            book.put(await self._document(doing, book, before, answer, body))
            return
        after = before.after(at, answer.outcome, self._interval)
        if answer.outcome in {Outcome.PAGE, Outcome.REDIRECTED}:
            after = await asyncio.to_thread(_with_links, book, after, answer, body, at)
        elif answer.outcome is Outcome.TOO_LARGE:
            self._too_large(doing, before, answer)
        book.put(after)

    def _too_large(self, doing: _Doing, before: Entry, answer: Answer) -> None:
        if len(doing.too_large) < _SHOWN:
            doing.too_large.append(answer.url)
        if before.outcome is not Outcome.TOO_LARGE:
            self._emit(PortalTooLarge(self._source.name, answer.number))

    # -- documents ------------------------------------------------------------------------------

    async def _document(
        self, doing: _Doing, book: Book, before: Entry, answer: Answer, body: Piece
    ) -> Entry:
        """Hand a document over if its content is new; what is remembered of it."""
        sha256 = await asyncio.to_thread(_hashed, body)
        new = book.hashes[sha256] <= 0
        if new:
            await self._hand_over(self._header(answer, sha256), body)
            doing.documents += 1
            self._counters.documents.labels(self._source.name).inc()
            self._emit(DocumentCaptured(self._source.name, answer.size))
        same = before.sha256 == sha256
        after = before.after(
            self._clock(), Outcome.UNCHANGED if same else Outcome.DOCUMENT, self._interval
        )
        marks = {
            "sha256": sha256, "etag": answer.etag, "last_modified": answer.last_modified,
        }  # fmt: skip
        return after.model_copy(update=marks)

    def _header(self, answer: Answer, sha256: str) -> ItemHeader:
        source = self._source
        claim = DocumentClaim(
            agency=source.agency,
            file_name=plain(answer.file_name or "") or "document",
            origin=answer.url,
        )
        return ItemHeader(
            item_id=derived_item_id("portal", source.name, answer.url, sha256),
            kind=PayloadKind.DOCUMENT,
            source=source.name,
            channel=Channel.PORTAL,
            received_at=self._clock(),
            size=answer.size,
            claim=claim,
        )

    async def _hand_over(self, header: ItemHeader, body: Piece) -> None:
        """Once the spool takes it; the process waits as long."""
        pause = 0.0
        while refusal := await self._offered(header, body):
            if not pause:
                self._emit(PortalWaiting(self._source.name, refusal.value))
            pause = min(max(2 * pause, _FIRST_RETRY_SECONDS), _LONGEST_RETRY_SECONDS)
            await asyncio.sleep(pause)

    async def _offered(self, header: ItemHeader, body: Piece) -> Refusal | None:
        try:
            await self._sink(header, body)
        except SpoolFull:
            return Refusal.SPOOL_FULL
        except SpoolFault:
            return Refusal.SPOOL_FAULT
        except Exception as error:
            raise _NotNow from error
        return None

    # -- the end of a round -----------------------------------------------------------------------

    def _died(self, doing: _Doing, book: Book) -> None:
        """Leave out what the process was at, so that the next round comes further."""
        doing.died = True
        doing.first_failure = doing.first_failure or Outcome.DIED
        doing.outcomes[Outcome.DIED] += 1
        self._counters.pages.labels(self._source.name, Outcome.DIED.value).inc()
        self._emit(PortalProcessDied(self._source.name))
        if doing.asking is not None and may_ask(doing.asking, self._source.allowed()):
            at = self._clock()
            entry = book.entry(Link(url=doing.asking), None, at)
            book.put(entry.after(at, Outcome.DIED, self._interval))

    async def _finish(self, doing: _Doing) -> Round:
        name = self._source.name
        before = await asyncio.to_thread(last_round, self._state_dir, name)
        done = Round(
            source=name,
            began=doing.began,
            ended=self._clock(),
            reached=doing.reached,
            died=doing.died,
            outcomes=dict(doing.outcomes),
            documents=doing.documents,
            left=doing.left,
            failures=0 if doing.reached else (before.failures if before else 0) + 1,
            first_failure=doing.first_failure,
            failed_starts=doing.failed_starts,
            too_large=tuple(doing.too_large),
            other_hosts=tuple(doing.other_hosts),
        )
        self._keep(await asyncio.to_thread(save_round, self._state_dir, done))
        self._emit(PortalRound(name, done.asked, done.documents, done.failed, done.left))
        if done.reached:
            self._looked(name)
        else:
            outcome = doing.first_failure or Outcome.DIED
            self._emit(PortalFailed(name, outcome.value, done.failures))
        return done

    async def _save_now_and_then(self, doing: _Doing, book: Book) -> None:
        if monotonic() - doing.saved >= _SAVE_SECONDS:
            self._keep(await asyncio.to_thread(book.save))
            doing.saved = monotonic()

    def _keep(self, kept: bool) -> None:
        if not kept:
            self._emit(PortalNotRemembered(self._source.name))

    def _emit(self, event: Event) -> None:
        self._observer.emit(event)


@dataclass(frozen=True, eq=False)
class _Counters:
    pages: Counter
    documents: Counter


_COUNTERS: WeakKeyDictionary[CollectorRegistry, _Counters] = WeakKeyDictionary()


def _counters(registry: CollectorRegistry) -> _Counters:
    """Of all portals that one registry shows."""
    found = _COUNTERS.get(registry)
    if found is None:
        found = _COUNTERS[registry] = _Counters(
            Counter(
                "congvu_portal_pages",
                "Addresses of portals by what became of them.",
                ["source", "outcome"],
                registry=registry,
            ),
            Counter(
                "congvu_portal_documents",
                "New or changed documents of portals, handed over.",
                ["source"],
                registry=registry,
            ),
        )
    return found


def _is_robots(answer: Answer) -> bool:
    return answer.url.endswith("/robots.txt") and answer.depth == 0 and answer.parent is None


def _hashed(body: Piece) -> str:
    digest = hashlib.sha256()
    for part in body:
        digest.update(part)
    return digest.hexdigest()


def _with_links(book: Book, page: Entry, answer: Answer, body: Piece, at: datetime) -> Entry:
    """Remember what a page leads to; its validators only if nothing was left out."""
    try:
        found = Links.model_validate_json(b"".join(body))
    except ValidationError:
        raise ProcessDied from None
    whole = found.whole
    for link in found.links:
        if book.full and link.url not in book.entries:
            whole = False
            continue
        entry = book.entry(link, page.url, at)
        update = {
            "parent": page.url, "seen": at, "depth": link.depth, "likely": link.likely,
            "hops": link.hops,
        }  # fmt: skip
        whole = book.put(entry.model_copy(update=update)) and whole
    marks = {
        "etag": answer.etag if whole else None,
        "last_modified": answer.last_modified if whole else None,
        "whole": at if whole else None,
    }
    return page.model_copy(update=marks)
