"""What is written: any text, any date, first dispatches, nothing personal in the clear."""

import secrets
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.errors import UserError
from monitor.model import (
    Direction,
    Examined,
    Finding,
    Hop,
    MailEnvelope,
    MailFacts,
    Overall,
    PaperFlag,
    Signature,
)  # fmt: skip
from monitor.record import Database, Recorder, Sealer
from monitor.record.clean import LONGEST
from tests.support.database import Server
from tests.support.outcomes import MONDAY, document, filed, mail, signature, valid, verdict

NASTY = [
    "a\0b", "\ud800 lone", "x" * 100_000, "'; DROP TABLE item; --", '{"}\\,NULL', "Công văn số 1",
    "\u202egnp.exe", "🖋️" * 600, "",
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
async def test_no_text_of_a_mail_or_certificate_makes_a_row_fail(
    database: Database, recorder: Recorder, text: str
) -> None:
    mark = Signature.model_construct(
        **(dict(signature()) | {
            "format": text, "level": text, "signer_subject": text, "signer_organisation": text,
            "signer_emails": (text,), "signer_uid": text,
        })
    )  # fmt: skip
    judged = verdict(Overall.VALID).model_copy(update={"signatures": (mark,)})
    facts = document("a").model_copy(update={"file_name": text})
    judgement = facts.judgement.model_copy(update={"verdict": judged})
    facts = facts.model_copy(update={"judgement": judgement})
    outcome = mail("one", [facts])
    assert outcome.examined.mail
    header = {"subject": text, "from_addresses": (text,), "recipients": (text, text + "x")}
    hop = Hop.model_construct(
        from_host=text, from_address=text, by_host=text, protocol=text, at=None
    )
    mail_facts = MailFacts.model_construct(
        **(dict(outcome.examined.mail) | header | {"hops": (hop,)})
    )
    examined = outcome.examined.model_copy(update={"mail": mail_facts, "documents": (facts,)})
    attribution = outcome.attribution.model_copy(
        update={"sender": None, "sender_agency": text or None, "recipient_agencies": (text,)}
    )
    envelope = MailEnvelope.model_construct(mail_from=text, rcpt_to=(text,), peer=text)
    item = outcome.header.model_copy(update={"envelope": envelope, "size": 2**80})
    changed = outcome.model_copy(
        update={"header": item, "examined": examined, "attribution": attribution}
    )
    (decision,) = await recorder.write([changed])
    assert decision.first_message
    assert decision.new_documents == (0,)
    async with database.connection() as connection:
        stored = await connection.fetchval("SELECT file_name FROM document")
    assert len(stored or "") <= LONGEST
    assert "\0" not in (stored or "")


@pytest.mark.parametrize(
    "claimed",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        datetime(1996, 5, 1, tzinfo=UTC),
        MONDAY + timedelta(days=400),
    ],
)
async def test_absurd_dates_make_neither_errors_nor_partitions(
    database: Database, recorder: Recorder, claimed: datetime
) -> None:
    outcome = mail("one", [document("a")], live=False, facts={"date": claimed})
    await recorder.write([outcome])
    async with database.connection() as connection:
        months = await connection.fetchval(
            "SELECT count(*) FROM record_month WHERE month > $1", MONDAY.date() + timedelta(90)
        )
        day = await connection.fetchval("SELECT day FROM message")
        made = await connection.fetchval("SELECT count(*) FROM record_month")
    assert day <= MONDAY.date()
    assert made <= months + 4


async def test_a_replay_is_recorded_on_the_day_it_was_sent_whatever_the_year(
    database: Database, recorder: Recorder
) -> None:
    sent = [datetime(2019, 12, 31, 17, 0, tzinfo=UTC), datetime(2011, 6, 1, tzinfo=UTC)]
    await recorder.write(
        [
            mail(
                f"{n}",
                [document(f"{n}")],
                live=False,
                facts={"date": MONDAY, "hops": (Hop(at=at),)},
            )
            for n, at in enumerate(sent)
        ]
    )
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT m.day, m.tableoid::regclass::text FROM message m ORDER BY 1 DESC"
        )
    assert [tuple(row) for row in rows] == [
        (date(2020, 1, 1), "message_202001"),
        (date(2011, 6, 1), "message_past"),
    ]


async def test_live_mail_is_recorded_on_the_day_of_its_receipt_whatever_it_claims(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("one", facts={"date": MONDAY - timedelta(days=900)})])
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT day FROM message") == date(2026, 3, 2)


async def test_a_missing_partition_is_made_for_the_row_that_needs_it(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("one")])
    async with database.connection() as connection:
        for table in await connection.fetch("SELECT partitioned_tables()"):
            await connection.execute(f"DROP TABLE {table[0]}_202603")
        await connection.execute("DELETE FROM record_month WHERE month = '2026-03-01'")
    (decision,) = await recorder.write([mail("two")])
    assert decision.first_message


async def test_a_dispatch_recorded_late_moves_the_document_to_its_first_day(
    database: Database, recorder: Recorder
) -> None:
    """A replay of February comes after the live mail of March."""
    earlier = datetime(2026, 2, 10, 3, 0, tzinfo=UTC)
    await recorder.write([mail("march", [document("a", valid())])])
    (late,) = await recorder.write([mail("february", [document("a", valid())], at=earlier)])
    (later,) = await recorder.write(
        [mail("april", [document("a", valid())], at=datetime(2026, 4, 1, tzinfo=UTC))]
    )
    assert (late.new_documents, late.new_sendings) == ((), (0,))
    assert (later.new_documents, later.new_sendings) == ((), (0,))
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT d.day, d.first_at, d.tableoid::regclass::text, s.day, k.day FROM document d"
            " JOIN document_key k USING (document_uid)"
            " JOIN signature s ON s.owner_uid = d.document_uid"
        )
        sendings = await connection.fetchval("SELECT count(*) FROM sending")
    day = date(2026, 2, 10)
    assert [tuple(row) for row in rows] == [(day, earlier, "document_202602", day, day)]
    assert sendings == 3


