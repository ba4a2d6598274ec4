"""`congvu origins`: mail from outside in an agency's name, and what proves it."""

from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import (
    MOST,
    AsCsv,
    AsJson,
    AtMost,
    Because,
    Config,
    InLanguage,
    Reveal,
    Since,
    Until,
    days_of,
    form_of,
    revealed_for,
)
from monitor.model import Origin


def origins(
    agency: Annotated[str | None, typer.Option(help="Code of the agency that is claimed.")] = None,
    origin: Annotated[
        Origin | None,
        typer.Option(help="unaligned (forged as far as anything says), unknown or aligned."),
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: AtMost = None,
    reveal: Reveal = False,
    reason: Because = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Mail from outside that claims an agency: DKIM, SPF, and whether anything proves it."""
    from monitor.commands.origins import Request, show_origins
    from monitor.record.origin_list import WantedOrigins

    loaded = settings.load(config)
    form = form_of(as_csv=as_csv, as_json=as_json)
    request = Request(
        WantedOrigins(agency, *days_of(since, until), origin, limit or MOST[form]),
        revealed_for(reveal=reveal, reason=reason),
        form,
        language or loaded.language,
    )
    raise typer.Exit(show_origins(request, loaded))
