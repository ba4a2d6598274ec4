"""What `congvu doctor` finds of the sources: who delivers, who answers, and who fell silent."""

import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from monitor import clock
from monitor.commands.observation import Observation
from monitor.extract.packed import can_unpack
from monitor.portal.book import last_round
from monitor.settings import Settings

LOG_BYTES_UNREAD = 100 * 1024 * 1024
WORST_NAMED = 5
MISSED_LOOKS = 10
"""So many looks without an answer are no hiccup."""


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    try_this: str
    """Where nothing has come yet."""
    ask: str
    """Where nothing comes any more."""
    look_seconds: float | None = None
    """Of one that is asked: between two looks."""


def delivering(settings: Settings, samples: dict[str, float]) -> Iterator[Observation]:
    """Every source and log, and whether archives can be opened."""
    for source in _sources(settings):
        yield _observed(source, samples)
    yield from _passwords(settings)
    yield from _portals(settings)
    yield from _logs(settings, samples)
    yield from _unopened(samples)
    if not can_unpack():
        seen = "RAR, 7z and tar archives cannot be opened: they are recorded as unreadable"
        yield Observation("archives", "look", seen, "apt-get install libarchive13")


def _sources(settings: Settings) -> Iterator[_Source]:
    for source in settings.mail_sources:
        page = "deploy-exchange.md" if source.journal == "exchange" else "deploy-postfix.md"
        yield _Source(
            source.name, f"send a test: docs/{page}", "does the gateway still send copies?"
        )
    for mailbox in settings.imap:
        ask = "are journal copies still delivered to it? docs/mailboxes.md"
        yield _Source(mailbox.name, ask, ask, mailbox.poll_seconds)
    for place in settings.mail_folders:
        ask = "is mail still put into it? docs/mailboxes.md"
        yield _Source(place.name, ask, ask, place.poll_seconds)
    for folder in settings.folders:
        ask = "does the document system still export to it? docs/folders.md"
        yield _Source(folder.name, ask, ask, folder.poll_seconds)
    for axis in settings.axis:
        ask = "does the exchange axis still export to it? docs/axis.md"
        yield _Source(axis.name, ask, ask, axis.poll_seconds)
    for portal in settings.portals:
        ask = f"congvu portal check --source {portal.name}"
        yield _Source(portal.name, ask, ask, portal.interval_seconds)


def _passwords(settings: Settings) -> Iterator[Observation]:
    """Files of passwords that every account of this machine can read."""
    files = [(each.name, each.password_file) for each in settings.mail_sources]
    files += [(each.name, each.password_file) for each in settings.imap]
    for name, path in files:
        if path and path.exists() and path.stat().st_mode & stat.S_IROTH:
            seen = f"everybody on this machine can read {path}"
            yield Observation(f"password {name}", "look", seen, f"chmod o= {path}")


def _unopened(samples: dict[str, float]) -> Iterator[Observation]:
    """Archives that nobody can look into are in no figure: who sends many may hide something."""
    found: Counter[str] = Counter()
    for series, number in samples.items():
        if series.startswith("congvu_archives_unopened_total{"):
            found[series.partition('agency="')[2].partition('"')[0]] += int(number)
    if not found:
        return
    worst = ", ".join(f"{code} {number}" for code, number in found.most_common(WORST_NAMED))
    seen = f"{found.total()} since the start that could not be opened: {worst}"
    advice = "congvu documents list --verdict unreadable shows them; are there passwords on them?"
    yield Observation("archives", "look", seen, advice)


def _portals(settings: Settings) -> Iterator[Observation]:
    """What the last round of each portal left out."""
    for portal in settings.portals:
        last = last_round(settings.state_dir, portal.name)
        if last is None:
            continue
        seen = f"{last.asked} addresses asked, {last.documents} new documents"
        left = [
            (last.left, "more than max_pages: raise it, or name deeper starts"),
            (len(last.too_large), "files past max_bytes"),
            (len(last.other_hosts), "documents on hosts that are not in the list"),
        ]
        told = [f"{number} {what}" for number, what in left if number]
        advice = f"congvu portal check --source {portal.name}" if told or not last.reached else ""
        if not last.reached:
            told.append("no start answered")
        seen = "; ".join((seen, *told))
        yield Observation(f"portal {portal.name}", "look" if advice else "ok", seen, advice)


def _observed(source: _Source, samples: dict[str, float]) -> Observation:
    name = f"source {source.name}"
    if source.look_seconds is not None:
        looked = _age(samples, "look", source.name)
        if looked is None or looked > MISSED_LOOKS * source.look_seconds:
            seen = f"last answered {_ago(looked)}" if looked else "has not answered since the start"
            advice = "the daemon's log says why"
            if looked is None:
                advice += "; if it is new in the settings, restart congvu"
            return Observation(name, "bad", seen, advice)
    age = _age(samples, "event", source.name)
    if age is None:
        return Observation(name, "look", "nothing since the start", source.try_this)
    silent = _silent(samples, source.name)
    return Observation(name, "look" if silent else "ok", _ago(age), source.ask if silent else "")


def _silent(samples: dict[str, float], name: str) -> bool:
    """Longer, in working hours, than silent_after_hours: as the alert (docs/alerts.md)."""
    of = f'{{source="{name}"}}'
    silent = samples.get(f"congvu_source_silent_working_seconds{of}", 0.0)
    return silent > samples.get(f"congvu_source_silent_after_seconds{of}", float("inf"))


def _age(samples: dict[str, float], what: str, name: str) -> float | None:
    """Seconds since a source last delivered ("event") or answered ("look")."""
    at = samples.get(f'congvu_source_last_{what}_timestamp_seconds{{source="{name}"}}')
    return None if at is None else clock.now().timestamp() - at


def _logs(settings: Settings, samples: dict[str, float]) -> Iterator[Observation]:
    """How old the newest line of each log is; what keeps one from being read is under daemon."""
    for log in settings.logs:
        age = _age(samples, "event", log.name)
        unread = samples.get(f'congvu_log_lag_bytes{{source="{log.name}"}}', 0.0)
        if age is None:
            advice = f"is it written, in the format {log.format}? congvu activity status"
            yield Observation(f"log {log.name}", "look", "no line read yet", advice)
            continue
        seen = f"newest line {_ago(age)}, {unread:,.0f} bytes unread"
        advice = ""
        if unread > LOG_BYTES_UNREAD:
            advice = "it is behind: congvu activity status shows whether it catches up"
        elif _silent(samples, log.name):
            advice = "is it still written, and in the zone of its setting timezone?"
        yield Observation(f"log {log.name}", "look" if advice else "ok", seen, advice)


def _ago(seconds: float) -> str:
    """As somebody would say it: 40 s, 12 min, 5 h, 3 days."""
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
