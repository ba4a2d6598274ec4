"""Drops: where signing or mail use has fallen against its own habit (docs/alerts.md).

What holds is a function of the recorded facts, the calendar and what was acknowledged; nothing is
remembered. So it is the same after a restart, late facts and a recomputation.
"""

from dataclasses import dataclass
from datetime import date

from monitor.measure.figures import Scope

WATCHED = ("document_signed", "mail_signed", "accounts_active")
"""Indicators with a drop watch; document_signed in every channel in use, the others in mail."""


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
    acknowledged: date | None
    """Up to which day the level that is the baseline now was acknowledged; None: it is not."""
