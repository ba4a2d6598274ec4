"""`congvu trust`: the trust store."""

from pathlib import Path
from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config
from monitor.model import TrustClass

group = typer.Typer(
    no_args_is_help=True,
    help="The certification authorities that are trusted, and their revocation lists.",
    epilog="From nothing to a working store: docs/trust.md.",
)


@group.command("list")
def trust_list(as_json: AsJson = False, config: Config = None) -> None:
    """Every trust anchor and intermediate in force: subject, SHA-256, class, validity, pin.

    `look` names what is odd: expired, expires soon, weak, demo. Exit status 1 without any anchor.
    """
    from monitor.commands.trust import list_store

    raise typer.Exit(list_store(settings.load(config), as_json))


@group.command(
    "import",
    epilog="Example: `congvu trust import /media/usb/*.crt --config /etc/congvu/congvu.toml`",
)
def trust_import(
    files: Annotated[
        list[Path],
        typer.Argument(help="PEM, DER or PKCS#7 files or folders: certificates, CRLs, OCSP."),
    ],
    unpinned: Annotated[
        bool, typer.Option("--unpinned", help="Take a CA that no pin knows; needs --class.")
    ] = False,
    trust_class: Annotated[
        TrustClass | None, typer.Option("--class", help="Class of an anchor that no pin knows.")
    ] = None,
    expired: Annotated[
        bool, typer.Option("--expired", help="Take CAs that have expired, for old signatures.")
    ] = False,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Bring CA certificates and revocation lists into the configured folders.

    A certificate enters if its SHA-256 is a pin, or if a CA of the store signed it (then as an
    intermediate). Anything else needs --unpinned: compare its SHA-256 with a source you trust
    first. One that bears the name of a pinned CA with another key never enters.
    A list enters if a CA of the store signed it and it is newer than what is there.
    Repeating an import changes nothing. Exit status 1 when something was refused.
    """
    from monitor.commands.trust import Request, import_files
    from monitor.material.importing import Wish

    request = Request(tuple(files), Wish(unpinned, trust_class, expired), as_json)
    raise typer.Exit(import_files(request, settings.load(config)))


@group.command("status")
def trust_status(as_json: AsJson = False, config: Config = None) -> None:
    """How fresh the revocation list of every CA is, which files are unusable, and what to do.

    Exit status 0 when there is nothing to do, else 1.
    """
    from monitor.commands.trust import show_status

    raise typer.Exit(show_status(settings.load(config), as_json))
