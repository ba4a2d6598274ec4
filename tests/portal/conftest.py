from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fetch.servers import Server, serving
from tests.portal.rig import Rig


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(Server()) as up:
        yield up


@pytest.fixture
def rig(tmp_path: Path, server: Server) -> Rig:
    return Rig(tmp_path / "state", server)
