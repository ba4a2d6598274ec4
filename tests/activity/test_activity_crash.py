"""A log that is written and rotated all the time, its reader killed again and again.

The number of kills is CONGVU_CRASH_ROUNDS: a few in `make test`, more in `make crash`.
"""

import asyncio
import gzip
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.record import Database, Sealer, log_checkpoints
from tests.activity.small_logs import Bench, line
from tests.support.database import Server, open_database

ROUNDS = int(os.environ.get("CONGVU_CRASH_ROUNDS", "8"))
pytestmark = pytest.mark.timeout(180 + 20 * ROUNDS)


class Writer(threading.Thread):
    """A mail system and its logrotate: appends lines, also in halves, and rotates in every way."""

    def __init__(self, path: Path, seed: int) -> None:
        super().__init__()
        self._path = path
        self._chance = random.Random(seed)
        self._over = threading.Event()
        self.written = 0
        self.rotations = {"rename": 0, "copytruncate": 0, "compress": 0}

    def run(self) -> None:
        while not self._over.is_set():
            with self._path.open("ab", buffering=0) as log:
                for _ in range(self._chance.randrange(1, 300)):
                    self._write(log.write)
                if self._chance.random() < 0.5:
                    self._rotate_by_name()
                    self._write(log.write)  # to the old file, until it is told
                else:
                    self._copy_and_truncate()
            if self._chance.random() < 0.5:
                self._compress()

    def _write(self, write) -> None:  # type: ignore[no-untyped-def]
        text = line(self.written)
        half = self._chance.randrange(len(text)) if self._chance.random() < 0.1 else 0
        write(text[:half])
        time.sleep(0.002 if half else 0.0005)
        write(text[half:])
        self.written += 1

    def _rotated(self) -> list[Path]:
        found = list(self._path.parent.glob("mail.log.*"))
        return sorted(found, key=lambda each: -int(each.name.split(".")[2]))

    def _make_room(self) -> None:
        for each in self._rotated():
            _, _, number, *packing = each.name.split(".")
            each.rename(each.with_name(".".join(["mail.log", str(int(number) + 1), *packing])))

    def _rotate_by_name(self) -> None:
        self._make_room()
        self._path.rename(self._path.with_name("mail.log.1"))
        self._path.touch()
        self.rotations["rename"] += 1

    def _copy_and_truncate(self) -> None:
        self._make_room()
        shutil.copyfile(self._path, self._path.with_name("mail.log.1"))
        os.truncate(self._path, 0)
        self.rotations["copytruncate"] += 1

    def _compress(self) -> None:
        spared = self._chance.choice([("1", "2"), ("1",), ()])  # as delaycompress does, or not
        plain = [each for each in self._rotated() if each.name.split(".")[2] not in spared]
        for each in (each for each in plain if not each.name.endswith(".gz")):
            target = each.with_name(each.name + ".gz")
            with each.open("rb") as read, gzip.open(target, "wb") as packed:
                shutil.copyfileobj(read, packed)
            os.utime(target, ns=(each.stat().st_mtime_ns,) * 2)
            each.unlink()
            self.rotations["compress"] += 1

    def stop(self) -> None:
        self._over.set()
        self.join()


@pytest.fixture
async def named(postgres_server: Server) -> AsyncIterator[tuple[str, Database]]:
    """A database of its own that other processes can reach: its DSN."""
    name = await postgres_server.create()
    database = await open_database(postgres_server.dsn(name))
    yield postgres_server.dsn(name), database
    await database.close()
    await postgres_server.drop(name)


def started(dsn: str, state: Path, path: Path, log: Path) -> subprocess.Popen[bytes]:
    call = [sys.executable, "-m", "tests.activity.following_process", dsn, str(state), str(path)]
    with log.open("ab") as output:
        return subprocess.Popen(call, stdout=output, stderr=output)


async def lines_read(database: Database) -> int:
    async with database.connection() as connection:
        return int((await log_checkpoints.load(connection, "small")).whole.get("lines", 0))


async def test_a_killed_reader_loses_and_doubles_nothing(
    named: tuple[str, Database], sealer: Sealer, tmp_path: Path
) -> None:
    dsn, database = named
    bench = Bench(database, sealer, tmp_path / "logs" / "mail.log")
    bench.path.parent.mkdir()
    output = tmp_path / "reader.log"
    chance = random.Random(20261122)
    writer = Writer(bench.path, seed=5)
    reader = started(dsn, tmp_path / "state", bench.path, output)
    writer.start()
    try:
        for _ in range(ROUNDS):
            await asyncio.sleep(chance.uniform(0.4, 2.5))
            reader.kill()
            reader.wait()
            reader = started(dsn, tmp_path / "state", bench.path, output)
        writer.stop()
        deadline = time.monotonic() + 120
        while await lines_read(database) < writer.written and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)  # whatever would be read twice
    finally:
        writer.stop()
        reader.kill()
        reader.wait()
    bench.written = writer.written
    await bench.look()
    said = output.read_text(encoding="utf-8")
    assert "log_gap" not in said
    assert "log_following_failed" not in said
    await bench.prove()
    print(f"{ROUNDS} kills, {writer.written} lines, {writer.rotations}: each line read once")
