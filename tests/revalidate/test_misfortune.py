"""Children that die, daemons that are killed, several at once: nothing is lost or done twice."""

import asyncio
import contextlib
import random

import pytest

from monitor.model import Finding, KeptEvidence, Moment, Verdict
from monitor.record import Rejudging
from monitor.record.rejudging import MOST_FAILURES, Overtaken
from tests.revalidate.scripted import DAY, HOUR, Scene, own_signers, passed, undecided
from tests.support.outcomes import MONDAY, document, mail, verdict


async def test_a_verdict_stands_when_its_evidence_kills_children_and_they_are_spared(
    scene: Scene,
) -> None:
    scene.children.scripts["a"] = lambda _: Finding.VERIFIER_CRASHED
    await scene.write(mail("1", [document("a", undecided())]), mail("2", [document("b")]))
    await scene.lists("tuesday")
    for _ in range(40):
        await scene.revalidate()
        scene.now += HOUR
    assert len(scene.children.asked) == MOST_FAILURES
    assert sorted(await scene.verdicts()) == [("indeterminate", False), ("unsigned", False)]
    assert await scene.sql("SELECT state, failures, failure FROM judgement") == [
        ("stuck", MOST_FAILURES, "verifier_crashed")
    ]
    assert (await scene.store.backlog(scene.trust, scene.now)).stuck == 1


async def test_stuck_evidence_gets_one_more_try_with_another_basis_and_may_recover(
    scene: Scene,
) -> None:
    scene.children.scripts["a"] = lambda _: Finding.VERIFIER_FAULT
    await scene.write(mail("1", [document("a", undecided())]))
    for day in range(4):
        await scene.lists(f"day {day}")
        await scene.revalidate()
        scene.now += DAY
    scene.children.asked.clear()
    await scene.lists("more lists")
    await scene.revalidate()
    assert scene.children.asked == []
    await scene.lists("version 2", basis="version 2")
    await scene.revalidate()
    await scene.revalidate()
    assert scene.children.asked == ["a"]
    del scene.children.scripts["a"]
    await scene.lists("version 3", basis="version 3")
    await scene.revalidate()
    assert (await scene.states(), await scene.verdicts()) == (["settled"], [("valid", False)])


async def test_when_the_latest_of_a_certificate_is_stuck_the_others_are_judged_themselves(
    scene: Scene,
) -> None:
    late = MONDAY + HOUR
    await scene.write(
        mail("1", [document("a", passed())]), mail("2", [document("b", passed(late))], at=late)
    )
    scene.children.scripts["b"] = lambda _: Finding.VERIFIER_CRASHED
    scene.now = MONDAY + DAY
    for day in range(4):
        await scene.lists(f"day {day}")
        await scene.revalidate()
        scene.now += DAY
    assert "a" in scene.children.asked


async def test_an_answer_that_sees_no_signature_never_replaces_a_verdict(scene: Scene) -> None:
    scene.children.otherwise = lambda _: verdict()
    await scene.write(mail("1", [document("a", passed(provisional=True))]))
    await scene.lists("tuesday")
    done = await scene.revalidate()
    assert (done.failed, await scene.verdicts()) == (1, [("valid", True)])


async def test_a_daemon_killed_between_claim_and_verdict_leaves_the_work_to_another(
    scene: Scene,
) -> None:
    await scene.write(mail("1", [document("a", undecided())]))
    await scene.lists("tuesday")
    killed = Rejudging(scene.database, scene.server.state_dir)
    assert len(await killed.claim(scene.trust, scene.now, 10, seconds=0.3)) == 1
    assert (await scene.revalidate()).judged == 0
    await asyncio.sleep(0.4)
    assert (await scene.revalidate()).judged == 1
    assert await scene.verdicts() == [("valid", False)]


async def test_a_verdict_taken_over_late_is_not_taken_over_twice(scene: Scene) -> None:
    await scene.write(mail("1", [document("a", undecided())]))
    await scene.lists("tuesday")
    slow = Rejudging(scene.database, scene.server.state_dir)
    [claimed] = await slow.claim(scene.trust, scene.now, 10, seconds=0)
    await scene.revalidate()
    with pytest.raises(Overtaken):
        await slow.changed(claimed, undecided(), own_signers, scene.trust, scene.now)
    assert (await scene.verdicts(), len(await scene.history())) == ([("valid", False)], 1)


