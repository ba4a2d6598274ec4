"""Messages of the exchange axis: each once, in any order, from several hops."""

import asyncio
import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from monitor.expose import Metrics
from monitor.model import (
    AxisReference,
    AxisStatus,
    Business,
    DocumentRole,
    Finding,
    Organ,
    Outcome,
)
from monitor.record import Database, Recorder, Sealer
from monitor.record.axis import axis_uid
from monitor.record.axis_settling import settle
from monitor.record.queries import explain
from tests.support.axis import sent, told
from tests.support.database import Server, fresh_database
from tests.support.outcomes import MONDAY, document, mail, signature, valid, verdict

HOUR = timedelta(hours=1)
TABLES = (
    """SELECT axis_uid, day, sender_code, sender_agency_id, document_ref, number, notation, paper,
        business, sent_at, first_received_at, copies, documents, findings
    FROM axis_message ORDER BY 1""",
    "SELECT axis_uid, organ_code, agency_id, name FROM axis_recipient ORDER BY 1, 2",
    "SELECT * FROM axis_document ORDER BY 1, 2",
    "SELECT * FROM axis_relation ORDER BY 1, 2",
    "SELECT * FROM axis_status ORDER BY 1, 2, 3, 4",
    """SELECT document_uid, day, agency_id, channel, first_at, number, notation, paper, counted,
        dispatch_known
    FROM document ORDER BY 1""",
    "SELECT document_uid, dispatch FROM sending ORDER BY 1, 2",
    "SELECT * FROM axis_delivery ORDER BY 1, 2",
)


async def state(database: Database) -> list[list[tuple[object, ...]]]:
    async with database.connection() as connection:
        await settle(connection)
        return [[tuple(row) for row in await connection.fetch(query)] for query in TABLES]


async def one(database: Database, query: str) -> tuple[object, ...]:
    async with database.connection() as connection:
        await settle(connection)
        (row,) = await connection.fetch(query)
    return tuple(row)


def reference(document_id: str, organ: str | None = "H99.1") -> tuple[AxisReference, ...]:
    return (AxisReference(organ=organ, document_id=document_id),)


async def test_a_document_message_gives_its_documents_their_number_paper_and_time(
    database: Database, recorder: Recorder, postgres_server: Server
) -> None:
    appendix = document("b", file_name="phụ lục.pdf").model_copy(
        update={"role": DocumentRole.APPENDIX}
    )
    outcome = sent(
        "ma-1", [document("a", valid()), appendix], at=MONDAY, received=MONDAY + HOUR,
        to=("H99.2", "G01.5"), paper=True, issued_on=date(2026, 3, 1), due_on=date(2026, 3, 20),
        document_type="Quyết định", business=Business.NEW,
    )  # fmt: skip
    (decision,) = await recorder.write([outcome])
    assert (decision.new_documents, decision.new_sendings) == ((0, 1), (0, 1))
    assert decision.first_message is False
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT channel, number, notation, issued_on, paper, counted, first_at, dispatch_known,"
            " role, file_name, a.code, sealed_subject"
            " FROM document d JOIN agency a USING (agency_id) ORDER BY role DESC"
        )
        item = await connection.fetchrow("SELECT kind, channel, dispatch FROM item")
        receivers = await connection.fetch(
            "SELECT organ_code, a.code, r.name"
            " FROM axis_recipient r JOIN agency a USING (agency_id) ORDER BY 1"
        )
        message = await connection.fetchrow(
            "SELECT m.*, (SELECT count(*) FROM axis_document) AS linked FROM axis_message m"
        )
    said = ("axis", "12", "QĐ-SM", date(2026, 3, 1), "parallel", True, MONDAY, True)
    assert [tuple(row)[:8] for row in rows] == [said, said]
    assert [row["role"] for row in rows] == ["main", "appendix"]
    assert [row["file_name"] for row in rows] == ["van-ban.pdf", "phụ lục.pdf"]
    assert {row["code"] for row in rows} == {"so-mot"}
    sealer = Sealer.load(postgres_server.state_dir)
    assert sealer.open(rows[0]["sealed_subject"], "subject") == "Về việc thử nghiệm"
    uid = axis_uid("H99.1", "ma-1")
    assert item
    assert tuple(item) == ("axis", "axis", uid)
    assert [tuple(row) for row in receivers] == [
        ("G01.5", "", "Cơ quan G01.5"), ("H99.2", "so-hai", "Cơ quan H99.2"),
    ]  # fmt: skip
    assert message
    assert (message["axis_uid"], message["sent_at"], message["first_received_at"]) == (
        uid, MONDAY, MONDAY + HOUR,
    )  # fmt: skip
    assert (message["documents"], message["linked"], message["container"]) == (2, 2, "unsigned")
    assert (message["business"], message["due_on"]) == ("new", date(2026, 3, 20))
    assert sealer.open(message["sealed_signer"], "signer") == "Giám đốc Nguyễn Văn Mẫu"


