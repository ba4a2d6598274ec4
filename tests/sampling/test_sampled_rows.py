"""What is recorded of what was drawn and of what was not: the first decision stands."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from monitor.model import Direction, Outcome, Overall
from monitor.record import Database, Recorder, queries
from monitor.record.statements import sql
from tests.sampling.samples import drawn, undrawn
from tests.support.outcomes import MONDAY, document, filed, mail, valid

LATER = MONDAY + timedelta(hours=1)


async def rows(database: Database, table: str, columns: str) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(each) for each in await connection.fetch(f"SELECT {columns} FROM {table}")]


async def sampling_of(database: Database) -> list[tuple[Any, ...]]:
    found = await rows(database, "document", "sampled, sampled_rate, overall, findings")
    return [
        (sampled, round(rate, 3), overall, findings) for sampled, rate, overall, findings in found
    ]


def letter(name: str, content: str = "a", **more: Any) -> Outcome:
    return mail(name, [document(content, valid())], **more)


async def test_what_was_not_drawn_is_counted_and_says_so(
    database: Database, recorder: Recorder
) -> None:
    outcome = undrawn(letter("one"), 0.2)
    (decision,) = await recorder.write([outcome])
    assert decision.first_message
    assert decision.new_documents == (0,)
    assert decision.new_signatures == ()
    ((sampled, rate, overall, findings),) = await sampling_of(database)
    assert (sampled, rate, overall, findings) == (False, 0.2, "indeterminate", ["not_sampled"])
    message = await rows(
        database, "message", "sampled, sampled_rate, formal_documents, message_uid"
    )
    assert [(*each[:1], round(each[1], 3), each[2]) for each in message] == [(False, 0.2, 1)]
    assert await rows(database, "document", "drawn_with") == [(message[0][3],)]


async def test_it_is_not_on_the_list_of_what_is_judged_again(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([undrawn(letter("one")), undrawn(filed(document("b", valid())))])
    for table in ("judgement", "kept_evidence", "evidence_blob", "signature", "signer_certificate"):
        assert await rows(database, table, "*") == []


async def test_at_rate_one_no_document_remembers_what_it_was_drawn_with(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([letter("one"), filed(document("b"))])
    assert (
        await rows(database, "document", "sampled, sampled_rate, drawn_with")
        == [(True, 1.0, None)] * 2
    )


async def test_documents_of_one_message_were_drawn_together_a_file_by_itself(
    database: Database, recorder: Recorder
) -> None:
    both = drawn(mail("one", [document("a", valid()), document("b")]))
    alone = drawn(filed(document("c")))
    await recorder.write([both, alone])
    found = await rows(database, "document ORDER BY channel, document_uid", "channel, drawn_with")
    ((message,),) = await rows(database, "message", "message_uid")
    assert sorted(found) == sorted(
        [("mail", message), ("mail", message), ("docsys", UUID(hex=alone.header.item_id))]
    )


@pytest.mark.parametrize("first", [True, False])
async def test_the_decision_on_the_first_copy_of_a_message_stands(
    database: Database, recorder: Recorder, first: bool
) -> None:
    # Between the two copies the rate was changed.
    one, other = drawn(letter("one"), 0.5), undrawn(letter("one"), 0.1)
    copies = [one, other] if first else [other, one]
    for copy in copies:
        await recorder.write([copy])
    ((sampled, rate),) = await rows(database, "message", "sampled, sampled_rate")
    assert (sampled, round(rate, 3)) == ((True, 0.5) if first else (False, 0.1))
    (document_row,) = await sampling_of(database)
    assert document_row[:2] == (sampled, round(rate, 3))


@pytest.mark.parametrize("together", [True, False])
async def test_a_document_that_came_first_in_a_message_not_drawn_stays_out_of_the_sample(
    database: Database, recorder: Recorder, together: bool
) -> None:
    # Else what is sent often would be drawn more often. Its verdict is known all the same.
    first, later = undrawn(letter("one")), drawn(letter("two", at=LATER))
    batches = [[first, later]] if together else [[first], [later]]
    for batch in batches:
        await recorder.write(batch)
    assert await sampling_of(database) == [(False, 0.5, "valid", [])]
    ((key,),) = await rows(database, "message WHERE NOT sampled", "message_uid")
    assert await rows(database, "document", "drawn_with, signed_by_issuer") == [(key, True)]
    ((signed,),) = await rows(database, "signature WHERE owner = 'document'", "count(*)")
    assert signed == 1
    days = await rows(database, "signature JOIN document ON owner_uid = document_uid", "1")
    assert len(days) == 1


async def test_an_unsigned_document_that_is_drawn_later_is_known_to_be_unsigned(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([undrawn(mail("one", [document("a")]))])
    await recorder.write([drawn(mail("two", [document("a")], at=LATER))])
    assert await sampling_of(database) == [(False, 0.5, "unsigned", [])]


async def test_a_document_that_was_drawn_keeps_its_verdict_when_it_comes_again_undrawn(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([drawn(letter("one"))])
    await recorder.write([undrawn(letter("two", at=LATER))])
    assert await sampling_of(database) == [(True, 0.5, "valid", [])]


async def test_a_message_that_was_drawn_stays_decided_though_its_document_came_undrawn_before(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([undrawn(letter("one"))])
    await recorder.write([drawn(letter("two", at=LATER))])
    async with database.connection() as connection:
        uids = [row[0] for row in await connection.fetch("SELECT message_uid FROM message")]
        await connection.execute(sql("recount_messages"), uids, [MONDAY.date()])
    found = await rows(database, "message WHERE sampled", "formal_valid, formal_ours")
    assert found == [(1, 0)]


@pytest.mark.parametrize("in_one_batch", [True, False])
@pytest.mark.parametrize(
    ("first", "better", "sampled"),
    [(0.5, 0.1, False), (0.1, 0.5, False), (0.5, 0.5, True)],
)
async def test_a_row_made_of_two_copies_is_in_the_sample_if_both_are_at_the_lower_rate(
    database: Database,
    recorder: Recorder,
    in_one_batch: bool,
    first: float,
    better: float,
    sampled: bool,
) -> None:
    # The first came from the recipient's side only; the second shows who sent it. The key's lot
    # lies between 0.1 and 0.5.
    def at(outcome: Outcome, rate: float) -> Outcome:
        return drawn(outcome, rate) if rate == 0.5 else undrawn(outcome, rate)

    received = at(letter("one", sender_agency=None, direction=Direction.IN), first)
    sent = at(letter("one"), better)
    for batch in [[received, sent]] if in_one_batch else [[received], [sent]]:
        await recorder.write(batch)
    ((found, rate, agency),) = await rows(
        database, "message", "sampled, sampled_rate, sender_agency_id"
    )
    assert (found, round(rate, 3)) == (sampled, min(first, better))
    assert agency != 0


async def test_what_moves_to_an_earlier_day_keeps_its_decision(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([undrawn(letter("one", at=MONDAY + timedelta(days=1)), 0.2)])
    await recorder.write([drawn(letter("one", at=MONDAY, live=False), 0.5)])
    for table in ("message", "document"):
        ((day, sampled, rate),) = await rows(database, table, "day, sampled, sampled_rate")
        assert (day, sampled, round(rate, 3)) == (MONDAY.date(), False, 0.2)


async def test_an_item_repeated_after_a_crash_at_another_rate_changes_nothing(
    database: Database, recorder: Recorder
) -> None:
    first = drawn(letter("one", item_id="a" * 32), 1.0)
    await recorder.write([first])
    (decision,) = await recorder.write([undrawn(letter("one", item_id="a" * 32), 0.1)])
    assert not decision.new_item
    assert await sampling_of(database) == [(True, 1.0, "valid", [])]


async def test_verdicts_are_asked_for_of_what_was_verified_only(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([undrawn(letter("one"))])
    listed = await queries.list_documents(database, queries.Wanted())
    assert [(each.unverified, each.sampled, each.sampled_rate) for each in listed] == [
        (True, False, 0.5)
    ]
    wanted = queries.Wanted(verdict=Overall.INDETERMINATE)
    assert await queries.list_documents(database, wanted) == []
