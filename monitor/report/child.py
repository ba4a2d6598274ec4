"""The process that writes a daemon's reports: `python -I -m monitor.report.child PARENT_PID`.

Seconds of work and hundreds of megabytes are kept out of the daemon, whose event loop takes mail
meanwhile. It reads a pickled `Work` of its own parent and answers with a line a file.
"""

import asyncio
import os
import pickle  # of our own parent alone
import sys
import traceback
from pathlib import Path

from monitor.errors import UserError
from monitor.isolate.sandbox import be_the_first_to_go, die_with
from monitor.observe import Observer, configure_logging
from monitor.record.access import attached
from monitor.report.apart import Answer, Work
from monitor.report.export import exported
from monitor.report.order import NotSigned

NICE = 10
OWN = str(Path(__file__).parents[1])


def main() -> int:
    """Do the work on standard input."""
    die_with(int(sys.argv[1]))
    be_the_first_to_go()
    os.nice(NICE)
    configure_logging("error", "console")
    work: Work = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - our own parent's
    os.chdir(work.started_in)
    try:
        asyncio.run(_export(work))
    except UserError as error:
        _say(Answer(fault=str(error), unsigned=isinstance(error, NotSigned)))
        return 1
    except Exception as error:  # noqa: BLE001 - told to the parent, which raises it
        _say(Answer(fault=_fault(error, work)))
        return 1
    return 0


async def _export(work: Work) -> None:
    async with (
        attached(work.settings, Observer()) as database,
        database.connection() as connection,
    ):
        files = exported(connection, work.settings, work.closing_id, work.order, work.folder)
        async for each in files:
            _say(Answer(path=each.path, size=each.size, sha256=each.sha256, differs=each.differs))


def _fault(error: Exception, work: Work) -> str:
    """What failed, where in our own code, and how to see all of it; nothing of the data."""
    frames = traceback.extract_tb(error.__traceback__)
    own = next((each for each in reversed(frames) if OWN in each.filename), frames[-1])
    whose = work.order.agency or work.order.level or "the province"
    return (
        f"report of {whose}: {type(error).__name__} at {Path(own.filename).name}:{own.lineno}; "
        "`congvu report --period … --out …` by hand shows whether it stays"
    )


def _say(answer: Answer) -> None:
    sys.stdout.buffer.write(answer.model_dump_json().encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
