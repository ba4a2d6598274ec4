"""Daemons that tests start are stopped whatever happens."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.support.daemon import DaemonProcess
from tests.support.database import open_folder

Start = Callable[..., DaemonProcess]


@pytest.fixture
def daemon() -> Iterator[Start]:
    """Makes daemons; keyword arguments are sections of the configuration."""
    made: list[DaemonProcess] = []
    # Not pytest's own folder: root's database server runs as an account that may not enter it.
    base = open_folder("congvu-daemon-")

    def make(start: bool = True, **sections: Mapping[str, Any]) -> DaemonProcess:
        folder = base / f"daemon{len(made)}"
        folder.mkdir()
        process = DaemonProcess(folder, **sections)
        made.append(process)
        if start:
            process.start()
        return process

    yield make
    for process in made:
        if process.process and process.process.poll() is None:
            process.kill()
    shutil.rmtree(base, ignore_errors=True)
