"""`congvu roster report` and `congvu roster show`: what an operator hands on, and answers."""

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Literal, get_args

from monitor import clock
from monitor.commands.tables import show as show_table
from monitor.commands.tables import table
from monitor.errors import OutputGone, UserError
from monitor.explain import safe
from monitor.model import Language
from monitor.observe import Observer, configure_logging
from monitor.record import Sealer, attached
from monitor.roster import report, report_show
from monitor.roster.report import Report, Wanted
from monitor.roster.report_files import write_csv, write_json, write_xlsx
from monitor.roster.report_show_words import ShownText
from monitor.roster.report_words import Wording
from monitor.settings import Settings
from monitor.whole_file import whole_file

Format = Literal["table", "csv", "xlsx", "json"]
FORMATS: Mapping[str, Format] = {each: each for each in get_args(Format)}
MOST_SHOWN = 500
"""Rows of a table on a terminal; files have all."""
MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Request:
    """Which report, and how it is written."""

    kind: report.ReportKind
    agency: str | None
    on: date | None
    form: Format | None
    output: Path | None
    language: Language
    reason: str | None


def make_report(request: Request, settings: Settings) -> int:
    """Write a report. Exit status 1 where there is no data for it."""
    configure_logging("error", "console")
    form = _form(request)
    today = clock.vietnam_day(clock.now())
    on = request.on or today
    if on > today:
        raise UserError(f"{on} is still to come: give today or a day before with --on")
    wanted = Wanted(request.kind, on, request.agency, request.reason)

    async def run() -> Report:
        sealer = Sealer.load(settings.state_dir) if request.reason else None
        async with (
            attached(settings, Observer()) as database,
            report.opened(database, wanted, settings.accounts, sealer) as found,
        ):
            await _write(found, form, request)
            return found

    made = asyncio.run(run())
    if request.output:
        rows = "no data" if made.lacking else f"{made.total} rows"
        sys.stdout.write(f"{request.output}: {rows}\n")
    return 1 if made.lacking else 0


def _form(request: Request) -> Format:
    suffix = request.output.suffix.removeprefix(".") if request.output else "table"
    form = FORMATS.get(request.form or suffix)
    if form is None:
        raise UserError(f"{request.output}: call the file .csv, .xlsx or .json, or give --format")
    if form == "table" and request.output:
        raise UserError("-o writes csv, xlsx or json: name the file so, or give --format")
    if form == "xlsx" and not request.output:
        raise UserError("--format xlsx needs -o FILE")
    return form


async def _write(found: Report, form: Format, request: Request) -> None:
    words = Wording(found, request.language)
    try:
        if form == "table":
            await _print(found, words)
            sys.stdout.flush()
        else:
            with _target(request.output) as file:
                await _write_file(found, form, words, file)
                file.flush()
    except BrokenPipeError:  # not the database's, although it is read while this is written
        raise OutputGone from None


async def _write_file(found: Report, form: Format, words: Wording, file: IO[bytes]) -> None:
    match form:
        case "csv":
            await write_csv(found, words, file)
        case "xlsx":
            await write_xlsx(found, words, file)
        case "json":
            await write_json(found, file)


def _target(output: Path | None) -> AbstractContextManager[IO[bytes]]:
    return whole_file(output) if output else nullcontext(sys.stdout.buffer)


async def _print(found: Report, words: Wording) -> None:
    sys.stdout.write("\n".join((words.title(), *map(safe, words.preamble()))) + "\n")
    if found.lacking:
        sys.stdout.write(words.lacking() + "\n")
        return
    headings = words.headings()
    listed = table(*headings, keep=tuple(headings[:2]))
    shown = 0
    async for row in found.rows:
        shown += 1
        if shown > MOST_SHOWN:
            break
        listed.add_row(
            str(shown),
            *(safe("–" if cell is None else str(cell)) for cell in words.cells(row)),
        )
    show_table(listed)
    for each in found.agencies:
        sys.stdout.write(f"{safe(each.code)}  {safe(each.name)}: {each.rows}\n")
    if shown > MOST_SHOWN:
        sys.stdout.write(f"… the first {MOST_SHOWN} of {found.total}: -o FILE.csv has all\n")


def show(
    who: str, reason: str | None, as_json: bool, language: Language, settings: Settings
) -> int:
    """Print all that the record has of one account or person."""
    configure_logging("error", "console")
    since = clock.vietnam_day(clock.now()) - timedelta(days=31 * MONTHS_SHOWN)

    async def ask() -> report_show.Shown:
        async with attached(settings, Observer()) as database:
            sealer = Sealer.load(settings.state_dir)
            return await report_show.show(database, sealer, who, since, reason)

    shown = asyncio.run(ask())
    if as_json:
        sys.stdout.write(json.dumps(asdict(shown), ensure_ascii=False, default=str) + "\n")
        return 0
    for line in ShownText(shown, language).lines():
        bare = line.lstrip()
        sys.stdout.write(" " * (len(line) - len(bare)) + safe(bare, 500) + "\n")
    return 0
