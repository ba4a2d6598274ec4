"""Pseudonyms as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import UserError
from monitor.record.pseudonyms import parse, short


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_the_short_form_stands_for_the_same_number(pseudonym: int) -> None:
    written = short(pseudonym)
    assert len(written) == 15
    assert parse(written) == parse(written.upper()) == parse(written.replace("-", "")) == pseudonym


@pytest.mark.parametrize("number", [0, 7, -1, (1 << 63) - 1, -(1 << 63)])
def test_the_number_itself_is_understood(number: int) -> None:
    assert parse(str(number)) == number


def test_misread_letters_are_understood() -> None:
    assert parse("oo00-lI11-00000") == parse("0000-1111-00000")


@pytest.mark.parametrize("text", ["", "abc", "a@x.example", "zzzz-zzzz-zzzzz", "4k7q-29xh-m4t0u"])
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(UserError, match="is no pseudonym: write it as reports print it"):
        parse(text)
