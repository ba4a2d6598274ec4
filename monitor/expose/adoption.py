"""The adoption gauges: figures as metrics (DESIGN "Metrics"; docs/metrics.md).

Which windows of which indicator are given out stands in the catalogue. They are rendered once when
the figures are new, in a thread; a scrape copies the text.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.expose.drops import drop_families, whose
from monitor.expose.text import Gauges, page
from monitor.measure import AccountCount, Figure, Scope, State
from monitor.measure.drops import Drop
from monitor.measure.indicators import CATALOGUE, Series
from monitor.measure.windows import WindowName
from monitor.model import Channel, DocumentClass, Role

STATE_NUMBERS = {State.OK: 0, State.INSUFFICIENT: 1, State.NO_DATA: 2, State.STALE: 3}
USEFULNESS = (State.STALE, State.OK, State.INSUFFICIENT, State.NO_DATA)
"""Of channels that differ: one that is stale must not hide behind an empty one."""
COVERED: Mapping[str, tuple[str, str]] = {
    Channel.MAIL: ("mail_signed", WindowName.WD5),
    Channel.DOCSYS: ("document_electronic", WindowName.LAST_MONTH),
}
"""Whose figure, and of which window, gives the coverage of a channel: a register comes monthly."""
COVERED_ENOUGH = 0.95
"""Below it an agency is shown where not all are (docs/metrics.md "More than 500 agencies")."""
LEADERS_WINDOWS = (WindowName.WD5, WindowName.WD20_PRIOR)
GONE = "closed"
"""State of accounts that is told of the province alone."""
MOST_AGENCIES = 500


EDITABLE, LEADER = DocumentClass.EDITABLE.value, Role.LEADER.value


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is given out of one indicator and window."""

    ratio: bool
    denominator: bool
    low: bool
    high: bool


def _wanted(series: Series, window: WindowName) -> _Wanted:
    return _Wanted(
        window in series.ratio, window in series.denominator,
        window in series.low, window in series.high,
    )  # fmt: skip


WANTED = {
    (each.id, window.value, of_agency): _wanted(series, window)
    for each in CATALOGUE.values()
    for of_agency, series in ((True, each.agency), (False, each.group))
    for window in {*series.ratio, *series.denominator}
}
"""By indicator, window and whether it is an agency's."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that is rendered when the figures are new."""

    figures: Sequence[Figure] = ()
    """Of account figures with a role only those of leaders are given out."""
    counts: Sequence[AccountCount] = ()
    drops: Sequence[Drop] = ()
    most_agencies: int = MOST_AGENCIES
    """Above it groups are given out, and agencies that are not ok (measure.agency_series)."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The adoption gauges in the text format."""

    text: bytes
    agencies: Collection[str]
    """Whose gauges are given out: all, or of very many those that somebody has to look at."""


def rendered(shown: Shown) -> Rendered:
    """All families as text; a matter of seconds for thousands of agencies, so for a thread."""
    everyones = [each for each in shown.figures if _is_series(each)]
    agencies = _given(shown, everyones)
    return Rendered(page(_families(shown, everyones, agencies)), agencies)


def families(shown: Shown) -> Iterable[Gauges]:
    """Every family; a ratio without data is absent, never 0."""
    everyones = [each for each in shown.figures if _is_series(each)]
    return _families(shown, everyones, _given(shown, everyones))


def _families(
    shown: Shown, everyones: Sequence[Figure], agencies: Collection[str]
) -> Iterable[Gauges]:
    own = [e for e in everyones if e.scope is Scope.AGENCY and e.code in agencies]
    groups = [each for each in everyones if each.scope is not Scope.AGENCY]
    leaders = [each for each in shown.figures if _is_of_leaders(each)]
    yield from _shares("congvu_adoption", "agency", own)
    yield from _shares("congvu_adoption_group", "group", groups)
    yield _states(own)
    yield _undecided(own)
    yield _coverage("congvu_adoption", "agency", own)
    yield _coverage("congvu_adoption_group", "group", groups)
    of_own = [each for each in leaders if each.code in agencies]
    yield from _leaders("congvu_leaders", "agency", of_own, of_groups=False)
    yield from _leaders("congvu_leaders_group", "group", leaders, of_groups=True)
    yield from drop_families(shown.drops, agencies)
    there = [e for e in shown.counts if e.agency in agencies and e.state != GONE]
    yield accounts("congvu_accounts", "agency", there)
    yield accounts("congvu_accounts_group", "group", whole(shown.counts))