@pytest.mark.parametrize(("paper", "word"), [(False, "electronic"), (None, None)])
async def test_no_paper_is_electronic_and_silence_is_not(
    database: Database, recorder: Recorder, paper: bool | None, word: str | None
) -> None:
    await recorder.write([sent("ma-1", [document("a")], paper=paper)])
    assert await one(database, "SELECT paper FROM document") == (word,)


@pytest.mark.parametrize("said", [None, MONDAY + timedelta(days=9), datetime(20, 3, 2, tzinfo=UTC)])
async def test_without_a_plausible_trace_the_receipt_stands_and_says_that_it_is_one(
    database: Database, recorder: Recorder, said: datetime | None
) -> None:
    outcome = sent("ma-1", [document("a")], received=MONDAY, said_at=said)
    await recorder.write([outcome])
    found = await one(database, "SELECT first_at, dispatch_known, day FROM document")
    assert found == (MONDAY, False, MONDAY.date())
    found = await one(database, "SELECT sent_at, day FROM axis_message")
    assert found == (None, MONDAY.date())


async def test_documents_of_foreign_senders_are_recorded_and_not_counted(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([sent("ma-1", [document("a", valid())], sender="G01", to=("H99.1",))])
    found = await one(database, "SELECT agency_id, counted, channel FROM document")
    assert found == (0, False, "axis")
    found = await one(database, "SELECT kind, name, verified, items FROM unknown_sender")
    assert found == ("axis", "G01", False, 1)


async def test_a_status_is_no_document_and_waits_for_its_document(
    database: Database, recorder: Recorder
) -> None:
    (decision,) = await recorder.write([told(AxisStatus.RECEIVED, "ma-1", at=MONDAY + HOUR)])
    assert decision.new_item
    assert (decision.new_documents, decision.new_sendings) == ((), ())
    assert await one(database, "SELECT count(*) FROM document") == (0,)
    await recorder.write([sent("ma-1", [document("a")])])
    found = await one(database, "SELECT state, received_at FROM axis_delivery")
    assert found == ("received", MONDAY + HOUR)


async def test_both_schemes_of_organ_codes_name_one_document_and_one_receiver(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent("ma-1", sender="000.00.01.H99", to=("000.02.01.H99",)),
            told(AxisStatus.DONE, " ma-1\n", by="H99.01.02", at=MONDAY + HOUR, issuer="h99.01"),
        ]
    )
    assert await one(database, "SELECT organ_code, state FROM axis_delivery") == (
        "H99.01.02",
        "done",
    )


async def test_a_receiver_with_two_codes_is_one_delivery(
    database: Database, recorder: Recorder
) -> None:
    outcome = sent("ma-1", to=("H99.2", "CODE-2"))
    attribution = outcome.attribution.model_copy(update={"receiver_agencies": ("so-hai", "so-hai")})
    outcome = outcome.model_copy(update={"attribution": attribution})
    status = told(AxisStatus.RECEIVED, "ma-1", by="CODE-2", at=MONDAY + HOUR)
    await recorder.write([outcome, status])
    assert await one(database, "SELECT state FROM axis_delivery") == ("received",)


async def test_copies_from_several_hops_are_one_message_with_its_earliest_time(
    database: Database, recorder: Recorder
) -> None:
    copies = [
        sent("ma-1", [document("a")], at=MONDAY + HOUR, received=MONDAY + 3 * HOUR),
        sent("ma-1", [document("a")], at=MONDAY, received=MONDAY + 4 * HOUR, to=("G01.5",)),
        sent("ma-1", [document("a")], said_at=None, received=MONDAY + 5 * HOUR),
    ]
    first = await recorder.write(copies[:1])
    later = await recorder.write(copies[1:])
    assert [each.new_documents for each in (*first, *later)] == [(0,), (), ()]
    assert [each.new_sendings for each in (*first, *later)] == [(0,), (), ()]
    found = await one(
        database, "SELECT copies, sent_at, first_received_at, findings FROM axis_message"
    )
    assert found == (3, MONDAY, MONDAY + 3 * HOUR, [])
    assert await one(database, "SELECT first_at, dispatch_known FROM document") == (MONDAY, True)
    assert await one(database, "SELECT count(*) FROM axis_recipient") == (2,)


