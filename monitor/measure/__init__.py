"""The adoption indicators, computed in SQL from what is recorded."""

from monitor.measure.figures import Figure, Measure, Scope, State

__all__ = ["Figure", "Measure", "Scope", "State"]
