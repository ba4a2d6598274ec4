"""Columns and axes of what is printed: what fits, what breaks, and who gives way."""

import pytest

from monitor.model import Language
from monitor.report.model import Chart, ChartKind, Column, Series
from monitor.report.numbers import Numbers
from monitor.report.pdf.charts import drawing
from monitor.report.pdf.widths import LANDSCAPE, UPRIGHT, fit, need, under

NAMES = [(f"Ủy ban nhân dân xã Số {n}",) for n in range(40)]
NUMBERS = [(f"{n}.234.567",) for n in range(40)]


def _kinds(*kinds: Column) -> list[Column]:
    return list(kinds)


def test_a_wide_column_takes_what_numbers_leave() -> None:
    needs = [need(NAMES, Column.WIDE, "Cơ quan"), need(NUMBERS, Column.COUNT, "VB đi")]
    found = fit(needs, _kinds(Column.WIDE, Column.COUNT), UPRIGHT)
    assert sum(found.widths) == pytest.approx(UPRIGHT)
    assert found.widths[0] > 3 * found.widths[1]
    assert found.size == 12


@pytest.mark.parametrize("columns", [2, 12, 18, 40])
def test_columns_never_leave_the_page(columns: int) -> None:
    needs = [need(NUMBERS, Column.COUNT, "Tổng số CBCCVC") for _ in range(columns)]
    found = fit(needs, [Column.COUNT] * columns, LANDSCAPE)
    assert sum(found.widths) <= LANDSCAPE + 0.001
    assert min(found.widths) > 0


def test_letters_become_smaller_only_where_room_is_short() -> None:
    sizes = [
        fit([need(NUMBERS, Column.COUNT, "VB đi")] * n, [Column.COUNT] * n, LANDSCAPE).size
        for n in (4, 14, 18)
    ]
    assert sizes[0] == 12
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 12


def test_a_few_long_notes_do_not_take_the_room_of_every_name() -> None:
    notes = [("",)] * 39 + [("Từ ngày 01/10/2026 nhận nhiệm vụ của Sở Thông tin " * 4,)]
    needs = [need(NAMES, Column.WIDE, "Cơ quan"), need(notes, Column.WIDE, "Ghi chú")]
    found = fit(needs, _kinds(Column.WIDE, Column.WIDE), UPRIGHT)
    assert found.widths[0] >= needs[0].wished * found.size, "no name breaks"


def test_columns_under_a_head_have_room_for_its_longest_word() -> None:
    narrow = need([("1",)], Column.COUNT, "Từ")
    alone, together = fit([narrow], [Column.COUNT], UPRIGHT), under([narrow], ["Nghiêngggggg"])
    assert fit(together, [Column.COUNT], UPRIGHT).widths[0] > alone.widths[0]


def test_an_interval_is_as_wide_as_its_small_letters() -> None:
    small = need([("94,9%", "(92,1–96,0)")], Column.SHARE, "%")
    large = need([("(92,1–96,0)",)], Column.SHARE, "%")
    assert small.least < large.least


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (0, ["0", "1"]),
        (3, ["0", "1", "2", "3"]),
        (7, ["0", "2", "4", "6", "8"]),
        (21_022, ["0", "6.000", "12.000", "18.000", "24.000", "30.000"]),
    ],
)
def test_an_axis_of_counts_has_whole_numbers_and_room_for_the_largest(
    most: float, ticks: list[str]
) -> None:
    chart = Chart("c", ChartKind.BARS, "Số", ("a",), (Series("s", (most,)),), percent=False)
    drawn = drawing(chart, Numbers(Language.VI), UPRIGHT, "")
    assert [each["label"] for each in drawn["ticks"]] == ticks
    assert drawn["top"] >= most
