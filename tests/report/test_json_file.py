"""JSON files have all that a report says, exactly, and nothing that the schema does not name."""

import copy
import io
import json
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, overload

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Language
from monitor.report.data.figure_lines import COLUMNS
from monitor.report.data.json_file import SCHEMA, write
from monitor.report.model import (
    Column,
    FigureRow,
    Heading,
    Paragraph,
    Report,
    Row,
    Share,
    Standing,
    Table,
)
from tests.support.reference import report_schema
from tests.support.report_sample import sample


def written(report: Report) -> bytes:
    out = io.BytesIO()
    write(report, out)
    return out.getvalue()


def read(report: Report) -> dict[str, Any]:
    found = json.loads(written(report))
    assert isinstance(found, dict)
    return found


FORMATS = jsonschema.FormatChecker()


@FORMATS.checks("date-time", ValueError)
def _aware(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


REPORTS = {
    "twelve agencies": sample(),
    "one agency": sample(1),
    "none": sample(0),
    "English": sample(3, Language.EN),
    "empty": replace(sample(0), summary=(), tables=(), method=(), figures=()),
    "provisional": replace(
        sample(2),
        head=replace(
            sample(2).head, standing=Standing.PROVISIONAL, version=0, closing_id=None, facts=""
        ),
    ),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())
def test_every_report_is_as_the_schema_says(report: Report) -> None:
    jsonschema.validate(read(report), report_schema(), format_checker=FORMATS)


def test_the_schema_refuses_what_it_does_not_name_and_misses_what_is_not_there() -> None:
    validator = jsonschema.Draft202012Validator(report_schema())
    whole = read(sample(2))
    assert validator.is_valid(whole)
    for path in (
        (), ("head",), ("head", "period"), ("summary", 0), ("tables", 0),
        ("tables", 0, "headings", 0), ("tables", 0, "rows", 0), ("tables", 0, "charts", 0),
        ("tables", 0, "charts", 0, "series", 0), ("tables", 0, "total"), ("figures", 0),
    ):  # fmt: skip
        for change in ("more", "less"):
            changed = copy.deepcopy(whole)
            place: Any = changed
            for step in path:
                place = place[step]
            if change == "more":
                place["unknown"] = 1
            else:
                place.pop(next(iter(place)))
            assert not validator.is_valid(changed), (path, change)


def test_everything_that_the_report_says_is_there() -> None:
    report = sample(9)
    found = read(report)
    assert found["schema"] == SCHEMA
    head = found["head"]
    assert head["period"] == {
        "id": "2026-10", "kind": "month", "calendar": "calendar",
        "first_day": "2026-10-01", "last_day": "2026-10-31",
    }  # fmt: skip
    assert head["at"] == "2026-11-06T08:30:00+07:00"
    assert (head["name"], head["facts"]) == (report.head.name, report.head.facts)
    assert [table["id"] for table in found["tables"]] == ["agencies", "certificates"]
    main = found["tables"][0]
    ids = [heading["id"] for heading in main["headings"]]
    assert [list(row["cells"]) for row in main["rows"]] == [ids] * 9
    assert [row["code"] for row in main["rows"]] == [f"xa-{n}" for n in range(9)]
    assert main["total"]["cells"]["signed"] == 1234
    assert [chart["id"] for chart in main["charts"]] == ["signed", "trend"]
    assert found["summary"][0]["lines"] == list(report.summary[0].lines)
    assert found["method"][0]["title"] == report.method[0].title
    assert [list(figure) for figure in found["figures"]] == [list(COLUMNS)] * 9
    assert [figure["name"] for figure in found["figures"]] == [row.name for row in report.figures]


def test_cells_keep_their_kinds() -> None:
    cells = read(sample(5))["tables"][0]["rows"][3]["cells"]
    assert cells["officials"] == 1003
    assert cells["since"] == "2026-10-04"
    assert cells["signed_share"] == {
        "ratio": 0.5, "state": "insufficient", "low": 0.2, "high": 0.8
    }  # fmt: skip
    lacking = read(sample(5))["tables"][0]["rows"][4]["cells"]
    assert lacking["signed_change"] is None
    assert lacking["signed_share"]["ratio"] is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_read_back_exactly(number: float) -> None:
    report = sample(1)
    [row] = report.figures
    changed = replace(report, figures=[replace(row, figure=replace(row.figure, ratio=number))])
    [figure] = read(changed)["figures"]
    assert (figure["ratio"], str(figure["ratio"])) == (number, str(number))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    headings = (Heading("only", text, Column.TEXT), Heading("share", "", Column.SHARE))
    table = Table("t", text, text, headings, (Row((text, Share(None))),), notes=(text,))
    report = replace(sample(0), summary=(Paragraph(text, (text,)),), tables=(table,))
    found = read(report)
    [made] = found["tables"]
    assert made["title"] == made["notes"][0] == made["rows"][0]["cells"]["only"] == text
    assert found["summary"] == [{"title": text, "lines": [text]}]


def test_each_row_and_each_figure_is_one_line() -> None:
    lines = written(sample(9)).decode().split("\n")
    assert sum(line.startswith('{"code":') for line in lines) == 9
    assert sum(line.startswith('{"about":') for line in lines) == 9
    assert lines[-1] == ""


class Endless(Sequence[FigureRow]):
    """One figure very often, which needs no memory."""

    def __init__(self, row: FigureRow, count: int) -> None:
        self._row, self._count = row, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> FigureRow: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[FigureRow]: ...
    def __getitem__(self, at: int | slice) -> FigureRow | Sequence[FigureRow]:
        raise NotImplementedError

    def __iter__(self) -> Iterator[FigureRow]:
        return (self._row for _ in range(self._count))


class Counting(io.RawIOBase):
    """Takes bytes and forgets them."""

    taken = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.taken += len(data)
        return len(data)


def test_figures_are_written_one_by_one() -> None:
    row = replace(sample(1).figures[0], name="UBND xã")
    report = replace(sample(1), figures=Endless(row, 20_000))
    counting = Counting()
    out = io.BufferedWriter(counting)
    tracemalloc.start()
    write(report, out)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    out.flush()
    assert counting.taken > 8_000_000
    assert most < 1_000_000


def test_days_are_days() -> None:
    [figure] = read(sample(1))["figures"]
    assert date.fromisoformat(figure["first_day"]) == date(2026, 10, 1)
