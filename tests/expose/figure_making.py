"""Figures for tests of what is shown."""

from datetime import date
from typing import Any

from monitor.measure import Figure, Scope, State


def figure(**changes: Any) -> Figure:
    """One figure of Sở Một: a quarter of its documents sent by mail is signed."""
    values: dict[str, Any] = {
        "indicator": "document_signed", "scope": Scope.AGENCY, "code": "so-mot",
        "channel": "mail", "document_class": "formal", "window": "30d",
        "first_day": date(2026, 10, 23), "last_day": date(2026, 11, 21),
        "numerator": 1, "denominator": 4, "undecided": 0, "ratio": 0.25, "state": State.OK,
    }  # fmt: skip
    return Figure(**(values | changes))
