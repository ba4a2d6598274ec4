"""The files of one watched folder: seen, read, and put away, never through a link.

Everything goes through descriptors of the folder and single names found in it; a name given by a
manifest is only compared. All calls block.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from monitor.collect.events import Rejection
from monitor.collect.reasons import Reason

DONE = "done"
REJECTED = "rejected"
_READ_BYTES = 1024 * 1024
_REASON_SUFFIX = ".reason.txt"
_MAX_NAME_BYTES = 255
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# O_NONBLOCK: opening a pipe must not wait for its writer.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Stamp:
    """By which a file is known to be unchanged."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Stamp":
        return cls(
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in the folder."""

    name: str
    stamp: Stamp
    regular: bool
    folder: bool
    links: int


@dataclass(frozen=True, slots=True)
class Content:
    """A file read whole."""

    chunks: Sequence[bytes]
    size: int
    sha256: str


class FileRejected(Exception):
    """The file cannot be taken as it is."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.english)
        self.reason = reason


class FileChanged(Exception):
    """The file changed while it was looked at: look again later."""


class Shelf:
    """One folder; `done/` and `rejected/` inside it, or in `home`, are made when needed.

    `linked` takes files that have several names: a mail server stores one mail for many so.
    """

    def __init__(self, path: Path, home: Path | None = None, *, linked: bool = False) -> None:
        self._path = path
        self._home = home or path
        self._linked = linked

    def scan(self) -> list[Entry]:
        """What lies in the folder, hidden names left out, in order of name."""
        with self._folder() as folder, os.scandir(folder) as found:
            names = sorted(one.name for one in found if not one.name.startswith("."))
            entries = []
            for name in names:
                # It may be gone by now.
                with suppress(FileNotFoundError):
                    entries.append(_entry(folder, name))
        return [one for one in entries if not (one.folder and one.name in {DONE, REJECTED})]

    def read(self, entry: Entry, max_bytes: int) -> Content:
        """The content of an entry as it was scanned.

        Raises FileRejected if it is no regular file of one name or too large, and FileChanged if
        it is not the file that was scanned or changes while it is read.
        """
        self._check(entry)
        if entry.stamp.size > max_bytes:
            detail = f"{entry.stamp.size} > {max_bytes} bytes"
            raise FileRejected(Reason(Rejection.TOO_LARGE, detail))
        with self.opened(entry) as file:
            digest = hashlib.sha256()
            chunks = []
            size = 0
            while chunk := os.read(file, _READ_BYTES):
                digest.update(chunk)
                chunks.append(chunk)
                size += len(chunk)
                if size > entry.stamp.size:
                    raise FileChanged(entry.name)
            if Stamp.of(os.fstat(file)) != entry.stamp:
                raise FileChanged(entry.name)
        return Content(tuple(chunks), size, digest.hexdigest())

    @contextmanager
    def opened(self, entry: Entry) -> Iterator[int]:
        """A descriptor of an entry, for what is read in pieces; errors as of `read`."""
        self._check(entry)
        with self._folder() as folder, _opened(folder, entry.name) as file:
            if Stamp.of(os.fstat(file)) != entry.stamp:
                raise FileChanged(entry.name)
            yield file

    def head(self, entry: Entry, size: int) -> bytes:
        """The first bytes of an entry, however large it is; errors as of `read`."""
        with self.opened(entry) as file:
            return os.read(file, size)

    def put_away(
        self,
        entry: Entry,
        place: str,
        batch: str,
        reason: Reason | None = None,
        name: str | None = None,
    ) -> None:
        """Move an entry to `place/batch/`, with its reason beside it if there is one.

        `name` is another name for it there. Raises FileChanged if the name stands for another
        file by now: that one stays.
        """
        with (
            self._folder() as folder,
            self._at_home() as home,
            _inside(home, place, batch) as shelf,
        ):
            try:
                now = _entry(folder, entry.name)
            except FileNotFoundError:
                raise FileChanged(entry.name) from None
            if now.stamp != entry.stamp:
                raise FileChanged(entry.name)
            name = _free_name(shelf, name or entry.name)
            # The reason comes first: a file in rejected/ always has one.
            if reason:
                _write(shelf, _with_suffix(name, _REASON_SUFFIX), reason.text())
            os.rename(entry.name, name, src_dir_fd=folder, dst_dir_fd=shelf)

    def note(self, batch: str, name: str, reason: Reason) -> None:
        """Leave a reason in `rejected/batch/` for what has no file."""
        with self._at_home() as home, _inside(home, REJECTED, batch) as shelf:
            _write(shelf, _with_suffix(name, _REASON_SUFFIX), reason.text())

    def prepare(self, place: str, folders: Sequence[str], mark: str) -> None:
        """Make the folders of a place at home, and an empty file that says what it is."""
        with self._at_home() as home:
            for name in folders:
                with _inside(home, place, name):
                    pass
            with _made(home, place) as made:
                if not _exists(made, mark):
                    _write(made, mark, "")

    def _check(self, entry: Entry) -> None:
        if not entry.regular:
            raise FileRejected(Reason(Rejection.NOT_REGULAR))
        if entry.links > 1 and not self._linked:
            raise FileRejected(Reason(Rejection.LINKED))

    @contextmanager
    def _folder(self) -> Iterator[int]:
        # A folder inside its home is one that was found there: never followed if it is a link.
        inside = 0 if self._path == self._home else os.O_NOFOLLOW
        with _descriptor(self._path, inside) as descriptor:
            yield descriptor

    @contextmanager
    def _at_home(self) -> Iterator[int]:
        with _descriptor(self._home) as descriptor:
            yield descriptor


@contextmanager
def _descriptor(path: Path, flags: int = 0) -> Iterator[int]:
    descriptor = os.open(path, _FOLDER_FLAGS | flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _entry(folder: int, name: str) -> Entry:
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    return Entry(
        name,
        Stamp.of(status),
        stat.S_ISREG(status.st_mode),
        stat.S_ISDIR(status.st_mode),
        status.st_nlink,
    )


@contextmanager
def _opened(folder: int, name: str) -> Iterator[int]:
    try:
        file = os.open(name, _FILE_FLAGS, dir_fd=folder)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ELOOP, errno.ENXIO}:
            raise FileChanged(name) from None
        if error.errno in {errno.EACCES, errno.EPERM}:
            raise FileRejected(Reason(Rejection.UNREADABLE, error.strerror or "")) from None
        raise
    try:
        yield file
    finally:
        os.close(file)


@contextmanager
def _inside(folder: int, place: str, batch: str) -> Iterator[int]:
    """The descriptor of `place/batch`, made if need be; a link in its stead is an error."""
    with _made(folder, place) as outer, _made(outer, batch) as inner:
        yield inner


@contextmanager
def _made(parent: int, name: str) -> Iterator[int]:
    with suppress(FileExistsError):
        os.mkdir(name, 0o750, dir_fd=parent)
    descriptor = os.open(name, _FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _free_name(folder: int, name: str) -> str:
    """The name, or with a number where one of that name is there already."""
    number, free = 1, name
    while _exists(folder, free):
        number += 1
        free = _with_suffix(name, f".{number}")
    return free


def _exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _with_suffix(name: str, suffix: str) -> str:
    """Name and suffix in one component; a long name is cut between characters."""
    raw = os.fsencode(name)[: _MAX_NAME_BYTES - len(suffix)]
    return raw.decode(errors="ignore") + suffix


def _write(folder: int, name: str, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    file = os.open(name, flags, 0o640, dir_fd=folder)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)
