"""How tall a dashboard is: Grafana's grid of 24 columns and rows of 30 pixels, 8 between them."""

from collections.abc import Mapping
from typing import Any

_ROW = 38
_BAR = 112
"""Title, variables and time above the grid; src/main.tsx gives them as much."""
_BELOW = 16


def height(dashboard: Mapping[str, Any]) -> int:
    """Pixels of the whole picture."""
    places = [panel["gridPos"] for panel in dashboard.get("panels") or ()]
    rows = max((int(place["y"]) + int(place["h"]) for place in places), default=0)
    return _BAR + rows * _ROW + _BELOW
