"""Values of directory attributes: times, whole numbers, truth, addresses."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from monitor.agencies.names import address_key
from monitor.clock import vietnam_day

HOURS_AHEAD = 7
"""Of Vietnam: no summer time since it took this zone in 1975."""
FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
NEVER_FILETIMES = frozenset({0, 2**63 - 1})
"""Active Directory's two ways to say "never" in accountExpires."""
EARLIEST = date(1990, 1, 1)
"""A mail account or log-on before it is a default value, not a time."""


@lru_cache(maxsize=65_536)
def _utc_hour_day(text: bytes) -> date:
    """The Vietnam day of `yyyymmddhh` in UTC."""
    day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    hour = int(text[8:])
    if not 0 <= hour <= 23:
        raise ValueError("hour")
    return day + timedelta(days=hour >= 24 - HOURS_AHEAD)


def generalized_day(value: bytes) -> date | None:
    """The Vietnam day of a GeneralizedTime (RFC 4517 3.3.13): `20240115023456Z`, with a fraction,
    or with a zone such as `+0700`. None for a time that stands for none; ValueError for no time.
    """
    digits = value[:10]
    if not digits.isdigit() or len(digits) != 10:
        raise ValueError("no time")
    day = _utc_hour_day(digits) if value.endswith(b"Z") else _zoned_day(value)
    return day if day >= EARLIEST else None


def _zoned_day(value: bytes) -> date:
    text = value.decode("ascii")
    digits, _, rest = text.partition(".")
    zone = (rest or digits)[-5:]
    if zone[0] not in "+-":
        raise ValueError("no zone")
    number = digits.removesuffix(zone)
    if len(number) not in {10, 12, 14}:
        raise ValueError("no time")
    return vietnam_day(datetime.strptime(number.ljust(14, "0") + zone, "%Y%m%d%H%M%S%z"))


def filetime(value: bytes) -> datetime | None:
    """The instant of 100-nanosecond steps since 1601 ([MS-DTYP] 2.3.3); None for "never"."""
    steps = int(value)
    if steps in NEVER_FILETIMES:
        return None
    try:
        return FILETIME_EPOCH + timedelta(microseconds=steps // 10)
    except OverflowError:
        raise ValueError("no time") from None


def filetime_day(value: bytes) -> date | None:
    """The Vietnam day of a FILETIME; None for "never"."""
    instant = filetime(value)
    if instant is None:
        return None
    day = vietnam_day(instant)
    return day if day >= EARLIEST else None


def epoch_day(value: bytes) -> date | None:
    """A day counted from 1 January 1970 as `shadowExpire` has it; None for -1 and 0: never."""
    days = int(value)
    if days <= 0:
        return None
    try:
        return date(1970, 1, 1) + timedelta(days=days)
    except OverflowError:
        return None


def is_true(value: bytes | None) -> bool:
    """LDAP's TRUE, in whatever case."""
    return value is not None and value.upper() == b"TRUE"


@lru_cache(maxsize=256)
def address(value: bytes) -> str | None:
    """A mail address in the form for comparison; None where it is none.

    Remembers the last ones: an entry says the same address in several attributes.
    """
    try:
        found = address_key(value.decode("utf-8"))
    except UnicodeDecodeError:
        return None
    if found is None or " " in found or not found.isprintable():
        return None
    return found


def distinct(addresses: Iterable[str | None], besides: str) -> tuple[str, ...]:
    """Each address once, in order, those that are none and `besides` left out."""
    found = dict.fromkeys(each for each in addresses if each is not None)
    found.pop(besides, None)
    return tuple(found)
