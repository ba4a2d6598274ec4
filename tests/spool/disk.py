"""A disk in memory that can lose what was not synced, fill up, fail, and stop at any operation."""

import errno
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class PowerCut(Exception):
    """The machine stopped in the middle of an operation."""


class Loss(Enum):
    """What happens to unsynced data and names when the machine stops."""

    KEPT = "the process was killed, the machine lived"
    LOST = "everything unsynced is gone"
    CUT = "an unsynced tail got to the disk in part"
    LENGTHENED = "the size got to the disk, the data did not"
    HOLED = "some blocks of an unsynced tail got to the disk, others did not"


@dataclass
class _File:
    data: bytearray = field(default_factory=bytearray)
    synced: bytes = b""


@dataclass
class Fault:
    """Make a coming operation fail."""

    operation: str
    number: int
    skip: int = 0
    """How many of these operations succeed before it."""
    written: int = 0
    """For `write`: bytes that get through before the error."""
    times: int = 1


class Disk:
    """`Files` in memory; folders are implied by paths."""

    BLOCK = 64

    def __init__(self, capacity: int = 1 << 40) -> None:
        self.capacity = capacity
        self.short_write: int | None = None
        """At most so many bytes go in one write."""
        self.faults: list[Fault] = []
        self.operations_left: int | None = None
        """Changes of the disk until the power goes."""
        self.syncs = 0
        self.dead = False
        self._names: dict[Path, _File] = {}
        self._synced_names: dict[Path, _File] = {}
        self._open: dict[int, _File] = {}
        self._locks: dict[int, Path] = {}
        self._next = 100

    # -- what tests do to it --------------------------------------------------------------------

    def reboot(self, loss: Loss, seed: int = 0) -> None:
        """Start again after a stop: descriptors and locks are gone, and what `loss` says."""
        chance = random.Random(seed)
        if loss is Loss.KEPT:
            self._restart()
            return
        for path in self._names.keys() | self._synced_names.keys():
            self._lose_name(path, loss, chance)
        for file in self._names.values():
            self._lose_data(file, loss, chance)
            file.synced = bytes(file.data)
        self._synced_names = dict(self._names)
        self._restart()

    def _restart(self) -> None:
        self._open.clear()
        self._locks.clear()
        self.operations_left = None
        self.dead = False
        self.faults.clear()

    def content(self, path: Path) -> bytes:
        return bytes(self._names[path].data)

    def put(self, path: Path, data: bytes) -> None:
        """Make a file hold this, durably."""
        self._names[path] = self._synced_names[path] = _File(bytearray(data), data)

    def paths(self, suffix: str) -> list[Path]:
        return sorted(path for path in self._names if path.name.endswith(suffix))

    def copy(self) -> "Disk":
        """Another disk with the same content."""
        other = Disk(self.capacity)
        for path, file in self._names.items():
            other.put(path, bytes(file.data))
        return other

    def _lose_name(self, path: Path, loss: Loss, chance: random.Random) -> None:
        if loss is Loss.LOST or chance.random() < 0.5:
            if path in self._synced_names:
                self._names[path] = self._synced_names[path]
            else:
                self._names.pop(path, None)

    def _lose_data(self, file: _File, loss: Loss, chance: random.Random) -> None:
        if bytes(file.data) == file.synced:
            return
        durable = len(file.synced)
        tail = bytes(file.data[durable:]) if file.data[:durable] == file.synced else b""
        if loss is Loss.CUT:
            tail = tail[: chance.randint(0, len(tail))]
        elif loss is Loss.LENGTHENED:
            tail = bytes(len(tail))
        elif loss is Loss.HOLED:
            blocks = range(0, len(tail), self.BLOCK)
            parts = (tail[at : at + self.BLOCK] for at in blocks)
            tail = b"".join(p if chance.random() < 0.5 else bytes(len(p)) for p in parts)
        else:
            tail = b""
        file.data = bytearray(file.synced + tail)

    def _change(self, operation: str) -> Fault | None:
        """Count a change; PowerCut when it is the last, the fault when one is due."""
        if self.dead:
            raise PowerCut
        if self.operations_left is not None:
            self.operations_left -= 1
            if self.operations_left < 0:
                self.dead = True
        for fault in self.faults:
            if fault.operation == operation:
                if fault.skip:
                    fault.skip -= 1
                    return None
                fault.times -= 1
                if fault.times == 0:
                    self.faults.remove(fault)
                return fault
        return None

    def _act(self, operation: str) -> None:
        fault = self._change(operation)
        if self.dead:
            raise PowerCut
        if fault:
            raise OSError(fault.number, operation)

    # -- Files ----------------------------------------------------------------------------------

    def make_directory(self, path: Path) -> None:
        self._act("make_directory")

    def lock(self, path: Path) -> int:
        if path in self._locks.values():
            raise BlockingIOError(errno.EAGAIN, "locked")
        self._next += 1
        self._locks[self._next] = path
        return self._next

    def names(self, path: Path) -> list[str]:
        return [found.name for found in self._names if found.parent == path]

    def create(self, path: Path) -> int:
        self._act("create")
        if path in self._names:
            raise FileExistsError(errno.EEXIST, "exists", str(path))
        self._names[path] = _File()
        return self.open(path)

    def open(self, path: Path, *, write: bool = False) -> int:
        if path not in self._names:
            raise FileNotFoundError(errno.ENOENT, "missing", str(path))
        self._next += 1
        self._open[self._next] = self._names[path]
        return self._next

    def size(self, descriptor: int) -> int:
        return len(self._open[descriptor].data)

    def read(self, descriptor: int, size: int, offset: int) -> bytes:
        self._act("read")
        return bytes(self._open[descriptor].data[offset : offset + size])

    def write(self, descriptor: int, buffers: Sequence[bytes], offset: int) -> int:
        data = b"".join(buffers)
        fault = self._change("write")
        if self.dead:
            data = data[: len(data) // 2]
        elif fault:
            data = data[: fault.written]
        elif self.short_write is not None:
            data = data[: self.short_write]
        file = self._open[descriptor]
        room = self.free_bytes(Path()) + max(0, len(file.data) - offset)
        fitting = data[: max(0, room)]
        file.data[offset : offset + len(fitting)] = fitting
        if self.dead:
            raise PowerCut
        if fault:
            raise OSError(fault.number, "write")
        if data and not fitting:
            raise OSError(errno.ENOSPC, "write")
        return len(fitting)

    def truncate(self, descriptor: int, size: int) -> None:
        self._act("truncate")
        del self._open[descriptor].data[size:]

    def sync(self, descriptor: int) -> None:
        self.syncs += 1
        self._act("sync")
        file = self._open[descriptor]
        file.synced = bytes(file.data)

    def sync_directory(self, path: Path) -> None:
        self._act("sync_directory")
        for known in [known for known in self._synced_names if known.parent == path]:
            del self._synced_names[known]
        self._synced_names |= {p: file for p, file in self._names.items() if p.parent == path}

    def close(self, descriptor: int) -> None:
        self._open.pop(descriptor, None)
        self._locks.pop(descriptor, None)

    def rename(self, source: Path, target: Path) -> None:
        self._act("rename")
        self._names[target] = self._names.pop(source)

    def remove(self, path: Path) -> None:
        self._act("remove")
        if path not in self._names:
            raise FileNotFoundError(errno.ENOENT, "missing", str(path))
        del self._names[path]

    def free_bytes(self, path: Path) -> int:
        return self.capacity - sum(len(file.data) for file in self._names.values())
