"""The fetching process: `python -I -m monitor.fetch.child PARENT_PID`, one job, then it ends.

It is born with a clean environment and two pipes, gives up what it does not need, and only then
reads what to do. It can write nothing but its answers.
"""

import asyncio
import ssl
import sys
import warnings
from dataclasses import dataclass

from monitor import clock
from monitor.fetch.client import Client
from monitor.fetch.findings import sift
from monitor.fetch.hosts import Failure
from monitor.fetch.seeking import Seeker
from monitor.fetch.wire import Answer, Job, Outcome, Target
from monitor.isolate.networked import confine, preload
from monitor.isolate.sandbox import die_with
from monitor.verify.certificate import Certificate
from monitor.verify.trust import read_certificates

MEMORY_BYTES = 2 * 1024**3
_AT_ONCE = 4
_LATE_IMPORTS = ("aiohttp", "encodings", "cryptography.x509", "cryptography.hazmat")


def main() -> int:
    """Do the job on standard input; answers go to standard output."""
    parent = int(sys.argv[1])
    die_with(parent)
    warnings.simplefilter("ignore")
    _preload()
    confine(parent, MEMORY_BYTES)
    job = Job.model_validate_json(sys.stdin.buffer.read())
    asyncio.run(_work(job))
    return 0


def _preload() -> None:
    preload(_LATE_IMPORTS)
    ssl.create_default_context()


async def _work(job: Job) -> None:
    authorities = read_certificates(job.authorities)
    async with Client(job.rules) as client:
        worker = _Worker(client, authorities, asyncio.Semaphore(_AT_ONCE))
        async with asyncio.TaskGroup() as group:
            for target in job.targets:
                group.create_task(worker.fetch(target))
        if job.seek:
            await Seeker(client, authorities, tell).run(job.seek)


@dataclass(frozen=True)
class _Worker:
    client: Client
    authorities: list[Certificate]
    gate: asyncio.Semaphore

    async def fetch(self, target: Target) -> None:
        """One address and what became of it."""
        async with self.gate:
            try:
                await self._fetch(target)
            except Failure as failure:
                tell(Answer(url=target.url, outcome=failure.outcome))

    async def _fetch(self, target: Target) -> None:
        reply = await self.client.get(target)
        if reply.body is None:
            tell(Answer(url=target.url, outcome=Outcome.UNCHANGED))
            return
        kept = await asyncio.to_thread(sift, reply.body, self.authorities, clock.now())
        for what, der in kept:
            head = Answer(
                url=target.url, outcome=Outcome.NEW, what=what, size=len(der),
                etag=reply.etag, last_modified=reply.last_modified,
            )  # fmt: skip
            tell(head, der)


def tell(head: Answer, body: bytes = b"") -> None:
    """Write one answer; only the loop's thread does."""
    out = sys.stdout.buffer
    out.write(head.model_dump_json().encode() + b"\n" + body)
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
