"""Whatever becomes of a child, every item gets an answer and only its own item suffers."""

import asyncio
import hashlib
import os
import random
import signal
from pathlib import Path

import pytest

from monitor.errors import IsolationError, PermanentError
from monitor.isolate.events import (
    ChildDied,
    ChildStarted,
    ChildStartFailed,
    ItemUnexamined,
    PartUnexamined,
)
from monitor.isolate.wire import HEAD, MAX_ANSWER_BYTES, MAX_NOTES
from monitor.model import (
    DocumentClaim,
    DocumentClass,
    Examined,
    Finding,
    Kind,
    Overall,
    PayloadKind,
)
from tests.isolate.rigging import MakeRig, Rig, mail_header


def unreadable(examined: Examined, *findings: Finding) -> bool:
    return examined.verdict.overall is Overall.UNREADABLE and examined.findings == findings


async def test_an_exception_costs_its_item_and_names_only_its_type(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        assert unreadable(await rig.tell("raise"), Finding.VERIFIER_FAULT)
        assert await rig.hear("echo on") == "on 0 None"
    judging, extracting = rig.observer.of(ItemUnexamined)
    assert judging.error == extracting.error == "LookupError"
    assert "secret" not in repr(rig.observer.events)
    assert len(rig.observer.of(ChildStarted)) == 1


async def test_a_fault_in_a_part_is_told_by_type_and_the_item_goes_on(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        assert await rig.hear("log 1") == "went on"
        assert [event.error for event in rig.observer.of(PartUnexamined)] == ["LookupError"]
        assert await rig.hear("log 100") == "went on"
        assert len(rig.observer.of(PartUnexamined)) == 1 + MAX_NOTES
    assert "secret" not in repr(rig.observer.events)
    assert len(rig.observer.of(ChildStarted)) == 1


async def test_an_import_after_sealing_is_an_ordinary_fault(make_rig: MakeRig) -> None:
    for isolation in ("require", "off"):
        async with make_rig(isolation=isolation) as rig:
            await rig.pool.start()
            assert unreadable(await rig.tell("import turtledemo"), Finding.VERIFIER_FAULT)
            assert rig.observer.of(ItemUnexamined)[0].error == "ModuleNotFoundError"


async def test_a_crash_is_tried_once_more_and_then_said(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        assert unreadable(await rig.tell("crash"), Finding.VERIFIER_CRASHED)
        assert await rig.hear("echo on") == "on 0 None"
    deaths = rig.observer.of(ChildDied)
    assert [(death.reason, death.signal) for death in deaths] == [("crashed", signal.SIGSEGV)] * 2


async def test_what_kills_the_judging_does_not_hide_whose_the_item_is(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        examined = await rig.tell("crash", b"extractable")
    assert examined.verdict.path == "unjudged"
    assert examined.findings == (Finding.VERIFIER_CRASHED,)


async def test_a_crash_that_was_the_childs_fault_is_forgiven_in_a_fresh_one(
    make_rig: MakeRig,
) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        await rig.tell("echo first")
        assert await rig.hear("crash_unless_fresh") == "alive in a fresh child"


async def test_an_item_behind_a_crashing_one_is_not_blamed(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        crash, *others = await asyncio.gather(
            rig.tell("crash"), *(rig.tell(f"echo {n}") for n in range(5))
        )
    assert unreadable(crash, Finding.VERIFIER_CRASHED)
    assert [other.verdict.path for other in others] == [f"{n} 0 None" for n in range(5)]


async def test_a_hung_child_is_killed_and_the_item_behind_it_answered(make_rig: MakeRig) -> None:
    async with make_rig(timeout_seconds=0.5) as rig:
        await rig.pool.start()
        hung, behind = await asyncio.gather(rig.tell("hang"), rig.tell("echo behind"))
    assert unreadable(hung, Finding.VERIFIER_TIMEOUT)
    assert behind.verdict.path == "behind 0 None"
    assert [death.reason for death in rig.observer.of(ChildDied)] == ["timeout"]


async def test_the_time_limit_counts_from_when_the_item_is_worked_on(make_rig: MakeRig) -> None:
    async with make_rig(timeout_seconds=1.0) as rig:
        await rig.pool.start()
        asked = [rig.hear("sleep 0.6") for _ in range(3)]
        assert await asyncio.gather(*asked) == ["slept"] * 3


async def test_a_child_that_eats_memory_is_stopped_at_its_limit(make_rig: MakeRig) -> None:
    async with make_rig(memory_bytes=512 * 1024 * 1024) as rig:
        await rig.pool.start()
        eaten, behind = await asyncio.gather(rig.tell("eat 10000"), rig.tell("echo behind"))
    assert unreadable(eaten, Finding.VERIFIER_FAULT, Finding.LIMIT_REACHED)
    assert behind.verdict.path == "behind 0 None"
    assert [death.reason for death in rig.observer.of(ChildDied)] == ["memory"]


@pytest.mark.parametrize("command", ["exit", "close_wire"])
async def test_a_child_that_leaves_costs_its_item(make_rig: MakeRig, command: str) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        assert unreadable(await rig.tell(command), Finding.VERIFIER_CRASHED)
        assert await rig.hear("echo on") == "on 0 None"


NOTE = b'{"error":"ValueError"}'
NESTED = b'{"verdict":' + b'{"parts":[' * 5000
FRAMES = {
    "a pickle": ("frame e 1", b"cposix\nsystem\n(S'touch MARKER'\ntR."),
    "no JSON": ("frame e 1", b"\xff\xfe{"),
    "an answer of another shape": ("frame e 1", b'{"verdict": 1}'),
    "deep nesting": ("frame e 1", NESTED),
    "the wrong kind": ("frame v 1", b"{}"),
    "a second hello": ("frame h 1", b"{}"),
    "the ticket of another item": ("frame e 7", b"{}"),
    "an unknown kind": ("frame Z 1", b"{}"),
    "a request": ("frame E 1", b"{}"),
    "a fault with a story": ("frame f 1", b'{"error":"a b c, told at length"}'),
    "a note that is none": ("frame n 0", b'{"error":"told at length"}'),
    "more notes than agreed": ("write " + (HEAD.pack(b"n", 0, len(NOTE), 0) + NOTE).hex() * 9, b""),
    "bytes without a frame": ("write 80049500", bytes(100)),
    "a flood": ("flood", b""),
    "a promise of gigabytes": (f"promise {2**32 - 1}", b""),
    "a promise just over the bound": (f"promise {MAX_ANSWER_BYTES + 1}", b""),
}


async def test_nonsense_on_the_wire_ends_the_child_and_runs_nowhere(
    make_rig: MakeRig, tmp_path: Path
) -> None:
    marker = tmp_path / "owned"
    async with make_rig() as rig:
        await rig.pool.start()
        answers = {}
        for what, (command, rest) in FRAMES.items():
            # each meets a child that has seen nothing before, so the tickets are as written
            examined = await rig.tell(command, rest.replace(b"MARKER", bytes(marker)))
            answers[what] = examined.findings
            await starts(rig, len(answers) + 1)
        assert answers == dict.fromkeys(FRAMES, (Finding.VERIFIER_FAULT,))
        assert await rig.hear("echo on") == "on 0 None"
    assert not marker.exists()
    assert [death.reason for death in rig.observer.of(ChildDied)] == ["nonsense"] * len(FRAMES)


async def starts(rig: Rig, count: int) -> None:
    while len(rig.observer.of(ChildStarted)) < count:
        await asyncio.sleep(0.01)


async def test_a_document_that_nobody_could_read_keeps_its_hash_and_class(
    make_rig: MakeRig,
) -> None:
    claim = DocumentClaim(agency="SNV", file_name="Báo cáo.DOCX")
    header = mail_header(kind=PayloadKind.DOCUMENT, claim=claim, size=5)
    async with make_rig() as rig:
        await rig.pool.start()
        examined = await rig.pool.examine(header, b"crash")
    [document] = examined.documents
    assert document.content_hash == hashlib.sha256(b"crash").hexdigest()
    assert document.file_name == "Báo cáo.DOCX"
    assert document.document_class is DocumentClass.EDITABLE
    assert document.judgement.verdict.overall is Overall.UNREADABLE
    assert examined.verdict.kind is Kind.OTHER


async def test_children_killed_at_random_under_load_lose_no_item(make_rig: MakeRig) -> None:
    dice = random.Random(6)
    async with make_rig(children=2) as rig:
        await rig.pool.start()
        working = True

        async def kill() -> int:
            count = 0
            while working and count < 6:
                await asyncio.sleep(dice.uniform(0.05, 0.6))
                if rig.pool.pids:
                    os.kill(dice.choice(rig.pool.pids), signal.SIGKILL)
                    count += 1
            return count

        async with asyncio.TaskGroup() as group:
            killer = group.create_task(kill())
            sizes = [dice.randrange(300_000) for _ in range(60)]
            asked = [rig.tell(f"sleep {size % 7 / 100}", bytes(size)) for size in sizes]
            answers = await asyncio.gather(*asked)
            working = False
        assert killer.result() >= 3
        good = [answer for answer in answers if answer.verdict.path == "slept"]
        bad = [answer for answer in answers if unreadable(answer, Finding.VERIFIER_CRASHED)]
        assert len(good) + len(bad) == 60
        assert len(bad) <= killer.result() // 2
        await rig.pool.stop()
        assert rig.pool.pids == ()


async def test_a_pool_that_cannot_start_says_why_and_leaves_nothing(make_rig: MakeRig) -> None:
    async with make_rig("CannotStart", children=2) as rig:
        with pytest.raises(PermanentError, match="ValueError: the CRL of a CA cannot be read"):
            await rig.pool.start()
        assert rig.pool.pids == ()
        assert not rig.pool.ready


async def test_a_child_that_dies_at_birth_is_told_apart(make_rig: MakeRig) -> None:
    async with make_rig("DiesAtStart") as rig:
        with pytest.raises(PermanentError, match="did not start: exit"):
            await rig.pool.start()
        [event] = rig.observer.of(ChildStartFailed)
        assert event.failures == 1


async def test_a_machine_without_the_filter_is_refused_unless_less_is_accepted(
    make_rig: MakeRig,
) -> None:
    async with make_rig("OnAnUnknownMachine") as rig:
        with pytest.raises(IsolationError, match=r"no filter.*verify\.isolation"):
            await rig.pool.start()
        assert "no filter" in rig.observer.of(ChildStartFailed)[0].detail
    async with make_rig("OnAnUnknownMachine", isolation="best-effort") as rig:
        await rig.pool.start()
        assert await rig.hear("echo on") == "on 0 None"
        [event] = rig.observer.of(ChildStarted)
        assert event.missing == 1
        assert not event.seccomp


async def test_a_broken_pool_waits_longer_each_time_and_recovers(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        monkeypatch.setattr("sys.executable", "/nowhere/python")
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(rig.hear("crash_unless_fresh"))
            again = group.create_task(rig.hear("echo waits"))
            os.kill(rig.pool.pids[0], signal.SIGKILL)
            while len(rig.observer.of(ChildStartFailed)) < 3:
                await asyncio.sleep(0.05)
            assert not rig.pool.ready
            monkeypatch.undo()
        assert waiting.result() == "alive in a fresh child"
        assert again.result() == "waits 0 None"
        pauses = [event.retry_seconds for event in rig.observer.of(ChildStartFailed)]
        assert pauses == sorted(set(pauses))
