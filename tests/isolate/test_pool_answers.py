"""What a pool of healthy children does."""

import asyncio
import os
from datetime import date

import pytest
import uvloop

from monitor.errors import PermanentError, TemporaryError
from monitor.isolate.events import ChildEnded, ChildStarted
from monitor.model import Finding, Moment, Overall, TrustMaterial
from tests.isolate.rigging import NOW, MakeRig, mail_header

DATED = TrustMaterial(public_ca_cutoff=date(2025, 12, 31))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_an_item_goes_in_whole_and_the_answer_comes_back(make_rig: MakeRig) -> None:
    async with make_rig(material=DATED) as rig:
        await rig.pool.start()
        assert await rig.hear("echo hello", bytes(5_000_000)) == "hello 5000000 2025-12-31"


async def test_many_items_at_once_each_get_their_own_answer(make_rig: MakeRig) -> None:
    async with make_rig(children=2) as rig:
        await rig.pool.start()
        sizes = [number * 4001 % 300_000 for number in range(200)]
        asked = [rig.hear(f"echo {size}", bytes(size)) for size in sizes]
        assert await asyncio.gather(*asked) == [f"{size} {size} None" for size in sizes]


async def test_a_live_item_proves_existence_at_receipt_and_a_replayed_one_only_now(
    make_rig: MakeRig,
) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        live = await rig.pool.examine(mail_header(), b"moment")
        replayed = await rig.pool.examine(mail_header(live=False), b"moment")
    assert live.verdict.path == f"{NOW.isoformat()} 2026-03-01T00:00:00+00:00"
    assert replayed.verdict.path == f"{NOW.isoformat()} {NOW.isoformat()}"


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "a.p7s: data, no content"), (b"", "a.p7s: data, "), (b"xyz", "a.p7s: data, xyz")],
)
async def test_a_file_is_judged_with_its_detached_content(
    make_rig: MakeRig, content: bytes | None, said: str
) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        verdict = await rig.pool.judge_file("a.p7s", b"data", Moment(now=NOW), content)
    assert verdict.path == said


async def test_an_answer_of_megabytes_arrives_and_nul_never_enters(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        assert await rig.hear("say 3") == "\ufffdưưư"
        assert await rig.hear("say 2000000") == "\ufffd" + "ư" * 2_000_000


async def test_the_time_each_kind_took_is_told(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        await rig.tell("sleep 0.05")
    [(kind, seconds)] = rig.durations
    assert kind == "other"
    assert seconds >= 0.05


async def test_a_child_is_replaced_after_its_items(make_rig: MakeRig) -> None:
    async with make_rig(items_per_child=5) as rig:
        await rig.pool.start()
        counts = [(await rig.hear("count")).split() for _ in range(5)]
        assert [count for _, count in counts] == ["1", "2", "3", "4", "5"]
        first = pid = counts[0][0]
        while pid == first:
            # answered by the old child while the new one starts
            pid, _ = (await rig.hear("count")).split()
            await asyncio.sleep(0.01)
        while not rig.observer.of(ChildEnded):
            await asyncio.sleep(0.01)
        assert [event.reason for event in rig.observer.of(ChildEnded)] == ["recycled"]


async def test_new_trust_material_reaches_every_child_while_work_goes_on(
    make_rig: MakeRig,
) -> None:
    async with make_rig(children=2) as rig:
        await rig.pool.start()
        before = set(rig.pool.pids)
        working = True

        async def work() -> list[str]:
            said = []
            while working:
                said.append(await rig.hear("echo x"))
                await asyncio.sleep(0.005)
            return said

        async with asyncio.TaskGroup() as group:
            worker = group.create_task(work())
            await rig.pool.renew(DATED)
            working = False
        assert set(worker.result()) <= {"x 0 None", "x 0 2025-12-31"}
        after = await asyncio.gather(*(rig.hear("echo y") for _ in range(8)))
        assert set(after) == {"y 0 2025-12-31"}
        assert not before & set(rig.pool.pids)


async def test_material_that_no_child_can_start_with_leaves_the_old_in_place(
    make_rig: MakeRig,
) -> None:
    async with make_rig("StartsOnlyWithoutCutoff") as rig:
        await rig.pool.start()
        with pytest.raises(PermanentError, match=r"ValueError.*no cut-off, please"):
            await rig.pool.renew(DATED)
        assert rig.pool.ready
        assert await rig.hear("echo still") == "still 0 None"
        await rig.tell("crash")
        assert await rig.hear("echo replaced") == "replaced 0 None"


async def test_stop_leaves_no_process_and_tells_who_still_waits(make_rig: MakeRig) -> None:
    async with make_rig(children=2) as rig:
        await rig.pool.start()
        pids = rig.pool.pids
        async with asyncio.TaskGroup() as group:
            waiting = [group.create_task(outcome(rig.tell("sleep 60"))) for _ in range(6)]
            await asyncio.sleep(0.1)
            await rig.pool.stop()
        assert [task.result() for task in waiting] == ["TemporaryError"] * 6
        assert not any(alive(pid) for pid in pids)
        assert not rig.pool.ready
        assert len(rig.observer.of(ChildStarted)) == 2


async def outcome(asked: object) -> str:
    try:
        await asked  # type: ignore[misc]  # any awaitable
    except TemporaryError as error:
        return type(error).__name__
    return "answered"


async def test_a_caller_who_gives_up_disturbs_nobody(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        for command in ("sleep 0.2", "echo queued", "echo queued"):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(rig.tell(command), 0.01)
        assert await rig.hear("echo next") == "next 0 None"


async def test_a_healthy_answer_carries_no_finding_of_ours(make_rig: MakeRig) -> None:
    async with make_rig(isolation="off") as rig:
        await rig.pool.start()
        examined = await rig.tell("echo x")
    assert examined.verdict.overall is Overall.UNSIGNED
    assert not set(examined.findings) & {Finding.VERIFIER_FAULT, Finding.VERIFIER_CRASHED}


def test_the_pool_works_on_the_daemons_own_event_loop(make_rig: MakeRig) -> None:
    async def work() -> list[str]:
        async with make_rig(children=2) as rig:
            await rig.pool.start()
            asked = [rig.hear(f"echo {n}", bytes(n * 40_000)) for n in range(20)]
            answers = await asyncio.gather(*asked, rig.hear("crash"), rig.hear("say 100000"))
            await rig.pool.renew(DATED)
            return [*answers, await rig.hear("echo renewed")]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        said = runner.run(work())
    assert said[:20] == [f"{n} {n * 40_000} None" for n in range(20)]
    assert [len(answer) for answer in said[20:22]] == [0, 100_001]
    assert said[22] == "renewed 0 2025-12-31"
