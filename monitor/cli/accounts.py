"""`congvu accounts`: who has an official account and uses it."""

from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config, InLanguage
from monitor.errors import UserError
from monitor.model import Role

group = typer.Typer(
    no_args_is_help=True,
    help="Who has an official account and uses it: past months, and one agency's funnel.",
    epilog="What each figure means: docs/accounts.md.",
)


@group.command(
    "figures",
    epilog="Example: `congvu accounts figures --from 2025-05 --to 2025-09 --same-agencies`",
)
def accounts_figures(
    since: Annotated[
        str | None, typer.Option("--from", help="First month, as 2025-01; this month.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last month; the first one.")] = None,
    month: Annotated[str | None, typer.Option(help="One month.")] = None,
    agency: Annotated[str | None, typer.Option(help="Code of one agency.")] = None,
    level: Annotated[str | None, typer.Option(help="Agencies of one level.")] = None,
    role: Annotated[Role | None, typer.Option(help="`leader` or `staff` alone.")] = None,
    same_agencies: Annotated[
        bool,
        typer.Option(
            "--same-agencies", help="Beside it those that were in force on every day shown."
        ),
    ] = False,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Months side by side, each by its own roster, agencies and activity."""
    from monitor.commands.accounts import Request, month_of, show_figures, today
    from monitor.measure.account_history import Whose

    if agency and level:
        raise UserError("--agency and --level exclude each other: an agency has one level")
    if role is Role.MAILBOX:
        raise UserError("--role mailbox: mailboxes are on no roster; see `congvu accounts funnel`")
    begin = month_of(month or since or f"{today():%Y-%m}", "--month" if month else "--from")[0]
    end = month_of(month or until or f"{begin:%Y-%m}", "--to")[1]
    if end < begin:
        raise UserError("--to is before --from")
    request = Request(begin, end, Whose(agency, level), role, same_agencies)
    raise typer.Exit(show_figures(request, as_json, language, settings.load(config)))


@group.command("funnel", epilog="Example: `congvu accounts funnel --agency so-yt --window 2026-03`")
def accounts_funnel(
    agency: Annotated[str, typer.Option(help="Code of the agency.")],
    window: Annotated[
        str, typer.Option(help="`30d`, `period` (this month so far), or a month as 2026-03.")
    ] = "30d",
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """From the roster to valid signatures: where the officials of an agency are lost."""
    from monitor.commands.accounts import show_funnel, span_of, today

    span = span_of(window, today())
    raise typer.Exit(show_funnel(agency, span, as_json, language, settings.load(config)))
