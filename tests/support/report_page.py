"""docs/report-data.md: its tables of columns are made from the code; the rest is by hand."""

from typing import Any

from pydantic import TypeAdapter

from monitor.model import Language
from monitor.report.content.main import headings
from monitor.report.data.csv_file import LONG, wide_columns
from monitor.report.data.figure_lines import FigureLine
from monitor.report.model import Column
from monitor.report.words import words

OF_HEAD = {
    "period": ("text", "`2026-10`, `2026-Q3@administrative`, `cumulative:2026-10`, …"),
    "version": ("integer", "1 is the original, later ones restate it; 0 is provisional."),
    "standing": ("text", "`closed`, `restated`, `provisional`."),
}
KINDS = {
    Column.ORDINAL: "integer",
    Column.TEXT: "text, in the report's language",
    Column.WIDE: "text, in the report's language",
    Column.COUNT: "integer",
    Column.SHARE: "0 to 1; `ok`, `insufficient`, `no_data`, `stale`; 0 to 1; 0 to 1",
    Column.POINTS: "number, -1 to 1",
    Column.DATE: "date",
}


def long_table() -> str:
    """Every column of the long form, its type and what it says."""
    properties = TypeAdapter(FigureLine).json_schema(mode="serialization")["properties"]
    described = OF_HEAD | {name: _described(each) for name, each in properties.items()}
    head = "| column | type | meaning |\n|---|---|---|\n"
    rows = (f"| `{name}` | {described[name][0]} | {described[name][1]} |\n" for name in LONG)
    return head + "".join(rows)


def wide_table() -> str:
    """Every column of the wide form and what it is called in the report."""
    lines = ["| columns | type | in the report |\n|---|---|---|\n"]
    for heading in headings(words(Language.EN)):
        columns = ", ".join(f"`{name}`" for name in wide_columns([heading]))
        title = f"{heading.over}: {heading.title}" if heading.over else heading.title
        lines.append(f"| {columns} | {KINDS[heading.kind]} | {title} |\n")
    return "".join(lines)


def _described(schema: dict[str, Any]) -> tuple[str, str]:
    first = schema.get("anyOf", [schema])[0]
    kind = first.get("format") or {"string": "text"}.get(first.get("type"), first.get("type"))
    meaning = " ".join(schema.get("description", "").split())
    return kind or "text", meaning
