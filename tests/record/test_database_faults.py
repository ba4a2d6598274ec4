"""What happens to writers when the database is away, full of others, or refuses a row."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest

from monitor.errors import DatabaseUnavailable, UserError
from monitor.model import Outcome
from monitor.observe import Observer
from monitor.record import Database, Decision, EmbeddedPostgres, Mode, PoisonedItem, Recorder
from monitor.record.faults import Fault, classify
from monitor.settings import DatabaseSettings
from tests.support.database import Server, open_database, open_folder
from tests.support.outcomes import document, mail, valid


@pytest.fixture
async def own_server() -> AsyncIterator[EmbeddedPostgres]:
    """A server of the test's own, to be ill-treated."""
    folder = open_folder("congvu-faults-")
    async with EmbeddedPostgres(folder, Observer()) as server:
        yield server
    shutil.rmtree(folder)


async def test_a_server_that_cannot_be_reached_is_unavailable() -> None:
    with pytest.raises(DatabaseUnavailable):
        await open_database("postgresql://congvu:x@127.0.0.1:1/congvu")


async def test_a_wrong_database_name_is_the_operators_to_change(postgres_server: Server) -> None:
    with pytest.raises(UserError, match="no such database"):
        await open_database(postgres_server.dsn("nowhere"))


async def test_writing_to_a_stopped_server_is_unavailable_and_works_again_after_its_start(
    own_server: EmbeddedPostgres,
) -> None:
    database = await open_database(own_server.dsn)
    recorder = Recorder(database, own_server.place.home.parent)
    await recorder.write([mail("one")])
    await own_server.stop()
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable):
            await recorder.write([mail("two")])
    await own_server.start()
    (decision,) = await recorder.write([mail("two")])
    assert decision.first_message
    await database.close()


async def write_all(recorder: Recorder, outcomes: Sequence[Outcome]) -> int:
    """Write in small batches, again and again while the server is away; gives first messages."""
    first = 0
    for start in range(0, len(outcomes), 20):
        decisions: Sequence[Decision] = ()
        while not decisions:
            try:
                decisions = await recorder.write(outcomes[start : start + 20])
            except DatabaseUnavailable:
                await asyncio.sleep(0.05)
        first += sum(decision.first_message for decision in decisions)
    return first


async def kill_often(server: EmbeddedPostgres, times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0.15)
        pid = server.pid
        if pid:
            os.kill(pid, signal.SIGKILL)
        while server.pid in {None, pid}:
            await asyncio.sleep(0.05)


async def test_a_server_killed_while_writing_loses_and_doubles_nothing(
    own_server: EmbeddedPostgres,
) -> None:
    database = await open_database(own_server.dsn)
    state = own_server.place.home.parent
    outcomes = [mail(f"m{n}", [document(f"d{n}", valid())]) for n in range(600)]
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(own_server.run())
        async with asyncio.TaskGroup() as writers:
            writers.create_task(kill_often(own_server, 3))
            shares = [
                writers.create_task(write_all(Recorder(database, state), outcomes[n::2]))
                for n in range(2)
            ]
        async with database.connection() as connection:
            for table in ("item", "message", "message_key", "document", "sending", "signature"):
                assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 600, table
        watching.cancel()
    # A commit whose answer was lost is found done by the next try: never counted twice.
    assert sum(share.result() for share in shares) <= 600
    await database.close()


