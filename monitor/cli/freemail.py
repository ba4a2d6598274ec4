"""`congvu freemail`: which domains are free mail, and the messages behind a figure."""

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
    since: Since = None,
    until: Until = None,
    way: Annotated[FreemailWay | None, typer.Option(help="Only this way.")] = None,
    limit: AtMost = None,
    reveal: Reveal = False,
    reason: Because = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """The messages behind the figure of an agency, newest first."""
    from monitor.commands.freemail import Request, show_messages
    from monitor.record.freemail import WantedFreemail

    loaded = settings.load(config)
    form = form_of(as_csv=as_csv, as_json=as_json)
    request = Request(
        WantedFreemail(agency, *days_of(since, until), way, limit or MOST[form]),
        revealed_for(reveal=reveal, reason=reason),
        form,
        language or loaded.language,
    )
    raise typer.Exit(show_messages(request, loaded))
