"""One transaction of the recorder: which statements, in which order.

Writers that meet wait for each other and never deadlock by design: every statement takes its rows
in key order, and all writers run the statements in one order. Key tables answer what is new
(`ON CONFLICT DO NOTHING RETURNING`); the wide rows of what is new go in by COPY.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from monitor.model import ActivityKind, Finding
from monitor.record import copies, origins
from monitor.record.activity import INTAKE, KIND_BIT, ActivityFact, write_activity
from monitor.record.axis_writing import write_axis
from monitor.record.columns import columns
from monitor.record.connection import Connection
from monitor.record.evidence import Sightings
from monitor.record.rows import (
    DocumentRow,
    DocumentVerdict,
    MessageRow,
    Owned,
    Prepared,
    UnknownRow,
)
from monitor.record.statements import sql

SENT = KIND_BIT[ActivityKind.SENT]
PROOFS = ("unaligned", "unknown", "aligned", "internal")
"""Origins, the better proven last; the same as `proof` of migrations/0008_names.sql."""
OF_THE_ORIGIN = frozenset({Finding.SENDER_SPOOFED.value, Finding.ORIGIN_UNCHECKED.value})
SENT_ON = Finding.FORWARDED_PRIVATELY.value


@dataclass(frozen=True, slots=True)
class Written:
    """What of one prepared outcome was new."""

    new_item: bool
    first_message: bool = False
    recipient_ids: tuple[int, ...] = ()
    documents: tuple[int, ...] = ()
    sendings: tuple[int, ...] = ()


class Batch:
    """Rows of several outcomes with distinct item ids."""

    def __init__(self, rows: Sequence[Prepared]) -> None:
        self._rows = rows
        self._fresh: list[Prepared] = []
        self._message_days: dict[UUID, date] = {}
        self._owned: list[Owned] = []
        self._sightings = Sightings()
        self._changed_days: set[date] = set()
        self._merged: list[UUID] = []

    def days(self) -> set[date]:
        """Every day that rows of this batch go to."""
        days = set()
        for row in self._rows:
            days.add(row.item.day)
            days.update(document.day for _, document, _ in row.documents)
            days.update(each.day for each in (row.message, row.unknown) if each)
        return days

    async def write(self, connection: Connection) -> list[Written]:
        """Run the statements inside the caller's transaction; answers in the order of the rows."""
        fresh_items = await self._items(connection)
        self._fresh = [row for row in self._rows if row.item.item_id in fresh_items]
        messages = await self._messages(connection)
        await self._origins(connection)
        recipients = await self._recipients(connection)
        await self._freemail(connection)
        documents = await self._documents(connection)
        sendings = await self._sendings(connection)
        await copy(
            connection, "signature", [row for owned in self._owned for row in owned.signatures]
        )
        await self._sightings.write(connection)
        await self._axis(connection)
        await self._unknown(connection, messages)
        await write_activity(connection, self._activity(), INTAKE)
        await copy_days(connection, self._changed_days)
        return self._answers(fresh_items, messages, recipients, documents, sendings)

    async def _items(self, connection: Connection) -> set[UUID]:
        rows = sorted((row.item for row in self._rows), key=lambda item: item.item_id)
        answer = await connection.fetch(sql("insert_items"), *columns(rows))
        return {each["item_id"] for each in answer}

    # -- messages -----------------------------------------------------------------------------

    async def _messages(self, connection: Connection) -> set[UUID]:
        """Insert new messages, merge further copies; gives the new ones."""
        merged = self._merged_messages()
        if not merged:
            return set()
        uids = sorted(merged)
        answer = await connection.fetch(
            sql("insert_message_keys"), uids, [merged[uid].day for uid in uids]
        )
        new = {each["message_uid"] for each in answer}
        self._message_days = {uid: merged[uid].day for uid in new}
        await copy(connection, "message", [merged[uid] for uid in uids if uid in new])
        known = [uid for uid in uids if uid not in new]
        judged = {uid: merged[uid].evidence_id for uid in new}
        self._merged = known
        if known:
            await self._merge(connection, [merged[uid] for uid in known])
            judged |= await copies.adopt_messages(
                connection, {uid: (merged[uid], self._message_owned(uid)) for uid in known}
            )
        self._owned.extend(self._message_owned(uid) for uid in new)
        for row in self._fresh:
            if row.message:
                self._sightings.add(row.message_owned.evidence, judged[row.message.message_uid])
        self._changed_days.update(self._message_days.values())
        return new

    def _merged_messages(self) -> dict[UUID, MessageRow]:
        merged: dict[UUID, MessageRow] = {}
        for row in self._fresh:
            if row.message:
                uid = row.message.message_uid
                merged[uid] = merge(merged[uid], row.message) if uid in merged else row.message
        return merged

    def _message_owned(self, uid: UUID) -> Owned:
        """Of the copy whose day the message gets."""
        rows = [row for row in self._fresh if row.message and row.message.message_uid == uid]
        return min(rows, key=lambda row: row.message.day if row.message else date.max).message_owned

    async def _merge(self, connection: Connection, rows: list[MessageRow]) -> None:
        uids = [row.message_uid for row in rows]
        for each in await connection.fetch(sql("lock_message_keys"), uids):
            self._message_days[each["message_uid"]] = each["day"]
        await self._move_messages(connection, rows)
        await connection.execute(
            sql("merge_messages"),
            uids,
            [self._message_days[uid] for uid in uids],
            [row.copies for row in rows],
            ["{" + ",".join(map(str, row.recipients)) + "}" for row in rows],
            [row.first_received_at for row in rows],
            [row.last_received_at for row in rows],
            [row.direction for row in rows],
            [row.sender_agency_id for row in rows],
            [",".join(row.findings) for row in rows],
            [row.formal_documents for row in rows],
            [row.formal_valid for row in rows],
            [row.formal_ours for row in rows],
            [row.sealed_sender for row in rows],
            [row.sender_address_id for row in rows],
            [row.sampled_rate for row in rows],
            [row.sampled for row in rows],
            [row.origin for row in rows],
            [row.origin_evidence for row in rows],
            [row.claimed_agency_id for row in rows],
            [row.automatic for row in rows],
            [row.attached for row in rows],
        )

    async def _move_messages(self, connection: Connection, rows: list[MessageRow]) -> None:
        """What a copy shows to have been sent on an earlier day belongs to that day."""
        held = ((row, self._message_days[row.message_uid]) for row in rows)
        earlier = [
            (row.message_uid, old, row.day, row.occurred_at) for row, old in held if row.day < old
        ]
        if not earlier:
            return
        answer = await connection.fetch(sql("move_messages"), *columns(earlier))
        if not answer:
            return
        moved = columns(tuple(each) for each in answer)
        await connection.execute(sql("move_message_rows"), *moved)
        await connection.execute(sql("move_signature_rows"), *moved[:3])
        self._message_days.update((each["message_uid"], each["day"]) for each in answer)
        self._changed_days.update(day for days in moved[1:3] for day in days)

    async def _origins(self, connection: Connection) -> None:
        """What is to be asked about later, and which selectors were seen."""
        await origins.write_due(
            connection, [row for each in self._fresh if (row := each.origin_due)]
        )
        await origins.drop_proven(connection, self._merged)
        await origins.write_selectors(
            connection, [each for row in self._fresh for each in row.selectors]
        )

    async def _recipients(self, connection: Connection) -> set[tuple[UUID, int]]:
        pairs = sorted(
            {
                (row.message.message_uid, agency)
                for row in self._fresh
                if row.message
                for agency in row.recipient_ids
            }
        )
        if not pairs:
            return set()
        answer = await connection.fetch(
            sql("insert_message_agencies"),
            [uid for uid, _ in pairs],
            [agency for _, agency in pairs],
            [self._message_days[uid] for uid, _ in pairs],
        )
        return {(each["message_uid"], each["agency_id"]) for each in answer}

    async def _freemail(self, connection: Connection) -> None:
        """A union over all copies, whichever comes first (the view `freemail_use`)."""
        found = {
            (row.message.message_uid, agency, way)
            for row in self._fresh
            if row.message
            for agency, way in row.freemail
        }
        if found:
            rows = [(*each, self._message_days[each[0]]) for each in sorted(found)]
            await connection.execute(sql("insert_message_freemail"), *columns(rows))

    # -- documents ----------------------------------------------------------------------------

    async def _documents(self, connection: Connection) -> set[UUID]:
        """Insert new documents, move known ones to an earlier dispatch; gives the new ones."""
        first: dict[UUID, tuple[DocumentRow, Owned]] = {}
        for row in self._fresh:
            for _, document, owned in row.documents:
                held, seen = first.get(document.document_uid), (document, owned)
                first[document.document_uid] = first_dispatch(held, seen) if held else seen
        if not first:
            return set()
        rows = [first[uid][0] for uid in sorted(first)]
        keys = columns((row.document_uid, row.day, row.first_at, row.counted) for row in rows)
        answer = await connection.fetch(sql("insert_document_keys"), *keys)
        new = {each["document_uid"] for each in answer}
        await copy(connection, "document", [row for row in rows if row.document_uid in new])
        self._owned.extend(first[uid][1] for uid in new)
        self._changed_days.update(first[uid][0].day for uid in new)
        judged = {uid: first[uid][0].evidence_id for uid in new}
        judged |= await copies.adopt_documents(
            connection, {uid: first[uid] for uid in sorted(first) if uid not in new}
        )
        for row in self._fresh:
            for _, document, owned in row.documents:
                self._sightings.add(owned.evidence, judged[document.document_uid])
        await self._move(connection, [row for row in rows if row.document_uid not in new])
        return new

    async def _move(self, connection: Connection, rows: list[DocumentRow]) -> None:
        if not rows:
            return
        keys = columns((row.document_uid, row.day, row.first_at, row.counted) for row in rows)
        moved = await connection.fetch(sql("move_documents"), *keys)
        if not moved:
            return
        uids, old, new, first_at, counted = columns(tuple(each) for each in moved)
        said = {row.document_uid: row for row in rows}
        await connection.execute(
            sql("move_document_rows"),
            uids, old, new, first_at, counted,
            *columns(said_by_dispatch(said[uid]) for uid in uids),
        )  # fmt: skip
        await connection.execute(sql("move_signature_rows"), uids, old, new)
        self._changed_days.update((*old, *new))

    async def _sendings(self, connection: Connection) -> set[tuple[UUID, UUID]]:
        rows: dict[tuple[UUID, UUID], tuple[UUID, UUID, date, datetime]] = {}
        for row in self._fresh:
            for _, document, _ in row.documents:
                key = (document.document_uid, row.item.dispatch)
                day = self._message_days.get(row.item.dispatch, document.day)
                rows.setdefault(key, (*key, day, row.dispatched_at))
        if not rows:
            return set()
        ordered = [rows[key] for key in sorted(rows)]
        answer = await connection.fetch(sql("insert_sendings"), *columns(ordered))
        return {(each["document_uid"], each["dispatch"]) for each in answer}

    async def _axis(self, connection: Connection) -> None:
        await write_axis(
            connection,
            [row.axis for row in self._fresh if row.axis],
            [
                (row.axis.message.axis_uid, document.document_uid)
                for row in self._fresh
                if row.axis and row.axis.message
                for _, document, _ in row.documents
            ],
        )

    async def _unknown(self, connection: Connection, messages: set[UUID]) -> None:
        counts: dict[tuple[Any, ...], UnknownRow] = {}
        left = set(messages)
        for row in self._fresh:
            if row.message:
                if row.message.message_uid not in left:
                    continue
                left.discard(row.message.message_uid)
            if row.unknown is None:
                continue
            unknown = row.unknown
            key = (unknown.name, unknown.sender, unknown.kind, unknown.verified, unknown.day)
            held = counts.get(key)
            counts[key] = (
                unknown._replace(items=held.items + 1, last_at=max(held.last_at, unknown.last_at))
                if held
                else unknown
            )
        if counts:
            ordered = [counts[key] for key in sorted(counts)]
            await connection.execute(sql("count_unknown_senders"), *columns(ordered))

    def _activity(self) -> list[ActivityFact]:
        """Who sent a mail on which day; automatic mail is no person's doing."""
        return sorted(
            {
                ActivityFact(each.sender_address_id, self._message_days[each.message_uid], SENT)
                for row in self._fresh
                if (each := row.message) and each.sender_address_id and not each.automatic
            }
        )

    def _answers(
        self,
        items: set[UUID],
        messages: set[UUID],
        recipients: set[tuple[UUID, int]],
        documents: set[UUID],
        sendings: set[tuple[UUID, UUID]],
    ) -> list[Written]:
        """Hand every new thing to the first row that has it."""
        answers = []
        for row in self._rows:
            if row.item.item_id not in items:
                answers.append(Written(new_item=False))
                continue
            uid = row.item.dispatch
            new = [(index, each.document_uid) for index, each, _ in row.documents]
            answers.append(
                Written(
                    new_item=True,
                    first_message=take(messages, uid),
                    recipient_ids=tuple(a for a in row.recipient_ids if take(recipients, (uid, a))),
                    documents=tuple(index for index, each in new if take(documents, each)),
                    sendings=tuple(index for index, each in new if take(sendings, (each, uid))),
                )
            )
        return answers


