"""Two channels as one figure, and what may be compared."""

from datetime import date

import pytest

from monitor.measure.figures import Figure, Scope, State
from monitor.report.content.facts import PREVIOUS, Figures, Of
from monitor.report.content.measures import (
    NOTHING,
    Measured,
    change,
    comparable,
    count,
    measured,
    of_few,
    paired,
    share,
    together,
)

AGENCY = Of(Scope.AGENCY, "so-mot")


def figure(
    channel: str, numerator: int, denominator: int, undecided: int = 0, *,
    interval: tuple[float, float] | None = None, state: State = State.OK, fraction: float = 1.0,
) -> Figure:  # fmt: skip
    ratio = numerator / denominator if denominator else None
    low, high = interval or (ratio, ratio)
    return Figure(
        indicator="document_paired", scope=Scope.AGENCY, code="so-mot", channel=channel,
        document_class="formal", window="period", first_day=date(2026, 10, 1),
        last_day=date(2026, 10, 31), numerator=numerator, denominator=denominator,
        undecided=undecided, ratio=ratio, state=state, low=low, high=high,
        sample_fraction=fraction, checked=round(denominator * fraction),
    )  # fmt: skip


def both(docsys: Figure, axis: Figure) -> Measured:
    return together([measured(docsys), measured(axis)])


def test_a_census_of_two_channels_is_a_census() -> None:
    found = both(figure("docsys", 90, 100), figure("axis", 10, 50))
    assert (found.numerator, found.denominator, found.state) == (100, 150, State.OK)
    assert found.ratio == pytest.approx(100 / 150)
    assert not share(found).sampled


def test_a_channel_without_data_leaves_the_other_as_it_is() -> None:
    alone = measured(figure("docsys", 90, 100))
    assert together([alone, measured(figure("axis", 0, 0, state=State.NO_DATA))]) == alone
    assert together([NOTHING, NOTHING]) == NOTHING


def test_intervals_of_two_samples_add_as_squares() -> None:
    """Half of the units each: 0.06 and 0.08 below become the half of 0.1."""
    found = both(
        figure("docsys", 80, 100, interval=(0.74, 0.86), fraction=0.5),
        figure("axis", 60, 100, interval=(0.52, 0.68), fraction=0.3),
    )
    assert found.ratio == pytest.approx(0.7)
    assert found.low == pytest.approx(0.65)
    assert found.high == pytest.approx(0.75)
    assert found.sample_fraction == pytest.approx(0.4)
    assert found.checked == 80


def test_undecided_documents_of_both_channels_decide_whether_it_is_stale() -> None:
    fresh = both(figure("docsys", 950, 960, 5), figure("axis", 1, 2, 1, state=State.STALE))
    assert fresh.state is State.OK
    stale = both(figure("docsys", 90, 95, 5), figure("axis", 10, 90, 10, state=State.STALE))
    assert stale.state is State.STALE
    assert not stale.usable


def test_a_wide_sample_is_insufficient_though_a_part_of_it_is_not() -> None:
    found = both(
        figure("docsys", 5, 10, interval=(0.1, 0.9), state=State.INSUFFICIENT, fraction=0.2),
        figure("axis", 1, 1),
    )
    assert found.state is State.INSUFFICIENT


def test_few_documents_are_marked_and_few_officials_are_not() -> None:
    few = measured(figure("docsys", 2, 4))
    assert of_few(few, "document_paired", 10).state is State.INSUFFICIENT
    assert of_few(few, "accounts_habitual", 10).state is State.OK
    assert of_few(few, "agencies_signing", 10).state is State.OK
    assert count(NOTHING, 0) is None


def test_what_may_not_be_used_is_not_compared() -> None:
    good, bad = measured(figure("docsys", 9, 10)), measured(figure("docsys", 2, 4))
    assert change(good, of_few(bad, "document_paired", 10)) is None
    assert change(good, good) == 0


def test_only_channels_of_both_periods_are_compared() -> None:
    figures = Figures([
        ("period", "", figure("docsys", 90, 100)),
        ("period", "", figure("axis", 100, 100)),
        (PREVIOUS, "", figure("docsys", 80, 100)),
        (PREVIOUS, "", figure("axis", 0, 0, state=State.NO_DATA)),
    ])  # fmt: skip
    now, before = comparable(figures, AGENCY, 10, PREVIOUS)
    assert (now.ratio, before.ratio) == (0.9, 0.8)
    assert paired(figures, AGENCY, 10).ratio == pytest.approx(0.95)
