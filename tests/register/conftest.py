"""A server, and a desk where registers are handed in."""

from pathlib import Path

import pytest

from monitor.record import Database
from tests.register.registering import Desk
from tests.support.database import database, postgres_server, recorder

__all__ = ["database", "postgres_server", "recorder"]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """Where registers are handed in."""
    return Desk(database, tmp_path)
