"""The adoption indicators, computed in SQL from what is recorded."""

from monitor.measure.accounts import AccountCount, AccountFigures, AccountMeasure
from monitor.measure.figures import Figure, Measure, Scope, State

__all__ = [
    "AccountCount",
    "AccountFigures",
    "AccountMeasure",
    "Figure",
    "Measure",
    "Scope",
    "State",
]
