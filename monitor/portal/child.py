"""The portal process: `python -I -m monitor.portal.child PARENT_PID`, one round, then it ends.

It is born with a clean environment and two pipes, gives up what it does not need, and only then
reads what to do. It can write nothing but its answers.
"""

import asyncio
import os
import ssl
import sys
import warnings
from collections.abc import Sequence

from monitor.fetch.client import Client
from monitor.isolate.networked import confine, preload
from monitor.isolate.sandbox import die_with, limit_memory
from monitor.portal.asking import Asker
from monitor.portal.walk import Walk
from monitor.portal.wire import Answer, Job

MEMORY_BYTES = 2 * 1024**3
"""Beside twice the largest answer."""
_MOST_BYTES = 64 * 1024**3
_LATE_IMPORTS = ("aiohttp", "encodings")
AGENT = "congvu (+robots.txt: congvu; reads published documents)"


def main() -> int:
    """Do the round on standard input; answers go to standard output."""
    parent = int(sys.argv[1])
    die_with(parent)
    os.nice(10)
    warnings.simplefilter("ignore")
    preload(_LATE_IMPORTS)
    ssl.create_default_context()
    confine(parent, _MOST_BYTES)
    job = Job.model_validate_json(sys.stdin.buffer.read())
    limit_memory(min(MEMORY_BYTES + 2 * job.rules.max_bytes, _MOST_BYTES))
    asyncio.run(_work(job))
    return 0


async def _work(job: Job) -> None:
    async with Client(job.rules, AGENT) as client:
        await Walk(job, Asker(client, job.rules), tell).run()


def tell(head: Answer, body: Sequence[bytes]) -> None:
    """Write one answer; waits where the daemon does."""
    out = sys.stdout.buffer
    out.write(head.model_dump_json().encode() + b"\n")
    for part in body:
        out.write(part)
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
