"""Rows as columns, for unnest."""

from collections.abc import Iterable
from typing import Any


def columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Rows as columns; there must be at least one."""
    return [list(column) for column in zip(*rows, strict=True)]