# -- which agencies ------------------------------------------------------------------------------


def _given(shown: Shown, everyones: Sequence[Figure]) -> Collection[str]:
    """All agencies, or, where they are too many, those that somebody has to look at.

    First those with a drop: an alert must not lose what it is about. Then those that are stale,
    poorly covered, have too little, have nothing; at most as many as are allowed.
    """
    agencies = {each.code for each in everyones if each.scope is Scope.AGENCY}
    if len(agencies) <= shown.most_agencies:
        return agencies
    urgency: dict[str, int] = {}

    def needs(code: str, rank: int) -> None:
        urgency[code] = min(rank, urgency.get(code, rank))

    for drop in shown.drops:
        if drop.scope is Scope.AGENCY and (drop.drop_days or drop.silent_days or drop.decline_days):
            needs(drop.code, 0)
    for code, state in _state_watched(everyones).items():
        if state is not State.OK:
            needs(code, {State.STALE: 1, State.INSUFFICIENT: 3, State.NO_DATA: 4}[state])
    for figure in everyones:
        if _covers(figure) and figure.coverage is not None and figure.coverage < COVERED_ENOUGH:
            needs(figure.code, 2)
    found = sorted((rank, code) for code, rank in urgency.items() if code in agencies)
    return {code for _, code in found[: shown.most_agencies]}


def _state_watched(figures: Sequence[Figure]) -> dict[str, State]:
    """One state an agency, of what is watched: signing nothing by mail is no matter where all else
    goes another way.
    """
    states = {key: state for key, state in _state_of(figures).items() if CATALOGUE[key[0]].interval}
    worst: dict[str, State] = {}
    order = (State.STALE, State.OK, State.INSUFFICIENT, State.NO_DATA)
    for (_, code), state in states.items():
        worst[code] = min(worst.get(code, state), state, key=order.index)
    return worst


# -- families ------------------------------------------------------------------------------------


def _is_series(figure: Figure) -> bool:
    return not figure.base and not figure.role and figure.document_class != EDITABLE


def _is_of_leaders(figure: Figure) -> bool:
    return figure.role == LEADER and not figure.base and figure.indicator == "accounts_active"


def _shares(prefix: str, label: str, figures: Sequence[Figure]) -> Iterable[Gauges]:
    labels = ("indicator", label, "channel", "window")
    ratio = Gauges(
        f"{prefix}_ratio", "Share of the numerator in the denominator; absent without data.",
        *labels,
    )  # fmt: skip
    denominator = Gauges(f"{prefix}_denominator", "What the ratio is over.", *labels)
    low, high = (
        Gauges(
            f"{prefix}_ratio_{end}",
            f"{which} bound of the process interval, 95%: of the habit behind the ratio.",
            *labels,
        )
        for end, which in (("low", "Lower"), ("high", "Upper"))
    )
    for figure in figures:
        wanted = WANTED.get((figure.indicator, figure.window, figure.scope is Scope.AGENCY))
        if wanted is None:
            continue
        values = (figure.indicator, whose(figure.scope, figure.code), figure.channel, figure.window)
        if wanted.denominator:
            denominator.add(figure.denominator, *values)
        if figure.ratio is None:
            continue
        if wanted.ratio:
            ratio.add(figure.ratio, *values)
        if wanted.low and figure.process_low is not None:
            low.add(figure.process_low, *values)
        if wanted.high and figure.process_high is not None:
            high.add(figure.process_high, *values)
    return ratio, low, high, denominator


