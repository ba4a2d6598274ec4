"""The SQL statements of `sql/`, by file name."""

from pathlib import Path

from monitor.record.statements import statements

sql = statements(Path(__file__).parent / "sql")


def joined(*names: str) -> str:
    """One statement whose parts stand in several files, so that several can begin alike."""
    return "\n".join(sql(name) for name in names)
