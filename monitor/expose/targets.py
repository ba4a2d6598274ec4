"""Targets as metrics: what is reached and what is lacking, by target and agency."""

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.expose.readings import Readings
from monitor.measure import Scope
from monitor.measure.progress import Assessment, Progress

MOST_AGENCIES = 500
"""Of one target, those that lack most: more are in PostgreSQL (DESIGN "Metrics")."""


def rendered_targets(found: Sequence[Progress]) -> bytes:
    """The families of targets in the text format, made once when the figures are new."""
    registry = CollectorRegistry()
    Readings(registry, (lambda: target_metrics(found),))
    return generate_latest(registry)


def target_metrics(found: Sequence[Progress]) -> Iterable[Metric]:
    """`congvu_target_ratio` and the two gaps; what cannot be assessed is absent.

    A target that nobody has confirmed has a ratio and no gap: it is neither met nor missed.
    """
    ratio = GaugeMetricFamily(
        "congvu_target_ratio", "What a target of the plan has reached.", labels=["target", "agency"]
    )
    gap = GaugeMetricFamily(
        "congvu_target_gap_ratio",
        "What a confirmed target still lacks; 0 when it is reached.",
        labels=["target", "agency"],
    )
    path_gap = GaugeMetricFamily(
        "congvu_target_path_gap_ratio",
        "What a confirmed target lacks of the straight line from baseline to target; 0 on it.",
        labels=["target", "agency"],
    )
    for each in _bounded(found):
        if each.ratio is None or each.gap is None:
            continue
        labels = [each.target.id, _whose(each)]
        ratio.add_metric(labels, float(each.ratio))
        if each.assessment is not Assessment.UNCONFIRMED:
            gap.add_metric(labels, float(each.gap))
            if each.path is not None:
                path_gap.add_metric(labels, max(0.0, float(each.path - each.ratio)))
    yield ratio
    yield gap
    yield path_gap


def _bounded(found: Sequence[Progress]) -> Iterable[Progress]:
    by_target: dict[str, list[Progress]] = {}
    for each in found:
        by_target.setdefault(each.target.id, []).append(each)
    for rows in by_target.values():
        yield from sorted(rows, key=lambda each: -(each.gap or 0))[:MOST_AGENCIES]


def _whose(each: Progress) -> str:
    """As `congvu_adoption_group_ratio` names groups: the level `province` is not the province."""
    level = each.target.scope_kind is Scope.LEVEL
    return "province_level" if level and each.code == Scope.PROVINCE else each.code
