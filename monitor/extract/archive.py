"""Files inside a ZIP archive, inside bounds (APPNOTE 6.3.10); names are labels, never paths."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from monitor.extract.words import tidy
from monitor.model import Finding, Limits
from monitor.verify.zip_reader import Archive, Bomb, Broken, Damaged, Entry, OtherMethod

_FREE_BYTES = 1024 * 1024
"""A small archive may compress as well as it likes."""


@dataclass(slots=True)
class Budget:
    """What may still be unpacked from one item."""

    limits: Limits
    entries: int = 0
    bytes: int = 0
    findings: set[Finding] = field(default_factory=set)

    def stop(self, finding: Finding) -> None:
        self.findings.add(finding)

    @property
    def bytes_left(self) -> int:
        return max(0, self.limits.archive_bytes - self.bytes)


@dataclass(frozen=True, slots=True)
class File:
    """One file of an archive, unpacked."""

    name: str
    data: bytes


def unpack(data: bytes, budget: Budget) -> Iterator[File]:
    """The files that the budget allows, in directory order; the rest is a finding of the budget."""
    try:
        archive = Archive(data, budget.limits.archive_entries)
    except Bomb:
        budget.stop(Finding.ARCHIVE_LIMIT)
    except Broken:
        budget.stop(Finding.MALFORMED)
    else:
        if archive.overlapping:
            budget.stop(Finding.ARCHIVE_LIMIT)
        else:
            yield from _files(archive, len(data), budget)


def _files(archive: Archive, size: int, budget: Budget) -> Iterator[File]:
    left = max(_FREE_BYTES, size * budget.limits.archive_ratio)
    for entry in archive.entries:
        if entry.folder:
            continue
        if budget.entries >= budget.limits.archive_entries or budget.bytes_left == 0:
            budget.stop(Finding.ARCHIVE_LIMIT)
            return
        budget.entries += 1
        data = _read(archive, entry, left, budget)
        if data is not None:
            left -= len(data)
            yield File(tidy(entry.name), data)


def _read(archive: Archive, entry: Entry, bound: int, budget: Budget) -> bytes | None:
    """One entry; None with a finding when it cannot be read or is larger than `bound`."""
    if entry.encrypted:
        budget.stop(Finding.ARCHIVE_ENCRYPTED)
        return None
    most = min(budget.bytes_left, bound)
    before = budget.bytes

    def spend(octets: int) -> None:
        budget.bytes += octets
        if budget.bytes - before > most:
            raise Bomb

    try:
        return archive.unpack(entry, spend)
    except Bomb:
        budget.stop(Finding.ARCHIVE_LIMIT)
    except OtherMethod:
        budget.stop(Finding.FORMAT_UNSUPPORTED)
    except Damaged:
        budget.stop(Finding.MALFORMED)
    return None
