"""Texts that a spreadsheet would run are told as text, and read back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.tables import inert, plain

DANGEROUS = (
    "=1+1", "+84", "-1+cmd|' /C calc'!A0", "@SUM(A1:A9)", "\t=1", "\r=1", "\n=1", "  =1+1",
    "\u00a0=1", "\ufeff=1", "\u200b=1", "\u202e=1", "＝1+1", "＋1", "－1", "＠x", "'=1", "''@x",
    "\x00=1", "-", "\tname",
)  # fmt: skip
HARMLESS = ("Sở Y tế", "'Sở", "O'=1", "12/QĐ-UBND", "", "'", "1-2", "a@b.example")


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_would_run_stands_behind_an_apostrophe(text: str) -> None:
    assert inert(text) == "'" + text
    assert plain(inert(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_every_other_text_stays_as_it_is(text: str) -> None:
    assert inert(text) == text
    assert plain(text) == text


@given(st.text(alphabet=st.sampled_from("'=+-@＝ \t\r\n\u200bxé")) | st.text())
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    assert plain(inert(text)) == text


@given(st.text(alphabet=st.sampled_from("'=+-@＝ \t\r\n\u200b\u061cxé")) | st.text())
def test_no_text_begins_like_a_formula_behind_what_is_not_shown(text: str) -> None:
    shown = inert(text).lstrip("\u200b\u061c\ufeff \xa0\t\r\n")
    assert not shown.startswith(tuple("=+-@＝＋－＠"))


@pytest.mark.parametrize("number", [-1, -0.5, 0, None])
def test_a_number_stays_a_number(number: float | None) -> None:
    assert inert(number) is number
