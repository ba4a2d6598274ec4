"""Tables on a terminal, and wide ones into a pipe or file."""

import sys
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from monitor.errors import OutputGone

PIPE_WIDTH = 200


class _Output(Console):
    """Standard output; a reader who has gone is told as everywhere else."""

    def on_broken_pipe(self) -> None:
        raise OutputGone from None


def table(*columns: str, keep: tuple[str, ...] = (), right: tuple[str, ...] = ()) -> Table:
    """A plain table; columns in `keep` are never cut or wrapped, those in `right` hold numbers."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        justify: Literal["right", "left"] = "right" if column in right else "left"
        made.add_column(column, no_wrap=column in keep, overflow="fold", justify=justify)
    return made


def show(made: Table) -> None:
    """Print to standard output; a pipe gets lines wide enough to search in.

    Cells are other people's words: brackets are brackets, no styles, links or pictures.
    """
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    _Output(width=width, markup=False, emoji=False, highlight=False).print(made)
