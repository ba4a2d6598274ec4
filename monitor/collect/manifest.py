"""The manifest of a document folder: bytes in, rows and what is wrong with them out, no I/O.

CSV: UTF-8 with or without a byte order mark, fields apart by comma or semicolon, one heading row.
JSON: UTF-8, a list of objects or `{"documents": [...]}`. Headings and keys, in any case, with
spaces or underscores (other columns are ignored):

| key | Vietnamese headings | meaning |
|---|---|---|
| `file` (needed) | Tên tệp, Tệp, Tên file | name of a file in the same folder |
| `agency` (needed) | Cơ quan, Mã cơ quan, Mã định danh | code of the issuing agency |
| `number` | Số, Số văn bản | number |
| `notation` | Ký hiệu, Số ký hiệu | notation |
| `issued_on` | Ngày ban hành, Ngày văn bản, Ngày ký | 2026-03-31, 31/03/2026 or 2026/03/31 |
| `sent_at` | Thời điểm gửi, Ngày gửi, Thời gian gửi | date and time; without an offset it is |
| | | Vietnam time |
| `paper` | Bản giấy, Gửi kèm bản giấy | `electronic` (điện tử, không, 0), `parallel` (song song, |
| | | có, 1), `paper` (giấy, bản giấy) |
| `role` | Loại tệp, Vai trò | `main` (chính, văn bản chính), `appendix` (phụ lục), `copy` |
| | | (bản sao, sao y, sao lục, trích sao) |
| `size` | Dung lượng, Kích thước | bytes of the complete file |
| `sha256` | Mã băm | hexadecimal SHA-256 of the complete file |
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from monitor.clock import VIETNAM
from monitor.collect.events import Rejection
from monitor.collect.identity import derived_item_id
from monitor.collect.reasons import Reason
from monitor.model import DocumentClaim, DocumentRole, PaperFlag

MAX_MANIFEST_BYTES = 16 * 1024 * 1024
MAX_ROWS = 100_000
MAX_NAME_BYTES = 255
MAX_FIELD_CHARACTERS = 4096

_HEADINGS = {
    "file": ("file", "file name", "filename", "tên tệp", "tệp", "tên file", "tập tin"),
    "agency": ("agency", "cơ quan", "mã cơ quan", "mã định danh"),
    "number": ("number", "số", "số văn bản"),
    "notation": ("notation", "ký hiệu", "số ký hiệu"),
    "issued_on": ("issued on", "ngày ban hành", "ngày văn bản", "ngày ký"),
    "sent_at": ("sent at", "thời điểm gửi", "ngày gửi", "thời gian gửi"),
    "paper": ("paper", "bản giấy", "gửi kèm bản giấy"),
    "role": ("role", "loại tệp", "vai trò"),
    "size": ("size", "dung lượng", "kích thước"),
    "sha256": ("sha256", "mã băm"),
}
_KEY_OF = {alias: key for key, aliases in _HEADINGS.items() for alias in aliases}
_PAPER = {
    PaperFlag.ELECTRONIC: ("electronic", "điện tử", "không", "0", "no", "false"),
    PaperFlag.PARALLEL: ("parallel", "song song", "có", "1", "yes", "true"),
    PaperFlag.PAPER: ("paper", "giấy", "bản giấy"),
}
_PAPER_OF = {alias: flag for flag, aliases in _PAPER.items() for alias in aliases}
_ROLE = {
    DocumentRole.MAIN: ("main", "chính", "văn bản chính", "tệp chính"),
    DocumentRole.APPENDIX: ("appendix", "phụ lục"),
    DocumentRole.COPY: (
        "copy", "bản sao", "sao y", "bản sao y", "sao lục", "bản sao lục", "trích sao",
        "bản trích sao",
    ),
}  # fmt: skip
_ROLE_OF = {alias: role for role, aliases in _ROLE.items() for alias in aliases}
_DATE = re.compile(r"(?:(\d{4})[-/](\d{1,2})[-/](\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4}))\Z")
_TIME_PARTS = re.compile(
    r"(\S+?)[ T]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)\Z"
)
_MANIFEST_NAME = re.compile(r"manifest.*\.(csv|json)\Z", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class ManifestRejected(Exception):
    """The manifest as a whole cannot be used."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.english)
        self.reason = reason


