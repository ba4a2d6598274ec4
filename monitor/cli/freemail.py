"""`congvu freemail`: which domains are free mail, and the messages behind a figure."""

from datetime import datetime
from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config, InLanguage
from monitor.errors import UserError
from monitor.model import FreemailWay

group = typer.Typer(
    no_args_is_help=True, help="Official correspondence that goes by free mail (docs/freemail.md)."
)


@group.command("domains")
def freemail_domains(
    name: Annotated[
        str | None, typer.Argument(help="A domain or address: is it free mail, and why?")
    ] = None,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """The list in force: what comes with congvu, and what [freemail] of the settings says."""
    from monitor.commands.freemail import show_decision, show_domains

    loaded = settings.load(config)
    chosen = language or loaded.language
    if name is None:
        raise typer.Exit(show_domains(as_json, chosen, loaded))
    raise typer.Exit(show_decision(name, as_json, chosen, loaded))


@group.command("list")
def freemail_list(
    agency: Annotated[str | None, typer.Option(help="Code of the agency.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First Vietnam day.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last Vietnam day.")
    ] = None,
    way: Annotated[FreemailWay | None, typer.Option(help="Only this way.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000)] = 50,
    reveal: Annotated[bool, typer.Option(help="Show sender and subject; needs --reason.")] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why they are shown; goes to the audit log.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV (UTF-8, for Excel).")] = False,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """The messages behind the figure of an agency, newest first."""
    from monitor.commands.freemail import Request, show_messages
    from monitor.record.freemail import WantedFreemail

    if as_csv and as_json:
        raise UserError("--csv and --json exclude each other: choose one")
    if reveal and not reason:
        raise UserError("--reveal needs --reason: it is written to the audit log")
    loaded = settings.load(config)
    days = (since.date() if since else None, until.date() if until else None)
    request = Request(
        WantedFreemail(agency, *days, way, limit),
        reason if reveal else None,
        "csv" if as_csv else "json" if as_json else "text",
        language or loaded.language,
    )
    raise typer.Exit(show_messages(request, loaded))
