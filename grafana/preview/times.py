"""Times as Grafana writes them: `now-30d`, `now/d`, dates; and how long a step is."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_RELATIVE = re.compile(r"now(?P<shifts>(?:[-+]\d+[smhdwMy])*)(?:/(?P<floor>[dwMy]))?")
_SHIFT = re.compile(r"([-+])(\d+)([smhdwMy])")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdwMy])")
_SECONDS = {
    "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_592_000,
    "y": 31_536_000,
}  # fmt: skip

# Upper bound (exclusive) and what is taken below it, seconds: Grafana's table of round steps
# (`roundInterval`, packages/grafana-data/src/datetime/rangeutil.ts).
_ROUND_STEPS = (
    (0.015, 0.01), (0.035, 0.02), (0.075, 0.05), (0.15, 0.1), (0.35, 0.2), (0.75, 0.5), (1.5, 1),
    (3.5, 2), (7.5, 5), (12.5, 10), (17.5, 15), (25, 20), (45, 30), (90, 60), (210, 120),
    (450, 300), (750, 600), (1050, 900), (1500, 1200), (2700, 1800), (5400, 3600), (9000, 7200),
    (16_200, 10_800), (32_400, 21_600), (86_400, 43_200), (604_800, 86_400),
    (1_814_400, 604_800), (3_628_800, 2_592_000),
)  # fmt: skip
_LONGEST_STEP = 31_536_000.0


@dataclass(frozen=True)
class TimeRange:
    """What a dashboard shows, both ends aware; `words` is what stood in the options."""

    start: datetime
    end: datetime
    words: tuple[str, str]

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end - self.start).total_seconds()


def time_range(words: tuple[str, str], now: datetime, zone: ZoneInfo) -> TimeRange:
    """Raises ValueError for words that are no time, or an end that is not after its start."""
    start = instant(words[0], now, zone)
    end = instant(words[1], now, zone, round_up=True)
    if end <= start:
        raise ValueError(f"{words[0]} to {words[1]}: ends before it begins")
    return TimeRange(start, end, words)


def instant(word: str, now: datetime, zone: ZoneInfo, *, round_up: bool = False) -> datetime:
    """`now-30d`, `now-1d/d`, an ISO 8601 date or time, or milliseconds since 1970."""
    relative = _RELATIVE.fullmatch(word)
    if relative is None:
        if word.isdigit():
            return datetime.fromtimestamp(int(word) / 1000, zone)
        moment = datetime.fromisoformat(word)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    moment = now.astimezone(zone)
    for sign, count, unit in _SHIFT.findall(relative["shifts"]):
        moment = _shifted(moment, int(sign + count), unit)
    floor = relative["floor"]
    if floor is None:
        return moment
    first = _floored(moment, floor)
    return _shifted(first, 1, floor) - timedelta(milliseconds=1) if round_up else first


def _shifted(moment: datetime, count: int, unit: str) -> datetime:
    if unit not in "My":
        return moment + timedelta(seconds=count * _SECONDS[unit])
    months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    last = (datetime(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day  # noqa: DTZ001 -- a date
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _floored(moment: datetime, unit: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "w":
        return day - timedelta(days=day.weekday())
    if unit == "M":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "y" else day


def duration(word: str) -> float:
    """Seconds of `30s`, `1h`, `500ms`; raises ValueError for anything else."""
    match = _DURATION.fullmatch(word)
    if match is None:
        raise ValueError(f"{word}: not a duration like 30s, 5m or 1h")
    return float(match[1]) * _SECONDS[match[2]]


def written(seconds: float) -> str:
    """The shortest duration that Prometheus and PostgreSQL both read."""
    for unit in ("d", "h", "m", "s"):
        if seconds >= _SECONDS[unit] and seconds % _SECONDS[unit] == 0:
            return f"{int(seconds / _SECONDS[unit])}{unit}"
    return f"{round(seconds * 1000)}ms"


def step(span: float, points: int, least: float) -> float:
    """Seconds between two points when `points` fit into `span` seconds, never below `least`."""
    raw = span / max(points, 1)
    rounded = next((taken for bound, taken in _ROUND_STEPS if raw < bound), _LONGEST_STEP)
    return max(rounded, least)
