"""`congvu report` as it is called: what it says, what it refuses, what it writes."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli.top import app
from monitor.commands.report import Request, make_report
from monitor.errors import UserError
from monitor.model import Language
from monitor.record import Database, Recorder, audit
from monitor.settings import DatabaseSettings, Settings
from tests.measure.closing_world import Month
from tests.support.database import Server


def refused(*words: str) -> str:
    """What is said of a call that cannot be carried out."""
    done = CliRunner().invoke(app, ["report", *words])
    assert isinstance(done.exception, UserError), done.output
    return str(done.exception)


def test_a_call_that_lacks_something_says_how_it_is_written() -> None:
    assert "congvu report --period 2026-10 --out reports" in refused()
    assert "give --period and --out" in refused("--period", "2026-10")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "xls"), "--format: xls: choose from xlsx, csv, json, pdf"),
        (("--lang", "vi,fr"), "--lang: fr: choose from vi, en"),
        (("--agency", "a", "--level", "commune"), "--agency or --level, not both"),
        (("--agency", "a", "--agency-sheets"), "give one of them"),
        (("--provisional", "--version", "1"), "has no --version"),
        (("--with-names",), "--with-names needs --reason"),
    ],
)
def test_an_option_that_cannot_be_is_named(words: tuple[str, ...], said: str) -> None:
    assert said in refused("--period", "2026-10", "--out", "reports", *words)


def test_a_period_that_is_none_says_how_periods_are_written(tmp_path: Path) -> None:
    said = refused("--period", "tháng 10", "--out", str(tmp_path))
    assert "2026-10 (month)" in said
    assert "cumulative:2026-10" in said


# -- of a real month -------------------------------------------------------------------------------


class Caller:
    """The command on a month that was recorded."""

    def __init__(self, month: Month, settings: Settings, folder: Path) -> None:
        self.month, self.settings, self.folder = month, settings, folder

    async def __call__(self, **more: object) -> int:
        given: dict[str, object] = {
            "period": "2026-03", "out": self.folder, "formats": ("csv",),
            "languages": (Language.VI,),
        }  # fmt: skip
        request = Request(**(given | more))  # type: ignore[arg-type]  # checked by what it does
        return await asyncio.to_thread(make_report, request, self.settings)

    def names(self) -> list[str]:
        return sorted(each.name for each in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture
async def call(
    database: Database, recorder: Recorder, postgres_server: Server, tmp_path: Path
) -> Caller:
    month = await Month.made(database, recorder, tmp_path)
    async with database.connection() as connection:
        name = await connection.fetchval("SELECT current_database()")
    dsn = DatabaseSettings.model_validate({"dsn": postgres_server.dsn(name)})
    settings = month.settings.model_copy(
        update={"database": dsn, "state_dir": postgres_server.state_dir}
    )
    return Caller(month, settings, tmp_path / "reports")


async def test_an_open_period_is_provisional_and_says_how_it_is_closed(
    call: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await call() == 0
    assert call.names() == [
        "congvu-2026-03-provisional-vi-long.csv", "congvu-2026-03-provisional-vi-wide.csv",
    ]  # fmt: skip
    told = capsys.readouterr()
    assert "2026-03 (2026-03-01 to 2026-03-31) is not closed" in told.err
    assert "`congvu report close 2026-03` freezes them" in told.err
    assert f"{call.folder / 'congvu-2026-03-provisional-vi-long.csv'}  " in told.out


async def test_a_closed_period_says_which_version_by_whom_and_when(
    call: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    made = await call.month.close()
    assert await call() == 0
    assert call.names() == ["congvu-2026-03-v1-vi-long.csv", "congvu-2026-03-v1-vi-wide.csv"]
    told = capsys.readouterr().err
    assert f"version 1, closed 10/04/2026 10:00 by trà, facts {made.facts[:16]}" in told
    assert await call(provisional=True) == 0
    assert "provisional, not what was handed in" in capsys.readouterr().err


async def test_a_version_that_is_not_there_is_refused(call: Caller) -> None:
    await call.month.close()
    with pytest.raises(UserError, match="2026-03 has no version 2; `congvu report list`"):
        await call(version=2)
    assert call.names() == []


async def test_who_nobody_knows_is_refused_before_anything_is_computed(call: Caller) -> None:
    with pytest.raises(UserError, match="so-ba"):
        await call(agency="so-ba")
    assert call.names() == []


async def test_names_are_given_of_one_agency_and_noted(call: Caller) -> None:
    await call.month.close()
    with pytest.raises(UserError, match="--with-names needs --agency"):
        await call(names_reason="tìm lại văn bản")
    await call(names_reason="tìm lại văn bản", agency="so-mot", formats=("json",))
    assert call.names() == ["congvu-2026-03-v1-so-mot-vi-names.json"]
    assert "van.thu@so.tinh.example" in (call.folder / call.names()[0]).read_text("utf-8")
    async with call.month.database.connection() as connection:
        found = await audit.entries(connection)
    assert [each.reason for each in found if each.action == "report"] == ["tìm lại văn bản"]


async def test_names_of_a_provisional_report_are_noted_although_it_leaves_nothing(
    call: Caller,
) -> None:
    await call(names_reason="đối chiếu", agency="so-mot", formats=("json",))
    async with call.month.database.connection() as connection:
        found = await audit.entries(connection)
    assert [each.reason for each in found] == ["đối chiếu"]