class _BadField(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.english)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Row:
    """One usable row."""

    number: int
    """Row of the manifest, the heading being 1 (CSV), or place in the list from 1 (JSON)."""
    claim: DocumentClaim
    size: int | None = None
    sha256: str | None = None

    @property
    def file_name(self) -> str:
        return self.claim.file_name

    def key(self, source: str) -> str:
        """What the row claims, as 32 hexadecimal digits: the same claim again has the same key."""
        return derived_item_id(source, self.claim.model_dump_json())

    def item_id(self, source: str, content_sha256: str) -> str:
        """The identifier of this content under this claim, however often it is offered."""
        return derived_item_id(source, content_sha256, self.claim.model_dump_json())


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot be used."""

    number: int
    file_name: str | None
    """Name of its file, if that much is usable."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class Manifest:
    rows: tuple[Row, ...]
    bad_rows: tuple[BadRow, ...]


def is_manifest(name: str) -> bool:
    """Whether a file of this name is a manifest."""
    return _MANIFEST_NAME.match(name) is not None


def is_safe_name(name: str) -> bool:
    """Whether a name is one plain component that is neither hidden nor a manifest's."""
    return (
        0 < len(name.encode(errors="replace")) <= MAX_NAME_BYTES
        and not name.startswith(".")
        and not any(c in "/\\" or unicodedata.category(c) in {"Cc", "Cs"} for c in name)
        and not is_manifest(name)
    )


def canonical(name: str) -> str:
    """Names are compared composed: macOS and some exporters write them decomposed."""
    return unicodedata.normalize("NFC", name)


def parse(name: str, data: bytes) -> Manifest:
    """Rows of a manifest. Raises ManifestRejected when it is unusable as a whole."""
    text = _decode(data)
    records = _json_records(text) if name.lower().endswith(".json") else _csv_records(text)
    rows: list[Row] = []
    bad: list[BadRow] = []
    seen: dict[str, Row] = {}
    for count, (number, record) in enumerate(records):
        if count >= MAX_ROWS:
            raise ManifestRejected(Reason(Rejection.MANIFEST_TOO_LARGE, f"> {MAX_ROWS} rows"))
        row = _row(number, record)
        if isinstance(row, BadRow):
            bad.append(row)
            continue
        first = seen.setdefault(canonical(row.claim.file_name), row)
        if first is row:
            rows.append(row)
        elif first.claim != row.claim:
            detail = f"row {number}: row {first.number} names the same file"
            bad.append(BadRow(number, None, Reason(Rejection.ROW_DUPLICATE, detail)))
    return Manifest(tuple(rows), tuple(bad))


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before[before.rfind(b"\n") + 1 :]
        row = before.count(b"\n") + 1
        column = max(line.count(b","), line.count(b";")) + 1
        detail = f"row {row}, column {column}"
        raise ManifestRejected(Reason(Rejection.MANIFEST_ENCODING, detail)) from None


def _json_records(text: str) -> Iterable[tuple[int, Mapping[str, str]]]:
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"row {error.lineno}, column {error.colno}"
        raise ManifestRejected(Reason(Rejection.MANIFEST_UNREADABLE, where)) from None
    except (ValueError, RecursionError):
        raise ManifestRejected(Reason(Rejection.MANIFEST_UNREADABLE, "JSON")) from None
    listed = parsed.get("documents") if isinstance(parsed, dict) else parsed
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ManifestRejected(Reason(Rejection.MANIFEST_UNREADABLE, "no list of documents"))
    for number, one in enumerate(listed, 1):
        yield number, _by_key((heading, _scalar(value)) for heading, value in one.items())


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value) if isinstance(value, str | int) else ""


