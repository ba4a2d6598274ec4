"""The state of spool, parts, sources and trust data, as alerts read it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from monitor.calendar import WorkingCalendar
from monitor.clock import VIETNAM
from monitor.expose import Metrics, Readiness
from monitor.expose.pipeline import (
    Expected,
    SourceReadings,
    expected,
    parts,
    spool_readings,
)
from monitor.settings import CalendarSettings, Settings, SpoolSettings
from monitor.spool import SpoolStats
from monitor.working_time import WorkingTime

GIB = 1024**3
SPOOL = SpoolSettings(max_bytes=20 * GIB, min_free_bytes=GIB)
EMPTY = SpoolStats(
    items=0, bytes=0, disk_bytes=0, free_bytes=100 * GIB, oldest_age_seconds=None,
    quarantine_items=0, refusing=None,
)  # fmt: skip
MONDAY = datetime(2026, 11, 23, 7, 31, tzinfo=VIETNAM)
CALENDAR = CalendarSettings()
WORKING = WorkingTime(WorkingCalendar(CALENDAR, 2026).is_working, CALENDAR.hours)


def values(families: Iterable[Metric]) -> dict[str, float]:
    return {
        sample.name.removeprefix("congvu_") + "".join(f" {v}" for v in sample.labels.values()):
        sample.value
        for family in families
        for sample in family.samples
    }  # fmt: skip


def read(**changes: Any) -> dict[str, float]:
    return values(spool_readings(replace(EMPTY, **changes), SPOOL))


def test_a_spool_may_grow_to_its_setting_or_to_what_its_disk_has() -> None:
    assert read()["spool_capacity_bytes"] == 20 * GIB
    assert read(disk_bytes=2 * GIB, free_bytes=4 * GIB)["spool_capacity_bytes"] == 5 * GIB
    assert read(free_bytes=GIB // 2)["spool_capacity_bytes"] == 0


def test_a_spool_that_refuses_says_so() -> None:
    assert read()["spool_refusing"] == 0
    assert read(refusing="disk")["spool_refusing"] == 1


def test_each_part_of_readyz_is_a_series_and_remarks_are_none() -> None:
    readiness = Readiness(("database", "spool"))
    readiness.ready("spool")
    readiness.remark("log zimbra", "no such file yet")
    assert values(parts(readiness)) == {"part_ready database": 0, "part_ready spool": 1}


def sources(**changes: Any) -> dict[str, float]:
    readings = SourceReadings(
        (Expected("gateway", 7200), Expected("office", 28800, 5)), WORKING, {}, {},
        MONDAY - timedelta(days=10), MONDAY,
    )  # fmt: skip
    return values(replace(readings, **changes).metrics())


def test_a_source_last_heard_on_friday_evening_was_silent_for_eleven_working_minutes() -> None:
    friday = datetime(2026, 11, 20, 16, 50, tzinfo=VIETNAM)
    found = sources(heard={"gateway": friday.timestamp()})
    assert found["source_silent_working_seconds gateway"] == 11 * 60
    assert found["source_silent_after_seconds gateway"] == 7200


def test_a_source_that_never_delivered_is_silent_since_the_start() -> None:
    assert sources()["source_silent_working_seconds gateway"] > 7200
    assert sources(started=MONDAY)["source_silent_working_seconds gateway"] == 0


def test_only_a_source_that_is_asked_can_fail_to_answer() -> None:
    found = sources(looked={"office": MONDAY.timestamp() - 90})
    assert found["source_unanswered_seconds office"] == 90
    assert found["source_look_interval_seconds office"] == 5
    assert "source_unanswered_seconds gateway" not in found


def test_every_kind_of_source_is_expected_to_deliver() -> None:
    settings = Settings.model_validate(
        {
            "mail_sources": [
                {"name": "a", "journal_address": "j@x.example", "networks": ["127.0.0.1/32"]}
            ],
            "mail_folders": [{"name": "b", "path": "/b"}],
            "folders": [{"name": "c", "path": "/c", "agencies": ["so"], "silent_after_hours": 40}],
            "axis": [{"name": "d", "path": "/d"}],
            "logs": [{"name": "e", "format": "postfix", "path": "/e"}],
        }
    )
    found = {each.source: each for each in expected(settings)}
    assert set(found) == {"a", "b", "c", "d", "e"}
    assert found["c"].silent_after_seconds == 40 * 3600
    assert found["a"].look_seconds is None
    assert found["b"].look_seconds == 5


def test_what_the_record_knows_of_a_source_is_what_the_gauge_gives_back() -> None:
    metrics = Metrics(CollectorRegistry())
    metrics.heard("gateway", datetime(2026, 11, 20, tzinfo=UTC))
    assert metrics.last_heard() == {"gateway": datetime(2026, 11, 20, tzinfo=UTC).timestamp()}
    metrics.looked("office")
    assert set(metrics.last_looked()) == {"office"}
