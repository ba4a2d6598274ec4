"""Names, numbers and periods as they stand in reports."""

from datetime import date

import pytest

from monitor.model import Language
from monitor.periods import Rules, parse
from monitor.report.numbers import Numbers, roman
from monitor.report.spans import name, short, span
from monitor.report.text import clean, sentence
from monitor.report.words import words

VI, EN = Numbers(Language.VI), Numbers(Language.EN)


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("  Sở\t Y\r\n tế ", "Sở Y tế"),
        ("So\u031b\u0309 Y te\u0302\u0301", "Sở Y tế"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("\u200fUBND\u200b xã\u2066", "UBND xã"),
        ("Sở\x00 Tư\x1b[31m pháp\ufeff", "Sở Tư[31m pháp"),
        ("a\u0300\u0301\u0302\u0303\u0304", "à\u0301\u0302"),
        ("o\u200d\u0302", "ô"),
        ("=1+1", "=1+1"),
        ("", ""),
        ("\ud800x", "x"),
    ],
)
def test_text_of_data_is_composed_on_one_line_and_without_what_is_not_seen(
    given: str, cleaned: str
) -> None:
    assert clean(given) == cleaned
    assert clean(clean(given)) == clean(given)


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert clean("x" * 600, 10) == "xxxxxxxxx…"
    assert len(clean("ế" * 10_000)) == 500


def test_a_sentence_begins_with_a_capital_and_ends_with_a_full_stop() -> None:
    assert sentence("đã ký") == "Đã ký."
    assert sentence("Xong!") == "Xong!"
    assert sentence("") == ""


def test_vietnamese_numbers_have_a_decimal_comma_and_dots_for_thousands() -> None:
    assert (VI.count(1234567), EN.count(1234567)) == ("1.234.567", "1,234,567")
    assert (VI.percent(0.9494), EN.percent(0.9494)) == ("94,9%", "94.9%")
    assert (VI.percent(12.345), EN.percent(12.345)) == ("1.234,5%", "1,234.5%")
    assert VI.day(date(2026, 3, 1)) == "01/03/2026"


def test_what_is_not_all_is_never_a_hundred_percent_nor_what_is_not_none_zero() -> None:
    assert VI.percent(0.99996) == "99,9%"
    assert VI.percent(0.00001) == "0,1%"
    assert (VI.percent(1.0), VI.percent(0.0)) == ("100,0%", "0,0%")


def test_halves_are_rounded_up_as_by_hand() -> None:
    assert VI.percent(0.5005) == "50,1%"
    assert VI.percent(0.1245) == "12,5%"
    assert VI.points(-0.0125) == "1,3"


def test_targets_have_the_digits_of_the_plan() -> None:
    assert [VI.whole_percent(each) for each in (0.6, 0.995, 1.0, 0.0)] == [
        "60%", "99,5%", "100%", "0%",
    ]  # fmt: skip


def test_roman_numbers() -> None:
    assert [roman(n) for n in (1, 4, 9, 10, 14, 39)] == ["I", "IV", "IX", "X", "XIV", "XXXIX"]


@pytest.mark.parametrize(
    ("period", "vietnamese", "english", "below"),
    [
        ("2026-10", "Tháng 10 năm 2026 (từ ngày 01/10/2026 đến ngày 31/10/2026)",
         "October 2026 (from 01/10/2026 to 31/10/2026)", "10/2026"),
        ("2026-10@administrative", "Tháng 10 năm 2026 (từ ngày 15/09/2026 đến ngày 14/10/2026)",
         "October 2026 (from 15/09/2026 to 14/10/2026)", "10/2026"),
        ("2026-Q3", "Quý III năm 2026 (từ ngày 01/07/2026 đến ngày 30/09/2026)",
         "Quarter III of 2026 (from 01/07/2026 to 30/09/2026)", "Quý III/2026"),
        ("2026-H1", "6 tháng đầu năm 2026 (từ ngày 01/01/2026 đến ngày 30/06/2026)",
         "First half of 2026 (from 01/01/2026 to 30/06/2026)", "6T đầu 2026"),
        ("2026-H2@administrative",
         "6 tháng cuối năm 2026 (từ ngày 15/06/2026 đến ngày 14/12/2026)",
         "Second half of 2026 (from 15/06/2026 to 14/12/2026)", "6T cuối 2026"),
        ("2026", "Năm 2026 (từ ngày 01/01/2026 đến ngày 31/12/2026)",
         "Year 2026 (from 01/01/2026 to 31/12/2026)", "2026"),
        ("cumulative:2026-09", "Lũy kế từ ngày 01/01/2026 đến ngày 30/09/2026",
         "Cumulative from 01/01/2026 to 30/09/2026", "9/2026"),
        ("2026-10-05..2026-10-20", "Từ ngày 05/10/2026 đến ngày 20/10/2026",
         "From 05/10/2026 to 20/10/2026", "05/10–20/10/2026"),
    ],
)  # fmt: skip
def test_periods_are_called_as_officials_call_them(
    period: str, vietnamese: str, english: str, below: str
) -> None:
    read = parse(period, Rules())
    assert span(read, words(Language.VI)) == vietnamese
    assert span(read, words(Language.EN)) == english
    assert short(read, words(Language.VI)) == below
    assert vietnamese.startswith(name(read, words(Language.VI)))
