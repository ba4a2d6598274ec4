"""`congvu documents`: the documents behind a figure."""

from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config, InLanguage, Since, Until, days_of
from monitor.errors import UserError
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
    reveal: Annotated[bool, typer.Option(help="Show sender and subject; needs --reason.")] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why they are shown; goes to the audit log.")
    ] = None,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Everything recorded of one document: verdict, signatures, reasons, sendings."""
    from monitor.commands.documents import explain

    if reveal and not reason:
        raise UserError("--reveal needs --reason: it is written to the audit log")
    loaded = settings.load(config)
    opened = reason if reveal else None
    raise typer.Exit(explain(document, opened, as_json, language or loaded.language, loaded))


@group.command("unknown")
def documents_unknown(
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50, config: Config = None
) -> None:
    """Domains of senders that no agency of the registry owns."""
    from monitor.commands.documents import unknown_senders

    raise typer.Exit(unknown_senders(limit, settings.load(config)))
