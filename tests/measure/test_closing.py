"""A period is closed once, and what was closed stays as it was."""

from pathlib import Path

import pytest

from monitor.record import Database, Recorder
from tests.measure.closing_world import Month


@pytest.fixture
async def month(database: Database, recorder: Recorder, tmp_path: Path) -> Month:
    return await Month.made(database, recorder, tmp_path)


async def test_nothing_differs_from_what_was_just_closed(month: Month) -> None:
    await month.close()
    assert await month.restate() is None
