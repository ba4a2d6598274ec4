"""What a list says, row by row, and what is wrong with it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from monitor.tables.cells import items, parse_date, parse_yes

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list something stands; rows count from 1 as spreadsheets show them."""

    file: str
    """Name of the file, with `[sheet]` behind it where there are several."""
    row: int | None = None
    column: str | None = None
    """Its heading, or its letter where it has none."""

    def __str__(self) -> str:
        parts = [self.file]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, what, and what to do."""

    place: Place
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


class BadCell(ValueError):
    """A cell that does not say what its field must."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Row(NamedTuple):
    """One mapped row: values by field name, NFC and trimmed; an empty cell is no value."""

    number: int
    """Counted from 1, as spreadsheets show it; for a text list the line that it begins on."""
    values: Mapping[str, str]


@dataclass
class Table:
    """A list that is being read. Lists of millions of rows are never whole in memory."""

    file: str
    """Name of the file, with `[sheet]` behind it where there are several."""
    sha256: str
    columns: Mapping[str, str]
    """The heading that each field is read from."""
    rows: Iterator[Row]
    """Once; a row with a problem of its own is not among them. They end early when `problems`
    has become long, whoever added them."""
    problems: list[Problem]
    """Of the file and of single cells: complete when `rows` are."""
    encoding: str = ""
    """What its text was decoded from; empty for a format that says so itself."""
    ignored: tuple[str, ...] = ()
    """Headings that no field is read from."""
    date_format: str | None = None
    """How the mapping says that dates are written."""

    def place(self, row: int | None = None, field: str | None = None) -> Place:
        """Where a row, or one field of it, stands."""
        return Place(self.file, row, self.columns.get(field, field) if field else None)

    def bad(self, row: Row, field: str | None, what: str) -> BadCell:
        """What to raise of a cell; `what` is wrong with it and what to do."""
        return BadCell(Problem(self.place(row.number, field), what))

    def said(self, row: Row, field: str, read_as: Callable[[str], Value]) -> Value | None:
        """What a cell says; None if it is empty. A ValueError of `read_as` becomes a BadCell."""
        text = row.values.get(field)
        try:
            return None if text is None else read_as(text)
        except ValueError as error:
            raise self.bad(row, field, str(error)) from None

    def date(self, row: Row, field: str) -> date | None:
        """The day in a cell; None if it is empty; raises BadCell."""
        return self.said(row, field, lambda text: parse_date(text, self.date_format))

    def yes(self, row: Row, field: str) -> bool | None:
        """Yes or no in a cell; None if it is empty; raises BadCell."""
        return self.said(row, field, parse_yes)

    def items(self, row: Row, field: str) -> tuple[str, ...]:
        """The entries of a cell that holds several."""
        return items(row.values.get(field, ""))
