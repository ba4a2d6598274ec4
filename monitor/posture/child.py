"""The process for names: `python -I -m monitor.posture.child PARENT_PID`, until its input ends.

It is born with a clean environment and two pipes, gives up what it does not need, and only then
reads what to do. It asks the resolvers of its job and connects to the gateways of its requests;
it can write nothing but its replies, and reads neither mail nor database.
"""

import asyncio
import gc
import os
import ssl
import sys
import warnings
from contextlib import AbstractAsyncContextManager

from monitor import clock
from monitor.isolate.networked import confine, preload
from monitor.isolate.sandbox import die_with
from monitor.posture import gateway, origin
from monitor.posture.domain import check_domain
from monitor.posture.resolver import Resolver
from monitor.posture.wire import BEAT_SECONDS, MAX_REQUEST_LINE, Job, Reply, Request, Rules

MEMORY_BYTES = 1024**3
"""Of address space; about 100 MB of it is used."""
_LATE_IMPORTS = ("dns", "encodings", "idna", "cryptography.x509", "cryptography.hazmat")
_NEW_OBJECTS = 20_000
"""Between two collections of garbage, for 700: each goes through whatever is under way."""
_CHECKS, _PROBES, _ORIGINS = 50, 20, 200
"""Requests at work at one time; the others wait their turn."""
_SHARE = 0.75
"""Of the questions that may be under way, for checks and for origins: mail whose signatures lead to
slow servers does not keep domains from being looked at, nor slow domains mail from being proven."""


def main() -> int:
    """Serve until the daemon hangs up; replies go to standard output."""
    parent = int(sys.argv[1])
    die_with(parent)
    warnings.simplefilter("ignore")
    preload(_LATE_IMPORTS)
    ssl.create_default_context()
    confine(parent, MEMORY_BYTES, alone=True)
    gc.freeze()  # what is loaded stays
    gc.set_threshold(_NEW_OBJECTS)
    asyncio.run(_serve())
    return 0


async def _serve() -> None:
    reader = asyncio.StreamReader(limit=MAX_REQUEST_LINE)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    office = Office(Job.model_validate_json(await reader.readline()).rules)
    async with asyncio.TaskGroup() as group:
        group.create_task(office.beat())
        while line := await reader.readline():
            group.create_task(office.serve(Request.model_validate_json(line)))
        os._exit(0)  # the daemon hung up: nobody hears what is under way


class Office:
    """Does what is asked of it, several things at a time."""

    def __init__(self, rules: Rules) -> None:
        self._names = Resolver(rules)
        self._for_checks = self._names.lane(int(rules.concurrency * _SHARE))
        self._for_origins = self._names.lane(int(rules.concurrency * _SHARE))
        self._checks = asyncio.Semaphore(_CHECKS)
        self._probes = asyncio.Semaphore(_PROBES)
        self._origins = asyncio.Semaphore(_ORIGINS)

    async def beat(self) -> None:
        """Say that this process lives, and what it counted."""
        while True:
            tell(Reply(statistics=self._names.statistics))
            await asyncio.sleep(BEAT_SECONDS)

    async def serve(self, request: Request) -> None:
        """Reply to one request, whatever becomes of it."""
        try:
            async with asyncio.timeout(request.seconds), self._turn(request):
                reply = await self._do(request)
        except TimeoutError:
            reply = Reply(id=request.id)
        except MemoryError:
            raise  # nothing here is whole any more: a new process is
        except Exception as error:  # noqa: BLE001 one request's fault, told to the daemon
            reply = Reply(id=request.id, fault=type(error).__name__)
        tell(reply)

    def _turn(self, request: Request) -> AbstractAsyncContextManager[None]:
        if request.check:
            return self._checks
        return self._probes if request.probe else self._origins

    async def _do(self, request: Request) -> Reply:
        if asked := request.check:
            posture = await check_domain(
                self._for_checks, asked.domain, asked.official, clock.now()
            )
            return Reply(id=request.id, check=posture)
        if request.probe:
            state = await gateway.probe(request.probe, clock.now(), self._names)
            return Reply(id=request.id, probe=state)
        if request.origin:
            said = await origin.answer(self._for_origins, request.origin)
            return Reply(id=request.id, origin=said)
        return Reply(id=request.id)


def tell(reply: Reply) -> None:
    """Write one line; waits where the daemon does."""
    out = sys.stdout.buffer
    out.write(reply.model_dump_json(exclude_none=True).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
