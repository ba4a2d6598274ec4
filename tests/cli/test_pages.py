"""Pages and progress: colour and moving lines for people at a terminal, plain text for all else."""

import io
import sys

import pytest

from monitor.commands.pages import CLEAR_LINE, Progress, show_page
from monitor.explain import Line, Tone


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def page(width: int) -> list[Line]:
    return [Line("VALID", Tone.GOOD), Line("x" * width)]


def test_a_pipe_gets_plain_text_of_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    show_page(page)
    assert capsys.readouterr().out == "VALID\n" + "x" * 80 + "\n\n"


def test_a_terminal_gets_its_own_width_and_colour_unless_it_wants_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("COLUMNS", "60"), ("TERM", "xterm"), ("NO_COLOR", "")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR")
    coloured, plain = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stdout", coloured)
    show_page(page)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", plain)
    show_page(page)
    assert "\x1b[1;32mVALID" in coloured.getvalue()
    assert "32m" not in plain.getvalue()
    assert "x" * 60 + "\n" in coloured.getvalue()
    assert "x" * 61 not in coloured.getvalue()


def test_progress_is_for_terminals_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal, log = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    Progress(["a.pdf"]).advance()
    assert log.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = Progress(["a\x1b.pdf", "b.pdf"])
    progress.advance()
    progress.clear()
    assert terminal.getvalue() == (
        f"{CLEAR_LINE}1/2 a\N{REPLACEMENT CHARACTER}.pdf …{CLEAR_LINE}2/2 b.pdf …{CLEAR_LINE}"
    )
