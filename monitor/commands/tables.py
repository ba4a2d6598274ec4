"""Tables on a terminal, and wide ones into a pipe or file."""

import sys
from collections.abc import Iterator
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from monitor.errors import OutputGone

PIPE_WIDTH = 200
BETWEEN = 3
"""Cells between two columns."""
NOTHING = "–"
LONG_WORD = 16
"""A word of more letters may be broken in a column."""


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

    On a terminal too narrow for its columns each row is a paragraph. Cells are other people's
    words: brackets are brackets, no styles, links or pictures.
    """
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    output = _Output(width=width, markup=False, emoji=False, highlight=False)
    room = output.width - len(made.columns) * BETWEEN + 1
    if sum(map(_least, made.columns)) <= room:
        _spread(made, room)
        output.print(made)
    elif width:
        output.print(made)
    else:
        for part in _paragraphs(made):
            output.print(part)


def _spread(made: Table, room: int) -> None:
    """Each column its least width, and what is left to the narrowest that can use it."""
    wanted = {index: max(map(cell_len, _texts(each))) for index, each in enumerate(made.columns)}
    widths = {index: _least(each) for index, each in enumerate(made.columns)}
    for _ in range(room - sum(widths.values())):
        short = [index for index in widths if widths[index] < wanted[index]]
        if not short:
            return
        widths[min(short, key=widths.__getitem__)] += 1
    for index, column in enumerate(made.columns):
        column.width = widths[index]


def _texts(column: Column) -> list[str]:
    return [str(column.header), *map(str, column.cells)]


def _least(column: Column) -> int:
    """Terminal cells in which it breaks no word of usual length."""
    texts = _texts(column)
    if column.no_wrap:
        return max(map(cell_len, texts))
    words = (word for text in texts for word in text.split())
    return min(LONG_WORD, max(map(cell_len, words), default=0))


def _paragraphs(made: Table) -> Iterator[Padding]:
    """Each row: its first cell, and below it `heading: cell` of the others that say something."""
    headings = [str(column.header) for column in made.columns]
    for cells in zip(*(column.cells for column in made.columns), strict=True):
        named = [
            f"{heading}: {cell}" if heading else str(cell)
            for heading, cell in zip(headings, cells, strict=True)
            if cell and cell != NOTHING
        ]
        yield Padding(Text(named[0] if named else NOTHING, overflow="fold"))
        yield Padding(Text("; ".join(named[1:]), overflow="fold"), (0, 0, 1, 2))
