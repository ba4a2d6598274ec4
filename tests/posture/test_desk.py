"""The process for names as the daemon has it: whatever becomes of it, the answer says unknown."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from monitor.model import Check, CheckStatus
from monitor.observe import Event, Observer
from monitor.posture import desk as desk_module
from monitor.posture.child import MEMORY_BYTES
from monitor.posture.desk import Desk
from monitor.posture.events import (
    NamesDeskFull,
    NamesProcessLost,
    NamesProcessReady,
    NamesRequestFailed,
)
from monitor.posture.model import GatewayTarget, Official, OriginAnswer, OriginQuestion
from monitor.posture.names import Why
from monitor.posture.words import Reason
from monitor.settings import DnsSettings
from tests.posture.hostile import Heard, Said, hostile

Process = asyncio.subprocess.Process


class Told(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def losses(self) -> list[str]:
        return [one.reason for one in self.events if isinstance(one, NamesProcessLost)]


@dataclass
class Rig:
    """A desk that runs, what it said, and the processes it started."""

    desk: Desk
    told: Told
    started: list[Process] = field(default_factory=list)


@contextlib.asynccontextmanager
async def running(
    monkeypatch: pytest.MonkeyPatch,
    dns: DnsSettings | None = None,
    child: str | None = None,
) -> AsyncIterator[Rig]:
    """A desk with the real process, or with a script in its place."""
    told = Told()
    rig = Rig(Desk(dns or DnsSettings(), told), told)
    start: Callable[[], Awaitable[Process]] = desk_module._start

    async def noted() -> Process:
        rig.started.append(await (_scripted(child) if child is not None else start()))
        return rig.started[-1]

    monkeypatch.setattr(desk_module, "_start", noted)
    async with asyncio.TaskGroup() as group:
        group.create_task(rig.desk.run())
        try:
            yield rig
        finally:
            await rig.desk.close()
    assert all(one.returncode is not None for one in rig.started)


async def _scripted(script: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", HEAD + script, stdin=-1, stdout=-1, limit=100_000
    )


HEAD = """
import json, sys, time
def say(**told):
    print(json.dumps(told), flush=True)
def asked():
    return json.loads(sys.stdin.readline())
asked()
say(statistics={})
"""


async def until(said: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not said():
            await asyncio.sleep(0.01)


async def test_a_domain_is_checked_in_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def speaks(heard: Heard) -> Said:
        return heard.answer(rcode="NXDOMAIN", authority=["vn 60 SOA a.vn. b.vn. 1 2 3 4 60"])

    async with hostile(speaks) as server:
        dns = DnsSettings(resolvers=(f"127.0.0.1:{server.address[1]}",))
        async with running(monkeypatch, dns) as rig:
            posture = await rig.desk.check("gone.vn", Official())
            assert posture.questions == 1
            assert [one.check for one in posture.results] == list(Check)
            assert posture.results[0].reason is Reason.NO_DOMAIN
            answer = await rig.desk.origin(OriginQuestion(from_domains=("gone.vn",)))
            assert answer == OriginAnswer()
            await until(lambda: rig.desk.statistics.questions)
            assert rig.desk.statistics.questions["no_name"] >= 1
        assert isinstance(rig.told.events[0], NamesProcessReady)


async def test_without_a_resolver_everything_is_unknown_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(monkeypatch) as rig:
        posture = await rig.desk.check("x.vn", Official(gateway_hosts=("mail.x.vn",)))
    assert not any(one.status in {CheckStatus.PASS, CheckStatus.FAIL} for one in posture.results)
    assert Why.NO_RESOLVER in {one.facts.get("why") for one in posture.results}


async def test_a_gateway_is_probed_in_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(monkeypatch) as rig:
        target = GatewayTarget(name="g", host="127.0.0.1", port=1, timeout_seconds=2)
        state = await rig.desk.probe(target)
    assert (state.name, state.reason) == ("g", Reason.GATEWAY_UNREACHABLE)


async def test_a_killed_process_is_unknown_and_a_new_one_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def speaks(heard: Heard) -> Said:
        return heard.answer(rcode="NXDOMAIN") if len(rig.started) > 1 else None

    async with hostile(speaks) as server:
        port = server.address[1]
        dns = DnsSettings(resolvers=(f"127.0.0.1:{port}",), timeout_seconds=60)
        async with running(monkeypatch, dns) as rig, asyncio.TaskGroup() as group:
            asking = group.create_task(rig.desk.check("x.vn", Official()))
            await until(lambda: server.heard)
            os.kill(rig.started[0].pid, signal.SIGKILL)
            lost = await asking
            assert {one.status for one in lost.results} == {CheckStatus.UNKNOWN}
            assert {one.facts["why"] for one in lost.results} == {Why.NOT_ASKED}
            again = await rig.desk.check("x.vn", Official())
            assert again.results[0].reason is Reason.NO_DOMAIN
    assert rig.told.losses() == ["ended"]


POSTURE = """
one = asked()
results = [{"check": c, "status": "pass", "reason": "fine"} for c in CHECKS]
say(id=one["id"], check={"domain": DOMAIN, "checked_at": "2026-01-01T00:00:00Z",
    "results": results, "questions": 1})
