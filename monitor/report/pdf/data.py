"""What the PDF's template shows, as JSON: texts that are ready, and numbers of points and colours.

The shape is that of `document`; `typst/report.typ` reads it.
"""

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from monitor.clock import vietnam_day
from monitor.model import Language
from monitor.report.model import Head, Heading, Paragraph, Report, Standing, Table
from monitor.report.numbers import Numbers
from monitor.report.pdf.cells import ALIGNS, Cells, explained
from monitor.report.pdf.charts import drawing
from monitor.report.pdf.text import in_cell, shown
from monitor.report.pdf.widths import INSET, LANDSCAPE, UPRIGHT, fit, need, under

TEMPLATES = Path(__file__).parent / "typst"
FACTS_SHOWN = 16
MOST_ROWS = 300
"""Rows of a table that are printed: all agencies of any province, not every certificate."""
MOST_TAGGED = 10_000
"""Cells that are tagged for readers who do not see them: ten times as many bytes a cell."""
SHORT = 20
"""Rows of a table for which nobody turns the pages there and back."""
FEW_TABLES = 10
"""Are found without a list of them; the first follows the text."""
BLANK = "……………………"
"""To be filled in by hand where the settings do not say it."""
ZERO_MONTHS = 2
"""Nghị định 30/2020, Phụ lục I: days below 10 and the months 1 and 2 are written with a zero."""


@functools.cache
def own_words(language: Language) -> Mapping[str, Any]:
    """What the PDF says around a report's own texts."""
    return tomllib.loads((TEMPLATES / f"{language}.toml").read_text(encoding="utf-8"))


def printed(report: Report) -> list[Table]:
    """The tables that are for readers."""
    return [each for each in report.tables if each.printed]


def tagged(report: Report) -> bool:
    """Whether a report is small enough to be tagged."""
    cells = sum(len(each.headings) * min(len(each.rows), MOST_ROWS) for each in printed(report))
    return cells <= MOST_TAGGED


def document(report: Report) -> dict[str, Any]:
    """All that the template needs."""
    head, words = report.head, own_words(report.head.language)
    cells = Cells(Numbers(head.language), words)
    summary = _paragraphs(report.summary)
    for_readers = printed(report)
    turned = _turned(for_readers)
    tables = [
        _table(number, each, cells, landscape=landscape)
        for number, (each, landscape) in enumerate(zip(for_readers, turned, strict=True), start=1)
    ]
    return {
        "language": head.language.value,
        "words": words,
        "author": shown(head.issuer),
        "title": shown(head.title),
        "title_lines": _title(shown(head.title)),
        "subject": shown(head.subject),
        "span": shown(head.span),
        "superior": shown(head.superior),
        "issuer": shown(head.issuer) or BLANK,
        "dated": _dated(head, words),
        "band": {"title": _band(head, words), "remark": shown(head.remark)},
        "footer": _footer(head, words),
        "summary": summary,
        "summary_end": summary[-1]["lines"].pop() if summary and summary[-1]["lines"] else "",
        "contents": len(tables) > FEW_TABLES,
        "sections": _sections(tables),
        "method": _paragraphs(report.method),
    }


def _title(title: str) -> list[str]:
    """What kind of document it is stands on a line of its own, above what it is about."""
    kind = "BÁO CÁO"
    about = title.removeprefix(kind + " ")
    return [kind, about] if about != title else [title]


def _dated(head: Head, words: Mapping[str, Any]) -> str:
    day = vietnam_day(head.at)
    return str(words["dated"]).format(
        place=shown(head.place) or "…………",
        day=f"{day.day:02}" if head.language is Language.VI else day.day,
        month=f"{day.month:02}" if day.month <= ZERO_MONTHS else day.month,
        month_name=words["months"][day.month - 1],
        year=day.year,
    )


def _band(head: Head, words: Mapping[str, Any]) -> str:
    if head.standing is Standing.CLOSED:
        return ""
    return str(words[head.standing.value]).format(version=head.version)


