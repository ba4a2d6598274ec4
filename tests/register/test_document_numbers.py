"""One document's number is recognised however it is written."""

import unicodedata

import pytest

from monitor.register.numbers import document_number


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
        ("12", "Q\u00d0-UBND"),
        (" 12\u00a0", "QĐ\u2011UBND"),
    ],
)
def test_spellings_of_one_number_have_one_key(number: str | None, notation: str | None) -> None:
    assert document_number(number, notation).key == "12/QĐ-UBND"


@pytest.mark.parametrize(
    ("number", "notation", "key"),
    [
        ("12", None, "12"),
        ("12a", "QĐ-UBND", "12A/QĐ-UBND"),
        ("000", "CV", "0/CV"),
        ("12", "13/QĐ-UBND", "12/13/QĐ-UBND"),
        (None, "QĐ-UBND", ""),
        (None, "QĐ/UBND", ""),
        (None, None, ""),
        ("", "", ""),
        ("12", "CV/HU", "12/CV/HU"),
        ("12/CV/HU", None, "12/CV/HU"),
    ],
)
def test_different_numbers_stay_different(
    number: str | None, notation: str | None, key: str
) -> None:
    assert document_number(number, notation).key == key


def test_accents_tell_notations_apart() -> None:
    assert document_number("1", "QĐ").key != document_number("1", "QD").key


def test_an_overlong_number_costs_no_more_than_a_long_one() -> None:
    assert len(document_number("1" * 10_000, "A" * 10_000).key) <= 201
