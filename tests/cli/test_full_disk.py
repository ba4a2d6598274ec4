"""What a command writes to a disk that is full is one plain message, and no success."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "words",
    [
        ("freemail", "domains"),
        ("freemail", "domains", "--json"),  # more than a buffer holds
        ("freemail", "domains", "gmail.com", "--json"),  # less
        ("--version",),
    ],
)
def test_no_room_for_the_output_is_said_without_a_traceback(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "monitor", *words],
            stdout=full, stderr=subprocess.PIPE, check=False, timeout=60, text=True,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == ("congvu: the output: cannot be written whole: No space left on device\n")
