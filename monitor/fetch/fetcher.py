"""Keeps the watched folder fresh: asks what is due, takes in what is newer, remembers the rest.

Nothing is ever asked that the configuration does not name: addresses of `fetch.urls`, and those in
certificates of the local store whose host is in `fetch.hosts`. Mail has no say in it.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from asn1crypto import pem
from prometheus_client import Counter

from monitor.clock import Clock
from monitor.errors import UserError
from monitor.fetch import book, process
from monitor.fetch.addresses import lists_of
from monitor.fetch.book import Entry
from monitor.fetch.events import FetcherDied, TrustFetched, TrustFetchFailed
from monitor.fetch.hosts import entry_of, may_ask, parse
from monitor.fetch.wire import Answer, Job, Outcome, Rules, Target, What
from monitor.material import Loaded
from monitor.material.demo_mark import is_demo_certificate
from monitor.material.importing import place_of_list
from monitor.material.lists import ForgedList, Listed, listed
from monitor.material.loading import Held
from monitor.material.pins import Pins
from monitor.material.reading import Left, read_file
from monitor.material.storing import store
from monitor.material.vouching import certifies, voucher
from monitor.observe import Observer
from monitor.settings import FetchSettings, Settings
from monitor.verify import ber
from monitor.verify.certificate import Certificate, certificate

_LONGEST_SLEEP = 600.0
_SHORTEST_SLEEP = 1.0


def rules_of(settings: FetchSettings) -> Rules:
    """What the process is told of the settings."""
    return Rules(
        hosts=settings.hosts,
        allow_private=settings.allow_private,
        timeout_seconds=settings.timeout_seconds,
        max_bytes=settings.max_bytes,
        proxy=settings.proxy,
    )


def addresses(settings: FetchSettings, loaded: Loaded) -> tuple[str, ...]:
    """Everything that is fetched: what is configured and what the store's certificates name."""
    named = [url for ca in loaded.authorities for url in lists_of(ca.certificate)]
    allowed = [url for url in named if may_ask(url, settings.hosts)]
    return tuple(dict.fromkeys((*settings.urls, *allowed)))


@dataclass(frozen=True, slots=True)
class _Taken:
    """What was made of an answer, where it is, and its facts if it is a list."""

    outcome: Outcome
    path: Path
    one: Listed | None


