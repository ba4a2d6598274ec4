"""Families that are read at scrape time: states of parts, figures, trust data."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.agencies import Registry
from monitor.material import Loaded
from monitor.measure import AccountCount, Figure, Scope, State
from monitor.measure.windows import WindowName
from monitor.model import DocumentClass


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
        agency = registry.at(day).agencies.get(code)
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
    left_out = len(loaded.problems)
    yield from gauge("congvu_trust_files_left_out", "Unusable files of trust folders.", left_out)


FAMILIES = {
    "ratio": "Share of the numerator in the denominator; absent without data.",
    "denominator": "What the ratio is over.",
}
LIVE_WINDOWS = frozenset({WindowName.DAYS_30, WindowName.PERIOD})
MONTHLY_WINDOWS = frozenset({WindowName.DAYS_30, WindowName.LAST_MONTH})
OF_REGISTERS = {"document_electronic", "document_parallel_paper", "document_paperless"}
"""Registers come monthly: of the month that runs they say nothing yet."""
ALL_WINDOWS = {"document_signed", "mail_signed", "accounts_active"}
"""Indicators whose last five days are held against the twenty before; the others' short windows
stand in the table `figure` alone, so that an agency has about 120 series (DESIGN "Metrics")."""
COVERED = {
    "mail": ("mail_signed", WindowName.WD5),
    "docsys": ("document_electronic", WindowName.LAST_MONTH),
}
"""Whose figure, and of which window, gives the coverage of a channel: a register comes monthly."""
STATE_NUMBERS = {State.OK: 0, State.INSUFFICIENT: 1, State.NO_DATA: 2, State.STALE: 3}


def rendered(figures: Sequence[Figure], counts: Sequence[AccountCount] = ()) -> bytes:
    """The adoption gauges in the text format; tens of thousands of series take 0.2 s, so this is
    done in a thread when the figures are new, and scrapes only copy it.
    """
    registry = CollectorRegistry()
    Readings(registry, (lambda: figures_as_metrics(figures), lambda: accounts(counts)))
    return generate_latest(registry)


def accounts(counts: Sequence[AccountCount]) -> Iterable[Metric]:
    """How the accounts of each agency and role stand."""
    family = GaugeMetricFamily(
        "congvu_accounts",
        "Official accounts by how they stand today.",
        labels=["agency", "role", "state"],
    )
    for count in counts:
        family.add_metric([count.agency, count.role, count.state], count.accounts)
    yield family


def figures_as_metrics(figures: Sequence[Figure]) -> Iterable[Metric]:
    """The adoption gauges (DESIGN "Metrics"); a ratio without data is absent, never 0."""
    shown = [
        figure for figure in figures
        if figure.document_class != DocumentClass.EDITABLE and figure.base == ""
    ]  # fmt: skip
    own = [figure for figure in shown if figure.scope is Scope.AGENCY]
    groups = [figure for figure in shown if figure.scope is not Scope.AGENCY]
    yield from _shares("congvu_adoption", "agency", own)
    yield from _shares("congvu_adoption_group", "group", groups)
    yield from _states(own)
    yield from _undecided(own)
    yield from _coverage("congvu_adoption", "agency", own)
    yield from _coverage("congvu_adoption_group", "group", groups)


def _shares(prefix: str, whose: str, figures: Sequence[Figure]) -> Iterable[Metric]:
    labels = ["indicator", whose, "channel", "window"]
    ratio = GaugeMetricFamily(f"{prefix}_ratio", FAMILIES["ratio"], labels=labels)
    denominator = GaugeMetricFamily(f"{prefix}_denominator", FAMILIES["denominator"], labels=labels)
    for figure in figures:
        if not _is_live(figure):
            continue
        values = [figure.indicator, _whose(figure), figure.channel, figure.window]
        denominator.add_metric(values, figure.denominator)
        if figure.ratio is not None:
            ratio.add_metric(values, figure.ratio)
    yield ratio
    yield denominator


def _is_live(figure: Figure) -> bool:
    if figure.indicator in OF_REGISTERS:
        return figure.window in MONTHLY_WINDOWS
    if figure.indicator in ALL_WINDOWS:
        return True
    return figure.window in LIVE_WINDOWS


def _whose(figure: Figure) -> str:
    """`province` is everything; the agencies of a level of that name are `province_level`."""
    if figure.scope is Scope.LEVEL and figure.code == Scope.PROVINCE:
        return "province_level"
    return figure.code


def _states(figures: Sequence[Figure]) -> Iterable[Metric]:
    """One state an indicator and agency: of its channels in the `period` window the most useful to
    know, of registers that of the `last_month` window.
    """
    best: dict[tuple[str, str], int] = {}
    for figure in figures:
        of_registers = figure.indicator in OF_REGISTERS
        if figure.window == (WindowName.LAST_MONTH if of_registers else WindowName.PERIOD):
            key = (figure.indicator, figure.code)
            number = STATE_NUMBERS[figure.state]
            best[key] = min(best.get(key, number), number, key=_usefulness)
    family = GaugeMetricFamily(
        "congvu_adoption_state",
        "0 ok, 1 insufficient, 2 no data, 3 stale.",
        labels=["indicator", "agency"],
    )
    for (indicator, agency), number in best.items():
        family.add_metric([indicator, agency], number)
    yield family


def _usefulness(number: int) -> int:
    """Order of states when channels differ: one that is stale must not hide behind an empty one."""
    return (3, 0, 1, 2).index(number)


def _undecided(figures: Sequence[Figure]) -> Iterable[Metric]:
    family = GaugeMetricFamily(
        "congvu_adoption_undecided_ratio",
        "Share of documents whose verdict waits for data of ours, in the 30d window.",
        labels=["agency", "channel"],
    )
    for figure in figures:
        wanted = figure.indicator == "document_signed" and figure.window == "30d"
        if wanted and figure.undecided_share is not None:
            family.add_metric([figure.code, figure.channel], figure.undecided_share)
    yield family


def _coverage(prefix: str, whose: str, figures: Sequence[Figure]) -> Iterable[Metric]:
    """How much was captured of what an independent source says was sent; absent without one."""
    family = GaugeMetricFamily(
        f"{prefix}_coverage_ratio",
        "Captured of what was sent: mail by the gateway's log, in the wd5 window; docsys by the "
        "register, in the last_month window.",
        labels=[whose, "channel"],
    )
    for figure in figures:
        wanted = (figure.indicator, figure.window) == COVERED.get(figure.channel)
        if wanted and figure.coverage is not None:
            family.add_metric([_whose(figure), figure.channel], figure.coverage)
    yield family