async def test_sessions_that_an_operator_ends_are_unavailable_not_lost(
    database: Database, recorder: Recorder, postgres_server: Server
) -> None:
    await recorder.write([mail("one")])
    admin = await asyncpg.connect(postgres_server.admin_dsn)
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'congvu'"
    )
    await admin.close()
    outcome = mail("two")
    for _ in range(20):
        try:
            (decision,) = await recorder.write([outcome])
            break
        except DatabaseUnavailable:
            await asyncio.sleep(0.05)
    else:
        pytest.fail("the pool did not recover")
    assert decision.first_message


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (asyncpg.AdminShutdownError("x"), Fault.UNAVAILABLE),
        (asyncpg.CannotConnectNowError("x"), Fault.UNAVAILABLE),
        (asyncpg.TooManyConnectionsError("x"), Fault.UNAVAILABLE),
        (asyncpg.DiskFullError("x"), Fault.UNAVAILABLE),
        (asyncpg.ReadOnlySQLTransactionError("x"), Fault.UNAVAILABLE),
        (asyncpg.InvalidPasswordError("x"), Fault.UNAVAILABLE),
        (asyncpg.InterfaceError("connection is closed"), Fault.UNAVAILABLE),
        (ConnectionResetError("x"), Fault.UNAVAILABLE),
        (TimeoutError("x"), Fault.UNAVAILABLE),
        (asyncpg.UndefinedTableError("x"), Fault.UNAVAILABLE),
        (RuntimeError("x"), Fault.UNAVAILABLE),
        (asyncpg.DeadlockDetectedError("x"), Fault.CONFLICT),
        (asyncpg.SerializationError("x"), Fault.CONFLICT),
        (asyncpg.CheckViolationError('no partition of relation "item" found'), Fault.CONFLICT),
        (asyncpg.CheckViolationError("x"), Fault.DATA),
        (asyncpg.CharacterNotInRepertoireError("x"), Fault.DATA),
        (asyncpg.NotNullViolationError("x"), Fault.DATA),
        (asyncpg.DataError("x"), Fault.DATA),
        (OverflowError("x"), Fault.DATA),
    ],
)
def test_what_nobody_classified_is_temporary(error: Exception, fault: Fault) -> None:
    assert classify(error) is fault


async def test_too_many_connections_are_waited_out(own_server: EmbeddedPostgres) -> None:
    held = [await asyncpg.connect(own_server.dsn) for _ in range(77)]
    with pytest.raises(DatabaseUnavailable, match="TooManyConnections"):
        await Database.open(own_server.dsn, Mode.REAL, DatabaseSettings(), Observer())
    for connection in held:
        await connection.close()
    await (await open_database(own_server.dsn)).close()


@pytest.fixture
async def picky(database: Database) -> Database:
    """A database that refuses sizes of 666: a row that nobody foresaw."""
    async with database.connection() as connection:
        await connection.execute("ALTER TABLE item ADD CHECK (size <> 666)")
    return database


def poisoned(name: str) -> Outcome:
    outcome = mail(name, [document(name)])
    return outcome.model_copy(update={"header": outcome.header.model_copy(update={"size": 666})})


async def test_a_row_that_is_refused_is_named_and_the_others_are_recorded(
    picky: Database, recorder: Recorder
) -> None:
    batch = [mail(f"m{n}", [document(f"d{n}", valid())]) for n in range(7)]
    bad = poisoned("bad")
    with pytest.raises(PoisonedItem) as raised:
        await recorder.write([*batch[:4], bad, *batch[4:]])
    assert raised.value.item_id == bad.header.item_id
    async with picky.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM message") == 7


async def test_the_next_try_without_the_refused_row_gives_the_decisions_kept_back(
    picky: Database, recorder: Recorder
) -> None:
    batch = [mail(f"m{n}", [document(f"d{n}", valid())]) for n in range(5)]
    bad = {each.header.item_id: each for each in (poisoned("x"), poisoned("y"))}
    left = [*batch[:2], *bad.values(), *batch[2:]]
    for _ in range(2):
        with pytest.raises(PoisonedItem) as raised:
            await recorder.write(left)
        left.remove(bad.pop(raised.value.item_id))
    decisions = await recorder.write(left)
    assert [(d.first_message, d.new_documents) for d in decisions] == [(True, (0,))] * 5
    assert not any(decision.new_item for decision in await recorder.write(left))
