"""The state of the pipeline as metrics: spool, parts, sources, and how long trust data lasts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.expose.readiness import Readiness
from monitor.expose.readings import gauge
from monitor.material import Loaded
from monitor.material.status import State, statuses
from monitor.settings import Settings, SpoolSettings
from monitor.spool import SpoolStats
from monitor.working_time import WorkingTime


def spool_readings(stats: SpoolStats, settings: SpoolSettings) -> Iterable[Metric]:
    """What waits in the spool, and how much room there is for more."""
    yield from gauge("congvu_spool_items", "Items not yet recorded.", stats.items)
    yield from gauge("congvu_spool_bytes", "Size of the spool on disk.", stats.disk_bytes)
    yield from gauge("congvu_spool_free_bytes", "Free bytes of its disk.", stats.free_bytes)
    yield from gauge(
        "congvu_spool_reserve_bytes",
        "Free bytes of its disk below which intake is refused (spool.min_free_bytes).",
        settings.min_free_bytes,
    )
    on_disk = stats.disk_bytes + stats.free_bytes - settings.min_free_bytes
    yield from gauge(
        "congvu_spool_capacity_bytes",
        "What the spool may grow to: spool.max_bytes, or less where its disk has not that much.",
        max(0, min(settings.max_bytes, on_disk)),
    )
    yield from gauge(
        "congvu_spool_refusing",
        "1 since something had to be refused for want of room, until something is taken again.",
        float(stats.refusing is not None),
    )
    yield from gauge(
        "congvu_spool_oldest_age_seconds",
        "Age of the oldest item not yet recorded; 0 when there is none.",
        stats.oldest_age_seconds or 0.0,
    )
    yield from gauge("congvu_quarantine_items", "Items set aside.", stats.quarantine_items)


def parts(readiness: Readiness) -> Iterable[Metric]:
    """`congvu_part_ready`: what `/readyz` says of each part."""
    family = GaugeMetricFamily(
        "congvu_part_ready", "1 when a part of the daemon works, else 0.", labels=["part"]
    )
    for part, ready in readiness.parts().items():
        family.add_metric([part], float(ready))
    yield family


def trust_expiry(loaded: Loaded, now: datetime) -> Iterable[Metric]:
    """Until when the newest whole revocation list of each CA speaks (nextUpdate, RFC 5280 5.1.2.5).

    Not of a CA that has expired, which issues no more lists, nor of lists that a newer replaces.
    """
    ends: dict[str, datetime] = {}
    for status in statuses(loaded, now):
        held = status.held
        if status.state is State.NOT_NEEDED or held is None or held.listed.next_update is None:
            continue
        end = held.listed.next_update
        ends[held.file.stem] = min(end, ends.get(held.file.stem, end))
    family = GaugeMetricFamily(
        "congvu_trust_data_expires_timestamp_seconds",
        "When the newest revocation list of a CA ends (nextUpdate).",
        labels=["ca"],
    )
    for name, end in ends.items():
        family.add_metric([name], end.timestamp())
    yield family


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of a source or log."""

    source: str
    silent_after_seconds: float
    """Working seconds without a delivery that are unusual."""
    look_seconds: float | None = None
    """Of one that is asked: between two looks."""


def expected(settings: Settings) -> Sequence[Expected]:
    """Every source and log of the configuration."""
    return (
        *(_expected(each, None) for each in settings.mail_sources),
        *(_expected(each, each.poll_seconds) for each in settings.imap),
        *(_expected(each, each.poll_seconds) for each in settings.mail_folders),
        *(_expected(each, each.poll_seconds) for each in settings.folders),
        *(_expected(each, each.poll_seconds) for each in settings.axis),
        *(_expected(each, each.interval_seconds) for each in settings.portals),
        *(_expected(each, None) for each in settings.logs),
    )


class _Source(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def silent_after_hours(self) -> float: ...


def _expected(source: _Source, look_seconds: float | None) -> Expected:
    return Expected(source.name, source.silent_after_hours * 3600, look_seconds)


@dataclass(frozen=True)
class SourceReadings:
    """How long each source has been silent; a source that was never heard since the start too."""

    expected: Sequence[Expected]
    working: WorkingTime
    heard: Mapping[str, float]
    """When each last delivered, in seconds since 1970; what is not there, never did."""
    looked: Mapping[str, float]
    """When each last answered."""
    started: datetime
    now: datetime

    def metrics(self) -> Iterable[Metric]:
        """The families, of this moment."""
        now, start = self.now, self.started.timestamp()
        silent = _of_sources(
            "congvu_source_silent_working_seconds",
            "Working seconds since a source last delivered; since the start where it never did.",
        )
        after = _of_sources(
            "congvu_source_silent_after_seconds",
            "Working seconds of silence that are unusual for a source (silent_after_hours).",
        )
        unanswered = _of_sources(
            "congvu_source_unanswered_seconds",
            "Seconds since a source that is asked last answered, or since the start.",
        )
        interval = _of_sources(
            "congvu_source_look_interval_seconds", "Between two looks at a source that is asked."
        )
        for each in self.expected:
            last = datetime.fromtimestamp(self.heard.get(each.source, start), now.tzinfo)
            silent.add_metric([each.source], self.working.seconds(last, now))
            after.add_metric([each.source], each.silent_after_seconds)
            if each.look_seconds is not None:
                answered = max(start, self.looked.get(each.source, start))
                unanswered.add_metric([each.source], max(0.0, now.timestamp() - answered))
                interval.add_metric([each.source], each.look_seconds)
        yield from (silent, after, unanswered, interval)


def _of_sources(name: str, help_text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, labels=["source"])
