"""`congvu register`: registers of documents that agencies issue and receive."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from monitor import settings
from monitor.cli.options import (
    Apply,
    AsJson,
    Config,
    InLanguage,
    Shown,
    SkipProblems,
    a_day,
    form_of,
)
from monitor.errors import UserError

group = typer.Typer(
    no_args_is_help=True,
    help="Registers of documents, as document systems export them: what an agency says it issued.",
    epilog="Step by step, from the export to the figures: docs/registers.md.",
)


RegisterDirection = Literal["out", "in"]


Exports = Annotated[
    list[Path], typer.Argument(help="CSV or Excel (.xlsx) export, or several that are one.")
]
System = Annotated[
    str, typer.Option(help="The system that it comes from: the same name each time.")
]
ItsDirection = Annotated[
    RegisterDirection | None,
    typer.Option(help="out: issued (văn bản đi); in: received (văn bản đến). Or the profile's."),
]
ProfileName = Annotated[
    str | None,
    typer.Option(
        help="How the columns are to be read: a name of `congvu register profiles`, or a TOML "
        "file. The usual headings need none."
    ),
]
WhoseRegister = Annotated[
    str | None,
    typer.Option(help="Code of the agency whose register it is, whatever its rows say."),
]
Whole = Annotated[
    bool,
    typer.Option(
        "--whole",
        help="It has all documents of its agencies and days: what is missing in it has gone.",
    ),
]
MayGo = Annotated[
    int, typer.Option(min=0, help="So many may be gone, though it is more than a tenth.")
]
OneDirection = Annotated[RegisterDirection, typer.Option(help="Documents issued or received.")]


@group.command(
    "import",
    epilog="Example: `congvu register import van-ban-di-thang-10.xlsx --source ioffice --direction "
    "out --whole --from 2026-10-01 --to 2026-10-31`, read what it says, then the same with "
    "`--apply`. Each month the same way: docs/registers.md.",
)
def register_import(
    files: Exports,
    source: System,
    direction: ItsDirection = None,
    profile: ProfileName = None,
    agency: WhoseRegister = None,
    as_of: Annotated[
        datetime | None, a_day("--as-of", "Vietnam day of the export; today unless given.")
    ] = None,
    whole: Whole = False,
    since: Annotated[
        datetime | None, a_day("--from", "First Vietnam day that it is complete for.")
    ] = None,
    until: Annotated[datetime | None, a_day("--to", "Last Vietnam day of these.")] = None,
    apply: Apply = False,
    skip_problems: SkipProblems = False,
    allow_gone: MayGo = 0,
    shown: Shown = 20,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Compare a register's export with the record; with --apply, change the record.

    Without --apply it only shows the difference: new entries, changed ones with what has changed,
    those that are gone, doubles, problems with their row and column. The same export again changes
    nothing; a corrected one corrects, and what was said before is kept (`congvu register history`).
    One transaction: all of it or nothing. Exit status 1 when there are problems or too much would
    be gone, 2 for a mistake in the call.
    """
    from monitor.commands.register import Request, import_registers

    if not (named := source.strip()):
        raise UserError("--source is empty: name the system that the export comes from")
    request = Request(
        tuple(files), named, direction, profile, agency, as_of and as_of.date(), whole,
        since and since.date(), until and until.date(), apply, skip_problems, allow_gone, shown,
        as_json,
    )  # fmt: skip
    raise typer.Exit(import_registers(request, settings.load(config)))


@group.command(
    "numbers", epilog="Example: `congvu register numbers --agency so-yt --year 2026 --csv > so.csv`"
)
def register_numbers(
    agency: Annotated[
        str | None, typer.Option(help="Code of one agency; all unless given.")
    ] = None,
    year: Annotated[
        int | None, typer.Option(min=1900, max=2200, help="The present year unless given.")
    ] = None,
    direction: OneDirection = "out",
    as_csv: Annotated[bool, typer.Option("--csv", help="Every gap and double a line.")] = False,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Numbers that are missing in an agency's register, and those of several documents.

    Numbers begin anew each year and are an agency's own (Nghị định 30/2020). A number that was
    given and cancelled (hủy) is not missing. Exit status 1 where there are gaps or doubles, or no
    register.
    """
    from monitor.commands.register_numbers import NumbersRequest, show_numbers

    form = form_of(as_csv=as_csv, as_json=as_json)
    loaded = settings.load(config)
    request = NumbersRequest(agency, year, direction, form, language or loaded.language)
    raise typer.Exit(show_numbers(request, loaded))


@group.command(
    "history", epilog="Example: `congvu register history 12/QĐ-SYT --agency so-yt --year 2026`"
)
def register_history(
    number: Annotated[
        str | None, typer.Argument(help="A document's number; all imports unless given.")
    ] = None,
    agency: Annotated[str | None, typer.Option(help="Code of the agency.")] = None,
    direction: OneDirection = "out",
    year: Annotated[
        int | None, typer.Option(min=1900, max=2200, help="All years unless given.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """What a register has said of a number since when; without a number, the imports.

    With --agency alone also the days that its register is given for. Nothing sealed is shown.
    """
    from monitor.commands.register_numbers import HistoryRequest, show_history

    request = HistoryRequest(number, agency, direction, year, as_json)
    raise typer.Exit(show_history(request, settings.load(config)))


@group.command("profiles")
def register_profiles(as_json: AsJson = False) -> None:
    """Which exports congvu has a profile of: examples until an operator confirms one.

    A profile says how the export of one system names its columns. To confirm one: copy its file,
    correct it beside a real export, set `confirmed = true` and give the copy as `--profile FILE`.
    """
    from monitor.commands.register import list_profiles

    raise typer.Exit(list_profiles(as_json=as_json))
