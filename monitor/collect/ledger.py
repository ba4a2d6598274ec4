"""Which manifest rows of a folder were taken, so that a manifest may grow or come again."""

import os
from datetime import date, timedelta
from pathlib import Path

KEEP_DAYS = 800
"""Two administrative years; an older row that comes again without its file is reported missing."""


class Ledger:
    """An append-only text file: day, row key and item identifier of each taken row.

    It spares work and explains; the item identifier, which depends on nothing but source, content
    and claim, is what makes the record count an item once. A torn last line is left out. Blocking.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._items: dict[str, set[str]] = {}
        self._lines: list[str] = []

    def load(self, today: date) -> None:
        """Read what is there, and write it anew without what is too old."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        oldest = (today - timedelta(days=KEEP_DAYS)).isoformat()
        kept = [line for line in self._read() if line[:10] >= oldest]
        for line in kept:
            _, row_key, item_id = line.split()
            self._items.setdefault(row_key, set()).add(item_id)
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="ascii") as file:
            file.writelines(line + "\n" for line in kept)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def _read(self) -> list[str]:
        if not self._path.exists():
            return []
        lines = self._path.read_text("ascii", "replace").splitlines(keepends=True)
        return [line.strip() for line in lines if line.endswith("\n") and _is_whole(line)]

    def has_row(self, row_key: str) -> bool:
        """Whether some content was taken under this claim."""
        return row_key in self._items

    def has_item(self, row_key: str, item_id: str) -> bool:
        """Whether this very content was taken under this claim."""
        return item_id in self._items.get(row_key, ())

    def add(self, day: date, row_key: str, item_id: str) -> None:
        """Note a row as taken."""
        with self._path.open("a", encoding="ascii") as file:
            file.write(f"{day.isoformat()} {row_key} {item_id}\n")
        self._items.setdefault(row_key, set()).add(item_id)


def _is_whole(line: str) -> bool:
    fields = line.split()
    return [len(field) for field in fields] == [10, 32, 32]
