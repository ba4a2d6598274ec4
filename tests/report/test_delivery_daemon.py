"""The daemon's task: what is due is closed, written and sent, once, whatever fails in between."""

import asyncio
import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from monitor.errors import UserError
from monitor.expose import Metrics
from monitor.measure.plan import Plan
from monitor.observe import Event, Observer
from monitor.record import Database, Recorder
from monitor.report.delivery import delivering
from monitor.report.delivery.handing import Attempt, Result, Session, note, turn
from monitor.report.events import ReportFailed
from monitor.report.order import Order, Written
from monitor.reporting import Reporting
from monitor.settings import Settings
from tests.measure.closing_world import Month
from tests.support.outcomes import document, filed, valid
from tests.support.relay import FakeRelay, relaying

DUE = datetime(2026, 4, 5, 17, 0, 30, tzinfo=UTC)
"""Half a minute after the beginning of 6 April in Vietnam: March has had its five days."""


@dataclass
class Watched(Observer):
    """Keeps what is said."""

    said: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(CollectorRegistry())

    def emit(self, event: Event) -> None:
        self.said.append(event)
        super().emit(event)

    def named(self, name: str) -> list[Event]:
        return [each for each in self.said if each.name() == name]


@dataclass
class Press:
    """Takes the place of the process that writes reports."""

    made: list[tuple[int, str]] = field(default_factory=list)
    fails: set[str] = field(default_factory=set)
    """Agencies, or "province", of which no report can be written."""
    codes: tuple[str, ...] = ("so-mot", "so-hai", "xa-mot")
    differs: str = ""
    """The version of congvu that handed out something else."""

    async def __call__(
        self, settings: Settings, closing: int, order: Order, folder: Path
    ) -> list[Written]:
        wanted = [(order.agency, folder)]
        wanted += [(code, folder / "agencies") for code in self.codes] if order.sheets else []
        return [await self._one(closing, agency, place) for agency, place in wanted]

    async def _one(self, closing: int, agency: str | None, folder: Path) -> Written:
        await asyncio.sleep(0)
        whose = agency or "province"
        if whose in self.fails:
            raise UserError("No space left on device")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"congvu-{closing}-{whose}.xlsx"
        path.write_text(f"{self.differs and 'khác: '}số liệu của {whose}")
        self.made.append((closing, whose))
        return Written(path, path.stat().st_size, "", self.differs)


@dataclass
class Desk:
    """A daemon's reporting, its clock, what it writes and what it says."""

    month: Month
    settings: Settings
    at: datetime = DUE
    recorded: bool = True
    press: Press = field(default_factory=Press)
    said: Watched = field(default_factory=Watched)

    def __post_init__(self) -> None:
        self.metrics = Metrics(self.said.registry)
        self.task = Reporting(
            self.settings, self.metrics, self.said, Plan, lambda: self.recorded,
            lambda: self.at, self.press,
        )  # fmt: skip

    async def look(self, after: timedelta = timedelta()) -> "Desk":
        self.at += after
        await self.task.look(self.month.database)
        return self

    @property
    def files(self) -> list[str]:
        folder = self.settings.state_dir / "reports"
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.xlsx"))

    def due(self, stage: str) -> float | None:
        return self.said.registry.get_sample_value("congvu_report_due", {"stage": stage})

    def failures(self, stage: str) -> float | None:
        name = "congvu_report_failures_total"
        return self.said.registry.get_sample_value(name, {"stage": stage})

    async def closed(self) -> list[str]:
        async with self.month.database.connection() as connection:
            rows = await connection.fetch("SELECT period, actor FROM closing ORDER BY closing_id")
        return [f"{row['period']} {row['actor']}" for row in rows]

    async def outcomes(self, recipient: str) -> list[str]:
        async with self.month.database.connection() as connection:
            rows = await connection.fetch(
                "SELECT outcome FROM report_delivery WHERE recipient = $1 ORDER BY delivery_id",
                recipient,
            )
        return [row["outcome"] for row in rows]


def scheduled(folder: Path, relay: FakeRelay | None = None, **more: Any) -> Settings:
    """Monthly reports; mails by the relay to two, and to the agency so-mot."""
    mail = {}
    if relay:
        mail = {"report_mail": relay.settings(
            recipients=["ai@tinh.example", "em@tinh.example"],
            agencies={"so-mot": ["vanthu@mot.example"], "nobody": ["ma@khong.example"]},
        )}  # fmt: skip
    return Settings(state_dir=folder, report={"close": ["month"], **more}, **mail)  # type: ignore[arg-type]  # pydantic reads it


