"""The files that a log is made of: the one written now, its rotated predecessors, or a pattern's.

A file is known by device, inode and content, never by its name, which rotation changes.
"""

import importlib
import importlib.util
import os
import re
import stat
import zlib
from bz2 import BZ2File
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from gzip import BadGzipFile, GzipFile
from io import BufferedReader
from lzma import LZMAError, LZMAFile
from pathlib import Path
from typing import Protocol, Self

ROTATED = re.compile(r"[._-]\d[\dT:._-]{0,40}|\.old")
"""What rotation adds to a name: `.1`, `-20261122`, `.2026-11-21`."""
SKIPPED_AT_ONCE = 1024 * 1024
WILD = re.compile(r"[*?\[]")


class LogUnreadable(Exception):
    """A file or folder cannot be read for now; `reason` is one of a few words."""

    def __init__(self, reason: str, place: Path) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


class FileChanged(Exception):
    """A name leads to another file than a moment ago: to be looked at anew."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file as it was seen."""

    path: Path
    device: int
    inode: int
    size: int
    """Bytes on disk; of a packed file not those of its content."""
    mtime_ns: int
    packing: str = ""
    """Suffix of its compression, or empty."""
    live: bool = False
    """Written to now; the others are closed, though late lines may come."""
    descriptor: int | None = None
    """Where it is held open: it may have no name any more."""

    @property
    def identity(self) -> tuple[int, int]:
        return (self.device, self.inode)

    @property
    def stamp(self) -> tuple[int, int, int, int]:
        """The same stamp means the same content."""
        return (self.device, self.inode, self.size, self.mtime_ns)


def is_pattern(path: Path) -> bool:
    return WILD.search(path.name) is not None


def find(path: Path) -> list[LogFile]:
    """All files of a log, oldest first. Raises LogUnreadable where there is none to be read."""
    files = _matching(path) if is_pattern(path) else _with_predecessors(path)
    if not files:
        raise LogUnreadable("missing", path)
    return files


def given(paths: list[Path]) -> list[LogFile]:
    """Files that are named one by one and closed for good, oldest first.

    Raises LogUnreadable for the first that cannot be read.
    """
    return _in_order(_seen(path) for path in paths)


def of_descriptor(descriptor: int, path: Path) -> LogFile:
    """A file that is held open, whatever it is called now."""
    found = os.fstat(descriptor)
    return LogFile(
        path, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, descriptor=descriptor
    )


def _matching(path: Path) -> list[LogFile]:
    names = _names(path.parent)
    plain = {name for name in names if fnmatchcase(name, path.name)}
    packed = {name for name in names if _packing(name) and fnmatchcase(_plain(name), path.name)}
    found = _in_order(_if_there(path.parent / name) for name in _unpacked(plain | packed))
    written = [file for file in found if not file.packing]
    return [_as_live(file) if file is written[-1] else file for file in found] if written else found


def _with_predecessors(path: Path) -> list[LogFile]:
    listed = _names(path.parent)
    names = {name for name in listed if _is_predecessor(_plain(name), path)}
    live = _seen(path) if path.name in listed else None
    closed = _in_order(_if_there(path.parent / name) for name in _unpacked(names))
    if live is None:
        return closed
    # A link to a dated file is that file.
    return [*(file for file in closed if file.identity != live.identity), _as_live(live)]


def _is_predecessor(name: str, path: Path) -> bool:
    if name.startswith(path.name) and ROTATED.fullmatch(name[len(path.name) :]):
        return True
    ending = path.suffix  # logrotate's `extension`: mail-20261122.log
    middle = name[len(path.stem) : len(name) - len(ending)]
    return bool(
        ending
        and name.startswith(path.stem)
        and name.endswith(ending)
        and ROTATED.fullmatch(middle)
    )


def _unpacked(names: set[str]) -> Iterator[str]:
    """Without those that are being compressed at this moment: the plain one is still there."""
    return (name for name in names if not (_packing(name) and _plain(name) in names))


def _in_order(files: Iterator[LogFile | None]) -> list[LogFile]:
    distinct = {file.identity: file for file in files if file}
    return sorted(distinct.values(), key=lambda file: (file.mtime_ns, file.path.name))


