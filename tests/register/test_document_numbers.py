"""One document's number is recognised however it is written."""

import unicodedata

import pytest

from monitor.register.numbers import number_key


@pytest.mark.parametrize(
    ("number", "notation"),
    [
        ("12", "QĐ-UBND"),
        ("012", "qđ-ubnd"),
        ("12/QĐ-UBND", None),
        ("12/QĐ-UBND", "QĐ-UBND"),
        ("12", "12/QĐ-UBND"),
        ("0012", "12/QĐ-UBND"),
        (None, "12/QĐ-UBND"),
        ("", " 12 / QĐ \u2013 UBND "),
        ("Số: 12", "/QĐ-UBND"),
        ("12", unicodedata.normalize("NFD", "QĐ-UBND")),
        (" 12\u00a0", "QĐ\u2011UBND"),
    ],
)
def test_spellings_of_one_number_have_one_key(number: str | None, notation: str | None) -> None:
    assert number_key(number, notation) == "12/qđ-ubnd"


@pytest.mark.parametrize("number", ["SOYT-NV", "NOIVU/12", "Sở Y tế 12"])
def test_a_word_that_begins_like_a_prefix_stays(number: str) -> None:
    assert number_key(number) == "".join(number.casefold().split())


def test_accents_tell_notations_apart() -> None:
    assert number_key("1", "QĐ") != number_key("1", "QD")


def test_what_can_be_no_number_has_no_key() -> None:
    assert number_key("1" * 10_000, "A" * 10_000) == ""
