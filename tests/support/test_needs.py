"""A missing system program skips a test, and on a build server fails it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.needs import find, needs, program

ABSENT = "no-such-program-here"
MODULE = f"""
from tests.support.needs import needs

@needs("{ABSENT}")
def test_driven():
    raise AssertionError("it ran")
"""


def run_module(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_absent.py").write_text(MODULE)
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-c", str(root / "pyproject.toml"),
         "--rootdir", str(root), "-p", "no:cacheprovider", str(folder)],
        capture_output=True, text=True, check=False, cwd=root,
        env={"PATH": "/usr/bin:/bin", "CI": ci},
    )  # fmt: skip


def test_a_missing_program_skips_with_a_reason_that_names_it(tmp_path: Path) -> None:
    result = run_module(tmp_path, ci="")
    assert result.returncode == 0, result.stdout
    assert ABSENT in result.stdout
    assert "1 skipped" in result.stdout


def test_on_ci_a_missing_program_fails(tmp_path: Path) -> None:
    result = run_module(tmp_path, ci="true")
    assert result.returncode != 0, result.stdout
    assert ABSENT in result.stdout


def test_a_program_at_hand_is_found() -> None:
    assert find("sh")
    assert program("sh").startswith("/")
    assert needs("sh").name == "needs"


def test_asking_for_a_missing_program_inside_a_test_skips_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception):
        program(ABSENT)
