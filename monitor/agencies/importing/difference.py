"""What an import would change, for people and programs to read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from monitor.agencies.importing.words import name_key, same_name
from monitor.agencies.names import domain_key, uid_key
from monitor.agencies.subaddress import pattern
from monitor.model import organ_key

Value = str | date | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Added:
    """A new agency, or one that begins again."""

    row: int
    code: str
    name: str
    level: str
    parent: str | None
    since: date | None
    made: bool
    """The list has no code for it, so one was made of its name."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Old and new values by field, from a day on."""

    row: int
    code: str
    name: str
    since: date | None
    fields: Mapping[str, tuple[Value, Value]]


@dataclass(frozen=True, slots=True)
class Ended:
    """An agency's last day, and who takes over."""

    row: int | None
    """None where a complete list does not have it."""
    code: str
    name: str
    last_day: date
    successors: tuple[str, ...]


@dataclass
class Difference:
    """Everything that a list changes."""

    added: list[Added] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    unchanged: int = 0
    """Rows that say what the registry says."""

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.ended)


def same(key: str, listed: Value, known: Value) -> bool:
    """Do two values of a field say the same?

    Spellings that are compared as one (Unicode, case, spacing, where a tone mark stands, the two
    schemes of organ codes) and the order of several entries make no difference.
    """
    if key in {"name", "name_en"}:
        return same_name(_text(listed), _text(known))
    if key in _KEYS:
        return _set(key, listed) == _set(key, known)
    return (listed or None) == (known or None)


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _set(key: str, value: Value) -> set[str]:
    entries = value if isinstance(value, tuple) else ()
    try:
        return {_KEYS[key](entry) for entry in entries}
    except ValueError:  # a mistake, which is told of the entry that has it
        return set(entries)


_KEYS: Mapping[str, Callable[[str], str]] = {
    "aliases": name_key,
    "system_names": name_key,
    "organisations": name_key,
    "domains": domain_key,
    "addresses": lambda address: pattern(address).key,
    "organ_codes": organ_key,
    "uid": uid_key,
    "signs_for": str,
    "successors": str,
}
