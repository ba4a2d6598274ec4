"""Tables of the command line: cells are other people's words."""

import re

import pytest

from monitor.commands.tables import show, table


def test_brackets_and_colons_in_a_cell_are_what_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file called `[/x].pdf` neither ends the command nor hides, colours or links anything."""
    words = ("[/x].pdf", "[link=https://x.example]bản sao[/link]", ":heart: [red]")
    listed = table("file", "of", "why")
    listed.add_row(*words)
    show(listed)
    printed = capsys.readouterr().out
    assert all(each in printed for each in words)


def _shown_on_a_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    listed = table("entry", "number", "file", "why", keep=("entry",))
    listed.add_row("4711", "101/SYT-VP", "cong-van-101.pdf", "no file bears this number")
    listed.add_row("4712", "102/SYT-VP", "–", "")
    show(listed)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    return [line.rstrip() for line in plain.splitlines()]


def test_a_terminal_wide_enough_for_the_words_gets_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = _shown_on_a_terminal(60, monkeypatch, capsys)
    assert any(line.split() == ["entry", "number", "file", "why"] for line in lines)
    assert any("4711    101/SYT-VP   cong-van-101.pdf" in line for line in lines)
    assert all(len(line) <= 60 for line in lines)


def test_on_a_terminal_too_narrow_each_row_is_a_paragraph_with_words_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _shown_on_a_terminal(40, monkeypatch, capsys) == [
        "entry: 4711",
        "  number: 101/SYT-VP; file:",
        "  cong-van-101.pdf; why: no file bears",
        "  this number",
        "",
        "entry: 4712",
        "  number: 102/SYT-VP",
        "",
    ]
