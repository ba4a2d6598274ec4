"""Certificates that are about to end as metrics."""

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.expose.readings import Readings
from monitor.measure.certificates import Expiring


def rendered_certificates(found: Sequence[Expiring]) -> bytes:
    """The family in the text format, made once when the counts are new."""
    registry = CollectorRegistry()
    Readings(registry, (lambda: certificate_metrics(found),))
    return generate_latest(registry)


def certificate_metrics(found: Sequence[Expiring]) -> Iterable[Metric]:
    """`congvu_certificates_expiring`; an agency whose certificates are not known is absent."""
    family = GaugeMetricFamily(
        "congvu_certificates_expiring",
        "Certificates in use by an agency's signers that end within so many days, replaced ones "
        "left out.",
        labels=["agency", "within"],
    )
    for each in found:
        family.add_metric([each.agency, f"{each.within}d"], each.certificates)
    yield family
