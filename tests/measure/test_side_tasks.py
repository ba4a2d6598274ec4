"""The side task that looks at accounts: what its metric says of figures that stay."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from monitor.expose import Metrics, Readiness
from monitor.measure import AccountMeasure, Measure
from monitor.measure.drops import Drop, DropWatch
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
    await task._show()  # what is of agencies waits until it is known which are given out
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


async def test_drops_of_facts_that_stay_are_not_judged_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Measuring(
        Settings(state_dir=tmp_path), Readiness(()), Metrics(CollectorRegistry()), Observer()
    )
    await task._show()
    watches: list[DropWatch] = []
    refresh = DropWatch.refresh

    async def noted(watch: DropWatch) -> Sequence[Drop]:
        watches.append(watch)
        return await refresh(watch)

    monkeypatch.setattr(DropWatch, "refresh", noted)
    await task._watch_drops(database)
    await task._watch_drops(database)
    assert watches[0] is watches[1], "it remembers what it judged by which facts"
