"""Judging kept evidence again: after everything fresh, and never at the cost of the old verdict."""

import asyncio
from datetime import UTC, datetime

from monitor.isolate.events import EvidenceUnjudged, ItemUnexamined
from monitor.model import Finding, KeptEvidence, Moment, Verdict
from tests.isolate.rigging import NOW, MakeRig, Rig

MOMENT = Moment(now=NOW, receipt=datetime(2026, 2, 1, tzinfo=UTC))


async def again(rig: Rig, command: str, *blobs: bytes) -> str | Finding:
    kept = KeptEvidence.model_construct(facts=command, blobs=blobs)
    said = await rig.pool.rejudge(kept, "a.pdf", MOMENT)
    return said.path if isinstance(said, Verdict) else said


async def test_facts_blobs_and_times_arrive_as_they_were_kept(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        said = await again(rig, "blobs", b"\x00\xff", b"", b"third")
        assert said == "a.pdf: b'\\x00\\xff||third' at 2026-02-01 00:00:00+00:00"
        assert await again(rig, "blobs") == "a.pdf: b'' at 2026-02-01 00:00:00+00:00"


async def test_evidence_that_kills_its_child_is_said_and_no_item_suffers(
    make_rig: MakeRig,
) -> None:
    async with make_rig(timeout_seconds=1.0) as rig:
        await rig.pool.start()
        assert await again(rig, "crash") is Finding.VERIFIER_CRASHED
        assert await again(rig, "hang") is Finding.VERIFIER_TIMEOUT
        assert await again(rig, "raise") is Finding.VERIFIER_FAULT
        assert await rig.hear("echo on") == "on 0 None"
    said = [event.finding for event in rig.observer.of(EvidenceUnjudged)]
    assert said == ["verifier_crashed", "verifier_timeout", "verifier_fault"]
    assert rig.observer.of(ItemUnexamined) == []


async def test_fresh_items_go_before_all_evidence_that_waits(make_rig: MakeRig) -> None:
    order: list[str] = []

    async def note(name: str, asked: object) -> None:
        assert asyncio.iscoroutine(asked)
        await asked
        order.append(name)

    async with make_rig() as rig:
        await rig.pool.start()
        async with asyncio.TaskGroup() as group:
            for number in range(10):
                group.create_task(note(f"old {number}", again(rig, "sleep 0.01")))
            await asyncio.sleep(0)
            group.create_task(note("fresh", rig.hear("echo now")))
    # One child holds two jobs at a time: what it has is not taken back.
    assert order.index("fresh") <= 2
    assert len(order) == 11


async def test_evidence_that_waits_is_given_back_when_the_pool_stops(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        asked = [asyncio.create_task(again(rig, "sleep 5")) for _ in range(4)]  # noqa: TID251
        await asyncio.sleep(0.1)
        await rig.pool.stop()
        results = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each).__name__ for each in results] == ["TemporaryError"] * 4


async def test_evidence_past_the_wires_bound_is_left_out_and_every_verdict_arrives(
    make_rig: MakeRig,
) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        examined = await rig.tell("keep 1 4 1 4 1 4")
        kept = [bool(each.judgement.kept) for each in examined.documents]
        assert kept == [True, True, False, True, False]
        assert examined.kept
        alone = await rig.tell("keep 9 1")
    assert (alone.kept, alone.documents[0].judgement.kept) == (None, None)
    assert {each.judgement.verdict.path for each in examined.documents} == {"document"}
    assert rig.observer.of(ItemUnexamined) == []
