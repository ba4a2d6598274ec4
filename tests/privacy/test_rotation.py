"""A new key: everything is readable under it, whatever moment the change is killed at."""

import asyncio
import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.privacy import rotation, showing
from monitor.record import Database, Sealer, keyring
from monitor.record.addresses import SEAL
from monitor.record.key_use import KeysBusy, keys_alone, keys_in_use
from monitor.record.keyring import KEY_FILE, NEXT_FILE
from monitor.record.people_key import NAME_SEAL, person_pseudonym
from monitor.record.people_key import SEAL as PERSON_SEAL
from monitor.record.pseudonyms import short
from tests.privacy import rotating
from tests.privacy.world import TODAY, World, letter, made
from tests.support.database import Server


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    world = await made(database, tmp_path)
    for number in range(8):
        await world.person(f"CB{number}", f"can.bo.{number}@so.example", name=f"Cán bộ {number}")
        await world.record(
            letter(f"thư {number}", f"can.bo.{number}@so.example", f"văn bản {number}")
        )
        await world.register_entry(number)
    return world


@pytest.fixture
async def dsn(database: Database, postgres_server: Server) -> str:
    async with database.connection() as connection:
        return postgres_server.dsn(await connection.fetchval("SELECT current_database()"))


async def rotated(world: World, dsn: str) -> Sealer:
    await rotating.rotate(dsn, world.state_dir)
    return world.sealer


async def everything_is_readable(world: World) -> None:
    """Each sealed value opens, and each pseudonym is the one that the newest key computes."""
    sealer = world.sealer
    for pseudonym, sealed in await world.rows("SELECT pseudonym, sealed_address FROM address"):
        assert isinstance(sealed, bytes)
        assert sealer.pseudonym(sealer.open(sealed, SEAL) or "") == pseudonym
    people = await world.rows("SELECT pseudonym, sealed_key, sealed_name FROM person")
    assert len(people) == 8
    for pseudonym, key, name in people:
        assert isinstance(key, bytes)
        assert isinstance(name, bytes)
        source, number = (sealer.open(key, PERSON_SEAL) or "").split("\n")
        assert person_pseudonym(sealer, source, number, None)[0] == pseudonym
        assert (sealer.open(name, NAME_SEAL) or "").startswith("Cán bộ ")
    for column in rotation.BULK:
        values = await world.rows(f"SELECT {column.column} FROM {column.table}")
        assert len(values) == 8
        assert all(sealer.open(sealed, column.purpose) for (sealed,) in values)  # type: ignore[arg-type]  # a bytea


async def older(world: World) -> int:
    async with world.database.connection() as connection:
        return sum(each.older for each in await rotation.counts(connection, world.sealer))


async def test_everything_is_named_and_sealed_by_the_new_key(world: World, dsn: str) -> None:
    before = world.sealer
    ids = await world.rows("SELECT address_id FROM address ORDER BY 1")
    sealer = await rotated(world, dsn)
    assert sealer.fingerprint != before.fingerprint
    await everything_is_readable(world)
    assert await older(world) == 0
    assert (world.state_dir / KEY_FILE).stat().st_mode & 0o777 == 0o600
    # The same address is the same row, and nobody is there twice.
    await world.address("can.bo.3@so.example")
    assert await world.rows("SELECT address_id FROM address ORDER BY 1") == ids
    assert await world.rows("SELECT action, reason FROM audit") == [("rotate-key", "a new key")]


async def test_a_copy_after_the_rotation_is_still_a_copy(world: World, dsn: str) -> None:
    await rotated(world, dsn)
    await world.record(letter("thư 3", "can.bo.3@so.example", "văn bản 3"))
    assert await world.value("SELECT count(*) FROM message") == 8
    assert await world.value("SELECT max(copies) FROM message") == 2
    await everything_is_readable(world)


async def test_a_pseudonym_of_before_is_shown_as_long_as_its_key_is_kept(
    world: World, dsn: str
) -> None:
    address = world.sealer.pseudonym("can.bo.5@so.example")
    person, _ = person_pseudonym(world.sealer, "so-noi-vu", "CB6", None)
    sealer = await rotated(world, dsn)
    async with world.database.connection() as connection:
        (shown,) = await showing.reveal(connection, sealer, address, "test", "báo cáo cũ")
        assert shown.addresses == ("can.bo.5@so.example",)
        assert shown.pseudonym == short(sealer.pseudonym("can.bo.5@so.example"))
        (shown,) = await showing.reveal(connection, sealer, person, "test", "báo cáo cũ")
        assert (shown.kind, shown.name) == ("person", "Cán bộ 6")
        await rotation.forget_older(connection, world.state_dir, sealer, "test", "một năm")
        with pytest.raises(UserError, match="or had it under a key that is kept"):
            await showing.reveal(connection, world.sealer, address, "test", "báo cáo cũ")


