"""Logs that the real logrotate rotates while they are read."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from monitor.activity.events import LogGap
from tests.activity.small_logs import Bench
from tests.support.needs import needs, program

pytestmark = needs("logrotate")

WAYS = {
    "by name": "nocreate",
    "delayed": "create 0644\n compress\n delaycompress",
    "compressed": "create\n compress",
    "dated": "create\n dateext\n dateformat -%Y%m%d-%s",
    "before the ending": "create\n dateext\n dateformat -%Y%m%d-%s\n extension .log\n compress",
    "copied": "copytruncate",
    "copied and compressed": "copytruncate\n compress",
    "xz": "create\n compress\n compresscmd /usr/bin/xz\n compressext .xz",
}


class Logrotate:
    """The program with a configuration for one log."""

    def __init__(self, folder: Path, log: Path, way: str) -> None:
        self._last = 0
        self._config, self._state = folder / "rotate.conf", folder / "rotate.state"
        account = "su root root\n " if os.geteuid() == 0 else ""
        self._config.write_text(f"{log} {{\n {account}rotate 20\n {WAYS[way]}\n}}\n")
        self._config.chmod(0o644)
        log.parent.chmod(0o755)

    def run(self) -> None:
        # It refuses to write a name twice, and the kernel's coarse clock is a little late.
        while int(time.time() - 0.1) <= self._last and "dateext" in self._config.read_text():
            time.sleep(0.05)
        call = [program("logrotate"), "--force", "--state", str(self._state), str(self._config)]
        subprocess.run(call, check=True, capture_output=True)
        self._last = int(time.time())


@pytest.mark.parametrize("way", WAYS)
async def test_each_line_is_read_once(bench: Bench, tmp_path: Path, way: str) -> None:
    rotation = Logrotate(tmp_path, bench.path, way)
    for number in range(6):
        bench.write(30)
        if number % 2:
            await bench.look()
        bench.write(7)
        if number == 3:
            bench.restart()
        rotation.run()
        if number != 2:  # two rotations between two looks
            await bench.look()
    bench.write(3)
    await bench.look(3)
    await bench.prove()
    assert not bench.events.named(LogGap)


async def test_the_oldest_that_logrotate_removes_is_no_gap(bench: Bench, tmp_path: Path) -> None:
    rotation = Logrotate(tmp_path, bench.path, "compressed")
    (tmp_path / "rotate.conf").write_text(
        (tmp_path / "rotate.conf").read_text().replace("rotate 20", "rotate 2")
    )
    for _ in range(6):
        bench.write(10)
        await bench.look()
        rotation.run()
        await bench.look(3)
    await bench.prove()
    assert not bench.events.named(LogGap)