def _footer(head: Head, words: Mapping[str, Any]) -> dict[str, str]:
    """Which period, which version of it, and which facts."""
    marks = [str(words["version"]).format(version=head.version)] if head.version else []
    if head.facts:
        marks.append(str(words["facts"]).format(facts=head.facts[:FACTS_SHOWN]))
    return {"left": shown(head.span), "right": " · ".join(marks)}


def _paragraphs(paragraphs: Sequence[Paragraph]) -> list[dict[str, Any]]:
    return [
        {"title": shown(each.title), "lines": [shown(line) for line in each.lines]}
        for each in paragraphs
    ]


def _turned(tables: Sequence[Table]) -> list[bool]:
    """Which tables lie on turned pages: wide ones, and short ones between them."""
    wide = [each.landscape and len(each.rows) > 0 for each in tables]
    return [
        is_wide
        or (0 < n < len(wide) - 1 and wide[n - 1] and wide[n + 1] and len(table.rows) <= SHORT)
        for n, (table, is_wide) in enumerate(zip(tables, wide, strict=True))
    ]


def _sections(tables: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbouring tables of one form share pages; an empty one stays with those before it."""
    sections: list[dict[str, Any]] = []
    for table in tables:
        if sections and (not table["rows"] or sections[-1]["landscape"] == table["landscape"]):
            sections[-1]["tables"].append(table)
        else:
            sections.append({"landscape": table["landscape"], "tables": [table]})
    return sections


# -- tables ----------------------------------------------------------------------------------------


def _table(number: int, table: Table, cells: Cells, *, landscape: bool) -> dict[str, Any]:
    every = [*table.rows[:MOST_ROWS], *([table.total] if table.total and table.rows else [])]
    room = LANDSCAPE if landscape else UPRIGHT
    kinds = [each.kind for each in table.headings]
    rows = [[cells.lines(cell, kind) for cell, kind in zip(row.cells, kinds, strict=True)]
            for row in every]  # fmt: skip
    needs = [
        need((row[n] for row in rows), heading.kind, in_cell(heading.title))
        for n, heading in enumerate(table.headings)
    ]
    columns = fit(under(needs, [each.over for each in table.headings]), kinds, room)
    words = cells.words
    return {
        "title": str(words["table"]).format(number=number, title=shown(table.title)),
        "landscape": landscape,
        "size": columns.size,
        "inset": INSET,
        "widths": columns.widths,
        "aligns": [ALIGNS[kind] for kind in kinds],
        "head": list(_head(table.headings)),
        "rows": [{"emphasis": row.emphasis, "cells": line}
                 for row, line in zip(every, rows, strict=True)],
        "empty": shown(table.empty),
        "notes": [shown(note) for note in table.notes],
        "legend": [*_left_out(table, cells), *(words["legend"][key] for key in
                   explained(cell for row in every for cell in row.cells))],
        "charts": [drawing(each, cells.numbers, room, words["target"])
                   for each in table.charts if each.labels],
    }  # fmt: skip


def _left_out(table: Table, cells: Cells) -> Iterator[str]:
    """That a table is longer than what is printed of it, if it is."""
    if len(table.rows) > MOST_ROWS:
        rows, shown_rows = (cells.numbers.count(n) for n in (len(table.rows), MOST_ROWS))
        yield str(cells.words["left_out"]).format(rows=rows, shown=shown_rows)


def _head(headings: Sequence[Heading]) -> Iterator[dict[str, Any]]:
    """The cells of one row of heads, or of two where some stand over others."""
    groups = [(over, list(group)) for over, group in groupby(headings, key=lambda each: each.over)]
    deep = 2 if any(over for over, _ in groups) else 1
    for over, group in groups:
        if over:
            yield _head_cell(over, len(group), 1)
        else:
            yield from (_head_cell(each.title, 1, deep) for each in group)
    for over, group in groups:
        if over:
            yield from (_head_cell(each.title, 1, 1) for each in group)


def _head_cell(text: str, columns: int, rows: int) -> dict[str, Any]:
    return {"text": in_cell(text), "colspan": columns, "rowspan": rows}
