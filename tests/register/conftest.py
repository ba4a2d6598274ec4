"""A server, and a desk where registers are handed in."""

from pathlib import Path

import pytest

from monitor.record import Database
from tests.register.registering import Desk


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """Where registers are handed in."""
    return Desk(database, tmp_path)
