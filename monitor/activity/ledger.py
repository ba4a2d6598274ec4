"""How far each file of one log is read, and what is to be read now, in which order."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from monitor.activity.files import LogFile, LogUnreadable
from monitor.activity.marks import FileMark
from monitor.activity.recognition import Recognition

VANISHED_KEPT = 500
"""Marks of files that are gone: one may come back from a backup."""
LOOKS_UNTIL_GONE = 2
"""While a rotation renames, one look may miss a file."""
PATIENCE = 6
"""Times `settle_seconds` that a closed file which is still written to holds up its successors."""


@dataclass(frozen=True, slots=True)
class Work:
    """A file of which something may be unread."""

    file: LogFile
    mark: FileMark | None
    """None: it is new."""
    final: bool
    """Closed, and unchanged for so long that nothing more is to be expected."""
    holds_up: bool
    """What comes after it has to wait: its last lines may still be coming."""
    readable: bool = True
    """False: it may be a copy that is being made of a file that is known."""

    @property
    def unread_bytes(self) -> int:
        """Of a packed file, what it has on disk."""
        read = self.mark.offset if self.mark and not self.file.packing else 0
        return max(0, self.file.size - read)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the files of a log found, oldest first."""

    works: tuple[Work, ...]
    done: tuple[FileMark, ...]
    """Of files that turned out to be read already."""
    gone: tuple[FileMark, ...]
    """Of files that vanished although more of them may have been unread."""
    troubles: tuple[LogUnreadable, ...]

    @property
    def unread_bytes(self) -> int:
        """Of packed files, what they have on disk."""
        return sum(work.unread_bytes for work in self.works)


class Settling:
    """How long files have not been written to, by their own time or by ours."""

    def __init__(self, clock: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._since: dict[tuple[int, ...], float] = {}

    def look(self, files: Sequence[LogFile]) -> None:
        """Note when each was first seen as it is now, and first seen closed."""
        now = self._monotonic()
        seen: set[tuple[int, ...]] = {file.stamp for file in files}
        seen |= {file.identity for file in files if not file.live}
        self._since = {each: self._since.get(each, now) for each in seen}

    def unchanged(self, file: LogFile) -> float:
        """Seconds since it was written to."""
        written = self._clock() - file.mtime_ns / 1e9
        return max(written, self._monotonic() - self._since[file.stamp])

    def closed(self, file: LogFile) -> float:
        """Seconds since it was first seen closed."""
        return self._monotonic() - self._since[file.identity]


class Ledger:
    """The marks of one log's files, and what each look makes of them."""

    def __init__(
        self,
        marks: Iterable[FileMark],
        settle_seconds: float,
        copied: bool,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`copied`: a file may be a copy of the live one, which is truncated then; so one that is
        not known yet is left alone while it is being written, and order is kept.
        """
        self._marks = {mark.number: mark for mark in marks}
        self._settle_seconds = settle_seconds
        self._copied = copied
        self._settling = Settling(clock, monotonic)
        self._missing: dict[int, int] = {}
        self._recognised: dict[tuple[int, ...], int] = {}

    @property
    def next_number(self) -> int:
        """For the mark of a new file."""
        return max(self._marks, default=0) + 1

    def put(self, mark: FileMark) -> None:
        """Note how far a file is read now."""
        self._marks[mark.number] = mark

    def forget(self) -> list[int]:
        """Drop the marks of files that are gone for long; gives their numbers."""
        gone = sorted(number for number in self._missing if self._marks[number].ended)
        dropped = gone[: max(0, len(gone) - VANISHED_KEPT)]
        for number in dropped:
            del self._marks[number], self._missing[number]
        return dropped

    def look(self, files: Sequence[LogFile]) -> Look:
        """Tell which file is which. Reads a little of those that have changed."""
        self._settling.look(files)
        found = Recognition(list(self._marks.values()), self._recognised)
        found.recognise(files)
        self._recognised = {file.stamp: mark.number for file, mark in found.known.items()}
        works = [
            self._work(file, found.known.get(file)) for file in files if _may_be_unread(file, found)
        ]
        resolved = not found.unclear and all(work.readable for work in works)
        return Look(
            tuple(works),
            tuple(_ended(mark.moved_to(file), file) for file, mark in found.shorter.items()),
            self._gone({mark.number for mark in found.claimed}, resolved),
            tuple(found.troubles),
        )

    def _work(self, file: LogFile, mark: FileMark | None) -> Work:
        final = not file.live and self._settling.unchanged(file) >= self._settle_seconds
        waiting = self._copied and not file.live and not final
        patient = waiting and self._settling.closed(file) < PATIENCE * self._settle_seconds
        return Work(file, mark, final, patient, readable=not waiting or mark is not None)

    def _gone(self, claimed: set[int], resolved: bool) -> tuple[FileMark, ...]:
        self._missing = {
            number: self._missing.get(number, 0) + 1
            for number in self._marks
            if number not in claimed
        }
        if not resolved:
            return ()
        return tuple(
            self._marks[number]
            for number, looks in self._missing.items()
            if looks >= LOOKS_UNTIL_GONE and not self._marks[number].ended
        )


def _may_be_unread(file: LogFile, found: Recognition) -> bool:
    """Whether there may be something to read, as far as sizes tell."""
    mark = found.known.get(file)
    if mark is None:
        return file in found.new and file.size > 0
    if file.packing:
        return mark.packed != file.stamp
    return file.size != mark.offset or not (file.live or mark.ended)


def _ended(mark: FileMark, file: LogFile) -> FileMark:
    return replace(mark, ended=True, packed=file.stamp if file.packing else ())
