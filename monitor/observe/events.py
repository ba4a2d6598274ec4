"""Typed events: one `emit` writes the log line and moves the counters (Vector's habit).

A room declares its events in its own `events.py` as frozen dataclasses below `Event`; the event
name is the class name in snake case and, like every field, part of the stable vocabulary in
docs/events.md. Fields carry no personal data: no address, subject, file name or person.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

import structlog
from prometheus_client import CollectorRegistry, Counter, disable_created_metrics

# A second series a counter that nobody reads (DESIGN "Chosen parts").
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's own gap

Level = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Drop:
    """Says that an event is the loss or setting aside of something, and why (bounded words)."""

    stage: str
    reason: str


@dataclass(frozen=True)
class Event:
    """Base of all events. Subclasses are frozen dataclasses with log-safe fields."""

    level: ClassVar[Level] = "info"
    _name: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        # Once a class: an event a message must not cost a regular expression.
        cls._name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def name(cls) -> str:
        """`SpoolRecordCorrupt` is `spool_record_corrupt`."""
        return cls._name

    def drop(self) -> Drop | None:
        """Not None when something was dropped or set aside: counted in congvu_dropped_total."""
        return None


class LineBudget:
    """How many lines of one event a log takes: a flood of them says no more than a few do."""

    def __init__(self, lines: int, seconds: float, clock: Callable[[], float]) -> None:
        self._lines = lines
        self._seconds = seconds
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, name: str) -> tuple[bool, int]:
        """May this line be written, and how many of its kind were left out before it."""
        now = self._clock()
        begun, used = self._windows.get(name, (now, 0))
        left_out = 0
        if now - begun >= self._seconds:
            left_out, begun, used = max(0, used - self._lines), now, 0
        self._windows[name] = (begun, used + 1)
        return used < self._lines, left_out


class Observer:
    """Emits events to one log and one metric registry; every room is handed one.

    Counters count every event; the log takes 20 lines of one event in ten seconds, and its next
    line says how many were left out.
    """

    def __init__(
        self,
        registry: CollectorRegistry | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.registry = registry or CollectorRegistry()
        self._budget = LineBudget(lines=20, seconds=10.0, clock=monotonic)
        self._log = structlog.get_logger("congvu")
        self._events = Counter(
            "congvu_events", "Events by name (docs/events.md).", ["event"], registry=self.registry
        )
        self._dropped = Counter(
            "congvu_dropped",
            "Things dropped or set aside, by stage and reason.",
            ["stage", "reason"],
            registry=self.registry,
        )

    def emit(self, event: Event) -> None:
        """One log line and one count; a drop is counted by stage and reason as well."""
        name = event.name()
        self._events.labels(name).inc()
        drop = event.drop()
        if drop:
            self._dropped.labels(drop.stage, drop.reason).inc()
        if event.level == "debug":
            # Never sampled by the budget: it is off in production, and asked for where it is on.
            self._log.debug(name, **_values(event, drop))
            return
        written, left_out = self._budget.take(name)
        if written:
            more = {"left_out": left_out} if left_out else {}
            getattr(self._log, event.level)(name, **_values(event, drop), **more)


def _values(event: Event, drop: Drop | None) -> dict[str, object]:
    values: dict[str, object] = {f.name: getattr(event, f.name) for f in fields(event)}
    return values | ({"stage": drop.stage, "reason": drop.reason} if drop else {})
