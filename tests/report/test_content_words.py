"""Both languages of reports say everything, nothing more, and with the same placeholders."""

import ast
import re
import string
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

import monitor.report
from monitor.measure.figures import Scope, State
from monitor.measure.progress import Assessment
from monitor.model import ActivityKind, Channel, Language, TimeSource, TrustClass
from monitor.periods import Kind
from monitor.report.content.accounts import STEPS
from monitor.report.content.facts import COMPARED
from monitor.report.content.quality import KINDS
from monitor.report.content.targets import Judgement
from monitor.report.words import flat, tables

LANGUAGES = pytest.mark.parametrize("language", list(Language))
FOLDER = Path(monitor.report.__file__).parent
ENGLISH = re.compile(r"\b(the|of|and|not|with|signed|agency|agencies|documents?)\b", re.IGNORECASE)
WRITTEN: dict[str, set[str]] = {
    "level": {"province", "department", "district", "commune", "none"},
    "channel": set(Channel),
    "activity": set(ActivityKind),
    "state": set(State),
    "why": set(State),
    "about": set(COMPARED),
    "judgement": set(Judgement),
    "standing": set(Assessment),
    "trust_class": {*TrustClass, "none"},
    "time_source": {*TimeSource, "none"},
    "signer_kind": {"person", "organisation", "stamp", "none"},
    "rule": {"not_issuer", "person_missing", "organisation_missing"},
    "rule_advice": {"not_issuer", "person_missing", "organisation_missing"},
    "month": {str(n) for n in range(1, 13)},
    "verdict": {
        "valid", "invalid", "unsigned", "unreadable", "indeterminate", "indeterminate_ours",
        "indeterminate_signer", "not_issuer", "person_missing", "organisation_missing",
    },
}  # fmt: skip
"""Tables whose keys are words of a vocabulary."""
MADE = {
    "funnel": set(STEPS),
    "verdicts": set(KINDS),
    "column": set(COMPARED),
    "method": set(COMPARED),
    "head": {f"subject_{scope}" for scope in Scope},
    "span": {"half_1", "half_2", Kind.MONTH, Kind.QUARTER, Kind.YEAR},
    "short": {"half_1", "half_2", Kind.MONTH, Kind.QUARTER, Kind.YEAR},
    "summary": {"target_met", "target_not_met"},
    "main": {"note_rosters_part", "note_documents_part"},
    **{
        table: {"title", "sheet", "note", "empty"} for table in ("documents", "documents_open")
    },
}  # fmt: skip
"""Keys that the code puts together."""
ELSEWHERE = {"cause_what", "cause_why"}
"""Words that closings write: monitor/measure/closing/differences.py."""


def texts(language: Language) -> dict[str, str]:
    return flat(tables(language))


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def literals() -> Iterator[str]:
    """Every plain string in the code of reports."""
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def used() -> set[str]:
    keys = set(texts(Language.VI))
    found = keys & set(literals())
    for table, words in (*WRITTEN.items(), *MADE.items()):
        found |= {f"{table}.{_plain(word)}" for word in words}
    return found


def _plain(word: str) -> str:
    return word.value if isinstance(word, StrEnum) else word


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    vietnamese, english = texts(Language.VI), texts(Language.EN)
    assert vietnamese.keys() == english.keys()
    differing = {
        key for key, text in vietnamese.items()
        if places(text) - {"number", "month"} != places(english[key]) - {"number", "month"}
    }  # fmt: skip
    assert differing == set()


def test_every_text_is_used_and_every_word_of_a_vocabulary_has_one() -> None:
    keys = {key for key in texts(Language.VI) if key.split(".")[0] not in ELSEWHERE}
    assert keys - used() == set()
    assert used() - keys == set()


@LANGUAGES
def test_texts_are_composed_trimmed_and_printable(language: Language) -> None:
    for key, text in texts(language).items():
        assert unicodedata.is_normalized("NFC", text), key
        assert text.isprintable(), key
        assert text.strip(), key
        assert text == text.rstrip(), key


def test_vietnamese_texts_are_vietnamese() -> None:
    for key, text in texts(Language.VI).items():
        spoken = re.sub(r"congvu [a-z ]+|--\w+|\{\w+\}", "", text)
        assert not ENGLISH.search(spoken), key


@LANGUAGES
def test_names_of_sheets_are_short_plain_and_different(language: Language) -> None:
    sheets = [text for key, text in texts(language).items() if key.endswith(".sheet")]
    assert len({sheet.casefold() for sheet in sheets}) == len(sheets)
    for sheet in sheets:
        assert len(sheet) <= 31, sheet
        assert not set(sheet) & set("[]:*?/\\"), sheet
