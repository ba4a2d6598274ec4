"""What the text of a cell says: days, yes or no, several entries. ValueError tells what to do."""

import re
from datetime import date
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Outside of these a year is a slip of the pen (`1/1/0020` is what some systems write)."""

MONTHS = 12
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_DAY_FIRST = re.compile(rf"(?P<d>\d{{1,2}})[/.\- ](?P<m>\d{{1,2}})[/.\- ](?P<y>\d{{4}}){_TIME}")
_DAY_FIRST_SHORT = re.compile(r"(?P<d>\d{1,2})[/.\- ](?P<m>\d{1,2})[/.\- ](?P<y>\d{2})")
_MONTH_FIRST = re.compile(rf"(?P<m>\d{{1,2}})[/.\- ](?P<d>\d{{1,2}})[/.\- ](?P<y>\d{{4}}){_TIME}")
_YEAR_FIRST = re.compile(rf"(?P<y>\d{{4}})[/.\-](?P<m>\d{{1,2}})[/.\-](?P<d>\d{{1,2}}){_TIME}")
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")
_PATTERNS = {
    None: (_DAY_FIRST, _YEAR_FIRST),
    "dd/MM/yyyy": (_DAY_FIRST,),
    "MM/dd/yyyy": (_MONTH_FIRST,),
    "yyyy-MM-dd": (_YEAR_FIRST,),
    "yyyy/MM/dd": (_YEAR_FIRST,),
    "yyyyMMdd": (_COMPACT,),
    "dd/MM/yy": (_DAY_FIRST_SHORT, _DAY_FIRST),
}
_ISO = _YEAR_FIRST
"""Always understood: what a date cell of Excel is turned into."""

_YES = frozenset({"x", "có", "co", "đúng", "dung", "1", "true", "yes", "y", "✓", "✔", "☑"})
_NO = frozenset({"không", "khong", "ko", "sai", "0", "false", "no", "n", "-", "☐"})
_SEPARATORS = re.compile(r"[;,\n]")


@lru_cache(maxsize=65_536)
def parse_date(text: str, date_format: str | None = None) -> date:
    """The day that a cell names; a time of day behind it is dropped.

    Without a format: `dd/MM/yyyy` as in Vietnam (also with `.`, `-` or spaces), or ISO.
    """
    for pattern in (*_PATTERNS[date_format], _ISO):
        if found := pattern.fullmatch(text):
            return _day(text, _year(found["y"]), int(found["m"]), int(found["d"]))
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        raise ValueError(f"“{text}” is a number, not a date: format the column as a date")
    wanted = date_format or "dd/MM/yyyy or yyyy-MM-dd"
    raise ValueError(
        f"“{shown(text)}” is no date as {wanted}: correct it, or set date_format in the mapping"
    )


def _year(digits: str) -> int:
    century = {2: 2000 if digits < "70" else 1900}.get(len(digits), 0)
    return century + int(digits)


def _day(text: str, year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"“{text}”: year {year:04} cannot be meant, correct it")
    try:
        return date(year, month, day)
    except ValueError:
        hint = ""
        if day <= MONTHS < month and not text[:4].isdecimal():
            hint = ', or set date_format = "MM/dd/yyyy" in the mapping if months stand first'
        raise ValueError(f"“{text}”: there is no such day, correct it{hint}") from None


def parse_yes(text: str) -> bool:
    """Yes or no, as people mark it in lists (`x`, `có`, `1`; `không`, `0`)."""
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError(f"“{shown(text)}” is neither yes nor no: write x, có, 1 or không, 0")


def items(text: str) -> tuple[str, ...]:
    """The entries of a cell that holds several, split by `;`, `,` or a line break."""
    return tuple(part for piece in _SEPARATORS.split(text) if (part := piece.strip()))


def shown(text: str) -> str:
    """A cell's text for a message: one line, not long."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
