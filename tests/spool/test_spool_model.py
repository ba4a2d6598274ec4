"""The spool beside a model: any run of work, a stop at any operation, and what is there after.

What was acknowledged and not done is there exactly once and in order; nothing is there that was
not offered; what was done may come back once more, because side files are not synced.
"""

import asyncio
import errno
from contextlib import suppress
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import SpoolFault, SpoolFull
from monitor.spool import Spool
from tests.spool.disk import Disk, Fault, Loss, PowerCut
from tests.spool.samples import (
    Listener,
    contents,
    make_body,
    make_header,
    number_of,
    open_spool,
)

Step = tuple[str, int]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["append", "append", "work", "retry", "pause", "fault"]),
        st.integers(1, 6),
    ),
    min_size=1,
    max_size=14,
)
LOSSES = st.sampled_from([Loss.KEPT, Loss.LOST, Loss.CUT, Loss.LENGTHENED])
SIZES = st.sampled_from([0, 1, 40, 700])
FAULTS = st.sampled_from(
    [
        ("write", errno.ENOSPC),
        ("write", errno.EIO),
        ("sync", errno.EIO),
        ("truncate", errno.EIO),
        ("sync_directory", errno.EIO),
        ("create", errno.ENOSPC),
        ("remove", errno.EIO),
        ("read", errno.EIO),
    ]
)


@dataclass
class Model:
    """What the spool's users know."""

    offered: list[int] = field(default_factory=list)
    acknowledged: set[int] = field(default_factory=set)
    done: set[int] = field(default_factory=set)

    def check(self, found: list[int]) -> None:
        assert len(found) == len(set(found)), "handed out twice"
        order = [self.offered.index(number) for number in found]
        assert order == sorted(order), "out of order"
        missing = self.acknowledged - self.done - set(found)
        assert not missing, f"acknowledged and lost: {missing}"


async def _append(spool: Spool, model: Model, number: int, size: int) -> None:
    with suppress(SpoolFull, SpoolFault, PowerCut):
        await spool.append(make_header(number, size), [make_body(number, size)])
        model.acknowledged.add(number)


async def _step(spool: Spool, model: Model, step: Step, size: int) -> None:
    what, count = step
    if what == "append":
        numbers = range(len(model.offered), len(model.offered) + count)
        model.offered.extend(numbers)
        await asyncio.gather(*(_append(spool, model, number, size) for number in numbers))
    elif what == "pause":
        await asyncio.sleep(0.002 * count)
    else:
        for _ in range(min(count, spool.stats().items)):
            with suppress(TimeoutError, SpoolFault):
                spooled = await asyncio.wait_for(spool.take(), 0.05)
                if what == "work":
                    model.done.add(number_of(spooled))
                    spool.done(spooled)
                else:
                    spool.retry(spooled, 0)


async def _live(
    disk: Disk, model: Model, steps: list[Step], size: int, fault: tuple[str, int]
) -> None:
    """One life of a process, until the steps end or the power does."""
    with suppress(PowerCut, ExceptionGroup):
        spool = open_spool(disk, segment_bytes=2500)
        async with asyncio.TaskGroup() as group:
            group.create_task(_run(spool))
            for step in steps:
                if step[0] == "fault":
                    disk.faults.append(Fault(fault[0], fault[1], written=step[1] * 9))
                elif not disk.dead:
                    await _step(spool, model, step, size)
            with suppress(PowerCut, RuntimeError):
                await spool.close()


async def _run(spool: Spool) -> None:
    """A dead disk ends the spool's tasks; that is not what is looked at."""
    try:
        await spool.run()
    except* PowerCut:
        pass


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    lives=st.lists(st.tuples(STEPS, st.integers(0, 60), LOSSES), min_size=1, max_size=4),
    size=SIZES,
    fault=FAULTS,
    seed=st.integers(0, 1000),
)
def test_nothing_acknowledged_is_lost_doubled_or_disordered_by_crashes_and_faults(
    lives: list[tuple[list[Step], int, Loss]],
    size: int,
    fault: tuple[str, int],
    seed: int,
) -> None:
    disk = Disk()
    model = Model()
    for steps, operations, loss in lives:
        disk.operations_left = operations
        asyncio.run(_live(disk, model, steps, size, fault))
        disk.reboot(loss, seed)
    listener = Listener()
    model.check(asyncio.run(contents(disk, listener)))
    assert not listener.dropped("corrupt")
    assert not listener.dropped("missing")


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, operations=st.integers(5, 60), size=SIZES, seed=st.integers(0, 1000))
def test_blocks_that_reached_the_disk_out_of_order_cost_nothing_acknowledged(
    steps: list[Step], operations: int, size: int, seed: int
) -> None:
    disk = Disk()
    model = Model()
    disk.operations_left = operations
    asyncio.run(_live(disk, model, steps, size, ("read", errno.EIO)))
    disk.reboot(Loss.HOLED, seed)
    model.check(asyncio.run(contents(disk)))


def test_a_stop_at_every_operation_of_one_run_loses_nothing() -> None:
    steps: list[Step] = [("append", 4), ("append", 3), ("work", 3), ("append", 5), ("pause", 1)]
    for loss in (Loss.KEPT, Loss.LOST, Loss.CUT):
        for operations in range(45):
            disk = Disk()
            model = Model()
            disk.operations_left = operations
            asyncio.run(_live(disk, model, steps, 300, ("read", errno.EIO)))
            disk.reboot(loss, operations)
            model.check(asyncio.run(contents(disk)))
