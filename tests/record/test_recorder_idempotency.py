"""Writing again, writing at once, and copies: every item counts exactly once."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta

from monitor.model import Direction, Outcome
from monitor.record import Database, Decision, Recorder
from tests.support.database import Server
from tests.support.outcomes import MONDAY, document, filed, mail, valid, verdict


async def counts(database: Database) -> dict[str, int]:
    tables = (
        "item", "message", "message_key", "message_agency", "document", "document_key",
        "sending", "signature", "judgement", "kept_evidence", "unknown_sender",
    )  # fmt: skip
    async with database.connection() as connection:
        return {
            table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables
        }


async def test_an_outcome_becomes_one_row_in_every_table_it_concerns(
    database: Database, recorder: Recorder
) -> None:
    outcome = mail("one", [document("a", valid())])
    (decision,) = await recorder.write([outcome])
    assert decision == Decision(
        outcome.header.item_id,
        new_item=True,
        first_message=True,
        new_recipient_agencies=("so-hai",),
        new_documents=(0,),
        new_sendings=(0,),
        new_signatures=outcome.examined.documents[0].judgement.verdict.signatures,
    )
    assert await counts(database) == {
        "item": 1, "message": 1, "message_key": 1, "message_agency": 1, "document": 1,
        "document_key": 1, "sending": 1, "signature": 1, "judgement": 1,
        "kept_evidence": 1, "unknown_sender": 0,
    }  # fmt: skip


async def test_the_same_batch_written_twice_changes_nothing(
    database: Database, recorder: Recorder
) -> None:
    batch = [mail("one", [document("a", valid())]), mail("two"), filed(document("b"))]
    await recorder.write(batch)
    before = await counts(database)
    again = await recorder.write(batch)
    assert [decision.new_item for decision in again] == [False, False, False]
    assert not any(d.first_message or d.new_documents or d.new_sendings for d in again)
    assert await counts(database) == before


async def test_an_item_twice_in_one_batch_is_new_once(
    database: Database, recorder: Recorder
) -> None:
    outcome = mail("one", [document("a", valid())])
    first, second = await recorder.write([outcome, outcome])
    assert (first.new_item, second.new_item) == (True, False)
    assert (await counts(database))["sending"] == 1


async def test_overlapping_batches_of_concurrent_writers_count_every_thing_once(
    database: Database, postgres_server: Server
) -> None:
    outcomes = [
        mail(f"m{n % 40}", [document(f"d{n % 25}", valid())], to=[f"agency-{n % 7}"])
        for n in range(200)
    ]
    expected = {(o.examined.mail and o.examined.mail.message_key) for o in outcomes}
    writers = [Recorder(database, postgres_server.state_dir) for _ in range(4)]

    async def write(recorder: Recorder, seed: int) -> Sequence[Decision]:
        mine = outcomes.copy()
        random.Random(seed).shuffle(mine)
        found: list[Decision] = []
        for start in range(0, len(mine), 30):
            found.extend(await recorder.write(mine[start : start + 30]))
        return found

    results = await asyncio.gather(*(write(each, seed) for seed, each in enumerate(writers)))
    decisions = [decision for result in results for decision in result]
    assert sum(decision.new_item for decision in decisions) == 200
    assert sum(decision.first_message for decision in decisions) == len(expected) == 40
    assert sum(len(decision.new_documents) for decision in decisions) == 25
    found = await counts(database)
    assert found["item"] == 200
    assert found["message"] == found["message_key"] == 40
    assert found["document"] == found["document_key"] == found["signature"] == 25
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT sum(copies) FROM message") == 200


async def test_copies_merge_recipients_and_receipts_into_the_row_of_their_message(
    database: Database, recorder: Recorder
) -> None:
    first = mail("one", to=["so-hai"], source="gateway-1")
    later = mail(
        "one", to=["so-hai", "so-ba"], at=MONDAY + timedelta(minutes=5), source="gateway-2"
    )
    await recorder.write([first])
    (decision,) = await recorder.write([later])
    assert decision.new_item
    assert not decision.first_message
    assert decision.new_recipient_agencies == ("so-ba",)
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT * FROM message")
        hops = await connection.fetchval("SELECT count(DISTINCT source) FROM item")
    assert row is not None
    assert (row["copies"], len(row["recipients"]), hops) == (2, 2, 2)
    assert row["last_received_at"] - row["first_received_at"] == timedelta(minutes=5)


async def test_copies_inside_one_batch_merge_as_they_do_across_batches(
    database: Database, recorder: Recorder
) -> None:
    first, second = await recorder.write([mail("one", to=["so-hai"]), mail("one", to=["so-ba"])])
    assert (first.first_message, second.first_message) == (True, False)
    assert (first.new_recipient_agencies, second.new_recipient_agencies) == (
        ("so-hai",),
        ("so-ba",),
    )
    assert (await counts(database))["message"] == 1


async def test_a_copy_that_shows_the_sender_corrects_a_row_without_one(
    database: Database, recorder: Recorder
) -> None:
    """The recipient's gateway cannot prove the sender; the sender's own journal can."""

    async def written(outcomes: Sequence[Outcome]) -> tuple[str, str, int]:
        for outcome in outcomes:
            await recorder.write([outcome])
        async with database.connection() as connection:
            row = await connection.fetchrow(
                "SELECT direction, code, formal_valid FROM message JOIN agency"
                " ON agency_id = sender_agency_id WHERE message_key = decode($1, 'hex')",
                outcomes[0].examined.mail.message_key if outcomes[0].examined.mail else "",
            )
        assert row is not None
        return tuple(row)

    unproven = mail("one", [document("a", valid())], sender_agency=None, direction=Direction.IN)
    proven = mail("one", [document("a", valid())])
    assert await written([unproven, proven]) == ("out", "so-mot", 1)
    assert await written([unproven, proven, unproven]) == ("out", "so-mot", 1)


async def test_two_mails_with_one_message_id_are_two_messages(
    database: Database, recorder: Recorder
) -> None:
    same = {"message_id": "<same@so.example>"}
    decisions = await recorder.write([mail("one", facts=same), mail("two", facts=same)])
    assert [decision.first_message for decision in decisions] == [True, True]
    assert (await counts(database))["message"] == 2


async def test_a_document_sent_often_is_one_document_with_many_sendings(
    database: Database, recorder: Recorder
) -> None:
    outcomes = [mail(f"m{n}", [document("circular", valid())]) for n in range(50)]
    decisions = await recorder.write(outcomes)
    assert [len(decision.new_documents) for decision in decisions] == [1] + [0] * 49
    found = await counts(database)
    assert (found["document"], found["sending"], found["signature"]) == (1, 50, 1)
    assert found["kept_evidence"] == 1


async def test_a_file_of_two_agencies_is_two_documents_with_one_evidence(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            mail("one", [document("a", valid())], sender_agency="so-mot"),
            mail("two", [document("a", valid())], sender_agency="so-ba", relayed=True),
        ]
    )
    found = await counts(database)
    assert (found["document"], found["signature"], found["kept_evidence"]) == (2, 2, 1)


async def test_a_file_attached_twice_is_one_document(
    database: Database, recorder: Recorder
) -> None:
    (decision,) = await recorder.write([mail("one", [document("a"), document("a")])])
    assert (decision.new_documents, decision.new_sendings) == ((0,), (0,))


async def test_unknown_senders_are_counted_once_a_message(
    database: Database, recorder: Recorder
) -> None:
    stranger = {"from_addresses": ("dan@Ngoai.example",)}
    one = mail("one", sender_agency=None, facts=stranger)
    copy = mail("one", sender_agency=None, facts=stranger)
    other = mail("two", sender_agency=None, facts=stranger)
    await recorder.write([one, copy])
    await recorder.write([copy, other])
    await recorder.write([filed(document("x", verdict()), agency=None)])
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT kind, name, items FROM unknown_sender ORDER BY 1")
    assert [tuple(row) for row in rows] == [
        ("document", "khong-ro", 1),
        ("mail", "ngoai.example", 2),
    ]
