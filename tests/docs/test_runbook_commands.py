"""Whoever is called at night types what the runbook says: every command of it exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from monitor.cli import app

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [*sorted((DOCS / "runbooks").glob("*.md")), DOCS / "alerts.md"]
ROOT = typer.main.get_command(app)


def commands(page: Path) -> Iterator[list[str]]:
    """Words of every `congvu …` of a page, in blocks and inline."""
    text = page.read_text(encoding="utf-8")
    blocks = "\n".join(text.split("```")[1::2])
    inline = re.findall(r"`(congvu [a-z][^`]*)`", text)
    for line in [*re.findall(r"^congvu .*$", blocks, re.MULTILINE), *inline]:
        yield shlex.split(line, comments=True)[1:]


def unknown(words: list[str]) -> str | None:
    """The first word that the command line would refuse."""
    command = ROOT
    for word in words:
        if isinstance(command, TyperGroup):
            if word not in command.commands:
                return word
            command = command.commands[word]
        elif word.startswith("-") and word != "--help":
            options = {name for parameter in command.params for name in parameter.opts}
            if word not in options:
                return word
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_runbook_exists(page: Path) -> None:
    for words in commands(page):
        assert unknown(words) is None, f"congvu {' '.join(words)}: no {unknown(words)}"


def test_the_runbooks_name_commands_at_all() -> None:
    assert sum(1 for page in PAGES for _ in commands(page)) > 50
