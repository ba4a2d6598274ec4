"""Drops: where signing or mail use has fallen against its own habit (docs/alerts.md).

What holds is a function of the recorded facts, the calendar and what was acknowledged; nothing is
remembered. So it is the same after a restart, late facts and a recomputation.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from monitor.clock import Clock, now, vietnam_day
from monitor.measure.drop_history import Histories, Key, Watched, read
from monitor.measure.drop_rule import (
    DOCUMENTS,
    DOCUMENTS_OF_MAILS,
    GROUP_MARGIN,
    MAILS,
    RECENT,
    History,
    Rule,
    Span,
    Standing,
    standings,
    usable,
    wilson_low,
)
from monitor.measure.figures import Scope
from monitor.model import Channel
from monitor.record import Database
from monitor.record.audit import note
from monitor.record.connection import Connection
from monitor.settings import Settings

WATCHED = ("document_signed", "mail_signed", "accounts_active")
"""Indicators with a drop watch; document_signed in every channel in use, the others in mail."""

PLANNING = "SET LOCAL jit = off; SET LOCAL enable_sort = off; SET LOCAL work_mem = '64MB'"
"""Half a million rows are added up by their hash; sorted by text they would go to the disk."""


@dataclass(frozen=True, slots=True)
class Share:
    """Counts of some completed working days together."""

    first_day: date
    last_day: date
    numerator: float
    denominator: float
    """Units that were verified: of a sample its effective size. Never 0. Of accounts_active days on
    which a person used mail, of days on which each of them could have."""

    @property
    def ratio(self) -> float:
        return self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class Drop:
    """How the last completed working days of one figure stand against its baseline.

    Days of a source outage are none of them, nor are free days.
    """

    indicator: str
    scope: Scope
    code: str
    """Agency code, name of the level, or `province`."""
    channel: str
    baseline: Share
    """wd20_prior, frozen as it was when a drop began; after an acknowledgement the level that was
    acknowledged."""
    baseline_low: float
    """Of the process interval, 95%, of one period as long as the baseline."""
    recent: Share | None
    """The last five working days; None where nothing was issued in them."""
    drop_days: int
    """Completed working days in a row over which the drop holds; 0: there is none."""
    drop_began: date | None
    """The first of these."""
    silent_days: int
    """Completed working days in a row without one numerator unit, where the baseline lets one
    expect so many that chance does not explain it; else 0."""
    silent_since: date | None
    """The first of these."""
    decline_days: int
    """Completed working days in a row on which the last ten lie below the last closed month; 0:
    they do not."""
    month: Share | None
    """The last closed month, where there is enough of it to be held against."""
    last_day: date
    """The last completed working day that was looked at."""
    acknowledged: date | None
    """Up to which day the level that is the baseline now was acknowledged; None: it is not."""
    recent_days: tuple[date, ...] = ()
    """The days of `recent`, in order: not every working day, where the source was away on one."""


Acknowledged = Mapping[Key, Sequence[date]]
"""The last completed days on which somebody took note of what held then."""


class DropWatch:
    """Looks at all watched figures; nothing is remembered but what need not be computed again."""

    def __init__(self, database: Database, settings: Settings, clock: Clock = now) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._seen: dict[Key, tuple[int, Drop | None]] = {}

    async def refresh(self) -> Sequence[Drop]:
        """Every figure of which it can be said whether it dropped. Raises DatabaseUnavailable."""
        today = vietnam_day(self._clock())
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(PLANNING)
            histories = await read(connection, today, self._settings.accounts)
            noted = await acknowledged(connection)
        return await asyncio.to_thread(self._judge, histories, noted)

    def _judge(self, histories: Histories, noted: Acknowledged) -> Sequence[Drop]:
        seen: dict[Key, tuple[int, Drop | None]] = {}
        for key, watched in histories.watched().items():
            days = noted.get(key, ())
            facts = hash((watched.facts, tuple(days)))
            before = self._seen.get(key)
            known = before is not None and before[0] == facts
            seen[key] = (facts, before[1] if known and before else judged(key, watched, days))
        self._seen = seen
        return [drop for _, drop in seen.values() if drop]


async def acknowledged(connection: Connection) -> Acknowledged:
    """All that was ever acknowledged."""
    found: dict[Key, list[date]] = defaultdict(list)
    for row in await connection.fetch(
        "SELECT indicator, scope, code, channel, day FROM drop_acknowledged ORDER BY day"
    ):
        key = Key(row["indicator"], Scope(row["scope"]), row["code"], row["channel"])
        found[key].append(row["day"])
    return found


async def acknowledge(
    connection: Connection, drops: Sequence[Drop], actor: str, reason: str
) -> None:
    """Make the level of their last completed working days the new baseline, inside the caller's
    transaction, noted in the audit log.
    """
    for drop in drops:
        names = (drop.scope.value, drop.code, drop.indicator, drop.channel)
        await connection.execute(
            "INSERT INTO drop_acknowledged (actor, scope, code, indicator, channel, day, reason)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            actor, *names, drop.last_day, reason,
        )  # fmt: skip
        subject = f"{' '.join(names)} until {drop.last_day.isoformat()}"
        await note(connection, actor, "acknowledge", subject, reason)


def rule_of(key: Key) -> Rule:
    """What this figure asks of a drop."""
    if key.indicator == "mail_signed":
        rule = MAILS
    elif key.indicator == "document_signed" and key.channel == Channel.MAIL:
        rule = DOCUMENTS_OF_MAILS
    else:
        rule = DOCUMENTS
    return rule if key.scope is Scope.AGENCY else replace(rule, margin=GROUP_MARGIN)


def judged(key: Key, watched: Watched, noted: Sequence[date] = ()) -> Drop | None:
    """How a figure stands; None where that cannot be said: too little of a baseline, or its source
    has been away for five working days. What dropped before that still holds.
    """
    history = watched.history
    standing = None
    for each in standings(history, rule_of(key), noted):
        standing = each
    if standing is None or standing.baseline is None:
        return None
    holds = standing.drop_from is not None or standing.silent_from is not None
    noted_here = standing.acknowledged is not None  # its few days are a small baseline: all is said
    if not holds and not (watched.current and (noted_here or usable(history, standing.baseline))):
        return None
    return _drop(key, history, standing)


def _drop(key: Key, history: History, standing: Standing) -> Drop | None:
    last = len(history.days) - 1
    if not (standing.baseline and (baseline := _share(history, standing.baseline))):
        return None
    return Drop(
        key.indicator,
        key.scope,
        key.code,
        key.channel,
        baseline,
        _low(history, standing.baseline),
        _share(history, Span(max(0, last - RECENT + 1), last)),
        *_held(history, standing.drop_from),
        *_held(history, standing.silent_from),
        _held(history, standing.decline_from)[0],
        _share(history, standing.month),
        history.days[last],
        standing.acknowledged,
        tuple(history.days[-RECENT:]),
    )


def _low(history: History, baseline: Span) -> float:
    counts = history.counts(baseline.first, baseline.last)
    alike = history.correlation(0, baseline.last)
    return wilson_low(counts.ratio, counts.independent(alike))


def _held(history: History, since: int | None) -> tuple[int, date | None]:
    return (0, None) if since is None else (len(history.days) - since, history.days[since])


def _share(history: History, span: Span | None) -> Share | None:
    """The days of a span with their effective units, so that a sample is not taken for a census."""
    if span is None:
        return None
    counts = history.counts(span.first, span.last)
    if not counts.effective:
        return None
    days = (history.days[span.first], history.days[span.last])
    return Share(*days, counts.ratio * counts.effective, counts.effective)
