"""Lists that others keep: CSV and Excel files, their columns mapped to fields."""

from monitor.tables.cells import items, parse_date, parse_yes
from monitor.tables.formulas import inert, plain
from monitor.tables.mapping import ColumnMapping, Field
from monitor.tables.model import BadCell, Place, Problem, Row, Table
from monitor.tables.reading import read

__all__ = [
    "BadCell",
    "ColumnMapping",
    "Field",
    "Place",
    "Problem",
    "Row",
    "Table",
    "inert",
    "items",
    "parse_date",
    "parse_yes",
    "plain",
    "read",
]
