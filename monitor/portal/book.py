"""What is remembered of a portal between rounds and over restarts: `portal-NAME.json`.

Of each address, what makes the next look cheap: validators, the hash of a document that was
taken, what led there, and when it is asked again. Beside it `portal-NAME.round.json`, the last
round in short, for `congvu doctor`.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, Field, ValidationError

from monitor.errors import UserError
from monitor.fetch.wire import Header
from monitor.material.storing import store
from monitor.model import Value
from monitor.model.values import Sha256
from monitor.portal.wire import Known, Link, Outcome, remembered

LONGEST_PAUSE = timedelta(days=7)
_FAULT_PAUSE = timedelta(days=1)
_READ_WHOLE = timedelta(days=1)
"""A page is read whole once in so long, whatever it says of changes."""
_FORGOTTEN = timedelta(days=30)
_NO_DOCUMENT = frozenset({
    Outcome.NOT_FOUND, Outcome.PAGE, Outcome.REDIRECTED, Outcome.OTHER_TYPE, Outcome.TOO_LARGE,
})  # fmt: skip
"""What was a document there is one no more."""
_ASKED_ROOM = 10
"""Times as many addresses that were asked as such that only something led to."""


class Entry(Link):
    """One address."""

    parent: str | None = None
    etag: Header | None = None
    last_modified: Header | None = None
    sha256: Sha256 | None = None
    """Of the document that was taken there."""
    outcome: Outcome | None = None
    asked: AwareDatetime | None = None
    seen: AwareDatetime
    """When it was asked, or something led to it."""
    whole: AwareDatetime | None = None
    """When a page was read with all its links."""
    next_try: AwareDatetime | None = None
    calm: int = 0
    """Looks in a row at which nothing had changed, or failed."""

    def known(self, now: datetime, *, start: bool) -> Known:
        """What the process is told of it."""
        document = self.sha256 is not None
        fresh = self.whole is not None and now - self.whole < _READ_WHOLE
        conditional = document or (fresh and self.outcome in {Outcome.PAGE, Outcome.UNCHANGED})
        rests = self.next_try is not None and self.next_try > now
        return Known(
            url=self.url, depth=self.depth, likely=self.likely, hops=self.hops, parent=self.parent,
            etag=self.etag if conditional else None,
            last_modified=self.last_modified if conditional else None,
            asked=self.asked.timestamp() if self.asked else 0.0,
            rests=rests and (not start or self.outcome is Outcome.DIED),
            document=document,
        )  # fmt: skip

    def after(self, now: datetime, outcome: Outcome, interval: timedelta) -> "Entry":
        """The entry once it was asked; what did not change or failed is asked more rarely.

        A page is asked in every round, a document that stays the same ever more rarely, up to
        once a week.
        """
        again = outcome is self.outcome and outcome is not Outcome.DOCUMENT
        calm = min(self.calm + 1, 20) if again or outcome is Outcome.UNCHANGED else 0
        sha256 = None if outcome in _NO_DOCUMENT else self.sha256
        document = outcome is Outcome.DOCUMENT or sha256 is not None
        pause = _pause(outcome, calm, interval, document=document)
        return self.model_copy(
            update={
                "outcome": outcome, "asked": now, "seen": now, "calm": calm, "sha256": sha256,
                "next_try": now + pause if pause else None,
            }
        )  # fmt: skip


def _pause(outcome: Outcome, calm: int, interval: timedelta, *, document: bool) -> timedelta | None:
    """How long an address is left alone; None until the next round."""
    doubled: int = 1 << calm
    if outcome in {Outcome.DIED, Outcome.NOT_FOUND}:
        return _FAULT_PAUSE
    if outcome.failed:
        return min(interval * doubled, _FAULT_PAUSE)
    if outcome in {Outcome.OTHER_TYPE, Outcome.TOO_LARGE}:
        return LONGEST_PAUSE
    if document or outcome is Outcome.REDIRECTED:
        return min(interval * doubled, LONGEST_PAUSE)
    return None


class _Page(Value):
    entries: tuple[Entry, ...]


class Round(Value):
    """The last round of a portal in short."""

    source: str
    began: AwareDatetime
    ended: AwareDatetime
    reached: bool
    """Did a start answer?"""
    died: bool = False
    outcomes: dict[Outcome, int] = Field(default_factory=dict)
    """How many addresses came to what."""
    documents: int = 0
    """New or changed ones, handed over."""
    left: int = 0
    """Not asked, for max_pages."""
    failures: int = 0
    """Rounds in a row without a start that answers."""
    first_failure: Outcome | None = None
    failed_starts: dict[str, Outcome] = Field(default_factory=dict)
    """Starts that gave nothing to go by, though others may have."""
    too_large: tuple[str, ...] = ()
    """Addresses of files past max_bytes, a few."""
    other_hosts: tuple[str, ...] = ()
    """Addresses of documents on hosts that are not in the list, one a host."""

    @property
    def asked(self) -> int:
        """Requests, without those for robots.txt."""
        return sum(n for outcome, n in self.outcomes.items() if outcome.answered)

    @property
    def failed(self) -> int:
        """Addresses that gave nothing and should."""
        return sum(n for outcome, n in self.outcomes.items() if outcome.failed)


class Book:
    """Entries of one portal by address; at most so many. Blocking."""

    def __init__(self, path: Path, room: int, entries: Iterable[Entry] = ()) -> None:
        self._path = path
        self._room = room
        self.entries = {entry.url: entry for entry in entries}
        self.hashes = Counter(entry.sha256 for entry in self.entries.values() if entry.sha256)

    @classmethod
    def load(cls, state_dir: Path, name: str, max_pages: int) -> "Book":
        """A file that is missing or cannot be read is a new beginning; nothing counts twice."""
        path = state_dir / f"portal-{name}.json"
        try:
            page = _Page.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            page = _Page(entries=())
        return cls(path, remembered(max_pages), page.entries)

    def save(self) -> bool:
        """Replace the file; False where it cannot be written."""
        page = _Page(entries=tuple(self.entries.values()))
        return _stored(self._path, page)

    def entry(self, link: Link, parent: str | None, now: datetime) -> Entry:
        """What is known of an address, or a new entry for it."""
        known = self.entries.get(link.url)
        if known is not None:
            return known
        return Entry(
            url=link.url, depth=link.depth, likely=link.likely, hops=link.hops, parent=parent,
            seen=now,
        )  # fmt: skip

    @property
    def full(self) -> bool:
        """Is there no room for another address that was not asked?"""
        return len(self.entries) >= self._room

    def put(self, entry: Entry) -> bool:
        """Keep an entry; False where there is no room for another."""
        before = self.entries.get(entry.url)
        room = self._room * (_ASKED_ROOM if entry.asked else 1)
        if before is None and len(self.entries) >= room:
            return False
        self.entries[entry.url] = entry
        if before is not None and before.sha256:
            self.hashes[before.sha256] -= 1
        if entry.sha256:
            self.hashes[entry.sha256] += 1
        return True

    def forget(self, now: datetime) -> None:
        """Leave out what nothing has led to for long."""
        for url, entry in list(self.entries.items()):
            if now - entry.seen > _FORGOTTEN:
                del self.entries[url]
                if entry.sha256:
                    self.hashes[entry.sha256] -= 1


def save_round(state_dir: Path, done: Round) -> bool:
    """Replace the summary of a portal; False where it cannot be written."""
    return _stored(state_dir / f"portal-{done.source}.round.json", done)


def last_round(state_dir: Path, name: str) -> Round | None:
    """The last round of a portal; None before its first, or when it cannot be read."""
    try:
        return Round.model_validate_json((state_dir / f"portal-{name}.round.json").read_bytes())
    except (OSError, ValidationError):
        return None


def _stored(path: Path, value: Value) -> bool:
    try:
        store(path, value.model_dump_json(indent=1).encode())
    except UserError:
        return False
    return True
