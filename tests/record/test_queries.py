"""Reading back: lists, explanations, audited revealing, unknown senders."""

import shutil
from datetime import UTC, date, datetime

import asyncpg
import pytest

from monitor.errors import UserError
from monitor.model import Channel, Overall
from monitor.observe import Observer
from monitor.record import AgencyRow, Database, Recorder, Sealer, attached, queries
from monitor.record.queries import Wanted
from monitor.settings import DatabaseSettings, Settings
from tests.support.database import Server, open_folder
from tests.support.outcomes import digest, document, filed, mail, valid


@pytest.fixture
async def filled(database: Database, recorder: Recorder) -> Database:
    await recorder.write(
        [
            mail("1", [document("a", valid())], at=datetime(2026, 3, 2, 2, tzinfo=UTC)),
            mail("2", [document("b")], at=datetime(2026, 3, 2, 17, 0, tzinfo=UTC)),  # the 3rd
            mail("3", [document("a", valid())], at=datetime(2026, 3, 5, 2, tzinfo=UTC)),
            mail("4", [document("c")], sender_agency="so-hai", to=["so-mot"]),
            filed(document("d"), number="15", notation="QĐ-UBND",
                  at=datetime(2026, 3, 9, 2, tzinfo=UTC)),
            mail("5", [document("e")], sender_agency=None),
        ]
    )  # fmt: skip
    return database


async def hashes(database: Database, wanted: Wanted) -> list[str]:
    names = {digest(name): name for name in "abcde"}
    found = await queries.list_documents(database, wanted)
    return [names[each.content_hash] for each in found]


async def test_documents_are_listed_by_agency_period_verdict_and_channel(filled: Database) -> None:
    assert await hashes(filled, Wanted(agency="so-mot")) == ["d", "b", "a"]
    assert await hashes(filled, Wanted(agency="so-mot", verdict=Overall.VALID)) == ["a"]
    assert await hashes(filled, Wanted(channel=Channel.DOCSYS)) == ["d"]
    day = date(2026, 3, 3)
    assert await hashes(filled, Wanted(first_day=day, last_day=day)) == ["b"]
    assert len(await hashes(filled, Wanted(limit=2))) == 2


@pytest.mark.parametrize(
    "name", [digest("d"), digest("d")[:8], digest("d").upper(), "15", "15/QĐ-UBND"]
)
async def test_a_document_is_found_by_its_hash_or_number(filled: Database, name: str) -> None:
    (found,) = await queries.explain(filled, name)
    assert found.document.content_hash == digest("d")
    (again,) = await queries.explain(filled, str(found.document.document_uid))
    assert again == found


async def test_an_explanation_has_every_sending_and_signature(filled: Database) -> None:
    (found,) = await queries.explain(filled, digest("a"))
    assert (found.document.agency, found.document.overall) == ("so-mot", "valid")
    assert found.document.signed_by_issuer
    assert [sending.at.day for sending in found.sendings] == [2, 5]
    assert found.sendings[0].recipient_agencies == ("so-hai",)
    assert found.sendings[0].sources == ("gateway",)
    (signature,) = found.signatures
    assert (signature.indication, signature.signer_agency) == ("TOTAL-PASSED", "so-mot")
    assert found.standing
    assert (found.standing.state, found.changes) == ("settled", ())
    assert found.standing.evidence_bytes > 100


async def test_a_document_that_is_not_there_is_said_so(filled: Database) -> None:
    with pytest.raises(UserError, match="no recorded document"):
        await queries.explain(filled, "abcdef0123")


async def test_revealing_needs_a_reason_and_leaves_an_audit_row(
    filled: Database, postgres_server: Server
) -> None:
    (found,) = await queries.explain(filled, digest("a"))
    uid, sealer = found.document.document_uid, Sealer.load(postgres_server.state_dir)
    with pytest.raises(UserError, match="reason"):
        await queries.reveal(filled, sealer, uid, "operator", " ")
    shown = await queries.reveal(filled, sealer, uid, "operator", "khiếu nại 7")
    assert (shown.sender, shown.subject) == ("van.thu@so.tinh.example", "Công văn 1")
    assert "Nguyễn Văn Mẫu" in (shown.signers[0] or "")
    async with filled.connection() as connection:
        rows = await connection.fetch("SELECT actor, action, subject, reason FROM audit")
    assert [tuple(row) for row in rows] == [("operator", "reveal", str(uid), "khiếu nại 7")]


@pytest.mark.parametrize("statement", ["DELETE FROM audit", "UPDATE audit SET reason = ''"])
async def test_audit_rows_are_never_changed(filled: Database, statement: str) -> None:
    async with filled.pool.acquire() as connection:
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await connection.execute(statement)


async def test_unknown_senders_are_listed_by_domain(filled: Database) -> None:
    (found,) = await queries.unknown_senders(filled)
    assert (found.kind, found.name, found.items) == ("mail", "so.tinh.example", 1)


async def test_an_agency_that_left_the_registry_stays_unlisted(filled: Database) -> None:
    await filled.sync_agencies([AgencyRow("so-mot", "A", "x"), AgencyRow("so-hai", "B", "x")])
    await filled.sync_agencies([AgencyRow("so-mot", "A mới", "x")])
    async with filled.connection() as connection:
        rows = await connection.fetch(
            "SELECT code, name, listed FROM agency WHERE agency_id <> 0 ORDER BY code"
        )
    assert [tuple(row) for row in rows] == [("so-hai", "B", False), ("so-mot", "A mới", True)]


async def test_a_command_reaches_the_configured_database(
    filled: Database, postgres_server: Server
) -> None:
    async with filled.connection() as connection:
        name = await connection.fetchval("SELECT current_database()")
    dsn = DatabaseSettings(dsn=postgres_server.dsn(name))
    async with attached(Settings(database=dsn), Observer()) as reader:
        assert len(await queries.list_documents(reader, Wanted())) == 5


async def test_a_command_before_the_first_start_is_told_what_makes_a_database() -> None:
    folder = open_folder("congvu-none-")
    with pytest.raises(UserError, match="`congvu run` or `congvu demo` makes it"):
        async with attached(Settings(state_dir=folder), Observer()):
            pass
    shutil.rmtree(folder)
