"""`congvu register import`: what a list makes of the record, and what the same list makes again."""

from datetime import date

import pytest

from monitor.record import Database
from tests.register.registering import HEAD, Desk, counts, line


@pytest.fixture
def desk(database: Database, tmp_path) -> Desk:  # type: ignore[no-untyped-def]
    return Desk(database, tmp_path)


async def test_each_row_is_an_entry_of_its_agency(desk: Desk) -> None:
    done = await desk.imported(
        HEAD,
        line("1/SYT-NV"),
        line("Số: 02/SYT-NV", form="Giấy"),
        line("1/QĐ-UBND", agency="H53", form="Điện tử và bản giấy"),
    )
    assert done.problems == ()
    assert counts(done) == (3, 0, 0, 0)
    assert await desk.entries() == [
        ("so-yt", "1/syt-nv", 1, date(2026, 3, 5), "electronic", "V/v 1/SYT-NV", False),
        ("so-yt", "2/syt-nv", 1, date(2026, 3, 5), "paper", "V/v Số: 02/SYT-NV", False),
        ("ubnd", "1/qđ-ubnd", 1, date(2026, 3, 5), "parallel", "V/v 1/QĐ-UBND", False),
    ]


async def test_a_dry_run_changes_nothing(desk: Desk) -> None:
    done = await desk.imported(HEAD, line("1/SYT-NV"), apply=False)
    assert counts(done) == (1, 0, 0, 0)
    assert await desk.entries() == []
    assert await desk.rows("SELECT * FROM import_run") == []


async def test_the_same_export_again_changes_nothing_and_leaves_no_run(desk: Desk) -> None:
    lines = (HEAD, line("1/SYT-NV"), line("2/SYT-NV"), line("2/SYT-NV", "06/03/2026"))
    await desk.imported(*lines, whole=True)
    before = await desk.rows("SELECT * FROM register_entry ORDER BY entry_id")
    await desk.clear_marks()

    again = await desk.imported(*lines, whole=True)

    assert counts(again) == (0, 0, 0, 3)
    assert again.outcome.applied
    assert await desk.rows("SELECT * FROM register_entry ORDER BY entry_id") == before
    assert await desk.rows("SELECT * FROM register_entry_past") == []
    assert await desk.rows("SELECT count(*) FROM import_run") == [(1,)]
    assert await desk.rows("SELECT * FROM changed_day") == []
    assert await desk.rows("SELECT * FROM register_match_due") == []
