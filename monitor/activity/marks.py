"""How far each file of a log is read, and how a file is known again by its content."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import Enum
from typing import Any, Self

from monitor.activity.files import Content, LogFile
from monitor.record import clean

SAMPLE = 1024
"""Bytes at the beginning of a file, and before the place up to which it is read, that tell it."""


def digest(sample: bytes) -> str:
    """What is kept of bytes of a log: never the bytes themselves."""
    return hashlib.sha256(sample).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class FileMark:
    """How far one file is read. All of it goes to the database, as JSON."""

    number: int
    """Of its row; higher is newer."""
    name: str = ""
    """When last seen."""
    device: int = 0
    inode: int = 0
    offset: int = 0
    """Bytes of its content that are read: whole lines."""
    head: str = ""
    """Digest of its first bytes, of `head_length` (up to SAMPLE) of them."""
    head_length: int = 0
    tail: str = ""
    """Digest of the last bytes before `offset`."""
    tail_length: int = 0
    skipping: bool = False
    """Inside of a line that is too long."""
    ended: bool = False
    """Closed and read to its end, a last line without line feed included."""
    packed: tuple[int, ...] = ()
    """Stamp of its compressed successor, in which nothing more was found."""

    @classmethod
    def of_json(cls, number: int, value: Mapping[str, Any]) -> Self:
        """What another congvu has written and this one does not know is dropped."""
        known = {each.name for each in fields(cls)} - {"number"}
        kept = {key: each for key, each in value.items() if key in known}
        return cls(number, **kept | {"packed": tuple(kept.get("packed", ()))})

    def as_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key != "number"}

    def moved_to(self, file: LogFile) -> "FileMark":
        """The same content, seen under this name now."""
        return replace(
            self,
            name=clean.text(file.path.name, 255) or "",
            device=file.device,
            inode=file.inode,
        )


class Fit(Enum):
    """Whether a file is the one that a mark is of."""

    NO = "no"
    SAME = "same"
    SHORTER = "shorter"
    """Begins as it did and ends before the mark: a copy of what is read."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """A file compared with a mark; `head` and `tail` are the bytes that the mark digests."""

    fit: Fit
    head: bytes = b""
    tail: bytes = b""


def fitting(content: Content, file: LogFile, mark: FileMark) -> Fitting:
    """Compare its beginning and what stands before the mark.

    `content` is at its beginning; afterwards, if it fits, where the mark is.
    """
    if not mark.offset:
        return Fitting(Fit.SAME)
    head = content.read(mark.head_length)
    if len(head) < mark.head_length or digest(head) != mark.head:
        return Fitting(Fit.NO)
    if not file.packing and content.size < mark.offset:
        return Fitting(Fit.SHORTER)
    before = mark.offset - mark.tail_length
    if before >= len(head):
        content.go_to(before, len(head))
        tail = content.read(mark.tail_length)
    else:
        tail = (head + content.read(mark.offset - len(head)))[before:]
    if len(tail) < mark.tail_length:
        return Fitting(Fit.SHORTER)
    return Fitting(Fit.SAME if digest(tail) == mark.tail else Fit.NO, head, tail)
