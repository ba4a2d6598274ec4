"""Days and times as edXML messages write them (QCVN 102:2016; Quyết định 28/2018).

The standard has `yyyy/MM/dd` and `yyyy/MM/dd HH:mm:ss`; vendors also write `dd/MM/yyyy`,
`yyyy-MM-dd` and ISO 8601. A time without an offset is Vietnam time.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from monitor.clock import VIETNAM

FIRST_YEAR, LAST_YEAR = 1945, 2199
"""Outside them a year is a slip of whoever wrote it: 0020 for 2020 has been seen."""
_DATE = re.compile(
    r"(?:(?P<y>\d{4})(?P<a>[-/.])(?P<m>\d{1,2})(?P=a)(?P<d>\d{1,2})"
    r"|(?P<d2>\d{1,2})(?P<b>[-/.])(?P<m2>\d{1,2})(?P=b)(?P<y2>\d{4}))",
    re.ASCII,
)
_TIME = re.compile(r"(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2})(?:[.,]\d{1,9})?)?", re.ASCII)
_OFFSET = re.compile(r"(?:(?P<utc>[Zz])|(?P<sign>[+-])(?P<h>\d{2}):?(?P<min>\d{2}))", re.ASCII)
_LONGEST = 64


class Implausible(ValueError):
    """No day or time that can be."""


def day_of(text: str) -> date:
    """The day that a text names, whatever time follows it. Raises Implausible."""
    return _read(text)[0]


def instant_of(text: str) -> datetime:
    """The time that a text names; a day alone is its midnight. Raises Implausible."""
    day, clock, zone = _read(text)
    try:
        moment = datetime.combine(day, clock, zone or VIETNAM)
        return moment.astimezone(VIETNAM)
    except (ValueError, OverflowError) as error:
        raise Implausible(text) from error


def _read(text: str) -> tuple[date, time, timezone | None]:
    plain = text.strip()
    if len(plain) > _LONGEST:
        raise Implausible("too long")
    found = _DATE.match(plain)
    if not found:
        raise Implausible(plain)
    clock, zone = _clock(plain[found.end() :].strip().removeprefix("T").strip())
    return _day(found), clock, zone


def _day(found: re.Match[str]) -> date:
    year, month, day = (int(found[name] or found[name + "2"]) for name in "ymd")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Implausible(f"year {year}")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Implausible(found[0]) from error


def _clock(rest: str) -> tuple[time, timezone | None]:
    """Time of day and offset of what stands behind a day."""
    found = _TIME.match(rest)
    behind = rest[found.end() :].strip() if found else rest
    zone = _OFFSET.fullmatch(behind) if behind else None
    if behind and not zone:
        raise Implausible(rest)
    try:
        clock = time(int(found["h"]), int(found["min"]), int(found["s"] or 0)) if found else time()
        return clock, _zone(zone) if zone else None
    except ValueError as error:
        raise Implausible(rest) from error


def _zone(found: re.Match[str]) -> timezone:
    if found["utc"]:
        return UTC
    ahead = timedelta(hours=int(found["h"]), minutes=int(found["min"]))
    return timezone(-ahead if found["sign"] == "-" else ahead)
