"""What imports of lists say alike: how far they are, counts of agencies, where problems stand."""

import sys
from collections.abc import Sequence
from typing import Protocol

from monitor.commands.pages import ErrorLine
from monitor.commands.tables import show, table
from monitor.explain import safe
from monitor.tables import Problem

PROGRESS_ROWS = 5000


class RowProgress(ErrorLine):
    """How many rows are read."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = safe(name, 60)
        self._rows = 0

    def __call__(self, row: int | None) -> None:
        """One more row (of a dump: the line that it begins on), or None after the last."""
        if row is None:
            self.show(f"{self._name}: {self._rows:,} rows, comparing them with the record …")
            return
        self._rows += 1
        if self._rows % PROGRESS_ROWS == 0:
            self.show(f"{self._name}: {self._rows:,} rows …")


class Counted(Protocol):
    """Rows of one agency; beside these a number for each of the words that are counted."""

    @property
    def agency(self) -> str: ...
    @property
    def name(self) -> str: ...


def print_counts(counts: Sequence[Counted], words: tuple[str, ...]) -> None:
    """A table of agencies, what is counted in columns, and its sums."""
    listed = table("agency", "name", *words, keep=("agency", *words), right=words)
    for count in counts:
        figures = (str(getattr(count, word)) for word in words)
        listed.add_row(count.agency or "–", safe(count.name) or "no agency", *figures)
    sums = (str(sum(getattr(count, word) for count in counts)) for word in words)
    listed.add_row("", "all", *sums, style="bold")
    show(listed)


def print_more(more: int) -> None:
    """How many differences are not shown."""
    if more > 0:
        sys.stdout.write(f"and {more} more differences (--show)\n\n")


def print_places(what: str, found: Sequence[Problem], more: int = 0) -> None:
    """Places of a list below a heading; nothing where there are none."""
    if not found:
        return
    sys.stdout.write(f"{what}:\n")
    sys.stdout.writelines(f"  {safe(str(each), 400)}\n" for each in found)
    sys.stdout.write(f"  and {more} more\n\n" if more > 0 else "\n")
