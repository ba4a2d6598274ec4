"""How a list names its columns: what is understood by itself, and the file that says otherwise."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Setting

from monitor.errors import UserError
from monitor.toml_file import read_toml

HEAD_ROWS = 40
"""Headings are looked for in so many rows: lists begin with titles."""

_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Field:
    """What a caller wants from a list."""

    name: str
    headings: tuple[str, ...] = ()
    """What its column is called in lists, Vietnamese and English; compared by `heading_key`. The
    field's own name is always understood."""
    required: bool = False
    """There must be a column, and every row must have a value."""
    code: bool = False
    """Digits are no number here: leading zeros count."""


def heading_key(text: str) -> str:
    """A heading for comparison: NFC, case-folded, words only (`Họ và tên (*)` is `họ và tên`)."""
    return _NOT_WORD.sub(" ", unicodedata.normalize("NFC", text).casefold()).strip()


class ColumnMapping(BaseModel):
    """A mapping file (docs/lists.md): what is particular to one list."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    columns: dict[str, str] = {}
    """Field to heading as in the file; with `header_row = 0` to the column's letter."""
    encoding: str | None = None
    font: Literal["tcvn3", "vni"] | None = None
    """The letters are Vietnamese only in a .VnTime (tcvn3) or VNI font."""
    delimiter: Annotated[str, Setting(min_length=1, max_length=1)] | None = None
    sheet: str | None = None
    header_row: Annotated[int, Setting(ge=0, le=HEAD_ROWS)] | None = None
    """Row of the headings; 0 where there are none; None finds it."""
    date_format: (
        Literal["dd/MM/yyyy", "MM/dd/yyyy", "yyyy-MM-dd", "yyyy/MM/dd", "yyyyMMdd", "dd/MM/yy"]
        | None
    ) = None
    values: dict[str, dict[str, str]] = {}
    """Of a field: what the file writes, and what is meant."""
    digits: dict[str, Annotated[int, Setting(ge=1, le=35)]] = {}
    """Of a field: how many digits a number must have; missing zeros are put in front."""

    @classmethod
    def load(cls, path: Path, option: str = "--mapping") -> Self:
        """Read a mapping file; a mistake in it is a UserError that names its place."""
        try:
            return cls.model_validate(read_toml(path, option))
        except ValidationError as error:
            known = ", ".join(cls.model_fields)
            told = "\n".join(f"{path}: {_told(dict(one), known)}" for one in error.errors())
            raise UserError(told) from error


def _told(error: dict[str, Any], known: str) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where}: no such setting of a mapping; known: {known}"
    return f"{where}: {error['msg']}"
