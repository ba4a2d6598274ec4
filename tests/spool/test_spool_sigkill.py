"""A process that spools to a real disk, works off what it spooled, and is killed at random."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from monitor.spool import Spool
from tests.spool.samples import Listener, drain, make_body, make_settings, number_of, running

ROUNDS = 20

APPENDER = """
import asyncio, sys
from pathlib import Path
from monitor.spool import Spool
from tests.spool.samples import Listener, make_body, make_header, make_settings

async def lane(spool, first, step):
    number = first
    while True:
        size = number * 7919 % 90_000
        await spool.append(make_header(number, size), [make_body(number, size)])
        sys.stdout.write(f"{number}\\n")
        sys.stdout.flush()
        number += step

async def worker(spool):
    while True:
        spooled = await spool.take()
        await asyncio.sleep(0.003)
        sys.stdout.write(f"done {int(spooled.header.item_id, 16)}\\n")
        sys.stdout.flush()
        spool.done(spooled)

async def main():
    settings = make_settings(segment_bytes=300_000)
    spool = Spool.open(Path(sys.argv[1]), settings, Listener())
    async with asyncio.TaskGroup() as group:
        group.create_task(spool.run())
        for first in range(20):
            group.create_task(lane(spool, int(sys.argv[2]) + first, 20))
        for _ in range(4):
            group.create_task(worker(spool))

import structlog
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
asyncio.run(main())
"""


def _spool_until_killed(directory: Path, first: int, after: float) -> list[str]:
    """Run the appender and kill it; the whole lines that it said."""
    command = [sys.executable, "-c", APPENDER, str(directory), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline()]
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        said += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    return [line.strip() for line in said if line.endswith("\n")]


async def test_everything_acknowledged_before_a_kill_is_done_or_there_once(tmp_path: Path) -> None:
    chance = random.Random(1)
    acknowledged: set[int] = set()
    done: set[int] = set()
    for turn in range(ROUNDS):
        said = _spool_until_killed(tmp_path, turn * 1_000_000, chance.uniform(0, 0.15))
        acknowledged |= {int(line) for line in said if not line.startswith("done")}
        done |= {int(line.removeprefix("done ")) for line in said if line.startswith("done")}
    listener = Listener()
    async with running(Spool.open(tmp_path, make_settings(), listener)) as spool:
        taken = await drain(spool)
    numbers = [number_of(spooled) for spooled in taken]
    assert len(acknowledged) > ROUNDS
    assert len(numbers) == len(set(numbers))
    assert acknowledged <= set(numbers) | done
    assert all(s.body == make_body(number_of(s), s.header.size) for s in taken)
    assert not listener.dropped("corrupt")
    assert not listener.dropped("missing")
    assert len(done - set(numbers)) > ROUNDS
