"""One mistake of a registry, and the entries that make it."""

from dataclasses import dataclass

from monitor.agencies.agency import Agency


@dataclass(frozen=True, slots=True)
class Mistake:
    """What entries disagree on: one line that says where, what, and what to do."""

    where: str
    what: str
    entries: tuple[Agency, ...] = ()
    """The entry to be corrected, then those that it disagrees with."""
    key: str | None = None
    """Of the entry's keys, the one with the mistake."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
