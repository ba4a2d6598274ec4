"""The files that a report can be, and what they are called."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from monitor.report.model import Head, Standing
from monitor.settings import ReportFormat


class Form(StrEnum):
    """One file of a report; the value ends its name."""

    XLSX = "xlsx"
    PDF = "pdf"
    JSON = "json"
    CSV_LONG = "long.csv"
    CSV_WIDE = "wide.csv"


CSV = (Form.CSV_LONG, Form.CSV_WIDE)


def forms_of(formats: Sequence[ReportFormat]) -> Iterator[Form]:
    """The files of some formats, in their order; CSV is two."""
    for each in dict.fromkeys(formats):
        match each:
            case "csv":
                yield from CSV
            case _:
                yield Form(each)


def file_name(
    head: Head,
    form: Form,
    *,
    signed: bool = False,
    with_names: bool = False,
    semicolon: bool = False,
) -> str:
    """`congvu-2026-10-v1-vi.xlsx`; of an agency with its code before the language, of a level with
    `level+` and its name: no code has a plus, and an agency may be called like a level.

    A file that holds names of people, one that is signed and CSV with semicolons say so: none takes
    the place of another.
    """
    standing = "provisional" if head.standing is Standing.PROVISIONAL else f"v{head.version}"
    prefix = "level+" if head.scope == "level" else ""
    whose = "" if head.scope == "province" else f"-{prefix}{_plain(head.code)}"
    semicolons = semicolon and form in CSV
    marks = "-names" * with_names + "-signed" * signed + "-semicolon" * semicolons
    tail = f"-{form}" if "." in form else f".{form}"
    return f"congvu-{head.period.slug}-{standing}{whose}-{head.language}{marks}{tail}"


def _plain(code: str) -> str:
    """Of codes, which an operator writes: no path even so, and no two the same."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", code)
