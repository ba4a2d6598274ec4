"""People who left become numbers without names; what figures count stays."""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.measure import Measure
from monitor.measure.accounts import AccountMeasure
from monitor.model import ActivityKind
from monitor.privacy import erasure, showing
from monitor.privacy.erasure import Erasure
from monitor.privacy.upkeep import keep_up
from monitor.record import Database, roster
from monitor.record.addresses import KEPT_SECONDS, AddressIds
from monitor.record.people_key import person_pseudonym
from monitor.record.pseudonyms import short
from monitor.settings import AccountSettings, Settings
from tests.privacy.world import NOW, TODAY, World, letter, made

LEFT = date(2025, 11, 30)
COUNTED = {
    "employment": "SELECT agency_id, role, first_day, last_day, count(*) FROM employment "
    "GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    "accounts": "SELECT agency_id, kind, state, first_day, last_day FROM account_period "
    "ORDER BY 1, 2, 3, 4, 5",
    "activity": "SELECT month, sent, count(*) FROM activity_month GROUP BY 1, 2 ORDER BY 1, 2",
    "provisioned": "SELECT count(DISTINCT pa.person_id) FROM person_address pa "
    "JOIN account_address USING (address_id) JOIN account_period p USING (account_id) "
    "WHERE p.state = 'enabled'",
    "facts": "SELECT * FROM day_fact ORDER BY 1, 2, 3, 4, 5, base",
    "messages": "SELECT count(*), count(sender_address_id) FROM message",
}


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    """CB1 left and everything is closed; CB2 left with an open account; CB3 works; they shared."""
    world = await made(database, tmp_path)
    common, box = "mot.cua@so.example", "so@so.example"
    await world.person("CB1", "an@so.example", common, box, last_day=LEFT, name="Trần Văn An")
    await world.person("CB2", "binh@so.example", last_day=LEFT)
    await world.person("CB3", "chi@so.example", common)
    await world.account("an@so.example", "an.tran@so.example", closed_on=LEFT)
    await world.account("binh@so.example")
    await world.account("chi@so.example")
    await world.account(common, closed_on=LEFT)
    await world.account(box, kind="mailbox", closed_on=LEFT)
    await world.record(
        letter("của An", "an@so.example", "riêng", "chung"),
        letter("của Chi", "chi@so.example", "chung", "của Chi"),
    )
    await Measure(database, clock=lambda: NOW).refresh()
    return world


async def counted(world: World) -> dict[str, list[tuple[object, ...]]]:
    await Measure(world.database, clock=lambda: NOW).refresh()
    return {name: await world.rows(query) for name, query in COUNTED.items()}


async def erased(world: World, people: Sequence[int] | None = None) -> Erasure:
    async with world.database.connection() as connection:
        due = people or await erasure.due(connection, TODAY, 90)
        return await erasure.apply(connection, world.sealer, due, TODAY, "test", "hết hạn")


async def readable(world: World) -> set[str | None]:
    rows = await world.rows("SELECT sealed_address FROM address WHERE sealed_address IS NOT NULL")
    return {world.sealer.open(sealed, "address") for (sealed,) in rows}  # type: ignore[arg-type]  # a bytea


async def test_only_those_who_left_long_enough_ago_are_due(world: World) -> None:
    async with world.database.connection() as connection:
        assert len(await erasure.due(connection, TODAY, 90)) == 2
        assert await erasure.due(connection, TODAY, 120) == []
        assert await erasure.due(connection, LEFT, 0) == []


async def test_a_look_counts_and_changes_nothing(world: World) -> None:
    before = await world.rows("SELECT * FROM address ORDER BY 1")
    async with world.database.connection() as connection:
        due = await erasure.due(connection, TODAY, 90)
        found = await erasure.plan(connection, world.sealer, due, TODAY)
    # Two addresses of An's account; Bình's account is open; one message and two documents.
    assert found == Erasure(people=2, addresses=2, still_open=1, senders=3)
    assert await world.rows("SELECT * FROM address ORDER BY 1") == before
    assert await world.rows("SELECT * FROM audit") == []


async def test_whom_a_running_import_brings_back_stays(world: World) -> None:
    async with world.database.connection() as connection:
        due = await erasure.due(connection, TODAY, 90)
    async with (
        asyncio.TaskGroup() as others,
        world.database.connection() as importing,
        importing.transaction(),
    ):
        await importing.execute("SELECT pg_advisory_xact_lock($1)", roster.LOCK)
        erasing = others.create_task(erased(world, due))
        done, _ = await asyncio.wait([erasing], timeout=0.5)
        assert not done
        await importing.execute(
            "INSERT INTO employment SELECT person_id, '2026-03-01', 'infinity', agency_id, "
            "role FROM employment JOIN person_address USING (person_id) JOIN address a "
            "USING (address_id) WHERE a.pseudonym = $1",
            world.sealer.pseudonym("an@so.example"),
        )
    assert erasing.result().people == 1
    assert "an@so.example" in await readable(world)


async def test_names_and_addresses_go_and_every_count_stays(world: World) -> None:
    before = await counted(world)
    assert await erased(world) == Erasure(people=2, addresses=2, still_open=1, senders=3)
    assert await counted(world) == before
    assert await readable(world) == {
        "binh@so.example", "chi@so.example", "mot.cua@so.example", "so@so.example"
    }  # fmt: skip
    left = await world.rows(
        "SELECT sealed_key, sealed_name FROM person WHERE erased_on = $1", TODAY
    )
    assert left == [(None, None)] * 2
    assert await world.rows("SELECT actor, action, subject, reason FROM audit") == [
        ("test", "erase", "2 people, 2 addresses, sender of 3 messages and documents", "hết hạn")
    ]


