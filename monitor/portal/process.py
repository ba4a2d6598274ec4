"""The portal process as the daemon sees it: one round, ended in any case.

What it says is bounded: lines, octets, how many answers, and how long it may be silent. Whether
an address is one that may be asked at all is the caller's to check as well.
"""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator

from pydantic import ValidationError

from monitor.isolate import piped
from monitor.isolate.piped import ProcessDied
from monitor.portal.wire import MAX_DELAY_SECONDS, MAX_LINE, MAX_LINKS_BYTES, Answer, Job, Outcome

__all__ = ["Piece", "ProcessDied", "run"]

_START_SECONDS = 60.0
_WORK_SECONDS = 300.0
"""Longest silence over one answer that has come: reading it, on a busy machine."""
_LINES = 30
"""Of one request at most: it is announced, and hosts and rules are told of beside it."""

Piece = list[bytes]


async def run(job: Job) -> AsyncGenerator[tuple[Answer, Piece], None]:
    """Answers as they come, `asking` among them; raises ProcessDied.

    The process waits while the caller does: nothing is read ahead of it.
    """
    process = await _start()
    patience = _START_SECONDS + _WORK_SECONDS + MAX_DELAY_SECONDS + job.rules.timeout_seconds
    try:
        await _tell(process, job)
        for _ in range(_LINES * (job.max_pages + 100) + len(job.known)):
            async with asyncio.timeout(patience):
                answer = await _next(process, job.rules.max_bytes)
            if answer is None:
                break
            yield answer
        else:
            raise ProcessDied
        if await piped.ended(process) != 0:
            raise ProcessDied
    except (TimeoutError, OSError, ValidationError, asyncio.IncompleteReadError):
        raise ProcessDied from None
    finally:
        await piped.end(process)


async def _start() -> Process:
    return await piped.start("monitor.portal.child", MAX_LINE)


async def _tell(process: Process, job: Job) -> None:
    written = await asyncio.to_thread(job.model_dump_json)
    async with asyncio.timeout(_START_SECONDS):
        await piped.tell(process, written.encode())


async def _next(process: Process, max_bytes: int) -> tuple[Answer, Piece] | None:
    answer = await piped.next_line(process, Answer)
    if answer is None:
        return None
    limit = max_bytes if answer.outcome is Outcome.DOCUMENT else 2 * MAX_LINKS_BYTES
    if answer.size > limit:
        raise ProcessDied
    return answer, await piped.octets(process, answer.size)
