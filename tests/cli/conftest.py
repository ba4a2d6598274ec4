"""The command line as a user calls it: a process, its output and its exit status."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.demo.documents import DocumentKind, DocumentMaker
from monitor.demo.pki import Pki
from tests.support.mails import NOW

Congvu = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def congvu(tmp_path: Path) -> Congvu:
    """Run `congvu` in an empty folder."""

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "monitor", *map(str, words)],
            capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's trust and one document of each kind, named after it."""
    folder = tmp_path_factory.mktemp("stock")
    pki = Pki.create(1, NOW)
    pki.write(folder / "trust", NOW)
    maker = DocumentMaker(pki, 1)
    for kind in DocumentKind:
        document = maker.make(kind, at=NOW)
        (folder / f"{kind}{Path(document.name).suffix}").write_bytes(document.data)
    return folder
