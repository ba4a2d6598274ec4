"""`congvu origins`: mail from outside in an agency's name, and what proves it."""

from datetime import datetime
from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config, InLanguage
from monitor.errors import UserError
from monitor.model import Origin


def origins(
    agency: Annotated[str | None, typer.Option(help="Code of the agency that is claimed.")] = None,
    origin: Annotated[
        Origin | None,
        typer.Option(help="unaligned (forged as far as anything says), unknown or aligned."),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First Vietnam day.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last Vietnam day.")
    ] = None,
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
    """Mail from outside that claims an agency: DKIM, SPF, and whether anything proves it."""
    from monitor.commands.origins import Request, show_origins
    from monitor.record.origin_list import WantedOrigins

    if as_csv and as_json:
        raise UserError("--csv and --json exclude each other: choose one")
    if reveal and not reason:
        raise UserError("--reveal needs --reason: it is written to the audit log")
    loaded = settings.load(config)
    days = (since.date() if since else None, until.date() if until else None)
    request = Request(
        WantedOrigins(agency, *days, origin, limit),
        reason if reveal else None,
        "csv" if as_csv else "json" if as_json else "text",
        language or loaded.language,
    )
    raise typer.Exit(show_origins(request, loaded))