@pytest.fixture
async def month(database: Database, recorder: Recorder, tmp_path: Path) -> Month:
    return await Month.made(database, recorder, tmp_path)


async def fact(month: Month, name: str, at: datetime) -> None:
    await month.recorder.write([filed(document(name, valid()), at=at, sent_at=at)])


# -- closing and writing ---------------------------------------------------------------------------


async def test_a_month_is_closed_and_written_once_its_days_have_passed(
    month: Month, tmp_path: Path
) -> None:
    desk = Desk(month, scheduled(tmp_path), DUE - timedelta(minutes=1))
    await desk.look()
    assert (await desk.closed(), desk.files) == ([], [])
    await desk.look(timedelta(minutes=1))
    assert await desk.closed() == ["2026-03 congvu"]
    assert desk.files == ["congvu-1-province.xlsx"]
    assert desk.due("close") == desk.due("write") == desk.due("mail") == 0
    assert desk.metrics.report_last_success._value.get() == desk.at.timestamp()
    await desk.look(timedelta(days=1))
    assert desk.press.made == [(1, "province")]


async def test_what_somebody_closed_by_hand_is_left_to_them(month: Month, tmp_path: Path) -> None:
    month.at = DUE
    await month.close()
    desk = await Desk(month, scheduled(tmp_path)).look()
    assert await desk.closed() == ["2026-03 trà"]
    assert desk.files == []
    assert desk.due("write") == 0


async def test_after_months_of_downtime_all_of_them_are_closed_oldest_first(
    month: Month, tmp_path: Path
) -> None:
    await Desk(month, scheduled(tmp_path)).look()
    for number in (4, 6):
        await fact(month, f"tháng {number}", datetime(2026, number, 7, 2, tzinfo=UTC))
    desk = await Desk(month, scheduled(tmp_path), datetime(2026, 8, 2, 2, tzinfo=UTC)).look()
    # Of May nothing was recorded, and July has ended two days ago.
    assert await desk.closed() == ["2026-03 congvu", "2026-04 congvu", "2026-06 congvu"]
    assert len(desk.files) == 3
    assert desk.due("close") == 0


async def test_nothing_is_closed_while_a_backlog_waits_for_the_record(
    month: Month, tmp_path: Path
) -> None:
    desk = await Desk(month, scheduled(tmp_path), recorded=False).look()
    assert (await desk.closed(), desk.due("close")) == ([], 1)
    desk.recorded = True
    await desk.look(timedelta(minutes=1))
    assert (await desk.closed(), desk.due("close")) == (["2026-03 congvu"], 0)


async def test_a_file_that_was_taken_away_does_not_come_back(month: Month, tmp_path: Path) -> None:
    desk = await Desk(month, scheduled(tmp_path)).look()
    shutil.rmtree(tmp_path / "reports")
    await desk.look(timedelta(days=1))
    assert desk.files == []


async def test_a_sheet_that_cannot_be_written_holds_up_no_other(
    month: Month, tmp_path: Path
) -> None:
    desk = Desk(month, scheduled(tmp_path, agency_sheets=True))
    desk.press.fails = {"so-hai"}
    await desk.look()
    assert desk.files == [
        "agencies/congvu-1-so-mot.xlsx", "agencies/congvu-1-xa-mot.xlsx", "congvu-1-province.xlsx",
    ]  # fmt: skip
    assert (desk.due("write"), desk.failures("write")) == (1, 1)
    [told] = desk.said.named("report_failed")
    assert told == ReportFailed("write", "2026-03", "agency:so-hai", "No space left on device")
    desk.press.fails = set()
    await desk.look(timedelta(minutes=1))
    assert desk.due("write") == 1  # not so soon again
    await desk.look(timedelta(minutes=2))
    assert (desk.due("write"), len(desk.files)) == (0, 4)


async def test_tries_become_more_seldom_and_never_end(month: Month, tmp_path: Path) -> None:
    desk = Desk(month, scheduled(tmp_path))
    desk.press.fails = {"province"}
    for _ in range(48):
        await desk.look(timedelta(minutes=30))
    tried = desk.failures("write")
    assert tried is not None
    assert 8 <= tried <= 12  # after 2, 4, 8 … 240 minutes, seen every half-hour
    assert desk.due("write") == 1


