"""Closed periods: figures that never change after they were handed in, and what restates them.

docs/decisions/0024-closed-periods.md has the reasons, docs/closing.md the operator's view.
"""

from monitor.measure.closing.differences import Changes, changes
from monitor.measure.closing.freezing import Difference, check, close, provisional, restate
from monitor.measure.closing.rows import Closing, Weak, by_id, find, listed, weak

__all__ = [
    "Changes",
    "Closing",
    "Difference",
    "Weak",
    "by_id",
    "changes",
    "check",
    "close",
    "find",
    "listed",
    "provisional",
    "restate",
    "weak",
]
