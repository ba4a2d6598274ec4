"""ZIP packages whose content is signed: read within bounds, and only if there is one reading.

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
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

MAX_ENTRIES = 10_000
MAX_BYTES = 512 * 1024 * 1024
MAX_RATIO = 200
_FREE_BYTES = 16 * 1024 * 1024
"""A small package may compress as well as it likes."""
_KEPT_BYTES = 64 * 1024 * 1024
_CHUNK = 256 * 1024
_UTF8_FLAG, _ENCRYPTED_FLAG, _STRONG_FLAG = 0x800, 0x1, 0x40
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


class Package:
    """A ZIP as a set of named files. Raises `Broken` or `Bomb`."""

    def __init__(self, data: bytes) -> None:
        if data.count(_DIRECTORY) > MAX_ENTRIES * _NESTED:
            raise Bomb
        self._data = data
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            infos = self._archive.infolist()
        except ZIP_FAULTS as error:
            raise Broken(str(error)[:200]) from error
        if len(infos) > MAX_ENTRIES:
            raise Bomb
        self.ambiguous = _ambiguous(infos, data)
        self.encrypted = any(i.flag_bits & (_ENCRYPTED_FLAG | _STRONG_FLAG) for i in infos)
        self._files: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = _name(info)
            if name in self._files or _leads_out(name):
                self.ambiguous = True
            if not name.endswith("/") or info.file_size:
                self._files.setdefault(name, info)
        self._read: dict[str, bytes] = {}
        self._held = self._unpacked = 0
        self._bound = min(MAX_BYTES, max(_FREE_BYTES, len(data) * MAX_RATIO))

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
        content = self._unpack(self._files[name])
        if self._held + len(content) <= _KEPT_BYTES:
            self._read[name] = content
            self._held += len(content)
        return content

    def _unpack(self, info: zipfile.ZipInfo) -> bytes:
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Damaged("another compression")
        pieces: list[bytes] = []
        for piece in self._pieces(info):
            self._unpacked += len(piece)
            if self._unpacked > self._bound:
                raise Bomb
            pieces.append(piece)
        return b"".join(pieces)

    def _pieces(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with self._archive.open(info) as stream:
                while piece := stream.read(_CHUNK):
                    yield piece
        except ZIP_FAULTS as error:
            raise Damaged(str(error)[:200]) from error

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


def _ambiguous(infos: list[zipfile.ZipInfo], data: bytes) -> bool:
    """May another reader find other files? Looks for overlaps, gaps with entries, a prefix."""
    end = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        start = info.header_offset
        if start < end or data[start : start + 4] != _LOCAL:
            return True
        if start > end and (end == 0 or _LOCAL in data[end:start]):
            return True
        named, extra = struct.unpack_from("<HH", data.ljust(start + 30, b"\0"), start + 26)
        end = start + 30 + named + extra + info.compress_size
    tail = data.rfind(_END)
    directory = data.find(_DIRECTORY, end) if infos else tail
    return _LOCAL in data[end : max(end, directory)] or data.count(_END, max(end, 0)) != 1


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
