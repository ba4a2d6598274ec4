"""From the bytes of edXML messages to the flow of a document."""

import hashlib
from datetime import date, datetime, timedelta

import pytest

from monitor.agencies import Registry
from monitor.agencies.agency import Agency
from monitor.agencies.axis_attribution import attribute_axis
from monitor.clock import VIETNAM
from monitor.examine import Examiner
from monitor.model import Channel, ItemHeader, Limits, Outcome, PayloadKind
from monitor.record import AgencyRow, Database, Recorder
from monitor.record.axis_flow import Flow, Lateness, Wanted, find_flows, list_deliveries
from tests.extract import edxml_making as edxml
from tests.support.corpus import corpus, with_corpus
from tests.verify import making as make

EXAMINER = Examiner(make.material(), Limits())
AGENCIES = (
    Agency(code="so-y-te", name="Sở Y tế", level="department", organ_codes=("H53.31.20",)),
    Agency(code="ubnd", name="UBND tỉnh", level="province", organ_codes=("000.00.00.H41",)),
)
REGISTRY = Registry(AGENCIES)
TO_A_MINISTRY = "<To><OrganId>000.00.00.G12</OrganId><OrganName>Bộ Tài chính</OrganName></To>"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Vietnam time in November 2026, whose 16th is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM)


def captured(data: bytes, received: datetime) -> Outcome:
    """What the daemon makes of one file of the axis' folder."""
    header = ItemHeader(
        item_id=hashlib.sha256(data).hexdigest()[:32],
        kind=PayloadKind.AXIS,
        source="truc",
        channel=Channel.AXIS,
        received_at=received,
        size=len(data),
    )
    examined = EXAMINER.examine(header, data, make.moment())
    return Outcome(
        header=header,
        examined=examined,
        attribution=attribute_axis(header, examined, REGISTRY),
        decided_at=received,
    )


@pytest.fixture(scope="module")
def signed() -> bytes:
    """Made outside of any event loop."""
    return make.signed_page()


@pytest.fixture(autouse=True)
async def _agencies(database: Database) -> None:
    await database.sync_agencies([AgencyRow(each.code, each.name, each.level) for each in AGENCIES])


async def the_flow(database: Database, name: str, today: date) -> Flow:
    async with database.connection() as connection:
        (found,) = await find_flows(connection, name, Lateness(today, 3))
    return found


async def test_a_document_is_followed_from_its_message_to_the_last_status(
    database: Database, recorder: Recorder, signed: bytes
) -> None:
    # Sent on Monday at 9:30 to UBND tỉnh, which takes it up and finishes it, and to a ministry,
    # which says nothing at all. The first status is in the folder before the document is.
    document = edxml.message(
        edxml.HEADER + TO_A_MINISTRY + edxml.business("0", paper="1"),
        attachments=edxml.attached("125.pdf", signed),
    )
    messages = [
        (edxml.status("01", "2026/11/16 09:31:00"), at(16, 9, 32)),
        (document, at(16, 9, 40)),
        (edxml.status("03", "2026/11/16 14:00:00"), at(16, 14, 1)),
        (edxml.status("06", "18/11/2026 10:30"), at(18, 10, 31)),
    ]
    await recorder.write([captured(*each) for each in messages])
    found = await the_flow(database, "125/SYT-VP", date(2026, 11, 20))
    assert [(each.file_name, each.role) for each in found.files] == [("125.pdf", "main")]
    assert (found.message.sender_agency, found.message.paper) == ("so-y-te", True)
    assert found.message.sent_at == at(16, 9, 30)
    finished, silent = sorted(found.deliveries, key=lambda each: each.agency or "~")
    assert (finished.agency, finished.state, finished.late) == ("ubnd", "done", False)
    assert finished.after(finished.arrived_at) == timedelta(minutes=1)
    assert finished.after(finished.taken_at) == timedelta(hours=4, minutes=30)
    assert finished.after(finished.done_at) == timedelta(days=2, hours=1)
    # 17, 18 and 19 November have passed as whole working days on Friday the 20th.
    assert (silent.receiver_name, silent.state, silent.late) == ("Bộ Tài chính", "sent", True)
    thursday = await the_flow(database, edxml.DOCUMENT_ID, date(2026, 11, 19))
    assert not any(each.late for each in thursday.deliveries)


async def test_a_revocation_under_the_same_identifier_recalls_the_document(
    database: Database, recorder: Recorder
) -> None:
    later = edxml.TRACE.replace("09:30:00", "15:00:00")
    messages = [
        edxml.message(attachments=edxml.attached("125.pdf", b"%PDF-1.7 a")),
        edxml.status("02", "2026/11/16 10:00:00"),
        edxml.message(edxml.HEADER + edxml.business("1"), traces=later),
    ]
    for data in reversed(messages):
        await recorder.write([captured(data, at(16, 16))])
    async with database.connection() as connection:
        (delivery,) = await list_deliveries(connection, Wanted(), Lateness(date(2026, 11, 30), 3))
    assert (delivery.state, delivery.recalled_at) == ("recalled", at(16, 15))
    assert (delivery.rejected_at, delivery.late) == (at(16, 10), False)


@with_corpus
async def test_public_samples_meet_each_other(database: Database, recorder: Recorder) -> None:
    # The standard's samples share one DocumentId, whatever they do with which document.
    samples = sorted((corpus() / "files" / "edxml").iterdir())
    outcomes = [captured(path.read_bytes(), at(16, 9)) for path in samples]
    await recorder.write([each for each in outcomes if each.examined.axis])
    async with database.connection() as connection:
        found = await find_flows(connection, "7816/VPCP-TTĐT", Lateness(date(2026, 11, 20), 3))
    by_business = {each.message.business: each for each in found}
    assert set(by_business) == {"new", "revoke", "replace"}
    new = by_business["new"]
    states = {each.organ_code: each.state for each in new.deliveries}
    assert states == {"G17": "sent", "H14": "sent", "H41": "received"}
    (taken,) = (each for each in new.deliveries if each.organ_code == "H41")
    assert taken.contradicts  # its clock says 2015, the message's 2019
    assert taken.after(taken.received_at) is None
    assert by_business["replace"].related[0].says
    assert {len(each.statuses) for each in found} == {2, 0}
