"""Which items are safe: a committed row, or the quarantine; a database that is away knows none."""

import asyncio
from collections.abc import Sequence

import pytest

from monitor.collect import recorded
from monitor.collect.recorded import RecordedItems
from monitor.errors import DatabaseUnavailable
from monitor.record import Database, Recorder
from monitor.record.items import committed_items
from tests.support.outcomes import MONDAY, mail

OTHER = "f" * 32


async def test_an_item_is_committed_when_its_row_is(database: Database, recorder: Recorder) -> None:
    outcome = mail("1", [], at=MONDAY)
    item_id = outcome.header.item_id
    assert await committed_items(database, [item_id]) == set()
    await recorder.write([outcome])
    assert await committed_items(database, [item_id, OTHER]) == {item_id}


async def test_the_quarantine_is_as_safe_and_asked_for_the_rest_alone() -> None:
    asked: list[Sequence[str]] = []

    async def committed(ids: Sequence[str]) -> set[str]:
        return {"a"} & set(ids)

    def quarantined(ids: Sequence[str]) -> set[str]:
        asked.append(ids)
        return {"b"} & set(ids)

    assert await RecordedItems(committed, quarantined)(["a", "b", "c"]) == {"a", "b"}
    assert asked == [["b", "c"]]


async def test_many_are_asked_for_in_bounded_questions() -> None:
    sizes: list[int] = []

    async def committed(ids: Sequence[str]) -> set[str]:
        sizes.append(len(ids))
        return set(ids)

    ids = [str(number) for number in range(2500)]
    assert await RecordedItems(committed, lambda _: set())(ids) == set(ids)
    assert sizes == [1000, 1000, 500]


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_database_that_is_away_knows_nothing_and_is_left_alone_for_a_while(
    hangs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(recorded, "monotonic", lambda: clock[0])
    monkeypatch.setattr(recorded, "PATIENCE_SECONDS", 0.05)
    away, questions = True, 0

    async def committed(ids: Sequence[str]) -> set[str]:
        nonlocal questions
        questions += 1
        if away and hangs:
            await asyncio.sleep(3600)
        if away:
            raise DatabaseUnavailable("away")
        return set(ids)

    safe = RecordedItems(committed, lambda _: set())
    assert await safe(["a"]) == set()
    away = False
    assert await safe(["a"]) == set()
    assert questions == 1
    clock[0] += 60
    assert await safe(["a"]) == {"a"}
