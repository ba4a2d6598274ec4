"""The rate steps down under a backlog that grows, and up again once it has drained."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Channel
from monitor.record.sampling import SetRate, Stand, in_force
from monitor.sampling.control import Watch, step
from monitor.settings import SamplingSettings

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SETTINGS = SamplingSettings()
BEHIND = Stand(2000, behind=True, drained=False)
BETWEEN = Stand(500, behind=False, drained=False)
DRAINED = Stand(1, behind=False, drained=True)


def set_to(
    rate: float | None, minutes: float = 60, *, by_hand: bool = False, stratum: str = "all"
) -> SetRate:
    return SetRate(stratum, NOW - timedelta(minutes=minutes), rate, by_hand, "")


FIRST = set_to(1, 10_000, by_hand=True)


@pytest.mark.parametrize(("current", "wanted"), [(1, 0.5), (0.5, 0.2), (0.2, 0.1), (0.3, 0.2)])
def test_one_node_behind_steps_the_rate_of_all_down(current: float, wanted: float) -> None:
    assert step([FIRST, set_to(current)], [DRAINED, BEHIND], NOW, SETTINGS) == wanted


def test_it_never_goes_below_the_lowest() -> None:
    assert step([FIRST, set_to(0.1)], [BEHIND], NOW, SETTINGS) is None
    lower = SamplingSettings(lowest_rate=0.02)
    assert step([FIRST, set_to(0.1)], [BEHIND], NOW, lower) == 0.05


@pytest.mark.parametrize(("current", "wanted"), [(0.1, 0.2), (0.2, 0.5), (0.5, 1), (0.3, 0.5)])
def test_it_rises_step_by_step_once_all_nodes_have_drained(current: float, wanted: float) -> None:
    assert step([FIRST, set_to(current)], [DRAINED, DRAINED], NOW, SETTINGS) == wanted


def test_it_stays_while_one_node_still_has_a_backlog_that_shrinks() -> None:
    assert step([FIRST, set_to(0.5)], [DRAINED, BETWEEN], NOW, SETTINGS) is None


def test_it_is_held_between_two_steps() -> None:
    assert step([FIRST, set_to(0.5, 4)], [BEHIND], NOW, SETTINGS) is None
    assert step([FIRST, set_to(0.5, 4)], [DRAINED], NOW, SETTINGS) is None


def test_nothing_is_decided_while_a_decision_is_on_its_way() -> None:
    assert step([FIRST, set_to(0.5), set_to(0.2, -0.5)], [BEHIND], NOW, SETTINGS) is None


def test_it_never_rises_above_what_an_operator_has_set() -> None:
    by_hand = set_to(0.3, 90, by_hand=True)
    assert step([FIRST, by_hand, set_to(0.2)], [DRAINED], NOW, SETTINGS) == 0.3
    assert step([FIRST, by_hand], [DRAINED], NOW, SETTINGS) is None


def test_at_rate_one_a_drained_node_changes_nothing() -> None:
    assert step([FIRST], [DRAINED], NOW, SETTINGS) is None


def test_a_channels_own_rate_goes_before_that_of_all_until_it_is_ended() -> None:
    own = set_to(0.2, 30, by_hand=True, stratum="mail")
    ended = set_to(None, 10, by_hand=True, stratum="mail")
    assert in_force([FIRST, own], Channel.MAIL, NOW) == 0.2
    assert in_force([FIRST, own], Channel.DOCSYS, NOW) == 1
    assert in_force([FIRST, own, ended], Channel.MAIL, NOW) == 1


def test_a_rate_is_in_force_from_its_instant_on_and_not_before() -> None:
    coming = set_to(0.5, -1)
    assert in_force([FIRST, coming], Channel.MAIL, NOW) == 1
    assert in_force([FIRST, coming], Channel.MAIL, coming.from_at) == 0.5


def watched(ages: list[float], *, recording_waits: bool = False) -> Stand:
    """Ages seen every ten seconds."""
    watch = Watch(SETTINGS)
    stands = [watch.look(10.0 * at, age, recording_waits) for at, age in enumerate(ages)]
    return stands[-1]


def test_an_old_backlog_that_grows_for_a_minute_is_behind() -> None:
    assert watched([1000 + 5 * at for at in range(7)]).behind


def test_an_old_backlog_that_shrinks_is_not_behind_as_after_days_without_database() -> None:
    assert not watched([90_000 - 100 * at for at in range(20)]).behind


def test_what_was_seen_for_less_than_a_minute_says_nothing() -> None:
    assert not watched([1000 + 5 * at for at in range(6)]).behind


def test_a_young_backlog_is_not_behind() -> None:
    assert not watched([100 + 5 * at for at in range(12)]).behind


def test_where_the_database_is_what_items_wait_for_less_verifying_would_not_help() -> None:
    assert not watched([1000 + 5 * at for at in range(20)], recording_waits=True).behind


def test_a_spool_whose_oldest_item_is_young_has_drained() -> None:
    assert watched([59]).drained
    assert not watched([61]).drained
