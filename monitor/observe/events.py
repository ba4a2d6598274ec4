"""Typed events: one `emit` writes the log line and moves the counters (Vector's habit).

A room declares its events in its own `events.py` as frozen dataclasses below `Event`; the event
name is the class name in snake case and, like every field, part of the stable vocabulary in
docs/events.md. Fields carry no personal data: no address, subject, file name or person.
"""

import re
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

    @classmethod
    def name(cls) -> str:
        """`SpoolRecordCorrupt` is `spool_record_corrupt`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def drop(self) -> Drop | None:
        """Not None when something was dropped or set aside: counted in congvu_dropped_total."""
        return None


class Observer:
    """Emits events to one log and one metric registry; every room is handed one."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
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
        values = {field.name: getattr(event, field.name) for field in fields(event)}
        if drop:
            self._dropped.labels(drop.stage, drop.reason).inc()
            values |= {"stage": drop.stage, "reason": drop.reason}
        getattr(self._log, event.level)(name, **values)
