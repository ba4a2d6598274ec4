"""Exports of registers, CSV and Excel, row by row into entries (docs/registers.md)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from monitor.agencies import Registry
from monitor.agencies.naming import code_named
from monitor.clock import day_bounds, vietnam_day
from monitor.errors import UserError
from monitor.model import DocumentRole
from monitor.model.document_roles import declared_role
from monitor.record.register_rows import EntryRow, RegisterDirection, Spot
from monitor.register.fields import fields_of
from monitor.register.moments import parse_moment
from monitor.register.numbers import Number, read_number
from monitor.register.profile import Numbering, Profile
from monitor.register.words import Paper, Status, is_secret, status_of, way_of
from monitor.tables import BadCell, Place, Problem, Row, Table, items, read
from monitor.tables.rows import MAX_PROBLEMS
from monitor.tables.word_keys import word_key

LONGEST_TEXT = 1000
"""Characters kept of a subject, a list of recipients."""
LONGEST_WORD = 200
"""Characters kept of a type, a name."""
MOST_FILES = 100
"""Files of one document."""
REMEMBERED = 200_000
"""Names of agencies with days, of which a list that is one repeats few."""
SHA256_BYTES = 32
_OTHER_HASHES = {32: "MD5", 40: "SHA-1"}
_HEX = re.compile(r"[0-9a-fA-F]+")
_NAMES_END = re.compile(r"[;\n|]")
_ONE_FILE = re.compile(r"[^;\n|,/\\]+")
_EACH_A_FILE = re.compile(r"[^,]+\.[A-Za-z0-9]{2,5}(?:\s*,\s*[^,]+\.[A-Za-z0-9]{2,5})+")
_DAY_FIELD = {"out": "issued", "in": "arrived"}
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Understanding:
    """How registers are to be read."""

    direction: RegisterDirection
    profile: Profile
    as_of: date
    agency: str | None = None
    """Code of the agency whose register it is, whatever stands in the list."""
    first: date | None = None
    last: date | None = None
    """Days that the list is of."""


class Listing:
    """Registers on their way into the record, one after the other: millions of rows if need be."""

    def __init__(self, files: Sequence[Path], registry: Registry, how: Understanding) -> None:
        """Raises UserError for a file that cannot be opened."""
        for path in files:
            try:
                path.open("rb").close()
            except OSError as error:
                raise UserError(f"{path}: cannot be read: {error.strerror}") from error
        self._files = files
        self._registry = registry
        self._how = how
        self.tables: list[Table] = []
        self.left_out: set[Spot] = set()
        """Rows with problems, as far as entries have come."""
        self.remarks: dict[str, tuple[int, Problem]] = {}
        """Of each kind how often, and the first."""
        self.how_read: list[str] = []

    @property
    def problems(self) -> list[Problem]:
        return [problem for table in self.tables for problem in table.problems]

    @property
    def sha256(self) -> bytes:
        """Of one file its own; of several, of their sorted hashes."""
        hashes = sorted({bytes.fromhex(table.sha256) for table in self.tables})
        return hashes[0] if len(hashes) == 1 else hashlib.sha256(b"".join(hashes)).digest()

    def place(self, spot: Spot, field: str | None = None) -> Place:
        """Where something stands."""
        return self.tables[spot.file].place(spot.row, field)

    def entries(self) -> Iterator[EntryRow]:
        """What the registers say; problems and remarks are complete when these are."""
        fields = fields_of(self._how.direction)
        for index, path in enumerate(self._files):
            table = read(path, fields, self._how.profile)
            self.tables.append(table)
            table.problems.extend(_lacking(table, self._how))
            self.how_read.extend(_how_read(table, self._how, named=len(self._files) > 1))
            if not table.problems:
                yield from self._rows(index, table)

    def _rows(self, index: int, table: Table) -> Iterator[EntryRow]:
        reader = _Reader(index, table, self._registry, self._how, self._remark)
        for row in table.rows:
            try:
                entry = reader.entry(row)
            except BadCell as error:
                if len(table.problems) <= MAX_PROBLEMS:
                    table.problems.append(error.problem)
                self.left_out.add(Spot(index, row.number))
                continue
            if entry is not None:
                yield entry

    def _remark(self, kind: str, place: Place, what: str) -> None:
        count, first = self.remarks.get(kind, (0, None))
        self.remarks[kind] = count + 1, first or Problem(place, what)


def _lacking(table: Table, how: Understanding) -> Iterator[Problem]:
    """Columns without which nothing can be counted."""
    if table.problems:
        return
    columns = table.columns
    place = table.place()
    there = ", ".join(f"“{each}”" for each in (*columns.values(), *table.ignored)) or "none"

    def lacks(field: str, known: str) -> Problem:
        return Problem(
            place,
            f"no column for {field} ({known}): name it as columns.{field} in a profile "
            f"(--profile FILE); the headings are {there}",
        )

    if how.agency is None and not columns.keys() & {"agency", "agency_code"}:
        yield Problem(
            place,
            "no column says whose register it is: give --agency CODE if it is one agency's, or "
            f"name the column as columns.agency in a profile; the headings are {there}",
        )
    if how.direction == "out":
        if "issued" not in columns:
            yield lacks("issued", "“ngày ban hành”, “ngày văn bản”")
        if not columns.keys() & {"full_number", "number", "notation", "external_id"}:
            yield lacks("full_number", "“số, ký hiệu”")
    else:
        if "arrived" not in columns:
            yield lacks("arrived", "“ngày đến”")
        if not columns.keys() & {"arrival_number", "external_id"}:
            yield lacks("arrival_number", "“số đến”")
    if "electronic" in columns and not columns.keys() & {"with_paper", "form"}:
        yield Problem(
            table.place(None, "electronic"),
            "says what went electronically, but nothing says whether paper went too: name the "
            "column that does as columns.with_paper in a profile, or, if this one says how it was "
            "sent, name it as columns.form",
        )


def _how_read(table: Table, how: Understanding, *, named: bool) -> Iterator[str]:
    """What an operator should see at a glance."""
    head = f"{table.file}: " if named else ""
    if table.encoding:
        yield f"{head}read as {table.encoding}"
    if table.columns:
        read_as = ", ".join(f"{field} from “{text}”" for field, text in table.columns.items())
        yield f"{head}{read_as}"
    unread = [*table.ignored]
    if how.agency is not None:
        unread += [
            table.columns[each] for each in ("agency", "agency_code") if each in table.columns
        ]
    if unread:
        yield f"{head}columns that are not read: {', '.join(unread)}"
    if table.columns and not table.columns.keys() & {"form", "with_paper"}:
        yield f"{head}no column says how documents were sent (form): that stays undecided"


class _Reader:
    """Knows what the cells of one file's rows mean."""

    def __init__(
        self,
        index: int,
        table: Table,
        registry: Registry,
        how: Understanding,
        remark: Callable[[str, Place, str], None],
    ) -> None:
        self._index = index
        self._table = table
        self._registry = registry
        self._how = how
        self._remark = remark
        self._agencies: dict[tuple[str, date], str] = {}
        self._end = day_bounds(how.as_of)[1]
        self._day_field = _DAY_FIELD[how.direction]
        self._marks = {"electronic", "with_paper"} <= table.columns.keys()

    def entry(self, row: Row) -> EntryRow | None:
        """What a row says; None for a draft and a repeated row of headings. Raises BadCell."""
        values = row.values
        if values.get(self._day_field) == self._table.columns[self._day_field]:
            return None  # some systems print the headings again on each page
        status = self._table.said(row, "status", status_of)
        if status is Status.DRAFT:
            self._note("draft", row, "status", "is not issued yet: no entry of a register")
            return None
        day = self._day(row)
        sent = self._number(row)
        issued = self._issued(row, day)
        counted, key = self._key(row, sent)
        secret = bool(self._table.said(row, "secrecy", is_secret))
        kind = _cut(values.get("type"), LONGEST_WORD)
        names, count = (None, None) if secret else self._recipients(row)
        return EntryRow(
            self._index, row.number, self._agency(row, day), day.year, key, day,
            sent.text, counted.value, sent.notation,
            _series(self._how.profile.numbering, kind, sent), issued,
            day if self._how.direction == "in" else None, self._arrival(counted), kind,
            _role(kind, sent.notation),
            secret, self._paper(row), status,
            self._moment(row, "signed_at"), self._moment(row, "sent_at"),
            count, () if secret else _file_names(values.get("file_names")),
            () if secret else self._hashes(row), _cut(values.get("external_id"), LONGEST_WORD),
            None if secret else _cut(values.get("subject"), LONGEST_TEXT),
            None if secret else _cut(values.get("signer"), LONGEST_WORD), names,
        )  # fmt: skip

    def _note(self, kind: str, row: Row, field: str, what: str) -> None:
        self._remark(kind, self._table.place(row.number, field), what)

    # -- days and times ----------------------------------------------------------------------------

    def _day(self, row: Row) -> date:
        """The day that the document counts on."""
        how, field = self._how, self._day_field
        day = self._table.date(row, field)
        if day is None:
            raise self._table.bad(row, field, "is empty: every row needs it")
        self._not_late(row, field, day)
        if (how.first and day < how.first) or (how.last and day > how.last):
            raise self._table.bad(
                row, field,
                f"is {day}, outside of the days that --from and --to give: correct one of them",
            )  # fmt: skip
        return day

    def _not_late(self, row: Row, field: str, day: date) -> None:
        if day > self._how.as_of:
            raise self._table.bad(
                row, field,
                f"is {day}, after {self._how.as_of}, the day of the list: correct it, or give the "
                "day of the list with --as-of",
            )  # fmt: skip

    def _issued(self, row: Row, day: date) -> date | None:
        if self._how.direction == "out":
            return day
        issued = self._table.date(row, "issued")
        if issued and issued > day:
            raise self._table.bad(
                row, self._day_field, f"is {day}, before {issued}, when it was issued"
            )
        return issued

    def _moment(self, row: Row, field: str) -> datetime | None:
        if field not in row.values:
            return None
        table = self._table
        moment = table.said(row, field, lambda text: parse_moment(text, table.date_format))
        if moment is None:
            self._note(field, row, field, "names a day without a time of day: taken for no time")
            return None
        if moment >= self._end:
            self._not_late(row, field, vietnam_day(moment))
        return moment

    # -- which document ----------------------------------------------------------------------------

    def _number(self, row: Row) -> Number:
        values = row.values
        field = "full_number" if "full_number" in values else "number"
        try:
            return read_number(values.get(field), values.get("notation"))
        except ValueError as error:
            raise self._table.bad(
                row, field if field in values else "notation", str(error)
            ) from None

    def _key(self, row: Row, sent: Number) -> tuple[Number, str]:
        """The number that the register gave, and what the entry is known by."""
        counted = sent
        if self._how.direction == "in":
            counted = self._table.said(row, "arrival_number", read_number) or Number()
        if key := counted.key:
            return counted, key
        if text := _cut(row.values.get("external_id"), LONGEST_WORD):
            return counted, f"id {text.casefold()}"
        field = "arrival_number" if self._how.direction == "in" else "full_number"
        raise self._table.bad(
            row, field if field in self._table.columns else None,
            "has neither a number nor an identifier of the document system: it cannot be known "
            "again; enter the number, or leave out what is no document",
        )  # fmt: skip

    def _arrival(self, counted: Number) -> str | None:
        if self._how.direction == "out":
            return None
        return "/".join(part for part in (counted.text, counted.notation) if part) or None

    def _agency(self, row: Row, day: date) -> str:
        if self._how.agency is not None:
            return self._how.agency
        values = row.values
        field = "agency_code" if "agency_code" in values else "agency"
        text = values.get(field)
        if text is None:
            raise self._table.bad(
                row, field if field in self._table.columns else None, "names no agency"
            )
        code = self._agencies.get((text, day))
        if code is None:
            try:
                code = code_named(self._registry, text, day)
            except ValueError as error:
                raise self._table.bad(row, field, str(error)) from None
            if len(self._agencies) >= REMEMBERED:
                self._agencies.clear()
            self._agencies[text, day] = code
        return code

    # -- how it was sent ---------------------------------------------------------------------------

    def _paper(self, row: Row) -> Paper | None:
        if (way := self._table.said(row, "form", way_of)) is not None:
            return way
        paper = self._table.yes(row, "with_paper")
        if not self._marks:
            return None if paper is None else Paper.PARALLEL if paper else Paper.ELECTRONIC
        electronic = self._table.yes(row, "electronic")
        if electronic:
            return Paper.PARALLEL if paper else Paper.ELECTRONIC
        return Paper.PAPER if paper else None

    def _recipients(self, row: Row) -> tuple[str | None, int | None]:
        """Their names, and how many there are."""
        text, said = row.values.get("recipients"), row.values.get("recipient_count")
        if said is not None and not (said.isascii() and said.isdecimal() and len(said) < 7):
            raise self._table.bad(
                row, "recipient_count", f"“{said[:60]}” is no number of recipients"
            )
        if self._how.direction == "in":
            return _cut(text, LONGEST_TEXT), None
        count = int(said) if said else _how_many(text) if text else None
        return _cut(text, LONGEST_TEXT), count

    def _hashes(self, row: Row) -> tuple[bytes, ...]:
        if "file_hashes" not in row.values:
            return ()
        found = []
        for text in items(row.values["file_hashes"])[:MOST_FILES]:
            if kind := _OTHER_HASHES.get(len(text)) if _HEX.fullmatch(text) else None:
                self._note("hash", row, "file_hashes", f"is {kind}: files are known by SHA-256")
                continue
            digest = _sha256(text)
            if digest is None:
                what = f"“{text[:60]}” is no SHA-256 (64 hexadecimal digits): correct it"
                raise self._table.bad(row, "file_hashes", what)
            found.append(digest)
        return tuple(sorted(set(found)))


