"""The pool of isolated children: every item gets an answer, whatever becomes of the child.

A job that loses its child is blamed only if it was the one being worked on: a hang or a broken
protocol is its verdict at once, a first crash is tried once more, alone, in a fresh child.
Children are replaced after so many items and when the trust material is renewed, one at a time
and new before old. Starting fails with growing pauses, never in a tight loop.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Literal, TypeVar

from pydantic import BaseModel

from monitor.clock import Clock, now
from monitor.errors import IsolationError, PermanentError, TemporaryError
from monitor.isolate import events, wire
from monitor.isolate.events import EndReason
from monitor.isolate.process import Birth, Child, Job, Said, State, how_it_ended
from monitor.isolate.unexamined import unexamined_item, unexamined_verdict
from monitor.model import (
    Examined,
    Finding,
    ItemHeader,
    KeptEvidence,
    Kind,
    Limits,
    Moment,
    TrustMaterial,
    Verdict,
)
from monitor.observe import Observer

Isolation = Literal["require", "best-effort", "off"]
Durations = Callable[[str, float], None]
"""Told the kind of what was examined (`model.Kind`) and the seconds it took."""
V = TypeVar("V", bound=BaseModel)

_AHEAD = 2
"""Jobs a child holds: the one it works on, and the next, so that it never waits for the loop."""
_START_SECONDS = 120.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 30.0
_LARGE_ANSWER_BYTES = 64 * 1024
"""An answer past it is checked in a thread (about 1 ms each 100 KB)."""

_FINDINGS: dict[str, Finding] = {
    "timeout": Finding.VERIFIER_TIMEOUT,
    "nonsense": Finding.VERIFIER_FAULT,
}


class Pool:
    """A fixed number of isolated children.

    `examine`, `judge_file` and `rejudge` queue without bound: the caller bounds how many it has
    in flight (`capacity` keeps all children busy). Start and stop it on one running event loop,
    in the thread that lives longest (see `Child`).
    """

    def __init__(
        self,
        children: int,
        material: TrustMaterial,
        limits: Limits,
        isolation: Isolation,
        timeout_seconds: float,
        memory_bytes: int,
        items_per_child: int,
        observer: Observer,
        *,
        clock: Clock = now,
        durations: Durations | None = None,
        target: str = "monitor.examine:Examiner",
        search_path: str | None = None,
    ) -> None:
        self._wanted = children
        self._limits = limits
        self._items_per_child = items_per_child
        self._item_seconds = timeout_seconds
        self._observer = observer
        self._clock = clock
        self._durations = durations
        self._launch = wire.Launch(
            descriptor=-1,
            parent=os.getpid(),
            isolation=isolation,
            memory_bytes=memory_bytes,
            target=target,
            search_path=search_path,
        )
        self._birth = self._birth_with(material, 0)
        self._children: list[Child] = []
        self._waiting: deque[Job] = deque()
        self._background: deque[Job] = deque()
        self._suspects: deque[Job] = deque()
        self._extracted: dict[str, Child] = {}
        self._reaping: set[asyncio.Future[int]] = set()
        self._failures = 0
        self._pause: asyncio.TimerHandle | None = None
        self._settled: asyncio.Future[None] | None = None
        self._last_good: Birth | None = None
        self._renewing = asyncio.Lock()
        self._stopping = False

    # -- what callers use ------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Is there a child that takes work now?"""
        return any(child.state is State.READY for child in self._children)

    @property
    def capacity(self) -> int:
        """How many calls in flight keep all children busy."""
        return self._wanted * _AHEAD

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the children alive now."""
        return tuple(child.pid for child in self._children)

    async def start(self) -> None:
        """Start all children and wait until they take work.

        Raises IsolationError when the machine cannot isolate them as `require` demands, and
        PermanentError when they cannot start for another reason; none is left running then.
        """
        try:
            await self._settle()
        except BaseException:
            await self.stop()
            raise

    async def examine(self, header: ItemHeader, body: bytes) -> Examined:
        """Everything a child says of an item.

        When judging it fails, a second child says whose it is and what it holds, with `unreadable`
        as every verdict: a file that kills its verifier must not leave a denominator. When even
        that fails, next to nothing is said. A live item's receipt is its proof of existence; a
        replayed one has none before now.
        """
        present = self._clock()
        receipt = header.received_at if header.live else present
        moment = Moment(now=present, receipt=receipt)
        checked = await self._examine(header, body, moment, ())
        if not isinstance(checked, Examined):
            lost = checked
            checked = await self._examine(header, body, moment, lost)
            if not isinstance(checked, Examined):
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(None, unexamined_item, header, body, lost)
        return checked

    async def extract(self, header: ItemHeader, body: bytes) -> Examined:
        """What an item is, whose and what it holds, with nothing judged: `not_sampled`."""
        present = self._clock()
        moment = Moment(now=present, receipt=present)
        said = await self._examine(header, body, moment, (Finding.NOT_SAMPLED,))
        if isinstance(said, Examined):
            return said
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, unexamined_item, header, body, said)

    async def _examine(
        self, header: ItemHeader, body: bytes, moment: Moment, unjudged: tuple[Finding, ...]
    ) -> Examined | tuple[Finding, ...]:
        request = wire.ExamineRequest(header=header, moment=moment, unjudged=unjudged)
        knows = self._extracted.pop(header.item_id, None)
        said = await self._ask(wire.EXAMINE, request, (body,), prefers=knows)
        checked = await self._check(Examined, said)
        if unjudged == (Finding.NOT_SAMPLED,):
            self._remember(header.item_id, said.child)
        elif isinstance(checked, Examined):
            self._took(checked.verdict.kind, said)
        return checked

    def _remember(self, item_id: str, child: Child | None) -> None:
        """Who has extracted an item: if it is drawn, it is asked for at once."""
        if child:
            self._extracted[item_id] = child
        while len(self._extracted) > self.capacity:
            del self._extracted[next(iter(self._extracted))]

    async def judge_file(
        self, name: str, data: bytes, moment: Moment, content: bytes | None = None
    ) -> Verdict:
        """The verdict of one file; `unreadable` when no child could give one."""
        request = wire.JudgeRequest(
            name=name, moment=moment, data_bytes=len(data), detached=content is not None
        )
        said = await self._ask(wire.JUDGE, request, (data, content or b""))
        checked = await self._check(Verdict, said)
        if isinstance(checked, Verdict):
            self._took(checked.kind, said)
            return checked
        return unexamined_verdict(name, Kind.OTHER, checked)

    async def rejudge(self, kept: KeptEvidence, name: str, moment: Moment) -> Verdict | Finding:
        """The verdict from kept evidence; or the finding that stands for none.

        It waits until no item or file does.
        """
        request = wire.RejudgeRequest(
            name=name,
            moment=moment,
            facts=kept.facts,
            blob_bytes=tuple(len(blob) for blob in kept.blobs),
        )
        said = await self._ask(wire.REJUDGE, request, kept.blobs, self._background)
        checked = await self._check(Verdict, said, events.EvidenceUnjudged)
        return checked if isinstance(checked, Verdict) else checked[0]

    async def renew(self, material: TrustMaterial) -> None:
        """Replace all children by ones with this material; work goes on meanwhile.

        Raises PermanentError when children cannot start with it: the material before stays.
        """
        async with self._renewing:
            self._last_good = self._birth
            self._birth = self._birth_with(material, self._birth.generation + 1)
            try:
                await self._settle()
            finally:
                self._last_good = None

    async def stop(self) -> None:
        """End every child and wait until none is left; calls still waiting get TemporaryError."""
        self._stopping = True
        if self._pause:
            self._pause.cancel()
        jobs = [*self._waiting, *self._background, *self._suspects]
        self._waiting.clear()
        self._background.clear()
        self._suspects.clear()
        for child in list(self._children):
            jobs += child.jobs
            self._end(child, "stopped")
        for job in jobs:
            if not job.said.done():
                job.said.set_exception(TemporaryError("the pool of children is stopping"))
        while self._reaping:
            await asyncio.wait(self._reaping)

    # -- jobs ------------------------------------------------------------------------------------

    async def _ask(
        self,
        kind: bytes,
        request: BaseModel,
        bodies: tuple[bytes, ...],
        queue: deque[Job] | None = None,
        prefers: Child | None = None,
    ) -> Said:
        if self._stopping:
            raise TemporaryError("the pool of children is stopping")
        loop = asyncio.get_running_loop()
        job = Job(kind, wire.encode(request), bodies, loop.create_future(), prefers=prefers)
        (self._waiting if queue is None else queue).append(job)
        self._dispatch()
        return await job.said

    def _dispatch(self) -> None:
        while queue := self._waiting or self._background:
            able = [child for child in self._children if child.free(_AHEAD)]
            if not able:
                return
            job = queue.popleft()
            if not job.said.done():
                knows = [child for child in able if child is job.prefers]
                min(knows or able, key=lambda child: len(child.jobs)).give(job)

    def child_answered(self, child: Child, job: Job, frame: wire.Frame) -> None:
        """Hand the answer over and keep the child busy."""
        self._failures = 0
        seconds = asyncio.get_running_loop().time() - job.started
        if not job.said.done():
            job.said.set_result(Said(frame, seconds, child))
        if child.retiring and not child.jobs:
            self._retire(child)
        elif not self._is_current(child):
            self._fill()
        self._dispatch()

    def child_noted(self, fault: wire.Fault) -> None:
        """Say what a child met with in a part of an item."""
        self._observer.emit(events.PartUnexamined(fault.error, fault.where))

    def child_lost(self, child: Child, reason: EndReason) -> None:
        """Blame the job at its head, give the innocent ones back, start another child."""
        if child.jobs:
            self._blame(child.jobs.popleft(), reason)
        if child.given == 0:
            self._failed(wire.Fault(error="exit"), PermanentError("a child ended when it was idle"))
        self._discard(child, reason)

    def _discard(self, child: Child, reason: EndReason) -> None:
        """End a child; the jobs it still holds are innocent and go to others, first in line."""
        self._waiting.extendleft(reversed(child.jobs))
        child.jobs.clear()
        self._end(child, reason)
        self._fill()
        self._dispatch()

    def _blame(self, job: Job, reason: EndReason) -> None:
        if reason == "crashed":
            job.crashes += 1
            if job.crashes == 1:
                self._suspects.append(job)
                return
        if not job.said.done():
            job.said.set_result(Said(reason, asyncio.get_running_loop().time() - job.started))

    async def _check(
        self,
        model: type[V],
        said: Said,
        lost: type[events.ItemUnexamined | events.EvidenceUnjudged] = events.ItemUnexamined,
    ) -> V | tuple[Finding, ...]:
        """What a child said, if it has the agreed shape; else the findings that stand for it."""
        if not isinstance(said.what, wire.Frame):
            finding = _FINDINGS.get(said.what, Finding.VERIFIER_CRASHED)
            self._observer.emit(lost(finding))
            return (finding,)
        try:
            if said.what.kind == wire.FAULT:
                fault = wire.Fault.model_validate_json(said.what.payload)
                if fault.memory and said.child:
                    self._drop(said.child, "memory")
                return self._faulted(fault, lost)
            return await _validated(model, said.what.payload)
        except ValueError:
            if said.child:
                self._drop(said.child, "nonsense")
            return self._faulted(wire.Fault(error="nonsense"), lost)

    def _drop(self, child: Child, reason: EndReason) -> None:
        if child in self._children:
            self._discard(child, reason)

    def _faulted(
        self, fault: wire.Fault, lost: type[events.ItemUnexamined | events.EvidenceUnjudged]
    ) -> tuple[Finding, ...]:
        self._observer.emit(lost(Finding.VERIFIER_FAULT, fault.error, fault.where))
        if fault.memory:
            return (Finding.VERIFIER_FAULT, Finding.LIMIT_REACHED)
        return (Finding.VERIFIER_FAULT,)

    def _took(self, kind: Kind, said: Said) -> None:
        if self._durations:
            self._durations(kind.value, said.seconds)

    # -- children --------------------------------------------------------------------------------

    def _birth_with(self, material: TrustMaterial, generation: int) -> Birth:
        setup = wire.encode(wire.Setup(material=material, limits=self._limits))
        return Birth(generation, self._launch, setup, self._item_seconds, _START_SECONDS)

    def _is_current(self, child: Child) -> bool:
        current = child.birth.generation == self._birth.generation
        return current and child.given < self._items_per_child

    async def _settle(self) -> None:
        """Wait until all children are current and ready; raises what kept one from starting."""
        self._settled = asyncio.get_running_loop().create_future()
        try:
            self._fill()
            await self._settled
        finally:
            self._settled = None

    def _fill(self) -> None:
        """Start what is missing: at once for the dead, one at a time for the superseded."""
        if self._stopping or self._pause:
            return
        staying = [child for child in self._children if not child.retiring]
        starting = sum(child.state is State.STARTING for child in staying)
        missing = self._wanted - sum(self._is_current(child) for child in staying)
        at_once = max(self._wanted - len(staying), 0 if starting else 1)
        needed = min(missing, at_once)
        if self._suspects and not starting:
            needed = max(needed, 1)
        for _ in range(needed):
            if not self._start_one():
                return

    def _start_one(self) -> bool:
        try:
            self._children.append(Child.start(self._birth, self))
        except OSError as error:
            reason = f"a child process could not be started: {error.strerror}"
            self._failed(wire.Fault(error=type(error).__name__), PermanentError(reason))
            return False
        return True

    def child_ready(self, child: Child, hello: wire.Hello) -> None:
        """Put a sealed child to work, a suspect job before all others, and let an old one go."""
        required = self._launch.isolation == "require"
        if required and (hello.missing or not hello.seccomp or not hello.no_new_privs):
            self._end(child, "stopped")
            self._failed(wire.Fault(error="IsolationError"), _unisolated(hello))
            return
        self._observer.emit(
            events.ChildStarted(child.pid, hello.landlock, hello.seccomp, len(hello.missing))
        )
        while self._suspects and not child.jobs:
            suspect = self._suspects.popleft()
            if not suspect.said.done():
                child.give(suspect, alone=True)
        self._let_go(child)
        self._fill()
        self._dispatch()
        current = [c for c in self._children if c.state is State.READY and self._is_current(c)]
        if self._settled and not self._settled.done() and len(current) >= self._wanted:
            self._settled.set_result(None)

    def _let_go(self, newest: Child) -> None:
        """Retire what is more than wanted, the superseded first."""
        ready = [c for c in self._children if c.state is State.READY and not c.retiring]
        surplus = len(ready) - self._wanted
        old = sorted((c for c in ready if c is not newest), key=self._is_current)
        for child in old[: max(surplus, 0)]:
            child.retiring = True
            if not child.jobs:
                self._retire(child)

    def _retire(self, child: Child) -> None:
        renewed = child.birth.generation != self._birth.generation
        self._end(child, "renewed" if renewed else "recycled")

    def child_refused(self, child: Child, fault: wire.Fault) -> None:
        """A child could not start: say so, go back to what worked, try again later."""
        self._end(child, "stopped")
        reason = f"a child did not start: {fault.error}"
        reason += f" at monitor/{fault.where}" if fault.where else ""
        reason += f": {fault.detail}" if fault.detail else ""
        self._failed(fault, PermanentError(reason))

    def _failed(self, fault: wire.Fault, error: PermanentError) -> None:
        self._failures += 1
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures, 10))
        self._observer.emit(
            events.ChildStartFailed(
                fault.error, fault.where, fault.detail or str(error), self._failures, pause
            )
        )
        if self._last_good:
            self._birth = self._last_good
        if self._settled and not self._settled.done():
            self._settled.set_exception(error)
        if not self._pause and not self._stopping:
            self._pause = asyncio.get_running_loop().call_later(pause, self._try_again)

    def _try_again(self) -> None:
        self._pause = None
        self._fill()

    def _end(self, child: Child, reason: EndReason) -> None:
        """Kill a child and reap it in a thread; idempotent."""
        if child not in self._children:
            return
        self._children.remove(child)
        was_ready = child.state is State.READY
        child.end()
        reaping = asyncio.get_running_loop().run_in_executor(None, child.process.wait)
        self._reaping.add(reaping)
        reaping.add_done_callback(partial(self._reaped, child, reason, was_ready))

    def _reaped(
        self, child: Child, reason: EndReason, was_ready: bool, reaping: asyncio.Future[int]
    ) -> None:
        self._reaping.discard(reaping)
        if not was_ready or reaping.cancelled():
            return
        if reason in ("recycled", "renewed", "stopped"):
            self._observer.emit(events.ChildEnded(child.pid, reason, child.given))
            return
        signal = None
        if reason == "crashed":
            reason, signal = how_it_ended(reaping.result())
        self._observer.emit(events.ChildDied(child.pid, reason, child.given, signal))


async def _validated(model: type[V], payload: bytes) -> V:
    """The answer as a value; raises ValueError when it is none.

    NUL, which PostgreSQL text cannot hold, becomes the replacement character.
    """
    payload = payload.replace(b"\\u0000", b"\\ufffd")
    if len(payload) < _LARGE_ANSWER_BYTES:
        return model.model_validate_json(payload)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, model.model_validate_json, payload)


def _unisolated(hello: wire.Hello) -> IsolationError:
    missing = "; ".join(hello.missing) or "seccomp: not reported"
    return IsolationError(
        f"the children that read foreign files cannot be isolated on this machine: {missing}. "
        'Run on a kernel with seccomp, or accept less with verify.isolation = "best-effort"'
    )
