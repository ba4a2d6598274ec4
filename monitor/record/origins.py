"""Messages whose origin was not known when they were recorded: who looks again, and what was found.

A message is asked about by one daemon at a time: taking it puts its next look off. What was found
is written once: the row in `origin_due` goes with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from monitor.model import Origin, OriginEvidence
from monitor.record.columns import columns
from monitor.record.connection import Connection
from monitor.record.statements import sql

MOST_QUESTIONS = 5
"""About one message; what further copies would ask is not asked."""


class DueRow(NamedTuple):
    """A row of `origin_due` as it begins."""

    message_uid: UUID
    day: date
    next_at: datetime
    asked: str
    """JSON of one question."""


class SelectorRow(NamedTuple):
    """A DKIM selector of an agency's own domain, and the day that a passing signature bore it."""

    domain: str
    selector: str
    last_seen: date


@dataclass(frozen=True, slots=True)
class Due:
    """A message to be asked about: questions of its copies (`monitor.agencies.origin.Asking`)."""

    message_uid: UUID
    tries: int
    """This one included."""
    asked: str
    """JSON of all questions."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What was found; `unknown` gives up."""

    message_uid: UUID
    asked: str
    """What was asked (`Due`); a message of which a copy asks more by then is left for later."""
    origin: Origin
    evidence: OriginEvidence | None


async def claim(
    connection: Connection, now: datetime, most: int, first: timedelta, longest: timedelta
) -> list[Due]:
    """Take what is due; it is due again after a pause that doubles with each try."""
    rows = await connection.fetch(sql("claim_origins"), now, most, first, longest)
    return [Due(row["message_uid"], row["tries"], row["asked"]) for row in rows]


async def settle(connection: Connection, found: Sequence[Settled]) -> list[tuple[str, str | None]]:
    """Write what was found in one transaction; gives origin and claimed agency's code of each
    message that had none before.
    """
    if not found:
        return []
    async with connection.transaction():
        uids = sorted(each.message_uid for each in found)
        await connection.execute(sql("lock_message_keys"), uids)
        left = await connection.fetch(
            "DELETE FROM origin_due d USING unnest($1::uuid[], $2::jsonb[]) AS r (uid, asked)"
            " WHERE d.message_uid = r.uid AND d.asked = r.asked RETURNING d.message_uid",
            *columns((each.message_uid, each.asked) for each in found),
        )
        ours = {row["message_uid"] for row in left}
        decided = [
            (each.message_uid, each.origin.value, each.evidence and each.evidence.model_dump_json())
            for each in found
            if each.message_uid in ours and each.origin is not Origin.UNKNOWN
        ]
        if not decided:
            return []
        rows = await connection.fetch(sql("settle_origins"), *columns(decided))
    return [(row["origin"], row["agency"]) for row in rows]


async def forget(connection: Connection, before: datetime) -> None:
    """Drop what nobody looks at any more: its messages stay unknown."""
    await connection.execute("DELETE FROM origin_due WHERE next_at < $1", before)


async def write_due(connection: Connection, rows: Sequence[DueRow]) -> None:
    """Note what is to be asked later, of messages that are still unknown, in the caller's
    transaction; and drop what a copy has proven meanwhile.
    """
    questions: dict[UUID, list[DueRow]] = {}
    for row in rows:
        questions.setdefault(row.message_uid, []).append(row)
    if questions:
        due = [_together(questions[uid]) for uid in sorted(questions)]
        await connection.execute(sql("insert_origin_due"), *columns(due), MOST_QUESTIONS)


def _together(rows: Sequence[DueRow]) -> DueRow:
    """What copies of one message ask."""
    asked = list(dict.fromkeys(row.asked for row in rows))[:MOST_QUESTIONS]
    return rows[0]._replace(asked=f"[{','.join(asked)}]")


async def drop_proven(connection: Connection, messages: Sequence[UUID]) -> None:
    """Ask no more about messages that a copy has proven."""
    if messages:
        await connection.execute(
            "DELETE FROM origin_due d USING message_key k JOIN message m USING (message_uid, day)"
            " WHERE d.message_uid = k.message_uid AND k.message_uid = ANY ($1::uuid[])"
            " AND m.origin <> 'unknown'",
            list(messages),
        )


async def write_selectors(connection: Connection, rows: Sequence[SelectorRow]) -> None:
    """Note selectors that were seen, in the caller's transaction."""
    newest: dict[tuple[str, str], SelectorRow] = {}
    for row in rows:
        held = newest.get(row[:2])
        newest[row[:2]] = row if held is None or held.last_seen < row.last_seen else held
    if newest:
        await connection.execute(
            sql("see_selectors"), *columns(newest[key] for key in sorted(newest))
        )
