"""What has met nothing is a list: why, what comes nearest, and an operator's word on it."""

from datetime import date, timedelta

import pytest

from monitor.errors import UserError
from monitor.model import DocumentClass, Outcome
from monitor.record import Database, Recorder, audit
from monitor.register import entries
from monitor.register.entries import Side, Unmatched, Wanted
from tests.register.entries import DAY, Entry, content, due, enter, matched, met, on
from tests.support.outcomes import digest, document, filed, mail

WEEK = Wanted("so-mot", DAY, DAY + timedelta(days=6))


def numbered(text: str, number: str = "12", issued: date | None = DAY, days: int = 0) -> Outcome:
    return filed(
        document(text, file_name=f"{text}.pdf"), at=on(days), sent_at=on(days), number=number,
        notation="UBND-VP", issued_on=issued,
    )  # fmt: skip


async def left(database: Database, side: Side, wanted: Wanted = WEEK) -> list[Unmatched]:
    await matched(database)
    return await unmatched(database, side, wanted)


async def unmatched(database: Database, side: Side, wanted: Wanted = WEEK) -> list[Unmatched]:
    found = [each async for each in entries.unmatched(database, side, wanted, None)]
    assert {total for _, total in found} <= {len(found)}
    return [each for each, _ in found]


async def why(database: Database, side: Side) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = await left(database, side)
    return {each.number or each.file_names[0]: (each.why, each.candidates) for each in found}


async def given(database: Database, agency: str = "so-mot") -> None:
    """The register of the agency has been given for the month."""
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO register_span (agency_id, direction, first_day, last_day, run_id) "
            "SELECT agency_id, 'out', $2, $3, 1 FROM agency WHERE code = $1",
            agency,
            DAY.replace(day=1),
            DAY.replace(day=31),
        )


async def test_entries_without_a_file_say_why(database: Database, recorder: Recorder) -> None:
    await recorder.write(
        [
            numbered("met"),
            numbered("twice", number="20"),
            numbered("moved", number="30", issued=DAY + timedelta(days=1)),
            filed(
                document("mark", file_name="mark.pdf"), number="40", notation="VP", issued_on=DAY
            ),
        ]
    )
    await enter(
        database,
        Entry(),
        Entry(number="20"),
        Entry(number="20", ordinal=2),
        Entry(number="30"),
        Entry(number="40"),
        Entry(number="50"),
    )
    day = "(02/03/2026)"
    assert await why(database, "register") == {
        "20/UBND-VP": ("ambiguous", (f"{digest('twice')[:12]} twice.pdf {day}",)),
        "30/UBND-VP": ("other_day", (f"{digest('moved')[:12]} moved.pdf {day}",)),
        "40/UBND-VP": ("other_notation", (f"{digest('mark')[:12]} mark.pdf {day}",)),
        "50/UBND-VP": ("no_file", ()),
    }


async def test_files_without_an_entry_say_why(database: Database, recorder: Recorder) -> None:
    await recorder.write(
        [
            numbered("twice", number="20"),
            numbered("moved", number="30", issued=DAY + timedelta(days=1)),
            numbered("absent", number="60"),
            mail("bare", [document("bare", file_name="bare.pdf")]),
        ]
    )
    one, two, moved = await enter(
        database, Entry(number="20"), Entry(number="20", ordinal=2), Entry(number="30")
    )
    await given(database)
    day = "(02/03/2026)"
    assert await why(database, "files") == {
        "20/UBND-VP": ("ambiguous", (f"{one} 20/UBND-VP {day}", f"{two} 20/UBND-VP {day}")),
        "30/UBND-VP": ("other_day", (f"{moved} 30/UBND-VP {day}",)),
        "60/UBND-VP": ("not_registered", ()),
        "bare.pdf": ("no_number", ()),
    }


async def test_a_file_of_a_day_that_no_register_was_given_for_says_so(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a")])
    assert await why(database, "files") == {"12/UBND-VP": ("no_register", ())}


async def test_entries_that_have_no_file_to_meet_are_not_listed(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("one", [document("a")])])
    ids = await enter(
        database,
        Entry(number="1", paper="paper"),
        Entry(number="2", secret=True),
        Entry(number="3", direction="in", issued_on=DAY),
        Entry(number="4", day=DAY - timedelta(days=1)),
        Entry(number="5", agency="so-hai"),
        Entry(number="6", paper="parallel"),
        Entry(number="7"),
    )
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE register_entry SET status = 'cancelled' WHERE entry_id = $1", ids[-1]
        )
    assert [each.name for each in await left(database, "register")] == [str(ids[-2])]