time.sleep(60)
"""


def posture_script(domain: str, checks: Sequence[str]) -> str:
    return POSTURE.replace("CHECKS", json.dumps(checks)).replace("DOMAIN", repr(domain))


NONSENSE = {
    "no JSON": "asked()\nprint('hello', flush=True)\ntime.sleep(60)",
    "an unknown field": "say(id=asked()['id'], command='rm')\ntime.sleep(60)",
    "an id nobody asked with": "asked()\nsay(id=99)\ntime.sleep(60)",
    "another kind": "say(id=asked()['id'], origin={'aligned_by': 'dkim'})\ntime.sleep(60)",
    "another domain": posture_script("y.vn", list(Check)),
    "a check left out": posture_script("x.vn", list(Check)[1:]),
    "a check twice": posture_script("x.vn", [*list(Check)[1:], Check.MX_RESOLVES]),
    "an endless line": "asked()\nsys.stdout.write('x' * 300_000)\nsys.stdout.flush()\nasked()",
    "a figure that is no word": "asked()\nsay(statistics={'questions': {'a b': 1}})\nasked()",
}


@pytest.mark.parametrize("script", NONSENSE.values(), ids=NONSENSE)
async def test_a_process_that_talks_nonsense_is_ended(
    monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    async with running(monkeypatch, child=script) as rig:
        posture = await rig.desk.check("x.vn", Official())
        assert {one.status for one in posture.results} == {CheckStatus.UNKNOWN}
        await until(rig.told.losses)
        assert rig.told.losses()[0] == "nonsense"
        assert rig.started[0].returncode is not None


async def test_the_same_script_is_believed_when_it_tells_what_was_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = posture_script("x.vn", list(Check))
    async with running(monkeypatch, child=script) as rig:
        posture = await rig.desk.check("x.vn", Official())
        assert {one.status for one in posture.results} == {CheckStatus.PASS}


async def test_a_reply_that_comes_twice_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    script = "one = asked()\nsay(id=one['id'])\nsay(id=one['id'])\ntime.sleep(60)"
    async with running(monkeypatch, child=script) as rig:
        assert (await rig.desk.origin(OriginQuestion())).unknown
        await until(rig.told.losses)
        assert rig.told.losses()[0] == "nonsense"


async def test_a_fault_of_one_question_is_said_and_costs_that_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = "say(id=asked()['id'], fault='KeyError')\nsay(id=asked()['id'], origin={})\nasked()"
    async with running(monkeypatch, child=script) as rig:
        assert (await rig.desk.origin(OriginQuestion())).unknown
        assert not (await rig.desk.origin(OriginQuestion())).unknown
        assert NamesRequestFailed("origin", "KeyError") in rig.told.events
        assert rig.told.losses() == []


async def test_a_late_reply_is_nobodys_and_no_nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    script = """
first = asked()
second = asked()
say(id=first["id"], origin={})
say(id=second["id"], origin={})
asked()
"""
    async with running(monkeypatch, child=script) as rig:
        await until(lambda: rig.told.events)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await rig.desk.origin(OriginQuestion())
        assert not (await rig.desk.origin(OriginQuestion())).unknown
        assert rig.told.losses() == []


async def test_what_is_owed_is_bounded_and_costs_no_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk_module, "_MAX_OWED", 1)
    async with running(monkeypatch, child="time.sleep(60)") as rig:
        await until(lambda: rig.told.events)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await rig.desk.origin(OriginQuestion())
        assert (await rig.desk.origin(OriginQuestion())).unknown
        assert NamesDeskFull("origin") in rig.told.events
        assert rig.told.losses() == []


async def test_a_silent_process_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "_SILENT_SECONDS", 0.5)
    async with running(monkeypatch, child="time.sleep(60)") as rig:
        await until(rig.told.losses)
    assert rig.told.losses()[0] == "silent"


async def test_the_pause_before_another_process_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "_FIRST_PAUSE_SECONDS", 0.001)
    async with running(monkeypatch, child="sys.exit(3)") as rig:
        await until(lambda: len(rig.told.losses()) > 3)
    lost = [one for one in rig.told.events if isinstance(one, NamesProcessLost)]
    assert [one.pause_seconds for one in lost[:4]] == [0.001, 0.002, 0.004, 0.008]


async def test_more_than_can_wait_is_unknown_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "MAX_WAITING", 1)
    async with running(monkeypatch, child="time.sleep(60)") as rig, asyncio.TaskGroup() as group:
        waiting = group.create_task(rig.desk.origin(OriginQuestion()))
        await asyncio.sleep(0)
        assert (await rig.desk.origin(OriginQuestion())).unknown
        assert NamesDeskFull("origin") in rig.told.events
        asking = group.create_task(rig.desk.check("x.vn", Official()))
        await asyncio.sleep(0)
        assert not asking.done(), "mail does not keep domains from being looked at"
        assert NamesDeskFull("check") not in rig.told.events
        asking.cancel()
        waiting.cancel()


async def test_closing_answers_who_waits_and_who_comes_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(monkeypatch, child="time.sleep(60)") as rig, asyncio.TaskGroup() as group:
        asking = group.create_task(rig.desk.check("x.vn", Official()))
        await until(lambda: rig.told.events)
        await rig.desk.close()
        assert {one.status for one in (await asking).results} == {CheckStatus.UNKNOWN}
        assert (await rig.desk.origin(OriginQuestion())).unknown
        await rig.desk.close()
    assert rig.told.losses() == []


async def test_a_desk_that_is_cancelled_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(monkeypatch) as rig:
        async with asyncio.TaskGroup() as group:
            other = Desk(DnsSettings(), rig.told)
            task = group.create_task(other.run())
            await until(lambda: len(rig.started) == 2)
            task.cancel()
        assert rig.started[1].returncode is not None or rig.started[0].returncode is not None
        assert (await other.origin(OriginQuestion())).unknown


async def test_the_process_holds_pipes_and_a_bounded_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(monkeypatch) as rig:
        await rig.desk.origin(OriginQuestion())
        proc = Path(f"/proc/{rig.started[0].pid}")
        held = [str(one.readlink()) for one in (proc / "fd").iterdir()]
        limits = {line[:25].strip(): line.split()[-3] for line in _lines(proc / "limits")}
        environment = (proc / "environ").read_bytes()
    files = [one for one in held if one.startswith("/") and one != "/dev/null"]
    assert files == []
    assert len([one for one in held if one.startswith("pipe:")]) == 2
    assert limits["Max address space"] == str(MEMORY_BYTES)
    assert limits["Max file size"] == "0"
    assert b"PATH" not in environment


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines()[1:]
