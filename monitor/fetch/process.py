"""The fetching process as its parent sees it: started clean, given one job, ended in any case."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator

from pydantic import ValidationError

from monitor.fetch.wire import MAX_LINE, Answer, Job
from monitor.isolate.process import ENVIRONMENT

_START_SECONDS = 60.0
_MAX_ANSWERS = 1000


class ProcessDied(Exception):
    """The process ended, hung or talked nonsense before its job was done."""


async def run(job: Job, seconds: float) -> AsyncGenerator[tuple[Answer, bytes], None]:
    """Answers as they come, for so many seconds; raises ProcessDied.

    Call it in the thread that lives longest: the kernel kills the process when the thread that
    started it ends.
    """
    process = await _start()
    try:
        async with asyncio.timeout(seconds + _START_SECONDS):
            await _tell(process, job)
            for _ in range(_MAX_ANSWERS):
                answer = await _next(process, job.rules.max_bytes)
                if answer is None:
                    break
                yield answer
            else:
                raise ProcessDied
        if await _ended(process) != 0:
            raise ProcessDied
    except (TimeoutError, OSError, ValidationError, asyncio.IncompleteReadError):
        raise ProcessDied from None
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _start() -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-X", "utf8", "-m", "monitor.fetch.child", str(os.getpid()),
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=MAX_LINE, env=ENVIRONMENT, cwd="/",
            start_new_session=True, close_fds=True,
        )  # fmt: skip
    except OSError:
        raise ProcessDied from None


async def _tell(process: Process, job: Job) -> None:
    if process.stdin is None:
        raise ProcessDied
    process.stdin.write(job.model_dump_json().encode())
    await process.stdin.drain()
    process.stdin.close()


async def _next(process: Process, max_bytes: int) -> tuple[Answer, bytes] | None:
    if process.stdout is None:
        raise ProcessDied
    try:
        line = await process.stdout.readline()
    except ValueError:  # no end of line within the limit
        raise ProcessDied from None
    if not line:
        return None
    answer = Answer.model_validate_json(line)
    if answer.size > max_bytes:
        raise ProcessDied
    return answer, await process.stdout.readexactly(answer.size)


async def _ended(process: Process) -> int:
    async with asyncio.timeout(10):
        return await process.wait()