async def test_a_key_can_be_rotated_again(world: World, dsn: str) -> None:
    await rotated(world, dsn)
    await rotated(world, dsn)
    await everything_is_readable(world)
    assert len(keyring.read(world.state_dir / KEY_FILE)) == 3
    assert await older(world) == 0


async def test_it_is_refused_while_anybody_uses_the_keys_and_the_other_way_round(
    world: World, dsn: str
) -> None:
    async with keys_in_use(dsn, world.state_dir):
        async with keys_in_use(dsn, world.state_dir):  # readers do not exclude each other
            pass
        with pytest.raises(KeysBusy, match="the daemon or another command uses the sealing key"):
            async with keys_alone(dsn, world.state_dir):
                pass
    async with keys_alone(dsn, world.state_dir):
        with pytest.raises(KeysBusy, match="the sealing key is being changed"):
            async with keys_in_use(dsn, world.state_dir):
                pass


async def test_the_key_file_of_before_is_refused(world: World, dsn: str) -> None:
    path = world.state_dir / KEY_FILE
    before = keyring.read(path)
    await rotated(world, dsn)
    keyring.replace(path, before)
    with pytest.raises(UserError, match="is not the key of this database: restore the one"):
        async with keys_in_use(dsn, world.state_dir):
            pass


async def test_nothing_changes_when_something_was_sealed_with_a_key_that_is_lost(
    world: World, dsn: str
) -> None:
    before = await world.rows("SELECT * FROM address ORDER BY 1")
    lost = Sealer.of([keyring.new_key()]).seal("mất@so.example", SEAL)
    async with world.database.connection() as connection:
        await connection.execute(
            "INSERT INTO address (pseudonym, sealed_address) VALUES (1, $1)", lost
        )
    with pytest.raises(UserError, match="sealed with another key"):
        await rotated(world, dsn)
    async with keys_in_use(dsn, world.state_dir):
        pass
    assert not (world.state_dir / NEXT_FILE).exists()
    assert (await world.rows("SELECT * FROM address ORDER BY 1"))[:-1] == before


def start(dsn: str, world: World, where: str = "") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.privacy.rotating", dsn, str(world.state_dir), where],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


async def settled(dsn: str, world: World) -> None:
    """As the next start of anything does; the killed session may take a moment to end."""
    for _ in range(200):
        try:
            async with keys_in_use(dsn, world.state_dir):
                return
        except KeysBusy:
            await asyncio.sleep(0.05)
    raise AssertionError("the killed process still holds the keys")


@pytest.mark.parametrize(
    ("where", "new"),
    [
        ("key file written", False),
        ("before the commit", False),
        ("after the commit", True),
        ("sealing again", True),
    ],
)
async def test_a_kill_leaves_a_database_that_is_readable_and_can_go_on(
    world: World, dsn: str, where: str, new: bool
) -> None:
    before = world.sealer.fingerprint
    process = start(dsn, world, where)
    assert await asyncio.to_thread(process.wait) == -9
    await settled(dsn, world)
    assert (world.sealer.fingerprint != before) is new
    assert not (world.state_dir / NEXT_FILE).exists()
    await everything_is_readable(world)
    await rotated(world, dsn)
    assert await older(world) == 0
    # What had been begun is finished, not begun anew.
    assert len(keyring.read(world.state_dir / KEY_FILE)) == 2
    await everything_is_readable(world)


async def test_kills_at_random_moments_lose_nothing(world: World, dsn: str) -> None:
    chance = random.Random(4)
    for _ in range(8):
        process = start(dsn, world)
        await asyncio.sleep(chance.uniform(0, 0.12))
        process.kill()
        await asyncio.to_thread(process.wait)
        await settled(dsn, world)
        await everything_is_readable(world)
    await rotated(world, dsn)
    await everything_is_readable(world)


async def test_older_keys_go_when_nothing_needs_them(world: World, dsn: str) -> None:
    await rotated(world, dsn)
    async with world.database.connection() as connection:
        await connection.execute("INSERT INTO gateway_message VALUES (1, $1, 0)", TODAY)
        with pytest.raises(UserError, match=r"still needed \(gateway_message: 1\)"):
            await rotation.forget_older(connection, world.state_dir, world.sealer, "test", "leak")
        await connection.execute("DELETE FROM gateway_message")
        gone = await rotation.forget_older(
            connection, world.state_dir, world.sealer, "test", "leak"
        )
    assert gone == 1
    assert len(keyring.read(world.state_dir / KEY_FILE)) == 1
    await everything_is_readable(world)
    async with keys_in_use(dsn, world.state_dir):
        pass


async def test_older_keys_stay_while_something_is_sealed_by_them(world: World, dsn: str) -> None:
    async with keys_alone(dsn, world.state_dir) as session:
        sealer = await rotation.change_key(
            session, world.state_dir, date(2026, 3, 18), "test", "a new key", rotating.ignored
        )
        with pytest.raises(UserError, match=r"message.sealed_sender: 8.*signature.sealed_signer"):
            await rotation.forget_older(session, world.state_dir, sealer, "test", "leak")
