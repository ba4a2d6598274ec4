"""One event is one count and one log line; a flood is counted whole and logged in part."""

from dataclasses import dataclass

import structlog
from structlog.testing import capture_logs

from monitor.observe import Drop, Event, Observer


@dataclass(frozen=True)
class SomethingSetAside(Event):
    size: int

    def drop(self) -> Drop:
        return Drop("spool", "corrupt")


def sample(observer: Observer, name: str, **labels: str) -> float | None:
    return observer.registry.get_sample_value(name, labels)


def test_an_event_is_a_line_and_a_count_and_a_drop_by_stage_and_reason() -> None:
    structlog.reset_defaults()
    with capture_logs() as lines:
        observer = Observer()
        observer.emit(SomethingSetAside(7))
    assert lines == [
        {
            "event": "something_set_aside", "log_level": "info", "size": 7,
            "stage": "spool", "reason": "corrupt",
        }
    ]  # fmt: skip
    assert sample(observer, "congvu_events_total", event="something_set_aside") == 1
    assert sample(observer, "congvu_dropped_total", stage="spool", reason="corrupt") == 1


def test_a_flood_is_counted_whole_and_the_log_says_how_much_it_left_out() -> None:
    structlog.reset_defaults()
    present = 0.0
    with capture_logs() as lines:
        observer = Observer(monotonic=lambda: present)
        for size in range(100):
            observer.emit(SomethingSetAside(size))
        assert len(lines) == 20
        present = 11.0
        observer.emit(SomethingSetAside(1))
    assert lines[-1]["left_out"] == 80
    assert sample(observer, "congvu_events_total", event="something_set_aside") == 101
