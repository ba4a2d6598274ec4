"""The side task that looks at accounts: what its metric says of figures that stay."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from monitor.expose import Metrics, Readiness
from monitor.measure import AccountMeasure, Measure
from monitor.measuring import Measuring
from monitor.observe import Observer
from monitor.record import Database
from monitor.settings import Settings

NAME = "congvu_accounts_last_success_timestamp_seconds"


async def looked_at(database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> float:
    """The metric after a look at an empty record."""
    registry = CollectorRegistry()
    settings = Settings(state_dir=folder)
    task = Measuring(settings, Readiness(()), Metrics(registry), Observer())
    task.connect(database)
    ended = asyncio.Event()

    def pause() -> float:
        ended.set()
        return 60.0

    monkeypatch.setattr(task, "_until_look", pause)
    tasks = dict(task.tasks())
    accounts = tasks.pop("accounts")
    for other in tasks.values():
        other.close()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(accounts)
        await asyncio.wait_for(ended.wait(), 60)
        running.cancel()
    value = registry.get_sample_value(NAME)
    assert value is not None
    return value


async def test_a_look_at_accounts_says_when_it_was(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await looked_at(database, tmp_path, monkeypatch) > 0


@pytest.mark.parametrize(
    ("part", "step"), [(Measure, "refresh_coverage"), (AccountMeasure, "refresh")]
)
async def test_figures_of_accounts_that_stay_after_a_failure_are_no_new_ones(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: type, step: str
) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(part, step, fails)
    assert await looked_at(database, tmp_path, monkeypatch) == 0
