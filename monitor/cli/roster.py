"""`congvu roster`: people and their official accounts."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from monitor import settings
from monitor.cli.options import (
    Apply,
    AsJson,
    Because,
    ColumnsFile,
    Config,
    InLanguage,
    Shown,
    SkipProblems,
    a_day,
    revealed_for,
)
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


ListFile = Annotated[
    Path | None, typer.Argument(help="CSV or Excel (.xlsx) list, dump of Zimbra, or LDIF.")
]
ListedKind = Annotated[
    RosterKind | None, typer.Option(help="What the list is of; a directory's is of accounts.")
]
Source = Annotated[
    str | None,
    typer.Option(help="Whose list it is: the same name each time. A directory's own name."),
]
Directory = Annotated[
    str | None, typer.Option(help="Read the accounts of this one of [[directories]] instead.")
]
FileFormat = Annotated[
    RosterFormat, typer.Option("--format", help="Of the file; found out unless given.")
]
AsOf = Annotated[
    datetime | None, a_day("--as-of", "Vietnam day that it tells of; today unless given.")
]
Whole = Annotated[
    bool, typer.Option("--whole/--partial", help="Is who is missing in it not there any more?")
]
MayEnd = Annotated[
    int, typer.Option(min=0, help="So many may end, though it is more than a tenth.")
]
PeopleSource = Annotated[
    str | None,
    typer.Option(help="Source of the people whose staff numbers accounts name; else the only one."),
]
RevealListed = Annotated[
    bool, typer.Option(help="Show staff numbers and addresses; needs --reason.")
]
RevealAddresses = Annotated[bool, typer.Option(help="Show real addresses; needs --reason.")]


@group.command(
    "import",
    epilog="Example: `congvu roster import can-bo.xlsx --kind people --source so-noi-vu --as-of "
    "2025-11-01`, read what it says, then the same with `--apply`.",
)
def roster_import(
    file: ListFile = None,
    kind: ListedKind = None,
    source: Source = None,
    directory: Directory = None,
    form: FileFormat = "auto",
    mapping: ColumnsFile = None,
    as_of: AsOf = None,
    whole: Whole = True,
    apply: Apply = False,
    skip_problems: SkipProblems = False,
    allow_ending: MayEnd = 0,
    shown: Shown = 20,
    people: PeopleSource = None,
    reveal: RevealListed = False,
    reason: Because = None,
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
    opened = revealed_for(reveal=reveal, reason=reason)
    request = Request(
        kind or "accounts", named, file, directory, form, mapping,
        as_of.date() if as_of else None, whole, apply, skip_problems, allow_ending, shown,
        people, opened, as_json,
    )  # fmt: skip
    raise typer.Exit(import_list(request, settings.load(config)))


@group.command(
    "report",
    epilog="Example: `congvu roster report people-without-mailbox --agency so-yt -o so-yt.xlsx`",
)
def roster_report(
    kind: Annotated[ReportKind, typer.Argument(help="Which report.")],
    agency: Annotated[str | None, typer.Option(help="Code of one agency.")] = None,
    on: Annotated[datetime | None, a_day("--on", "Vietnam day that it holds for; today.")] = None,
    form: Annotated[
        ReportFormat | None, typer.Option("--format", help="The file's suffix, or a table.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File, readable for its owner alone.")
    ] = None,
    reveal: RevealAddresses = False,
    reason: Because = None,
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
        revealed_for(reveal=reveal, reason=reason),
    )  # fmt: skip
    raise typer.Exit(make_report(request, loaded))


@group.command("show")
def roster_show(
    who: Annotated[str, typer.Argument(help="A mail address, or a pseudonym from a report.")],
    reveal: RevealAddresses = False,
    reason: Because = None,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """All that is recorded of one account or person: periods, aliases, last use and who says so."""
    from monitor.commands.roster_reports import show

    loaded = settings.load(config)
    opened = revealed_for(reveal=reveal, reason=reason)
    raise typer.Exit(show(who, opened, as_json, language or loaded.language, loaded))
