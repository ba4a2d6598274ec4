"""One child as the daemon sees it: started clean, given work in order, ended without question.

The work given is answered in order, so whatever goes wrong is the doing of the first unanswered
job; the ones behind it are innocent.
"""

import asyncio
import signal
import socket
import subprocess
import sys
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from monitor.isolate import wire
from monitor.isolate.channel import Channel
from monitor.isolate.events import EndReason

ENVIRONMENT = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC0"}
"""All of a child's environment; the zone is spelt so that no file is needed for it."""


@dataclass(frozen=True)
class Said:
    """What became of a job."""

    what: wire.Frame | EndReason
    """The child's frame; or, when there is none, why its child had to end."""
    seconds: float
    child: "Child | None" = None


@dataclass(eq=False)
class Job:
    """One request, and who waits for its answer."""

    kind: bytes
    payload: bytes
    bodies: tuple[bytes, ...]
    said: "asyncio.Future[Said]"
    crashes: int = 0
    started: float = 0.0
    """Loop time when a child turned to it."""
    prefers: "Child | None" = None
    """Who has extracted the item and may remember; any other child does as well."""


class State(Enum):
    STARTING = auto()
    READY = auto()
    ENDED = auto()


class Owner(Protocol):
    """What a child tells the pool."""

    def child_ready(self, child: "Child", hello: wire.Hello) -> None:
        """It is sealed."""

    def child_refused(self, child: "Child", fault: wire.Fault) -> None:
        """It could not start."""

    def child_answered(self, child: "Child", job: Job, frame: wire.Frame) -> None:
        """It answered the job at its head."""

    def child_noted(self, fault: wire.Fault) -> None:
        """It met with a fault in a part of what it works on, and goes on."""

    def child_lost(self, child: "Child", reason: EndReason) -> None:
        """It ended, or must: `child.jobs` holds what it leaves behind."""


@dataclass(frozen=True)
class Birth:
    """How children are made; the same for all of one generation."""

    generation: int
    launch: wire.Launch
    setup: bytes
    item_seconds: float
    start_seconds: float


@dataclass(eq=False)
class Child:
    """A child process. Use `start`; start it from the thread that lives longest.

    The kernel kills a child when the *thread* that started it ends.
    """

    birth: Birth
    owner: Owner
    process: subprocess.Popen[bytes]
    channel: Channel = field(init=False)
    jobs: deque[Job] = field(default_factory=deque)
    state: State = State.STARTING
    given: int = 0
    alone: bool = False
    """It holds a job that killed another child: nothing is queued behind that."""
    retiring: bool = False
    """It finishes the jobs it holds and gets no more."""
    notes: int = 0
    """Taken since the last answer."""
    _timer: asyncio.TimerHandle | None = None

    @classmethod
    def start(cls, birth: Birth, owner: Owner) -> "Child":
        """Start a process (about 2 ms of the loop's time); raises OSError."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            process = _spawn(birth.launch, theirs)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        child = cls(birth, owner, process)
        child.channel = Channel(ours, child._framed, child._ended)
        child._arm(birth.start_seconds)
        child.channel.send(wire.head(wire.SETUP, 0, birth.setup), birth.setup)
        return child

    @property
    def pid(self) -> int:
        return self.process.pid

    def free(self, ahead: int) -> bool:
        """May it be given a job, when it may hold so many?"""
        takes = self.state is State.READY and not self.alone and not self.retiring
        return takes and len(self.jobs) < ahead

    def give(self, job: Job, *, alone: bool = False) -> None:
        """Send it a job, to be done after those it has."""
        self.jobs.append(job)
        self.given += 1
        self.alone = alone
        if len(self.jobs) == 1:
            self._turn_to(job)
        size = sum(len(body) for body in job.bodies)
        start = wire.head(job.kind, self.given, job.payload, size)
        self.channel.send(start, job.payload, *job.bodies)

    def end(self) -> None:
        """Kill it and close the wire; it keeps nothing that would have to be saved. Idempotent."""
        self.state = State.ENDED
        self._disarm()
        self.channel.close()
        self.process.kill()

    def _turn_to(self, job: Job) -> None:
        job.started = asyncio.get_running_loop().time()
        self._arm(self.birth.item_seconds)

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._lose, "timeout")

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _framed(self, frame: wire.Frame) -> None:
        if self.state is State.STARTING:
            self._started(frame)
        elif frame.kind == wire.NOTE:
            self._noted(frame)
        elif self._answers_head(frame):
            job = self.jobs.popleft()
            self.alone = False
            self.notes = 0
            self._disarm()
            if self.jobs:
                self._turn_to(self.jobs[0])
            self.owner.child_answered(self, job, frame)
        else:
            self._lose("nonsense")

    def _started(self, frame: wire.Frame) -> None:
        try:
            if frame.kind == wire.HELLO:
                hello = wire.Hello.model_validate_json(frame.payload)
                self.state = State.READY
                self._disarm()
                self.owner.child_ready(self, hello)
                return
            fault = wire.Fault.model_validate_json(frame.payload)
        except ValueError:
            fault = wire.Fault(error="nonsense")
        self.owner.child_refused(self, fault)

    def _noted(self, frame: wire.Frame) -> None:
        self.notes += 1
        try:
            fault = wire.Fault.model_validate_json(frame.payload)
        except ValueError:
            fault = None
        if fault and self.jobs and self.notes <= wire.MAX_NOTES:
            self.owner.child_noted(fault)
        else:
            self._lose("nonsense")

    def _answers_head(self, frame: wire.Frame) -> bool:
        """Is this an answer of the right kind to the job whose turn it is?"""
        if not self.jobs or frame.ticket != self.given - len(self.jobs) + 1:
            return False
        wanted = wire.EXAMINED if self.jobs[0].kind == wire.EXAMINE else wire.VERDICT
        return frame.kind in (wanted, wire.FAULT)

    def _ended(self, broken: bool) -> None:
        self._lose("nonsense" if broken else "crashed")

    def _lose(self, reason: EndReason) -> None:
        if self.state is State.STARTING:
            error = {"timeout": "silent", "nonsense": "nonsense"}.get(reason, "exit")
            self.owner.child_refused(self, wire.Fault(error=error))
        else:
            self.owner.child_lost(self, reason)


def _spawn(launch: wire.Launch, theirs: socket.socket) -> subprocess.Popen[bytes]:
    told = launch.model_copy(update={"descriptor": theirs.fileno()})
    return subprocess.Popen(  # noqa: S603 our own interpreter and module
        [sys.executable, "-I", "-X", "utf8", "-m", "monitor.isolate.child",
         wire.encode(told).decode()],
        env=ENVIRONMENT,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(theirs.fileno(),),
        start_new_session=True,
    )  # fmt: skip


def how_it_ended(returncode: int) -> tuple[EndReason, int | None]:
    """The words for a crash, from what wait(2) said, and the signal if there was one."""
    if returncode == -signal.SIGSYS:
        return "forbidden_call", int(signal.SIGSYS)
    return "crashed", -returncode if returncode < 0 else None
