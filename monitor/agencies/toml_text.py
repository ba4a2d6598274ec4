"""Entries of a registry as TOML text."""

import json
from collections.abc import Mapping
from datetime import date

Value = str | date | tuple[str, ...]


def toml_value(value: Value) -> str:
    """A value as TOML writes it; strings as JSON does, which but for DEL is TOML too."""
    if isinstance(value, date):
        return value.isoformat()
    written = json.dumps(value, ensure_ascii=False)
    return written.replace("\x7f", "\\u007f")


def toml_entry(table: str, values: Mapping[str, Value | None]) -> list[str]:
    """The lines of one `[[table]]`; what is none or empty has none."""
    keys = [f"{key} = {toml_value(value)}" for key, value in values.items() if value]
    return [f"[[{table}]]", *keys]
