"""Points of time in cells: `05/03/2026 14:30`, `14:30 05/03/2026`, `14h30 ngày 05/03/2026`, ISO."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from monitor.clock import VIETNAM
from monitor.tables import parse_date

NOON = 12
SINCE, OFFSET = 1976, timedelta(hours=7)
"""Vietnam has been seven hours ahead since 13 June 1975."""
_CLOCK = re.compile(
    r"(?<![\d/.-])(?P<h>\d{1,2})\s*(?::|h|giờ)\s*(?P<m>\d{2})"
    r"(?:\s*(?::|phút)\s*(?P<s>\d{2})(?:\.\d+)?)?(?:\s*phút)?"
    r"\s*(?P<half>[AP]M|SA|CH)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_USUAL = re.compile(r"(\d{1,2}/\d{1,2}/\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?")
_BETWEEN = re.compile(r"^(?:ngày|lúc|\W)+|(?:ngày|lúc|T|[\s,;-])+$", re.IGNORECASE)


def parse_moment(text: str, date_format: str | None = None) -> datetime | None:
    """The instant that a cell names, in UTC; None for a day alone. Without a zone it is of Vietnam.

    A day alone is no time: whether it was before noon decides what is measured. ValueError tells
    what to do.
    """
    if (instant := _iso(text)) is not None:
        return instant
    if usual := _USUAL.fullmatch(text):
        hour, minute, second = int(usual[2]), int(usual[3]), int(usual[4] or 0)
        return _at(text, parse_date(usual[1], date_format), hour, minute, second)
    found = _CLOCK.search(text.replace("T", " "))
    if found is None:
        parse_date(text, date_format)
        return None
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    day = parse_date(_BETWEEN.sub("", rest.strip()), date_format)
    hour, half = int(found["h"]), (found["half"] or "").upper()
    if half in {"PM", "CH"} and hour < NOON:
        hour += NOON
    elif half in {"AM", "SA"} and hour == NOON:
        hour = 0
    zone = _zone(found["zone"])
    return _at(text, day, hour, int(found["m"]), int(found["s"] or 0), zone)


def _iso(text: str) -> datetime | None:
    """The form that date cells of workbooks are turned into, quickly."""
    if len(text) < 16 or text[4] != "-" or not text[:4].isdecimal():
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1900 <= moment.year <= 2200:
        return None  # a slip of the pen, which parse_date tells
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return _utc(moment)


def _at(
    text: str, day: date, hour: int, minute: int, second: int, zone: tzinfo | None = None
) -> datetime:
    try:
        moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise ValueError(f"“{text[:60]}”: there is no such time of day, correct it") from None
    return _utc(moment) if zone is None else moment.astimezone(UTC)


def _utc(local: datetime) -> datetime:
    """Of a Vietnam time; by arithmetic where the zone has been the same ever since."""
    if local.year < SINCE:
        return local.replace(tzinfo=VIETNAM).astimezone(UTC)
    return local.replace(tzinfo=UTC) - OFFSET


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in "zZ":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset >= timedelta(hours=24):
        raise ValueError(f"“{text}” is no time zone, correct it")
    return timezone(-offset if text.startswith("-") else offset)
