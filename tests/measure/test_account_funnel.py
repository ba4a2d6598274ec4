"""The funnel of one agency, from the roster to valid signatures."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor.commands.accounts import funnel_lines
from monitor.commands.accounts_words import Words
from monitor.measure.funnel import Funnel, Step, funnel
from monitor.model import ActivityKind, Cause, DocumentFacts, Language, Overall
from monitor.record import Database, Recorder
from monitor.settings import AccountSettings
from tests.measure.accounts_world import World
from tests.support.outcomes import digest, document, mail, signature, valid, verdict

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 15)
"""Ten working days."""


@pytest.fixture
async def world(database: Database) -> World:
    world = World(database)
    await world.agency("so-mot", level="department")
    await world.agency("so-hai", level="department")
    for name, role in (("lead", "leader"), ("signs", "staff"), ("broken", "staff"),
                       ("plain", "staff"), ("reads", "staff")):  # fmt: skip
        await world.official(name, "so-mot", role)
    await world.works("without", "so-mot", "leader")
    await world.official("elsewhere", "so-hai")
    for name in ("lead", "signs"):
        await world.active(name, *(date(2026, 3, day) for day in (2, 3, 4, 5, 6)))
    for name in ("broken", "plain", "reads"):
        await world.active(name, date(2026, 3, 9), kind=ActivityKind.LOGIN)
    return world


async def sends(
    world: World,
    recorder: Recorder,
    name: str,
    address: str,
    *documents: DocumentFacts,
    **more: Any,
) -> None:
    """A recorded mail of an address; the recorder's own way to it is tested elsewhere."""
    at = datetime(2026, 3, 10, 3, tzinfo=UTC)
    await recorder.write([mail(name, documents, at=at, **more)])
    sender = await world.address(address)
    async with world.database.connection() as connection:
        await connection.execute(
            "UPDATE message SET sender_address_id = $1 WHERE message_key = $2",
            sender,
            bytes.fromhex(digest(f"message {name}")),
        )


async def of(world: World, settings: AccountSettings | None = None) -> Funnel:
    async with world.database.connection() as connection:
        found = await funnel(
            connection, settings or AccountSettings(habitual_days=5), "so-mot", FIRST, LAST
        )
    assert found is not None
    return found


def people(found: Funnel) -> dict[str, tuple[int | None, int | None]]:
    return {level.step: (level.people, level.leaders) for level in found.levels}


async def test_every_step_counts_officials_and_the_leaders_among_them(
    world: World, recorder: Recorder
) -> None:
    broken = verdict(Overall.INDETERMINATE, [signature()], cause=Cause.SIGNER)
    await sends(world, recorder, "1", "lead", document("a", valid()))
    await sends(world, recorder, "2", "signs", document("b", valid()), document("c"))
    await sends(world, recorder, "3", "signs", document("d", valid()))
    await sends(world, recorder, "4", "broken", document("e", broken), document("f"))
    await sends(world, recorder, "5", "plain", document("g"))
    await sends(world, recorder, "6", "reads")  # nothing formal in it
    await sends(world, recorder, "7", "elsewhere", document("h", valid()), sender_agency="so-hai")
    assert people(await of(world)) == {
        Step.ROSTER: (6, 2),
        Step.PROVISIONED: (5, 1),
        Step.ACTIVE: (5, 1),
        Step.HABITUAL: (2, 1),
        Step.SENDS: (4, 1),
        Step.SIGNS: (3, 1),
        Step.VALIDATES: (2, 1),
    }


async def test_automatic_mail_is_nobodys_sending(world: World, recorder: Recorder) -> None:
    await sends(world, recorder, "1", "plain", document("a", valid()), facts={"automatic": True})
    assert people(await of(world))[Step.SENDS] == (0, 0)


async def test_where_no_mail_is_captured_sending_is_not_known(world: World) -> None:
    assert people(await of(world))[Step.SENDS] == (None, None)
    assert people(await of(world))[Step.VALIDATES] == (None, None)


async def test_an_agency_where_nobody_is_active_shows_0_and_not_that_nothing_is_known(
    world: World,
) -> None:
    async with world.database.connection() as connection:
        found = await funnel(connection, AccountSettings(), "so-hai", FIRST, LAST)
    assert found is not None
    assert people(found)[Step.ACTIVE] == (0, None)


async def test_mailboxes_say_on_how_many_working_days_they_were_opened(world: World) -> None:
    for name in ("hotline", "van-thu"):
        await world.account(name, "so-mot", kind="mailbox", aliases=(f"{name}@alias",))
    await world.active("hotline", date(2026, 3, 3), kind=ActivityKind.LOGIN)
    await world.active("hotline@alias", date(2026, 3, 3), date(2026, 3, 4))
    await world.active("hotline", date(2026, 3, 7), date(2026, 2, 27), date(2026, 3, 16))
    await world.active("van-thu", date(2026, 3, 5), kind=ActivityKind.POP)
    assert list((await of(world)).mailboxes) == [2, 0]


async def test_an_agency_that_is_not_in_force_has_no_funnel(world: World) -> None:
    async with world.database.connection() as connection:
        assert await funnel(connection, AccountSettings(), "xa-la", FIRST, LAST) is None


async def test_the_page_shows_counts_shares_and_steps(world: World, recorder: Recorder) -> None:
    await sends(world, recorder, "1", "lead", document("a", valid()))
    await world.account("hotline", "so-mot", kind="mailbox")
    vietnamese = "\n".join(funnel_lines(await of(world), Words(Language.VI)))
    assert "từ 02/03/2026 đến 15/03/2026, 10 ngày làm việc" in vietnamese
    assert "ít nhất 5 ngày làm việc" in vietnamese
    (provisioned,) = (line for line in vietnamese.split("\n") if line.startswith("Đã cấp"))
    assert provisioned.split() == [
        "Đã", "cấp", "tài", "khoản", "█" * 25, "5", "83,3%", "→", "83,3%",
        "lãnh", "đạo", "1", "(50,0%)",
    ]  # fmt: skip
    (habitual,) = (
        line for line in vietnamese.split("\n") if line.startswith("Sử dụng thường xuyên ")
    )
    assert "33,3%" in habitual
    assert "→ 40,0%" in habitual
    assert "hộp thư 1: có người mở 0 trong 10 ngày làm việc" in vietnamese
    english = "\n".join(funnel_lines(await of(world), Words(Language.EN)))
    assert "83.3%" in english


async def test_what_is_not_known_is_said_and_is_not_zero(world: World) -> None:
    lines = list(funnel_lines(await of(world), Words(Language.VI)))
    (sends_line,) = (line for line in lines if line.startswith("Gửi văn bản"))
    assert "chưa có dữ liệu" in sends_line
    assert "0" not in sends_line
