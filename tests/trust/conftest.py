"""One set of trust folders a test."""

from pathlib import Path

import pytest

from tests.trust.authorities import Folders


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)
