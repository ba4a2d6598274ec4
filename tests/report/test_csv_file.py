"""CSV files are data: what stands in the report is read back from them, and nothing runs."""

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.report.data.csv_file import LONG, PARTS, Dialect, write_long, write_wide
from monitor.report.data.figure_lines import COLUMNS
from monitor.report.model import Column, Heading, Report, Row, Share, Table
from monitor.tables import plain
from tests.support.report_sample import NAMES, sample


class Writer(Protocol):
    def __call__(
        self, report: Report, out: BinaryIO, *, bom: bool, dialect: Dialect = ...
    ) -> None: ...


def written(
    write: Writer, report: Report, *, bom: bool = False, dialect: Dialect = Dialect.COMMA
) -> bytes:
    out = io.BytesIO()
    write(report, out, bom=bom, dialect=dialect)
    return out.getvalue()


def rows(write: Writer, report: Report) -> list[dict[str, str]]:
    text = io.StringIO(written(write, report).decode(), newline="")
    return list(csv.DictReader(text, strict=True))


def table(*rows: Row, kind: Column = Column.TEXT) -> Report:
    """A report whose main table has one column."""
    whole = Table("agencies", "", "", (Heading("only", "", kind),), rows)
    return replace(sample(0), tables=(whole,))


# -- the long form ---------------------------------------------------------------------------------


def test_the_long_form_has_every_figure_with_all_its_fields() -> None:
    report = sample(9)
    found = rows(write_long, report)
    assert len(found) == len(report.figures) == 9
    for given_row, line in zip(report.figures, found, strict=True):
        assert (line["period"], line["version"], line["standing"]) == ("2026-10", "1", "closed")
        assert plain(line["name"]) == given_row.name
        figure = given_row.figure
        for name in COLUMNS:
            if name in {"about", "panel", "name", "level", "definition"}:
                continue
            value = getattr(figure, name)
            assert line[name] == ("" if value is None else str(value)), name


def test_columns_of_the_long_form_only_grow_at_its_end() -> None:
    assert LONG[:28] == (
        "period", "version", "standing", "about", "panel", "indicator", "scope", "code", "name",
        "level", "channel", "document_class", "role", "base", "first_day", "last_day", "numerator",
        "denominator", "undecided", "checked", "ratio", "low", "high", "sample_fraction",
        "coverage", "undecided_share", "state", "definition",
    )  # fmt: skip


def test_a_figure_names_the_definition_that_it_was_counted_by_not_so_what_it_is_compared_with() -> (
    None
):
    report = sample(2)
    own, other = report.figures
    compared = replace(report, figures=[own, replace(other, about="previous")])
    assert [line["definition"] for line in rows(write_long, compared)] == ["1", ""]


def test_what_is_not_known_is_empty_and_not_nought() -> None:
    line = rows(write_long, sample(5))[4]
    assert line["state"] == "no_data"
    assert line["ratio"] == line["low"] == line["high"] == line["coverage"] == ""


def test_numbers_have_all_their_digits() -> None:
    report = sample(1)
    [row] = report.figures
    exact = 0.1 + 0.2
    odd = replace(row, figure=replace(row.figure, ratio=exact, low=1e-300, high=1 / 3))
    [line] = rows(write_long, replace(report, figures=[odd]))
    assert [float(line[name]) for name in ("ratio", "low", "high")] == [exact, 1e-300, 1 / 3]


# -- the wide form ---------------------------------------------------------------------------------


def test_the_wide_form_has_one_row_an_agency_and_no_totals() -> None:
    report = sample(8)
    main = report.tables[0]
    grouped = replace(main, rows=[*main.rows, replace(main.rows[0], emphasis=True)])
    found = rows(write_wide, replace(report, tables=(grouped, *report.tables[1:])))
    assert [line["code"] for line in found] == [f"xa-{n}" for n in range(8)]
    assert {line["level"] for line in found} == {"commune"}
    assert [plain(line["agency"]) for line in found] == [*NAMES, "UBND xã Số 7"]
    assert found[1]["officials"] == "1001"
    assert found[1]["since"] == "2026-10-02"


