"""`congvu privacy`: what is kept of people."""

from datetime import datetime
from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config, a_day
from monitor.errors import UserError

group = typer.Typer(
    no_args_is_help=True,
    help="What of people is kept, how long, under which key, and who looked at it.",
    epilog="Rules and how to: docs/privacy.md.",
)


Reason = Annotated[str | None, typer.Option(help="Why; it goes to the audit log.")]


Apply = Annotated[bool, typer.Option("--apply", help="Do it; otherwise only say what it would do.")]


@group.command("reveal")
def privacy_reveal(
    who: Annotated[str, typer.Argument(help="Pseudonym as reports print it, or its number.")],
    reason: Annotated[str, typer.Option(help="Why it is shown; goes to the audit log.")],
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Show the address or person behind a pseudonym; noted in the audit log first."""
    from monitor.commands.privacy import reveal

    raise typer.Exit(reveal(who, reason, as_json, settings.load(config)))


@group.command("pseudonym")
def privacy_pseudonym(
    address: Annotated[str, typer.Argument(help="A mail address that you know.")],
    config: Config = None,
) -> None:
    """The pseudonym of an address. Exit status 1 when the record does not have it."""
    from monitor.commands.privacy import pseudonym

    raise typer.Exit(pseudonym(address, settings.load(config)))


@group.command("audit")
def privacy_audit(
    since: Annotated[datetime | None, a_day("--since", "From this Vietnam day on.")] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Who showed or removed what is personal, when and why; newest first."""
    from monitor.commands.privacy import audit_log

    raise typer.Exit(audit_log(since, as_json, settings.load(config)))


@group.command("rotate-key")
def privacy_rotate_key(
    apply: Apply = False,
    forget: Annotated[
        bool, typer.Option("--forget-old", help="Remove older keys that nothing needs any more.")
    ] = False,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """Bring in a new sealing key; pseudonyms change, what is sealed is sealed again.

    Needs the daemon stopped until it says that it may run again. May be interrupted at any point:
    the next start of anything puts the keys right, and the same command goes on.
    """
    from monitor.commands.privacy import forget_old, rotate_key

    loaded = settings.load(config)
    if forget:
        raise typer.Exit(forget_old(reason or "nothing is sealed with them any more", loaded))
    raise typer.Exit(rotate_key(apply, reason or "a new key", loaded))


@group.command("retention")
def privacy_retention(apply: Apply = False, as_json: AsJson = False, config: Config = None) -> None:
    """What is older than the privacy settings allow, by table; figures are never changed."""
    from monitor.commands.privacy import retain

    raise typer.Exit(retain(apply, as_json, settings.load(config)))


@group.command("erase")
def privacy_erase(
    person: Annotated[str | None, typer.Option(help="Pseudonym of one person who left.")] = None,
    due: Annotated[
        bool, typer.Option("--due", help="All who left over privacy.erase_after_days ago.")
    ] = False,
    apply: Apply = False,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """Erase people who left, and the addresses that were theirs alone; counts stay."""
    from monitor.commands.privacy import erase

    if bool(person) == due:
        raise UserError("say either --person WHO or --due")
    raise typer.Exit(erase(person, apply, reason, settings.load(config)))