def merge(first: MessageRow, other: MessageRow) -> MessageRow:
    """Two copies of one message; the same rule as sql/merge_messages.sql."""
    merged = first._replace(
        copies=first.copies + other.copies,
        recipients=sorted({*first.recipients, *other.recipients}),
        first_received_at=min(first.first_received_at, other.first_received_at),
        last_received_at=max(first.last_received_at, other.last_received_at),
    )
    if other.day < first.day:
        merged = merged._replace(day=other.day, occurred_at=other.occurred_at)
    proven = better_proven(first, other)
    merged = merged._replace(
        origin=proven.origin,
        origin_evidence=proven.origin_evidence,
        claimed_agency_id=proven.claimed_agency_id,
        automatic=first.automatic and other.automatic,
        attached=max(first.attached, other.attached),
    )
    if first.sender_agency_id == 0 and other.sender_agency_id != 0:
        return merged._replace(
            direction=other.direction,
            sender_agency_id=other.sender_agency_id,
            findings=findings_of(other, proven, first),
            formal_documents=other.formal_documents,
            formal_valid=other.formal_valid,
            formal_ours=other.formal_ours,
            sampled_rate=min(first.sampled_rate, other.sampled_rate),
            sampled=first.sampled and other.sampled,
            sealed_sender=other.sealed_sender,
            sender_address_id=other.sender_address_id,
        )
    return merged._replace(findings=findings_of(first, proven, other))


