"""`congvu roster`: people and their official accounts."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config, InLanguage
from monitor.errors import UserError

group = typer.Typer(
    no_args_is_help=True,
    help="People and their official accounts: lists into the record.",
    epilog="What lists look like, as-of days, what is stored of a person: docs/rosters.md.",
)


ReportKind = Literal[
    "people-without-mailbox", "mailboxes-without-person", "mailboxes-of-people-who-left",
    "duplicates", "dormant", "never-logged-in",
]  # fmt: skip


ReportFormat = Literal["table", "csv", "xlsx", "json"]


RosterKind = Literal["people", "accounts"]


RosterFormat = Literal["auto", "table", "zimbra-gaa", "zmaccts", "ldif"]


def _reason(reveal: bool, reason: str | None) -> str | None:
    """Why something is revealed; None where nothing is."""
    if reveal and not (reason or "").strip():
        raise UserError("--reveal needs --reason: it is written to the audit log")
    return reason if reveal else None


@group.command(
    "import",
    epilog="Example: `congvu roster import can-bo.xlsx --kind people --source so-noi-vu --as-of "
    "2025-11-01`, read what it says, then the same with `--apply`.",
)
def roster_import(
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV or Excel (.xlsx) list, dump of Zimbra, or LDIF."),
    ] = None,
    kind: Annotated[
        RosterKind | None, typer.Option(help="What the list is of; a directory's is of accounts.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help="Whose list it is: the same name each time. A directory's own name."),
    ] = None,
    directory: Annotated[
        str | None, typer.Option(help="Read the accounts of this one of [[directories]] instead.")
    ] = None,
    form: Annotated[
        RosterFormat, typer.Option("--format", help="Of the file; found out unless given.")
    ] = "auto",
    mapping: Annotated[
        Path | None, typer.Option(help="TOML file that maps columns to fields; docs/lists.md.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            help="Vietnam day that it tells of; today unless given.",
        ),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole/--partial", help="Is who is missing in it not there any more?")
    ] = True,
    apply: Annotated[bool, typer.Option("--apply", help="Change the record.")] = False,
    skip_problems: Annotated[
        bool, typer.Option("--skip-problems", help="Leave out rows with problems.")
    ] = False,
    allow_ending: Annotated[
        int, typer.Option(min=0, help="So many may end, though it is more than a tenth.")
    ] = 0,
    shown: Annotated[
        int, typer.Option("--show", min=0, max=100_000, help="So many differences are printed.")
    ] = 20,
    people: Annotated[
        str | None,
        typer.Option(
            help="Source of the people whose staff numbers accounts name; else the only one."
        ),
    ] = None,
    reveal: Annotated[
        bool, typer.Option(help="Show staff numbers and addresses; needs --reason.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why they are shown; goes to the audit log.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Compare a list of people or accounts with the record; with --apply, change the record.

    Nothing is deleted: periods end and others begin on the day of the list, in one transaction.
    Exit status 1 when there are problems or too much would end, 2 for a mistake in the call.
    """
    from monitor.commands.roster import Request, import_list

    if (file is None) == (directory is None):
        raise UserError("name a FILE, or one of [[directories]] with --directory")
    if kind is None and file is not None:
        raise UserError("--kind is needed: is it a list of people or of accounts?")
    if not (named := (source or directory or "").strip()):
        raise UserError("--source is needed: whose list is it? The same name each time")
    if reveal and not (reason or "").strip():
        raise UserError("--reveal needs --reason: it is written to the audit log")
    request = Request(
        kind or "accounts", named, file, directory, form, mapping,
        as_of.date() if as_of else None, whole, apply, skip_problems, allow_ending, shown,
        people, reason if reveal else None, as_json,
    )  # fmt: skip
    raise typer.Exit(import_list(request, settings.load(config)))


@group.command(
    "report",
    epilog="Example: `congvu roster report people-without-mailbox --agency so-yt -o so-yt.xlsx`",
)
def roster_report(
    kind: Annotated[ReportKind, typer.Argument(help="Which report.")],
    agency: Annotated[str | None, typer.Option(help="Code of one agency.")] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Vietnam day that it holds for; today."),
    ] = None,
    form: Annotated[
        ReportFormat | None, typer.Option("--format", help="The file's suffix, or a table.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File, readable for its owner alone.")
    ] = None,
    reveal: Annotated[bool, typer.Option(help="Show real addresses; needs --reason.")] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why they are shown; goes to the audit log.")
    ] = None,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """A list to hand on: who has no mailbox, whose mailbox is nobody's, who left, who is dormant.

    People and addresses are pseudonyms unless revealed. Exit status 1 where there is no data.
    """
    from monitor.commands.roster_reports import Request, make_report
    from monitor.roster.report import ReportKind as Kind

    loaded = settings.load(config)
    request = Request(
        Kind(kind), agency, on.date() if on else None, form, output, language or loaded.language,
        _reason(reveal, reason),
    )  # fmt: skip
    raise typer.Exit(make_report(request, loaded))


@group.command("show")
def roster_show(
    who: Annotated[str, typer.Argument(help="A mail address, or a pseudonym from a report.")],
    reveal: Annotated[bool, typer.Option(help="Show real addresses; needs --reason.")] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why they are shown; goes to the audit log.")
    ] = None,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """All that is recorded of one account or person: periods, aliases, last use and who says so."""
    from monitor.commands.roster_reports import show

    loaded = settings.load(config)
    opened = _reason(reveal, reason)
    raise typer.Exit(show(who, opened, as_json, language or loaded.language, loaded))