@dataclass
class Fetcher:
    """Use `run` as one task of the daemon; it ends its process when it is cancelled."""

    settings: Settings
    trust: Callable[[], Loaded]
    """The trust material in force."""
    observer: Observer
    clock: Clock
    chance: Callable[[], float] = random.random
    _book: dict[str, Entry] = field(init=False)
    _counter: Counter = field(init=False)

    def __post_init__(self) -> None:
        self._book = book.load(self.settings.state_dir)
        self._counter = Counter(
            "congvu_trust_fetches",
            "Addresses asked for revocation data, by what became of it.",
            ["host", "outcome"],
            registry=self.observer.registry,
        )

    async def run(self) -> None:
        """Ask what is due, again and again; returns at once when fetching is off."""
        while self.settings.fetch.enabled:
            await self.fetch_due()
            await asyncio.sleep(self._pause())

    async def fetch_due(self) -> None:
        """One round: every address whose time has come."""
        loaded, now = self.trust(), self.clock()
        wanted = addresses(self.settings.fetch, loaded)
        self._book = {url: self._book.get(url) or Entry(url=url) for url in wanted}
        due = [entry for entry in self._book.values() if entry.due(now)]
        if due:
            await self._ask(due, loaded)
            book.save(self.settings.state_dir, self._book)

    def _pause(self) -> float:
        """Seconds until an address is due; never long, so that a changed store is seen."""
        tries = [entry.next_try for entry in self._book.values() if entry.next_try]
        if not tries:
            return _LONGEST_SLEEP
        seconds = (min(tries) - self.clock()).total_seconds()
        return min(max(seconds, _SHORTEST_SLEEP), _LONGEST_SLEEP)

    async def _ask(self, due: list[Entry], loaded: Loaded) -> None:
        unanswered = {entry.url for entry in due}
        fetch = self.settings.fetch
        job = Job.model_construct(
            rules=rules_of(fetch),
            authorities=tuple(a.certificate.der for a in loaded.authorities),
            targets=tuple(map(_target, due)),
        )
        try:
            async for answer, body in process.run(job, fetch.timeout_seconds * len(due)):
                if answer.url in self._book:
                    unanswered.discard(answer.url)
                    await asyncio.to_thread(self._take, answer, body, loaded)
        except process.ProcessDied:
            self.observer.emit(FetcherDied(len(unanswered)))
        for url in unanswered:
            self._failed(self._book[url], Outcome.DIED)

    # -- what came ----------------------------------------------------------------------------

    def _take(self, answer: Answer, body: bytes, loaded: Loaded) -> None:
        entry = self._book[answer.url]
        if not answer.outcome.good:
            self._failed(entry, answer.outcome)
            return
        if answer.outcome is Outcome.UNCHANGED:
            self._succeeded(entry, answer.outcome)
            return
        taken = self._taken(answer, body, loaded)
        if isinstance(taken, Outcome):
            self._failed(entry, taken)
            return
        marks: dict[str, object] = {
            "etag": answer.etag, "last_modified": answer.last_modified, "file": str(taken.path),
        }  # fmt: skip
        if taken.one:
            marks |= {
                "this_update": taken.one.this_update, "next_update": taken.one.next_update,
            }  # fmt: skip
        self._succeeded(entry.model_copy(update=marks), taken.outcome)

    def _taken(self, answer: Answer, body: bytes, loaded: Loaded) -> _Taken | Outcome:
        """Store what came if a known CA signed it: the process is not taken at its word."""
        try:
            if answer.what is What.CRL:
                return self._list(body, loaded)
            if answer.what is What.CERTIFICATE:
                return self._certificate(body, loaded)
        except UserError:
            return Outcome.NOT_STORED
        return Outcome.MALFORMED

    def _list(self, body: bytes, loaded: Loaded) -> _Taken | Outcome:
        authorities = [a.certificate for a in loaded.authorities]
        try:
            one = listed(body, authorities)
        except ForgedList:
            return Outcome.FORGED
        if one is None or one.authority is None:
            return Outcome.UNKNOWN_CA
        verify = self.settings.verify
        path = place_of_list(one, verify, Pins.load(verify.pins))
        in_place = _lists_in(path, authorities)
        for there in (*in_place, *loaded.lists):
            if there.listed.same_series(one) and not one.replaces(there.listed):
                same = there.listed.der == one.der
                return _Taken(Outcome.UNCHANGED if same else Outcome.OLDER, there.file, one)
        store(path, one.der)
        return _Taken(Outcome.NEW, path, one)

    def _certificate(self, body: bytes, loaded: Loaded) -> _Taken | Outcome:
        """A CA that a CA of the store signed; it completes chains and is no anchor."""
        folder = self.settings.verify.intermediates
        try:
            found = certificate(body)
        except ber.Malformed:
            return Outcome.MALFORMED
        there = next((a for a in loaded.authorities if a.certificate == found), None)
        if there is not None:
            return _Taken(Outcome.UNCHANGED, there.file, None)
        if not certifies(found) or is_demo_certificate(found.der):
            return Outcome.MALFORMED
        if voucher(found, [a.certificate for a in loaded.authorities]) is None:
            return Outcome.UNKNOWN_CA
        if folder is None:
            return Outcome.NOT_STORED
        path = folder / f"{found.sha256}.pem"
        store(path, pem.armor("CERTIFICATE", found.der))
        return _Taken(Outcome.NEW, path, None)

    # -- what is remembered -------------------------------------------------------------------

    def _succeeded(self, entry: Entry, outcome: Outcome) -> None:
        interval = timedelta(seconds=self.settings.fetch.interval_seconds)
        known = entry.model_copy(update={"outcome": outcome})
        self._book[entry.url] = known.succeeded(self.clock(), interval, self.chance())
        host = self._counted(entry, outcome)
        name = Path(entry.file).name if entry.file else None
        self.observer.emit(TrustFetched(host, outcome.value, name))

    def _failed(self, entry: Entry, outcome: Outcome) -> None:
        failed = entry.failed(self.clock(), outcome, self.chance())
        self._book[entry.url] = failed
        host = self._counted(entry, outcome)
        self.observer.emit(TrustFetchFailed(host, outcome.value, failed.failures))

    def _counted(self, entry: Entry, outcome: Outcome) -> str:
        """The host as the list names it, once its series has moved."""
        url = parse(entry.url)
        host = (entry_of(url) if url else None) or "?"
        self._counter.labels(host, outcome.value).inc()
        return host


def _target(entry: Entry) -> Target:
    """Ask for changes only if what they would be changes of is still there."""
    if entry.file is None or not Path(entry.file).exists():
        return Target(url=entry.url)
    return Target(url=entry.url, etag=entry.etag, last_modified=entry.last_modified)


def _lists_in(path: Path, authorities: list[Certificate]) -> list[Held]:
    """What is in the file that would be replaced; what is unusable may be."""
    try:
        found = [listed(o.der, authorities) for o in read_file(path)]
    except (Left, ForgedList):
        return []
    return [Held(path, one) for one in found if one]
