"""`congvu activity`: how the logs stand, and old logs that are read once."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from monitor import clock
from monitor.activity.formats import reader
from monitor.activity.importing import Imported, files_of, import_files
from monitor.activity.logs import HINTS
from monitor.activity.standing import Standing, standings
from monitor.clock import VIETNAM
from monitor.commands.tables import show, table
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.knowledge import Knowledge
from monitor.observe import Observer, configure_logging
from monitor.record import Sealer, attached
from monitor.settings import LogSource, Settings

# -- status ----------------------------------------------------------------------------------------


def status(settings: Settings, as_json: bool) -> int:
    """Print how each log stands; 0 when each is read to its end, else 1."""
    configure_logging("error", "console")
    if not settings.logs:
        raise UserError("no log is configured: add [[logs]], see docs/activity.md")

    async def ask() -> list[Standing]:
        async with attached(settings, Observer()) as database:
            return await standings(database, settings.logs)

    found = asyncio.run(ask())
    if as_json:
        for each in found:
            print_json(_as_json(each))
    else:
        _show(found)
    return int(any(each.trouble or each.totals.lines == 0 for each in found))


def _show(found: list[Standing]) -> None:
    listed = table(
        "log", "format", "newest line", "lines", "unknown", "failed logins", "gaps", "unread",
        "look at", keep=("log", "newest line"),
        right=("lines", "unknown", "failed logins", "gaps", "unread"),
    )  # fmt: skip
    for each in found:
        totals = each.totals
        listed.add_row(
            each.source,
            each.format,
            _when(totals.newest),
            f"{totals.lines:,}",
            _share(totals.unknown, totals.lines),
            f"{totals.failures:,}",
            str(totals.gaps),
            "–" if each.unread_bytes is None else f"{each.unread_bytes:,} B",
            HINTS[each.trouble] if each.trouble else "",
        )
    show(listed)
    left_out = _left_out(found)
    if left_out:
        sys.stdout.write(f"Not kept, days of addresses and messages: {left_out}\n")


def _left_out(found: list[Standing]) -> str:
    sums: dict[str, int] = {}
    for each in found:
        for reason, number in each.totals.left_out.items():
            sums[reason] = sums.get(reason, 0) + number
    return ", ".join(f"{reason} {number:,}" for reason, number in sums.items() if number)


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({100 * part / whole:.1f}%)" if whole else "0"


def _when(instant: datetime | None) -> str:
    return instant.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M") if instant else "never"


def _as_json(each: Standing) -> Mapping[str, object]:
    totals = each.totals
    return {
        "source": each.source,
        "format": each.format,
        "newest": totals.newest.isoformat() if totals.newest else None,
        "recorded_at": each.written_at.isoformat() if each.written_at else None,
        "lines": totals.lines,
        "unknown": totals.unknown,
        "failures": totals.failures,
        "overlong": totals.overlong,
        "gaps": totals.gaps,
        "left_out": dict(totals.left_out),
        "files": each.files,
        "unread_bytes": each.unread_bytes,
        "trouble": each.trouble,
    }


# -- import ----------------------------------------------------------------------------------------


class _Shown:
    """Shows how far an import is."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._task = progress.add_task("reading", total=total)
        self._lines = 0

    def log_read(
        self,
        source: str,  # noqa: ARG002 - there is one
        outcomes: Mapping[str, int],
        left_out: Mapping[str, int],  # noqa: ARG002 - told at the end
        newest: datetime | None,
    ) -> None:
        self._lines += outcomes.get("read", 0)
        said = f"{self._lines:,} lines, up to {_when(newest)}"
        self._progress.update(self._task, description=said)

    def log_lag(self, source: str, unread_bytes: int) -> None:  # noqa: ARG002 - there is one
        self._progress.update(self._task, completed=self._total - unread_bytes)


def import_logs(paths: list[Path], log: str, settings: Settings, *, again: bool) -> int:
    """Read old logs in the format of a configured one; 0 when all of them are read."""
    configure_logging("warning", "console")
    source = _source(log, settings)
    files = files_of(paths)
    knowledge = Knowledge(settings)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True)

    async def read(progress: Progress) -> Imported:
        async with attached(settings, Observer()) as database:
            return await import_files(
                files,
                source,
                reader,
                database,
                Sealer.load(settings.state_dir),
                knowledge.agency_of,
                settings.accounts.system,
                _Shown(progress, sum(file.size for file in files)),
                clock.now,
                again=again,
            )

    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        imported = asyncio.run(read(progress))
    _tell(imported, len(files))
    return 0


def _tell(imported: Imported, files: int) -> None:
    before, after = imported.before, imported.after
    lines, unknown = after.lines - before.lines, after.unknown - before.unknown
    if not lines:
        sys.stdout.write(f"{files} files: every line of them was read before\n")
        return
    sys.stdout.write(
        f"{files} files: {lines:,} lines read, {_share(unknown, lines)} unknown, newest "
        f"{_when(after.newest)}\n"
    )
    more = {
        reason: number - before.left_out.get(reason, 0) for reason, number in after.left_out.items()
    }
    said = ", ".join(f"{reason} {number:,}" for reason, number in more.items() if number)
    if said:
        sys.stdout.write(f"Not kept, days of addresses and messages: {said}\n")


def _source(name: str, settings: Settings) -> LogSource:
    for source in settings.logs:
        if source.name == name:
            return source
    known = ", ".join(source.name for source in settings.logs) or "none are configured"
    raise UserError(f"--log {name}: no such log; configured: {known}")
