"""Servers of names for all tests of this room."""

from collections.abc import Iterator

import pytest

from tests.support.dns_world import World
from tests.support.dns_zones import AUTHORITIES, RECORDS


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """The domains of tests/support/dns_zones.py, asked of nobody yet by this session."""
    with World(RECORDS, AUTHORITIES) as servers:
        yield servers
