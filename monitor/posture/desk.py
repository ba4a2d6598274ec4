"""Where the daemon asks about names: one long-lived process behind it, started again when it ends.

Whatever goes wrong there is an answer that says `unknown`: nothing is raised into the daemon, and
nothing that was not answered is called a failure.
"""

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Literal

from pydantic import ValidationError

from monitor import clock
from monitor.isolate import piped
from monitor.isolate.piped import ProcessDied
from monitor.model import Check, CheckStatus
from monitor.observe import Observer
from monitor.posture.events import (
    Loss,
    NamesDeskFull,
    NamesProcessLost,
    NamesProcessReady,
    NamesRequestFailed,
    NamesRuleFailed,
)
from monitor.posture.model import (
    DomainPosture,
    GatewayState,
    GatewayTarget,
    Official,
    OriginAnswer,
    OriginQuestion,
)
from monitor.posture.names import Why
from monitor.posture.results import printable, result
from monitor.posture.wire import (
    MAX_REPLY_LINE,
    MAX_REQUEST_LINE,
    DomainQuestion,
    Job,
    Reply,
    Request,
    Rules,
    Statistics,
)
from monitor.posture.words import Reason
from monitor.settings import DnsSettings
from monitor.settings.names import resolver_address

Kind = Literal["check", "probe", "origin"]

MAX_WAITING = 1000
"""Questions that wait for an answer at one time, before one about an origin is turned away: of
those strangers send as many as they like, of all others the daemon asks a bounded number."""
CHECK_SECONDS = 300.0
ORIGIN_SECONDS = 60.0
_PROBE_MORE_SECONDS = 10.0
_DESK_MORE_SECONDS = 5.0
"""What the process has to say that it was late, before the desk says so itself."""
_SILENT_SECONDS = 60.0
_FIRST_PAUSE_SECONDS, _LAST_PAUSE_SECONDS = 1.0, 60.0
_MAX_OWED, _MAX_LATE = 4000, 5000
"""Answers that are owed for questions nobody waits for any more: while names are silent, and mail
waits for them but a second, a process that is well may owe so many. Then origins are turned away;
past the second figure the process hangs."""


class _Nonsense(Exception):
    """The process said what is no reply to anything."""


@dataclass(eq=False)
class _Waiting:
    """A question and who waits for its answer."""

    request: Request
    kind: Kind
    said: asyncio.Future[Reply | None]
    sent: bool = False


@dataclass
class _Counted:
    """Statistics over all processes there were."""

    questions: Counter[str] = field(default_factory=Counter)
    cached: int = 0
    now: Statistics = field(default_factory=Statistics)

    def ended(self) -> None:
        self.questions.update(self.now.questions)
        self.cached += self.now.cached
        self.now = Statistics()

    def total(self) -> Statistics:
        return Statistics(
            questions=dict(self.questions + Counter(self.now.questions)),
            cached=self.cached + self.now.cached,
            cache_entries=self.now.cache_entries,
        )


