"""Further sightings of what is recorded: when one knows better than the record.

The verdict of a first dispatch stands; only re-validation changes it. Three exceptions, for which
there is nothing to judge again by: no child could judge the first, its evidence was not kept, or it
was not drawn for verification. The last stays out of the sample (`sampled` is false for good: what
is drawn because it was sent again is not drawn by chance); only its verdict is known now, for who
reads of it and for the messages that carry it.
"""

from collections.abc import Mapping
from uuid import UUID

from monitor.record.changes import Change, Held, replace_document, replace_message
from monitor.record.connection import Connection
from monitor.record.judging import Reason
from monitor.record.rows import (
    DocumentRow,
    DocumentVerdict,
    MessageRow,
    MessageVerdict,
    Owned,
)
from monitor.record.statements import sql

_JUDGED = frozenset({"valid", "invalid", "indeterminate"})


async def adopt_documents(
    connection: Connection, known: Mapping[UUID, tuple[DocumentRow, Owned]]
) -> dict[UUID, UUID | None]:
    """Replace what a copy knows better; gives the evidence that each is judged by now."""
    held = await _held(connection, "held_documents", list(known))
    if any(_knows_better(known[uid][1], each) for uid, each in held.items()):
        # All of them, in order: moving them later takes the same locks.
        await connection.execute(sql("lock_document_keys"), list(known))
        held = await _held(connection, "held_documents", list(known))
    judged: dict[UUID, UUID | None] = dict.fromkeys(known)
    for uid, each in held.items():
        row, owned = known[uid]
        judged[uid] = each.evidence_id
        if _knows_better(owned, each):
            change = Change(row.decided_at, Reason.COPY, 0)
            await replace_document(
                connection, each, DocumentVerdict.of(row), owned.signatures, change
            )
            judged[uid] = row.evidence_id
    return judged


async def adopt_messages(
    connection: Connection, known: Mapping[UUID, tuple[MessageRow, Owned]]
) -> dict[UUID, UUID | None]:
    """The same for messages, whose key rows the caller has locked."""
    judged: dict[UUID, UUID | None] = dict.fromkeys(known)
    for uid, each in (await _held(connection, "held_messages", list(known))).items():
        row, owned = known[uid]
        judged[uid] = each.evidence_id
        if _knows_better(owned, each):
            change = Change(row.decided_at, Reason.COPY, 0)
            await replace_message(
                connection, each, MessageVerdict.of(row), owned.signatures, change
            )
            judged[uid] = row.evidence_id
    return judged


async def _held(connection: Connection, statement: str, uids: list[UUID]) -> dict[UUID, Held]:
    if not uids:
        return {}
    return {row["uid"]: Held.of(row) for row in await connection.fetch(sql(statement), uids)}


def _knows_better(owned: Owned, held: Held) -> bool:
    if owned.unexamined or owned.undrawn:
        return False
    missing = held.evidence_id is None and held.overall in _JUDGED
    return held.unexamined or held.undrawn or (missing and owned.evidence is not None)
