"""Everything that a busy agency makes /metrics show: all indicators, on mail, docsys and axis."""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from monitor.expose import Metrics
from monitor.measure import AccountCount, Figure, Scope, State
from monitor.measure.axis import AxisDeliveries
from monitor.measure.certificates import Expiring
from monitor.measure.coverage import Compared
from monitor.measure.drops import Drop, Share
from monitor.measure.indicators import CATALOGUE, Definition
from monitor.measure.plan import Target
from monitor.measure.progress import Progress
from monitor.model import Channel, Direction, Overall
from monitor.record.posture_standing import PostureCounts

CHANNELS = (Channel.MAIL, Channel.DOCSYS, Channel.AXIS)
FIRST, LAST = date(2026, 10, 23), date(2026, 11, 21)
STANDS = {
    "leader": ("active", "idle", "dormant"),
    "staff": ("active", "idle", "dormant", "never_logged_in", "locked", "closed"),
    "mailbox": ("active", "idle"),
}
GOES = {"out": ("arrived", "received", "done", "late"), "in": ("received", "done", "late")}


def figures(
    code: str = "so-mot", scope: Scope = Scope.AGENCY, state: State = State.OK
) -> Sequence[Figure]:
    """Of every indicator, channel and window; leaders beside them."""
    found = [
        figure
        for each in CATALOGUE.values()
        if scope in each.scopes
        for channel in each.channels
        if channel in CHANNELS
        for figure in _windows(each, channel, code, scope, state)
    ]
    active = [each for each in found if each.indicator == "accounts_active"]
    return [*found, *(_of_leaders(each) for each in active)]


def _windows(
    each: Definition, channel: Channel, code: str, scope: Scope, state: State
) -> Iterator[Figure]:
    for window in each.windows:
        yield Figure(
            each.id, scope, code, channel, each.classes[0], window, FIRST, LAST, 183, 211, 0,
            183 / 211, state, undecided_share=0.0, low=183 / 211, high=183 / 211,
            process_low=0.8123456789 if each.interval else None,
            process_high=0.9123456789 if each.interval else None,
            checked=211, coverage=None if each.of_accounts else 0.9876543,
        )  # fmt: skip


def _of_leaders(figure: Figure) -> Figure:
    return Figure(
        figure.indicator, figure.scope, figure.code, figure.channel, figure.document_class,
        figure.window, FIRST, LAST, 8, 9, 0, 8 / 9, figure.state, role="leader",
    )  # fmt: skip


def posture(code: str = "so-mot") -> PostureCounts:
    return PostureCounts({code: 2}, {code: 1}, {}, 1, 0, 0, None, ())


def counts(code: str = "so-mot") -> Sequence[AccountCount]:
    return [
        AccountCount(code, role, stands, 12) for role, all_ in STANDS.items() for stands in all_
    ]


def drops(code: str = "so-mot", scope: Scope = Scope.AGENCY) -> Sequence[Drop]:
    """What is watched, and steady."""
    share = Share(FIRST, LAST, 183, 211)
    return [
        Drop(
            indicator=each.id, scope=scope, code=code, channel=channel, baseline=share,
            baseline_low=0.8123456789, recent=share, drop_days=0, drop_began=None, silent_days=0,
            silent_since=None, decline_days=0, month=None, last_day=LAST, acknowledged=None,
        )
        for each in CATALOGUE.values() if each.drops
        for channel in each.channels if channel in CHANNELS
    ]  # fmt: skip


def deliveries(code: str = "so-mot") -> Sequence[AxisDeliveries]:
    return [AxisDeliveries(code, way, state, 7) for way, all_ in GOES.items() for state in all_]


def compared(code: str = "so-mot") -> Sequence[Compared]:
    return [Compared(code, channel, 211) for channel in (Channel.MAIL, Channel.DOCSYS)]


def certificates(code: str = "so-mot") -> Sequence[Expiring]:
    return [Expiring(code, within, 2) for within in (7, 30, 90)]


def target(code: str = "so-mot") -> Progress:
    """One target that is behind its line."""
    plan = Target(
        id="ky-so", name="Văn bản ký số", indicator="document_signed", scope="each:commune",
        value="95%", due=date(2026, 12, 31), channel=Channel.DOCSYS,
    )  # fmt: skip
    return Progress(plan, code, "Sở Một", 183, 211, State.OK, 40, Fraction(9, 10))


def count(metrics: Metrics, code: str = "so-mot") -> None:
    """What has been counted of it since the start of the daemon."""
    metrics.expect(figures(code))
    metrics.agencies_known([code])
    for verdict in Overall:
        metrics._documents.labels(code, Channel.MAIL, verdict).inc()
    for direction in Direction:
        metrics._messages.labels(code, direction).inc()
    for channel in (Channel.MAIL, Channel.AXIS):
        metrics._relayed.labels(code, channel).inc()
    metrics._unopened.labels(code, Channel.MAIL).inc()


GROUPS: Sequence[tuple[Scope, str]] = (
    (Scope.LEVEL, "commune"), (Scope.LEVEL, "department"), (Scope.PROVINCE, "province"),
)  # fmt: skip