def _as_live(file: LogFile) -> LogFile:
    return replace(file, live=True)


def _names(folder: Path) -> list[str]:
    try:
        return [each.name for each in folder.iterdir() if not each.name.startswith(".")]
    except OSError as error:
        raise LogUnreadable(_reason(error), folder) from None


def _if_there(path: Path) -> LogFile | None:
    """A closed file; None for what is gone by now, or is none (a folder that is called so)."""
    try:
        return _seen(path)
    except LogUnreadable as error:
        if error.reason in {"missing", "directory", "not_regular"}:
            return None
        raise


def _seen(path: Path) -> LogFile:
    """What a name leads to. Looks before it opens: a FIFO's other end would notice."""
    try:
        found = path.stat()
    except OSError as error:
        raise LogUnreadable(_reason(error), path) from None
    if stat.S_ISDIR(found.st_mode):
        raise LogUnreadable("directory", path)
    if not stat.S_ISREG(found.st_mode):
        raise LogUnreadable("not_regular", path)
    packing = _packing(path.name)
    return LogFile(path, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, packing)


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "missing"
    return "permission" if isinstance(error, PermissionError) else "io_error"


# -- opening ----------------------------------------------------------------------------------


class Stream(Protocol):
    """What decompresses."""

    def read1(self, size: int, /) -> bytes: ...


def _zstd(raw: BufferedReader) -> Stream:
    stream: Stream = importlib.import_module("compression.zstd").ZstdFile(raw)
    return stream


OPENERS: dict[str, Callable[[BufferedReader], Stream]] = {
    ".gz": lambda raw: GzipFile(fileobj=raw),
    ".bz2": BZ2File,
    ".xz": LZMAFile,
    ".lzma": LZMAFile,
}
if importlib.util.find_spec("compression") is not None:  # since Python 3.14
    OPENERS[".zst"] = _zstd
PACKINGS = (".gz", ".bz2", ".xz", ".lzma", ".zst")
BROKEN = (EOFError, zlib.error, LZMAError, BadGzipFile)
"""What decompressing a damaged or unfinished file raises; of bzip2 it is a plain OSError."""


def _packing(name: str) -> str:
    return next((each for each in PACKINGS if name.endswith(each)), "")


def _plain(name: str) -> str:
    return name.removesuffix(_packing(name))


class Content:
    """The content of one file from its beginning, uncompressed."""

    def __init__(self, file: LogFile) -> None:
        """Raises FileChanged when its name leads elsewhere by now, LogUnreadable when it cannot
        be read.
        """
        self._raw = _raw(file)
        self.size = os.fstat(self._raw.fileno()).st_size
        """On disk, when it was opened."""
        self._stream: Stream = self._raw
        self.damaged = False
        """Decompressing stopped at something that does not fit: the rest is lost, or not there
        yet.
        """
        if file.packing:
            if file.packing not in OPENERS:
                self._raw.close()
                raise LogUnreadable("compression", file.path)
            self._stream = OPENERS[file.packing](self._raw)
        self._packed = bool(file.packing)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._raw.close()

    def read(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        parts = []
        while size > 0 and (part := self._part(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def go_to(self, offset: int, position: int) -> None:
        """From `position` on to a later offset: by jumping, or by reading over what is between."""
        if not self._packed:
            self._raw.seek(offset)
            return
        while position < offset and (part := self._part(min(offset - position, SKIPPED_AT_ONCE))):
            position += len(part)

    def _part(self, size: int) -> bytes:
        try:
            # In small steps: what comes before a broken place is not to be lost with it.
            return self._stream.read1(size)
        except BROKEN:
            self.damaged = True
        except OSError as error:
            if error.errno is not None:
                raise
            self.damaged = True
        return b""


def _raw(file: LogFile) -> BufferedReader:
    if file.descriptor is not None:
        raw = os.fdopen(os.dup(file.descriptor), "rb")
        raw.seek(0)
        return raw
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise FileChanged from None
    except OSError as error:
        raise LogUnreadable(_reason(error), file.path) from None
    found = os.fstat(descriptor)
    if (found.st_dev, found.st_ino) != (file.device, file.inode):
        os.close(descriptor)
        raise FileChanged
    return os.fdopen(descriptor, "rb")
