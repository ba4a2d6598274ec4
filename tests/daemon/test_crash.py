"""Nothing acknowledged is lost and nothing is counted twice, whatever is killed and when.

The number of kills is CONGVU_CRASH_ROUNDS: a few in `make test`, 200 in `make crash`.
"""

import os
import random
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from tests.daemon.conftest import Start
from tests.support.daemon import DaemonProcess
from tests.support.load import Load, key_of
from tests.support.needs import needs

ROUNDS = int(os.environ.get("CONGVU_CRASH_ROUNDS", "5"))
pytestmark = pytest.mark.timeout(180 + 40 * ROUNDS)


def prove(daemon: DaemonProcess, load: Load) -> None:
    """Each acknowledged message once, a cut off one at most once, nothing else."""
    daemon.wait_drained(300)
    copies = {
        row[0]: row[1]
        for row in daemon.sql("SELECT encode(message_key, 'hex'), copies FROM message")
    }
    acknowledged = {key_of(number) for number in load.acknowledged}
    possible = acknowledged | {key_of(number) for number in load.unanswered}
    assert acknowledged - copies.keys() == set(), "acknowledged and lost"
    assert copies.keys() - possible == set(), "never sent"
    assert {key for key, number in copies.items() if number != 1} == set(), "counted twice"
    [[items]] = daemon.sql("SELECT count(*) FROM item")
    assert items == len(copies)
    assert not any(500 <= code < 600 for code in load.refused), "an allowed source got a 5xx"
    print(
        f"{len(load.acknowledged)} acknowledged, {len(load.unanswered)} cut off, "
        f"{len(load.refused)} put off, {len(copies)} recorded, each once"
    )


def is_another(daemon: DaemonProcess, killed: int) -> bool:
    return daemon.postmaster() != killed


def test_a_killed_daemon_loses_and_doubles_nothing(daemon: Start) -> None:
    chance = random.Random(20261121)
    running = daemon()
    with Load(running) as load:
        for _ in range(ROUNDS):
            # Not only while it works: also while it starts, recovers and connects.
            time.sleep(chance.choice([chance.uniform(0, 1), chance.uniform(1, 4)]))
            running.kill()
            running.start(ready=False)
        running.wait_ready()
        time.sleep(1)
    prove(running, load)
    assert running.stop() == 0


def test_a_killed_database_loses_and_doubles_nothing(daemon: Start) -> None:
    chance = random.Random(4)
    running = daemon()
    # Slow enough that a database which is away half the time can catch up in the end.
    with Load(running, pause=0.02) as load:
        for _ in range(ROUNDS):
            time.sleep(chance.uniform(0.3, 2))
            killed = running.postmaster()
            os.kill(killed, signal.SIGKILL)
            running.wait_for(partial(is_another, running, killed), "a new database server")
            running.wait_ready()
    prove(running, load)
    # 421 ends a session at its message limit; the database being away puts no mail off.
    assert set(load.refused) <= {421}
    assert running.stop() == 0


def test_a_spool_at_its_bound_answers_452_and_recovers(daemon: Start) -> None:
    running = daemon(spool={"max_bytes": 3 * 1024 * 1024, "segment_bytes": 1024 * 1024})
    running.pause_database()
    with Load(running, threads=8) as load:
        deadline = time.monotonic() + 60
        while not load.refused and time.monotonic() < deadline:
            time.sleep(0.05)
        assert set(load.refused) == {452}
        before = len(load.acknowledged)
        running.resume_database()
        while len(load.acknowledged) < before + 50 and time.monotonic() < deadline + 60:
            time.sleep(0.05)
        assert len(load.acknowledged) >= before + 50, "it never accepted again"
    prove(running, load)
    assert running.stop() == 0


@needs("mount")
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
def test_a_full_disk_answers_452_and_recovers(daemon: Start, tmp_path: Path) -> None:
    running = daemon(start=False)
    spool = running.state / "spool"
    spool.mkdir(parents=True)
    assert os.system(f"mount -t tmpfs -o size=4m tmpfs '{spool}'") == 0
    try:
        running.start()
        filler = spool / "filler"
        filler.write_bytes(b"x" * 2_500_000)
        running.pause_database()
        with Load(running, threads=8) as load:
            deadline = time.monotonic() + 60
            while not load.refused and time.monotonic() < deadline:
                time.sleep(0.05)
            assert load.refused, "the disk never filled"
            assert set(load.refused) <= {451, 452}
            filler.unlink()
            running.resume_database()
            before = len(load.acknowledged)
            while len(load.acknowledged) < before + 50 and time.monotonic() < deadline + 60:
                time.sleep(0.05)
            assert len(load.acknowledged) >= before + 50, "it never accepted again"
        prove(running, load)
        assert running.stop() == 0
    finally:
        if running.process and running.process.poll() is None:
            running.kill()
        os.system(f"umount -l '{spool}'")
