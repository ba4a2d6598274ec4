"""A ZIP of many edXML messages, as an axis is exported by the day: each is an item of its own.

Only the directory is read and entries are unpacked, inside bounds; what a message says is for an
isolated child to find out. All calls block.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from monitor.collect.events import Rejection
from monitor.collect.reasons import Reason
from monitor.collect.shelf import FileRejected
from monitor.verify.zip_reader import Archive, Bomb, Broken, Damaged, Entry

MAX_MESSAGES = 10_000
MAX_TOTAL = 2 * 1024 * 1024 * 1024
"""Bytes of all messages of one archive, unpacked."""
_SUFFIXES = frozenset({".edxml", ".xml"})


def messages_of(data: bytes, max_bytes: int) -> Iterator[bytes] | None:
    """The messages of an archive that holds several and nothing else, one after the other.

    None for every other file: it is taken whole, and the child says what it is. Raises
    FileRejected for one that is past the bounds or broken, before the first message is given.
    """
    try:
        archive = Archive(data, MAX_MESSAGES)
    except Bomb:
        raise _too_large(f"> {MAX_MESSAGES} entries") from None
    except Broken:
        return None
    entries = [entry for entry in archive.entries if not _left_out(entry)]
    if len(entries) < 2 or archive.overlapping or not all(map(_is_message, entries)):
        return None
    if len(entries) > MAX_MESSAGES:
        raise _too_large(f"> {MAX_MESSAGES} messages")
    total = 0
    for entry in entries:
        total += len(_unpacked(archive, entry, min(max_bytes, MAX_TOTAL - total)))
    return (_unpacked(archive, entry, max_bytes) for entry in entries)


def _left_out(entry: Entry) -> bool:
    """Folders, and what an archiver of a Mac adds."""
    return entry.folder or entry.name.startswith("__MACOSX/")


def _is_message(entry: Entry) -> bool:
    return not entry.encrypted and PurePosixPath(entry.name).suffix.lower() in _SUFFIXES


def _unpacked(archive: Archive, entry: Entry, most: int) -> bytes:
    left = most

    def spend(octets: int) -> None:
        nonlocal left
        left -= octets
        if left < 0:
            raise _too_large(f"> {most} bytes of a message, or of all")

    try:
        return archive.unpack(entry, spend)
    except Damaged:
        raise FileRejected(Reason(Rejection.UNREADABLE, "an entry cannot be unpacked")) from None


def _too_large(detail: str) -> FileRejected:
    return FileRejected(Reason(Rejection.TOO_LARGE, detail))
