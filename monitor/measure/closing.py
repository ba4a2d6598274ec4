"""Closed periods: figures that never change after they were handed in, and what restates them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.periods import Period


@dataclass(frozen=True, slots=True)
class Closing:
    """One version of a closed period, as the table `closing` has it."""

    id: int
    period: Period
    version: int
    """1 is the original; later ones restate it."""
    closed_at: datetime
    actor: str
    reason: str
    basis: Mapping[str, object]
    """What decided the figures beside the facts (docs/decisions/0024-closed-periods.md)."""
    facts: str
    """SHA-256 over the identities of the facts and all figures, hexadecimal."""
