"""`congvu alerts`: what has dropped, and who took note of it."""

from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config

group = typer.Typer(
    no_args_is_help=True,
    help="Where signing or mail use has dropped against its own habit, and taking note of it.",
    epilog="How drops are found, and why these thresholds: docs/alerts.md.",
)


@group.command("list")
def alerts_list(
    everything: Annotated[
        bool, typer.Option("--all", help="All that is watched, not only what dropped.")
    ] = False,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """What dropped, since when, from what to what; what was acknowledged stays listed a while."""
    from monitor.commands.alerts import listed

    raise typer.Exit(listed(everything, as_json, settings.load(config)))


@group.command("acknowledge")
def alerts_acknowledge(
    reason: Annotated[str, typer.Option(help="Why; it goes to the audit log.")],
    agency: Annotated[str | None, typer.Option(help="Its code.")] = None,
    group: Annotated[
        str | None, typer.Option(help="A level as metrics name it, or `province`.")
    ] = None,
    indicator: Annotated[
        str | None, typer.Option(help="`document_signed`, `mail_signed` or `accounts_active`.")
    ] = None,
    channel: Annotated[str | None, typer.Option(help="`mail`, `docsys`, `axis`, `portal`.")] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Take note of what holds there: its present level is the new baseline.

    Without --indicator and --channel all that holds for the agency or group. Its alerts end; a
    further drop from the new level raises them again.
    """
    from monitor.commands.alerts import Which, note

    which = Which(agency, group, indicator, channel)
    raise typer.Exit(note(which, reason, as_json, settings.load(config)))
