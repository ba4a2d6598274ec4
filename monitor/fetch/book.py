"""What is remembered of each address between two looks and over restarts: `fetch.json`."""

from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, ValidationError

from monitor.errors import UserError
from monitor.fetch import schedule
from monitor.fetch.wire import Header, Outcome
from monitor.material.storing import store
from monitor.model import Value

NAME = "fetch.json"


class Entry(Value):
    """One address."""

    url: str
    etag: Header | None = None
    last_modified: Header | None = None
    this_update: AwareDatetime | None = None
    next_update: AwareDatetime | None = None
    file: str | None = None
    """Where what it gave is; without it a conditional request would leave us with nothing."""
    outcome: Outcome | None = None
    last_success: AwareDatetime | None = None
    next_try: AwareDatetime | None = None
    failures: int = 0

    def due(self, now: datetime) -> bool:
        """Is it time?"""
        return self.next_try is None or self.next_try <= now

    def succeeded(self, now: datetime, interval: timedelta, chance: float) -> "Entry":
        """The entry after an answer that is as it should be."""
        when = schedule.after_success(now, self.this_update, self.next_update, interval, chance)
        return self.model_copy(update={"last_success": now, "next_try": when, "failures": 0})

    def failed(self, now: datetime, outcome: Outcome, chance: float) -> "Entry":
        """The entry after any other."""
        failures = self.failures + 1
        ours = outcome is Outcome.DIED
        first = schedule.OUR_FIRST_PAUSE if ours else schedule.FIRST_PAUSE
        when = schedule.after_failure(now, failures, chance, first)
        return self.model_copy(update={"outcome": outcome, "next_try": when, "failures": failures})


class _Page(Value):
    entries: tuple[Entry, ...]


def load(state_dir: Path) -> dict[str, Entry]:
    """Entries by address; a file that cannot be read is a new beginning."""
    try:
        page = _Page.model_validate_json((state_dir / NAME).read_bytes())
    except (OSError, ValidationError):
        return {}
    return {entry.url: entry for entry in page.entries}


def save(state_dir: Path, entries: dict[str, Entry]) -> bool:
    """Replace the file; False where it cannot be written."""
    page = _Page(entries=tuple(entries.values()))
    try:
        store(state_dir / NAME, page.model_dump_json(indent=1).encode())
    except UserError:
        return False
    return True
