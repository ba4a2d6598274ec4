"""The dashboards as they are committed, and what tests ask of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DASHBOARDS = ROOT / "grafana" / "dashboards"


@dataclass(frozen=True)
class Panel:
    """One panel of one dashboard."""

    board: str
    json: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.board}: {self.json['title']}"

    @property
    def targets(self) -> list[dict[str, Any]]:
        return list(self.json.get("targets") or [])


def committed() -> dict[str, dict[str, Any]]:
    """Dashboards by file name."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(DASHBOARDS.glob("*.json"))
    }


def panels() -> list[Panel]:
    """All but the headings of sections."""
    return [
        Panel(board, each)
        for board, tree in committed().items()
        for each in tree["panels"]
        if each["type"] != "row"
    ]


def expressions() -> list[tuple[Panel, str]]:
    """Every PromQL expression."""
    return [(panel, str(each["expr"])) for panel in panels() for each in panel.targets
            if "expr" in each]  # fmt: skip


def words_of(tree: object) -> Iterator[str]:
    """Every text anywhere in a dashboard."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for each in tree.values():
            yield from words_of(each)
    elif isinstance(tree, list):
        for each in tree:
            yield from words_of(each)


def source_kind(panel: dict[str, Any]) -> str:
    """`prometheus`, `postgres`, or nothing for a heading."""
    kind = str((panel.get("datasource") or {}).get("type", ""))
    return "postgres" if "postgresql" in kind else kind
