"""The SQL statements of `sql/`, by file name."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"
_INCLUDE = re.compile(r"^-- :include (\w+)$", re.MULTILINE)
"""A line that stands for another file: parts that several statements have in common."""


def statements(folder: Path) -> Callable[[str], str]:
    """Gives the text of `<name>.sql` in a folder."""

    @cache
    def text(name: str) -> str:
        written = (folder / f"{name}.sql").read_text(encoding="utf-8")
        return _INCLUDE.sub(lambda found: text(found[1]), written)

    return text


sql = statements(FOLDER)
