"""Blocks of whole lines of one file, from where it was read before."""

from dataclasses import dataclass, replace

from monitor.activity.files import Content, FileChanged, LogFile
from monitor.activity.marks import SAMPLE, FileMark, Fit, digest, fitting

BLOCK = 1024 * 1024
"""Bytes that are read at once; a line that is longer is left out."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, each with its line feed and without NUL, and the mark behind them."""

    data: bytes
    lines: int
    overlong: int
    """Lines that were left out because they are longer than a block."""
    size: int
    """Bytes of the file that it stands for, with all that was left out."""
    mark: FileMark


class Blocks:
    """Reads one file on. What is to be remembered is in the marks that it gives."""

    def __init__(self, file: LogFile, mark: FileMark, size: int = BLOCK) -> None:
        """Raises FileChanged when the file is not the mark's any more, LogUnreadable."""
        self._file = file
        self._mark = mark.moved_to(file)
        self._size = size
        self._open()

    def _open(self) -> None:
        self._content = Content(self._file)
        found = fitting(self._content, self._file, self._mark)
        if found.fit is not Fit.SAME:
            self._content.close()
            raise FileChanged
        self._head, self._tail = found.head, found.tail
        self._rest = b""
        self._looked_at = True

    @property
    def damaged(self) -> bool:
        """The rest cannot be decompressed."""
        return self._content.damaged

    @property
    def mark(self) -> FileMark:
        """Behind what was given last."""
        return self._mark

    def close(self) -> None:
        self._content.close()

    def next(self, final: bool) -> Block | None:
        """The next whole lines; None where there are none.

        `final`: nothing more is coming, so a last line without line feed is taken.
        Raises FileChanged when the file has been truncated since.
        """
        if not self._looked_at and not self._file.packing:
            self._content.close()
            self._open()
        self._looked_at = False
        overlong, begun_at = 0, self._mark.offset
        more = True
        while more:
            more = self._fill()
            self._drop_nul()
            if self._mark.skipping:
                self._skip()
            cut = self._rest.rfind(b"\n") + 1
            if cut:
                return self._block(cut, overlong, begun_at)
            if len(self._rest) == self._size:
                overlong += 1
                self._take(self._size, skipping=True)
        if final and self._rest:
            return self._block(len(self._rest), overlong, begun_at)
        if self._mark.offset > begun_at:
            return Block(b"", 0, overlong, self._mark.offset - begun_at, self._mark)
        return None

    def _fill(self) -> bool:
        """Read on; whether there may be more."""
        self._rest += self._content.read(self._size - len(self._rest))
        return len(self._rest) == self._size

    def _drop_nul(self) -> None:
        """Pass over a hole: where a log is truncated below its writer, NUL fills what was."""
        hole = len(self._rest) - len(self._rest.lstrip(b"\0"))
        if hole:
            self._take(hole, skipping=self._mark.skipping)

    def _skip(self) -> None:
        """Pass over the rest of a line that is too long."""
        end = self._rest.find(b"\n") + 1
        self._take(end or len(self._rest), skipping=not end)

    def _block(self, size: int, overlong: int, begun_at: int) -> Block:
        data = self._take(size, skipping=False).replace(b"\0", b"")
        if not data.endswith(b"\n"):
            data += b"\n"
        passed = self._mark.offset - begun_at
        return Block(data, data.count(b"\n"), overlong, passed, self._mark)

    def _take(self, size: int, skipping: bool) -> bytes:
        """Move the mark on by so many bytes; gives them."""
        taken, self._rest = self._rest[:size], self._rest[size:]
        offset = self._mark.offset + size
        self._head += taken[: SAMPLE - len(self._head)]
        self._tail = (self._tail + taken[-SAMPLE:])[-SAMPLE:]
        self._mark = replace(
            self._mark,
            offset=offset,
            head=digest(self._head),
            head_length=len(self._head),
            tail=digest(self._tail),
            tail_length=len(self._tail),
            skipping=skipping,
        )
        return taken
