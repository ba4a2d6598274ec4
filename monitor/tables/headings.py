"""Which column holds which field: the row of headings is found, and each field in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.tables.cells import shown
from monitor.tables.mapping import ColumnMapping, Field, heading_key
from monitor.tables.model import Place, Problem


class HeadRow(NamedTuple):
    """What may be the headings: one row, or several that merged cells make one."""

    first: int
    last: int
    cells: Sequence[str]
    """Of several rows `Group / Column`."""


Head = Sequence[HeadRow]


@dataclass(frozen=True)
class Layout:
    """Where the headings stand and what is read from where."""

    header_row: int
    headings: tuple[str, ...]
    columns: Mapping[str, int]
    """Field to index of its column."""
    problems: tuple[Problem, ...]
    found: int = 0
    """Fields that have a column, or several."""

    @property
    def names(self) -> dict[str, str]:
        """Field to heading."""
        return {field: self.name(index) for field, index in self.columns.items()}

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headings that no field is read from."""
        used = set(self.columns.values())
        return tuple(text for i, text in enumerate(self.headings) if text and i not in used)

    def name(self, index: int) -> str:
        """A column's heading, or its letter where it has none."""
        if index < len(self.headings) and self.headings[index]:
            return shown(self.headings[index])
        return letter(index)


def letter(index: int) -> str:
    """A column's letter as spreadsheets show it; index 0 is A."""
    text = ""
    while index >= 0:
        text = chr(ord("A") + index % 26) + text
        index = index // 26 - 1
    return text


def find_layout(file: str, head: Head, fields: Sequence[Field], mapping: ColumnMapping) -> Layout:
    """Find the headings; what is missing or ambiguous is among the problems."""
    unknown = _unknown_fields(file, fields, mapping)
    if mapping.header_row == 0:
        layout = _by_letter(file, head, fields, mapping)
    elif mapping.header_row is not None:
        named = [row for row in head if row.first <= mapping.header_row <= row.last]
        if not named:
            what = f"there is no row {mapping.header_row}: correct header_row in the mapping"
            return Layout(mapping.header_row, (), {}, (*unknown, Problem(Place(file), what)))
        layout = _best(file, named, fields, mapping)
    else:
        layout = _best(file, head, fields, mapping)
    return Layout(layout.header_row, layout.headings, layout.columns, (*unknown, *layout.problems))


def _best(file: str, head: Head, fields: Sequence[Field], mapping: ColumnMapping) -> Layout:
    """The row in which most fields are recognised; the first of equals."""
    layouts = [_match(file, row.last, row.cells, fields, mapping) for row in head]
    return max(layouts, key=lambda one: (one.found, -len(one.problems), -one.header_row))


def _unknown_fields(
    file: str, fields: Sequence[Field], mapping: ColumnMapping
) -> tuple[Problem, ...]:
    known = [field.name for field in fields]
    sections: dict[str, Mapping[str, object]] = {
        "columns": mapping.columns, "values": mapping.values, "digits": mapping.digits,
    }  # fmt: skip
    return tuple(
        Problem(
            Place(file), f"the mapping's {section}.{name} is no field: known are {', '.join(known)}"
        )
        for section, names in sections.items()
        for name in names
        if name not in known
    )


def _by_letter(file: str, head: Head, fields: Sequence[Field], mapping: ColumnMapping) -> Layout:
    width = max((len(row.cells) for row in head), default=0)
    cells = [letter(index) for index in range(width)]
    return _match(file, 0, cells, [Field(f.name, (), f.required) for f in fields], mapping)


def _match(
    file: str, row: int, cells: Sequence[str], fields: Sequence[Field], mapping: ColumnMapping
) -> Layout:
    columns: dict[str, int] = {}
    problems: list[Problem] = []
    understood = 0
    named = {
        index for field in fields if field.name in mapping.columns
        for index in _columns_of(field, cells, mapping)
    }  # fmt: skip
    for field in fields:
        found = _columns_of(field, cells, mapping)
        if field.name not in mapping.columns:
            found = [index for index in found if index not in named]
        understood += bool(found)
        if len(found) == 1:
            columns[field.name] = found[0]
        elif what := _what_to_do(field, found, cells, mapping):
            problems.append(Problem(Place(file, row or None), what))
    problems.extend(_shared(file, row, cells, columns))
    return Layout(row, tuple(cell.strip() for cell in cells), columns, tuple(problems), understood)


def _columns_of(field: Field, cells: Sequence[str], mapping: ColumnMapping) -> list[int]:
    """Columns whose heading is the field's; of a `Group / Column` its last part will do."""
    if field.name in mapping.columns:
        wanted = {heading_key(mapping.columns[field.name])}
    else:
        wanted = {heading_key(text) for text in (field.name, *field.headings)}
    whole = [index for index, cell in enumerate(cells) if heading_key(cell) in wanted]
    return whole or [
        index for index, cell in enumerate(cells) if heading_key(cell.split(" / ")[-1]) in wanted
    ]


def _what_to_do(
    field: Field, found: Sequence[int], cells: Sequence[str], mapping: ColumnMapping
) -> str | None:
    if found:
        several = " and ".join(f"{letter(index)} “{shown(cells[index])}”" for index in found)
        return (
            f"columns {several} may each be {field.name}: rename one, or name one as "
            f"columns.{field.name} in the mapping"
        )
    if field.name in mapping.columns:
        return (
            f"there is no column “{mapping.columns[field.name]}”, which the mapping names as "
            f"{field.name}: the headings are {_listed(cells)}"
        )
    if field.required:
        known = " or ".join(f"“{text}”" for text in field.headings[:3]) or f"“{field.name}”"
        return (
            f"no column for {field.name} ({known}): name it as columns.{field.name} in the "
            f"mapping; the headings are {_listed(cells)}"
        )
    return None


def _shared(file: str, row: int, cells: Sequence[str], columns: Mapping[str, int]) -> list[Problem]:
    """Columns that two fields would be read from."""
    users: dict[int, list[str]] = {}
    for field, index in columns.items():
        users.setdefault(index, []).append(field)
    return [
        Problem(
            Place(file, row or None, shown(cells[index])),
            f"would be read as {' and '.join(names)}: name the column of each in the mapping",
        )
        for index, names in users.items()
        if len(names) > 1
    ]


def _listed(cells: Sequence[str]) -> str:
    return ", ".join(f"“{shown(cell)}”" for cell in cells if cell.strip()) or "empty"
