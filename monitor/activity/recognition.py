"""Which file is which: names, sizes and even inodes change hands when logs are rotated.

A file is the one that was read before if device and inode say so and its content does not object;
else if its content says so: a copy that was made before the original was truncated, a compressed
successor, a restored backup. What looks like neither is new.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from monitor.activity.files import Content, FileChanged, LogFile, LogUnreadable
from monitor.activity.marks import SAMPLE, FileMark, Fit, digest, fitting


class Recognition:
    """One look's answers."""

    def __init__(
        self, marks: Sequence[FileMark], recognised: Mapping[tuple[int, ...], int]
    ) -> None:
        """`recognised`: numbers of the marks of files by the stamp that they had at a look
        before, which need not be read again.
        """
        self._marks = sorted(marks, key=lambda mark: -mark.number)
        self._numbered = {mark.number: mark for mark in marks}
        self._recognised = recognised
        self._by_place: dict[tuple[int, int], list[FileMark]] = {}
        for mark in self._marks:
            self._by_place.setdefault((mark.device, mark.inode), []).append(mark)
        self._holders: dict[int, LogFile] = {}
        self.known: dict[LogFile, FileMark] = {}
        self.shorter: dict[LogFile, FileMark] = {}
        """Copies that end before the mark of a file that is gone: all of them is read."""
        self.new: set[LogFile] = set()
        self.troubles: list[LogUnreadable] = []
        self.unclear = False
        """Something could not be looked at: what seems to be missing may be there."""

    @property
    def claimed(self) -> list[FileMark]:
        """Marks whose files are there."""
        return [*self.known.values(), *self.shorter.values()]

    def recognise(self, files: Sequence[LogFile]) -> None:
        """Answer for each file: known, shorter, new, a copy of one that is there, or trouble."""
        for nameless in (False, True):  # a file that has a name goes before one that is held only
            group = [file for file in files if (file.descriptor is not None) is nameless]
            left = [file for file in group if self._tried(self._by_identity, file)]
            for file in left:
                self._tried(self._by_content, file)

    def _tried(self, step: Callable[[LogFile], bool], file: LogFile) -> bool:
        """Whether the step could be made and did not answer."""
        try:
            return not step(file)
        except LogUnreadable as error:
            self.troubles.append(error)
        except FileChanged:
            pass
        self.unclear = True
        return False

    def _claim(self, file: LogFile, mark: FileMark) -> bool:
        self.known[file] = mark
        self._holders[mark.number] = file
        return True

    def _by_identity(self, file: LogFile) -> bool:
        known = self._numbered.get(self._recognised.get(file.stamp, 0))
        if known and known.number not in self._holders:
            return self._claim(file, known)
        for mark in self._by_place.get(file.identity, ()):
            if mark.number not in self._holders and (
                mark.packed == file.stamp or _fit(file, mark) is Fit.SAME
            ):
                return self._claim(file, mark)
        return False

    def _by_content(self, file: LogFile) -> bool:
        for mark in self._alike(file):
            holder = self._holders.get(mark.number)
            if holder:
                same = file.identity == (mark.device, mark.inode)
                if not file.live and (same or _may_be_copy(file, holder, mark)):
                    return True
                continue
            match _fit(file, mark):
                case Fit.SAME:
                    return self._claim(file, mark)
                case Fit.SHORTER if not file.live:
                    self.shorter[file] = mark
                    self._holders[mark.number] = file
                    return True
                case _:
                    pass
        if file.descriptor is None or not self._is_packed_by_now(file):
            self.new.add(file)
        return True

    def _is_packed_by_now(self, file: LogFile) -> bool:
        """Whether a file without a name has been compressed, both unread."""
        head = _head(file)
        return any(other.packing and _head(other) == head for other in self.new)

    def _alike(self, file: LogFile) -> Iterator[FileMark]:
        """Marks of files that begin as this one does, the newest first."""
        head = _head(file)
        digests = {
            length: digest(head[:length])
            for length in {mark.head_length for mark in self._marks}
            if 0 < length <= len(head)
        }
        return (mark for mark in self._marks if digests.get(mark.head_length) == mark.head)


def _head(file: LogFile) -> bytes:
    with Content(file) as content:
        return content.read(SAMPLE)


def _fit(file: LogFile, mark: FileMark) -> Fit:
    with Content(file) as content:
        return fitting(content, file, mark).fit


def _may_be_copy(file: LogFile, holder: LogFile, mark: FileMark) -> bool:
    """Whether a file that begins like one that is there has nothing more than that.

    Logs that begin with a constant line begin alike: these are told apart as soon as they are
    longer than what is known of the other.
    """
    if file.packing or holder.packing:
        return mark.head_length == SAMPLE
    return file.size <= holder.size
