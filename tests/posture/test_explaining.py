"""Both languages explain every reason, and hostile facts do no harm."""

import os
import string
import unicodedata
from collections.abc import Iterator, Mapping
from errno import ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT
from typing import Any

import pytest

from monitor.model import Check, CheckStatus, Language, SpfResult
from monitor.posture.dmarc import Fault
from monitor.posture.explaining import posture_words, written
from monitor.posture.keys import KeyFault
from monitor.posture.names import Why
from monitor.posture.words import Reason
from monitor.tables.formulas import inert

LANGUAGES = pytest.mark.parametrize("language", list(Language))
VIETNAMESE = set("ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ")
SPEAKING = {
    "check": Check, "status": CheckStatus, "why": Why, "reason": Reason, "spf": SpfResult,
}  # fmt: skip
FAULTS = {*KeyFault, "several", Fault.TWICE, Fault.NO_EQUALS, Fault.CHARACTERS}


def texts(tables: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tables.items():
        if isinstance(value, str):
            yield f"{path}{key}", value
        else:
            yield from texts(value, f"{path}{key}.")


def places(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


@LANGUAGES
def test_every_word_has_a_text_and_every_text_a_word(language: Language) -> None:
    tables = written(language)
    known = {table: {member.value for member in kind} for table, kind in SPEAKING.items()}
    assert {table: set(tables[table]) for table in SPEAKING} == known
    assert set(tables["fault"]) == FAULTS
    assert set(tables["remedy"]) <= set(tables["why"])
    assert set(tables["answer"]) == {"no_name", "no_data"}
    assert set(tables) == {*SPEAKING, "fault", "missing", "remedy", "answer", "error"}


def test_both_languages_have_the_same_parts_and_name_the_same_facts() -> None:
    vietnamese, english = (dict(texts(written(each))) for each in (Language.VI, Language.EN))
    assert vietnamese.keys() == english.keys()
    differing = {
        key for key, text in english.items() if set(places(text)) != set(places(vietnamese[key]))
    }
    assert differing == set()


@LANGUAGES
def test_a_place_in_a_sentence_is_the_plain_name_of_a_fact(language: Language) -> None:
    for key, text in texts(written(language)):
        for literal, name, form, conversion in string.Formatter().parse(text):
            assert name is None or name.isidentifier(), key
            assert not form, key
            assert not conversion, key
            assert not {"{", "}"} & set(literal), key


@LANGUAGES
def test_texts_are_composed_trimmed_sentences(language: Language) -> None:
    for key, text in texts(written(language)):
        assert unicodedata.is_normalized("NFC", text), key
        assert text == text.strip(), key
        assert text.isprintable(), key
        if key.endswith((".says", ".advice")) and text:
            assert text.endswith("."), key
            assert text[0].isupper() or text[0] == "{", key
        assert text or key.endswith(".advice"), key


def test_vietnamese_sentences_are_vietnamese() -> None:
    english = dict(texts(written(Language.EN)))
    for key, text in texts(written(Language.VI)):
        if key.startswith("reason.") and text:
            assert VIETNAMESE & set(text.lower()), key
            assert text != english[key], key


@LANGUAGES
@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_without_its_facts_is_explained_all_the_same(
    reason: Reason, language: Language
) -> None:
    words = posture_words(language)
    said = words.explain(reason, "so.example.gov.vn", {})
    assert said.says
    template = words.template(reason)
    missing = set(places(template.says + template.advice)) - {"domain"}
    assert (written(language)["missing"]["fact"] in said.says + said.advice) == bool(missing)


def test_an_unanswered_question_says_what_became_of_it() -> None:
    said = posture_words(Language.EN).explain(Reason.UNANSWERED, "x.vn", {"why": Why.TIMEOUT})
    assert said.says == "It could not be checked: no answer came in time."
    assert "x.vn" in said.advice


def test_of_a_broken_dnssec_the_domain_is_not_said_to_be_without_fault() -> None:
    said = posture_words(Language.EN).explain(Reason.UNANSWERED, "x.vn", {"why": Why.BOGUS})
    assert "mend DNSSEC (of x.vn: see that check)" in said.advice
    assert "no fault" not in said.advice


@pytest.mark.parametrize("number", [ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH])
def test_what_the_system_says_of_a_connection_is_vietnamese(number: int) -> None:
    facts = {"host": "mail.x.vn", "port": "25", "error": os.strerror(number)}
    said = posture_words(Language.VI).explain(Reason.GATEWAY_UNREACHABLE, "mail-1", facts)
    assert said.says.endswith(f" ({os.strerror(number)}).")
    assert not said.says.endswith(f": {os.strerror(number)}.")


def test_what_nobody_put_into_words_stands_as_it_was_said() -> None:
    facts = {"host": "mail.x.vn", "error": "SOMETHING_NEW"}
    said = posture_words(Language.VI).explain(Reason.GATEWAY_HANDSHAKE, "mail-1", facts)
    assert said.says.endswith(": SOMETHING_NEW.")


def test_the_day_of_a_certificate_is_written_as_officials_write_it() -> None:
    facts = {"host": "mail.x.vn", "days": "12", "not_after": "2026-12-04"}
    said = posture_words(Language.VI).explain(Reason.GATEWAY_ENDS_SOON, "mail-1", facts)
    assert said.advice.endswith("trước ngày 04/12/2026.")
    odd = posture_words(Language.VI).explain(
        Reason.GATEWAY_EXPIRED, "mail-1", {"not_after": "2026-99-99\x1b"}
    )
    assert odd.says.endswith("2026-99-99\ufffd.")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("x.vn AAAA: no_data", "x.vn AAAA: không có bản ghi loại này"),
        ("_dmarc.x.vn TXT: no_name", "_dmarc.x.vn TXT: không có tên này"),
        ("x.vn MX: timeout", "x.vn MX: không có trả lời trong thời gian chờ"),
        ("x.vn TXT said: no_data", "x.vn TXT said: no_data"),
        ("x.vn TXT: of_tomorrow", "x.vn TXT: of_tomorrow"),
    ],
)
def test_evidence_without_a_record_says_so_in_words(line: str, shown: str) -> None:
    assert posture_words(Language.VI).evidence(line) == shown


