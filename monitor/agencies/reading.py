"""Reading the registry file: every mistake is found and said at once."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.agencies.agency import DEFAULT_LEVELS, Agency
from monitor.agencies.certificates import CertificateEntry, CertificateMap
from monitor.agencies.checks import problems
from monitor.agencies.entry import Dated
from monitor.agencies.mailboxes import Mailbox
from monitor.agencies.signing import Signing
from monitor.agencies.signing_checks import signing_problems
from monitor.errors import UserError

KNOWN_KEYS = {"levels", "unit_words", "clerk_words", "agencies", "certificates", "mailboxes"}


class Content(NamedTuple):
    """What a registry file holds."""

    agencies: tuple[Agency, ...]
    levels: tuple[str, ...]
    signing: Signing


def read(path: Path) -> tuple[Content, str]:
    """Content and SHA-256 of a registry file.

    Raises UserError, one line a problem, each beginning with the file's path.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(
            f"{path}: no such file; agencies.registry names a TOML file of agencies, and "
            "`congvu agencies import LIST --apply` makes it of a list"
        ) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        content = parse(data)
    except RegistryMistakes as error:
        raise UserError("\n".join(f"{path}: {line}" for line in error.lines)) from None
    return content, hashlib.sha256(data).hexdigest()


class RegistryMistakes(ValueError):
    """The lines that say what is wrong with a registry file."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def parse(data: bytes) -> Content:
    """The content of the bytes of a registry file; raises RegistryMistakes."""
    tree = _tree(data)
    lines = [
        f"{key}: no such key; a registry has levels, unit_words, clerk_words, [[agencies]], "
        "[[certificates]] and [[mailboxes]]"
        for key in sorted(tree.keys() - KNOWN_KEYS)
    ]
    levels = _levels(tree.get("levels", list(DEFAULT_LEVELS)), lines)
    unit_words, clerk_words = (_words(tree, key, lines) for key in ("unit_words", "clerk_words"))
    agencies, refused = _entries(tree, "agencies", Agency, lines)
    certificates, _ = _entries(tree, "certificates", CertificateEntry, lines)
    mailboxes, _ = _entries(tree, "mailboxes", Mailbox, lines)
    lines += map(str, problems(agencies, levels, refused))
    lines += map(str, signing_problems(certificates, mailboxes, agencies, refused))
    if lines:
        raise RegistryMistakes(lines)
    signing = Signing(CertificateMap(certificates), tuple(mailboxes), unit_words, clerk_words)
    return Content(tuple(agencies), levels, signing)


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


def _words(tree: dict[str, Any], key: str, lines: list[str]) -> tuple[str, ...]:
    given = tree.get(key, [])
    if isinstance(given, list) and all(isinstance(word, str) and word.strip() for word in given):
        return tuple(given)
    lines.append(f'{key}: must be a list of words, such as ["văn thư"]')
    return ()


Entry = TypeVar("Entry", bound=Dated)


def _entries(
    tree: dict[str, Any], key: str, kind: type[Entry], lines: list[str]
) -> tuple[list[Entry], frozenset[str]]:
    """The entries of a table, and the codes of those that are none."""
    given = tree.get(key, [])
    if not isinstance(given, list):
        lines.append(f"{key}: write each entry as its own [[{key}]] table")
        return [], frozenset()
    entries = []
    refused = set()
    for number, entry in enumerate(given, 1):
        try:
            entries.append(kind.model_validate(entry))
        except ValidationError as error:
            refused.add(str(entry.get("code", "")) if isinstance(entry, dict) else "")
            where = _label(entry, key, number)
            lines += [f"{where}: {fault}" for fault in explain(error)]
    return entries, frozenset(refused)


def _label(entry: object, key: str, number: int) -> str:
    code = entry.get("code") if isinstance(entry, dict) else None
    return f"agency {code}" if isinstance(code, str) and code else f"{key} entry {number}"


class Fault(NamedTuple):
    """One mistake of an entry."""

    key: str | None
    """None where it is the whole entry's."""
    where: str
    """The key, with the number of one of several values."""
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


def explain(error: ValidationError) -> list[Fault]:
    """The mistakes of an entry that is none."""
    faults = []
    for problem in error.errors(include_url=False):
        where = ".".join(str(part) for part in problem["loc"])
        key = str(problem["loc"][0]) if problem["loc"] else None
        faults.append(Fault(key, where, _told(problem, where)))
    return faults


def _told(problem: ErrorDetails, where: str) -> str:
    given = problem["input"]
    kind = "date" if problem["type"].startswith("date") else problem["type"]
    told = {
        "extra_forbidden": "no such key; docs/agencies.md lists all of them",
        "missing": "is missing: add it",
        "string_pattern_mismatch": f"{given!r} is no code: use a-z, 0-9, '.', '_' and '-', at most "
        "40",
        "enum": f"{given!r} is none of person, organisation and stamp",
        "date": f"{given!r} is no day: write 2025-07-01",
        "tuple_type": f'must be a list: write {where} = ["…"]',
    }
    return told.get(kind) or problem["msg"].removeprefix("Value error, ")
