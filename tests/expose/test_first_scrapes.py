"""Just after a start a scrape waits for the figures, and never for long."""

import asyncio
import contextlib
import urllib.request

import pytest

from monitor import measuring
from monitor.expose import HttpSurface, Metrics, Readiness
from monitor.measuring import Measuring
from monitor.observe import Observer
from monitor.settings import HttpSettings, Settings


def made() -> Measuring:
    observer = Observer()
    return Measuring(Settings(), Readiness(()), Metrics(observer.registry), observer)


async def test_a_scrape_is_answered_with_the_figures_it_waited_for() -> None:
    there = asyncio.Event()
    page = b""

    async def settled() -> None:
        await there.wait()

    surface = HttpSurface(
        HttpSettings(port=0), Observer().registry, Readiness(()), lambda: page, settled
    )
    await surface.start()
    try:
        asked = asyncio.to_thread(read, f"http://127.0.0.1:{surface.port}/metrics")
        async with asyncio.TaskGroup() as group:
            scrape = group.create_task(asked)
            await asyncio.sleep(0.05)
            page = b"congvu_adoption_ratio 1.0\n"
            there.set()
        assert page in scrape.result()
    finally:
        await surface.stop()


def read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        found: bytes = answer.read()
        return found


async def test_without_a_database_a_scrape_is_answered_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measuring, "SCRAPE_WAITS_SECONDS", 0.01)
    async with asyncio.timeout(10):
        await made().settled()


async def test_after_the_first_minute_no_scrape_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "STARTING_SECONDS", -1.0)
    monkeypatch.setattr(measuring, "SCRAPE_WAITS_SECONDS", 3600.0)
    async with asyncio.timeout(10):
        await made().settled()


async def test_in_the_first_minute_a_scrape_does_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "SCRAPE_WAITS_SECONDS", 3600.0)
    starting = made()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            await starting.settled()
            pytest.fail("it did not wait")
