"""The file that is written now is held open, so that one that is removed can be read to its end."""

import os
from collections.abc import Sequence
from pathlib import Path

from monitor.activity.files import LogFile, of_descriptor


class Held:
    """Descriptors of files that were live when they were last seen under a name."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, int], tuple[int, Path]] = {}

    def nameless(self, files: Sequence[LogFile]) -> list[LogFile]:
        """Those that are not among the files of a look: removed, or moved elsewhere."""
        there = {file.identity for file in files}
        return [
            of_descriptor(descriptor, path)
            for identity, (descriptor, path) in self._held.items()
            if identity not in there
        ]

    def hold(self, files: Sequence[LogFile]) -> None:
        """Hold the live one; let go of those that have another name by now."""
        for file in files:
            if file.live and file.identity not in self._held:
                self._open(file)
            elif not file.live and file.descriptor is None:
                self.let_go(file)

    def _open(self, file: LogFile) -> None:
        try:
            descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return  # said when it is read
        found = os.fstat(descriptor)
        if (found.st_dev, found.st_ino) == file.identity:
            self._held[file.identity] = (descriptor, file.path)
        else:
            os.close(descriptor)

    def let_go(self, file: LogFile) -> None:
        """Close one."""
        descriptor, _ = self._held.pop(file.identity, (None, None))
        if descriptor is not None:
            os.close(descriptor)

    def close(self) -> None:
        """Close all of them."""
        for descriptor, _ in self._held.values():
            os.close(descriptor)
        self._held.clear()