def _states(figures: Sequence[Figure]) -> Gauges:
    family = Gauges(
        "congvu_adoption_state", "0 ok, 1 insufficient, 2 no data, 3 stale.", "indicator", "agency"
    )
    for (indicator, agency), state in _state_of(figures).items():
        family.add(STATE_NUMBERS[state], indicator, agency)
    return family


def _state_of(figures: Sequence[Figure]) -> dict[tuple[str, str], State]:
    """One state an indicator and agency: of its channels the most useful to know.

    In the first days only the running month has data: complete days there are none yet.
    """
    best: dict[tuple[str, str], State] = {}
    today: dict[tuple[str, str], State] = {}
    told = [each for each in CATALOGUE.values() if each.agency.ratio]
    kept = {(each.id, WindowName.PERIOD.value): today for each in told}
    kept |= {(each.id, each.state_window.value): best for each in told}
    for figure in figures:
        states = kept.get((figure.indicator, figure.window))
        if states is None or figure.scope is not Scope.AGENCY:
            continue
        key = (figure.indicator, figure.code)
        states[key] = min(states.get(key, figure.state), figure.state, key=USEFULNESS.index)
    return {
        key: today.get(key, state) if state is State.NO_DATA else state
        for key, state in best.items()
    }


def _undecided(figures: Sequence[Figure]) -> Gauges:
    family = Gauges(
        "congvu_adoption_undecided_ratio",
        "Share of documents whose verdict waits for data of ours, in the 30d window.",
        "agency", "channel",
    )  # fmt: skip
    for figure in figures:
        wanted = figure.indicator == "document_signed" and figure.window == WindowName.DAYS_30
        if wanted and figure.undecided_share is not None:
            family.add(figure.undecided_share, figure.code, figure.channel)
    return family


def _covers(figure: Figure) -> bool:
    return (figure.indicator, figure.window) == COVERED.get(figure.channel)


def _coverage(prefix: str, label: str, figures: Sequence[Figure]) -> Gauges:
    """How much was captured of what an independent source says was sent; absent without one."""
    family = Gauges(
        f"{prefix}_coverage_ratio",
        "Captured of what was sent: mail by the gateway's log, in the wd5 window; docsys by the "
        "register, in the last_month window.",
        label, "channel",
    )  # fmt: skip
    for figure in figures:
        if _covers(figure) and figure.coverage is not None:
            family.add(figure.coverage, whose(figure.scope, figure.code), figure.channel)
    return family


def _leaders(
    prefix: str, label: str, figures: Sequence[Figure], *, of_groups: bool
) -> Iterable[Gauges]:
    ratio = Gauges(
        f"{prefix}_active_ratio", "Leaders on the roster who use official mail.", label, "window"
    )
    denominator = Gauges(f"{prefix}_active_denominator", "Leaders on the roster.", label, "window")
    for figure in figures:
        if (figure.scope is Scope.AGENCY) == of_groups or figure.window not in LEADERS_WINDOWS:
            continue
        values = (whose(figure.scope, figure.code), figure.window)
        if figure.window == WindowName.WD5:
            denominator.add(figure.denominator, *values)
        if figure.ratio is not None:
            ratio.add(figure.ratio, *values)
    return ratio, denominator


def accounts(name: str, label: str, counts: Iterable[AccountCount]) -> Gauges:
    """How the accounts of each agency and role stand, or those of the province."""
    family = Gauges(name, "Official accounts by how they stand today.", label, "role", "state")
    for count in counts:
        family.add(count.accounts, count.agency, count.role, count.state)
    return family


def whole(counts: Iterable[AccountCount]) -> Iterable[AccountCount]:
    """The province's: the sum over agencies that are not all given out would be another."""
    found: Counter[tuple[str, str]] = Counter()
    for each in counts:
        found[each.role, each.state] += each.accounts
    return [
        AccountCount(Scope.PROVINCE, role, state, number)
        for (role, state), number in sorted(found.items())
    ]