def better_proven(first: MessageRow, other: MessageRow) -> MessageRow:
    """Of two copies the one whose origin has the better proof: a forwarder breaks what another
    copy still bears. Who handed in what he did not write proves nothing of where it came from.
    """
    return other if _proof(other) > _proof(first) else first


def _proof(row: MessageRow) -> int:
    if row.origin == "internal" and row.sender_agency_id == 0:
        return 1
    return PROOFS.index(row.origin) + 2 if row.origin in PROOFS else 0


def findings_of(row: MessageRow, proven: MessageRow, other: MessageRow) -> list[str]:
    """The findings of one copy, with those of the origin as the better proven one has them, and
    that the message was sent on if any copy shows it.
    """
    kept = [each for each in row.findings if each not in OF_THE_ORIGIN and each != SENT_ON]
    said = [each for each in proven.findings if each in OF_THE_ORIGIN]
    return kept + said + [SENT_ON] * (SENT_ON in row.findings or SENT_ON in other.findings)


def first_dispatch(
    one: tuple[DocumentRow, Owned], other: tuple[DocumentRow, Owned]
) -> tuple[DocumentRow, Owned]:
    """What a document's row is of two dispatches: the first one, its decision to draw included.

    Where that was not drawn and the other was, the verdict is known nevertheless: the same rule as
    copies.py has for what is recorded already.
    """
    first, later = sorted((one, other), key=lambda each: _dispatch_order(each[0]))
    if not first[1].undrawn or later[1].undrawn or later[1].unexamined:
        return first
    day = first[0].day
    signatures = tuple(each._replace(day=day) for each in later[1].signatures)
    return (
        first[0]._replace(**DocumentVerdict.of(later[0])._asdict()),
        replace(later[1], signatures=signatures),
    )


def _dispatch_order(document: DocumentRow) -> tuple[bool, Any]:
    """Dispatches that count come before others, then the earlier one."""
    return (not document.counted, document.first_at)


def said_by_dispatch(row: DocumentRow) -> tuple[Any, ...]:
    """What a document's dispatch says of it."""
    return (row.number, row.notation, row.issued_on, row.paper, row.dispatch_known)


def take(found: set[Any], key: object) -> bool:
    """Whether the key was in the set; it is taken out."""
    if key in found:
        found.discard(key)
        return True
    return False


async def copy(connection: Connection, table: str, rows: Sequence[NamedTuple]) -> None:
    """COPY rows into a table whose columns their fields name."""
    if rows:
        await connection.copy_records_to_table(table, records=rows, columns=rows[0]._fields)


async def copy_days(connection: Connection, days: Iterable[date]) -> None:
    """Say which days' facts have changed: `measure` computes them anew."""
    records = [(day,) for day in sorted(days)]
    if records:
        await connection.copy_records_to_table("changed_day", records=records, columns=["day"])
