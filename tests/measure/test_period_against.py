"""What a period is compared with, and the panels of agencies that were there throughout."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from monitor.measure.period.figures import collect
from monitor.model import Outcome
from monitor.periods import parse
from monitor.record import AgencyRow, Database, Recorder
from tests.measure.period_world import (
    NO_PLAN,
    RULES,
    SETTINGS,
    collected,
    figure_of,
    figures_of,
    rows_of,
    three,
)
from tests.support.outcomes import document, filed, valid

MERGED_ON = date(2026, 10, 15)
AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department"),
    AgencyRow("xa-mot", "Xã Một", "commune"),
    AgencyRow(
        "xa-hai", "Xã Hai", "commune", valid_to=date(2026, 10, 14), successors=("phuong-moi",)
    ),
    AgencyRow("phuong-moi", "Phường Mới", "commune", valid_from=MERGED_ON),
    AgencyRow("xa-cu", "Xã Cũ", "commune", valid_to=date(2026, 8, 31)),
]


def issued(agency: str, day: date, signed: int, unsigned: int = 0) -> list[Outcome]:
    """So many documents of an agency on a day."""
    when = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    return [
        filed(
            document(f"{agency} {day} {n}", valid() if n < signed else None),
            agency=agency, at=when, sent_at=when,
        )
        for n in range(signed + unsigned)
    ]  # fmt: skip


@pytest.fixture
async def merged(database: Database, recorder: Recorder) -> Database:
    """October 2026, in which Xã Hai ends and Phường Mới begins; September and October 2025."""
    await database.sync_agencies(AGENCIES)
    await recorder.write(
        [
            *issued("so-mot", date(2026, 10, 5), 8, 2),
            *issued("xa-mot", date(2026, 10, 6), 3, 1),
            *issued("xa-hai", date(2026, 10, 7), 0, 5),
            *issued("phuong-moi", date(2026, 10, 20), 4, 0),
            *issued("so-mot", date(2026, 9, 7), 1, 1),
            *issued("xa-mot", date(2026, 9, 8), 1, 3),
            *issued("xa-hai", date(2026, 9, 9), 2, 0),
            *issued("so-mot", date(2025, 10, 7), 0, 2),
        ]
    )
    return database


async def of(
    database: Database, closing: int, code: str, about: str = "period", panel: str = ""
) -> Sequence[int]:
    row = await figure_of(database, closing, "document_signed", code, about=about, panel=panel)
    return three(row)


async def test_a_merger_within_the_period_leaves_each_agency_what_was_its_own(
    merged: Database,
) -> None:
    closing = await collected(merged, "2026-10")
    assert await of(merged, closing, "xa-hai") == (0, 5, 0)
    assert await of(merged, closing, "phuong-moi") == (4, 4, 0)
    assert await of(merged, closing, "commune") == (7, 13, 0)
    assert await of(merged, closing, "province") == (15, 23, 0)
    agencies = {row["code"]: row for row in await rows_of(merged, "closed_agency", closing)}
    assert agencies.keys() == {"so-mot", "xa-mot", "xa-hai", "phuong-moi"}
    assert agencies["xa-hai"]["last_day"] == date(2026, 10, 14)
    assert agencies["xa-hai"]["successors"] == ["phuong-moi"]
    assert agencies["phuong-moi"]["first_day"] == MERGED_ON
    assert agencies["phuong-moi"]["successors"] == []


async def test_an_agency_stands_by_the_name_and_level_of_its_last_day_in_the_period(
    database: Database, recorder: Recorder
) -> None:
    await database.sync_agencies(
        [
            AgencyRow("q-1", "Huyện Một", "district", valid_to=date(2026, 10, 9)),
            AgencyRow("q-1", "Phường Một", "commune", valid_from=date(2026, 10, 10)),
        ]
    )
    await recorder.write(issued("q-1", date(2026, 10, 5), 1, 2))
    october = await collected(database, "2026-10")
    assert await of(database, october, "commune") == (1, 3, 0)
    early = await collected(database, "2026-10-01..2026-10-08")
    assert await of(database, early, "district") == (1, 3, 0)
    (agency,) = await rows_of(database, "closed_agency", early)
    assert (agency["name"], agency["level"]) == ("Huyện Một", "district")


async def test_what_it_is_compared_with_is_computed_while_it_is_not_closed(
    merged: Database,
) -> None:
    closing = await collected(merged, "2026-10")
    assert await of(merged, closing, "so-mot", "previous") == (1, 2, 0)
    assert await of(merged, closing, "province", "previous") == (4, 8, 0)
    assert await of(merged, closing, "province", "year_before") == (0, 2, 0)
    rows = await figures_of(merged, closing, about="previous")
    assert {row["document_class"] for row in rows} <= {"formal", ""}
    assert {row["base"] for row in rows} == {""}
    assert {row["first_day"] for row in rows} == {date(2026, 9, 1)}


async def test_a_closed_period_is_compared_as_it_was_handed_in(
    merged: Database, recorder: Recorder
) -> None:
    september = await collected(merged, "2026-09")
    await recorder.write(issued("so-mot", date(2026, 9, 10), 5))
    closing = await collected(merged, "2026-10")
    assert await of(merged, closing, "so-mot", "previous") == (1, 2, 0)
    copied = await figure_of(merged, closing, "document_signed", "so-mot", about="previous")
    own = await figure_of(merged, september, "document_signed", "so-mot")
    same = own.keys() - {"about"}
    assert {name: copied[name] for name in same} == {name: own[name] for name in same}
    # A restatement of September is what the next report compares with.
    await collected(merged, "2026-09", version=2)
    later = await collected(merged, "2026-10", version=2)
    assert await of(merged, later, "so-mot", "previous") == (6, 7, 0)


async def test_nothing_is_said_of_days_before_the_record_began(merged: Database) -> None:
    closing = await collected(merged, "2026-09")
    assert await figures_of(merged, closing)
    for about in ("previous", "year_before"):
        assert not await figures_of(merged, closing, about=about)
        assert not await figures_of(merged, closing, about=about, panel=about)
        assert not await figures_of(merged, closing, panel=about)


async def test_a_panel_counts_the_agencies_that_were_there_on_every_day_of_both(
    merged: Database,
) -> None:
    closing = await collected(merged, "2026-10")
    # Neither Xã Hai nor Phường Mới, in either month.
    assert await of(merged, closing, "province", "period", "previous") == (11, 14, 0)
    assert await of(merged, closing, "province", "previous", "previous") == (2, 6, 0)
    assert await of(merged, closing, "commune", "period", "previous") == (3, 4, 0)
    assert await of(merged, closing, "commune", "previous", "previous") == (1, 4, 0)
    # Xã Cũ was there a year before and is no more.
    assert await of(merged, closing, "province", "year_before", "year_before") == (0, 2, 0)
    scopes = {row["scope"] for row in await rows_of(merged, "closed_figure", closing)
              if row["panel"]}  # fmt: skip
    assert scopes == {"level", "province"}


async def test_a_panel_of_levels_takes_each_agency_where_it_stands_last(
    database: Database, recorder: Recorder
) -> None:
    await database.sync_agencies(
        [
            AgencyRow("q-1", "Huyện Một", "district", valid_to=date(2026, 9, 30)),
            AgencyRow("q-1", "Phường Một", "commune", valid_from=date(2026, 10, 1)),
        ]
    )
    await recorder.write(
        [*issued("q-1", date(2026, 9, 7), 1, 1), *issued("q-1", date(2026, 10, 7), 2)]
    )
    closing = await collected(database, "2026-10")
    assert await of(database, closing, "commune", "period", "previous") == (2, 2, 0)
    assert await of(database, closing, "commune", "previous", "previous") == (1, 2, 0)
    assert await of(database, closing, "district", "previous") == (1, 2, 0)


async def test_a_cumulative_period_is_compared_with_the_one_up_to_the_part_before(
    merged: Database,
) -> None:
    closing = await collected(merged, "cumulative:2026-10")
    assert await of(merged, closing, "province") == (19, 31, 0)
    assert await of(merged, closing, "province", "previous") == (4, 8, 0)
    january = await collected(merged, "cumulative:2026-01")
    assert not await figures_of(merged, january, about="previous")


async def test_several_periods_are_collected_in_one_transaction(merged: Database) -> None:
    periods = [parse(text, RULES) for text in ("2026-10", "2026-09", "2026-Q3")]
    async with merged.connection() as connection, connection.transaction():
        for number, period in enumerate(periods, 1):
            await collect(connection, SETTINGS, NO_PLAN, period, number, today=date(2026, 12, 31))
    assert await of(merged, 1, "province") == (15, 23, 0)
    assert await of(merged, 2, "province") == await of(merged, 3, "province") == (4, 8, 0)