class Desk:
    """Questions of the daemon, answered by the process while `run` runs.

    A question that comes before the process is there waits for it within its own time.
    """

    def __init__(
        self,
        dns: DnsSettings,
        observer: Observer,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._job = Job(rules=rules_of(dns))
        self._observer = observer
        self._monotonic = monotonic
        self._ids = itertools.count(1)
        self._waiting: dict[int, _Waiting] = {}
        self._late: set[int] = set()
        self._counted = _Counted()
        self._process: asyncio.subprocess.Process | None = None
        """From its first word on."""
        self._patience: asyncio.Timeout | None = None
        """While something is waited for from the process."""
        self._closed = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def statistics(self) -> Statistics:
        """What was asked since the daemon began, some seconds old; it never falls."""
        return self._counted.total()

    async def run(self) -> None:
        """Keep a process until `close` or cancelled, for good; the kernel kills it when the thread
        that runs this ends.
        """
        self._idle.clear()
        try:
            await self._keep()
        finally:
            self._closed.set()
            self._give_up(tuple(self._waiting))
            self._idle.set()

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._closed.is_set():
            began = self._monotonic()
            loss = await self._live()
            if self._closed.is_set():
                return
            if self._monotonic() - began > _LAST_PAUSE_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            self._observer.emit(NamesProcessLost(loss, self._give_up_sent(), pause))
            await self._rest(pause)
            pause = min(2 * pause, _LAST_PAUSE_SECONDS)

    async def check(self, domain: str, official: Official) -> DomainPosture:
        """All checks of a domain; every one `unknown` where nobody answered."""
        request = Request(
            id=next(self._ids),
            seconds=CHECK_SECONDS,
            check=DomainQuestion(domain=domain, official=official),
        )
        reply = await self._ask(request, "check")
        if reply is None or reply.check is None:
            return unanswered_domain(domain)
        self._tell_faults(reply.check)
        return reply.check

    async def probe(self, target: GatewayTarget) -> GatewayState:
        """How a gateway answers; `unknown` where nobody looked."""
        seconds = target.timeout_seconds + _PROBE_MORE_SECONDS
        request = Request(id=next(self._ids), seconds=seconds, probe=target)
        reply = await self._ask(request, "probe")
        return (reply and reply.probe) or unanswered_gateway(target)

    async def origin(self, question: OriginQuestion) -> OriginAnswer:
        """Where a message comes from; `unknown` where nobody answered."""
        request = Request(id=next(self._ids), seconds=ORIGIN_SECONDS, origin=question)
        reply = await self._ask(request, "origin")
        return (reply and reply.origin) or OriginAnswer(unknown=True)

    async def close(self) -> None:
        """End the process and answer who still waits; nothing is left behind. Idempotent."""
        self._closed.set()
        if self._patience is not None:
            self._patience.reschedule(asyncio.get_running_loop().time())
        await self._idle.wait()
        self._give_up(tuple(self._waiting))

    def _tell_faults(self, posture: DomainPosture) -> None:
        for each in posture.results:
            if each.reason is Reason.FAULT:
                error, at = each.facts.get("error", ""), each.facts.get("at", "")
                self._observer.emit(NamesRuleFailed(each.check, error, at))

    async def _ask(self, request: Request, kind: Kind) -> Reply | None:
        if self._closed.is_set():
            return None
        if kind == "origin" and self._is_full():
            self._observer.emit(NamesDeskFull(kind))
            return None
        waiting = _Waiting(request, kind, asyncio.get_running_loop().create_future())
        self._waiting[request.id] = waiting
        try:
            async with asyncio.timeout(request.seconds + _DESK_MORE_SECONDS):
                self._send(waiting)
                return await waiting.said
        except TimeoutError:
            return None
        finally:
            self._leave(waiting)

    def _is_full(self) -> bool:
        return len(self._waiting) >= MAX_WAITING or len(self._late) >= _MAX_OWED

    def _send(self, waiting: _Waiting) -> None:
        """Hand it to the process, if there is one; otherwise it goes when there is.

        What the pipe does not take now waits in this process: at most MAX_WAITING lines.
        """
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            return
        line = waiting.request.model_dump_json().encode()
        if len(line) > MAX_REQUEST_LINE:
            waiting.said.set_result(None)
            return
        process.stdin.write(line + b"\n")
        waiting.sent = True

    def _leave(self, waiting: _Waiting) -> None:
        """Nobody waits for it any more; its answer may still come."""
        del self._waiting[waiting.request.id]
        if waiting.sent and (waiting.said.cancelled() or not waiting.said.done()):
            self._late.add(waiting.request.id)

    async def _live(self) -> Loss:
        """One process from its start to its end, and why it ended."""
        try:
            process = await _start()
        except ProcessDied:
            return "not_started"
        try:
            return "ended" if self._closed.is_set() else await self._converse(process)
        finally:
            self._process = None
            self._late.clear()
            self._counted.ended()
            await piped.end(process)

    async def _converse(self, process: asyncio.subprocess.Process) -> Loss:
        try:
            async with self._patient():
                await piped.say(process, self._job.model_dump_json().encode())
            await self._hear(process)
        except TimeoutError:
            return "silent"
        except (_Nonsense, ValidationError, ProcessDied):
            return "nonsense"
        except OSError:
            return "ended"
        return "ended"

    async def _hear(self, process: asyncio.subprocess.Process) -> None:
        """Take replies until there are no more."""
        while not self._closed.is_set():
            async with self._patient():
                reply = await piped.next_line(process, Reply)
            if reply is None:
                return
            if len(self._late) > _MAX_LATE:
                raise TimeoutError
            if self._process is None:
                self._ready(process)
            self._take(reply)

    @contextlib.asynccontextmanager
    async def _patient(self) -> AsyncIterator[None]:
        """Until the process is silent for too long, or `close` ends the wait."""
        async with asyncio.timeout(_SILENT_SECONDS) as patience:
            self._patience = patience
            try:
                yield
            finally:
                self._patience = None

    def _ready(self, process: asyncio.subprocess.Process) -> None:
        """Its first word: what waits is sent."""
        self._process = process
        self._observer.emit(NamesProcessReady())
        for waiting in self._waiting.values():
            self._send(waiting)

    def _take(self, reply: Reply) -> None:
        if reply.statistics is not None:
            self._counted.now = reply.statistics
        if reply.id is None:
            return
        if reply.id in self._late:
            self._late.remove(reply.id)
            return
        waiting = self._waiting.get(reply.id)
        if waiting is None or waiting.said.done() or not _answers(reply, waiting.request):
            raise _Nonsense
        if reply.fault:
            self._observer.emit(NamesRequestFailed(waiting.kind, reply.fault))
        waiting.said.set_result(reply)

    def _give_up_sent(self) -> int:
        """What the lost process was asked is unknown; the number of such questions."""
        return self._give_up(tuple(id_ for id_, one in self._waiting.items() if one.sent))

    def _give_up(self, ids: tuple[int, ...]) -> int:
        for id_ in ids:
            said = self._waiting[id_].said
            if not said.done():
                said.set_result(None)
        return len(ids)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        except TimeoutError:
            return


async def _start() -> asyncio.subprocess.Process:
    return await piped.start("monitor.posture.child", MAX_REPLY_LINE)


def rules_of(dns: DnsSettings) -> Rules:
    """What the process is told of the settings."""
    pairs = (resolver_address(text) for text in dns.resolvers)
    return Rules(
        resolvers=tuple((str(address), port) for address, port in pairs),
        validating=dns.validating,
        timeout_seconds=dns.timeout_seconds,
        tries=dns.tries,
        concurrency=dns.concurrency,
        cache_entries=dns.cache_entries,
    )


def unanswered_domain(domain: str) -> DomainPosture:
    """A posture that says of no check anything."""
    results = tuple(
        result(check, CheckStatus.UNKNOWN, Reason.UNANSWERED, name=domain, why=Why.NOT_ASKED)
        for check in Check
    )
    return DomainPosture(domain=domain, checked_at=clock.now(), results=results, questions=0)


def unanswered_gateway(target: GatewayTarget) -> GatewayState:
    """A gateway that was not looked at."""
    return GatewayState(
        name=target.name,
        checked_at=clock.now(),
        status=CheckStatus.UNKNOWN,
        reason=Reason.UNANSWERED,
        facts={"host": printable(target.host), "port": str(target.port), "why": Why.NOT_ASKED},
    )


def _answers(reply: Reply, request: Request) -> bool:
    """Is it a reply to this very request? One that holds nothing is to any."""
    if reply.check is not None:
        asked = request.check
        return asked is not None and _whole(reply.check, asked.domain)
    if reply.probe is not None:
        return request.probe is not None and reply.probe.name == request.probe.name
    if reply.origin is not None:
        return request.origin is not None
    return True


def _whole(posture: DomainPosture, domain: str) -> bool:
    """Each check once, in their order, of the domain that was asked for."""
    return posture.domain == domain and [one.check for one in posture.results] == list(Check)
