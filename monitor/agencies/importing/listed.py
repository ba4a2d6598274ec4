"""What a list says of agencies, row by row: CSV and Excel by their columns, or TOML."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from monitor import tables
from monitor.agencies.agency import KEYS, Agency
from monitor.agencies.days import day_before
from monitor.errors import UserError
from monitor.tables import BadCell, ColumnMapping, Field, Place, Problem, Row, Table, items, plain

FIELDS = (
    Field("code", ("mã", "mã đơn vị", "mã cơ quan"), code=True),
    Field("name", ("tên", "tên cơ quan", "tên đơn vị", "cơ quan, đơn vị", "cơ quan", "đơn vị")),
    Field("name_en", ("tên tiếng Anh", "English name")),
    Field("aliases", ("tên khác", "tên viết tắt", "other names")),
    Field("level", ("cấp", "cấp hành chính", "cấp đơn vị", "loại")),
    Field("parent", ("cơ quan cấp trên", "đơn vị cấp trên", "cấp trên", "trực thuộc")),
    Field("domains", ("tên miền", "tên miền thư", "domain")),
    Field("addresses", ("địa chỉ thư", "hộp thư", "email", "thư điện tử")),
    Field("organ_codes", ("mã định danh", "mã định danh điện tử", "organ code"), code=True),
    Field("system_names", ("tên trên QLVB", "tên trong QLVB", "tên trên phần mềm QLVB")),
    Field("uid", ("UID", "MNS", "mã số chứng thư"), code=True),
    Field("valid_from", ("từ ngày", "hiệu lực từ", "ngày thành lập", "ngày hiệu lực")),
    Field("valid_to", ("đến ngày", "hiệu lực đến", "ngày kết thúc", "hết hiệu lực")),
    Field("successors", ("kế thừa", "cơ quan kế thừa", "đơn vị kế thừa", "sáp nhập vào")),
)
"""Columns, and what they are called in lists."""

DAYS = ("valid_from", "valid_to")
TOKENS = ("domains", "addresses", "organ_codes", "uid")
"""Cells of several entries in which a comma separates too."""
NAMES = ("aliases", "system_names", "successors")
"""Cells of several entries that may hold commas themselves."""

_LIST_KEYS = {"levels", "agencies"}
_HEADER = re.compile(r"^\s*\[\[\s*agencies\s*\]\]")
_BETWEEN_NAMES = re.compile(r"(?<!\\)[;\n]")

Said = str | date | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ListedAgency:
    """One row; what it says nothing of is not in `said`, what it leaves empty is there as none."""

    row: int
    said: Mapping[str, Said]

    def text(self, field: str) -> str | None:
        value = self.said.get(field)
        return value if isinstance(value, str) else None

    def day(self, field: str) -> date | None:
        value = self.said.get(field)
        return value if isinstance(value, date) else None

    def several(self, field: str) -> tuple[str, ...]:
        value = self.said.get(field)
        return value if isinstance(value, tuple) else ()

    def last_day(self, since: date) -> date | None:
        """The day on which it ends its agency: its own, or in a list without such a column, for
        an agency with successors, the eve of the list's first day.
        """
        if "valid_to" in self.said or not self.several("successors"):
            return self.day("valid_to")
        return day_before(since)


@dataclass(frozen=True)
class AgencyList:
    """A whole list of agencies. Lists of agencies are short: some thousand rows."""

    file: str
    rows: tuple[ListedAgency, ...]
    problems: tuple[Problem, ...]
    place: Callable[[int | None, str | None], Place]
    """Where a row, or one field of it, stands."""
    ignored: tuple[str, ...] = ()
    """Columns that no field is read from."""
    encoding: str = ""
    """What its text was decoded from, where that had to be found out."""


def read_list(path: Path, mapping: ColumnMapping | None = None) -> AgencyList:
    """Read a list; UserError if it cannot be opened, everything else is among its problems."""
    if path.suffix.lower() == ".toml":
        return _of_toml(path)
    return _of_table(tables.read(path, FIELDS, mapping))


# -- CSV and Excel ---------------------------------------------------------------------------------


def _of_table(table: Table) -> AgencyList:
    bad: list[Problem] = []
    rows = tuple(_listed(table, row, bad) for row in table.rows)
    problems = [*table.problems, *bad]
    if not rows and not problems:
        problems.append(Problem(table.place(), "has no row below its headings"))
    if table.columns and not {"code", "name", "organ_codes", "uid"} & table.columns.keys():
        told = "has no column code or name, so no row tells whom it is about: name one in a mapping"
        problems.append(Problem(table.place(), told))
    return AgencyList(table.file, rows, tuple(problems), table.place, table.ignored, table.encoding)


def _listed(table: Table, row: Row, bad: list[Problem]) -> ListedAgency:
    """A row; without its bad cells it is still there for others to refer to."""
    said: dict[str, Said] = {}
    for field in table.columns:
        try:
            said[field] = _said(table, row, field)
        except BadCell as error:
            bad.append(error.problem)
    return ListedAgency(row.number, said)


def _said(table: Table, row: Row, field: str) -> Said:
    if field in DAYS:
        return table.date(row, field)
    text = plain(row.values.get(field, ""))
    if field in TOKENS:
        return items(text)
    if field in NAMES:
        pieces = (each.strip() for each in _BETWEEN_NAMES.split(text))
        return tuple(each.replace("\\;", ";") for each in pieces if each)
    return text or None


# -- TOML ------------------------------------------------------------------------------------------


def _of_toml(path: Path) -> AgencyList:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        tree = tomllib.loads(text)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        return _refused(path, f"not UTF-8 at byte {error.start}: save the file as UTF-8")
    except tomllib.TOMLDecodeError as error:
        return _refused(path, f"not TOML: {error}")
    given = tree.get("agencies")
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        return _refused(path, "has no [[agencies]]: write each agency as its own table")
    problems = [
        Problem(
            Place(path.name, None, key),
            "is no part of a list of agencies: leave it out, or write it into the registry by hand",
        )
        for key in sorted(tree.keys() - _LIST_KEYS)
    ]
    lines = _header_lines(text, len(given))
    rows = tuple(_entry(path.name, *each, problems) for each in zip(lines, given, strict=True))
    return AgencyList(path.name, rows, tuple(problems), lambda row, key: Place(path.name, row, key))


def _refused(path: Path, what: str) -> AgencyList:
    problem = Problem(Place(path.name), what)
    return AgencyList(path.name, (), (problem,), lambda row, key: Place(path.name, row, key))


def _header_lines(text: str, entries: int) -> list[int]:
    """The line that each entry begins on; else its number among them."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _HEADER.match(line)]
    return lines if len(lines) == entries else list(range(1, entries + 1))


def _entry(file: str, line: int, entry: Mapping[str, Any], problems: list[Problem]) -> ListedAgency:
    """An entry as the registry has them: what it does not mention there is none of."""
    said: dict[str, Said] = dict.fromkeys(KEYS)
    for key, value in entry.items():
        what = _mistake(key, value)
        if what:
            problems.append(Problem(Place(file, line, key), what))
        else:
            said[key] = tuple(value) if isinstance(value, list) else value
    return ListedAgency(line, said)


def _mistake(key: str, value: object) -> str | None:
    if key not in Agency.model_fields:
        return "no such key; docs/agencies.md lists all of them"
    if key in DAYS:
        return None if type(value) is date else f"{value!r} is no day: write 2025-07-01"
    if key in _several_valued():
        good = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return None if good else f'must be a list: write {key} = ["…"]'
    return None if isinstance(value, str) else f'must be a text: write {key} = "…"'


def _several_valued() -> Iterator[str]:
    return (key for key, field in Agency.model_fields.items() if field.default == ())
