"""ZIP files, read within bounds; and packages whose content is signed, with one reading only.

A signature over a package is worth something only where every reader finds the same files in it.
So duplicate names, entries that overlap or are hidden between others, bytes before the first entry
and names that lead out of the package are noticed (APPNOTE 6.3.10; "every reader reads another
ZIP"). Bounds are those of the archives that mails carry.
"""

import io
import posixpath
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

MAX_ENTRIES = 10_000
MAX_BYTES = 512 * 1024 * 1024
MAX_RATIO = 200
_FREE_BYTES = 16 * 1024 * 1024
"""A small package may compress as well as it likes."""
_KEPT_BYTES = 64 * 1024 * 1024
_CHUNK = 256 * 1024
_UTF8_FLAG, _ENCRYPTED_FLAG, _STRONG_FLAG, _SIZES_FOLLOW = 0x800, 0x1, 0x40, 0x8
_LOCAL, _DIRECTORY, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_NESTED = 64
ZIP_FAULTS = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, KeyError,
    NotImplementedError, struct.error, IndexError, OverflowError,
)  # fmt: skip
"""What zipfile raises on hostile input; MemoryError is not among them."""


class Broken(ValueError):
    """No ZIP, or one whose directory cannot be read."""


class Damaged(ValueError):
    """An entry that cannot be unpacked."""


class Bomb(ValueError):
    """More entries or more content than the bounds allow."""


class OtherMethod(Damaged):
    """An entry packed by a method that is not unpacked here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a ZIP as its directory has it; `name` is a label, never a path."""

    name: str
    folder: bool
    encrypted: bool
    info: zipfile.ZipInfo


