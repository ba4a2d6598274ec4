"""Days of time-stamps as logs write them, worked out once a minute of the log, not once a line.

Three ways occur: `Nov  2 08:01:02` without year or zone (RFC 3164 4.1.2), `2026-11-22 08:01:02,435`
in the server's own time, and RFC 3339 with a zone.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.clock import vietnam_day

STAMP = (
    rb"((?:[A-Z][a-z]{2} [ \d]\d |\d{4}-\d\d-\d\d[T ])\d\d:\d\d)"
    rb":\d\d(?:[.,]\d{1,9})?(Z|[+-]\d\d:?\d\d)?"
)
"""Regular expression of a time-stamp in any of the three: groups are its minute and its zone."""

SYSLOG = rb"(?:<\d{1,3}>(?:1 )?)?"
"""Regular expression of what may come before the time-stamp (RFC 3164, RFC 5424)."""

MONTHS = {
    name: number
    for number, name in enumerate(
        (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun",
         b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"), 1
    )
}  # fmt: skip
_AHEAD = timedelta(days=1)
"""Clocks of servers differ: a stamp may be later than its file was written to."""
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before a server knows the time, it writes of 1970."""
_LEAP = 9
"""29 February comes back within so many years (1896 to 1904)."""


class Days(dict[bytes, date | None]):
    """Vietnam days by minute (`Nov  2 08:01`, `2026-11-22T08:01+07:00`); None is no time."""

    def __init__(self, zone: ZoneInfo, written_at: datetime) -> None:
        """`zone`: of stamps that name none. `written_at`: last change of the file, aware."""
        super().__init__()
        self._zone = zone
        self._latest = (written_at + _AHEAD).astimezone(zone)
        self._newest: tuple[datetime, bytes] | None = None

    def __missing__(self, minute: bytes) -> date | None:
        instant = self._instant(minute)
        day = None
        if instant is not None:
            day = vietnam_day(instant)
            if self._newest is None or instant > self._newest[0]:
                self._newest = instant, minute
        self[minute] = day
        return day

    def newest(self, block: bytes) -> datetime | None:
        """The newest time asked for, to the second of the block where it is from. With that of the
        last line it is the block's newest, for logs are written in order.
        """
        if self._newest is None:
            return None
        instant, minute = self._newest
        text = minute if minute[:1].isalpha() else minute[:16]
        seconds = re.findall(re.escape(text) + rb":([0-5]\d)", block)
        return instant + timedelta(seconds=int(max(seconds, default=b"0")))

    def see_last(self, block: bytes) -> None:
        """Take the last line's time into account, whether or not it says anything else."""
        for minute, zone in _AT_START.findall(block[-_TAIL:])[-1:]:
            self[minute + zone]

    def _instant(self, minute: bytes) -> datetime | None:
        try:
            if minute[:1].isalpha():
                return self._without_year(minute)
            read = datetime.fromisoformat(minute.decode("ascii"))
        except (ValueError, KeyError):
            return None
        instant = read.replace(tzinfo=read.tzinfo or self._zone)
        return instant if _EARLIEST < instant < self._latest else None

    def _without_year(self, minute: bytes) -> datetime | None:
        """The latest such day that is not after the file was written: 31 December in January."""
        month = MONTHS[minute[:3]]
        day, hour, second = int(minute[4:6]), int(minute[-5:-3]), int(minute[-2:])
        for year in range(self._latest.year, self._latest.year - _LEAP, -1):
            if day > monthrange(year, month)[1]:
                continue
            read = datetime(year, month, day, hour, second, tzinfo=self._zone)
            if read <= self._latest:
                return read
        return None


_AT_START = re.compile(rb"^" + SYSLOG + STAMP, re.MULTILINE)
_TAIL = 8192
