"""Closed periods: figures that never change after they were handed in, and what restates them."""

from monitor.measure.closing.freezing import (
    Changes,
    Closing,
    Difference,
    by_id,
    changes,
    check,
    close,
    find,
    listed,
    provisional,
    restate,
)

__all__ = [
    "Changes",
    "Closing",
    "Difference",
    "by_id",
    "changes",
    "check",
    "close",
    "find",
    "listed",
    "provisional",
    "restate",
]
