"""`congvu documents`: the documents behind a figure."""

from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import (
    AsJson,
    Because,
    Config,
    InLanguage,
    Reveal,
    Since,
    Until,
    days_of,
    revealed_for,
)
from monitor.model import Channel, Overall

group = typer.Typer(no_args_is_help=True, help="Find and explain what a figure was made of.")


@group.command("list")
def documents_list(
    agency: Annotated[str | None, typer.Option(help="Code of the issuing agency.")] = None,
    since: Since = None,
    until: Until = None,
    verdict: Annotated[Overall | None, typer.Option(help="Only this verdict.")] = None,
    channel: Annotated[Channel | None, typer.Option(help="Only this channel.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000)] = 50,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """The documents behind a figure, newest first."""
    from monitor.commands.documents import list_documents
    from monitor.record.queries import Wanted

    wanted = Wanted(agency, *days_of(since, until), verdict, channel, limit)
    raise typer.Exit(list_documents(wanted, as_json, settings.load(config)))


@group.command("explain")
def documents_explain(
    document: Annotated[
        str, typer.Argument(help="Content hash (or its first characters) or number.")
    ],
    reveal: Reveal = False,
    reason: Because = None,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Everything recorded of one document: verdict, signatures, reasons, sendings."""
    from monitor.commands.documents import explain

    opened = revealed_for(reveal=reveal, reason=reason)
    loaded = settings.load(config)
    raise typer.Exit(explain(document, opened, as_json, language or loaded.language, loaded))


@group.command("unknown")
def documents_unknown(
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50, config: Config = None
) -> None:
    """Domains of senders that no agency of the registry owns."""
    from monitor.commands.documents import unknown_senders

    raise typer.Exit(unknown_senders(limit, settings.load(config)))
