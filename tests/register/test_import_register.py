"""`congvu register import`: what a list makes of the record, and what the same list makes again."""

import asyncio
import itertools
from datetime import date
from typing import Any

import pytest

from monitor.errors import UserError
from monitor.record import Recorder, register
from monitor.record.keyring import Key
from monitor.record.sealing import Sealer
from tests.register.registering import HEAD, Desk, counts, line
from tests.support.outcomes import document, filed

OTHER = "05/04/2026"
EVERYTHING = (
    "SELECT a.code, e.direction, year, number_key, ordinal, day, number, number_value, notation, "
    "paper, status, digest, gone_run_id IS NULL FROM register_entry e JOIN agency a "
    "USING (agency_id) ORDER BY 1, 2, 3, 4, 5"
)


async def due(desk: Desk) -> list[tuple[Any, ...]]:
    return await desk.rows(
        "SELECT a.code, day FROM register_match_due JOIN agency a USING (agency_id) ORDER BY 1, 2"
    )


async def spans(desk: Desk) -> list[tuple[Any, ...]]:
    return await desk.rows(
        "SELECT a.code, direction, first_day, last_day FROM register_span "
        "JOIN agency a USING (agency_id) ORDER BY 1, 2, 3"
    )


async def test_each_row_is_an_entry_of_its_agency(desk: Desk) -> None:
    done = await desk.imported(
        HEAD, line("1/SYT-NV"), line("Số: 02/SYT-NV", form="Giấy"),
        line("1/QĐ-UBND", agency="H53", form="Điện tử và bản giấy"),
    )  # fmt: skip
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


