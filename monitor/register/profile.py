"""Profiles: how the export of one document system is to be read (docs/registers.md).

A profile that ships with congvu is an example until an operator has compared it with a real export,
copied the file and set `confirmed = true`: no vendor publishes the layout of its exports, and
each province's installation has columns of its own.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field as Setting

from monitor.errors import UserError
from monitor.tables import ColumnMapping

FOLDER = Path(__file__).parent / "profiles"

Numbering = Literal["agency", "type", "notation"]
"""What documents that share one run of numbers have in common."""


class Profile(ColumnMapping):
    """A mapping, and what is known of the system that it is for."""

    title: Annotated[str, Setting(max_length=200)] = ""
    direction: Literal["out", "in"] | None = None
    """Of the documents; None where the export of either kind looks alike."""
    confirmed: bool = False
    """An operator has compared it with a real export."""
    known: Annotated[str, Setting(max_length=2000)] = ""
    """What is known of the export, and what is not."""
    numbering: Numbering = "agency"


def load_profile(name: str | None) -> Profile:
    """By the name of a shipped profile or by the path of a file; None has nothing particular.

    Raises UserError.
    """
    if name is None:
        return Profile(confirmed=True)
    if name in shipped():
        return Profile.load(FOLDER / f"{name}.toml")
    path = Path(name)
    if path.suffix != ".toml" and not path.exists():
        known = ", ".join(shipped())
        raise UserError(
            f"--profile {name}: no such profile; there are {known}, or name a TOML file"
        )
    return Profile.load(path, "--profile")


def shipped() -> tuple[str, ...]:
    """Names of the profiles that congvu brings along."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
