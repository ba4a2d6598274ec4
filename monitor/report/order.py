"""What is wanted of a closing, and what was written of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from monitor.errors import UserError
from monitor.model import Language
from monitor.settings import ReportFormat

SHEETS = "agencies"
"""Folder of agencies' own sheets."""

Names = Mapping[UUID, tuple[str, str]]
"""Sender and subject of documents, opened by a caller who has noted it in the audit log."""


class NotSigned(UserError):
    """A file that was to be signed could not be: key, password or time-stamp server."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which files are wanted of one closing."""

    formats: tuple[ReportFormat, ...]
    languages: tuple[Language, ...] = (Language.VI,)
    agency: str | None = None
    level: str | None = None
    sheets: bool = False
    """Every agency's own sheet, beside what else is wanted."""
    bom: bool = True
    """CSV begins with a byte order mark, for Excel."""
    semicolon: bool = False
    """CSV with `;` and decimal commas, as Excel opens it on Vietnamese machines."""
    names: Names | None = None
    """Names of people in lists of documents; such files are not remembered."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file in the folder."""

    path: Path
    size: int
    sha256: str
    differs: str = ""
    """The version of congvu that handed out other bytes under this name; empty: none did."""
