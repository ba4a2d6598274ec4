"""For all tests."""

from collections.abc import Iterator

import pytest
import structlog

from tests.support.database import database, postgres_server, recorder

__all__ = ["database", "log_of_its_own", "postgres_server", "recorder"]


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """A command that is called within a test logs to what the test has for standard error: the
    next test has another.
    """
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
