"""A new key, erasure and retention while origins wait for an answer and free mail is counted."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.measure import Measure
from monitor.model import FreemailUse, FreemailWay, Origin, Outcome
from monitor.observe import Observer
from monitor.origin import LateOrigins, Origins
from monitor.posture.names import Why
from monitor.privacy import erasure, retention, rotation
from monitor.privacy.retention import Limit
from monitor.record import Database
from monitor.record.freemail import WantedFreemail, list_freemail
from monitor.record.revealing import Opened
from tests.origin.making import DOMAIN, KEY, Answering, find, from_outside
from tests.posture.zones import Zone
from tests.privacy import rotating
from tests.privacy.test_rotation import settled, start
from tests.privacy.world import NOW, TODAY, World, letter, made
from tests.support.database import Server

PUBLISHED = Zone(KEY.record(DOMAIN, "mail"))
SILENT = Zone({}, {f"mail._domainkey.{DOMAIN}": Why.TIMEOUT})
LEFT = date(2025, 11, 30)
CLAIMING = f"van.thu@{DOMAIN}"
EVIDENCE = Limit("evidence", "privacy.evidence_months", 1, date(2026, 4, 1))
FREEMAIL = "SELECT count(*) FROM freemail_use"


async def waiting(name: str) -> Outcome:
    """Mail from outside in an agency's name, while no name is answered for."""
    asker = Origins(find, Answering(SILENT), 5, Observer(), lambda: NOW)
    given = from_outside(name, at=NOW)
    uses = (FreemailUse(agency="so-hai", way=FreemailWay.FORWARDED),)
    with_use = given.attribution.model_copy(update={"freemail": uses})
    _, ask = asker.begin(given.model_copy(update={"attribution": with_use}))
    assert ask
    return await ask()


def sent(name: str, sender: str) -> Outcome:
    """Mail of an official to a free-mail address."""
    outcome = letter(name, sender, name)
    said = {
        "freemail": (FreemailUse(agency="so-mot", way=FreemailWay.TO),),
        "origin": Origin.INTERNAL,
    }
    return outcome.model_copy(update={"attribution": outcome.attribution.model_copy(update=said)})


async def asked_later(world: World) -> list[tuple[Origin, str | None]]:
    """What is found once names are answered for, as it is counted."""
    found: list[tuple[Origin, str | None]] = []
    later = NOW + timedelta(hours=1)
    task = LateOrigins(
        Answering(PUBLISHED), lambda *each: found.append(each), Observer(), lambda: later
    )
    await task.look(world.database)
    return found


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    world = await made(database, tmp_path)
    await world.person("CB1", "an@so.example", last_day=LEFT, name="Trần Văn An")
    await world.account("an@so.example", closed_on=LEFT)
    await world.record(sent("của An", "an@so.example"), await waiting("một"), await waiting("hai"))
    await Measure(database, clock=lambda: NOW).refresh()
    return world


async def revealed(world: World) -> set[Opened | None]:
    found = await list_freemail(
        world.database, WantedFreemail(), (world.sealer, "test", "đối chất")
    )
    return {opened for _, opened in found}


OPENED = {
    Opened("an@so.example", "Công văn của An"),
    Opened(CLAIMING, "Công văn một"),
    Opened(CLAIMING, "Công văn hai"),
}


@pytest.mark.parametrize("where", ["before the commit", "after the commit", "sealing again", ""])
async def test_origins_that_wait_are_found_under_a_new_key_and_free_mail_is_readable(
    world: World, database: Database, postgres_server: Server, where: str
) -> None:
    name = await world.value("SELECT current_database()")
    dsn = postgres_server.dsn(str(name))
    due = await world.rows("SELECT * FROM origin_due ORDER BY 1")
    assert len(due) == 2
    if where:  # killed there, and given again
        killed = start(dsn, world, where)
        assert await asyncio.to_thread(killed.wait) == -9
        await settled(dsn, world)
        assert await revealed(world) == OPENED
    await rotating.rotate(dsn, world.state_dir)
    assert await world.rows("SELECT * FROM origin_due ORDER BY 1") == due
    await world.record(await waiting("một"))  # another copy, named by the new key
    assert await world.rows("SELECT copies FROM message ORDER BY 1") == [(1,), (1,), (2,)]
    assert await asked_later(world) == [(Origin.ALIGNED, "so-mot")] * 2
    assert await world.rows("SELECT * FROM origin_due") == []
    assert await revealed(world) == OPENED
    async with database.connection() as connection:
        await rotation.forget_older(connection, world.state_dir, world.sealer, "test", "một năm")
    assert await revealed(world) == OPENED


async def test_whoever_is_erased_stays_counted_and_what_only_claimed_to_be_theirs_stays_evidence(
    world: World,
) -> None:
    await world.person("CB2", CLAIMING, last_day=LEFT)
    before = await world.rows("SELECT * FROM day_fact ORDER BY 1, 2, 3, 4, 5, base")
    uses = await world.value(FREEMAIL)
    async with world.database.connection() as connection:
        people = await erasure.due(connection, TODAY, 90)
        await erasure.apply(connection, world.sealer, people, TODAY, "test", "hết hạn")
    assert await revealed(world) == {
        Opened(None, "Công văn của An"),
        Opened(CLAIMING, "Công văn một"),
        Opened(CLAIMING, "Công văn hai"),
    }
    assert len(await asked_later(world)) == 2
    assert await world.value(FREEMAIL) == uses
    await Measure(world.database, clock=lambda: NOW).refresh()
    assert await world.rows("SELECT * FROM day_fact ORDER BY 1, 2, 3, 4, 5, base") == before


async def test_free_mail_goes_with_its_messages_and_what_waited_for_an_answer_waits_no_more(
    world: World,
) -> None:
    figures = "SELECT * FROM day_fact ORDER BY 1, 2, 3, 4, 5, base"
    origins = "SELECT * FROM mail_origin_day ORDER BY 1, 2, 3"
    before = await world.rows(figures), await world.rows(origins)
    assert all(before)
    async with world.database.connection() as connection:
        shares = await retention.apply(connection, EVIDENCE, "test", lambda _: None)
    assert {each.table: each.rows for each in shares}["message_freemail"] == 3
    assert await world.rows("SELECT * FROM message_freemail") == []
    assert await asked_later(world) == []
    assert await world.rows("SELECT * FROM origin_due") == []
    await Measure(world.database, clock=lambda: NOW).refresh()
    assert (await world.rows(figures), await world.rows(origins)) == before
