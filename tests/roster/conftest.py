"""A server for the tests of rosters."""

from pathlib import Path

import pytest

from monitor.record import Database
from tests.roster.rostering import Office


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """Where lists are handed in."""
    return Office(database, tmp_path)
