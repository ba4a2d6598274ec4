"""Pages of an explanation on a terminal or in a pipe, and how far long work has come."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.text import Text

from monitor.explain import Line, Tone, safe

PIPE_WIDTH, WIDEST = 80, 100
STYLES = {
    Tone.PLAIN: "",
    Tone.HEADING: "bold",
    Tone.GOOD: "bold green",
    Tone.BAD: "bold red",
    Tone.OPEN: "bold yellow",
}
CLEAR_LINE = "\r\x1b[K"


def show_page(page: Callable[[int], Iterable[Line]]) -> None:
    """Print a page made for the width there is, and an empty line; in colour on a terminal."""
    if not sys.stdout.isatty():
        text = "\n".join(line.text for line in page(PIPE_WIDTH))
        sys.stdout.write(text + "\n\n")
        return
    width = min(shutil.get_terminal_size().columns, WIDEST)
    console = Console(highlight=False, soft_wrap=True, no_color="NO_COLOR" in os.environ)
    for line in page(width):
        console.print(Text(line.text, STYLES[line.tone]))
    console.print()


class ErrorLine:
    """One line on standard error, written over and over; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._seen = sys.stderr.isatty()

    def show(self, text: str) -> None:
        """Say this instead of what was said before."""
        if self._seen:
            sys.stderr.write(f"{CLEAR_LINE}{text}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Make room for other output."""
        self.show("")


class Progress(ErrorLine):
    """Which file is being judged."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = names
        self._done = 0
        self._show()

    def advance(self) -> None:
        """One more is done."""
        self._done += 1
        self._show()

    def _show(self) -> None:
        if self._done < len(self._names):
            name = safe(self._names[self._done], 60)
            self.show(f"{self._done + 1}/{len(self._names)} {name} …")
