"""Retention: what is older than the settings allow is removed, whole months at a time.

A month's partition is emptied (TRUNCATE) rather than dropped: that locks the old month alone, and
what is replayed late still finds its place until the next night. What was derived (day_fact,
coverage_day, the figures) stays; `kept_since` says from which day on it may be computed anew.
Rows go before the keys that name them, so that an interruption leaves nothing that a copy could
collide with; every step is a transaction of its own and the next run goes on.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import asyncpg

from monitor.privacy.statements import sql
from monitor.record import audit
from monitor.record.connection import Connection
from monitor.record.database import FIRST_MONTH
from monitor.settings import PostureSettings, PrivacySettings

What = Literal["activity", "gateway", "evidence", "report", "posture"]
TABLES: dict[What, Sequence[str]] = {
    "activity": ("activity_month",),
    "gateway": ("gateway_message",),
    "evidence": (
        "sending", "signature", "document", "message_agency", "message_freemail", "message", "item",
        "unknown_sender",
    ),
    "report": (),
    "posture": ("posture_day",),
}  # fmt: skip
CLOSED: Sequence[str] = ("closed_document", "closed_cell", "report_file")
"""Tables of closed periods that bear their days in `closing`; their figures stay."""
KEYS: Sequence[tuple[str, str]] = (("message_key", "message"), ("document_key", "document"))
"""Tables that name rows of others for good, and whose."""
DATED: dict[What, Sequence[tuple[str, str]]] = {
    "evidence": (
        ("register_entry", "entry_id"), ("register_entry_past", "entry_id"),
        ("axis_message", "axis_uid"), ("axis_status", "axis_uid"),
    ),
    "posture": (("posture_change", "at"), ("posture_selector", "last_seen")),
}  # fmt: skip
"""Tables that are no partitions, with what names or orders their rows."""
DAYS = {
    "axis_status": "vietnam_day(at)", "posture_change": "vietnam_day(at)",
    "posture_selector": "last_seen",
}  # fmt: skip
"""What says how old a row is, where that is no column `day`; a status may be there without its
document."""
HANGING: Sequence[tuple[str, str, str]] = (
    ("register_file", "entry_id", "register_entry"),
    ("axis_document", "axis_uid", "axis_message"),
    ("axis_recipient", "axis_uid", "axis_message"),
    ("axis_relation", "axis_uid", "axis_message"),
    ("axis_delivery", "axis_uid", "axis_message"),
)
"""Tables whose rows go with what they name: table, column, whose."""
ORPHANS = ("kept_evidence", "judgement", "evidence_blob", "signer_certificate")
ORPHANS_DUE = "retention_orphans"
"""Row of `meta`: something was removed whose evidence has yet to be looked for."""
ROWS_AT_ONCE = 100_000
LONGEST_STATEMENT = 3600.0
LOCK_MILLISECONDS, PAUSE_SECONDS, TRIES = 1000, 5.0, 60
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Limit:
    """How long one kind of row is kept."""

    what: What
    setting: str
    months: int
    before: date
    """First day that stays: the first of a month."""


@dataclass(frozen=True, slots=True)
class Share:
    """What of one table is beyond its limit, or was removed."""

    what: What
    table: str
    before: date
    months: int
    rows: int
    bytes: int


def limits(privacy: PrivacySettings, posture: PostureSettings, today: date) -> list[Limit]:
    """What the settings limit: the current month and so many whole ones before it stay."""
    found: list[Limit] = []
    wanted: tuple[tuple[What, str, int | None], ...] = (
        ("activity", "privacy.activity_months", privacy.activity_months),
        ("gateway", "privacy.gateway_months", privacy.gateway_months),
        ("evidence", "privacy.evidence_months", privacy.evidence_months),
        ("report", "privacy.report_months", privacy.report_months),
        ("posture", "posture.history_months", posture.history_months),
    )
    for what, setting, months in wanted:
        if months is not None:
            found.append(Limit(what, setting, months, _months_before(today, months)))
    return found


def _months_before(today: date, months: int) -> date:
    index = today.year * 12 + today.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


# -- looking ---------------------------------------------------------------------------------------


async def plan(connection: Connection, limit: Limit) -> list[Share]:
    """What is beyond a limit, by table; nothing is changed."""
    shares = []
    for table in TABLES[limit.what]:
        months = rows = size = 0
        for partition in await _beyond(connection, table, limit.before):
            count = await connection.fetchval(
                f"SELECT count(*) FROM {partition}",  # noqa: S608 - a partition of ours
                timeout=LONGEST_STATEMENT,
            )
            months, rows = months + bool(count), rows + count
            size += await _bytes(connection, partition) if count else 0
        if rows:
            shares.append(Share(limit.what, table, limit.before, months, rows, size))
    keys = KEYS if limit.what == "evidence" else ()
    for table, _ in (*keys, *DATED.get(limit.what, ())):
        shares += await _rows_beyond(connection, table, limit)
    if limit.what == "report":
        for table in CLOSED:
            shares += await _closed_beyond(connection, table, limit)
    return shares


async def _rows_beyond(connection: Connection, table: str, limit: Limit) -> list[Share]:
    rows = await connection.fetchval(
        f"SELECT count(*) FROM {table} WHERE {_day_of(table)} < $1",  # noqa: S608 - a table of ours
        limit.before,
        timeout=LONGEST_STATEMENT,
    )
    return [Share(limit.what, table, limit.before, 0, rows, 0)] if rows else []


async def _closed_beyond(connection: Connection, table: str, limit: Limit) -> list[Share]:
    rows = await connection.fetchval(
        f"SELECT count(*) FROM {table} JOIN closing USING (closing_id) WHERE last_day < $1",  # noqa: S608 - a table of ours
        limit.before,
        timeout=LONGEST_STATEMENT,
    )
    return [Share("report", table, limit.before, 0, rows, 0)] if rows else []


def _day_of(table: str) -> str:
    return DAYS.get(table, "day")


async def _beyond(connection: Connection, table: str, before: date) -> list[str]:
    """Partitions of a table that hold nothing but days before `before`, the oldest first."""
    months = await connection.fetch(
        "SELECT month FROM record_month WHERE month < $1 ORDER BY month", before
    )
    past = [f"{table}_past"] if before >= FIRST_MONTH else []
    return [*past, *(f"{table}_{row['month']:%Y%m}" for row in months)]


async def _bytes(connection: Connection, partition: str) -> int:
    return int(
        await connection.fetchval("SELECT pg_total_relation_size($1::text::regclass)", partition)
    )


# -- removing --------------------------------------------------------------------------------------


async def apply(
    connection: Connection, limit: Limit, actor: str, progress: Progress
) -> list[Share]:
    """Remove what is beyond a limit; gives what was removed. May be interrupted and begun again."""
    planned = await plan(connection, limit)
    if planned:
        await _begin(connection, limit, planned, actor)
    for share in planned:
        if share.table in TABLES[limit.what]:
            await _empty(connection, share.table, limit.before, progress)
    removed = planned
    if limit.what == "evidence":
        for key, owner in KEYS:
            await _forget_keys(connection, key, owner, limit.before, progress)
    for table, name in DATED.get(limit.what, ()):
        await _forget_dated(connection, table, name, limit.before, progress)
    if limit.what == "evidence":
        for table, name, owner in HANGING:
            await _forget_hanging(connection, table, name, owner, progress)
        removed = [*planned, *await _forget_orphans(connection, limit, progress)]
    if limit.what == "report" and planned:
        await _forget_closed(connection, limit.before, progress)
    return removed


async def _begin(
    connection: Connection, limit: Limit, planned: Sequence[Share], actor: str
) -> None:
    """From here on nothing derived from the days that go is computed anew; and it is noted.

    Of closed periods nothing is derived: `kept_since('report')` is asked by nobody.
    """
    counts = ", ".join(f"{share.table} {share.rows}" for share in planned)
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO kept_since AS k (what, day) VALUES ($1, $2) "
            "ON CONFLICT (what) DO UPDATE SET day = greatest(k.day, excluded.day)",
            limit.what,
            limit.before,
        )
        if limit.what == "evidence":
            await connection.execute(
                "INSERT INTO meta (name, value) VALUES ($1, '') ON CONFLICT DO NOTHING", ORPHANS_DUE
            )
        subject = f"{limit.what} before {limit.before}: {counts}"
        await audit.note(
            connection, actor, "retention", subject, f"{limit.setting} = {limit.months}"
        )


async def _empty(connection: Connection, table: str, before: date, progress: Progress) -> None:
    for partition in await _beyond(connection, table, before):
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {partition})"):  # noqa: S608 - ours
            progress(partition)
            await _truncate(connection, partition)


async def _truncate(connection: Connection, partition: str) -> None:
    """Wait for readers a moment at a time: whoever comes after a waiting TRUNCATE waits with it."""
    for _ in range(TRIES - 1):
        try:
            await _truncate_at_once(connection, partition)
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return
    await _truncate_at_once(connection, partition)


async def _truncate_at_once(connection: Connection, partition: str) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_MILLISECONDS}ms'")
        await connection.execute(f"TRUNCATE {partition}")


async def _forget_keys(
    connection: Connection, key: str, owner: str, before: date, progress: Progress
) -> None:
    """Names of rows that are gone; one that has come back in the meantime keeps its name."""
    uid = f"{owner}_uid"
    await _in_steps(
        connection,
        f"DELETE FROM {key} WHERE {uid} IN (SELECT k.{uid} FROM {key} k WHERE k.day < $1 "  # noqa: S608 - names of ours
        f"AND NOT EXISTS (SELECT FROM {owner} o WHERE o.{uid} = k.{uid} AND o.day = k.day) "
        "LIMIT $2)",
        before,
        lambda: progress(key),
    )


async def _forget_dated(
    connection: Connection, table: str, name: str, before: date, progress: Progress
) -> None:
    await _in_steps(
        connection,
        f"DELETE FROM {table} WHERE ctid = ANY (ARRAY("  # noqa: S608 - names of ours
        f"SELECT ctid FROM {table} WHERE {_day_of(table)} < $1 ORDER BY {name} LIMIT $2))",
        before,
        lambda: progress(table),
    )


async def _forget_hanging(
    connection: Connection, table: str, name: str, owner: str, progress: Progress
) -> None:
    await connection.execute(
        f"DELETE FROM {table} t WHERE NOT EXISTS "  # noqa: S608 - names of ours
        f"(SELECT FROM {owner} o WHERE o.{name} = t.{name})",
        timeout=LONGEST_STATEMENT,
    )
    progress(table)


async def _forget_closed(connection: Connection, before: date, progress: Progress) -> None:
    while await connection.fetchval(
        "SELECT forget_closed($1, $2)", before, ROWS_AT_ONCE, timeout=LONGEST_STATEMENT
    ):
        progress("closed periods")


async def _in_steps(
    connection: Connection, statement: str, before: date, progress: Callable[[], None]
) -> None:
    """Repeat a statement that removes at most $2 rows older than $1 until none is left."""
    while _affected(
        await connection.execute(statement, before, ROWS_AT_ONCE, timeout=LONGEST_STATEMENT)
    ):
        progress()


async def _forget_orphans(connection: Connection, limit: Limit, progress: Progress) -> list[Share]:
    """Evidence, judgements and changes of what is kept no longer."""
    if not await connection.fetchval("SELECT 1 FROM meta WHERE name = $1", ORPHANS_DUE):
        return []
    progress("evidence that nothing refers to")
    changes = 0
    while step := await connection.fetchval(
        "SELECT forget_verdict_changes($1)", ROWS_AT_ONCE, timeout=LONGEST_STATEMENT
    ):
        changes += step
    counts = [("verdict_change", changes)]
    async with connection.transaction():
        # The recorder waits meanwhile, so that no copy refers to what is on its way out.
        await connection.execute(
            "LOCK TABLE judgement, kept_evidence, evidence_blob, signer_certificate "
            "IN SHARE ROW EXCLUSIVE MODE"
        )
        for table in ORPHANS:
            rows = await connection.fetchval(sql(f"forget_{table}"), timeout=LONGEST_STATEMENT)
            counts.append((table, rows))
        await connection.execute("DELETE FROM meta WHERE name = $1", ORPHANS_DUE)
    return [Share("evidence", name, limit.before, 0, rows, 0) for name, rows in counts if rows]


def _affected(answer: str) -> int:
    """Rows of a command tag (`DELETE 7`)."""
    return int(answer.rpartition(" ")[2])
