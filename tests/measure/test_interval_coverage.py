"""Intervals hold what is true about as often as they say (docs/statistics.md; bench coverage).

A thousand samples tell a coverage to a point and a half; so 93% here is 92% at least. The table of
all cells, from many more samples, is printed by `python -m bench coverage`.
"""

from collections.abc import Sequence

import pytest

from monitor.record import Database
from tests.support.simulation import (
    Cell,
    Coverage,
    Habit,
    Phase,
    finite_coverage,
    habit_coverage,
)

SAMPLES = 1000
SLACK = 0.01
CHANGED = (
    Cell((Phase(100, 0.9, 1), Phase(100, 0.3, 0.1))),
    Cell((Phase(150, 0.9, 0.5), Phase(150, 0.3, 0.1)), 3, 0.5),
    Cell((Phase(300, 0.3, 0.5), Phase(300, 0.9, 0.1))),
)
"""Rate and habit change together."""
LARGE = (
    Cell((Phase(80, 0.8, 0.5),)),
    Cell((Phase(200, 0.5, 0.5),), 3, 0.5),
    Cell((Phase(400, 0.2, 0.1),)),
    Cell((Phase(150, 0.7, 0.5),), 1, 0, 0.1),
    Cell((Phase(200, 0.5, 0.5), Phase(200, 0.9, 0.2)), 1),
)
"""Of 30 messages and more, at least five of the rarer kind, and no rate with next to nothing."""
SMALL = tuple(
    Cell((Phase(documents, share, rate),), *mails)
    for documents, rate in ((5, 0.5), (12, 0.5), (30, 0.1), (30, 0.5), (120, 0.1), (300, 0.02))
    for share in (0.05, 0.5, 0.98)
    for mails in ((), (3, 0.5))
)


async def finite(database: Database, cells: Sequence[Cell]) -> Sequence[tuple[Cell, Coverage]]:
    async with database.connection() as connection:
        found = await finite_coverage(connection, cells, SAMPLES)
    return list(zip(cells, found, strict=True))


async def test_intervals_of_samples_hold_what_happened(database: Database) -> None:
    missed = {
        cell.name: round(found.covered, 3)
        for cell, found in await finite(database, [*CHANGED, *LARGE, *SMALL])
        if found.covered < 0.93 - SLACK
    }
    assert missed == {}


async def test_intervals_of_samples_of_thirty_are_no_wider_than_they_must_be(
    database: Database,
) -> None:
    loose = {
        cell.name: round(found.covered, 3)
        for cell, found in await finite(database, LARGE)
        if found.covered > 0.97 + SLACK
    }
    assert loose == {}


async def test_a_census_is_what_happened(database: Database) -> None:
    for _, found in await finite(
        database, [Cell((Phase(5, 0.6, 1),)), Cell((Phase(90, 0.98, 1),), 3, 0.5)]
    ):
        assert (found.covered, found.width, found.bias) == (1, 0, 0)


async def test_the_estimate_is_right_on_average_where_rate_and_habit_change_together(
    database: Database,
) -> None:
    for cell, found in await finite(database, CHANGED):
        assert found.bias == pytest.approx(0, abs=0.012), cell.name
        assert found.naive_bias is not None
        assert abs(found.naive_bias) > 0.15, "signed over drawn follows the rate"


async def test_process_intervals_hold_the_habit_through_days_that_differ(
    database: Database,
) -> None:
    habits = [
        Habit(a_day, share, alike)
        for a_day, share in ((2, 0.8), (10, 0.9), (10, 0.4), (30, 0.7))
        for alike in (0.0, 0.05)
    ]
    sampled = [Habit(30, 0.8, 0.05, 0.2)]
    async with database.connection() as connection:
        found = await habit_coverage(connection, [*habits, *sampled], 600)
    missed = {
        habit.name: [round(each.covered, 3) for each in both]
        for habit, both in zip([*habits, *sampled], found, strict=True)
        if not all(0.915 <= each.covered <= 0.985 for each in both)
    }
    assert missed == {}
