"""How long a reading is kept, and how much of them."""

import pytest

from monitor.posture import cache
from monitor.posture.cache import Cache
from monitor.posture.domain import RULE_SECONDS
from monitor.posture.message import Reading
from monitor.posture.names import Answer, Found, Kind, Why
from monitor.posturing import JITTER
from monitor.record.posture import CONFIRM_SECONDS
from tests.posture.hostile import Clock


def _reading(
    found: Found, ttl: int, records: tuple[str, ...] = (), *, open_: bool = False
) -> Reading:
    why = Why.TIMEOUT if found is Found.UNKNOWN else None
    return Reading(Answer("x.vn", Kind.TXT, found, records, ttl, why=why), open_)


@pytest.mark.parametrize(
    ("found", "ttl", "seconds"),
    [
        (Found.FOUND, 200, 200),
        (Found.FOUND, 0, cache.LEAST_SECONDS),
        (Found.FOUND, 2**31, cache.MOST_SECONDS),
        (Found.NO_DATA, 60, 60),
        (Found.NO_NAME, 2**31, cache.MOST_SECONDS),
        (Found.UNKNOWN, 86400, cache.UNKNOWN_SECONDS),
    ],
)
def test_a_reading_is_kept_for_its_time_within_bounds(found: Found, ttl: int, seconds: int) -> None:
    clock = Clock()
    kept = Cache(100, clock)
    kept.put(("x.vn", Kind.TXT), _reading(found, ttl))
    clock.now = seconds - 0.5
    assert kept.get(("x.vn", Kind.TXT))
    clock.now = seconds
    assert kept.get(("x.vn", Kind.TXT)) is None
    assert len(kept) == 0


def test_an_open_chain_is_kept_as_its_records_are() -> None:
    assert cache.lifetime(_reading(Found.NO_DATA, 200, open_=True)) == 200


def test_a_fall_is_not_confirmed_by_what_was_kept_of_the_first_look() -> None:
    assert RULE_SECONDS + cache.MOST_SECONDS < CONFIRM_SECONDS * (1 - JITTER)


def test_what_was_used_last_stays_when_there_are_too_many() -> None:
    kept = Cache(2, Clock())
    for name in ("a", "b"):
        kept.put((name, Kind.TXT), _reading(Found.FOUND, 300))
    kept.get(("a", Kind.TXT))
    kept.put(("c", Kind.TXT), _reading(Found.FOUND, 300))
    assert kept.get(("a", Kind.TXT))
    assert kept.get(("b", Kind.TXT)) is None
    assert len(kept) == 2


def test_large_texts_push_each_other_out() -> None:
    kept = Cache(1_000_000, Clock())
    for number in range(1000):
        kept.put((f"{number}", Kind.TXT), _reading(Found.FOUND, 300, ("x" * 65_000,)))
    assert len(kept) <= cache.MAX_OCTETS // 65_000
    assert kept.get(("999", Kind.TXT))


def test_long_chains_of_aliases_push_each_other_out() -> None:
    kept = Cache(1_000_000, Clock())
    chain = tuple("x" * 250 for _ in range(10))
    answer = Answer("x.vn", Kind.TXT, Found.NO_NAME, ttl=300, aliases=chain)
    for number in range(20_000):
        kept.put((f"{number}", Kind.TXT), Reading(answer))
    assert len(kept) <= cache.MAX_OCTETS // 2500


def test_a_reading_that_is_replaced_counts_once() -> None:
    kept = Cache(100, Clock())
    for _ in range(2 * cache.MAX_OCTETS // 65_000):
        kept.put(("x.vn", Kind.TXT), _reading(Found.FOUND, 300, ("x" * 65_000,)))
    kept.put(("y.vn", Kind.TXT), _reading(Found.FOUND, 300))
    assert len(kept) == 2