def _csv_records(text: str) -> Iterable[tuple[int, Mapping[str, str]]]:
    heading = text.partition("\n")[0]
    separator = ";" if heading.count(";") > heading.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        headings = next(reader, [])
        missing = {"file", "agency"} - {_key(one) for one in headings}
        if missing:
            detail = "row 1: " + ", ".join(sorted(missing))
            raise ManifestRejected(Reason(Rejection.MANIFEST_COLUMNS, detail))
        for fields in reader:
            if any(field.strip() for field in fields):
                yield reader.line_num, _by_key(zip(headings, fields, strict=False))
    except csv.Error:
        detail = f"row {reader.line_num}"
        raise ManifestRejected(Reason(Rejection.MANIFEST_UNREADABLE, detail)) from None


def _key(heading: str) -> str:
    plain = canonical(heading).casefold().replace("_", " ")
    return _KEY_OF.get(" ".join(plain.split()), "")


def _by_key(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    named = ((_key(heading), value.strip()) for heading, value in pairs)
    return {key: value for key, value in named if key and value}


def _row(number: int, record: Mapping[str, str]) -> Row | BadRow:
    name = record.get("file", "")
    if not is_safe_name(name):
        return BadRow(number, None, Reason(Rejection.NAME_UNSAFE, f"row {number}, file"))
    try:
        return _checked_row(number, record)
    except _BadField as error:
        return BadRow(number, name, error.reason)
    except ValidationError as error:
        column = ".".join(str(part) for part in error.errors()[0]["loc"])
        return BadRow(number, name, Reason(Rejection.ROW_INVALID, f"row {number}, {column}"))


def _checked_row(number: int, record: Mapping[str, str]) -> Row:
    def read(key: str, reader: Any) -> Any:
        value = record.get(key)
        if value is None:
            return None
        try:
            return reader(value)
        except (ValueError, KeyError):
            detail = f"row {number}, {key}"
            raise _BadField(Reason(Rejection.ROW_INVALID, detail)) from None

    if "agency" not in record:
        raise _BadField(Reason(Rejection.ROW_INVALID, f"row {number}, agency"))
    claim = DocumentClaim(
        agency=canonical(read("agency", _plain)),
        file_name=canonical(record["file"]),
        number=read("number", _plain),
        notation=read("notation", _plain),
        issued_on=read("issued_on", read_date),
        sent_at=read("sent_at", read_time),
        paper=read("paper", _paper),
        role=read("role", _role),
    )
    return Row(number, claim, read("size", _size), read("sha256", _sha256))


def _plain(value: str) -> str:
    if len(value) > MAX_FIELD_CHARACTERS or any(unicodedata.category(c) == "Cc" for c in value):
        raise ValueError("control character, or too long")
    return canonical(value)


def _paper(value: str) -> PaperFlag:
    return _PAPER_OF[_word(value)]


def _role(value: str) -> DocumentRole:
    return _ROLE_OF[_word(value)]


def _word(value: str) -> str:
    return " ".join(canonical(value).casefold().split())


def _size(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 15:
        raise ValueError("not a number of bytes")
    return int(value)


def _sha256(value: str) -> str:
    if not _SHA256.match(value.lower()):
        raise ValueError("not a SHA-256")
    return value.lower()


def read_date(value: str) -> date:
    """2026-03-31, 2026/03/31 or 31/03/2026. Raises ValueError, for implausible years too."""
    found = _DATE.match(value)
    if not found:
        raise ValueError("not a date")
    year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
    if not 1945 <= int(year) <= 2199:
        raise ValueError("implausible year")
    return date(int(year), int(month), int(day))


def read_time(value: str) -> datetime:
    """A date with a time of day; without an offset it is Vietnam time. Raises ValueError."""
    found = _TIME_PARTS.match(value)
    if not found:
        raise ValueError("no time of day")
    clock = found[2].replace(" ", "")
    if clock[1] == ":":
        clock = "0" + clock
    moment = datetime.fromisoformat(f"{read_date(found[1]).isoformat()}T{clock}")
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)