async def test_a_folder_document_counts_when_its_system_sent_it(
    database: Database, recorder: Recorder
) -> None:
    sent = MONDAY - timedelta(days=3)
    await recorder.write(
        [
            filed(document("a"), sent_at=sent, number="12", notation="UBND-VX",
                  paper=PaperFlag.PARALLEL),
            filed(document("b"), sent_at=MONDAY + timedelta(days=30)),  # not believed
        ]
    )  # fmt: skip
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT first_at, number, paper FROM document ORDER BY 1")
    assert [tuple(row) for row in rows] == [(sent, "12", "parallel"), (MONDAY, None, None)]


async def test_a_mail_that_killed_its_child_is_a_row_all_the_same(
    database: Database, recorder: Recorder
) -> None:
    outcome = mail("one", sender_agency=None)
    crashed = verdict(Overall.UNREADABLE).model_copy(
        update={"findings": (Finding.VERIFIER_CRASHED,)}
    )
    outcome = outcome.model_copy(update={"examined": Examined(verdict=crashed)})
    (decision,) = await recorder.write([outcome])
    assert decision.first_message
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT overall, findings, direction FROM message")
    assert row is not None
    assert tuple(row) == ("unreadable", ["verifier_crashed"], "in")


async def test_nothing_personal_can_be_read_from_the_database_alone(
    database: Database, recorder: Recorder, postgres_server: Server
) -> None:
    outcome = mail("mật", [document("a", valid())], facts={"hops": (Hop(from_address="10.9.8.7"),)})
    await recorder.write([outcome, mail("lạ", sender_agency=None, direction=Direction.IN)])
    async with database.connection() as connection:
        tables = [row[0] for row in await connection.fetch("SELECT partitioned_tables()")]
        everything = ""
        for table in (*tables, "message_key", "document_key", "agency", "sealing_key", "meta"):
            for row in await connection.fetch(f"SELECT t::text FROM {table} t"):
                everything += row[0]
        sealed = await connection.fetchrow("SELECT sealed_sender, sealed_subject FROM document")
    for secret in ("van.thu@", "Công văn mật", "Nguyễn Văn Mẫu", "mau@", "012345678", "10.9.8.7"):
        assert secret not in everything
        assert secret.encode().hex() not in everything
    assert sealed is not None
    sealer = Sealer.load(postgres_server.state_dir)
    assert sealer.open(sealed["sealed_sender"], "sender") == "van.thu@so.tinh.example"
    assert sealer.open(sealed["sealed_subject"], "subject") == "Công văn mật"


def test_what_one_key_sealed_another_cannot_open() -> None:
    sealed = Sealer(secrets.token_bytes(32)).seal("bí mật", "sender")
    with pytest.raises(UserError, match=r"restore the sealing\.key"):
        Sealer(secrets.token_bytes(32)).open(sealed, "sender")


def test_a_sealed_value_opens_for_its_purpose_only_and_never_looks_the_same_twice() -> None:
    sealer = Sealer(secrets.token_bytes(32))
    one, two = sealer.seal("bí mật", "sender"), sealer.seal("bí mật", "sender")
    assert one != two
    with pytest.raises(UserError):
        sealer.open(one, "subject")


def test_the_sealing_key_is_made_once_and_private(postgres_server: Server) -> None:
    first, second = (Sealer.load(postgres_server.state_dir) for _ in range(2))
    assert first.fingerprint == second.fingerprint
    path = postgres_server.state_dir / "sealing.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert first.pseudonym("A@x.example") == second.pseudonym("a@X.example")


DAYS_OF_A_MESSAGE = (
    "SELECT day FROM message UNION ALL SELECT day FROM message_key UNION ALL"
    " SELECT day FROM message_agency UNION ALL SELECT day FROM sending UNION ALL"
    " SELECT day FROM signature WHERE owner = 'message'"
)
FRIDAY = MONDAY + timedelta(days=4)


@pytest.mark.parametrize("batches", ["late first", "early first", "one late first", "one early"])
async def test_a_message_is_of_the_day_it_was_sent_in_whatever_order_its_copies_come(
    database: Database, recorder: Recorder, batches: str
) -> None:
    late = mail("one", [document("a", valid())], at=FRIDAY, message=valid())
    early = mail("one", [document("a", valid())], at=MONDAY, live=False, message=valid())
    ordered = [late, early] if "late" in batches else [early, late]
    for batch in [ordered] if batches.startswith("one") else [[each] for each in ordered]:
        await recorder.write(batch)
    async with database.connection() as connection:
        days = [row["day"] for row in await connection.fetch(DAYS_OF_A_MESSAGE)]
        occurred = await connection.fetchval("SELECT occurred_at FROM message")
        changed = {row["day"] for row in await connection.fetch("SELECT day FROM changed_day")}
    assert days == [MONDAY.date()] * 5
    assert occurred == MONDAY
    assert changed >= ({MONDAY.date(), FRIDAY.date()} if batches == "late first" else set())
