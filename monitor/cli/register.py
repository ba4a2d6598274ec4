"""`congvu register`: registers of documents that agencies issue and receive."""

import typer

from monitor.cli.options import AsJson

group = typer.Typer(
    no_args_is_help=True,
    help="Registers of documents, as document systems export them: what an agency says it issued.",
    epilog="Step by step, from the export to the figures: docs/registers.md.",
)


@group.command("profiles")
def register_profiles(as_json: AsJson = False) -> None:
    """Which exports congvu has a profile of: examples until an operator confirms one.

    A profile says how the export of one system names its columns. To confirm one: copy its file,
    correct it beside a real export, set `confirmed = true` and give the copy as `--profile FILE`.
    """
    from monitor.commands.register import list_profiles

    raise typer.Exit(list_profiles(as_json=as_json))
