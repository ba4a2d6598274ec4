"""Tables of the command line: cells are other people's words."""

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