class Archive:
    """The entries of a ZIP, each to be unpacked within a bound.

    Raises `Broken`, or `Bomb` for a directory of more than `records` entries; records of stored
    inner archives may be counted along with them, `_NESTED` for each.
    """

    def __init__(self, data: bytes, records: int = MAX_ENTRIES) -> None:
        if data.count(_DIRECTORY) > records * _NESTED:
            raise Bomb
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            infos = self._archive.infolist()
        except ZIP_FAULTS as error:
            raise Broken(str(error)[:200]) from error
        self.entries = tuple(map(_entry, infos))
        self._data = data

    @property
    def overlapping(self) -> bool:
        """Do entries share bytes? The way of the flat bomb: no honest writer does it."""
        end = 0
        for info in self._in_order():
            if info.header_offset < end:
                return True
            end = info.header_offset + 30 + info.compress_size
        return False

    @property
    def ambiguous(self) -> bool:
        """May another reader find other files? Looks for overlaps, gaps with entries, a prefix."""
        data, end = self._data, 0
        for info in self._in_order():
            start = info.header_offset
            if start < end or data[start : start + 4] != _LOCAL:
                return True
            if start > end and (end == 0 or _LOCAL in data[end:start]):
                return True
            named, extra = struct.unpack_from("<HH", data.ljust(start + 30, b"\0"), start + 26)
            if _told_otherwise(info, data[start : start + 30 + named].ljust(30, b"\0")):
                return True
            end = start + 30 + named + extra + info.compress_size
        tail = data.rfind(_END)
        directory = data.find(_DIRECTORY, end) if self.entries else tail
        return _LOCAL in data[end : max(end, directory)] or data.count(_END, max(end, 0)) != 1

    def _in_order(self) -> list[zipfile.ZipInfo]:
        return sorted((e.info for e in self.entries), key=lambda info: info.header_offset)

    def unpack(self, entry: Entry, spend: Callable[[int], None]) -> bytes:
        """Content of an entry; raises `Damaged`, `OtherMethod`, or what `spend` raises.

        `spend` is told of each piece's octets before more is unpacked.
        """
        if entry.info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise OtherMethod(f"compression {entry.info.compress_type}")
        pieces: list[bytes] = []
        for piece in self._pieces(entry.info):
            spend(len(piece))
            pieces.append(piece)
        return b"".join(pieces)

    def _pieces(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with self._archive.open(info) as stream:
                while piece := stream.read(_CHUNK):
                    yield piece
        except ZIP_FAULTS as error:
            raise Damaged(str(error)[:200]) from error


def _entry(info: zipfile.ZipInfo) -> Entry:
    name = _name(info)
    encrypted = bool(info.flag_bits & (_ENCRYPTED_FLAG | _STRONG_FLAG))
    return Entry(name, name.endswith("/") and not info.file_size, encrypted, info)


class Package:
    """A ZIP as a set of named files. Raises `Broken` or `Bomb`."""

    def __init__(self, data: bytes) -> None:
        self._archive = Archive(data)
        entries = self._archive.entries
        if len(entries) > MAX_ENTRIES:
            raise Bomb
        names = [entry.name for entry in entries]
        self.ambiguous = (
            self._archive.ambiguous
            or len(set(names)) < len(names)
            or any(map(_leads_out, names))
            or any(entry.name.endswith("/") and not entry.folder for entry in entries)
        )
        self.encrypted = any(entry.encrypted for entry in entries)
        self._files: dict[str, Entry] = {}
        for entry in entries:
            if not entry.folder:
                self._files.setdefault(entry.name, entry)
        self._read: dict[str, bytes] = {}
        self._held = 0
        self._left = min(MAX_BYTES, max(_FREE_BYTES, len(data) * MAX_RATIO))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the files in directory order; directories are no files."""
        return tuple(self._files)

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def read(self, name: str) -> bytes:
        """Content of a file; raises `KeyError`, `Damaged` or `Bomb`."""
        known = self._read.get(name)
        if known is not None:
            return known
        content = self._archive.unpack(self._files[name], self._spend)
        if self._held + len(content) <= _KEPT_BYTES:
            self._read[name] = content
            self._held += len(content)
        return content

    def _spend(self, octets: int) -> None:
        self._left -= octets
        if self._left < 0:
            raise Bomb

    def meant(self, uri: str) -> str | None:
        """The file a relative reference names (RFC 3986), or None; a fragment is no file's."""
        path = uri.partition("#")[0]
        if ":" in path.partition("/")[0]:
            return None
        for candidate in (unquote(path), path, unquote_plus(path)):
            name = candidate.removeprefix("./").removeprefix("/")
            if name in self._files:
                return name
        return self._composed(unquote(path))

    def _composed(self, path: str) -> str | None:
        """The one file whose name is the same text in another Unicode form (macOS decomposes)."""
        wanted = unicodedata.normalize("NFC", path)
        found = [n for n in self._files if unicodedata.normalize("NFC", n) == wanted]
        return found[0] if len(found) == 1 else None


def _told_otherwise(info: zipfile.ZipInfo, header: bytes) -> bool:
    """Does the header before an entry contradict the directory? Some readers go by one only.

    Sizes may stand behind the content instead (flag bit 3) or in a ZIP64 field.
    """
    flags, method = struct.unpack_from("<HH", header, 6)
    crc, packed, size = struct.unpack_from("<III", header, 14)
    name = info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8_FLAG else "cp437")
    if header[30:] != name or method != info.compress_type:
        return True
    if flags & _SIZES_FOLLOW or 0xFFFFFFFF in (packed, size):
        return False
    return (crc, packed, size) != (info.CRC, info.compress_size, info.file_size)


def _leads_out(name: str) -> bool:
    plain = posixpath.normpath(name.rstrip("/")) if name else ""
    return (
        not name or "\0" in name or "\\" in name or name.startswith("/")
        or plain != name.rstrip("/") or plain.split("/")[0] in {"..", "."}
    )  # fmt: skip


def _name(info: zipfile.ZipInfo) -> str:
    """UTF-8 where it is UTF-8: some archivers leave the flag out."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG and not name.isascii():
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            return name
    return name
