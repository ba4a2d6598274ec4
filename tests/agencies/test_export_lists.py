"""What was exported imports again as no change, and no spreadsheet computes it."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from monitor.agencies import Agency, Registry
from monitor.agencies.exporting import COLUMNS, as_csv, as_toml, as_xlsx
from monitor.agencies.importing import Wish, plan, read_list
from monitor.agencies.reading import parse
from tests.agencies.attribution_samples import PROVINCE
from tests.agencies.command import DATA, Command

FORMATS = ["csv", "xlsx", "toml"]
RICH = (
    PROVINCE
    + """
[[agencies]]
code = "so-xd"
name = "=Sở Xây dựng, cũ"
name_en = "@Construction"
aliases = ["-SXD; cũ", "a, b", "c\\\\d"]
level = "department"
parent = "ubnd"
addresses = ["*.sxd@tinh.gov.vn", "vb+sxd@tinh.gov.vn"]
system_names = ["+SXD (văn thư)"]
signs_for = ["ubnd"]
valid_from = 2020-01-01
valid_to = 2026-12-31
successors = ["so-khcn", "vp-ubnd"]

[[agencies]]
code = "so-xd"
name = "Sở Xây dựng"
level = "department"
valid_from = 2027-01-01
"""
)


@pytest.fixture
def registry_file(tmp_path: Path) -> Path:
    path = tmp_path / "agencies.toml"
    path.write_text(RICH, encoding="utf-8")
    return path


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("which", "since", "options"),
    [
        (["--on", "2026-03-01"], "2026-03-01", ["--whole"]),
        (["--on", "2025-01-15"], "2025-01-15", ["--whole"]),
        (["--on", "2026-03-01"], "2026-05-01", []),
        (["--history"], "2026-03-01", ["--whole"]),
        (["--history"], "2030-01-01", []),
    ],
)
def test_an_export_imports_again_as_no_change(
    form: str,
    which: list[str],
    since: str,
    options: list[str],
    registry_file: Path,
    agencies: Command,
    tmp_path: Path,
) -> None:
    file = tmp_path / f"list.{form}"
    done = agencies("export", *which, "-o", file, "--registry", registry_file)
    assert (done.status, done.out) == (0, "")
    again = agencies(
        "import", file, "--registry", registry_file, "--from", since, "--json", *options
    )
    found = json.loads(again.out)
    assert (found["problems"], found["added"], found["changed"], found["ended"]) == ([], [], [], [])
    assert found["unchanged"] >= 5


@pytest.mark.parametrize("form", FORMATS)
def test_a_history_makes_the_same_registry_anew(
    form: str, registry_file: Path, agencies: Command, tmp_path: Path
) -> None:
    file, fresh = tmp_path / f"list.{form}", tmp_path / "fresh.toml"
    agencies("export", "--history", "-o", file, "--registry", registry_file)
    assert agencies("import", file, "--registry", fresh, "--apply").status == 0
    left = {} if form == "toml" else {"organisations": (), "signs_for": ()}
    expected = [a.model_copy(update=left) for a in Registry.load(registry_file).agencies]
    assert list(Registry.load(fresh).agencies) == expected


def test_no_cell_is_computed(registry_file: Path, agencies: Command, tmp_path: Path) -> None:
    said = agencies("export", "--on", "2026-03-01", "--registry", registry_file)
    assert said.out.startswith("\ufeffcode,name,")
    rows = list(csv.DictReader(io.StringIO(said.out.removeprefix("\ufeff"), newline="")))
    row = next(row for row in rows if row["code"] == "so-xd")
    assert row["name"] == "'=Sở Xây dựng, cũ"
    assert row["aliases"].startswith("'-SXD")
    assert row["system_names"] == "'+SXD (văn thư)"
    for each in rows:
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in each.values())
    agencies("export", "--history", "--registry", registry_file, "-o", tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx").worksheets[0]
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "=Sở Xây dựng, cũ" in {cell.value for cell in cells}


NAMES = st.text(st.sampled_from("aBỦđ;,\\'\"=+-@ #("), min_size=1, max_size=10).filter(
    lambda text: text.strip() == text and not text.endswith("\\")
)


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"name": NAMES, "aliases": st.lists(NAMES, max_size=2, unique=True).map(tuple)}
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(FORMATS),
)
def test_any_names_survive_export_and_import(
    tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, Any]], form: str
) -> None:
    agencies = [
        Agency.model_validate({"code": f"x{n}", "level": "commune", **each})
        for n, each in enumerate(values)
    ]
    file = tmp_path_factory.mktemp("export") / f"list.{form}"
    makers: dict[str, Callable[[Sequence[Agency]], bytes]] = {
        "csv": as_csv,
        "xlsx": as_xlsx,
        "toml": partial(as_toml, levels=["commune"]),
    }
    file.write_bytes(makers[form](agencies))
    planned = plan(parse(b""), read_list(file), Wish(date(2026, 1, 1)))
    assert planned.problems == ()
    assert list(planned.agencies) == agencies


def test_the_list_shows_a_day_and_the_tree(registry_file: Path, agencies: Command) -> None:
    said = agencies("list", "--on", "2025-02-28", "--tree", "--registry", registry_file)
    lines = [line for line in said.out.splitlines() if "tinh.gov.vn" in line]
    assert "Cơ quan, đơn vị" in said.out
    assert "   Sở Thông tin và Truyền thông" in next(line for line in lines if "so-tttt" in line)
    assert "28/02/2025" in next(line for line in lines if "so-tttt" in line)
    later = agencies("list", "--on", "2025-03-01", "--registry", registry_file, "--json")
    codes = [json.loads(line)["code"] for line in later.out.splitlines()]
    assert codes == ["ubnd", "vp-ubnd", "so-khcn", "xa-a", "so-xd"]


def test_a_history_names_entries_predecessors_and_heirs(agencies: Command, tmp_path: Path) -> None:
    path = tmp_path / "agencies.toml"
    for file, since in (
        ("two-level-2024.csv", "2024-01-01"),
        ("two-level-2025-07-01.csv", "2025-07-01"),
    ):
        agencies("import", DATA / file, "--registry", path, "--from", since, "--apply")
    said = agencies("history", "an-hoa", "--registry", path)
    before, after = said.out.splitlines()[-2:]
    assert before == (
        "Tiền thân: huyen-an (UBND huyện An); xa-an-hoa (UBND xã An Hòa); "
        "xa-an-loc (UBND xã An Lộc); xa-an-phu (UBND xã An Phú)"
    )
    assert after == "Kế thừa: không có"
    assert "01/07/2025" in said.out
    old = agencies("history", "xa-an-loc", "--registry", path, "--json")
    assert json.loads(old.out)["heirs"] == ["an-hoa"]
    unknown = agencies("history", "xa-an-lok", "--registry", path)
    assert unknown.status == 2
    assert "there is no agency xa-an-lok: is it xa-an-loc or" in unknown.err


def test_a_format_is_told_by_the_files_name(registry_file: Path, agencies: Command) -> None:
    said = agencies("export", "-o", registry_file.with_suffix(".pdf"), "--registry", registry_file)
    assert said.status == 2
    assert "name it .csv, .xlsx or .toml, or give --format" in said.err
    both = agencies("export", "--history", "--on", "2026-01-01", "--registry", registry_file)
    assert both.status == 2


def test_every_column_of_an_export_is_a_key_of_the_registry() -> None:
    assert set(COLUMNS) == set(Agency.model_fields) - {"organisations", "signs_for"}
