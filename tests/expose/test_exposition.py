"""The page is the one that the client library would write, in less time."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from monitor.expose import Metrics
from monitor.expose.exposition import exposition
from monitor.observe import Observer
from tests.support import busy_agency


def lines(page: bytes) -> list[str]:
    return sorted(page.decode().splitlines())


def test_the_page_is_the_one_of_the_client_library() -> None:
    observer = Observer()
    metrics = Metrics(observer.registry)
    busy_agency.count(metrics)
    metrics.looked("gateway")
    metrics.verified("pdf", 0.2)
    assert lines(exposition(observer.registry)) == lines(generate_latest(observer.registry))


def test_labels_and_numbers_are_written_as_the_library_writes_them() -> None:
    registry = CollectorRegistry()
    counter = Counter("congvu_things", "Things.", ["name"], registry=registry)
    counter.labels('a "quoted" \\ name\nof two lines').inc(3)
    for name, value in (("tiny", 1e-7), ("whole", 1e15), ("many", 1234567)):
        counter.labels(name).inc(value)
    turned = Counter("congvu_turned", "Of, from, to.", ["of", "from", "to"], registry=registry)
    turned.labels("document", "valid", "invalid").inc()
    Gauge("congvu_plain", "Without labels.", registry=registry).set(5)
    Counter("congvu_never", "Never counted.", ["name"], registry=registry)
    assert lines(exposition(registry)) == lines(generate_latest(registry))


def test_what_is_counted_later_is_on_the_next_page() -> None:
    registry = CollectorRegistry()
    counter = Counter("congvu_things", "Things.", ["name"], registry=registry)
    counter.labels("a").inc()
    exposition(registry)
    counter.labels("a").inc()
    counter.labels("b").inc()
    assert b'congvu_things_total{name="a"} 2.0\ncongvu_things_total{name="b"} 1.0\n' in exposition(
        registry
    )
