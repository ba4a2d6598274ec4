"""What coverage is over, as metrics: of few messages it says little."""

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.expose.readings import Readings
from monitor.measure.coverage import Compared


def rendered_coverage(found: Sequence[Compared]) -> bytes:
    """The family in the text format, made once when it is new."""
    registry = CollectorRegistry()
    Readings(registry, (lambda: coverage_metrics(found),))
    return generate_latest(registry)


def coverage_metrics(found: Sequence[Compared]) -> Iterable[Metric]:
    """`congvu_adoption_coverage_denominator`; absent where there is nothing to compare with."""
    family = GaugeMetricFamily(
        "congvu_adoption_coverage_denominator",
        "What was sent as an independent source says: mail by the gateway's log, in the wd5 "
        "window; docsys by the register, in the last_month window.",
        labels=["agency", "channel"],
    )
    for each in found:
        family.add_metric([each.agency, each.channel], each.sent)
    yield family
