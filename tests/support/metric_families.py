"""Every family of /metrics: name, type, labels and help are an API (tests/expose/families.txt)."""

import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prometheus_client.core import Metric

from monitor.agencies import Registry
from monitor.calendar import WorkingCalendar
from monitor.clock import vietnam_day
from monitor.expose import Metrics, Readiness
from monitor.expose.adoption import Shown, families
from monitor.expose.axis import axis_metrics
from monitor.expose.certificates import certificate_metrics
from monitor.expose.coverage import coverage_metrics
from monitor.expose.pipeline import SourceReadings, parts, spool_readings, trust_expiry
from monitor.expose.posture import gateway_metrics, posture_metrics, question_metrics
from monitor.expose.readings import agency_info, sampling_rate, trust_data, working_time
from monitor.expose.targets import target_metrics
from monitor.fetch.fetcher import Fetcher
from monitor.material import Loaded
from monitor.model import TrustMaterial
from monitor.observe import Observer
from monitor.portal.crawler import _counters
from monitor.record.posture_standing import PostureCounts
from monitor.settings import CalendarSettings, Settings, SpoolSettings
from monitor.spool import SpoolStats
from monitor.working_time import WorkingTime

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
LOADED = Loaded(TrustMaterial(anchors=()), {})
NO_DOMAINS = PostureCounts({}, {}, {}, 0, 0, 0, None, ())
HEAD = "# name, type, labels, help: made from the code by `make reference`.\n"


def golden() -> str:
    """One line a family, in order of names."""
    return HEAD + "".join(sorted(_families()))


def _families() -> Iterator[str]:
    for collector in _collectors():
        [family] = collector.describe()
        yield _line(family, ("version",) if family.type == "info" else collector._labelnames)
    for family in _read():
        yield _line(family, getattr(family, "_labelnames", ()))
    for text in families(Shown()):
        yield f"{text.name} gauge {','.join(text.labels) or '-'} {text.help_text}\n"


def _collectors() -> Iterable[Any]:
    """What events move, of every room."""
    observer = Observer()
    Metrics(observer.registry)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder))
        Fetcher(settings, lambda: LOADED, observer, lambda: NOW)
    _counters(observer.registry)
    return list(observer.registry._collector_to_names)


def _read() -> Iterator[Metric]:
    """What is read or rendered by the client library's own classes."""
    calendar = CalendarSettings()
    working = WorkingTime(WorkingCalendar(calendar, NOW.year).is_working, calendar.hours)
    stats = SpoolStats(
        items=0, bytes=0, disk_bytes=0, free_bytes=0, oldest_age_seconds=None,
        quarantine_items=0, refusing=None,
    )  # fmt: skip
    yield from spool_readings(stats, SpoolSettings())
    yield from parts(Readiness(()))
    yield from trust_data(LOADED, NOW)
    yield from trust_expiry(LOADED, NOW)
    yield from SourceReadings((), working, {}, {}, NOW, NOW).metrics()
    yield from agency_info(Registry([]), vietnam_day(NOW))
    yield from working_time(working, NOW)
    yield from sampling_rate(1)
    yield from target_metrics([])
    yield from axis_metrics([])
    yield from coverage_metrics([])
    yield from certificate_metrics([])
    yield from posture_metrics(NO_DOMAINS, 0)
    yield from gateway_metrics([])
    yield from question_metrics({})


def _line(family: Metric, labels: Iterable[str]) -> str:
    suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
    kind = "gauge" if family.type == "info" else family.type
    return f"{family.name}{suffix} {kind} {','.join(labels) or '-'} {family.documentation}\n"
