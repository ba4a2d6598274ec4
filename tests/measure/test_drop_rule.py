"""The statistic of drops, and by simulation how often it is wrong and what it finds.

The long simulation is `python -m bench drops`; its table is in docs/alerts.md.
"""

from collections import Counter
from datetime import date
from random import Random

import pytest

from monitor.measure.drop_rule import (
    DOCUMENTS,
    Counts,
    History,
    Rule,
    score,
    standings,
    wilson_low,
)
from tests.support.drop_trials import halved, pages, series
from tests.support.habits import ONE, SEVERAL, census, working_days

DAYS = working_days(date(2025, 3, 3), date(2025, 12, 31))


def together(numerator: float, denominator: float, undecided: float = 0) -> Counts:
    return Counts(1, numerator, denominator, denominator, undecided)


def test_the_score_is_the_root_of_twice_the_gain_in_likelihood() -> None:
    """190 of 200 against 15 of 30, pooled 205 of 230: 200 * 0.02177 + 30 * 0.4740 = 18.573."""
    assert score(together(190, 200), together(15, 30), 0) == pytest.approx(6.0946, abs=1e-3)


def test_a_rise_has_no_score() -> None:
    assert score(together(100, 200), together(30, 30), 0) == 0


def test_what_is_undecided_counts_as_signed() -> None:
    alone = score(together(190, 200), together(10, 20), 0)
    assert score(together(190, 200), together(10, 20, undecided=30), 0) < alone


def test_documents_that_are_alike_within_a_day_count_for_less() -> None:
    many = Counts(2, 15, 30, 30, 0, (113, 225, 450))
    before = Counts(20, 190, 200, 200, 0, (1805, 1900, 2000))
    assert score(before, many, 0.2) < score(before, many, 0.0) / 1.4


def test_wilson_as_in_the_textbook() -> None:
    assert wilson_low(0.9, 50) == pytest.approx(0.7864, abs=1e-3)


def test_a_lower_baseline_asks_for_a_higher_score() -> None:
    rule = Rule(3.7, 4.3)
    assert (rule.of(0.95), rule.of(0.5)) == (3.7, 4.3)
    assert 3.7 < rule.of(0.7) < 4.3


def test_a_small_change_of_very_many_documents_is_no_drop() -> None:
    """88% after 93%: certain in a hundred thousand, and less than the margin."""
    signed = [9300] * (len(DAYS) - 10) + [8800] * 10
    assert last(signed, [10000] * len(DAYS)) is None


def test_a_drop_that_begins_again_after_recovery_is_held_against_the_old_level() -> None:
    """Twelve bad days, six good ones, three bad: the twenty days before hold the bad ones too."""
    signed = [9] * (len(DAYS) - 21) + [3] * 12 + [9] * 6 + [3] * 3
    assert last(signed, [10] * len(DAYS)) == len(DAYS) - 3


def last(signed: list[int], issued: list[int]) -> int | None:
    *_, standing = standings(census(DAYS, signed, issued), DOCUMENTS)
    return standing.drop_from


def test_a_figure_without_documents_stands_nowhere() -> None:
    nothing = [0.0] * len(DAYS)
    empty = History(DAYS, nothing, nothing, nothing, nothing, nothing)
    *_, standing = standings(empty, DOCUMENTS)
    assert (standing.drop_from, standing.silent_from, standing.decline_from) == (None, None, None)


def test_agencies_that_change_nothing_hardly_ever_page() -> None:
    """A year of forty agencies, a fifth of the province: the bar lets 2.4 be expected, and chance
    one in twenty times more than four.
    """
    days = working_days(date(2023, 1, 1), date(2023, 12, 31))
    found: Counter[str] = Counter()
    for each in series(40, days, Random(7)):
        found += pages(each)
    assert found.total() <= 4, found


@pytest.mark.parametrize(("sizes", "least"), [(ONE, 54), (SEVERAL, 48)], ids=["docsys", "mail"])
def test_a_halving_at_ten_documents_a_day_pages_within_three_working_days(
    sizes: tuple[tuple[int, float], ...], least: int
) -> None:
    """Of sixty; the bench tries hundreds: 0.96 and 0.90, of which sixty may miss more by chance."""
    random = Random(3)
    assert sum(halved(0.95, 10, random, sizes, 3) for _ in range(60)) >= least
