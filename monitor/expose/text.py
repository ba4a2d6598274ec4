"""Families of gauges written straight into the text format of Prometheus (version 0.0.4).

For families with thousands of series: an object a sample, as the client library makes, costs
several times the text.
"""

from collections.abc import Iterable
from functools import lru_cache

ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
KNOWN = 20_000
"""Values of labels are few, and each is in many samples."""


class Gauges:
    """One family. Whoever adds sees to it that no labels come twice: that is a broken page."""

    def __init__(self, name: str, help_text: str, *labels: str) -> None:
        """`help_text` is ours: it has no backslash and no line break."""
        self.name = name
        self.help_text = help_text
        self.labels = labels
        self._head = f"# HELP {name} {help_text}\n# TYPE {name} gauge\n"
        self._order = sorted(range(len(labels)), key=labels.__getitem__)
        within = ",".join(f'{labels[n]}="%s"' for n in self._order)
        self._shape = f"{name}{{{within}}} %r\n"
        self._lines: list[str] = []

    def add(self, number: float, *values: str) -> None:
        """One sample; `values` in the order of the labels."""
        ordered = [_escaped(values[n]) for n in self._order]  # of names, as the library has them
        self._lines.append(self._shape % (*ordered, float(number)))

    def text(self) -> str:
        """The family's part of a page; its head stands there without samples too."""
        return self._head + "".join(self._lines)


def page(families: Iterable[Gauges]) -> bytes:
    """These families, one after the other."""
    return "".join(family.text() for family in families).encode()


@lru_cache(KNOWN)
def _escaped(value: str) -> str:
    return value.translate(ESCAPES)
