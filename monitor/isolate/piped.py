"""A process that is told one job and answers on a pipe: lines of JSON, octets behind each.

It is started clean: no environment, no descriptor but its pipes. What it says is bounded and
checked against a schema; it is ended in any case.
"""

import asyncio
import os
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import TypeVar

from pydantic import BaseModel

from monitor.isolate.process import ENVIRONMENT

Answer = TypeVar("Answer", bound=BaseModel)
_PIECE = 1024 * 1024
_END_SECONDS = 10.0


class ProcessDied(Exception):
    """The process ended, hung or talked nonsense before its job was done."""


async def start(module: str, max_line: int) -> Process:
    """`python -I -m MODULE PARENT_PID`; raises ProcessDied where there is no room for it.

    Call it in the thread that lives longest: the kernel kills the process when the thread that
    started it ends.
    """
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-X", "utf8", "-m", module, str(os.getpid()),
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=max_line, env=ENVIRONMENT, cwd="/",
            start_new_session=True, close_fds=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        raise ProcessDied from None


async def tell(process: Process, job: bytes) -> None:
    """Write the job, and that it ends there."""
    if process.stdin is None:
        raise ProcessDied
    process.stdin.write(job)
    await process.stdin.drain()
    process.stdin.close()


async def say(process: Process, line: bytes) -> None:
    """Write one line of many; raises OSError where the process has hung up."""
    if process.stdin is None:
        raise ProcessDied
    process.stdin.write(line + b"\n")
    await process.stdin.drain()


async def next_line(process: Process, schema: type[Answer]) -> Answer | None:
    """The next answer, without what follows it; None when the process has said all.

    Raises ProcessDied, or pydantic's ValidationError for what is no answer.
    """
    if process.stdout is None:
        raise ProcessDied
    try:
        line = await process.stdout.readline()
    except ValueError:  # no end of line within the limit
        raise ProcessDied from None
    return schema.model_validate_json(line) if line else None


async def octets(process: Process, size: int) -> list[bytes]:
    """So many octets in pieces, which are never joined here."""
    if process.stdout is None:
        raise ProcessDied
    pieces: list[bytes] = []
    left = size
    while left:
        pieces.append(await process.stdout.readexactly(min(left, _PIECE)))
        left -= len(pieces[-1])
    return pieces


async def ended(process: Process) -> int:
    """Exit status of a process that has said all; raises TimeoutError when it lingers."""
    async with asyncio.timeout(_END_SECONDS):
        return await process.wait()


async def end(process: Process) -> None:
    """Let nothing of it remain."""
    if process.returncode is None:
        process.kill()
    # What it wrote and nobody read: asyncio does not see an end behind a full buffer.
    while process.stdout is not None and await _more(process.stdout):
        pass
    await process.wait()


async def _more(output: asyncio.StreamReader) -> bytes:
    try:
        return await output.read(_PIECE)
    except OSError:
        return b""
