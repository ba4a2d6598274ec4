"""Whatever a registry file looks like, an edit changes what it means to and nothing else."""

import os
import stat
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.agencies.agency import KEYS, Agency
from monitor.agencies.importing import RegistryFile, Wish, plan, read_list
from monitor.agencies.importing.edit import Editor, statements
from monitor.agencies.toml_text import toml_entry
from monitor.errors import UserError

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 3, 10, 3, 0, 5, tzinfo=UTC)

AWKWARD = (
    '''
# "an apostrophe ' in a comment [[agencies]]
clerk_words = ["một \\"cửa\\"", 'hai [[agencies]]']  # words

  [[ agencies ]]   # indented
"code" = "a"
name = """Ten
[[agencies]]
code = "x"
"""
level = 'commune' # 'quoted'
aliases = [ # several
    "A",   # the "first"
    'B]',
] # end of aliases
# said of a

# said of b
[["agencies"]]
code = "b"
name = \'\'\'B's\'\'\'
level = "commune"
[[certificates]]
sha256 = "'''
    + "0" * 64
    + '''"
agency = "a"

[[agencies]]
code = "c"
name = "C"
level = "commune"'''
)


def edited(text: str) -> tuple[Editor, dict[str, Any]]:
    return Editor(text), tomllib.loads(text)


def test_entries_are_found_in_any_layout() -> None:
    editor, tree = edited(AWKWARD)
    assert len(editor.entries) == len(tree["agencies"]) == 3
    assert list(editor.entries[0].keys) == ["code", "name", "level", "aliases"]


def test_nothing_done_is_nothing_changed_but_a_line_end_at_the_end() -> None:
    assert Editor(AWKWARD).text() == AWKWARD + "\n"
    assert Editor(AWKWARD.replace("\n", "\r\n")).text() == AWKWARD.replace("\n", "\r\n") + "\r\n"


def test_a_changed_key_keeps_its_comment_and_the_others_their_place() -> None:
    editor, tree = edited(AWKWARD)
    editor.set(0, {"level": "district", "aliases": ("C",), "valid_to": date(2026, 1, 1)})
    editor.set(1, {"level": None})
    made = editor.text()
    tree["agencies"][0] |= {"level": "district", "aliases": ["C"], "valid_to": date(2026, 1, 1)}
    del tree["agencies"][1]["level"]
    assert tomllib.loads(made) == tree
    assert 'level = "district"  # \'quoted\'\naliases = ["C"]  # end of aliases\n' in made
    assert "valid_to = 2026-01-01\n# said of a\n\n# said of b\n" in made


def test_a_new_entry_stands_behind_its_agencys_others_and_their_comments() -> None:
    editor, tree = edited(AWKWARD)
    editor.add(0, {"code": "a", "name": "A", "level": "commune"})
    editor.add(None, {"code": "d", "name": "D", "level": "commune"})
    made = editor.text()
    tree["agencies"].insert(1, {"code": "a", "name": "A", "level": "commune"})
    tree["agencies"].append({"code": "d", "name": "D", "level": "commune"})
    assert tomllib.loads(made) == tree
    assert '# said of a\n\n[[agencies]]\ncode = "a"\n' in made


def test_entries_of_a_new_file_stand_apart() -> None:
    editor = Editor("# Registry\n")
    for code in "ab":
        editor.add(None, {"code": code})
    assert editor.text() == '# Registry\n\n[[agencies]]\ncode = "a"\n\n[[agencies]]\ncode = "b"\n'


WORDS = st.text(st.sampled_from("aỦ\"'\\[]#=\n\t\x7f;, "), min_size=1, max_size=8)
ENTRIES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"code": st.sampled_from(["a", "b"]), "name": WORDS},
    optional={"aliases": st.lists(WORDS, max_size=3).map(tuple), "valid_to": st.dates()},
)


@settings(deadline=None)
@given(st.lists(ENTRIES, min_size=1, max_size=4), st.data())
def test_any_change_of_any_values_reads_back(
    entries: list[dict[str, Any]], data: st.DataObject
) -> None:
    text = "\n".join(line for entry in entries for line in toml_entry("agencies", entry))
    editor, tree = edited(text)
    number = data.draw(st.integers(0, len(entries) - 1))
    changes = data.draw(ENTRIES)
    editor.set(number, changes)
    editor.add(number, changes)
    expected = list(tree["agencies"])
    expected[number] |= _plain(changes)
    expected.insert(number + 1, _plain(changes))
    for key in [key for key, value in changes.items() if not value]:
        expected[number].pop(key, None)
    assert tomllib.loads(editor.text())["agencies"] == expected


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items() if v}


@settings(deadline=None)
@given(st.text(st.sampled_from("a='\"\\#[]{}\n\r\t, "), max_size=30))
def test_no_text_makes_the_scanner_fail(text: str) -> None:
    for statement in statements(text):
        assert 0 <= statement.first <= statement.last <= text.count("\n")


def test_every_key_of_an_entry_has_its_place_in_the_order() -> None:
    assert set(KEYS) == set(Agency.model_fields)


# -- on disk ---------------------------------------------------------------------------------------

GOOD = '[[agencies]]\ncode = "a"\nname = "A"\nlevel = "commune"\n'


