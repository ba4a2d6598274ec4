"""Register entries meet captured files: by hash, by number, by name, and never by a guess."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest

from monitor.model import Channel, DocumentClass, Outcome
from monitor.record import Database, Recorder
from monitor.record.connection import Connection
from monitor.register import matching
from monitor.register.matching import AFTER, BEFORE, NAME_AFTER, UNDATED_AFTER, match
from tests.register.entries import (
    DAY,
    Entry,
    changed_days,
    content,
    correct,
    due,
    enter,
    matched,
    met,
    on,
)
from tests.support.outcomes import digest, document, filed, mail


def numbered(
    text: str = "a",
    number: str = "12",
    notation: str | None = "UBND-VP",
    issued: date | None = DAY,
    days: int = 0,
    agency: str = "so-mot",
) -> Outcome:
    """A document of the document system, sent so many days after MONDAY."""
    return filed(
        document(text, file_name=f"{text}.pdf"),
        agency=agency,
        at=on(days),
        sent_at=on(days),
        number=number,
        notation=notation,
        issued_on=issued,
    )


async def test_a_file_meets_the_entry_of_its_number_and_day(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered(number="012", notation="ubnd \u2013 vp", days=3)])
    (entry,) = await enter(database, Entry())
    done = await matched(database)
    assert await met(database) == {(entry, "docsys", content("a"), "number")}
    assert (done.linked, done.dropped, done.ambiguous) == (1, 0, 0)


async def test_the_same_number_of_another_day_year_or_agency_is_another_document(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered()])
    await enter(
        database,
        Entry(day=DAY + timedelta(days=1)),
        Entry(day=date(2025, 3, 2)),
        Entry(agency="so-hai"),
        Entry(number="13"),
        Entry(notation="UBND-TH"),
        Entry(direction="in", issued_on=DAY),
    )
    assert (await matched(database)).linked == 0
    assert await met(database) == set()


@pytest.mark.parametrize("days", [-3, 0, UNDATED_AFTER])
async def test_a_file_without_its_day_of_issue_was_sent_near_it(
    database: Database, recorder: Recorder, days: int
) -> None:
    await recorder.write([numbered(issued=None, days=days)])
    (entry,) = await enter(database, Entry())
    await matched(database)
    assert await met(database) == {(entry, "docsys", content("a"), "number")}


@pytest.mark.parametrize("days", [-BEFORE - 1, UNDATED_AFTER + 1])
async def test_without_a_day_of_issue_a_file_sent_far_from_it_is_not_believed(
    database: Database, recorder: Recorder, days: int
) -> None:
    await recorder.write([numbered(issued=None, days=days)])
    await enter(database, Entry())
    await matched(database)
    assert await met(database) == set()


async def test_a_number_without_notation_needs_the_day(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            numbered("dated", notation=None, days=1),
            numbered("undated", notation=None, issued=None, days=1),
        ]
    )
    (entry,) = await enter(database, Entry(notation=None))
    await matched(database)
    assert await met(database) == {(entry, "docsys", content("dated"), "number")}


async def test_the_hash_outweighs_a_number(database: Database, recorder: Recorder) -> None:
    await recorder.write([numbered()])
    by_number, by_hash = await enter(database, Entry(), Entry(number="13", contents=("x", "a")))
    await matched(database)
    assert await met(database) == {(by_hash, "docsys", content("a"), "hash")}
    assert by_number != by_hash


async def test_two_entries_with_one_hash_are_told_apart_by_the_number_or_not_at_all(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a"), mail("one", [document("b")])])
    first, *_ = await enter(
        database,
        Entry(contents=("a",)),
        Entry(number="13", contents=("a",)),
        Entry(number="14", contents=("b",)),
        Entry(number="15", contents=("b",)),
    )
    done = await matched(database)
    assert await met(database) == {(first, "docsys", content("a"), "hash")}
    assert done.ambiguous == 1


async def test_a_number_given_twice_that_day_meets_nothing(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered()])
    one, two = await enter(database, Entry(), Entry(ordinal=2))
    assert (await matched(database)).ambiguous == 1
    assert await met(database) == set()
    await correct(database, two, gone_run_id=2)
    await matched(database)
    assert await met(database) == {(one, "docsys", content("a"), "number")}


async def test_a_file_name_is_believed_where_it_is_the_only_one_near(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [mail("one", [document("a", file_name="CV Góp ý.pdf")], at=on(NAME_AFTER))]
    )
    (entry,) = await enter(database, Entry(files=("khac.docx", "cv gop y.pdf", "cv góp ý.PDF")))
    await matched(database)
    assert await met(database) == {(entry, "mail", content("a"), "file_name")}


async def test_a_file_name_that_two_contents_or_two_entries_bear_is_not(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("one", [document("a", file_name="van-ban.pdf")])])
    (entry,) = await enter(database, Entry(files=("van-ban.pdf",)))
    await matched(database)
    assert await met(database) == {(entry, "mail", content("a"), "file_name")}
    await recorder.write([mail("two", [document("b", file_name="van-ban.pdf")], at=on(1))])
    done = await matched(database)
    assert await met(database) == set()
    assert (done.dropped, done.ambiguous) == (1, 2)


async def test_a_file_name_given_by_two_entries_near_is_not_believed(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("one", [document("a", file_name="cv.pdf")])])
    await enter(
        database,
        Entry(files=("cv.pdf",)),
        Entry(number="13", day=DAY - timedelta(days=2), files=("cv.pdf",)),
    )
    assert (await matched(database)).ambiguous == 1
    assert await met(database) == set()


@pytest.mark.parametrize(
    "outcome",
    [
        numbered("cv", number="99"),
        numbered("cv", issued=DAY - timedelta(days=1)),
        mail("one", [document("a", file_name="cv.pdf")], at=on(NAME_AFTER + 1)),
        mail("one", [document("a", file_name="cv.pdf")], relayed=True),
    ],
    ids=["another number", "another day of issue", "long after", "relayed"],
)
async def test_a_file_name_is_not_believed_against_what_the_file_says(
    database: Database, recorder: Recorder, outcome: Outcome
) -> None:
    await recorder.write([outcome])
    await enter(database, Entry(files=("cv.pdf",)))
    await matched(database)
    assert await met(database) == set()


async def test_a_document_meets_its_entry_in_every_channel(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            mail("one", [document("a", file_name="gui kem.pdf")], at=on(1)),
            numbered("a"),
            filed(document("a"), channel=Channel.PORTAL, at=on(200)),
            filed(document("a"), channel=Channel.AXIS, agency="so-hai"),
        ]
    )
    (entry,) = await enter(database, Entry())
    await matched(database)
    assert await met(database) == {
        (entry, "docsys", content("a"), "number"),
        (entry, "mail", content("a"), "hash"),
        (entry, "portal", content("a"), "hash"),
    }


async def test_files_of_one_number_all_meet_its_entry(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a"), numbered("b", days=1)])
    (entry,) = await enter(database, Entry())
    await matched(database)
    assert {(each[0], each[2]) for each in await met(database)} == {
        (entry, content("a")),
        (entry, content("b")),
    }


Step = Callable[[Database, Recorder], Awaitable[object]]


async def _registers(database: Database, recorder: Recorder) -> None:
    await enter(
        database,
        Entry(),
        Entry(number="13", files=("b.pdf", "c.pdf")),
        Entry(number="14", contents=("d",)),
    )


async def _documents(database: Database, recorder: Recorder) -> None:
    await recorder.write([numbered("a", days=5), mail("b", [document("b", file_name="b.pdf")])])


async def _more(database: Database, recorder: Recorder) -> None:
    await recorder.write(
        [
            mail("c", [document("c", file_name="c.pdf")], at=on(1)),
            mail("c2", [document("c2", file_name="c.pdf")], at=on(4)),
            mail("d", [document("d", file_name="d.pdf")], at=on(AFTER)),
            mail("late", [document("a", file_name="x.pdf")], at=on(30)),
        ]
    )


@pytest.mark.parametrize("order", [*itertools.permutations((_registers, _documents, _more))])
async def test_whatever_comes_first_the_same_is_met(
    database: Database, recorder: Recorder, order: tuple[Step, ...]
) -> None:
    for step in order:
        await step(database, recorder)
        await matched(database)
    found = {(channel, what, how) for _, channel, what, how in await met(database)}
    assert found == {
        ("docsys", content("a"), "number"),
        ("mail", content("a"), "hash"),
        ("mail", content("b"), "file_name"),
        ("mail", content("d"), "hash"),
    }


async def test_a_corrected_entry_loses_what_no_longer_holds_and_wins_what_does(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a"), numbered("b", number="13")])
    (entry,) = await enter(database, Entry())
    await matched(database)
    await correct(database, entry, number="13", number_key="13/ubnd-vp")
    done = await matched(database)
    assert await met(database) == {(entry, "docsys", content("b"), "number")}
    assert (done.linked, done.dropped) == (1, 1)


async def test_a_number_that_was_given_twice_by_mistake_meets_its_file_once_corrected(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a")])
    one, two = await enter(database, Entry(), Entry(ordinal=2))
    await matched(database)
    await correct(database, two, number="21", number_key="21/ubnd-vp", ordinal=1)
    await matched(database)
    assert await met(database) == {(one, "docsys", content("a"), "number")}


async def test_an_entry_that_moves_to_another_day_loses_its_file(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a")])
    (entry,) = await enter(database, Entry())
    await matched(database)
    await correct(database, entry, day=DAY + timedelta(days=200))
    await matched(database)
    assert await met(database) == set()


async def test_figures_of_the_days_of_entry_and_file_are_computed_anew(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a", days=3)])
    (entry,) = await enter(database, Entry())
    await changed_days(database)
    await matched(database)
    assert await changed_days(database) == {DAY, DAY + timedelta(days=3)}
    await due(database, entry)
    await matched(database)
    assert await changed_days(database) == set()
    await correct(database, entry, gone_run_id=2)
    await changed_days(database)
    await matched(database)
    assert await changed_days(database) == {DAY, DAY + timedelta(days=3)}


async def _say(database: Database, entry: int, text: str, how: str) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO register_file (entry_id, document_uid, how) "
            "SELECT $1, document_uid, $3 FROM document WHERE content_hash = $2 LIMIT 1 "
            "ON CONFLICT (entry_id, document_uid) DO UPDATE SET how = excluded.how",
            entry,
            bytes.fromhex(digest(text)),
            how,
        )
    await due(database, entry)


async def test_a_pair_that_was_refused_is_never_matched_in_any_channel(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a")])
    entry, other = await enter(database, Entry(), Entry(ordinal=2))
    await _say(database, entry, "a", "refused")
    await recorder.write([mail("one", [document("a")])])
    await matched(database)
    assert await met(database) == {
        (entry, "docsys", content("a"), "refused"),
        (other, "docsys", content("a"), "number"),
        (other, "mail", content("a"), "hash"),
    }


async def test_what_was_linked_by_hand_wins_and_goes_for_the_file_in_every_channel(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a")])
    by_number, by_hand = await enter(
        database, Entry(), Entry(number="77", day=DAY - timedelta(days=300))
    )
    await matched(database)
    await _say(database, by_hand, "a", "by_hand")
    await due(database, by_number)
    await recorder.write([mail("one", [document("a")])])
    await matched(database)
    assert await met(database) == {
        (by_hand, "docsys", content("a"), "by_hand"),
        (by_hand, "mail", content("a"), "hash"),
    }


async def test_a_document_that_moves_to_an_earlier_day_is_looked_at_again(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a", issued=None, days=UNDATED_AFTER + 5)])
    (entry,) = await enter(database, Entry())
    await matched(database)
    assert await met(database) == set()
    await recorder.write([numbered("a", issued=None, days=2)])
    await matched(database)
    assert await met(database) == {(entry, "docsys", content("a"), "number")}


async def test_secret_entries_and_editable_files_meet_as_others_do(
    database: Database, recorder: Recorder
) -> None:
    facts = document("a", document_class=DocumentClass.EDITABLE)
    await recorder.write([filed(facts, number="12", notation="UBND-VP", issued_on=DAY)])
    (entry,) = await enter(database, Entry(secret=True))
    await matched(database)
    assert await met(database) == {(entry, "docsys", content("a"), "number")}


async def test_many_agencies_are_matched_in_several_transactions(
    database: Database, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.register.matching.DAYS_AT_ONCE", 1)
    await recorder.write([numbered("a"), *(numbered(f"b{n}", agency=f"xa-{n}") for n in range(3))])
    ids = await enter(database, Entry(), *(Entry(agency=f"xa-{n}") for n in range(3)))
    done = await matched(database)
    assert {each[0] for each in await met(database)} == set(ids)
    assert (done.linked, done.agencies) == (4, 4)


async def test_an_incoming_entry_meets_what_others_sent_by_the_hash_alone(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            mail("one", [document("a")], sender_agency=None, to=("so-mot",)),
            mail("two", [document("b")], sender_agency="so-hai", to=("so-mot",)),
            numbered("c", agency="so-hai"),
        ]
    )
    one, two, by_number = await enter(
        database,
        Entry(number="1", direction="in", contents=("a",), day=DAY + timedelta(days=2)),
        Entry(number="2", direction="in", contents=("b",), day=DAY + timedelta(days=2)),
        Entry(direction="in", issued_on=DAY),
    )
    await matched(database)
    found = {(one, "mail", content("a"), "hash"), (two, "mail", content("b"), "hash")}
    assert await met(database) == found
    await enter(database, Entry(number="3", direction="in", contents=("b",)))
    await due(database, by_number)
    assert (await matched(database)).dropped == 1
    assert await met(database) == {(one, "mail", content("a"), "hash")}


async def test_an_incoming_entry_meets_what_is_captured_after_it(
    database: Database, recorder: Recorder
) -> None:
    (entry,) = await enter(database, Entry(direction="in", contents=("a",)))
    await matched(database)
    await recorder.write([mail("one", [document("a")], sender_agency=None, to=("so-mot",))])
    await matched(database)
    assert await met(database) == {(entry, "mail", content("a"), "hash")}
    await correct(database, entry, gone_run_id=2)
    await matched(database)
    assert await met(database) == set()


async def test_matches_and_the_recorder_at_once_lose_nothing(
    database: Database, recorder: Recorder
) -> None:
    texts = [f"t{number}" for number in range(40)]
    await enter(database, *(Entry(number=str(number + 1)) for number in range(40)))
    writes = [
        recorder.write([numbered(text, number=str(index + 1), days=index % 3)])
        for index, text in enumerate(texts)
    ]
    moves = [
        recorder.write([numbered(text, number=str(index + 1), days=-1)])
        for index, text in enumerate(texts[:10])
    ]
    await asyncio.gather(*writes, *moves, *(match(database) for _ in range(6)))
    await matched(database)
    assert {each[2] for each in await met(database)} == {content(text) for text in texts}


async def test_a_match_ends_though_documents_come_without_end(
    database: Database, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide, passes = matching.decide, 0

    async def meanwhile(connection: Connection) -> None:
        nonlocal passes
        passes += 1
        if passes < 9:
            await recorder.write([numbered(f"later {passes}")])
        await decide(connection)

    monkeypatch.setattr(matching, "decide", meanwhile)
    await recorder.write([numbered("first")])
    await match(database)
    assert passes == 1
    await match(database)  # what came meanwhile has its turn
    assert passes == 2


async def test_a_name_that_many_entries_near_give_says_nothing(
    database: Database, recorder: Recorder
) -> None:
    """Else the work grows with the square of an export whose files are all called the same."""
    await recorder.write([mail("one", [document("a", file_name="signed.pdf")])])
    await enter(
        database,
        *(Entry(number=str(n), files=("signed.pdf",)) for n in range(matching.COMMON_NAME + 1)),
    )
    seen: list[int] = []
    decide = matching._numbers

    async def looked(connection: Connection) -> None:
        seen.append(await connection.fetchval("SELECT count(*) FROM match_name"))
        await decide(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "_numbers", looked)
        await matched(database)
    assert set(seen) == {0}
    assert await met(database) == set()
