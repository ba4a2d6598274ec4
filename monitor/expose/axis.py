"""Documents on the exchange axis as metrics: how far they have come with their receivers."""

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.expose.readings import Readings
from monitor.measure.axis import AxisDeliveries


def rendered_axis(found: Sequence[AxisDeliveries]) -> bytes:
    """The family in the text format, made once when the figures are new."""
    registry = CollectorRegistry()
    Readings(registry, (lambda: axis_metrics(found),))
    return generate_latest(registry)


def axis_metrics(found: Sequence[AxisDeliveries]) -> Iterable[Metric]:
    """`congvu_axis_deliveries`; what is not there is absent."""
    family = GaugeMetricFamily(
        "congvu_axis_deliveries",
        "Deliveries of documents sent in the last 30 complete days, by how far they have come.",
        labels=["agency", "direction", "state"],
    )
    for each in found:
        family.add_metric([each.agency, each.direction, each.state], each.deliveries)
    yield family