def prepared(folder: Path, text: str = GOOD) -> tuple[RegistryFile, Any]:
    """A registry file, and the plan to rename its agency."""
    path = folder / "agencies.toml"
    path.write_text(text, encoding="utf-8")
    (folder / "list.csv").write_text("code,name\na,B\n", encoding="utf-8")
    registry = RegistryFile(path)
    given = read_list(folder / "list.csv")
    return registry, plan(registry.content, given, Wish(date(2026, 1, 1)))


def test_the_version_before_is_kept_with_the_vietnam_time(tmp_path: Path) -> None:
    registry, planned = prepared(tmp_path)
    kept = registry.apply(planned, AT)
    assert kept == tmp_path / "agencies.toml.20260310T100005"
    assert kept.read_text(encoding="utf-8") == GOOD
    again, planned = prepared(tmp_path)
    assert again.apply(planned, AT) == tmp_path / "agencies.toml.20260310T100005-2"


def test_rights_and_a_link_stay_as_they_are(tmp_path: Path) -> None:
    registry, planned = prepared(tmp_path)
    registry.path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(registry.path)
    kept = RegistryFile(link).apply(planned, AT)
    assert link.is_symlink()
    assert kept is not None
    for path in (registry.path, kept):
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_somebody_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    registry, planned = prepared(tmp_path)
    registry.path.write_text(GOOD + "# mine\n", encoding="utf-8")
    with pytest.raises(UserError, match="was changed meanwhile; nothing was applied"):
        registry.apply(planned, AT)
    assert registry.path.read_text(encoding="utf-8") == GOOD + "# mine\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["agencies.toml", "list.csv"]


def test_of_two_imports_at_once_one_is_applied_and_the_other_told(tmp_path: Path) -> None:
    first, planned = prepared(tmp_path)
    second = RegistryFile(first.path)
    first.apply(planned, AT)
    made = first.path.read_bytes()
    with pytest.raises(UserError, match="run the import again"):
        second.apply(planned, AT)
    assert first.path.read_bytes() == made


@pytest.mark.parametrize("broken", ["fsync", "fchmod"])
def test_a_fault_of_the_disk_leaves_the_registry_whole(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, planned = prepared(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(UserError, match="cannot be written: Input/output error"):
        registry.apply(planned, AT)
    assert registry.path.read_text(encoding="utf-8") == GOOD
    assert sorted(each.name for each in tmp_path.iterdir()) == ["agencies.toml", "list.csv"]


def test_a_fault_at_the_last_step_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, planned = prepared(tmp_path)

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(UserError, match="No space left"):
        registry.apply(planned, AT)
    assert registry.path.read_text(encoding="utf-8") == GOOD
    assert not list(tmp_path.glob(".agencies*"))


DIES = """
import os, sys
from datetime import UTC, date, datetime
from pathlib import Path
from monitor.agencies.importing import RegistryFile, Wish, plan, read_list

folder, call, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
registry = RegistryFile(folder / "agencies.toml")
planned = plan(registry.content, read_list(folder / "list.csv"), Wish(date(2026, 1, 1)))
real = getattr(os, call)

def dying(*arguments, **named):
    global number
    number -= 1
    if number < 0:
        os.kill(os.getpid(), 9)
    return real(*arguments, **named)

setattr(os, call, dying)
registry.apply(planned, datetime(2026, 3, 10, tzinfo=UTC))
"""


@pytest.mark.parametrize(
    ("call", "number", "applied"),
    [("open", 1, False), ("fsync", 0, False), ("fsync", 1, False), ("replace", 0, False),
     ("fsync", 2, True), ("close", 99, True)],
)  # fmt: skip
def test_a_kill_at_any_step_leaves_the_old_file_or_the_new_one(
    call: str, number: int, applied: bool, tmp_path: Path
) -> None:
    registry, planned = prepared(tmp_path)
    made = registry.edited(planned)
    subprocess.run(
        [sys.executable, "-c", DIES, str(tmp_path), call, str(number)], check=False, cwd=ROOT
    )
    assert registry.path.read_bytes() == (made if applied else GOOD.encode())
    if not applied:
        again, planned = prepared(tmp_path)
        again.apply(planned, AT)
        assert again.path.read_bytes() == made


def test_a_layout_that_cannot_be_edited_is_said_and_left(tmp_path: Path) -> None:
    inline = 'agencies = [{ code = "a", name = "A", level = "commune" }]\n'
    registry, planned = prepared(tmp_path, inline)
    with pytest.raises(UserError, match=r"write each entry as its own \[\[agencies\]\] table"):
        registry.edited(planned)
    dotted = (
        '[[agencies]]\ncode = "a"\n"na\\u006De" = "A"\nlevel = "commune"\nvalid_from = 2026-01-01\n'
    )
    registry, planned = prepared(tmp_path, dotted)
    with pytest.raises(UserError, match="cannot be edited safely; nothing was changed"):
        registry.edited(planned)


def test_a_mark_at_the_beginning_and_windows_line_ends_stay(tmp_path: Path) -> None:
    path = tmp_path / "agencies.toml"
    registry, planned = prepared(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    registry = RegistryFile(path)
    registry.apply(planned, AT)
    made = path.read_bytes()
    assert made.startswith(b"\xef\xbb\xbf[[agencies]]\r\n")
    assert made.count(b"\n") == made.count(b"\r\n") == 11
