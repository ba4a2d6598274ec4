"""`congvu posture`: what mail domains say of themselves."""

from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config, InLanguage
from monitor.errors import UserError


def posture(
    domain: Annotated[
        str | None, typer.Argument(help="One domain: why, evidence, what to publish, history.")
    ] = None,
    agency: Annotated[str | None, typer.Option(help="Code of one agency.")] = None,
    failing: Annotated[
        bool, typer.Option("--failing", help="Only domains with a check that fails.")
    ] = False,
    changes: Annotated[
        int | None, typer.Option(min=1, max=3650, help="What changed within so many days.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask now instead of the record; nothing is stored.")
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="A row each check as CSV (UTF-8, for Excel).")
    ] = False,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Mail domains of agencies: MX, SPF, DKIM, DMARC, MTA-STS, TLS-RPT, DNSSEC, aliases; gateways.

    Exit status 0 where nothing fails, 1 where something does, 2 for a mistake in the call, 3 where
    nothing fails and something could never be checked.
    """
    from monitor.commands.posture import Request
    from monitor.commands.posture import posture as show

    if as_csv and as_json:
        raise UserError("--csv and --json exclude each other: choose one")
    if live and changes is not None:
        raise UserError("--live asks what is now; changes are in the record: leave one of both out")
    if failing and changes is not None:
        raise UserError("--failing is of what stands, --changes of what changed: choose one")
    if domain is not None and (agency is not None or failing):
        raise UserError("--agency and --failing choose domains: leave them out, or DOMAIN")
    loaded = settings.load(config)
    request = Request(
        domain, agency, failing, changes, live, "csv" if as_csv else "json" if as_json else "text",
        language or loaded.language,
    )  # fmt: skip
    raise typer.Exit(show(request, loaded))
