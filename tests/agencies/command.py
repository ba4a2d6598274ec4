"""`congvu agencies …` as an operator calls it."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from monitor.cli import main

DATA = Path(__file__).parent / "data"


class Said(NamedTuple):
    status: int
    out: str
    err: str


Command = Callable[..., Said]


def commanding(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs the command with arguments; what it printed and how it ended."""

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["congvu", "agencies", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return run
