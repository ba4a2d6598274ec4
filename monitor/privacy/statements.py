"""The SQL statements of `sql/`, by file name."""

from pathlib import Path

from monitor.record.statements import statements

sql = statements(Path(__file__).parent / "sql")
