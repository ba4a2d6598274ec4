from pathlib import Path

import pytest

from monitor.record import Database, Sealer
from tests.activity.small_logs import Bench


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer.load(tmp_path / "state")


@pytest.fixture
def bench(database: Database, sealer: Sealer, tmp_path: Path) -> Bench:
    """A log that does not exist yet; what is rotated is complete at once."""
    folder = tmp_path / "logs"
    folder.mkdir()
    return Bench(database, sealer, folder / "mail.log")
