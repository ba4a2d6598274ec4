"""What docs/report-data.md tells a reader to type works on the files that are written."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from monitor.measure.figures import Figure, Scope
from monitor.report.model import FigureRow, Report
from tests.report.data_files import data_files
from tests.support.reference import DOCS
from tests.support.report_sample import sample

PAGE = (DOCS / "report-data.md").read_text(encoding="utf-8")
NAMES = {"long.csv": "congvu-2026-10-v1-vi-long.csv", "report.json": "congvu-2026-10-v1-vi.json"}


def queries() -> list[str]:
    return re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def ask(query: str, folder: Path) -> list[tuple[Any, ...]]:
    for name in NAMES.values():
        query = query.replace(name, str(folder / name))
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def figure(scope: Scope, code: str, numerator: int, **more: Any) -> Figure:
    base = sample(1).figures[0].figure
    return replace(
        base, scope=scope, code=code, numerator=numerator, denominator=10, ratio=numerator / 10,
        **more,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A report of two agencies that begin like formulas; one signs less than the month before."""
    paired = {"indicator": "document_paired", "channel": "docsys"}
    level, own = figure(Scope.LEVEL, "commune", 7), figure(Scope.AGENCY, "xa-1", 7)
    rows = (
        FigureRow("period", "", "Cấp xã", "commune", level),
        FigureRow("period", "", "Cấp xã", "commune", replace(level, channel="mail", numerator=1)),
        FigureRow("period", "previous", "Cấp xã", "commune", level),
        FigureRow("previous", "", "Cấp xã", "commune", level),
        FigureRow("period", "", "Cấp xã", "commune", replace(level, document_class="editable")),
        FigureRow("period", "", "=Xã Một", "commune", own),
        *(
            FigureRow(about, "", name, "commune", figure(Scope.AGENCY, code, number, **paired))
            for about, name, code, number in (
                ("period", "=Xã Một", "xa-1", 5), ("previous", "=Xã Một", "xa-1", 8),
                ("period", "'Xã Hai'", "xa-2", 9), ("previous", "'Xã Hai'", "xa-2", 8),
                ("period", "'Xã Ba'", "xa-3", 2), ("previous", "'Xã Ba'", "xa-3", 3),
            )
        ),
        FigureRow(
            "period", "", "Toàn tỉnh", None,
            figure(Scope.PROVINCE, "province", 3, indicator="mail_signed", channel="mail"),
        ),
    )  # fmt: skip
    write(replace(sample(2), figures=rows), tmp_path)
    return tmp_path


def write(report: Report, folder: Path) -> None:
    made = data_files(report)
    for name, called in NAMES.items():
        (folder / called).write_bytes(made[name])


def test_the_queries_give_what_they_say(folder: Path) -> None:
    by_level, fallen, from_json = queries()
    assert ask(by_level, folder) == [("Cấp xã", 8, 20)]
    assert ask(fallen, folder) == [
        ("xa-1", "=Xã Một", 0.8, 0.5), ("xa-3", "'Xã Ba'", 0.3, 0.2),
    ]  # fmt: skip
    assert ask(from_json, folder) == [("Toàn tỉnh", 0.3)]


def test_what_pandas_is_told_is_python_and_names_columns_that_are_there(folder: Path) -> None:
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    compile(program, "report-data.md", "exec")
    [entry, *_] = json.loads((folder / NAMES["report.json"]).read_text(encoding="utf-8"))["figures"]
    named = set(re.findall(r'"([a-z_]+)"', program)) - {"figures"}
    assert named <= set(entry)
    assert "name" in named
