"""Mail domains and gateways as metrics. Domains are never labels: they stand in the record."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from monitor.expose.readings import Readings
from monitor.record.posture_standing import PostureCounts


class GatewayAnswer(Protocol):
    """How a gateway answered a look of this daemon; None is not known, or not asked for."""

    @property
    def name(self) -> str: ...
    @property
    def up(self) -> bool | None: ...
    @property
    def starttls(self) -> bool | None: ...
    @property
    def certificate_trusted(self) -> bool | None: ...
    @property
    def certificate_not_after(self) -> datetime | None: ...


def rendered_posture(found: PostureCounts, most: int) -> bytes:
    """The families in the text format, made once when the counts are new."""
    registry = CollectorRegistry()
    Readings(registry, (lambda: posture_metrics(found, most),))
    return generate_latest(registry)


def posture_metrics(found: PostureCounts, most: int) -> Iterable[Metric]:
    """How domains stand. Of more than `most` agencies those alone of which something fails."""
    few = len(found.failing) <= most
    given = [code for code, failing in found.failing.items() if few or failing]
    yield _by_agency(
        "congvu_posture_checks_failing", "Checks of an agency's mail domains that fail.",
        {code: found.failing[code] for code in given},
    )  # fmt: skip
    yield _by_agency(
        "congvu_posture_checks_fallen",
        "Of the checks of an agency's mail domains that fail, those that passed until the last "
        "seven days.",
        {code: found.fallen[code] for code in given},
    )
    checks = GaugeMetricFamily(
        "congvu_posture_checks",
        "Mail domains by check and what was decided last; unknown is never yet.",
        labels=["check", "status"],
    )
    for (check, status), domains in sorted(found.checks.items()):
        checks.add_metric([check, status], domains)
    yield checks
    undecided = GaugeMetricFamily(
        "congvu_posture_undecided",
        "Checks of mail domains that were not answered in their last look.",
    )
    if found.domains:
        undecided.add_metric([], found.undecided)
    yield undecided
    last = GaugeMetricFamily(
        "congvu_posture_last_success_timestamp_seconds",
        "When a look at a mail domain last decided anything; absent before the first.",
    )
    if found.last_decided:
        last.add_metric([], found.last_decided.timestamp())
    yield last


def _by_agency(name: str, help_text: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=["agency"])
    for code, number in sorted(values.items()):
        family.add_metric([code], number)
    return family


def gateway_metrics(found: Iterable[GatewayAnswer]) -> Iterable[Metric]:
    """How the hosts of the official gateway answered; what is not known is absent."""
    up, starttls, trusted, ends = (
        GaugeMetricFamily(f"congvu_gateway_{name}", help_text, labels=["gateway"])
        for name, help_text in (
            ("up", "1 if a host of the official gateway takes connections and greets, else 0."),
            ("starttls", "1 if it offers STARTTLS and TLS comes of it, else 0."),
            ("certificate_trusted", "1 if its certificate is believed, for its name, else 0."),
            ("certificate_not_after_timestamp_seconds", "When the certificate it shows ends."),
        )
    )
    for each in found:
        for family, said in (
            (up, each.up), (starttls, each.starttls), (trusted, each.certificate_trusted),
        ):  # fmt: skip
            if said is not None:
                family.add_metric([each.name], float(said))
        if each.certificate_not_after is not None:
            ends.add_metric([each.name], each.certificate_not_after.timestamp())
    yield from (up, starttls, trusted, ends)


def question_metrics(questions: Mapping[str, int]) -> Iterable[Metric]:
    """`questions`: by what became of them, a closed vocabulary (monitor/posture/names.py)."""
    family = CounterMetricFamily(
        "congvu_dns_questions", "Questions to resolvers, by what became of them.",
        labels=["outcome"],
    )  # fmt: skip
    for outcome, number in sorted(questions.items()):
        family.add_metric([outcome], number)
    yield family
