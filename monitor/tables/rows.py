"""From cells to mapped rows: what every kind of list goes through."""

import re
from collections.abc import Iterator, Mapping, Sequence

from monitor.tables.cells import shown
from monitor.tables.headings import Layout
from monitor.tables.mapping import ColumnMapping, Field
from monitor.tables.model import Place, Problem, Row
from monitor.tables.text import clean, is_clean

Record = tuple[int, Sequence[str], Mapping[int, str]]
"""A row as it stands in the file: number, cells, and what is wrong with cells by column index."""

MAX_PROBLEMS = 1000
"""Reading ends here: who has so many problems has one, and it is in the first of them."""


class Number(str):
    """A cell that holds a number, so that zeros in front of it are lost."""

    __slots__ = ()


_AS_TEXT = re.compile(r'\A="([^"]*)"\Z')
"""How programs write `="0042"` so that a spreadsheet keeps the zeros."""
_EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+\d+")


class RowReader:
    """Knows which column is which and what a cell of it may be."""

    def __init__(
        self,
        file: str,
        layout: Layout,
        fields: Sequence[Field],
        mapping: ColumnMapping,
        problems: list[Problem],
        *,
        delimited: bool,
    ) -> None:
        self._delimited = delimited
        self._file = file
        self._layout = layout
        self._problems = problems
        self._columns = tuple(layout.columns.items())
        self._width = len(layout.headings)
        self._missing = [""] * self._width
        self._required = {f.name for f in fields if f.required}
        self._codes = tuple(
            (f.name, layout.columns[f.name]) for f in fields if f.code and f.name in layout.columns
        )
        self._lengthened = set(mapping.digits)
        """Codes whose zeros need no look: they are put in front, or it was said already."""
        self._number_rows: dict[str, int] = {}
        self._zero_rows: dict[str, int] = {}
        self._digits = tuple(mapping.digits.items())
        self._translations = {
            field: {key.casefold(): value for key, value in words.items()}
            for field, words in mapping.values.items()
        }

    def rows(self, records: Iterator[Record]) -> Iterator[Row]:
        """Rows below the headings. A row with problems is reported and left out."""
        for number, cells, faults in records:
            if len(self._problems) >= MAX_PROBLEMS:
                what = f"reading ended here after {MAX_PROBLEMS} problems: correct these first"
                self._problems.append(Problem(Place(self._file, number), what))
                return
            if (values := self._values(number, cells, faults)) is not None:
                yield Row(number, values)

    def _values(
        self, number: int, cells: Sequence[str], faults: Mapping[int, str]
    ) -> dict[str, str] | None:
        """Values of the fields that have one; None for an empty row and one with problems."""
        if len(cells) != self._width:
            if self._delimited and not self._fits(number, cells):
                return None
            cells = [*cells, *self._missing[len(cells) :]]
        line = " ".join(cells)
        if not line or line.isspace():
            return None
        values = {name: cell for name, at in self._columns if (cell := cells[at].strip())}
        if self._delimited and '="' in line:
            values = {field: _AS_TEXT.sub(r"\1", cell) for field, cell in values.items()}
        before = len(self._problems)
        if faults:
            self._report_faults(number, faults)
        if not is_clean(line):
            self._clean(number, values)
        if self._codes and (not self._delimited or "E+" in line or "e+" in line):
            self._check_codes(number, cells, values)
        if self._digits or self._translations:
            self._translate(values)
        if not (self._required <= values.keys()) and len(self._problems) == before:
            self._report_missing(number, values)
        return values if len(self._problems) == before else None

    def _fits(self, number: int, cells: Sequence[str]) -> bool:
        """Empty cells too many are nothing; everything else shifts columns."""
        if not any(cell.strip() for cell in cells):
            return True
        if len(cells) > self._width and not any(cell.strip() for cell in cells[self._width :]):
            return True
        what = (
            f"has {len(cells)} cells, the headings {self._width}: is a delimiter or a line break "
            "in a cell that is not in quotes?"
        )
        self._problems.append(Problem(Place(self._file, number), what))
        return False

    def _problem(self, number: int, field: str, what: str) -> None:
        column = self._layout.name(self._layout.columns[field])
        self._problems.append(Problem(Place(self._file, number, column), what))

    def _report_faults(self, number: int, faults: Mapping[int, str]) -> None:
        for field, index in self._columns:
            if index in faults:
                self._problem(number, field, faults[index])

    def _clean(self, number: int, values: dict[str, str]) -> None:
        for field, cell in list(values.items()):
            text, what = clean(cell)
            if what is not None:
                self._problem(number, field, what)
            if text:
                values[field] = text
            else:
                del values[field]

    def _report_missing(self, number: int, values: Mapping[str, str]) -> None:
        for field in self._layout.columns:
            if field in self._required and field not in values:
                self._problem(number, field, "is empty: every row needs it")

    def _check_codes(self, number: int, cells: Sequence[str], values: Mapping[str, str]) -> None:
        """Codes that a spreadsheet took for numbers."""
        for field, index in self._codes:
            cell = values.get(field, "")
            if ("e" in cell or "E" in cell) and _EXPONENT.fullmatch(cell):
                what = (
                    f"“{shown(cell)}” is a number that a spreadsheet has rounded: format the "
                    "column as text and enter it again"
                )
                self._problem(number, field, what)
            elif not self._delimited and field not in self._lengthened:
                self._check_zeros(number, field, cells[index])

    def _check_zeros(self, number: int, field: str, cell: str) -> None:
        """Some cells begin with zero and others are numbers: these have lost theirs."""
        if isinstance(cell, Number):
            if not cell.isdecimal():
                self._problem(number, field, f"is the number {cell}, no code: enter it as text")
            self._number_rows.setdefault(field, number)
        elif cell.startswith("0") and cell.isdecimal():
            self._zero_rows.setdefault(field, number)
        else:
            return
        if field in self._number_rows and field in self._zero_rows:
            self._lengthened.add(field)
            what = (
                f"is a number, while row {self._zero_rows[field]} begins with 0: the spreadsheet "
                "has dropped zeros; format the column as text and enter it again, or set "
                f"digits.{field} in the mapping"
            )
            self._problem(self._number_rows[field], field, what)

    def _translate(self, values: dict[str, str]) -> None:
        for field, words in self._translations.items():
            if field in values:
                values[field] = words.get(values[field].casefold(), values[field])
        for field, digits in self._digits:
            if field in values and values[field].isdecimal():
                values[field] = values[field].zfill(digits)
