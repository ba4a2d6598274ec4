"""Which figures of other periods may stand beside those of this one.

A channel whose record began while the other period was under way says little of that period, and
use of mailboxes in a month that is not over is of fewer days than that of the month before: such
comparisons are not made, and the method page says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from monitor.periods import Period
from monitor.report.content.facts import Figures

ACCOUNTS = "accounts"
SPARED = timedelta(days=6)
"""A record that begins within the first days of a period (or a tenth of it) has it all."""
OF_DAYS = ("accounts_active", "accounts_habitual")
"""More days show more of these."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What is left to be compared, and what is not."""

    figures: Figures
    partly: Mapping[str, Mapping[str, date]]
    """By period (`previous`, `year_before`): what is on record of only a part of it, since when."""


def comparable_only(
    figures: Figures, basis: Mapping[str, Any], others: Mapping[str, Period], *, over: bool
) -> Compared:
    """Figures without those of other periods that cannot be compared. `over`: this period is."""
    since = {what: date.fromisoformat(day) for what, day in basis.get("recorded_since", {}).items()}
    partly = {
        about: {what: day for what, day in since.items() if _within(day, period)}
        for about, period in others.items()
    }

    def kept(other: str, indicator: str, channel: str) -> bool:
        if indicator in OF_DAYS:
            return over and ACCOUNTS not in partly.get(other, {})
        return indicator.startswith("accounts_") or channel not in partly.get(other, {})

    rows = [
        (about, panel, figure)
        for about, panel, figure in figures
        if not (other := panel or (about if about in others else ""))
        or kept(other, figure.indicator, figure.channel)
    ]
    return Compared(Figures(rows), partly)


def _within(day: date, period: Period) -> bool:
    spared = max(SPARED, (period.last - period.first) // 10)
    return period.first + spared < day <= period.last