async def test_a_copy_seen_between_claim_and_verdict_is_not_overlooked(scene: Scene) -> None:
    await scene.write(mail("1", [document("a", undecided())]))
    await scene.lists("tuesday")
    seen = False

    async def judge(kept: KeptEvidence, name: str, moment: Moment) -> Verdict | Finding:
        nonlocal seen
        if not seen:
            seen = True
            copy = mail("2", [document("a", undecided())], sender_agency="so-hai")
            await scene.write(copy, trust="monday")
        return passed(moment.receipt or moment.now)

    scene.children.rejudge = judge  # type: ignore[method-assign]  # a script with a side effect
    await scene.revalidate()
    assert len(await scene.verdicts()) == 2
    async with scene.database.connection() as connection:
        await connection.execute("UPDATE judgement SET claimed_until = NULL")
    await scene.revalidate()
    assert await scene.verdicts() == [("valid", False)] * 2


async def test_passes_cut_off_anywhere_end_where_one_whole_pass_would(scene: Scene) -> None:
    chance = random.Random(7)
    await scene.write(*(mail(f"{n}", [document(f"d{n}", undecided())]) for n in range(40)))
    await scene.lists("tuesday")
    for _ in range(12):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(chance.uniform(0.0, 0.25)):
                await scene.revalidate()
        async with scene.database.connection() as connection:
            await connection.execute("UPDATE judgement SET claimed_until = NULL")
    await scene.revalidate()
    assert await scene.verdicts() == [("valid", False)] * 40
    assert len(await scene.history()) == 40
    assert await scene.figure() == (40, 40, 0)
    assert await scene.figure("mail_signed") == (40, 40, 0)


async def test_several_daemons_and_writers_at_once_change_every_verdict_once(
    scene: Scene,
) -> None:
    await scene.write(*(mail(f"{n}", [document(f"d{n}", undecided())]) for n in range(150)))
    await scene.lists("tuesday")
    copies = [
        mail(f"copy {n}", [document(f"d{n}", undecided())], sender_agency="so-hai")
        for n in range(60)
    ]

    async def keep_writing() -> None:
        for copy in copies:
            await scene.write(copy, trust="monday")

    daemons = [scene.another_daemon() for _ in range(3)]
    await asyncio.gather(keep_writing(), *(each.catch_up(scene.trust) for each in daemons))
    async with scene.database.connection() as connection:
        await connection.execute("UPDATE judgement SET claimed_until = NULL")
    await scene.revalidate()
    assert await scene.verdicts() == [("valid", False)] * 210
    twice = await scene.sql("SELECT uid FROM verdict_change GROUP BY uid HAVING count(*) > 1")
    assert twice == []
    assert await scene.figure() == (150, 150, 0)
    assert await scene.figure("mail_signed") == (150, 150, 0)


async def test_fresh_items_come_first(scene: Scene) -> None:
    await scene.write(*(mail(f"{n}", [document(f"d{n}", undecided())]) for n in range(10)))
    await scene.lists("tuesday")

    async def judge(kept: KeptEvidence, name: str, moment: Moment) -> Verdict | Finding:
        scene.children.asked.append(kept.facts)
        scene.busy = True
        return passed(moment.receipt or moment.now)

    scene.children.rejudge = judge  # type: ignore[method-assign]  # a script with a side effect
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await scene.revalidate()
    assert len(scene.children.asked) <= 4  # as many as were in flight
    assert await scene.sql("SELECT count(claimed_until) FROM judgement") == [(0,)]


async def test_daemons_with_different_lists_do_not_undo_each_other(scene: Scene) -> None:
    await scene.write(mail("1", [document("a", undecided())]))
    behind = scene.trust
    await scene.lists("tuesday")
    ahead = scene.trust
    scene.children.otherwise = lambda _: passed(provisional=True)
    await scene.another_daemon().catch_up(ahead)
    assert (await scene.another_daemon().catch_up(behind)).judged == 0
    assert await scene.store.trust("tuesday", "anchors") == ahead


async def test_what_is_left_is_told_while_a_pass_is_under_way_and_after_it(scene: Scene) -> None:
    scene.children.otherwise = lambda moment: passed(provisional=True)
    await scene.write(*(mail(f"{n}", [document(f"d{n}", undecided())]) for n in range(50)))
    await scene.lists("tuesday")
    await scene.revalidate()
    first, last = scene.backlogs[0], scene.backlogs[-1]
    assert (first.waiting, first.open) == (50, 50)
    assert (last.waiting, last.open, last.stuck) == (0, 50, 0)