def test_a_share_is_its_ratio_its_state_and_its_interval() -> None:
    found = rows(write_wide, sample(5))
    shares = [[line[f"signed_share{part}"] for part in PARTS] for line in found]
    assert shares[1] == ["0.5", "ok", "0.5", "0.5"]
    assert shares[3] == ["0.5", "insufficient", "0.2", "0.8"]
    assert shares[4] == ["", "no_data", "", ""]


def test_columns_are_the_same_whatever_the_figures_are() -> None:
    heads = {written(write_wide, sample(agencies)).split(b"\r\n")[0] for agencies in (0, 1, 9)}
    assert len(heads) == 1


def test_a_share_that_does_not_apply_is_four_empty_cells() -> None:
    [line] = rows(write_wide, table(Row((None,)), kind=Column.SHARE))
    assert {line[f"only{part}"] for part in PARTS} == {""}


@pytest.mark.parametrize(
    ("kind", "cell"), [(Column.SHARE, 0.5), (Column.COUNT, Share(0.5))], ids=["number", "share"]
)
def test_a_cell_that_is_not_of_its_columns_kind_is_refused(kind: Column, cell: Any) -> None:
    with pytest.raises(TypeError, match="share"):
        written(write_wide, table(Row((cell,)), kind=kind))


# -- the format ------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [write_long, write_wide])
def test_lines_end_as_rfc_4180_says_and_the_mark_stands_first(write: Writer) -> None:
    plainly, marked = (written(write, sample(3), bom=bom) for bom in (False, True))
    assert marked == b"\xef\xbb\xbf" + plainly
    assert plainly.count(b"\r\n") == plainly.count(b"\n") == 4
    assert plainly.endswith(b"\r\n")


@pytest.mark.parametrize("write", [write_long, write_wide])
def test_no_text_is_a_formula_and_every_number_stays_one(write: Writer) -> None:
    for line in rows(write, sample(12)):
        for name, cell in line.items():
            if cell.startswith(("=", "+", "-", "@")):
                assert name == "signed_change", name
                float(cell)


def test_the_file_stays_open_for_who_gave_it() -> None:
    out = io.BytesIO()
    write_long(sample(1), out, bom=True)
    assert not out.closed


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    [line] = rows(write_wide, table(Row((text,), code=text)))
    assert plain(line["only"]) == plain(line["code"]) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_back_between_semicolons(text: str) -> None:
    data = written(write_wide, table(Row((text,))), dialect=Dialect.SEMICOLON)
    reader = csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter=";", strict=True)
    assert [plain(line["only"]) for line in reader] == [text]


# -- a second reader -------------------------------------------------------------------------------


def asked(query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("bom", [False, True])
def test_duckdb_finds_types_and_values_by_itself(tmp_path: Path, bom: bool) -> None:
    report = sample(50)
    path = tmp_path / "long.csv"
    path.write_bytes(written(write_long, report, bom=bom))
    found = asked(
        f"SELECT period, name, first_day, numerator, ratio FROM '{path}' ORDER BY numerator"
    )
    expected = [
        ("2026-10", row.name, date(2026, 10, 1), row.figure.numerator, row.figure.ratio)
        for row in report.figures
    ]
    assert [(a, plain(b), *rest) for a, b, *rest in found] == expected


def test_duckdb_reads_the_same_from_both_dialects(tmp_path: Path) -> None:
    report = sample(50)
    comma, semicolon = tmp_path / "comma.csv", tmp_path / "semicolon.csv"
    comma.write_bytes(written(write_wide, report, bom=True))
    semicolon.write_bytes(written(write_wide, report, bom=True, dialect=Dialect.SEMICOLON))
    shares = [f"{name}{part}" for name in ("provisioned_share", "signed_share") for part in PARTS]
    numbers = [name for name in (*shares, "signed_change") if not name.endswith("_state")]
    types = f"types={dict.fromkeys(numbers, 'DOUBLE')}"
    left = asked(f"FROM read_csv('{comma}', {types})")
    right = asked(f"FROM read_csv('{semicolon}', delim=';', decimal_separator=',', {types})")
    assert len(left) == 50
    assert left == right
