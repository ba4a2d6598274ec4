"""The few file operations the spool needs, behind one interface so that tests inject disk faults.

Every method may raise OSError. Offsets are explicit (pread, pwritev): no call depends on a file
position, so a failed write cannot shift the next one.
"""

import fcntl
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """File operations as the kernel offers them; descriptors are integers."""

    def make_directory(self, path: Path) -> None:
        """Make the folder, durably, if missing, and close it to everyone else (mode 0700)."""

    def lock(self, path: Path) -> int:
        """Hold the exclusive lock on a file, made if missing; BlockingIOError if another has it."""

    def names(self, path: Path) -> list[str]:
        """Names in a folder, in no order."""

    def create(self, path: Path) -> int:
        """Make a new file for reading and writing (mode 0600); FileExistsError if it is there."""

    def open(self, path: Path, *, write: bool = False) -> int:
        """Open a file that is there; links are not followed."""

    def size(self, descriptor: int) -> int:
        """Size in bytes."""

    def read(self, descriptor: int, size: int, offset: int) -> bytes:
        """Up to `size` bytes from `offset`; fewer only at the end of the file."""

    def write(self, descriptor: int, buffers: Sequence[bytes], offset: int) -> int:
        """Write at `offset` and say how many bytes went; may be fewer than given."""

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut the file to `size` bytes."""

    def sync(self, descriptor: int) -> None:
        """Make content and size durable (fdatasync)."""

    def sync_directory(self, path: Path) -> None:
        """Make the names in a folder durable."""

    def close(self, descriptor: int) -> None:
        """Close a descriptor, and give up a lock held by it."""

    def rename(self, source: Path, target: Path) -> None:
        """Rename within the file system, replacing the target."""

    def remove(self, path: Path) -> None:
        """Remove a file's name."""

    def free_bytes(self, path: Path) -> int:
        """Bytes that an unprivileged process may still write on the file system."""


class OsFiles:
    """`Files` on the operating system."""

    def make_directory(self, path: Path) -> None:
        missing = [path]
        while not missing[-1].parent.exists():
            missing.append(missing[-1].parent)
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
            self.sync_directory(folder.parent)
        path.chmod(0o700)

    def lock(self, path: Path) -> int:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def names(self, path: Path) -> list[str]:
        return os.listdir(path)  # noqa: PTH208  names are wanted, not paths

    def create(self, path: Path) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.open(path, flags, 0o600)

    def open(self, path: Path, *, write: bool = False) -> int:
        mode = os.O_RDWR if write else os.O_RDONLY
        return os.open(path, mode | os.O_CLOEXEC | os.O_NOFOLLOW)

    def size(self, descriptor: int) -> int:
        return os.fstat(descriptor).st_size

    def read(self, descriptor: int, size: int, offset: int) -> bytes:
        data = os.pread(descriptor, size, offset)
        if len(data) == size or not data:
            return data
        # One pread gives at most 2 GiB and may be interrupted: only an empty answer is the end.
        parts = [data]
        got = len(data)
        while got < size and (data := os.pread(descriptor, size - got, offset + got)):
            parts.append(data)
            got += len(data)
        return b"".join(parts)

    def write(self, descriptor: int, buffers: Sequence[bytes], offset: int) -> int:
        return os.pwritev(descriptor, buffers, offset)

    def truncate(self, descriptor: int, size: int) -> None:
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        os.fdatasync(descriptor)

    def sync_directory(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        source.rename(target)

    def remove(self, path: Path) -> None:
        path.unlink()

    def free_bytes(self, path: Path) -> int:
        status = os.statvfs(path)
        return status.f_bavail * status.f_frsize


IOV_MAX = 1024
"""Buffers one vectored write takes on Linux (limits.h)."""


def write_fully(files: Files, descriptor: int, buffers: Sequence[bytes], offset: int) -> int:
    """Write all buffers at `offset`, in as many calls as it takes; the offset after them."""
    waiting: list[bytes] = [buffer for buffer in buffers if buffer]
    first = 0
    while first < len(waiting):
        batch = waiting[first : first + IOV_MAX]
        written = files.write(descriptor, batch, offset)
        if written <= 0:
            raise OSError(5, "the file system wrote nothing and gave no reason")
        offset += written
        for buffer in batch:
            if written < len(buffer):
                break
            written -= len(buffer)
            first += 1
        if written:
            waiting[first] = waiting[first][written:]
    return offset


def write_durably(files: Files, path: Path, content: Iterable[bytes]) -> None:
    """Make `path` hold the content whole or not at all; its folder is for the caller to sync."""
    temporary = path.with_name(path.name + ".tmp")
    with suppress(FileNotFoundError):
        files.remove(temporary)
    descriptor = files.create(temporary)
    try:
        at = 0
        for chunk in content:
            at = write_fully(files, descriptor, [chunk], at)
        files.sync(descriptor)
    except OSError:
        with suppress(OSError):
            files.remove(temporary)
        raise
    finally:
        files.close(descriptor)
    files.rename(temporary, path)
