"""What became of documents on the exchange axis, read back (docs/axis.md).

Times are what each clock said. A duration is only given where its end is not before its beginning:
two agencies' clocks that contradict each other make no figure.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import asyncpg

from monitor.clock import vietnam_day
from monitor.errors import UserError
from monitor.model import Direction
from monitor.record.axis_settling import settle
from monitor.record.connection import Connection
from monitor.record.queries import as_uid
from monitor.record.statements import sql

MOST_FOUND = 20
"""Messages of one number that are shown."""
EARLIEST = date(2015, 1, 1)
"""Working days before it are not counted: what claims to be older is not."""


class DeliveryState(StrEnum):
    """How far a document has come with one receiver; `late` is one that it has not taken up."""

    SENT = "sent"
    ARRIVED = "arrived"
    RECEIVED = "received"
    ASSIGNED = "assigned"
    PROCESSING = "processing"
    DONE = "done"
    REJECTED = "rejected"
    RECALLED = "recalled"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Lateness:
    """By what day a document is to be taken up."""

    today: date
    within_days: int
    """Working days after the day of sending."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries; None leaves a condition out. Days are Vietnam days of sending."""

    agency: str | None = None
    direction: Direction | None = None
    """`out`: sent by ours; `in`: received by ours."""
    first_day: date | None = None
    last_day: date | None = None
    state: DeliveryState | None = None
    oldest_first: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Delivery:
    """One document with one of its receivers, with the first time of each status."""

    axis_uid: UUID
    number: str | None
    notation: str | None
    document_ref: str
    issued_on: date | None
    due_on: date | None
    paper: bool | None
    sender_code: str
    sender_agency: str | None
    sender_name: str | None
    """The registry's, else as the message has it; so is `receiver_name`."""
    organ_code: str
    agency: str | None
    receiver_name: str | None
    sent_at: datetime
    sent_known: bool
    """False: nothing says when it was sent, so this is when it was first captured."""
    arrived_at: datetime | None
    received_at: datetime | None
    assigned_at: datetime | None
    processing_at: datetime | None
    done_at: datetime | None
    rejected_at: datetime | None
    recalled_at: datetime | None
    taken_at: datetime | None
    """The first that is beyond arrived: received, assigned, processing or done."""
    state: DeliveryState
    late: bool

    def after(self, instant: datetime | None) -> timedelta | None:
        """From sending to an instant; None where clocks contradict each other."""
        if instant is None or instant < self.sent_at:
            return None
        return instant - self.sent_at

    @property
    def contradicts(self) -> bool:
        """Does a receiver's clock say that something was before the sending?"""
        times = (
            self.arrived_at, self.received_at, self.assigned_at, self.processing_at,
            self.done_at, self.rejected_at,
        )  # fmt: skip
        return any(each is not None and each < self.sent_at for each in times)


@dataclass(frozen=True, slots=True)
class Told:
    """One status as it was said."""

    status: str
    at: datetime
    received_at: datetime
    organ_code: str
    agency: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Related:
    """A message that revokes, updates or replaces another."""

    business: str
    says: bool
    """True: this one says it of the other; False: the other of this one."""
    number: str | None
    notation: str | None
    document_ref: str | None
    at: datetime | None
    """None: the other one has not been seen."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came with a message."""

    content_hash: str
    file_name: str | None
    role: str
    overall: str
    cause: str | None


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One document message, copies merged."""

    axis_uid: UUID
    day: date
    number: str | None
    notation: str | None
    document_ref: str
    issued_on: date | None
    document_type: str | None
    business: str | None
    paper: bool | None
    due_on: date | None
    sent_at: datetime | None
    first_received_at: datetime
    copies: int
    container: str
    findings: Sequence[str]
    sender_code: str
    sender_agency: str | None
    sender_name: str | None


@dataclass(frozen=True, slots=True)
class Flow:
    """One document on the axis from end to end."""

    message: SentMessage
    files: Sequence[SentFile]
    related: Sequence[Related]
    deliveries: Sequence[Delivery]
    statuses: Sequence[Told]


async def list_deliveries(
    connection: Connection, wanted: Wanted, lateness: Lateness
) -> list[Delivery]:
    """Deliveries that meet the conditions, the newest first unless asked otherwise."""
    await settle(connection)
    rows = await connection.fetch(
        sql("list_axis_deliveries"),
        wanted.agency,
        wanted.direction,
        wanted.first_day,
        wanted.last_day,
        wanted.state,
        lateness.today,
        lateness.within_days,
        wanted.oldest_first,
        wanted.limit,
    )
    return [_delivery(row) for row in rows]


async def find_flows(
    connection: Connection, name: str, lateness: Lateness, agency: str | None = None
) -> list[Flow]:
    """Documents of that number, number/notation or DocumentId, newest first.

    Raises UserError when nothing has that name.
    """
    await settle(connection)
    messages = await connection.fetch(
        sql("find_axis_messages"), name.strip(), as_uid(name), agency, MOST_FOUND
    )
    if not messages:
        raise UserError(
            f"{name}: no document on the axis has this number, number/notation or DocumentId; "
            "`congvu axis list` shows what there is"
        )
    return [await _flow(connection, row, lateness) for row in messages]


async def _flow(connection: Connection, row: asyncpg.Record, lateness: Lateness) -> Flow:
    uid = row["axis_uid"]
    files = await connection.fetch(sql("axis_documents_of"), uid)
    related = await connection.fetch(sql("axis_related_to"), uid)
    deliveries = await connection.fetch(
        sql("axis_deliveries_of"), uid, lateness.today, lateness.within_days
    )
    statuses = await connection.fetch(sql("axis_statuses_of"), uid)
    return Flow(
        SentMessage(**dict(row)),
        [SentFile(**dict(each)) for each in files],
        [Related(**dict(each)) for each in related],
        [_delivery(each) for each in deliveries],
        [Told(**dict(each)) for each in statuses],
    )


async def lone_statuses(connection: Connection, first: date | None, last: date | None) -> int:
    """Documents that receivers speak of and that were never captured."""
    return int(await connection.fetchval(sql("count_lone_statuses"), first, last))


class Waited:
    """Working days that deliveries have waited, by the calendar of the record."""

    def __init__(self, working: Sequence[date]) -> None:
        self._working = working

    @classmethod
    async def since_first(
        cls, connection: Connection, deliveries: Sequence[Delivery], today: date
    ) -> "Waited":
        """Knows the days from the oldest delivery to yesterday."""
        days = [vietnam_day(each.sent_at) for each in deliveries]
        first = max(min(days, default=today), EARLIEST)
        rows = await connection.fetch(sql("working_days_between"), first, today - timedelta(days=1))
        return cls([row["day"] for row in rows])

    def days(self, delivery: Delivery) -> int:
        """Whole working days after the day of sending."""
        return len(self._working) - bisect_right(self._working, vietnam_day(delivery.sent_at))


def _delivery(row: asyncpg.Record) -> Delivery:
    own = {name: row[name] for name in Delivery.__dataclass_fields__}
    return Delivery(**(own | {"state": DeliveryState(row["state"])}))
