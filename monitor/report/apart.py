"""Reports written by a process of their own (child.py), as the daemon sees it."""

import asyncio
import pickle
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from monitor.errors import UserError
from monitor.isolate import piped
from monitor.isolate.piped import ProcessDied
from monitor.report.order import NotSigned, Order, Written
from monitor.settings import Settings

MAX_LINE = 100_000
SECONDS = 3600.0
"""For all files of a closing; 200 agencies take seconds (docs/benchmarks.md)."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the process is to write."""

    settings: Settings
    closing_id: int
    order: Order
    folder: Path
    started_in: Path
    """Where relative paths of the settings begin."""


class Answer(BaseModel):
    """A file that is written, or why no more are."""

    path: Path = Path()
    size: int = 0
    sha256: str = ""
    differs: str = ""
    fault: str = ""
    unsigned: bool = False
    """The fault is one of signing."""


async def export_apart(
    settings: Settings, closing_id: int, order: Order, folder: Path
) -> list[Written]:
    """Write all files of an order, without holding up this process. Raises UserError.

    Call it in the thread that lives longest (piped.start). What was written before a fault stays.
    """
    work = Work(settings, closing_id, order, folder, Path.cwd())
    try:
        process = await piped.start("monitor.report.child", MAX_LINE)
        try:
            async with asyncio.timeout(SECONDS):
                await piped.tell(process, pickle.dumps(work))
                return await _written(process)
        finally:
            await piped.end(process)
    except (TimeoutError, OSError, ValidationError, ProcessDied):
        raise UserError(
            "the process that writes reports ended before it was done: no memory, or killed"
        ) from None


async def _written(process: asyncio.subprocess.Process) -> list[Written]:
    files = []
    while answer := await piped.next_line(process, Answer):
        if answer.fault:
            raise (NotSigned if answer.unsigned else UserError)(answer.fault)
        files.append(Written(answer.path, answer.size, answer.sha256, answer.differs))
    if await piped.ended(process) != 0:
        raise ProcessDied
    return files
