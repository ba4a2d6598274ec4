"""Families that are read at scrape time: states of parts, figures, trust data."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.agencies import Registry
from monitor.clock import vietnam_day
from monitor.material import Loaded
from monitor.working_time import WorkingTime


class Readings(Collector):
    """Reads functions handed in by the wiring; registered once."""

    def __init__(
        self, registry: CollectorRegistry, sources: Sequence[Callable[[], Iterable[Metric]]]
    ) -> None:
        self._sources = sources
        registry.register(self)

    def collect(self) -> Iterable[Metric]:
        """Every family, read now."""
        for source in self._sources:
            yield from source()


def gauge(name: str, help_text: str, value: float) -> Iterable[Metric]:
    """One unlabelled gauge."""
    yield GaugeMetricFamily(name, help_text, value=value)


def agency_info(registry: Registry, day: date) -> Iterable[Metric]:
    """Names to join with: one series an agency in force."""
    family = GaugeMetricFamily(
        "congvu_agency_info", "Agencies in force.", labels=["agency", "name", "level", "parent"]
    )
    for code, agency in sorted(registry.at(day).agencies.items()):
        family.add_metric([code, agency.name, agency.level, agency.parent or ""], 1)
    yield family


def working_time(working: WorkingTime, now: datetime) -> Iterable[Metric]:
    """Whether people are at work now: alerts that can wait for them do."""
    yield from gauge(
        "congvu_working_hours",
        "1 within the working hours of a Vietnam working day, else 0.",
        float(working.holds(now)),
    )
    yield from gauge(
        "congvu_working_day",
        "1 on a Vietnam working day, else 0.",
        float(working.is_day(vietnam_day(now))),
    )


def trust_data(loaded: Loaded, now: datetime) -> Iterable[Metric]:
    """How much there is to judge by, and how old the revocation lists are."""
    anchors = len(loaded.material.anchors)
    yield from gauge("congvu_trust_anchors", "Trust anchors loaded.", anchors)
    family = GaugeMetricFamily(
        "congvu_trust_data_age_seconds", "Age of revocation lists since issue.", labels=["ca"]
    )
    for name, issued in loaded.crl_issued.items():
        family.add_metric([name], (now - issued).total_seconds())
    yield family
    left_out = len(loaded.problems)
    yield from gauge("congvu_trust_files_left_out", "Unusable files of trust folders.", left_out)


def sampling_rate(rate: float) -> Iterable[Metric]:
    """Which share of messages is verified."""
    yield from gauge(
        "congvu_sampling_rate",
        "Share of messages that is verified; 1 is all. The lowest over the channels.",
        rate,
    )