def test_what_is_wrong_in_a_record_is_put_into_words() -> None:
    facts = {"name": "gw._domainkey.x.vn", "fault": KeyFault.HASH.value}
    said = posture_words(Language.EN).explain(Reason.DKIM_BROKEN, "x.vn", facts)
    assert said.says.endswith("it does not allow SHA-256 (h=).")


def test_a_reason_of_a_later_version_stands_for_itself() -> None:
    said = posture_words(Language.VI).explain("of_tomorrow\x1b[2J", "x.vn", {})
    assert said.says == "of_tomorrow\ufffd[2J"


HOSTILE = [
    "\x1b]0;owned\x07",
    "a\r\nb\u2028c",
    "\u202eevil",
    "{domain}{0.__class__}{why!r:>9999999}",
    "=HYPERLINK(1)",
    "x" * 5000,
    "<script>alert(1)</script>",
]


@LANGUAGES
@pytest.mark.parametrize("fact", HOSTILE)
def test_a_hostile_fact_stays_within_one_plain_line(fact: str, language: Language) -> None:
    words = posture_words(language)
    for reason in Reason:
        template = words.template(reason)
        facts = dict.fromkeys(places(template.says + template.advice), fact)
        said = words.explain(reason, "x.vn", facts)
        for text in (said.says, said.advice):
            assert text.isprintable()
            assert len(text) <= 2000
    assert inert(words.explain(HOSTILE[4], "x.vn", {}).says).startswith("'=")


def test_braces_in_a_fact_are_not_filled() -> None:
    said = posture_words(Language.EN).explain(Reason.UNANSWERED, "x.vn", {"why": "{domain}"})
    assert said.says == "It could not be checked: {domain}."
