"""A document on the axis from end to end: sent, arrived, taken up, done, and what goes wrong."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from monitor.clock import VIETNAM
from monitor.errors import UserError
from monitor.model import AxisReference, AxisStatus, Business, Direction, Outcome
from monitor.record import AgencyRow, Database, Recorder
from monitor.record.axis_flow import (
    Delivery,
    DeliveryState,
    Flow,
    Lateness,
    Waited,
    Wanted,
    find_flows,
    list_deliveries,
    lone_statuses,
)
from monitor.record.axis_settling import settle
from tests.support.axis import sent, told
from tests.support.database import Server
from tests.support.outcomes import document, valid

AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
    AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
    AgencyRow("so-ba", "Sở Ba", "department", "tinh"),
]
WITHIN = 3
"""Working days after the day of sending."""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Vietnam time in March 2026, whose 2nd is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=VIETNAM)


SENT = at(2, 9)
TODAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
async def _agencies(database: Database) -> None:
    await database.sync_agencies(AGENCIES)


async def deliveries(
    database: Database, today: date = TODAY, **wanted: object
) -> Sequence[Delivery]:
    async with database.connection() as connection:
        return await list_deliveries(
            connection,
            Wanted(**wanted),  # type: ignore[arg-type]  # any of its fields
            Lateness(today, WITHIN),
        )


async def only(database: Database, today: date = TODAY, **wanted: object) -> Delivery:
    (found,) = await deliveries(database, today, **wanted)
    return found


async def flow(database: Database, name: str) -> Flow:
    async with database.connection() as connection:
        (found,) = await find_flows(connection, name, Lateness(TODAY, WITHIN))
    return found


def said(*statuses: tuple[AxisStatus, datetime], by: str = "H99.2") -> list[Outcome]:
    return [told(status, "ma-1", at=when, by=by) for status, when in statuses]


async def test_a_document_is_followed_from_sending_until_it_is_done(
    database: Database, recorder: Recorder
) -> None:
    statuses = said(
        (AxisStatus.ARRIVED, at(2, 9, 1)),
        (AxisStatus.RECEIVED, at(2, 14, 30)),
        (AxisStatus.ASSIGNED, at(3, 8)),
        (AxisStatus.PROCESSING, at(3, 10)),
        (AxisStatus.DONE, at(6, 16)),
    )
    message = sent("ma-1", [document("a", valid())], at=SENT, issued_on=date(2026, 3, 2))
    expected = ["sent", "arrived", "received", "assigned", "processing", "done"]
    steps = [message, *statuses]
    for outcome, state in zip(steps, expected, strict=True):
        await recorder.write([outcome])
        assert (await only(database)).state == state
    found = await only(database)
    assert found.after(found.arrived_at) == timedelta(minutes=1)
    assert found.after(found.taken_at) == timedelta(hours=5, minutes=30)
    assert found.after(found.done_at) == timedelta(days=4, hours=7)
    assert (found.sender_agency, found.sender_name) == ("so-mot", "Sở Một")
    assert (found.agency, found.receiver_name, found.organ_code) == ("so-hai", "Sở Hai", "H99.2")
    assert not found.late
    assert not found.contradicts


async def test_a_repeated_status_counts_from_its_first_time(
    database: Database, recorder: Recorder
) -> None:
    statuses = said((AxisStatus.RECEIVED, at(4, 8)), (AxisStatus.RECEIVED, at(3, 8)))
    await recorder.write([sent("ma-1", at=SENT), *statuses])
    assert (await only(database)).received_at == at(3, 8)


async def test_what_is_rejected_stays_so_until_it_is_taken_up(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent("ma-1", at=SENT),
            *said((AxisStatus.ARRIVED, at(2, 10)), (AxisStatus.REJECTED, at(3, 8))),
        ]
    )
    found = await only(database)
    assert (found.state, found.rejected_at, found.late) == (
        DeliveryState.REJECTED,
        at(3, 8),
        False,
    )
    await recorder.write(said((AxisStatus.RECEIVED, at(4, 8))))
    assert (await only(database)).state is DeliveryState.RECEIVED
    await recorder.write(said((AxisStatus.REJECTED, at(5, 8))))
    assert (await only(database)).state is DeliveryState.REJECTED


@pytest.mark.parametrize(
    ("day", "late"),
    [
        (date(2026, 3, 5), False),  # Thursday: the third working day, still running
        (date(2026, 3, 6), True),  # Friday: three whole ones, 3, 4 and 5 March, have passed
        (date(2026, 3, 7), True),
    ],
)
@pytest.mark.parametrize("arrived", [True, False])
async def test_what_nobody_takes_up_is_late_after_whole_working_days(
    database: Database, recorder: Recorder, day: date, late: bool, arrived: bool
) -> None:
    statuses = said((AxisStatus.ARRIVED, at(2, 10))) if arrived else []
    await recorder.write([sent("ma-1", at=SENT), *statuses])
    found = await only(database, day)
    assert found.late is late
    assert found.state == ("arrived" if arrived else "sent")
    assert len(await deliveries(database, day, state=DeliveryState.LATE)) == late


async def test_free_days_do_not_make_late(database: Database, recorder: Recorder) -> None:
    async with database.connection() as connection:
        await connection.execute("INSERT INTO calendar_day VALUES ('2026-03-09', false, 'nghỉ')")
    await recorder.write([sent("ma-1", at=at(6, 9))])  # a Friday
    # Saturday, Sunday and Monday the 9th are free: 10, 11 and 12 March are the three.
    assert not (await only(database, date(2026, 3, 12))).late
    assert (await only(database, date(2026, 3, 13))).late
    async with database.connection() as connection:
        found = await list_deliveries(connection, Wanted(), Lateness(date(2026, 3, 13), WITHIN))
        waited = await Waited.since_first(connection, found, date(2026, 3, 13))
    assert waited.days(found[0]) == 3


async def test_taking_up_late_is_not_never(database: Database, recorder: Recorder) -> None:
    await recorder.write([sent("ma-1", at=SENT), *said((AxisStatus.DONE, at(19, 9)))])
    assert not (await only(database)).late


async def test_each_receiver_has_a_flow_of_its_own(database: Database, recorder: Recorder) -> None:
    await recorder.write(
        [
            sent("ma-1", at=SENT, to=("H99.2", "H99.3", "G01.5")),
            *said((AxisStatus.DONE, at(3, 9))),
            *said((AxisStatus.REJECTED, at(3, 9)), by="H99.3"),
        ]
    )
    found = {each.organ_code: each for each in await deliveries(database)}
    assert {code: each.state for code, each in found.items()} == {
        "H99.2": "done", "H99.3": "rejected", "G01.5": "sent",
    }  # fmt: skip
    assert (found["G01.5"].agency, found["G01.5"].receiver_name) == (None, "Cơ quan G01.5")
    assert [code for code, each in found.items() if each.late] == ["G01.5"]


async def test_who_to_call_and_who_is_slow_are_two_lists(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent("ma-1", at=SENT, to=("G01.5",)),
            sent("ma-2", at=at(3, 9), to=("H99.3",), number="13"),
            sent("ma-3", at=at(4, 9), sender="G01", to=("H99.1",), number="14"),
            sent("ma-4", at=at(5, 9), sender="G01", to=("G01.5",), number="15"),
        ]
    )

    async def numbers(**wanted: object) -> list[str | None]:
        return [each.number for each in await deliveries(database, TODAY, **wanted)]

    late = {"state": DeliveryState.LATE, "oldest_first": True}
    assert await numbers(**late) == ["12", "13", "14"]  # nobody of ours is in the fourth
    assert await numbers(**late, direction=Direction.OUT) == ["12", "13"]
    assert await numbers(**late, direction=Direction.IN) == ["13", "14"]
    assert await numbers(**late, agency="so-mot", direction=Direction.OUT) == ["12", "13"]
    assert await numbers(**late, agency="so-mot", direction=Direction.IN) == ["14"]
    assert await numbers(agency="so-mot") == ["14", "13", "12"]
    assert await numbers(first_day=date(2026, 3, 3), last_day=date(2026, 3, 3)) == ["13"]
    assert await numbers(limit=1) == ["14"]
    assert await numbers(state=DeliveryState.DONE) == []


async def test_clocks_that_contradict_each_other_are_shown_and_make_no_duration(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([sent("ma-1", at=SENT), *said((AxisStatus.RECEIVED, at(2, 8)))])
    found = await only(database)
    assert (found.received_at, found.state) == (at(2, 8), DeliveryState.RECEIVED)
    assert found.after(found.received_at) is None
    assert found.contradicts


# -- recalled -----------------------------------------------------------------------------------


def withdrawal(business: Business, of: str = "ma-1", **changes: object) -> Outcome:
    values = {"at": at(4, 9), "number": "20"} | changes
    return sent(
        "ma-2", business=business, concerns=(AxisReference(organ="H99.1", document_id=of),),
        **values,  # type: ignore[arg-type]  # any of its parameters
    )  # fmt: skip


async def state(database: Database, number: str = "12", code: str = "H99.2") -> str:
    return {(each.number, each.organ_code): each.state for each in await deliveries(database)}[
        number, code
    ]


async def test_a_revoked_document_is_recalled_with_those_who_were_told(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent("ma-1", at=SENT, to=("H99.2", "H99.3")),
            *said((AxisStatus.DONE, at(3, 9))),
            withdrawal(Business.REVOKE, to=("H99.2",)),
        ]
    )
    assert await state(database) == "recalled"
    assert await state(database, code="H99.3") == "sent"


async def test_a_receiver_may_refuse_a_recall(database: Database, recorder: Recorder) -> None:
    await recorder.write(
        [
            sent("ma-1", at=SENT),
            *said((AxisStatus.RECEIVED, at(3, 9)), (AxisStatus.RECALL_REFUSED, at(4, 10))),
            withdrawal(Business.REVOKE),
        ]
    )
    assert await state(database) == "received"
    await recorder.write(said((AxisStatus.RECALL_AGREED, at(4, 11))))
    assert await state(database) == "recalled"


async def test_another_agency_cannot_revoke_a_document(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([sent("ma-1", at=SENT), withdrawal(Business.REVOKE, sender="H99.3")])
    assert await state(database) == "sent"
    assert (await flow(database, "12")).related == []


async def test_the_sender_takes_back_from_everyone_by_status(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent("ma-1", at=SENT, to=("H99.2", "H99.3")),
            *said((AxisStatus.RECALLED, at(3, 9)), by="H99.1"),
        ]
    )
    assert await state(database) == "recalled"
    assert await state(database, code="H99.3") == "recalled"


async def test_a_replaced_document_need_not_be_taken_up_any_more(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent("ma-1", at=SENT, to=("H99.2", "H99.3")),
            *said((AxisStatus.RECEIVED, at(3, 9))),
            withdrawal(Business.REPLACE, to=("H99.2", "H99.3")),
        ]
    )
    assert await state(database) == "received"
    assert await state(database, code="H99.3") == "recalled"
    assert await state(database, number="20") == "sent"


async def test_an_update_of_what_was_never_seen_is_followed_itself_until_that_is(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(said((AxisStatus.RECEIVED, at(4, 10))))
    await recorder.write([sent("ma-1", at=at(4, 9), number="20", business=Business.UPDATE)])
    assert await state(database, number="20") == "received"
    assert [each.status for each in (await flow(database, "20")).statuses] == ["received"]
    await recorder.write(said((AxisStatus.DONE, at(5, 10))))
    assert await state(database, number="20") == "done"
    await recorder.write([sent("ma-1", at=SENT)])
    assert await state(database, number="12") == "done"
    assert len(await deliveries(database)) == 1
    assert (await flow(database, "20")).statuses == []


# -- one document ---------------------------------------------------------------------------------


async def test_a_document_is_found_by_number_or_identifier_with_all_that_is_known(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent("ma-1", [document("a", valid())], at=SENT, paper=True),
            *said((AxisStatus.RECEIVED, at(3, 9))),
            *said((AxisStatus.OTHER, at(3, 10)), by="G07"),
            withdrawal(Business.REVOKE, of="ma-1"),
        ]
    )
    for name in ("12", " ma-1 "):
        assert (await flow(database, name)).message.document_ref == "ma-1"
    found = await flow(database, "12/QĐ-SM")
    assert [each.overall for each in found.files] == ["valid"]
    assert [(each.business, each.says, each.number) for each in found.related] == [
        ("revoke", False, "20")
    ]
    assert [each.state for each in found.deliveries] == ["recalled"]
    assert [(each.status, each.organ_code, each.name) for each in found.statuses] == [
        ("received", "H99.2", "Sở Hai"), ("other", "G07", None),
    ]  # fmt: skip
    notice = await flow(database, "20")
    assert [(each.business, each.says, each.number) for each in notice.related] == [
        ("revoke", True, "12")
    ]
    async with database.connection() as connection:
        assert await find_flows(connection, "12", Lateness(TODAY, WITHIN), "so-mot")
        with pytest.raises(UserError, match="congvu axis list"):
            await find_flows(connection, "12", Lateness(TODAY, WITHIN), "so-hai")


async def test_documents_of_which_only_statuses_came_are_counted(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([sent("ma-2", at=SENT), *said((AxisStatus.DONE, at(3, 9)))])
    async with database.connection() as connection:
        assert await lone_statuses(connection, None, None) == 1
        assert await lone_statuses(connection, date(2026, 3, 4), None) == 0
    await recorder.write([sent("ma-1", at=SENT)])
    async with database.connection() as connection:
        assert await lone_statuses(connection, None, None) == 0


async def test_readers_and_writers_at_once_come_to_the_same_end(
    database: Database, postgres_server: Server
) -> None:
    recorders = [Recorder(database, postgres_server.state_dir) for _ in range(2)]

    async def write(recorder: Recorder, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            await recorder.write([outcome])

    async def read() -> None:
        for _ in range(10):
            async with database.connection() as connection:
                await settle(connection)

    messages = [sent(f"ma-{number}", at=SENT) for number in range(10)]
    statuses = [
        told(AxisStatus.DONE, f"ma-{number}", at=at(3, 9), by=by)
        for number in range(10)
        for by in ("H99.2", "G07")
    ]
    await asyncio.gather(
        write(recorders[0], messages), write(recorders[1], statuses), read(), read()
    )
    found = await deliveries(database)
    assert len(found) == 10
    assert {each.state for each in found} == {"done"}
