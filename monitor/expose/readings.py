"""Families that are read at scrape time: states of parts, figures, trust data."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.agencies import Registry
from monitor.material import Loaded


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
    for code in sorted(registry.codes()):
        agency = registry.at(day).by_code(code)
        if agency:
            family.add_metric([code, agency.name, agency.level, agency.parent or ""], 1)
    yield family


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
