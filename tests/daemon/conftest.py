"""Daemons that tests start are stopped whatever happens."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.daemon import DaemonProcess

Start = Callable[..., DaemonProcess]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Start]:
    """Makes daemons; keyword arguments are sections of the configuration."""
    made: list[DaemonProcess] = []

    def make(start: bool = True, **sections: Mapping[str, Any]) -> DaemonProcess:
        folder = tmp_path / f"daemon{len(made)}"
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
