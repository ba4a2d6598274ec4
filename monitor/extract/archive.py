"""Files inside a ZIP archive, inside bounds (APPNOTE 6.3.10); names are labels, never paths."""

from collections.abc import Iterator

from monitor.extract.budget import Budget, File
from monitor.extract.words import tidy
from monitor.model import Finding
from monitor.verify.zip_reader import Archive, Bomb, Broken, Damaged, Entry, OtherMethod


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
    left = budget.bytes_of(size)
    for entry in archive.entries:
        if entry.folder:
            continue
        if not budget.may_open():
            return
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
