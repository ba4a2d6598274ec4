"""A daemon and the sealing key: it waits while another comes in, and refuses a wrong one."""

import asyncio
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.record import keyring
from monitor.record.key_use import keys_alone
from monitor.record.keyring import KEY_FILE
from tests.privacy.rotating import rotate
from tests.support.daemon import DaemonProcess
from tests.support.database import Server, open_folder

PLAN = """
[[targets]]
id = "thu"
name = "Cán bộ có hộp thư"
indicator = "accounts_provisioned"
scope = "province"
value = "100%"
due = 2030-12-31
"""


@pytest.fixture
def daemon(postgres_server: Server) -> Iterator[DaemonProcess]:
    with asyncio.Runner() as runner:
        name = runner.run(postgres_server.create())
        folder = open_folder("congvu-keys-")
        (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
        made = DaemonProcess(
            folder,
            database={"dsn": postgres_server.dsn(name)},
            measure={"targets": "plan.toml"},
        )
        made.state.mkdir()
        keyring.create(made.state / KEY_FILE)
        yield made
        made.stop()
        shutil.rmtree(folder)
        runner.run(postgres_server.drop(name))


@pytest.fixture
def dsn(daemon: DaemonProcess) -> str:
    line = next(each for each in daemon.config.read_text().splitlines() if each.startswith("dsn"))
    return line.partition(" = ")[2].strip('"')


def scraped(daemon: DaemonProcess) -> str:
    with urllib.request.urlopen(f"{daemon.url}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def test_a_daemon_waits_while_the_key_is_changed(daemon: DaemonProcess, dsn: str) -> None:
    def says() -> bool:
        return "the sealing key is being changed" in str(daemon.readyz()[1])

    async def hold() -> None:
        async with keys_alone(dsn, daemon.state):
            daemon.start(ready=False)
            await asyncio.to_thread(daemon.wait_for, says, "the daemon waiting for the key")

    asyncio.run(hold())
    daemon.wait_ready()
    # It takes the plan's targets over as well; what has no data has no series.
    daemon.wait_for(lambda: "congvu_target_ratio gauge" in scraped(daemon), "targets")
    assert "congvu_target_ratio{" not in scraped(daemon)


def test_a_daemon_refuses_the_key_file_of_before_the_rotation(
    daemon: DaemonProcess, dsn: str
) -> None:
    path = daemon.state / KEY_FILE
    before = keyring.read(path)
    asyncio.run(rotate(dsn, Path(daemon.state)))
    keyring.replace(path, before)
    daemon.start(ready=False)
    assert daemon.process
    assert daemon.process.wait(60) == 2
    assert "is not the key of this database: restore the one" in daemon.tail()
