"""`congvu report close, restate, list, check` as they are called."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor import clock
from monitor.commands import closing
from monitor.errors import UserError
from monitor.measure.closing.differences import FigureChange
from monitor.measure.figures import Figure, Scope, State
from monitor.record import Database, Recorder
from monitor.settings import DatabaseSettings, Settings
from tests.measure.closing_world import LATER, Month, on
from tests.support.database import Server
from tests.support.outcomes import document, filed, valid

LATE = filed(document("muộn", valid()), at=on(12), sent_at=on(12))


class Caller:
    """The commands on a month that was recorded, with what they print."""

    def __init__(self, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings, self._capsys = settings, capsys

    async def __call__(self, command: Callable[..., int], *words: object) -> tuple[int, str]:
        self._capsys.readouterr()
        status = await asyncio.to_thread(command, *words, self.settings)
        return status, self._capsys.readouterr().out

    async def json(self, command: Callable[..., int], *words: object) -> Any:
        return json.loads((await self(command, *words, True))[1])


@pytest.fixture
async def call(
    database: Database, recorder: Recorder, postgres_server: Server, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> Caller:  # fmt: skip
    await Month.made(database, recorder, tmp_path)
    monkeypatch.setattr(clock, "_shift", LATER - datetime.now(UTC))
    async with database.connection() as connection:
        name = await connection.fetchval("SELECT current_database()")
    dsn = DatabaseSettings.model_validate({"dsn": postgres_server.dsn(name)})
    return Caller(Settings(state_dir=tmp_path, database=dsn), capsys)


async def test_a_period_is_closed_and_listed(call: Caller) -> None:
    status, said = await call(closing.close, "2026-03", False, None)
    assert status == 0
    assert "2026-03 (2026-03-01 to 2026-03-31), version 1, is closed" in said
    assert "mail: nothing came on 20 working days, the first 2026-03-02" in said
    assert "document_signed (docsys) is stale: too much is not yet decided" in said
    assert "`congvu report restate 2026-03 --reason …`" in said
    (listed,) = await call.json(closing.list_closings)
    assert (listed["period"], listed["version"]) == ("2026-03", 1)
    assert listed["reason"] == "the period has ended"
    assert listed["facts"] in said
    _, table = await call(closing.list_closings, False)
    assert "2026-03-01 … 2026-03-31" in table


async def test_what_was_captured_in_part_is_told_when_it_is_closed(
    call: Caller, database: Database
) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO coverage_day (day, agency_id, logged, captured) "
            "SELECT '2026-03-09', agency_id, 40, 21 FROM agency WHERE code = 'so-mot'"
        )
    said = (await call(closing.close, "2026-03", False, None))[1]
    assert "mail: 52.5% of what was sent was captured; figures are of that part" in said


async def test_without_closings_the_list_says_how_to_make_one(call: Caller) -> None:
    assert "congvu report close PERIOD" in (await call(closing.list_closings, False))[1]


async def test_a_check_is_quiet_until_something_differs(call: Caller, recorder: Recorder) -> None:
    await call(closing.close, "2026-03", False, None)
    status, said = await call(closing.check, "2026-03", False)
    assert (status, said) == (0, "2026-03, version 1, is what it would be now: nothing differs.\n")
    await recorder.write([LATE])
    status, said = await call(closing.check, "2026-03", False)
    assert status == 1
    assert "2/3 66.7%" in said
    assert "3/4 75.0%" in said
    found = await call.json(closing.check, "2026-03")
    assert found["differs"] is True
    assert found["causes"] == [
        {"code": "so-mot", "channel": "docsys", "what": "document", "why": "late", "facts": 1}
    ]


def test_figures_whose_shares_are_alike_say_what_differs() -> None:
    before = Figure(
        "dispatched_on_time", Scope.PROVINCE, "province", "docsys", "formal", "period",
        date(2026, 3, 1), date(2026, 3, 31), 2, 3, 0, 2 / 3, State.OK,
    )  # fmt: skip
    after = replace(before, undecided=4)
    said = closing._values(FigureChange("period", "", before, after))
    assert said == ("2/3 66.7%, undecided 0", "2/3 66.7%, undecided 4")


async def test_a_restatement_tells_what_changed_and_is_made_once(
    call: Caller, recorder: Recorder
) -> None:
    await call(closing.close, "2026-03", False, None)
    assert "nothing differs" in (await call(closing.restate, "2026-03", "muộn"))[1]
    await recorder.write([LATE])
    status, said = await call(closing.restate, "2026-03", "văn bản gửi muộn")
    assert status == 0
    assert "version 2, stands beside the versions before it" in said
    assert "so-mot" in said
    assert "nothing differs" in (await call(closing.restate, "2026-03", "muộn"))[1]
    assert [each["version"] for each in await call.json(closing.list_closings)] == [1, 2]


async def test_what_was_tampered_with_is_said_loudly(call: Caller, database: Database) -> None:
    await call(closing.close, "2026-03", False, None)
    async with database.connection() as connection:
        await connection.execute(
            "ALTER TABLE closed_figure DISABLE TRIGGER USER;"
            " UPDATE closed_figure SET numerator = 9 WHERE scope = 'province'"
        )
    status, said = await call(closing.check, "2026-03", False)
    assert status == 1
    assert "is NOT what was closed: closed_figure differ" in said


async def test_a_period_that_is_none_says_how_periods_are_written(call: Caller) -> None:
    for command, words in ((closing.close, (False, None)), (closing.check, (False,))):
        with pytest.raises(UserError, match=r"2026-10 \(month\)"):
            await call(command, "tháng 3", *words)
