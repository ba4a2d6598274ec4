"""The same report is the same bytes on every machine, as CSV and as JSON."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.report.data_files import FILES, data_files
from tests.support.report_sample import sample

ROOT = Path(__file__).parents[2]
WORLDS = {
    "another zone": {"TZ": "America/St_Johns"},
    "another locale": {"LC_ALL": "vi_VN.UTF-8", "LANG": "vi_VN.UTF-8"},
    "no UTF-8": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "another order of hashes": {"PYTHONHASHSEED": "1"},
    "yet another order of hashes": {"PYTHONHASHSEED": "4242"},
}


@pytest.fixture(scope="module")
def here() -> str:
    return "".join(f"{name} {digest}\n" for name, digest in digests())


def digests() -> list[tuple[str, str]]:
    made = data_files(sample(40))
    return [(name, hashlib.sha256(made[name]).hexdigest()) for name in FILES]


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS.keys())
def test_files_are_the_same_bytes_wherever_they_are_made(world: dict[str, str], here: str) -> None:
    program = (
        "from tests.report.test_data_is_deterministic import digests\n"
        "print(*(f'{name} {digest}' for name, digest in digests()), sep='\\n')"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ | world, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    assert made.stdout == here


def test_an_instant_is_written_the_same_whatever_zone_it_was_read_in() -> None:
    report = sample(1)
    far = report.head.at.astimezone(timezone(timedelta(hours=-9)))
    assert far == datetime(2026, 11, 6, 1, 30, tzinfo=UTC)
    moved = replace(report, head=replace(report.head, at=far))
    assert data_files(moved) == data_files(report)
