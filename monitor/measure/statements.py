"""The SQL statements of `sql/`, by file name."""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"
INCLUDE = re.compile(r"^-- :include (\w+)$", re.MULTILINE)
"""A line that stands for another file: parts that several statements have in common."""


@cache
def sql(name: str) -> str:
    """Text of `sql/<name>.sql`."""
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return INCLUDE.sub(lambda found: sql(found[1]), text)


def joined(*names: str) -> str:
    """One statement whose parts stand in several files, so that several can begin alike."""
    return "\n".join(sql(name) for name in names)