async def test_a_document_whose_receipt_came_first_learns_when_it_was_sent(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([sent("ma-1", [document("a")], said_at=None, received=MONDAY + HOUR)])
    assert await one(database, "SELECT dispatch_known FROM document") == (False,)
    await recorder.write([sent("ma-1", [document("a")], at=MONDAY, received=MONDAY + 2 * HOUR)])
    assert await one(database, "SELECT first_at, dispatch_known FROM document") == (MONDAY, True)


async def test_another_version_of_a_message_keeps_the_first_and_says_so(
    database: Database, recorder: Recorder
) -> None:
    first = sent("ma-1", [document("a")], received=MONDAY)
    other = sent("ma-1", [document("b")], received=MONDAY + HOUR, number="99")
    await recorder.write([other])
    await recorder.write([first])
    found = await one(database, "SELECT number, copies, findings FROM axis_message")
    assert found == ("12", 2, [Finding.AXIS_VERSIONS_DIFFER])


def story() -> list[Outcome]:
    """Two documents, copies, statuses, a revocation and a replacement; every item id is its own."""
    return [
        sent("ma-1", [document("a", valid())], received=MONDAY + HOUR, to=("H99.2", "G01.5")),
        sent("ma-1", [document("a", valid())], at=MONDAY - HOUR, received=MONDAY + 2 * HOUR),
        sent("ma-1", [document("c")], received=MONDAY + 3 * HOUR, number="13"),
        told(AxisStatus.ARRIVED, "ma-1", at=MONDAY + HOUR, received=MONDAY + 4 * HOUR),
        told(AxisStatus.ARRIVED, "ma-1", at=MONDAY + HOUR, received=MONDAY + 3 * HOUR),
        sent(
            "ma-2", [document("a", valid())], received=MONDAY + 9 * HOUR, at=MONDAY + 8 * HOUR,
            number="14", business=Business.REVOKE, concerns=reference("ma-1"),
        ),
        sent(
            "ma-3", [document("d")], received=MONDAY + 9 * HOUR, at=MONDAY + 9 * HOUR,
            number="15", business=Business.REPLACE, concerns=reference("ma-1"),
        ),
    ]  # fmt: skip


async def test_any_order_and_any_batches_give_the_same_rows(
    postgres_server: Server,
) -> None:
    outcomes = story()
    expected = None
    for seed in range(8):
        chance = random.Random(seed)
        shuffled = outcomes * 2  # everything comes twice: the same items count once
        chance.shuffle(shuffled)
        async with fresh_database(postgres_server) as database:
            await database.sync_agencies([])
            recorder = Recorder(database, postgres_server.state_dir)
            await recorder.write([mail("ids", to=("so-hai", "so-ba"))])  # the same agency ids
            size = chance.choice((1, 2, 3, 20))
            for start in range(0, len(shuffled), size):
                await recorder.write(shuffled[start : start + size])
            found = await state(database)
            expected = expected or found
            assert found == expected


async def test_writers_at_once_lose_nothing(database: Database, postgres_server: Server) -> None:
    outcomes = [
        each
        for number in range(30)
        for each in (
            sent(f"ma-{number % 5}", [document(f"d{number % 7}")], received=MONDAY + HOUR),
            told(AxisStatus.RECEIVED, f"ma-{number % 5}", at=MONDAY + number * HOUR),
        )
    ]
    recorders = [Recorder(database, postgres_server.state_dir) for _ in range(4)]
    await asyncio.gather(
        *(recorders[n].write(outcomes[n::4][start : start + 5])
          for n in range(4) for start in range(0, 15, 5))
    )  # fmt: skip
    found = await one(database, "SELECT count(*), sum(copies) FROM axis_message")
    assert found == (5, 30)
    assert await one(database, "SELECT count(*) FROM axis_status") == (30,)


# -- revoked, updated, replaced ------------------------------------------------------------------


async def test_a_revocation_is_a_message_about_another_and_issues_nothing(
    database: Database, recorder: Recorder
) -> None:
    notice = sent(
        "ma-2", [document("thu-hoi", valid())],
        business=Business.REVOKE, concerns=reference("ma-1", organ=None),
    )  # fmt: skip
    await recorder.write([notice])
    assert await one(database, "SELECT counted FROM document") == (False,)
    relation = await one(
        database, "SELECT base_uid, of_uid, r.business FROM axis_relation r JOIN axis_message"
        " USING (axis_uid)"
    )  # fmt: skip
    assert relation == (axis_uid("H99.1", "ma-2"), axis_uid("H99.1", "ma-1"), "revoke")
    assert await one(database, "SELECT count(*) FROM axis_delivery") == (0,)


async def test_a_revocation_that_brings_the_file_along_does_not_uncount_it_in_any_order(
    database: Database, recorder: Recorder
) -> None:
    notice = sent(
        "ma-2", [document("a")], at=MONDAY + HOUR, number="13",
        business=Business.REVOKE, concerns=reference("ma-1"),
    )  # fmt: skip
    await recorder.write([notice])
    await recorder.write([sent("ma-1", [document("a")])])
    found = await one(database, "SELECT counted, first_at, number FROM document")
    assert found == (True, MONDAY, "12")


async def test_a_replacement_carries_a_new_document(database: Database, recorder: Recorder) -> None:
    await recorder.write(
        [
            sent("ma-1", [document("a")]),
            sent("ma-3", [document("b")], business=Business.REPLACE, concerns=reference("ma-1")),
        ]
    )
    assert await one(database, "SELECT count(*) FROM document WHERE counted") == (2,)
    assert await one(database, "SELECT business FROM axis_relation") == ("replace",)


@pytest.mark.parametrize("business", [Business.REVOKE, Business.UPDATE])
@pytest.mark.parametrize("named", [True, False])
async def test_a_message_under_the_identifier_of_what_it_concerns_does_not_merge_into_it(
    database: Database, recorder: Recorder, business: Business, named: bool
) -> None:
    concerns = reference("ma-1") if named else ()
    await recorder.write(
        [
            sent("ma-1", [document("a")]),
            sent("ma-1", at=MONDAY + HOUR, business=business, concerns=concerns),
            told(AxisStatus.ARRIVED, "ma-1", at=MONDAY + HOUR),
        ]
    )
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT copies, findings, base_uid FROM axis_message")
        await settle(connection)
        deliveries = await connection.fetch("SELECT axis_uid FROM axis_delivery")
        relation = await connection.fetchval("SELECT of_uid FROM axis_relation")
    assert {row["base_uid"] for row in rows} == {None, axis_uid("H99.1", "ma-1")}
    assert [tuple(row)[:2] for row in rows] == [(1, []), (1, [])]
    assert [row["axis_uid"] for row in deliveries] == [axis_uid("H99.1", "ma-1")]
    assert relation == axis_uid("H99.1", "ma-1")


# -- what is odd -----------------------------------------------------------------------------------


async def test_messages_without_any_name_stay_apart(database: Database, recorder: Recorder) -> None:
    await recorder.write([sent(None, number=None, notation=None) for _ in range(2)])
    assert await one(database, "SELECT count(*) FROM axis_message") == (2,)


async def test_a_status_without_the_issuers_code_means_whom_it_is_addressed_to(
    database: Database, recorder: Recorder
) -> None:
    status = told(
        AxisStatus.DONE, "ma-1", at=MONDAY + HOUR, answers=AxisReference(document_id="ma-1")
    )
    await recorder.write([sent("ma-1"), status])
    assert await one(database, "SELECT state FROM axis_delivery") == ("done",)


@pytest.mark.parametrize("said", [None, MONDAY + timedelta(days=30)])
async def test_a_status_without_a_plausible_time_is_of_its_receipt(
    database: Database, recorder: Recorder, said: datetime | None
) -> None:
    await recorder.write([told(AxisStatus.DONE, "ma-1", at=said, received=MONDAY)])
    assert await one(database, "SELECT at, received_at FROM axis_status") == (MONDAY, MONDAY)


async def test_a_status_that_names_nothing_is_an_item_and_no_status(
    database: Database, recorder: Recorder
) -> None:
    (first, second) = await recorder.write(
        [
            told(None, "ma-1", at=MONDAY),
            told(AxisStatus.DONE, None, at=MONDAY),
        ]
    )
    assert first.new_item
    assert second.new_item
    assert await one(database, "SELECT count(*) FROM axis_status") == (0,)


async def test_a_message_that_could_not_be_read_is_an_item_whose_file_is_not_counted(
    database: Database, recorder: Recorder
) -> None:
    outcome = sent("ma-1", [document("a")])
    examined = outcome.examined.model_copy(update={"axis": None})
    (decision,) = await recorder.write([outcome.model_copy(update={"examined": examined})])
    assert decision.new_item
    assert await one(database, "SELECT counted FROM document") == (False,)
    assert await one(database, "SELECT count(*) FROM axis_message") == (0,)


NASTY = ["a\0b", "\ud800", "x" * 4096, "'; DROP TABLE item; --", "{a,b}\\", "\u202e", "", " \n"]


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
async def test_no_text_of_a_message_makes_a_row_fail(
    database: Database, recorder: Recorder, text: str
) -> None:
    organ = Organ.model_construct(code=text, name=text)
    named = AxisReference.model_construct(
        organ=text, document_id=text, code=text, issued_on=date(1, 1, 1)
    )
    odd = {
        "sender": organ, "receivers": (organ, organ), "document_id": text, "number": text,
        "notation": text, "document_type": text, "subject": text, "signer": text,
        "concerns": (named,), "answers": named, "issued_on": date(1, 1, 1),
        "due_on": date(9999, 12, 31), "attachments": (text,),
    }  # fmt: skip
    message = sent("ma-1", [document("a")], business=Business.UPDATE)
    status = told(AxisStatus.OTHER, "ma-1", at=MONDAY)
    for outcome in (message, status):
        assert outcome.examined.axis
        facts = outcome.examined.axis.model_copy(update=odd)
        examined = outcome.examined.model_copy(update={"axis": facts})
        (decision,) = await recorder.write([outcome.model_copy(update={"examined": examined})])
        assert decision.new_item


def test_an_identifier_is_the_issuers_code_and_the_documents() -> None:
    known = axis_uid("000.20.31.H53", " 7816 ")
    assert known == axis_uid("H53.31.20", "7816")
    assert known == UUID("97b4e50c-2d9e-133a-a976-188f3b4bd71e")
    assert known != axis_uid("H53.31.21", "7816")
    assert known != axis_uid("H53.31.20", "7817")


async def test_a_signature_on_the_container_is_no_documents(
    database: Database, recorder: Recorder
) -> None:
    outcome = sent("ma-1", [document("a", valid())])
    container = verdict().model_copy(update={"signatures": (signature(),)})
    examined = outcome.examined.model_copy(update={"verdict": container})
    (decision,) = await recorder.write([outcome.model_copy(update={"examined": examined})])
    assert len(decision.new_signatures) == 1
    assert await one(database, "SELECT count(*) FROM signature") == (1,)


async def test_senders_without_a_code_are_told_apart_by_their_names(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [sent("1", sender=Organ(name=name)) for name in ("Sở Bốn", "Sở Năm", "Sở Năm")]
    )
    assert await one(database, "SELECT count(*), sum(copies) FROM axis_message") == (2, 3)


async def test_counters_count_a_document_once_and_a_status_as_none(recorder: Recorder) -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    outcomes = [
        sent("ma-1", [document("a", valid())]),
        sent("ma-1", [document("a", valid())], findings=(Finding.AGENCY_UNKNOWN,)),
        told(AxisStatus.DONE, "ma-1", at=MONDAY + HOUR),
    ]
    for outcome in outcomes:
        (decision,) = await recorder.write([outcome])
        metrics.decided(outcome, decision)
    labels = {"agency": "so-mot", "channel": "axis", "verdict": "valid"}
    assert registry.get_sample_value("congvu_documents_total", labels) == 1
    series = [
        sample
        for family in registry.collect()
        for sample in family.samples
        if sample.name in {"congvu_documents_total", "congvu_mail_messages_total"}
    ]
    assert len(series) == 1


async def test_a_document_says_to_whom_it_went_over_the_axis(
    database: Database, recorder: Recorder
) -> None:
    outcome = sent("ma-1", [document("a", valid())], to=("H99.2", "G01.5"))
    await recorder.write([outcome, sent("ma-1", [document("a", valid())], to=("H99.2", "G01.5"))])
    (found,) = await explain(database, "12/QĐ-SM")
    (sending,) = found.sendings
    assert sending.recipient_agencies == ("G01.5", "so-hai")
    assert (sending.sender_agency, sending.sources) == ("so-mot", ("truc",))
    assert (sending.direction, sending.copies) == (None, 2)