async def test_figures_of_accounts_stay_as_they_were(world: World) -> None:
    async def figures() -> list[tuple[object, ...]]:
        settings = AccountSettings(human=(ActivityKind.SENT,))
        await AccountMeasure(world.database, settings, clock=lambda: NOW).refresh()
        return await world.rows(
            "SELECT indicator, code, role, base, window_name, numerator, denominator, state "
            "FROM figure WHERE indicator LIKE 'accounts%' ORDER BY 1, 2, 3, 4, 5"
        )

    before = await figures()
    # Chi alone is employed and has an account, and has sent a mail this month.
    assert ("accounts_active", "so-mot", "", "provisioned", "period", 1, 1, "ok") in before
    await erased(world)
    assert await figures() == before


async def test_nothing_leads_back_to_them(world: World) -> None:
    known = world.sealer.pseudonym("an@so.example")
    person, _ = person_pseudonym(world.sealer, "so-noi-vu", "CB1", None)
    await erased(world)
    assert not await world.value("SELECT count(*) FROM address WHERE pseudonym = $1", known)
    assert not await world.value("SELECT count(*) FROM person WHERE pseudonym = $1", person)
    addresses = await world.value("SELECT max(address_id) FROM address")
    assert isinstance(addresses, int)
    # Whoever comes again begins anew.
    assert await world.address("an@so.example") > addresses
    async with world.database.connection() as connection:
        with pytest.raises(UserError, match="no person of the record has this pseudonym"):
            await erasure.one(connection, person, TODAY)


async def test_a_daemon_that_remembers_an_erased_address_forgets_it_within_an_hour(
    world: World,
) -> None:
    clock = [0.0]
    ids = AddressIds(world.sealer, monotonic=lambda: clock[0])
    async with world.database.connection() as connection:
        before = await ids.learn(connection, ["an@so.example"])
    await erased(world)
    assert ids.known(["an@so.example"]) == before
    clock[0] = KEPT_SECONDS + 1
    assert ids.known(["an@so.example"]) is None
    async with world.database.connection() as connection:
        assert await ids.learn(connection, ["an@so.example"]) != before


async def test_what_others_sent_keeps_its_sender(world: World) -> None:
    await erased(world)
    senders = await world.rows(
        "SELECT sealed_sender FROM message UNION ALL SELECT sealed_sender FROM document"
    )
    opened = sorted(world.sealer.open(each, "sender") or "" for (each,) in senders)  # type: ignore[arg-type]  # a bytea
    assert opened == ["", "", "", "chi@so.example", "chi@so.example"]
    # Whose document it is, what it is about and who signed stays on record.
    assert await world.value("SELECT count(sealed_subject) FROM document") == 3
    assert await world.value("SELECT count(sealed_signer) FROM signature") == 3


async def test_an_address_goes_when_its_account_is_closed_at_last(world: World) -> None:
    await erased(world)
    async with world.database.connection() as connection:
        await connection.execute("UPDATE account_period SET state = 'closed'")
    assert await erased(world) == Erasure(people=0, addresses=1, still_open=0, senders=0)
    assert "binh@so.example" not in await readable(world)
    assert await erased(world) == Erasure(people=0, addresses=0, still_open=0, senders=0)


async def test_one_person_can_be_erased_but_none_who_is_employed(world: World) -> None:
    sealer = world.sealer
    left, _ = person_pseudonym(sealer, "so-noi-vu", "CB1", None)
    works, _ = person_pseudonym(sealer, "so-noi-vu", "CB3", None)
    async with world.database.connection() as connection:
        with pytest.raises(UserError, match="is still employed: let the next list end it"):
            await erasure.one(connection, works, TODAY)
        person = await erasure.one(connection, left, TODAY)
    assert (await erased(world, [person])).people == 1


async def test_it_needs_a_reason(world: World) -> None:
    async with world.database.connection() as connection:
        due = await erasure.due(connection, TODAY, 90)
        with pytest.raises(UserError, match="a reason is needed"):
            await erasure.apply(connection, world.sealer, due, TODAY, "test", " ")
    assert await world.value("SELECT count(*) FROM person WHERE erased_on IS NOT NULL") == 0


async def test_the_nightly_upkeep_erases_who_is_due(world: World) -> None:
    assert await keep_up(world.database, Settings(state_dir=world.state_dir), NOW)
    assert await world.value("SELECT count(*) FROM person WHERE erased_on IS NOT NULL") == 2


async def test_a_pseudonym_is_shown_with_a_reason_that_is_noted_first(world: World) -> None:
    sealer = world.sealer
    person, _ = person_pseudonym(sealer, "so-noi-vu", "CB1", None)
    async with world.database.connection() as connection:
        with pytest.raises(UserError, match="a reason is needed"):
            await showing.reveal(connection, sealer, person, "test", "")
        (shown,) = await showing.reveal(connection, sealer, person, "test", "đôn đốc")
        assert (shown.kind, shown.name, shown.known_by) == (
            "person",
            "Trần Văn An",
            "so-noi-vu cb1",
        )
        assert set(shown.addresses) == {"an@so.example", "mot.cua@so.example", "so@so.example"}
        pseudonym, known = await showing.find(connection, sealer, "AN@so.example", "test")
        assert known
        (shown,) = await showing.reveal(connection, sealer, pseudonym, "test", "đôn đốc")
        assert (shown.kind, shown.addresses) == ("address", ("an@so.example",))
        with pytest.raises(UserError, match="no address and no person of the record"):
            await showing.reveal(connection, sealer, 7, "test", "đôn đốc")
    assert await world.rows("SELECT action, subject FROM audit ORDER BY audit_id") == [
        ("reveal", short(person)), ("pseudonym", short(pseudonym)), ("reveal", short(pseudonym)),
        ("reveal", short(7)),
    ]  # fmt: skip
