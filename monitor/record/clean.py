"""Values as PostgreSQL can store them: a row must never fail for what a mail says."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

LONGEST = 1000
"""Characters of a text column; file names and subjects beyond it are cut."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
LARGEST = 2**62


def text(value: str | None, longest: int = LONGEST) -> str | None:
    """Without NUL (PostgreSQL refuses it) and lone surrogates (UTF-8 has none), not overlong."""
    if value is None:
        return None
    if len(value) > longest:
        value = value[:longest]
    if value.isascii():
        return value.replace("\0", "\ufffd")
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def words(values: Iterable[str]) -> list[str]:
    """Distinct words of a closed vocabulary, in their first order."""
    return list(dict.fromkeys(values))


def instant(value: datetime | None) -> datetime | None:
    """A time that every later computation can handle; None for absurd ones."""
    if value is None:
        return None
    try:
        value = value.astimezone(UTC)
    except OverflowError:
        return None
    return value if EARLIEST <= value <= LATEST else None


def plausible(value: datetime | None, received: datetime) -> datetime | None:
    """A claimed time that is not after the receipt (a day of clock error allowed), else None."""
    value = instant(value)
    if value is None or value > received + timedelta(days=1):
        return None
    return min(value, received)


def number(value: int) -> int:
    """An integer inside bigint."""
    return max(-LARGEST, min(value, LARGEST))