async def test_a_database_that_goes_away_stops_nothing(month: Month, tmp_path: Path) -> None:
    desk = Desk(month, scheduled(tmp_path))
    pool = month.database.pool
    pool.terminate()
    await desk.look()
    assert desk.said.said == []


async def test_of_two_daemons_one_is_at_it_and_the_other_finds_it_done(
    month: Month, tmp_path: Path
) -> None:
    one = Desk(month, scheduled(tmp_path / "một"))
    two = Desk(month, scheduled(tmp_path / "hai"))
    async with turn(month.database):
        await two.look()
    assert (await two.closed(), two.due("close")) == ([], 1)
    await asyncio.gather(one.look(), two.look())
    await asyncio.gather(one.look(), two.look())
    assert await one.closed() == ["2026-03 congvu"]
    assert len(one.press.made + two.press.made) == 1
    assert one.due("write") == two.due("write") == 0
    assert not one.said.named("report_failed") + two.said.named("report_failed")


async def test_without_a_schedule_nothing_happens(month: Month, tmp_path: Path) -> None:
    desk = Desk(month, scheduled(tmp_path, close=[]))
    await desk.task.run()
    assert (await desk.closed(), desk.due("close")) == ([], 0)


# -- sending ---------------------------------------------------------------------------------------


def of(relay: FakeRelay, addresses: Iterable[str]) -> dict[str, list[list[str]]]:
    return {each: [sorted(took.files) for took in relay.to(each)] for each in addresses}


async def test_everybody_is_sent_what_is_theirs_and_only_that(month: Month, tmp_path: Path) -> None:
    with relaying(FakeRelay()) as relay:
        desk = await Desk(month, scheduled(tmp_path, relay)).look()
        await desk.look(timedelta(days=1))
    assert of(relay, {each.recipient for each in relay.took}) == {
        "ai@tinh.example": [["congvu-1-province.xlsx"]],
        "em@tinh.example": [["congvu-1-province.xlsx"]],
        "vanthu@mot.example": [["congvu-1-so-mot.xlsx"]],
    }
    [sheet] = relay.to("vanthu@mot.example")
    assert b"".join(sheet.files.values()).decode() == "số liệu của so-mot"
    assert "Sở Một" in sheet.text
    for other in ("Sở Hai", "so-hai", "Xã Một", "tinh.example>"):
        assert other not in sheet.text
    assert sheet.mail["To"] == "vanthu@mot.example"
    assert desk.files == ["congvu-1-province.xlsx"]  # agency_sheets is off: it is sent all the same
    assert not (tmp_path / "reports-outgoing").exists()
    assert desk.due("mail") == 0


async def test_a_relay_that_is_down_is_tried_until_it_is_up(month: Month, tmp_path: Path) -> None:
    relay = FakeRelay()
    desk = await Desk(month, scheduled(tmp_path, relay)).look()
    assert (desk.due("mail"), desk.failures("mail"), desk.due("write")) == (3, 1, 0)
    with relaying(relay):
        await desk.look(timedelta(minutes=1))
        assert relay.took == []
        await desk.look(timedelta(minutes=2))
    assert (len(relay.took), desk.due("mail")) == (3, 0)


async def test_one_that_is_refused_for_good_is_shown_and_not_tried_again(
    month: Month, tmp_path: Path
) -> None:
    with relaying(FakeRelay({"ai@tinh.example": "550 5.1.1 <ai@tinh.example>: no such"})) as relay:
        desk = await Desk(month, scheduled(tmp_path, relay)).look()
        for _ in range(5):
            await desk.look(timedelta(days=1))
    assert await desk.outcomes("ai@tinh.example") == ["unknown", "refused"]
    assert await desk.outcomes("em@tinh.example") == ["unknown", "sent"]
    assert desk.due("mail") == 1
    [told] = desk.said.named("report_failed")
    assert told == ReportFailed("mail", "2026-03", "province", "refused 550 5.1.1")


async def test_one_that_is_put_off_is_tried_again(month: Month, tmp_path: Path) -> None:
    with relaying(FakeRelay({"ai@tinh.example": "451 4.7.1 later"})) as relay:
        desk = await Desk(month, scheduled(tmp_path, relay)).look()
        relay.refuses = {}
        await desk.look(timedelta(minutes=3))
    assert await desk.outcomes("ai@tinh.example") == ["unknown", "failed", "unknown", "sent"]
    assert len(relay.to("ai@tinh.example")) == len(relay.to("em@tinh.example")) == 1


