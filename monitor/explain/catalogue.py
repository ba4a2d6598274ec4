"""The message catalogue: one TOML file a language, a text for every word of every vocabulary."""

import functools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import resources
from typing import Any

from monitor.clock import VIETNAM
from monitor.explain.vocabulary import (
    Change,
    Label,
    Lead,
    Level,
    Met,
    Phrase,
    Reason,
    RecordLabel,
    Remark,
    RoleBy,
    Rule,
    Stands,
    Weight,
)
from monitor.model import (
    Binding,
    Cause,
    Channel,
    Coverage,
    Direction,
    DocumentClass,
    Finding,
    Integrity,
    Kind,
    Language,
    Overall,
    SignerKind,
    SubIndication,
    TimeSource,
    Trust,
    TrustClass,
)

WORDS: Mapping[str, type[StrEnum]] = {
    "lead": Lead,
    "overall": Overall,
    "cause": Cause,
    "integrity": Integrity,
    "trust": Trust,
    "binding": Binding,
    "kind": Kind,
    "sub_indication": SubIndication,
    "signer_kind": SignerKind,
    "trust_class": TrustClass,
    "time_source": TimeSource,
    "coverage": Coverage,
    "level": Level,
    "weight": Weight,
    "phrase": Phrase,
    "remark": Remark,
    "label": Label,
    "channel": Channel,
    "direction": Direction,
    "document_class": DocumentClass,
    "standing": Stands,
    "change": Change,
    "rule": Rule,
    "role_by": RoleBy,
    "met": Met,
    "record": RecordLabel,
}
"""Tables of a file whose keys have one text each."""

ENTRIES: Mapping[str, type[StrEnum]] = {"reason": Reason, "finding": Finding}
"""Tables whose keys have a sentence and say what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A reason or finding: what it is and who should do what; a reason has no name."""

    sentence: str
    name: str | None = None
    clerk: str | None = None
    operator: str | None = None


class Catalogue:
    """The texts of one language; every word of the vocabularies has one, or loading fails."""

    def __init__(self, language: Language, tables: Mapping[str, Any]) -> None:
        """`tables` as parsed from TOML; raises KeyError or TypeError for what is missing."""
        self.language = language
        self._words = {
            (kind, member): str(tables[table][member.value])
            for table, kind in WORDS.items()
            for member in kind
        }
        self._entries = {
            (kind, member): Entry(**tables[table][member.value])
            for table, kind in ENTRIES.items()
            for member in kind
        }

    def word(self, member: StrEnum, **values: object) -> str:
        """The text of a word, with its placeholders filled."""
        text = self._words[type(member), member]
        return text.format(**values) if values else text

    def entry(self, member: Reason | Finding) -> Entry:
        return self._entries[type(member), member]

    def listing(self, texts: Iterable[str]) -> str:
        """`a, b và c`."""
        *first, last = texts
        if not first:
            return last
        return self.word(Phrase.AND, list=", ".join(first), last=last)

    def number(self, value: int) -> str:
        """With the language's sign for thousands."""
        text = f"{value:,}"
        return text.replace(",", ".") if self.language is Language.VI else text


def instant(when: datetime) -> str:
    """`dd/MM/yyyy HH:mm` in Vietnam time."""
    return when.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def day(when: datetime) -> str:
    """`dd/MM/yyyy` in Vietnam time."""
    return when.astimezone(VIETNAM).strftime("%d/%m/%Y")


@functools.cache
def catalogue(language: Language) -> Catalogue:
    return Catalogue(language, tables(language))


def tables(language: Language) -> dict[str, Any]:
    """A language's file as it stands."""
    file = resources.files("monitor.explain") / "language" / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
