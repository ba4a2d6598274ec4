"""Reading the registry file: every mistake is found and said at once."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor.agencies.agency import DEFAULT_LEVELS, Agency
from monitor.agencies.checks import problems
from monitor.errors import UserError

KNOWN_KEYS = {"levels", "agencies"}


def read(path: Path) -> tuple[list[Agency], tuple[str, ...], str]:
    """Agencies, level words and SHA-256 of a registry file.

    Raises UserError, one line a problem, each beginning with the file's path.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(
            f"{path}: no such file; agencies.registry names a TOML file of agencies"
        ) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        agencies, levels = parse(data)
    except RegistryMistakes as error:
        raise UserError("\n".join(f"{path}: {line}" for line in error.lines)) from None
    return agencies, levels, hashlib.sha256(data).hexdigest()


class RegistryMistakes(ValueError):
    """The lines that say what is wrong with a registry file."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def parse(data: bytes) -> tuple[list[Agency], tuple[str, ...]]:
    """Agencies and level words from the bytes of a registry file; raises RegistryMistakes."""
    tree = _tree(data)
    unknown = sorted(tree.keys() - KNOWN_KEYS)
    lines = [f"{key}: no such key; a registry has levels and [[agencies]]" for key in unknown]
    levels = _levels(tree.get("levels", list(DEFAULT_LEVELS)), lines)
    agencies, refused = _agencies(tree.get("agencies", []), lines)
    lines += problems(agencies, levels, refused)
    if lines:
        raise RegistryMistakes(lines)
    return agencies, levels


def _tree(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RegistryMistakes(
            [f"not UTF-8 at byte {error.start}: save the file as UTF-8"]
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise RegistryMistakes([f"not TOML: {error}"]) from None


def _levels(given: object, lines: list[str]) -> tuple[str, ...]:
    if isinstance(given, list) and given and all(isinstance(word, str) for word in given):
        return tuple(given)
    lines.append('levels: must be a list of words, such as ["province", "department", "commune"]')
    return DEFAULT_LEVELS


def _agencies(given: object, lines: list[str]) -> tuple[list[Agency], frozenset[str]]:
    """The agencies, and the codes of entries that are none."""
    if not isinstance(given, list):
        lines.append("agencies: write each agency as its own [[agencies]] table")
        return [], frozenset()
    agencies = []
    refused = set()
    for number, entry in enumerate(given, 1):
        try:
            agencies.append(Agency.model_validate(entry))
        except ValidationError as error:
            refused.add(str(entry.get("code", "")) if isinstance(entry, dict) else "")
            lines += [f"{_label(entry, number)}: {line}" for line in _explain(error)]
    return agencies, frozenset(refused)


def _label(entry: object, number: int) -> str:
    code = entry.get("code") if isinstance(entry, dict) else None
    return f"agency {code}" if isinstance(code, str) and code else f"agencies entry {number}"


def _explain(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_url=False):
        where = ".".join(str(part) for part in problem["loc"])
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = "no such key; docs/agencies.md lists all of them"
        elif problem["type"] == "missing":
            message = "is missing: add it"
        elif problem["type"] == "string_pattern_mismatch":
            message = f"{problem['input']!r} is no code: use a-z, 0-9, '.', '_' and '-', at most 40"
        elif problem["type"].startswith("date"):
            message = f"{problem['input']!r} is no day: write 2025-07-01"
        elif problem["type"] == "tuple_type":
            message = f'must be a list: write {where} = ["…"]'
        lines.append(f"{where}: {message}" if where else message)
    return lines
