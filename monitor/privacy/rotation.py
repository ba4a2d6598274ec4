"""A new sealing key: pseudonyms computed anew in one transaction, everything else sealed again.

First, with the keys to itself: the new key file is written beside the old one, all pseudonyms of
known addresses and people are computed and their seals replaced in one transaction that also notes
the new key in the database, and the new key file takes the place of the old (`key_use.settle`
completes or undoes that after a crash at any point). Then, while the daemon may run again: what
messages, documents and signatures hold is sealed again in steps, each of which may be the last;
older keys open what is left. What exists as a pseudonym only (recipients of messages, unknown
senders, Message-IDs) cannot be computed anew and stays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from monitor.errors import UserError
from monitor.privacy.statements import sql
from monitor.record import addresses, audit, keyring, people_key
from monitor.record.connection import Connection
from monitor.record.key_use import PSEUDONYM_KEY
from monitor.record.keyring import KEY_FILE, NEXT_FILE, Key, new_key
from monitor.record.sealing import HEAD_BYTES, Sealer, fingerprint

UNFINISHED = "resealing"
"""Row of `meta`: there may be seals of older keys that a rotation has yet to replace."""
ROWS_AT_ONCE = 5000
LONGEST_STATEMENT = 3600.0
Progress = Callable[[str, int], None]
"""What is being done and how many rows are."""


class Sealed(NamedTuple):
    """A column whose contents are sealed, for which purpose, and how its rows are told apart."""

    table: str
    column: str
    purpose: str
    key: tuple[str, ...]


NAMES: Sequence[Sealed] = (
    Sealed("address", "sealed_address", addresses.SEAL, ("address_id",)),
    Sealed("person", "sealed_key", people_key.SEAL, ("person_id",)),
    Sealed("person", "sealed_name", people_key.NAME_SEAL, ("person_id",)),
)
BULK: Sequence[Sealed] = (
    Sealed("message", "sealed_sender", "sender", ("message_uid",)),
    Sealed("message", "sealed_subject", "subject", ("message_uid",)),
    Sealed("document", "sealed_sender", "sender", ("document_uid",)),
    Sealed("document", "sealed_subject", "subject", ("document_uid",)),
    Sealed("signature", "sealed_signer", "signer", ("owner_uid", "ordinal")),
    Sealed("axis_message", "sealed_subject", "subject", ("axis_uid",)),
    Sealed("axis_message", "sealed_signer", "signer", ("axis_uid",)),
    *(
        Sealed(table, f"sealed_{purpose}", purpose, key)
        for table, key in (
            ("register_entry", ("entry_id",)),
            ("register_entry_past", ("entry_id", "replaced_run_id")),
        )
        for purpose in ("subject", "signer", "recipients")
    ),
)


@dataclass(frozen=True, slots=True)
class Count:
    """How much one column holds, and how much of it older keys sealed."""

    table: str
    column: str
    sealed: int
    older: int


class AnewRow(NamedTuple):
    """A row of `address` or `person` under the new key."""

    id: int
    pseudonym: int
    sealed: bytes
    sealed_name: bytes | None


async def counts(connection: Connection, sealer: Sealer) -> list[Count]:
    """What each column holds, and what of it the newest key did not seal."""
    return [await _count(connection, each, sealer) for each in (*NAMES, *BULK)]


async def _count(connection: Connection, column: Sealed, sealer: Sealer) -> Count:
    row = await connection.fetchrow(
        f"SELECT count({column.column}) AS sealed, count(*) FILTER ("  # noqa: S608 - names of ours
        f"WHERE substr({column.column}, 1, {HEAD_BYTES}) <> $1) AS older FROM {column.table}",
        sealer.head,
        timeout=LONGEST_STATEMENT,
    )
    assert row is not None  # noqa: S101 - an aggregate
    return Count(column.table, column.column, row["sealed"], row["older"])


async def unfinished(connection: Connection) -> bool:
    """Whether an earlier rotation has seals left to replace."""
    return bool(await connection.fetchval("SELECT 1 FROM meta WHERE name = $1", UNFINISHED))


# -- a new key, with the keys to itself ----------------------------------------------------------


async def change_key(
    connection: Connection,
    state_dir: Path,
    today: date,
    actor: str,
    reason: str,
    progress: Progress,
) -> Sealer:
    """Make a new key the one that names and seals; gives it with the older ones.

    `connection` is that of `keys_alone`. Message-IDs are named by it from tomorrow on.
    Raises UserError when something was sealed with a key that is not here: nothing changes then.
    """
    Sealer.load(state_dir)  # there is a first one
    older = keyring.read(state_dir / KEY_FILE)
    keys = (new_key(today + timedelta(days=1)), *older)
    sealer = Sealer.of(keys)
    keyring.replace(state_dir / NEXT_FILE, keys)
    async with connection.transaction():
        await connection.execute("LOCK TABLE address, person IN SHARE ROW EXCLUSIVE MODE")
        addresses_done = await _addresses(connection, sealer, progress)
        people_done = await _people(connection, sealer, progress)
        await _note_key(connection, sealer)
        subject = f"key {sealer.fingerprint[:12]}: {addresses_done} addresses, {people_done} people"
        await audit.note(connection, actor, "rotate-key", subject, reason)
    keyring.promote(state_dir)
    return sealer


async def _addresses(connection: Connection, sealer: Sealer, progress: Progress) -> int:
    def anew(row: Sequence[object]) -> AnewRow:
        number, sealed, _ = row
        text = _opened(sealer, sealed, addresses.SEAL)
        return _row(sealer, number, text, addresses.SEAL, None)

    return await _anew(connection, "address", "sealed_address", "NULL", anew, progress)


async def _people(connection: Connection, sealer: Sealer, progress: Progress) -> int:
    def anew(row: Sequence[object]) -> AnewRow:
        number, sealed, sealed_name = row
        text = _opened(sealer, sealed, people_key.SEAL)
        name = _opened(sealer, sealed_name, people_key.NAME_SEAL) if sealed_name else None
        return _row(sealer, number, text, people_key.SEAL, sealer.seal(name, people_key.NAME_SEAL))

    return await _anew(connection, "person", "sealed_key", "sealed_name", anew, progress)


def _opened(sealer: Sealer, sealed: object, purpose: str) -> str:
    assert isinstance(sealed, bytes)  # noqa: S101 - a bytea that is not null
    return sealer.open(sealed, purpose) or ""


def _row(sealer: Sealer, number: object, text: str, purpose: str, name: bytes | None) -> AnewRow:
    assert isinstance(number, int)  # noqa: S101 - an integer column
    return AnewRow(number, sealer.pseudonym(text), sealer.seal(text, purpose) or b"", name)


async def _anew(
    connection: Connection,
    table: str,
    sealed: str,
    sealed_name: str,
    anew: Callable[[Sequence[object]], AnewRow],
    progress: Progress,
) -> int:
    """Compute every row of a table anew, a few thousand in memory at a time."""
    await connection.execute(
        "CREATE TEMPORARY TABLE anew "
        "(id integer, pseudonym bigint, sealed bytea, sealed_name bytea) ON COMMIT DROP"
    )
    done = 0
    cursor = await connection.cursor(
        f"SELECT {table}_id, {sealed}, {sealed_name} FROM {table} "  # noqa: S608 - names of ours
        f"WHERE {sealed} IS NOT NULL"
    )
    while rows := await cursor.fetch(ROWS_AT_ONCE):
        made = [anew(tuple(row)) for row in rows]
        await connection.copy_records_to_table("anew", records=made, columns=AnewRow._fields)
        done += len(made)
        progress(f"{table}: pseudonyms", done)
    await connection.execute(sql(f"rename_{table}"), timeout=LONGEST_STATEMENT)
    await connection.execute("DROP TABLE anew")
    return done


async def _note_key(connection: Connection, sealer: Sealer) -> None:
    await connection.execute(
        "INSERT INTO meta (name, value) VALUES ($1, $3), ($2, $3) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        PSEUDONYM_KEY,
        UNFINISHED,
        sealer.fingerprint,
    )
    await connection.execute(
        "INSERT INTO sealing_key (fingerprint) VALUES ($1) ON CONFLICT DO NOTHING",
        sealer.fingerprint,
    )


# -- sealing again, while others work ------------------------------------------------------------


async def seal_again(connection: Connection, sealer: Sealer, progress: Progress) -> int:
    """Replace the seals of older keys in messages, documents and signatures; gives how many.

    To be begun again after an interruption: what is done is passed over. What was sealed with a
    key that is not here stays.
    """
    done = 0
    for column in BULK:
        for leaf in await connection.fetch(
            "SELECT relid::text AS name FROM pg_partition_tree($1::text::regclass) WHERE isleaf"
            " UNION ALL SELECT $1 WHERE NOT EXISTS"
            " (SELECT FROM pg_partition_tree($1::text::regclass)) ORDER BY 1",
            column.table,
        ):
            done += await _seal_table(
                connection, column._replace(table=leaf["name"]), sealer, progress
            )
    await connection.execute("DELETE FROM meta WHERE name = $1", UNFINISHED)
    return done


async def _seal_table(
    connection: Connection, column: Sealed, sealer: Sealer, progress: Progress
) -> int:
    """In the order of the key, a few thousand rows a transaction."""
    keys = ", ".join(column.key)
    read = (
        f"SELECT {keys}, {column.column} AS sealed FROM {column.table} "  # noqa: S608 - names of ours
        f"WHERE {column.column} IS NOT NULL "
        f"AND substr({column.column}, 1, {HEAD_BYTES}) <> ALL ($1::bytea[]) "
        "AND {after} "
        f"ORDER BY {keys} LIMIT {ROWS_AT_ONCE}"
    )
    passed = [sealer.head, *await _foreign_heads(connection, column, sealer)]
    last: tuple[object, ...] = ()
    done = 0
    while True:
        marks = ", ".join(f"${index + 2}" for index in range(len(last)))
        after = f"({keys}) > ({marks})" if last else "true"
        rows = await connection.fetch(read.format(after=after), passed, *last)
        if not rows:
            return done
        last = tuple(rows[-1][name] for name in column.key)
        done += await _replace(connection, column, sealer, [tuple(row) for row in rows])
        progress(f"{column.table}: {column.column}", done)


async def _foreign_heads(connection: Connection, column: Sealed, sealer: Sealer) -> list[bytes]:
    """Beginnings of what keys sealed that are not here."""
    found = await connection.fetch(
        f"SELECT DISTINCT substr({column.column}, 1, {HEAD_BYTES}) AS head "  # noqa: S608 - ours
        f"FROM {column.table} WHERE {column.column} IS NOT NULL",
        timeout=LONGEST_STATEMENT,
    )
    return [row["head"] for row in found if not sealer.opens(row["head"])]


async def _replace(
    connection: Connection, column: Sealed, sealer: Sealer, rows: Sequence[tuple[object, ...]]
) -> int:
    """Unless somebody has replaced it since it was read."""
    records = [(*row, _again(sealer, row[-1], column.purpose)) for row in rows]
    same = " AND ".join(f"t.{name} = n.{name}" for name in column.key)
    async with connection.transaction():
        await connection.execute(
            "CREATE TEMPORARY TABLE sealed_again ON COMMIT DROP AS "  # noqa: S608 - names of ours
            f"SELECT {', '.join(column.key)}, {column.column} AS old, {column.column} AS fresh "
            f"FROM {column.table} LIMIT 0"
        )
        await connection.copy_records_to_table(
            "sealed_again", records=records, columns=(*column.key, "old", "fresh")
        )
        await connection.execute(
            f"UPDATE {column.table} t SET {column.column} = n.fresh FROM sealed_again n "  # noqa: S608 - names of ours
            f"WHERE {same} AND t.{column.column} = n.old"
        )
    return len(records)


def _again(sealer: Sealer, sealed: object, purpose: str) -> bytes | None:
    return sealer.seal(_opened(sealer, sealed, purpose), purpose)


# -- forgetting older keys -------------------------------------------------------------------------


async def in_the_way(
    connection: Connection, state_dir: Path, sealer: Sealer
) -> list[tuple[str, int]]:
    """What still needs an older key: tables and columns, and how many rows of each."""
    found = [
        (f"{each.table}.{each.column}", each.older)
        for each in await counts(connection, sealer)
        if each.older
    ]
    since = keyring.read(state_dir / KEY_FILE)[0].since
    logged = await connection.fetchval(
        "SELECT count(*) FROM gateway_message WHERE day < $1", since or date.min
    )
    return [*found, ("gateway_message", logged)] if logged else found


async def forget_older(
    connection: Connection, state_dir: Path, sealer: Sealer, actor: str, reason: str
) -> int:
    """Remove every key but the newest; gives how many. Raises UserError while one is needed."""
    keys = keyring.read(state_dir / KEY_FILE)
    if needed := await in_the_way(connection, state_dir, sealer):
        rows = ", ".join(f"{where}: {number}" for where, number in needed)
        raise UserError(
            f"older keys are still needed ({rows}): run `congvu privacy rotate-key --apply` to the "
            "end, and wait until retention has removed what the gateway's log said before the "
            "rotation (privacy.gateway_months)"
        )
    async with connection.transaction():
        gone = [fingerprint(key) for key in keys[1:]]
        subject = ", ".join(f"key {each[:12]}" for each in gone)
        await audit.note(connection, actor, "forget-key", subject, reason)
        await connection.execute("DELETE FROM sealing_key WHERE fingerprint = ANY ($1)", gone)
    keyring.replace(state_dir / KEY_FILE, [Key(keys[0].secret)])
    return len(gone)