async def test_files_that_are_not_issued_documents_are_not_listed(
    database: Database, recorder: Recorder
) -> None:
    editable = document("e", file_name="e.docx", document_class=DocumentClass.EDITABLE)
    await recorder.write(
        [
            mail("one", [editable]),
            mail("two", [document("r")], relayed=True),
            mail("in", [document("i")], sender_agency=None),
            mail("three", [document("c", file_name="cv.pdf"), document("p", file_name="PL1.pdf")]),
        ]
    )
    found = await left(database, "files")
    assert [each.file_names for each in found] == [("cv.pdf",)]


async def test_a_file_in_two_channels_is_listed_once_and_the_limit_tells_the_total(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a"), mail("one", [document("a")]), numbered("b", "13")])
    assert len(await left(database, "files")) == 2
    (first,) = [each async for each in entries.unmatched(database, "files", WEEK, 1)]
    assert first[1] == 2


async def test_looking_changes_nothing(database: Database, recorder: Recorder) -> None:
    await recorder.write([numbered("a")])
    await enter(database, Entry())
    found = await unmatched(database, "register")
    assert [each.why for each in found] == ["no_file"]
    assert await met(database) == set()
    assert (await matched(database)).linked == 1


async def test_a_link_by_hand_holds_and_is_noted(database: Database, recorder: Recorder) -> None:
    await recorder.write([numbered("a"), mail("one", [document("a")])])
    by_number, other = await enter(database, Entry(), Entry(number="13"))
    await matched(database)
    done = await entries.say(database, "by_hand", str(other), digest("a")[:8], "op", "hồ sơ 7")
    assert (done[0], len(done[1])) == (other, 2)
    await due(database, by_number)
    await matched(database)
    assert await met(database) == {
        (other, "docsys", content("a"), "by_hand"),
        (other, "mail", content("a"), "by_hand"),
    }
    async with database.connection() as connection:
        (noted,) = await audit.entries(connection)
    assert (noted.actor, noted.action, noted.reason) == ("op", "register-link", "hồ sơ 7")
    assert noted.subject == f"entry {other}, {digest('a')[:8]}"


async def test_what_was_unlinked_is_listed_as_that_until_it_is_linked_again(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a")])
    (entry,) = await enter(database, Entry())
    await matched(database)
    await entries.say(database, "refused", str(entry), digest("a"), "op", "nhầm")
    (found,) = await left(database, "register")
    assert (found.why, found.candidates) == (
        "refused",
        (f"{digest('a')[:12]} a.pdf (02/03/2026)",),
    )
    await entries.say(database, "by_hand", str(entry), digest("a"), "op", "đúng")
    await matched(database)
    assert await met(database) == {(entry, "docsys", content("a"), "by_hand")}


@pytest.mark.parametrize(
    ("entry", "text", "said"),
    [
        ("999", "a" * 8, "999: no such entry"),
        ("12/UBND-VP", "a" * 8, "no such entry"),
        ("{entry}", "abc", "at least its first 6"),
        ("{entry}", "zz" * 8, "content hash"),
        ("{entry}", "0" * 64, "no recorded document"),
        ("{entry}", "{foreign}", "another agency"),
    ],
)
async def test_a_link_to_what_is_not_there_says_what_to_do(
    database: Database, recorder: Recorder, entry: str, text: str, said: str
) -> None:
    await recorder.write([mail("other", [document("f")], sender_agency="so-hai")])
    (known,) = await enter(database, Entry())
    with pytest.raises(UserError, match=said):
        await entries.say(
            database, "by_hand", entry.format(entry=known), text.format(foreign=digest("f")),
            "op", "why",
        )  # fmt: skip
    assert await met(database) == set()


async def test_a_link_needs_a_reason(database: Database, recorder: Recorder) -> None:
    await recorder.write([numbered("a")])
    (known,) = await enter(database, Entry())
    with pytest.raises(UserError, match="reason"):
        await entries.say(database, "by_hand", str(known), digest("a"), "op", " ")
    assert await met(database) == set()


async def test_entries_are_found_by_number_however_it_is_written_and_by_their_own(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a")])
    one, two, came = await enter(
        database, Entry(), Entry(agency="so-hai"), Entry(direction="in", number="12")
    )
    await matched(database)
    async with database.connection() as connection:
        found = await entries.find_entries(connection, "Số 012 / ubnd-vp", Wanted())
        assert {each.entry_id for each in found} == {one, two, came}
        (only,) = await entries.find_entries(connection, "12/UBND-VP", Wanted("so-hai"))
        assert (only.entry_id, only.files, only.full_number) == (two, 0, "12/UBND-VP")
        (own,) = await entries.find_entries(connection, str(one), Wanted())
        assert (own.entry_id, own.files) == (one, 1)
        (file,) = await entries.files_of(connection, one)
        assert (file.content_hash, file.how, file.role) == (digest("a"), "number", "main")
        with pytest.raises(UserError, match="no register has"):
            await entries.find_entries(connection, "99/X", Wanted())
        listed = await entries.list_entries(connection, Wanted(direction="in"))
        assert [each.entry_id for each in listed] == [came]
