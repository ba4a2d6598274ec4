"""Text dumps of mail systems, read in blocks: gigabytes pass through a few megabytes of memory."""

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from monitor.errors import UserError
from monitor.record.roster_rows import Known
from monitor.roster.listed import ListedAccount, Listing
from monitor.tables.model import Place, Problem

CHUNK = 1 << 20
LONGEST = 8 << 20
"""Bytes of one entry; photographs and certificates of an account stay far below it."""
MOST_PROBLEMS = 1000
"""Listed one by one: a file that is something else altogether has as many as lines."""
BOM_8, BOM_LE, BOM_BE = codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE


class Record(NamedTuple):
    """One piece between separators, which it does not include."""

    line: int
    """Counted from 1: where it begins."""
    data: bytes
    last: bool


class Complaints:
    """What is wrong with a dump; the first thousand things of it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.left_out: dict[int, Known] = {}
        """Who stands in entries with problems."""
        self.count = 0

    def add(self, what: str, line: int | None = None, field: str | None = None) -> None:
        """One more thing is wrong."""
        self.count += 1
        if self.count <= MOST_PROBLEMS:
            self.problems.append(Problem(self.place(line, field), what))
        elif self.count == MOST_PROBLEMS + 1:
            self.problems.append(Problem(Place(self.file), "and more: mend these first"))

    def leave_out(self, line: int, address: str | None) -> None:
        """The entry that begins there has a problem; its account, as far as that is known."""
        if self.count <= MOST_PROBLEMS:
            self.left_out[line] = Known(None, address)

    def listing(
        self, entries: Iterator[ListedAccount], sha256: str | None
    ) -> Listing[ListedAccount]:
        """The list whose problems these are."""
        return Listing(sha256, entries, self.problems, self.place, self.left_out)

    def place(self, line: int | None, field: str | None) -> Place:
        """Where a line, or an attribute of the entry that begins on it, stands."""
        return Place(self.file, line, field)


def opened(path: Path) -> tuple[BinaryIO, str]:
    """The file at its beginning, and the SHA-256 of its content.

    Raises UserError when it cannot be read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
    except OSError as error:
        file.close()
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    return file, digest


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """The content as UTF-8 with LF line ends; UTF-16 (as Windows redirects output) is known by
    its byte order mark. Other encodings pass as they are: all that is compared is ASCII.
    """
    yield from _lf(_utf8(iter(lambda: file.read(CHUNK), b"")))


def _utf8(raw: Iterator[bytes]) -> Iterator[bytes]:
    first = next(raw, b"")
    if not first.startswith((BOM_LE, BOM_BE)):
        yield first.removeprefix(BOM_8)
        yield from raw
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    yield decoder.decode(first).encode()
    for chunk in raw:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _lf(raw: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in raw:
        if held or b"\r" in chunk:
            whole = held + chunk
            held = b"\r" if whole.endswith(b"\r") else b""
            yield whole.removesuffix(b"\r").replace(b"\r\n", b"\n")
        else:
            yield chunk
    yield held


def records(
    text: Iterable[bytes], separator: bytes, complaints: Complaints, line: int = 1
) -> Iterator[Record]:
    """The pieces between separators; one that is longer than LONGEST is a problem and left out.

    `line` is the number of the first line of the text.
    """
    rest, lost = b"", False
    lines = separator.count(b"\n")
    for chunk in text:
        *whole, rest = (rest + chunk).split(separator)
        for piece in whole:
            if not lost:
                yield Record(line, piece, last=False)
            lost = False
            line += piece.count(b"\n") + lines
        if len(rest) > LONGEST:
            if not lost:
                complaints.add(f"an entry of more than {LONGEST >> 20} MiB: left out", line)
            lost = True
            kept = rest[1 - len(separator) :]
            line += rest.count(b"\n") - kept.count(b"\n")
            rest = kept
    if not lost:
        yield Record(line, rest, last=True)