async def test_documents_of_an_agency_that_an_import_meets_first_do_not_wait_for_its_end(
    desk: Desk, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare, written = register._Import._compare, 0

    async def meanwhile(importing: Any) -> None:
        nonlocal written
        async with asyncio.timeout(20):  # else each would wait for the other
            await recorder.write([filed(document("a"), agency="so-yt")])
        written += 1
        await compare(importing)

    monkeypatch.setattr(register._Import, "_compare", meanwhile)
    done = await desk.imported(HEAD, line("1/SYT-NV"))
    assert (written, counts(done)) == (1, (1, 0, 0, 0))


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
    assert await due(desk) == []


async def test_another_export_that_says_the_same_is_noted_once(desk: Desk) -> None:
    await desk.imported(HEAD, line("1/SYT-NV"))
    await desk.imported("Sổ văn bản đi", HEAD, line("1/SYT-NV"))
    await desk.imported("Sổ văn bản đi", HEAD, line("1/SYT-NV"))
    assert await desk.rows("SELECT added, unchanged FROM import_run ORDER BY run_id") == [
        (1, 0), (0, 1),
    ]  # fmt: skip


async def test_rows_in_any_order_and_in_several_files_give_the_same_entries(desk: Desk) -> None:
    rows = [
        line("1/SYT-NV"), line("2/SYT-NV", subject="Một"), line("2/SYT-NV", OTHER, subject="Hai"),
        line("2/SYT-NV", "06/05/2026", subject="Ba"), line("1/SYT-NV"),
    ]  # fmt: skip
    await desk.imported(HEAD, *rows)
    expected = await desk.rows(EVERYTHING)
    for order in (rows[::-1], rows[2:] + rows[:2]):
        done = await desk.imported(HEAD, *order)
        assert counts(done) == (0, 0, 0, 4)
    halves = [
        [desk.file(HEAD, *rows[:split], name=f"a{split}.csv"),
         desk.file(HEAD, *rows[split:], name=f"b{split}.csv")]
        for split in (1, 3)
    ]  # fmt: skip
    for files in halves:
        assert counts(await desk.imported(files=files)) == (0, 0, 0, 4)
    assert await desk.rows(EVERYTHING) == expected

    await desk.rows("TRUNCATE register_entry, register_span")
    await desk.imported(files=halves[0][::-1])
    assert await desk.rows(EVERYTHING) == expected


async def test_doubles_of_two_months_are_two_documents_whichever_month_comes_first(
    desk: Desk,
) -> None:
    march = (HEAD, line("2/SYT-NV", subject="Một"))
    april = (HEAD, line("2/SYT-NV", OTHER, subject="Hai"))
    for first, second in itertools.permutations((march, april)):
        await desk.rows("TRUNCATE register_entry, register_span")
        await desk.imported(*first)
        done = await desk.imported(*second)
        assert counts(done) == (1, 0, 0, 0)
        assert len(done.doubles) == 1
        assert counts(await desk.imported(*first)) == (0, 0, 0, 1)
        assert len(await desk.entries()) == 2


async def test_a_corrected_export_updates_keeps_what_was_and_marks_both_days(desk: Desk) -> None:
    await desk.imported(HEAD, line("1/SYT-NV"), line("2/SYT-NV"))
    (entry_id, digest), *_ = await desk.rows(
        "SELECT entry_id, digest FROM register_entry WHERE number_key = '1/syt-nv'"
    )
    await desk.clear_marks()

    done = await desk.imported(
        HEAD, line("1/SYT-NV", "07/03/2026", form="Cả hai", signer="Trần Thị Bình"),
        line("2/SYT-NV"),
    )  # fmt: skip

    assert counts(done) == (0, 1, 0, 1)
    (difference,) = done.outcome.differences
    assert set(difference.fields) == {"day", "paper", "signer"}
    assert difference.before["paper"] == "electronic"
    assert difference.after == {"day": "2026-03-07", "paper": "parallel"}
    assert await desk.rows("SELECT entry_id, day, paper, digest FROM register_entry_past") == [
        (entry_id, date(2026, 3, 5), "electronic", digest)
    ]
    assert await desk.rows(
        "SELECT day, paper FROM register_entry WHERE entry_id = $1", entry_id
    ) == [(date(2026, 3, 7), "parallel")]
    assert await due(desk) == [("so-yt", date(2026, 3, 5)), ("so-yt", date(2026, 3, 7))]
    changed = await desk.rows("SELECT DISTINCT day FROM changed_day ORDER BY day")
    assert changed == [(date(2026, 3, 5),), (date(2026, 3, 7),)]


async def test_a_partial_list_takes_nothing_away(desk: Desk) -> None:
    await desk.imported(HEAD, line("1/SYT-NV"), line("2/SYT-NV"))
    assert counts(await desk.imported(HEAD, line("2/SYT-NV"))) == (0, 0, 0, 1)


async def test_what_is_missing_in_a_whole_list_has_gone_and_may_return(desk: Desk) -> None:
    both = (HEAD, line("1/SYT-NV"), line("2/SYT-NV"))
    await desk.imported(*both, whole=True)
    gone = await desk.imported(HEAD, line("2/SYT-NV"), whole=True)
    assert counts(gone) == (0, 0, 1, 1)
    assert [entry[-1] for entry in await desk.entries()] == [True, False]

    back = await desk.imported(*both, whole=True)
    assert counts(back) == (0, 1, 0, 1)
    assert back.outcome.differences[0].fields == ("returned",)
    assert [entry[-1] for entry in await desk.entries()] == [False, False]


async def test_only_what_the_list_covers_can_be_missing(desk: Desk) -> None:
    await desk.imported(
        HEAD, line("1/SYT-NV", "28/02/2026"), line("2/SYT-NV"), line("3/SYT-NV"),
        line("1/QĐ", agency="ubnd"),
    )  # fmt: skip
    await desk.imported(HEAD, line("9/SYT-NV"), source="old-system")
    done = await desk.imported(
        HEAD, line("3/SYT-NV"), whole=True, first=date(2026, 3, 1), last=date(2026, 3, 31)
    )
    assert counts(done) == (0, 0, 1, 1)
    assert [entry[1] for entry in await desk.entries() if entry[-1]] == ["2/syt-nv"]


async def test_half_a_list_takes_nothing_away_unless_it_is_allowed(desk: Desk) -> None:
    rows = [line(f"{number}/SYT-NV") for number in range(1, 101)]
    await desk.imported(HEAD, *rows, whole=True)
    refused = await desk.imported(HEAD, *rows[:50], whole=True)
    assert refused.outcome.too_many_gone
    assert not refused.outcome.applied
    assert not any(entry[-1] for entry in await desk.entries())

    allowed = await desk.imported(HEAD, *rows[:50], whole=True, allow_gone=50)
    assert counts(allowed) == (0, 0, 50, 50)


async def test_a_row_that_is_left_out_makes_nothing_missing(desk: Desk) -> None:
    await desk.imported(HEAD, line("1/SYT-NV"), line("2/SYT-NV"), whole=True)
    done = await desk.imported(
        HEAD, line("1/SYT-NV", "31/02/2026"), line("2/SYT-NV"), whole=True, skip_problems=True
    )
    assert done.outcome.applied
    assert done.outcome.gone_withheld
    assert counts(done) == (0, 0, 0, 1)


async def test_one_bad_row_stops_everything(desk: Desk) -> None:
    done = await desk.imported(HEAD, line("1/SYT-NV"), line("2/SYT-NV", "31/02/2026"))
    assert not done.outcome.applied
    assert await desk.entries() == []
    assert await desk.rows("SELECT * FROM import_run") == []
    (problem,) = done.problems
    assert str(problem).startswith("so.csv, row 3, column Ngày ban hành: “31/02/2026”")


async def test_a_whole_list_over_years_asks_which_days_it_is_of(desk: Desk) -> None:
    lines = (HEAD, line("1/SYT-NV", "05/03/2016"), line("2/SYT-NV"))
    asked = await desk.imported(*lines, whole=True)
    assert asked.outcome.days_unclear
    assert not asked.outcome.applied
    said = await desk.imported(*lines, whole=True, first=date(2016, 1, 1), last=date(2026, 3, 31))
    assert said.outcome.applied


async def test_days_that_a_register_is_given_for_are_joined(desk: Desk) -> None:
    march: dict[str, Any] = {"whole": True, "first": date(2026, 3, 1), "last": date(2026, 3, 31)}
    april: dict[str, Any] = {"whole": True, "first": date(2026, 4, 1), "last": date(2026, 4, 30)}
    await desk.imported(HEAD, line("1/SYT-NV"), **march)
    assert await spans(desk) == [("so-yt", "out", date(2026, 3, 1), date(2026, 3, 31))]
    await desk.clear_marks()
    await desk.imported(HEAD, line("2/SYT-NV", OTHER), **april)
    assert await spans(desk) == [("so-yt", "out", date(2026, 3, 1), date(2026, 4, 30))]
    fresh = await desk.rows("SELECT count(DISTINCT day), min(day), max(day) FROM changed_day")
    assert fresh == [(30, date(2026, 4, 1), date(2026, 4, 30))]


async def test_a_partial_list_covers_only_the_days_that_it_has_rows_of(desk: Desk) -> None:
    await desk.imported(HEAD, line("1/SYT-NV"), line("2/SYT-NV", "06/03/2026"), line("3", OTHER))
    assert await spans(desk) == [
        ("so-yt", "out", date(2026, 3, 5), date(2026, 3, 6)),
        ("so-yt", "out", date(2026, 4, 5), date(2026, 4, 5)),
    ]


async def test_an_older_list_does_not_undo_a_newer_one(desk: Desk) -> None:
    await desk.imported(HEAD, line("1/SYT-NV", form="Giấy"))
    older = await desk.imported(HEAD, line("1/SYT-NV"), as_of=date(2026, 9, 1))
    assert not older.outcome.applied
    assert "newer than this one" in str(older.problems[0])


async def test_a_number_corrected_under_one_identifier_moves(desk: Desk) -> None:
    head = HEAD + ",Mã văn bản"
    await desk.imported(head, line("1/SYT-NV") + ",77")
    done = await desk.imported(head, line("11/SYT-NV") + ",77")
    assert counts(done) == (1, 0, 1, 0)
    assert [(entry[1], entry[-1]) for entry in await desk.entries()] == [
        ("1/syt-nv", True), ("11/syt-nv", False),
    ]  # fmt: skip


async def test_identifiers_that_begin_anew_each_year_take_nothing_away(desk: Desk) -> None:
    head = HEAD + ",Mã văn bản"
    await desk.imported(head, line("1/SYT-NV", "05/03/2025") + ",77")
    done = await desk.imported(head, line("9/SYT-NV") + ",77")
    assert counts(done) == (1, 0, 0, 0)


async def test_the_identifier_says_what_is_a_correction_and_what_a_double(desk: Desk) -> None:
    head = HEAD + ",Mã văn bản"
    await desk.imported(head, line("1/SYT-NV", subject="Một") + ",77")
    other = await desk.imported(head, line("1/SYT-NV", subject="Một") + ",78")
    assert counts(other) == (1, 0, 0, 0)
    corrected = await desk.imported(head, line("1/SYT-NV", OTHER, subject="Khác hẳn") + ",78")
    assert counts(corrected) == (0, 1, 0, 0)
    assert len(await desk.entries()) == 2


async def test_equal_rows_count_once_and_both_places_are_told(desk: Desk) -> None:
    files = [
        desk.file(HEAD, line("1/SYT-NV"), name="a.csv"),
        desk.file(HEAD, line("2/SYT-NV"), line("1/SYT-NV"), name="b.csv"),
    ]
    done = await desk.imported(files=files)
    assert counts(done) == (2, 0, 0, 0)
    assert str(done.remarks[-1]) == "b.csv, row 3: says the same as a.csv, row 2: counted once"


async def test_doubles_are_both_kept_and_both_places_are_told(desk: Desk) -> None:
    done = await desk.imported(
        HEAD, line("1/SYT-NV", subject="Một"), line("01/SYT-NV", OTHER, subject="Hai")
    )
    assert [str(each) for each in done.doubles] == [
        "so.csv, row 3: number 1/syt-nv of so-yt is also in so.csv, row 2, of another document"
    ]
    assert [(entry[1], entry[2]) for entry in await desk.entries()] == [
        ("1/syt-nv", 1), ("1/syt-nv", 2),
    ]  # fmt: skip


async def test_a_column_that_is_no_number_is_told(desk: Desk) -> None:
    rows = [line("VB", subject=f"V/v {n}") for n in range(60)]
    done = await desk.imported(HEAD, *rows)
    assert not done.outcome.applied
    assert "stands in 60 different rows" in str(done.problems[0])


async def test_numbers_begin_anew_each_year(desk: Desk) -> None:
    await desk.imported(HEAD, line("1/SYT-NV", "31/12/2025"), line("1/SYT-NV", "02/01/2026"))
    assert [(e[1], e[2], e[3].year) for e in await desk.entries()] == [
        ("1/syt-nv", 1, 2025), ("1/syt-nv", 1, 2026),
    ]  # fmt: skip


async def test_of_a_secret_document_no_subject_is_kept_even_of_before(desk: Desk) -> None:
    head = HEAD + ",Độ mật,Tên tệp"
    await desk.imported(head, line("1/SYT-NV") + ",Thường,noi-dung.pdf")
    await desk.imported(head, line("1/SYT-NV") + ",Mật,noi-dung.pdf")
    columns = "sealed_subject, sealed_signer, sealed_recipients, file_names"
    assert await desk.rows(f"SELECT secret, {columns} FROM register_entry") == [
        (True, None, None, None, []),
    ]  # fmt: skip
    assert await desk.rows(f"SELECT {columns} FROM register_entry_past") == [
        (None, None, None, []),
    ]  # fmt: skip


async def test_after_a_rotation_of_the_key_nothing_has_changed(desk: Desk) -> None:
    await desk.imported(HEAD, line("1/SYT-NV"))
    rotated = Sealer(b"n" * 32, [Key(b"g" * 32)], since=date(2026, 11, 1))
    again = await desk.imported(HEAD, line("1/SYT-NV"), sealer=rotated)
    assert counts(again) == (0, 0, 0, 1)


async def test_an_agency_is_the_one_of_the_documents_day(desk: Desk) -> None:
    done = await desk.imported(
        HEAD, line("1/SCT", "30/06/2026", agency="Sở Công Thương"),
        line("1/SKTCT", "01/07/2026", agency="Sở Kinh tế - Công Thương"),
    )  # fmt: skip
    assert done.problems == ()
    assert [entry[0] for entry in await desk.entries()] == ["so-ct", "so-ktct"]
    late = await desk.imported(HEAD, line("2/SCT", "01/07/2026", agency="Sở Công Thương"))
    assert "is no agency of the registry on 2026-07-01" in str(late.problems[0])


async def test_incoming_documents_are_known_by_their_arrival_number(desk: Desk) -> None:
    head = "Số đến,Ngày đến,Cơ quan ban hành,Số ký hiệu,Ngày văn bản,Trích yếu"
    done = await desk.imported(
        head, "0012,02/03/2026,Bộ Y tế,45/BYT-KH,28/02/2026,V/v dịch",
        direction="in", agency="so-yt",
    )  # fmt: skip
    assert done.problems == ()
    assert await desk.rows(
        "SELECT direction, number_key, number_value, number, notation, arrival_number, day, "
        "issued_on, arrived_on FROM register_entry"
    ) == [
        (
            "in", "12", 12, "45", "BYT-KH", "12", date(2026, 3, 2), date(2026, 2, 28),
            date(2026, 3, 2),
        )
    ]  # fmt: skip
    early = await desk.imported(
        head, "13,01/03/2026,Bộ Y tế,46/BYT-KH,02/03/2026,V/v khác", direction="in", agency="so-yt"
    )
    assert "is 2026-03-01, before 2026-03-02, when it was issued" in str(early.problems[0])


async def test_a_second_import_at_the_same_time_is_refused(desk: Desk) -> None:
    async with desk.database.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(x'7265676973746572'::bigint)")
        with pytest.raises(UserError, match="another import of a register is running"):
            await desk.imported(HEAD, line("1/SYT-NV"))
