"""The page of a metric registry, fast where there are thousands of series.

The client library makes an object of each sample and writes it once more; of 30,000 that is half a
second in which a thread keeps the interpreter from the event loop. Labelled counters, nearly all of
the series that events move, are written from their values alone, as the library would.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import cast

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from monitor.expose.text import ESCAPES

KNOWN = 100_000
"""Series whose labels are written once and remembered."""


class _Some(CollectorRegistry):
    """Collectors that the library writes itself; registered elsewhere."""

    def __init__(self, collectors: Sequence[Collector]) -> None:
        super().__init__()
        self._collectors = collectors

    def collect(self) -> Iterator[Metric]:
        for collector in self._collectors:
            yield from collector.collect()


def exposition(registry: CollectorRegistry) -> bytes:
    """Everything registered, in the text format; for a thread of its own."""
    collectors = list(registry._collector_to_names)
    large = [each for each in collectors if isinstance(each, Counter) and each._labelnames]
    rest = [each for each in collectors if each not in large]
    return b"".join([generate_latest(_Some(rest)), *map(_family, large)])


def _family(counter: Counter) -> bytes:
    name, labels = f"{counter._name}_total", tuple(counter._labelnames)
    lines = [f"# HELP {name} {counter._documentation}\n# TYPE {name} counter\n"]
    children = cast("Mapping[tuple[str, ...], Counter]", counter._metrics)
    lines += [
        f"{_series(name, labels, values)} {_number(child._value.get())}\n"
        for values, child in list(children.items())
    ]
    return "".join(lines).encode()


def _number(value: float) -> str:
    return cast("str", floatToGoString(value))  # type: ignore[no-untyped-call]  # the library's gap


@lru_cache(KNOWN)
def _series(name: str, labels: tuple[str, ...], values: tuple[str, ...]) -> str:
    pairs = sorted(zip(labels, values, strict=True))
    within = ",".join(f'{label}="{value.translate(ESCAPES)}"' for label, value in pairs)
    return f"{name}{{{within}}}"
