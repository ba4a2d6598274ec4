import pytest

from monitor.record import AgencyRow, Database, Recorder
from tests.revalidate.scripted import Scene
from tests.support.database import Server


@pytest.fixture
async def scene(database: Database, recorder: Recorder, postgres_server: Server) -> Scene:
    """An agency, and the revocation lists of a Monday."""
    await database.sync_agencies([AgencyRow("so-mot", "Sở Một", "department", "tinh")])
    made = Scene(database, recorder, postgres_server)
    await made.lists("monday")
    return made
