"""The published test suite of RFC 7208 (tests/posture/spf_suite) as zones and expectations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from monitor.posture.names import Kind, Why
from tests.posture.zones import Zone

SUITE = Path(__file__).parent / "spf_suite" / "rfc7208-tests.yml"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One test: what is asked, in which zone, and which results are right."""

    name: str
    client: str
    sender: str
    helo: str
    results: tuple[str, ...]
    explanation: str | None
    zone: Zone

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2] or self.helo


def scenarios(path: Path = SUITE) -> Iterator[Scenario]:
    """Each with the group that it stands in, in its name."""
    with path.open("rb") as file:
        for group in yaml.safe_load_all(file):
            for name, test in group["tests"].items():
                yield _scenario(group.get("description", ""), name, test, group["zonedata"])


def _scenario(group: str, name: str, test: Mapping[str, Any], data: Mapping[str, Any]) -> Scenario:
    results = test["result"]
    return Scenario(
        f"{group}: {name}",
        str(test["host"]),
        test["mailfrom"],
        test["helo"],
        (results,) if isinstance(results, str) else tuple(results),
        test.get("explanation"),
        zone(data),
    )


def zone(data: Mapping[str, Sequence[Any]]) -> Zone:
    """A record of type SPF stands for one of TXT where the name has no TXT; TIMEOUT is for the
    types that the name does not list."""
    known: dict[str, dict[str, list[str]]] = {}
    unknown: dict[str | tuple[str, str], Why] = {}
    for name, entries in data.items():
        held = _held([entry for entry in entries if entry != "TIMEOUT"])
        if "TIMEOUT" in entries:
            unknown.update({(name, kind): Why.TIMEOUT for kind in Kind if kind not in held})
        known[name] = {kind: records for kind, records in held.items() if records}
    return Zone(known, unknown)


def _held(entries: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    spf: list[str] = []
    for entry in entries:
        for kind, value in entry.items():
            into = spf if kind == "SPF" else held.setdefault(kind, [])
            if value != "NONE":
                into.append(_record(kind, value))
    if "TXT" not in held and spf:
        held["TXT"] = spf
    if held.get("TXT") == []:
        del held["TXT"]
    return held


def _record(kind: str, value: Any) -> str:
    if kind in {"TXT", "SPF"}:
        text = value if isinstance(value, str) else "".join(value)
        return text.encode().decode("latin-1")
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
