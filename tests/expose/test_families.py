"""Names, types, labels and help of /metrics are an API: a change shows in the golden file."""

import re

from tests.support.metric_families import golden
from tests.support.reference import DOCS, FAMILIES


def test_the_families_are_the_golden_ones() -> None:
    """After a wanted change: `make reference`, and look at the difference."""
    assert golden() == FAMILIES.read_text(encoding="utf-8")


def test_every_family_is_documented() -> None:
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`(congvu_[a-z_]+)`", page))
    assert {line.split(" ")[0] for line in golden().splitlines()[1:]} - documented == set()


def test_no_label_can_hold_a_person_or_a_document() -> None:
    wanted = {
        "agency", "ca", "channel", "check", "direction", "event", "finding", "format", "from",
        "gateway", "group", "host", "indication", "indicator", "kind", "level", "name", "of",
        "origin", "outcome", "parent", "part", "reason", "role", "source", "stage", "state",
        "status", "target", "to", "trust_class", "verdict", "version", "window", "within",
    }  # fmt: skip
    lines = golden().splitlines()[1:]
    assert {label for line in lines for label in line.split()[2].split(",")} - {"-"} <= wanted
