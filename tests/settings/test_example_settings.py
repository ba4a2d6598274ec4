"""config/congvu.toml shows every setting, and its defaults are the code's."""

import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from monitor.settings import (
    AxisSource,
    DirectorySource,
    FolderSource,
    GatewaySettings,
    ImapSource,
    LogSource,
    MailFolderSource,
    MailSource,
    PortalSource,
    Section,
    Settings,
    load,
)

EXAMPLE = Path(__file__).parents[2] / "config" / "congvu.toml"
TABLE = re.compile(r"^(?:# )?\[+([a-z_]+)\]+$")
SETTING = re.compile(r"^(?:# )?([a-z_]+) = (.+?)(\s+# example)?$")
MODELS: dict[str, type[BaseModel]] = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
} | {
    "": Settings,
    "mail_sources": MailSource,
    "imap": ImapSource,
    "mail_folders": MailFolderSource,
    "axis": AxisSource,
    "portals": PortalSource,
    "gateways": GatewaySettings,
    "folders": FolderSource,
    "logs": LogSource,
    "directories": DirectorySource,
}


def shown() -> dict[tuple[str, str], tuple[str, bool]]:
    """(table, key) → (the value as written, whether it is only an example)."""
    table, found = "", {}
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if match := TABLE.match(line):
            table = match[1]
        elif match := SETTING.match(line):
            assert (table, match[1]) not in found, f"{table}.{match[1]} is shown twice"
            found[table, match[1]] = (match[2], match[3] is not None)
    return found


def default_of(field: FieldInfo) -> Any:
    value = field.get_default(call_default_factory=True)
    return _as_toml(value)


def _as_toml(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return [_as_toml(each) for each in value] if isinstance(value, tuple) else value


FIELDS = [
    (table, key, field)
    for table, model in MODELS.items()
    for key, field in model.model_fields.items()
    if table or key not in MODELS
]


def test_every_section_of_the_settings_is_known_to_this_test() -> None:
    assert {key for key in Settings.model_fields if key in MODELS} | {
        "state_dir", "user", "language", "shutdown_grace_seconds",
    } == set(Settings.model_fields)  # fmt: skip


@pytest.mark.parametrize(("table", "key", "field"), FIELDS, ids=lambda part: str(part)[:30])
def test_every_setting_is_shown_with_its_default(table: str, key: str, field: FieldInfo) -> None:
    assert (table, key) in shown(), f"config/congvu.toml does not show {table}.{key}"
    written, example = shown()[table, key]
    default = default_of(field)
    if default in (None, PydanticUndefined):
        assert example, f"{table}.{key} has no default: mark its line as an example"
    else:
        assert not example
        assert tomllib.loads(f"value = {written}")["value"] == default


def test_nothing_is_shown_that_is_no_setting() -> None:
    known = {(table, key) for table, key, _ in FIELDS}
    assert set(shown()) <= known


def test_the_example_loads_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONGVU_STATE_DIR", raising=False)
    assert load(EXAMPLE) == Settings()


def test_the_example_loads_with_every_line_in_force(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    live = [
        line.removeprefix("# ") if TABLE.match(line) or SETTING.match(line) else line
        for line in text.splitlines()
    ]
    file = tmp_path / "congvu.toml"
    file.write_text("\n".join(live), encoding="utf-8")
    settings = load(file)
    assert settings.mail_sources[0].name == "gateway"
    assert settings.folders[0].agencies == ("so-khcn",)
    assert settings.state_dir == tmp_path / "var"
    assert settings.agencies.registry == tmp_path / "agencies.toml"


def test_every_setting_is_explained_above_it() -> None:
    """A setting's line, or the first of its group, follows a line of prose."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for above, line in itertools.pairwise(lines):
        if SETTING.match(line):
            assert above.startswith("# "), f"nothing is said of: {line}"


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "congvu.toml"
    file.write_text("[http]\nport = 1000\n", encoding="utf-8")
    monkeypatch.setenv("CONGVU_HTTP__PORT", "2000")
    assert load(file).http.port == 2000
