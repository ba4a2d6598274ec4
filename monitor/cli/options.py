"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.model import Language

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", help="TOML file of settings; see config/congvu.toml.", envvar="CONGVU_CONFIG"
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="One JSON line an answer.")]

InLanguage = Annotated[
    Language | None,
    typer.Option("--language", help="Of the explanation; the setting `language` unless given."),
]
