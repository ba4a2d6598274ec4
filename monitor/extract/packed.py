"""Files inside RAR, 7z and tar archives, inside the bounds of ZIP.

libarchive unpacks, where the machine has it; it hands out what is encrypted in a RAR as if it were
the content and does not check its sums, so rarfile reads the directory of a RAR beside it. An
archive that nothing here opens stands for its documents, `unreadable` with the reason.
"""

import os
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from io import BytesIO
from types import ModuleType
from typing import Any

import rarfile

from monitor.extract.budget import Budget, File
from monitor.extract.words import tidy
from monitor.model import Finding

LIBRARY = "libarchive.so.13"
"""Of Debian's libarchive13 and all others since 2012."""


class Packing(Enum):
    """A format by its beginning: what libarchive calls it, and its compression."""

    RAR4 = ("rar", "none")
    RAR5 = ("rar5", "none")
    SEVEN_ZIP = ("7zip", "none")
    TAR = ("tar", "none")
    TAR_GZIP = ("tar", "gzip")
    TAR_BZIP2 = ("tar", "bzip2")
    TAR_XZ = ("tar", "xz")


_ZIP_END = 22 + 0xFFFF
"""Octets at the end of a file within which a ZIP's directory is said to be."""
_OTHER_ENTRIES = 20
"""Folders and links that may stand beside each file that may be opened."""
_COMPRESSED = (Packing.TAR_GZIP, Packing.TAR_BZIP2, Packing.TAR_XZ)
_MAGIC = (
    (Packing.RAR5, b"Rar!\x1a\x07\x01\x00", 0),
    (Packing.RAR4, b"Rar!\x1a\x07\x00", 0),
    (Packing.SEVEN_ZIP, b"7z\xbc\xaf\x27\x1c", 0),
    (Packing.TAR_GZIP, b"\x1f\x8b\x08", 0),
    (Packing.TAR_BZIP2, b"BZh", 0),
    (Packing.TAR_XZ, b"\xfd7zXZ\x00", 0),
    (Packing.TAR, b"ustar", 257),
)


def packing_of(data: bytes) -> Packing | None:
    """The format of an archive; None for what is none, a ZIP too."""
    found = (packing for packing, magic, at in _MAGIC if data.startswith(magic, at))
    return next(found, None)


def _library() -> ModuleType | None:
    # Named, so that it is not searched for by running other programs, which a child may not.
    os.environ.setdefault("LIBARCHIVE", LIBRARY)
    with suppress(OSError, AttributeError):  # not there; too old for the binding
        import libarchive  # noqa: PLC0415 - the machine may lack it

        return libarchive  # type: ignore[no-any-return]  # it carries no types
    return None


_LIBARCHIVE = _library()


def can_unpack() -> bool:
    """Whether this machine has the library."""
    return _LIBARCHIVE is not None


class _Stopped(Exception):
    """The rest of an archive is not read."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.value)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class _Listed:
    """One file in a RAR's own directory."""

    encrypted: bool
    size: int
    crc: int | None


def unpack(data: bytes, packing: Packing, budget: Budget) -> Iterator[File]:
    """The files that the budget allows, in their order; the rest is a finding of the budget."""
    try:
        yield from _files(data, packing, budget)
    except _Stopped as stopped:
        budget.stop(stopped.finding)


def _files(data: bytes, packing: Packing, budget: Budget) -> Iterator[File]:
    if _LIBARCHIVE is None:
        raise _Stopped(Finding.FORMAT_UNSUPPORTED)
    if _is_a_zip_too(data):
        budget.stop(Finding.MALFORMED)
    rar = packing in (Packing.RAR4, Packing.RAR5)
    listed = iter(_directory(data)) if rar else None
    left = budget.bytes_of(len(data))
    others = _OTHER_ENTRIES * budget.limits.archive_entries
    for entry in _entries(_LIBARCHIVE, data, packing):
        if not entry.isfile:
            others -= 1
            if others < 0:
                raise _Stopped(Finding.ARCHIVE_LIMIT)
            continue
        known = next(listed, None) if listed else None
        if rar and known is None:
            raise _Stopped(Finding.MALFORMED)
        if known and known.encrypted:
            budget.stop(Finding.ARCHIVE_ENCRYPTED)
            continue
        if not budget.may_open():
            return
        content = _content(_LIBARCHIVE, entry, min(left, budget.bytes_left), packing)
        left -= len(content)
        budget.bytes += len(content)
        if known and not _is_whole(content, known):
            budget.stop(Finding.MALFORMED)
            continue
        yield File(_name(entry), content)


def _is_a_zip_too(data: bytes) -> bool:
    """Would a reader that looks for a ZIP from the end find another archive (APPNOTE 4.3.16)?"""
    end = data[-_ZIP_END:]
    return any(
        int.from_bytes(end[found.end() + 16 : found.end() + 18], "little") + 18
        == len(end) - found.end()
        for found in re.finditer(rb"PK\x05\x06", end)
    )


def _entries(library: ModuleType, data: bytes, packing: Packing) -> Iterator[Any]:
    try:
        with library.memory_reader(data, *packing.value) as archive:
            yield from archive
    except (library.ArchiveError, ValueError, UnicodeError) as error:
        raise _Stopped(_reason(error, packing)) from None


def _name(entry: Any) -> str:
    try:
        return tidy(entry.pathname or "")
    except UnicodeError:
        return ""


def _content(library: ModuleType, entry: Any, most: int, packing: Packing) -> bytes:
    """An entry's bytes; past the bound nothing more of the archive is read, since to pass over an
    entry is to unpack it.
    """
    if (entry.size or 0) > most:
        raise _Stopped(Finding.ARCHIVE_LIMIT)
    content = bytearray()
    try:
        for block in entry.get_blocks():
            content += block
            if len(content) > most:
                raise _Stopped(Finding.ARCHIVE_LIMIT)
    except (library.ArchiveError, ValueError) as error:
        raise _Stopped(_reason(error, packing)) from None
    return bytes(content)


def _reason(error: Exception, packing: Packing) -> Finding:
    told = str(error).lower()
    if "encrypt" in told or "passphrase" in told:
        return Finding.ARCHIVE_ENCRYPTED
    if "support" in told or ("unrecognized" in told and packing in _COMPRESSED):
        return Finding.FORMAT_UNSUPPORTED  # a compressed single file is no archive
    return Finding.MALFORMED


# -- the directory of a RAR ------------------------------------------------------------------------


def _directory(data: bytes) -> list[_Listed]:
    try:
        with rarfile.RarFile(BytesIO(data), part_only=True, errors="strict") as archive:
            locked, found = archive.needs_password(), archive.infolist()
    except (rarfile.NeedFirstVolume, rarfile.RarCannotExec, OSError):
        raise _Stopped(Finding.FORMAT_UNSUPPORTED) from None
    except Exception:  # noqa: BLE001 - its reader raises whatever a damaged header leads it to
        raise _Stopped(Finding.MALFORMED) from None
    if locked and not found:
        raise _Stopped(Finding.ARCHIVE_ENCRYPTED)
    return [
        _Listed(each.needs_password(), each.file_size or 0, each.CRC)
        for each in found
        if each.is_file()
    ]


def _is_whole(content: bytes, listed: _Listed) -> bool:
    if len(content) != listed.size:
        return False
    return listed.crc is None or zlib.crc32(content) == listed.crc