async def test_after_a_crash_before_the_answer_was_noted_it_is_sent_once_more_under_one_id(
    month: Month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with relaying(FakeRelay()) as relay:
        desk = Desk(month, scheduled(tmp_path, relay))
        with monkeypatch.context() as patch:
            patch.setattr(delivering, "note", _dies_before_an_answer)
            await desk.look()
        assert len(relay.took) == 1
        for _ in range(3):
            later = desk.at + timedelta(hours=5)
            desk = await Desk(month, scheduled(tmp_path, relay), later).look()
    twice = relay.to("ai@tinh.example")
    assert len(twice) == 2
    assert twice[0].mail["Message-ID"] == twice[1].mail["Message-ID"]
    assert len(relay.to("em@tinh.example")) == 1
    assert await desk.outcomes("ai@tinh.example") == ["unknown", "unknown", "sent"]


async def test_a_relay_that_always_breaks_gets_no_more_than_two(
    month: Month, tmp_path: Path
) -> None:
    with relaying(FakeRelay(breaks=True)) as relay:
        desk = Desk(month, scheduled(tmp_path, relay))
        for _ in range(12):
            await desk.look(timedelta(hours=5))
    assert {len(relay.to(each)) for each in ("ai@tinh.example", "vanthu@mot.example")} == {2}
    assert desk.due("mail") == 3


async def test_an_answer_that_could_not_be_noted_is_noted_when_the_database_is_back(
    month: Month, tmp_path: Path
) -> None:
    with relaying(FakeRelay()) as relay:
        desk = Desk(month, scheduled(tmp_path, relay))
        relay.meanwhile = lambda: _end_turns(month.database)
        await desk.look()
        relay.meanwhile = None
        await desk.look(timedelta(minutes=1))
    assert len(relay.took) == 3
    assert await desk.outcomes("ai@tinh.example") == ["unknown", "sent"]


async def test_what_an_upgrade_would_write_otherwise_is_sent_as_it_was_handed_out(
    month: Month, tmp_path: Path
) -> None:
    relay = FakeRelay()
    desk = await Desk(month, scheduled(tmp_path, relay)).look()
    written = (tmp_path / "reports" / "congvu-1-province.xlsx").read_bytes()
    async with month.database.connection() as connection:
        await connection.execute(
            "INSERT INTO report_file VALUES (1, 'congvu-1-province.xlsx', $1, 1, '0.1', now())",
            hashlib.sha256(written).digest(),
        )
    desk.press.differs = "0.1"
    with relaying(relay):
        await desk.look(timedelta(hours=1))
    [took] = relay.to("ai@tinh.example")
    assert list(took.files.values()) == [written]
    # Of the agency's sheet nothing lies in the folder: what is made now is sent, and told of.
    assert [vars(each)["file"] for each in desk.said.named("report_differs")] == [
        "congvu-1-so-mot.xlsx"
    ]


async def test_what_was_restated_is_left_to_a_command(month: Month, tmp_path: Path) -> None:
    relay = FakeRelay()
    desk = await Desk(month, scheduled(tmp_path, relay)).look()
    await fact(month, "muộn", datetime(2026, 3, 20, 2, tzinfo=UTC))
    assert await month.restate()
    with relaying(relay):
        await desk.look(timedelta(hours=1))
    assert (relay.took, desk.due("mail")) == ([], 0)


async def test_who_names_a_relay_later_is_not_sent_the_past(month: Month, tmp_path: Path) -> None:
    desk = await Desk(month, scheduled(tmp_path)).look()
    with relaying(FakeRelay()) as relay:
        later = desk.at + timedelta(days=31)
        await Desk(month, scheduled(tmp_path, relay), later).look()
        assert relay.took == []
        await Desk(month, scheduled(tmp_path, relay), later - timedelta(days=2)).look()
        assert len(relay.took) == 3


async def _dies_before_an_answer(session: Session, attempt: Attempt) -> None:
    """What SIGKILL leaves of a mail that the relay has taken: its beginning."""
    if "@" in attempt.handing.recipient and attempt.result is Result.SENT:
        raise RuntimeError("killed")
    await note(session, attempt)


async def _end_turns(database: Database) -> None:
    """The session that holds the turn is ended by the server."""
    session = await database.lasting_connection()
    await session.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks"
        " WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    await session.close()
