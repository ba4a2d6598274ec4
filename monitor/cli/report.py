"""`congvu report`: figures that an office can hand in."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, get_args

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config
from monitor.errors import UserError
from monitor.model import Language
from monitor.settings import ReportFormat

group = typer.Typer(
    invoke_without_command=True,
    help="The report of a period: write it, close the period, restate it, send it.",
    epilog="Examples: `congvu report --period 2026-10 --out reports` · "
    "`congvu report --period 2026-Q3 --agency so-yt --format pdf --out .` · "
    "`congvu report close 2026-10`",
)

PeriodName = Annotated[
    str,
    typer.Argument(
        metavar="PERIOD",
        help="2026-10, 2026-Q3, 2026-H1, 2026, 2026-10-01..2026-10-20, cumulative:2026-10; "
        "@administrative or @calendar names the calendar.",
    ),
]


ThePeriod = Annotated[
    str | None,
    typer.Option(
        help="2026-10, 2026-Q3, 2026-H1, 2026, 2026-10-01..2026-10-20, cumulative:2026-10; "
        "with @administrative (15th to 14th) or @calendar for the other calendar."
    ),
]
Formats = Annotated[
    str | None,
    typer.Option("--format", help="Of xlsx,pdf,csv,json; report.formats if not given."),
]
Sheets = Annotated[bool, typer.Option("--agency-sheets", help="Each agency's own sheet, too.")]
Languages = Annotated[
    str | None, typer.Option("--lang", help="Of vi,en; report.languages if not given.")
]
Version = Annotated[
    int | None, typer.Option(min=1, help="1 is the original; the newest if not given.")
]
Provisional = Annotated[
    bool, typer.Option("--provisional", help="By the facts as they are now, not the closing.")
]
Semicolon = Annotated[
    bool,
    typer.Option("--semicolon", help="CSV as Excel opens it where the decimal mark is a comma."),
]
WithNames = Annotated[
    bool,
    typer.Option(
        "--with-names", help="Files' names, senders and subjects; needs --agency and --reason."
    ),
]
WhyNames = Annotated[
    str | None, typer.Option("--reason", help="Why names are shown; goes to the audit log.")
]


@group.callback()
def report(
    context: typer.Context,
    period: ThePeriod = None,
    formats: Formats = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the files; made if missing.")] = None,
    agency: Annotated[str | None, typer.Option(help="Only this agency: its own sheet.")] = None,
    level: Annotated[str | None, typer.Option(help="Only agencies of this level.")] = None,
    sheets: Sheets = False,
    languages: Languages = None,
    version: Version = None,
    provisional: Provisional = False,
    bom: Annotated[bool, typer.Option(help="CSV with a byte order mark, for Excel.")] = True,
    semicolon: Semicolon = False,
    with_names: WithNames = False,
    reason: WhyNames = None,
    config: Config = None,
) -> None:
    """Write the report of a period; of one that is not closed the figures are provisional."""
    if context.invoked_subcommand:
        if period:
            raise UserError(f"--period is not for `report {context.invoked_subcommand}`")
        return
    if period is None or out is None:
        raise UserError(
            "give --period and --out, for example `congvu report --period 2026-10 --out reports`; "
            "`congvu report --help` says more"
        )
    if with_names and not reason:
        raise UserError("--with-names needs --reason: it is written to the audit log")
    _refuse(agency, level, sheets, provisional, version)
    from monitor.commands.report import Request, make_report

    loaded = settings.load(config)
    request = Request(
        period, out, _formats(formats) or loaded.report.formats,
        _languages(languages) or loaded.report.languages, agency, level, sheets, version,
        provisional, bom, semicolon, reason if with_names else None,
    )  # fmt: skip
    raise typer.Exit(make_report(request, loaded))


def _refuse(
    agency: str | None, level: str | None, sheets: bool, provisional: bool, version: int | None
) -> None:
    if agency and level:
        raise UserError("give --agency or --level, not both")
    if agency and sheets:
        raise UserError("--agency is the sheet of one, --agency-sheets of all: give one of them")
    if provisional and version:
        raise UserError("--provisional is of the facts as they are now and has no --version")


@group.command("send")
def report_send(
    period: PeriodName,
    to: Annotated[
        str | None, typer.Option(help="Only to this address, which the settings name.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="To those who have it already, too, as a new mail.")
    ] = False,
    version: Version = None,
    config: Config = None,
) -> None:
    """Send a closed period by mail to who is named in [report_mail] and has not got it yet.

    What the daemon closed by schedule it sends by itself: docs/report-delivery.md.
    """
    from monitor.commands.report_send import Request, send

    raise typer.Exit(send(Request(period, to, again, version), settings.load(config)))


def _formats(given: str | None) -> tuple[ReportFormat, ...]:
    known: dict[str, ReportFormat] = {each: each for each in get_args(ReportFormat)}
    return tuple(known[each] for each in _listed("--format", given, known))


def _languages(given: str | None) -> tuple[Language, ...]:
    known = {each.value: each for each in Language}
    return tuple(known[each] for each in _listed("--lang", given, known))


def _listed(option: str, given: str | None, known: Collection[str]) -> list[str]:
    words = [each.strip().lower() for each in (given or "").split(",") if each.strip()]
    for word in words:
        if word not in known:
            raise UserError(
                f"{option}: {word}: choose from {', '.join(known)}, with commas between"
            )
    return list(dict.fromkeys(words))


@group.command("close")
def report_close(
    period: PeriodName,
    early: Annotated[
        bool, typer.Option("--early", help="Before report.close_after_days have passed.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why; it stands in the report and in the audit log.")
    ] = None,
    config: Config = None,
) -> None:
    """Freeze a period that has ended: its figures never change any more.

    What comes later is put beside it by `restate`, as another version.
    """
    from monitor.commands.closing import close

    raise typer.Exit(close(period, early, reason, settings.load(config)))


@group.command("restate")
def report_restate(
    period: PeriodName,
    reason: Annotated[str, typer.Option(help="Why; it stands in the report and the audit log.")],
    config: Config = None,
) -> None:
    """Put a new version beside a closed period, by the facts as they are now.

    It says what changed, by how much and why. Where nothing differs, nothing is stored.
    """
    from monitor.commands.closing import restate

    raise typer.Exit(restate(period, reason, settings.load(config)))


@group.command("list")
def report_list(as_json: AsJson = False, config: Config = None) -> None:
    """Every version of every closed period."""
    from monitor.commands.closing import list_closings

    raise typer.Exit(list_closings(as_json, settings.load(config)))


@group.command("check")
def report_check(period: PeriodName, as_json: AsJson = False, config: Config = None) -> None:
    """Would a restatement differ, and is what is stored what was closed; stores nothing.

    Exit status 1 where it differs.
    """
    from monitor.commands.closing import check

    raise typer.Exit(check(period, as_json, settings.load(config)))
