"""The functions that intervals are made of, against values worked out by hand."""

import math

import pytest

from monitor.record import Database


async def ask(database: Database, call: str) -> tuple[float | None, ...]:
    async with database.connection() as connection:
        row = await connection.fetchrow(f"SELECT {call}")
    assert row is not None
    return tuple(None if value is None else float(value) for value in row)


async def test_wilson_is_that_of_the_books(database: Database) -> None:
    ends = await ask(database, "wilson_end(0.8, 10, -1), wilson_end(0.8, 10, 1)")
    assert ends == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert await ask(database, "wilson_end(1, 10, 1), wilson_end(0, 10, -1)") == (1, 0)


async def test_a_census_has_no_width_and_nothing_has_no_interval(database: Database) -> None:
    assert await ask(database, "share_end(0.3, 'infinity', -1), share_end(0.3, 'infinity', 1)") == (
        0.3, 0.3,
    )  # fmt: skip
    assert await ask(database, "share_end(0.3, 0, -1), share_end(NULL, 5, 1)") == (None, None)


async def test_one_unsigned_of_few_leaves_more_room_above_than_wilson(database: Database) -> None:
    far, wilson, large, same = await ask(
        database,
        "share_end(0.9, 10, 1), wilson_end(0.9, 10, 1),"
        " share_end(0.99, 100, 1), wilson_end(0.99, 100, 1)",
    )
    assert far == pytest.approx(1 - 0.1 * (1 - 1 / 9 - 1.645 / 3) ** 3)
    assert wilson is not None
    assert far is not None
    assert wilson < far < 1
    assert large == same


async def test_documents_of_a_mail_are_alike_as_far_as_their_mails_say(database: Database) -> None:
    """Ten mails of two documents, half of the documents signed."""
    alike, apart, unknown, single = await ask(
        database,
        "cluster_correlation(10, 20, 20, 20, 40, 10),"  # five mails wholly signed, five not at all
        " cluster_correlation(10, 20, 10, 20, 40, 10),"  # one of each mail
        " cluster_correlation(20, 20, 40, 40, 40, 10), cluster_correlation(1, 2, 1, 2, 4, 1)",
    )
    assert (alike, unknown, single) == (1, 1, 1)
    assert apart == 0
    size, all_drawn = await ask(
        database, "effective_size(1, 20, 40, 19, 10), effective_size(1, 20, 40, 10, 10)"
    )
    assert size == pytest.approx(10 * 18 / 9), "ten mails, of nineteen"
    assert all_drawn == math.inf


async def test_days_that_differ_widen_the_habit(database: Database) -> None:
    """Twenty days of ten: alternately all and none signed, or five each."""
    differ, same, few = await ask(
        database,
        "day_correlation(20.0 / 19 * scatter(100, 200, 1000, 1000, 2000), 50, 450, 20),"
        " day_correlation(20.0 / 19 * scatter(100, 200, 500, 1000, 2000), 50, 450, 20),"
        " day_correlation(0, 0, 0, 0)",
    )
    assert (differ, same, few) == (1, 0, 0.03)
    assert await ask(database, "overdispersion(1, 200, 2000), overdispersion(0, 200, 2000)") == (
        10, 1,
    )  # fmt: skip
    async with database.connection() as connection:
        wide = await connection.fetchrow("SELECT * FROM process_interval(80, 100, 10)")
        none = await connection.fetchrow("SELECT * FROM process_interval(0, 0, 1)")
    assert tuple(wide or ()) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert none is None
