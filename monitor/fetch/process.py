"""The fetching process as its parent sees it: started clean, given one job, ended in any case."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator

from pydantic import ValidationError

from monitor.fetch.wire import MAX_LINE, Answer, Job
from monitor.isolate import piped
from monitor.isolate.piped import ProcessDied

__all__ = ["ProcessDied", "run"]

_START_SECONDS = 60.0
_MAX_ANSWERS = 1000


async def run(job: Job, seconds: float) -> AsyncGenerator[tuple[Answer, bytes], None]:
    """Answers as they come, for so many seconds; raises ProcessDied."""
    process = await _start()
    try:
        async with asyncio.timeout(seconds + _START_SECONDS):
            await piped.tell(process, job.model_dump_json().encode())
            for _ in range(_MAX_ANSWERS):
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
    return await piped.start("monitor.fetch.child", MAX_LINE)


async def _next(process: Process, max_bytes: int) -> tuple[Answer, bytes] | None:
    answer = await piped.next_line(process, Answer)
    if answer is None:
        return None
    if answer.size > max_bytes:
        raise ProcessDied
    return answer, b"".join(await piped.octets(process, answer.size))
