"""Both languages say everything, nothing more, and say it in their own words."""

import re
import string
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

import monitor
from monitor.explain.catalogue import ENTRIES, WORDS, catalogue, tables
from monitor.explain.vocabulary import (
    WEIGHTS,
    Change,
    Label,
    Phrase,
    Reason,
    RecordLabel,
    Rule,
    Stands,
    Weight,
)
from monitor.model import DocumentRole, Finding, Language
from monitor.record import judging

LANGUAGES = pytest.mark.parametrize("language", list(Language))
VIETNAMESE = set("ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ")
ENGLISH = re.compile(
    r"\b(the|of|is|was|and|not|with|signed|signature|certificate|check)\b", re.IGNORECASE
)
PLACES = {"what", "count", "signers", "signer", "issuer", "expiry", "revoked"}
GOOD = {Reason.VALID, Reason.VALID_SEVERAL, Reason.VALID_PARTS, Reason.VALID_UNNAMED}


def texts(language: Language) -> Iterator[tuple[str, str]]:
    """(table.key.part, text) of everything in a language's file."""
    for table, keys in tables(language).items():
        for key, value in keys.items():
            if isinstance(value, str):
                yield f"{table}.{key}", value
            else:
                for part, text in value.items():
                    yield f"{table}.{key}.{part}", text


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@LANGUAGES
def test_every_word_has_a_text_and_every_text_a_word(language: Language) -> None:
    known = {table: {m.value for m in kind} for table, kind in (*WORDS.items(), *ENTRIES.items())}
    written = {table: set(keys) for table, keys in tables(language).items()}
    assert written == known


def test_both_languages_have_the_same_parts_and_placeholders() -> None:
    vietnamese, english = dict(texts(Language.VI)), dict(texts(Language.EN))
    assert vietnamese.keys() == english.keys()
    differing = {key for key, text in vietnamese.items() if places(text) != places(english[key])}
    assert differing == set()


@LANGUAGES
def test_texts_are_composed_trimmed_and_never_empty(language: Language) -> None:
    for key, text in texts(language):
        assert unicodedata.is_normalized("NFC", text), key
        assert text.strip(" ") == text or key.startswith("phrase."), key
        assert text.strip(), key
        assert text.isprintable(), key


def test_vietnamese_texts_are_vietnamese() -> None:
    for key, text in texts(Language.VI):
        spoken = re.sub(r"congvu trust import|--\w+|\w+\.\w+_\w+|\{\w+\}", "", text)
        assert not ENGLISH.search(spoken), key
        if key.startswith(("reason.", "finding.")):
            assert VIETNAMESE & set(spoken.lower()), key


def test_no_text_was_left_untranslated() -> None:
    english = dict(texts(Language.EN))
    same = {key for key, text in texts(Language.VI) if english[key] == text}
    assert same == {"phrase.count_word", "phrase.issued_by"}


@LANGUAGES
def test_findings_and_advice_are_sentences_and_reasons_can_follow_a_colon(
    language: Language,
) -> None:
    for key, text in texts(language):
        table, _, part = key.partition(".")[0], *key.rpartition(".")[1:]
        if table == "reason" and part == "sentence":
            assert not text.endswith("."), key
            assert text[0].islower() or text[0] == "{", key
            assert places(text) <= PLACES, key
        elif part in {"sentence", "clerk", "operator"} and table in ENTRIES:
            assert text.endswith("."), key
            assert text[0].isupper(), key
            assert places(text) == set(), key


@LANGUAGES
def test_every_finding_and_every_bad_reason_says_who_should_do_what(language: Language) -> None:
    words = catalogue(language)
    for finding in Finding:
        entry = words.entry(finding)
        assert entry.name, finding
        assert entry.clerk or entry.operator, finding
    for reason in set(Reason) - GOOD:
        assert words.entry(reason).clerk or words.entry(reason).operator, reason


def test_what_could_not_be_checked_is_never_called_invalid() -> None:
    """DOMAIN: "could not check" is "chưa kiểm tra được"."""
    for key, text in texts(Language.VI):
        if "không hợp lệ" in text.lower():
            assert key in {"lead.invalid", "overall.invalid", "reason.part_invalid.sentence"}
    ours = {
        Finding.REVOCATION_UNCHECKED, Finding.REVOCATION_STALE, Finding.CHAIN_INCOMPLETE,
        Finding.ALGORITHM_UNSUPPORTED, Finding.FORMAT_UNSUPPORTED, Finding.LIMIT_REACHED,
        Finding.VERIFIER_CRASHED, Finding.VERIFIER_FAULT, Finding.VERIFIER_TIMEOUT,
    }  # fmt: skip
    assert Weight.PROBLEM not in {WEIGHTS[finding] for finding in ours}


def test_findings_bear_the_names_the_national_verifier_gives_them() -> None:
    words = catalogue(Language.VI)
    assert words.entry(Finding.CHANGED_AFTER_SIGNING).name == "Tài liệu đã bị thay đổi"
    assert words.entry(Finding.NOT_TIMESTAMPED).name == "Chữ ký không gắn dấu thời gian"
    unchecked = words.entry(Finding.REVOCATION_UNCHECKED).name
    assert unchecked == "Lỗi tải danh sách chứng thư bị thu hồi"


def test_no_phrase_or_label_is_unused() -> None:
    folder = Path(next(iter(monitor.__path__)))
    code = "".join(
        path.read_text(encoding="utf-8")
        for room in ("explain", "commands")
        for path in (folder / room).glob("*.py")
        if path.name != "vocabulary.py"
    )
    for kind in (Phrase, Label, RecordLabel):
        unused = {member.name for member in kind if f"{kind.__name__}.{member.name}" not in code}
        assert unused == set(), kind


def test_the_record_says_nothing_the_catalogue_has_no_word_for() -> None:
    assert {word.value for word in Change} == {word.value for word in judging.Reason}
    assert {word.value for word in Stands} == {word.value for word in judging.Standing}
    assert {word.value for word in Rule} == {word.value for word in DocumentRole}


@pytest.mark.parametrize(
    ("language", "text"), [(Language.VI, "1.234.567"), (Language.EN, "1,234,567")]
)
def test_thousands_are_written_as_the_language_does(language: Language, text: str) -> None:
    assert catalogue(language).number(1234567) == text
