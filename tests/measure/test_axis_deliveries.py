"""`congvu_axis_deliveries`: each delivery of the last thirty days once, in one of few states."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from monitor.clock import VIETNAM
from monitor.expose.axis import rendered_axis
from monitor.measure.axis import AxisDeliveries, axis_deliveries
from monitor.model import AxisReference, AxisStatus, Business, Outcome
from monitor.record import AgencyRow, Database, Recorder
from tests.support.axis import sent, told

TODAY = date(2026, 3, 31)


def at(day: int, hour: int = 9) -> datetime:
    """Vietnam time in March 2026, whose 30th is a Monday."""
    return datetime(2026, 3, day, hour, tzinfo=VIETNAM)


async def found(database: Database, today: date = TODAY) -> dict[tuple[str, str, str], int]:
    async with database.connection() as connection:
        rows = await axis_deliveries(connection, today, 3)
    return {(each.agency, each.direction, each.state): each.deliveries for each in rows}


async def test_every_delivery_is_counted_once_for_its_sender_and_its_receiver(
    database: Database, recorder: Recorder
) -> None:
    await database.sync_agencies(
        [
            AgencyRow("so-mot", "Sở Một", "department", "tinh"),
            AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
        ]
    )
    stories: Sequence[Sequence[AxisStatus]] = (
        (AxisStatus.RECEIVED, AxisStatus.DONE),
        (AxisStatus.PROCESSING,),
        (AxisStatus.ASSIGNED,),
        (AxisStatus.REJECTED,),
        (AxisStatus.ARRIVED,),  # late
        (),  # late
    )
    outcomes: list[Outcome] = []
    for number, statuses in enumerate(stories):
        outcomes.append(sent(f"ma-{number}", at=at(2)))
        outcomes += [told(each, f"ma-{number}", at=at(3)) for each in statuses]
    outcomes += [
        sent("moi-1", at=at(30)),
        sent("moi-2", at=at(30)), told(AxisStatus.ARRIVED, "moi-2", at=at(30, 10)),
        sent("bo", at=at(30)),
        sent(
            "thu-hoi", at=at(30), business=Business.REVOKE,
            concerns=(AxisReference(document_id="bo"),),
        ),
        sent("ngoai", at=at(30), to=("G01.5", "H99.3")),  # so-ba stands in no registry
        sent("den", at=at(30), sender="G01", to=("H99.1",)),
        sent("xua", at=at(1) - timedelta(days=1)),
        sent("hom-nay", at=at(31)),
    ]  # fmt: skip
    await recorder.write(outcomes)
    counted = {
        "done": 1, "received": 2, "rejected": 1, "late": 2, "sent": 1, "arrived": 1, "recalled": 1,
    }  # fmt: skip
    expected = {("so-hai", "in", state): number for state, number in counted.items()}
    expected |= {("so-mot", "out", state): number for state, number in counted.items()}
    expected["so-mot", "out", "sent"] = 3
    expected["so-mot", "in", "sent"] = 1
    assert await found(database) == expected


async def test_nothing_recorded_is_no_series(database: Database) -> None:
    assert await found(database) == {}
    assert b"congvu_axis_deliveries{" not in rendered_axis([])


def test_the_family_has_bounded_labels() -> None:
    text = rendered_axis([AxisDeliveries("so-mot", "out", "late", 7)]).decode()
    assert 'congvu_axis_deliveries{agency="so-mot",direction="out",state="late"} 7.0' in text
    assert "# TYPE congvu_axis_deliveries gauge" in text