def _sha256(text: str) -> bytes | None:
    try:
        digest = (
            bytes.fromhex(text) if _HEX.fullmatch(text) else base64.b64decode(text, validate=True)
        )
    except (ValueError, binascii.Error):
        return None
    return digest if len(digest) == SHA256_BYTES else None


def _series(numbering: Numbering, kind: str | None, number: Number) -> str:
    """What documents that share one run of numbers have in common."""
    match numbering:
        case "type":
            return word_key(kind or "")[:LONGEST_WORD]
        case "notation":
            return (number.notation or "").casefold()[:LONGEST_WORD]
    return ""


@lru_cache(maxsize=8192)
def _role(kind: str | None, notation: str | None) -> DocumentRole:
    return declared_role(kind, notation) or DocumentRole.MAIN


@lru_cache(maxsize=4096)
def _how_many(names: str) -> int:
    return len(items(names))


def _cut(text: str | None, longest: int) -> str | None:
    """On one line, not overlong."""
    if text is None:
        return None
    return (" ".join(text.split()) if "\n" in text or "  " in text else text)[:longest]


def _file_names(text: str | None) -> tuple[str, ...]:
    """Names of files without folders. A comma parts them only where each part ends as files do."""
    if text is None:
        return ()
    if _ONE_FILE.fullmatch(text):
        return (text[:LONGEST_WORD],)
    parts = [
        part for piece in _NAMES_END.split(text)
        for part in (piece.split(",") if _EACH_A_FILE.fullmatch(piece.strip()) else (piece,))
    ]  # fmt: skip
    names = [part.replace("\\", "/").rpartition("/")[2].strip()[:LONGEST_WORD] for part in parts]
    return tuple(dict.fromkeys(name for name in names if name))[:MOST_FILES]
