"""Cells that no spreadsheet takes for a formula (OWASP, CSV injection)."""

from typing import TypeVar

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet runs begins so; names are other people's words."""

CellT = TypeVar("CellT")


def inert(cell: CellT) -> CellT | str:
    """The same cell; a text that would be a formula, behind an apostrophe; never a number."""
    if isinstance(cell, str) and cell.startswith(DANGEROUS):
        return "'" + cell
    return cell
