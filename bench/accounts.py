"""How long the daily account figures of all agencies take, beside plain scans of the same tables.

    python -m bench.accounts [--accounts 2000000] [--agencies 2000] [--months 12]

An embedded server with the settings it has in production. A roster with as many people as
accounts, a tenth of them with an alias, every twentieth moved; a year of daily activity of nine in
ten. Filled by SQL, without checks of foreign keys: lists and logs have benches of their own.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg

from monitor.measure import AccountMeasure
from monitor.observe import Observer
from monitor.record import Database, EmbeddedPostgres, Mode
from monitor.settings import AccountSettings, DatabaseSettings

NOW = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
TABLES = (
    "employment", "person_address", "account", "account_address", "account_period",
    "address_activity",
)  # fmt: skip

AGENCIES = """
INSERT INTO agency (code, name, level)
    SELECT 'cq-' || i, 'Cơ quan ' || i, CASE WHEN i <= {agencies} / 60 THEN 'department'
        ELSE 'commune' END FROM generate_series(1, {agencies}) i;
INSERT INTO agency_period SELECT agency_id, '2015-01-01', 'infinity', name, NULL, level, NULL
    FROM agency WHERE agency_id <> 0
"""
PEOPLE = """
INSERT INTO address (pseudonym) SELECT i FROM generate_series(1, {n} * 11 / 10) i;
INSERT INTO person (pseudonym, source) SELECT i, 'bench' FROM generate_series(1, {n}) i;
INSERT INTO employment SELECT i, '2020-01-01', CASE WHEN i % 20 = 0 THEN date '2026-03-31'
        ELSE 'infinity' END, 1 + i % {agencies}, CASE WHEN i % 12 = 0 THEN 'leader' ELSE 'staff' END
    FROM generate_series(1, {n}) i;
INSERT INTO employment SELECT i, '2026-04-01', 'infinity', 1 + (i + 77) % {agencies}, 'staff'
    FROM generate_series(20, {n}, 20) i;
INSERT INTO person_address SELECT i, '2020-01-01', 'infinity', 1 + i * 7919::bigint % {n}
    FROM generate_series(1, {n}) i WHERE i % 25 <> 0;
INSERT INTO account (address_id, source, created_on)
    SELECT 1 + i * 7919::bigint % {n}, 'bench', '2019-01-01' FROM generate_series(1, {n}) i;
INSERT INTO account_address SELECT address_id, '-infinity', 'infinity', account_id FROM account;
INSERT INTO account_address SELECT {n} + i, '-infinity', 'infinity', i * 10
    FROM generate_series(1, {n} / 10) i;
INSERT INTO account_period SELECT i, '2019-01-01', CASE WHEN i % 10 = 0 THEN date '2025-12-31'
        ELSE 'infinity' END, 1 + i % {agencies},
        CASE WHEN i % 300 = 0 THEN 'mailbox' ELSE 'personal' END, 'enabled'
    FROM generate_series(1, {n}) i;
INSERT INTO account_period SELECT i, '2026-01-01', 'infinity', 1 + i % {agencies},
        CASE WHEN i % 300 = 0 THEN 'mailbox' ELSE 'personal' END,
        CASE WHEN i % 40 = 0 THEN 'locked' ELSE 'enabled' END
    FROM generate_series(10, {n}, 10) i;
INSERT INTO address_activity (address_id, sent, login, imap)
    SELECT 1 + i * 104729::bigint % {n},
        date '2026-11-20' - (random() * random() * random() * 400)::integer,
        CASE WHEN random() < 0.5 THEN date '2026-11-20' - (random() * 400)::integer END,
        '2026-11-20'
    FROM generate_series(1, {n}) i WHERE i % 10 <> 9
"""
MONTH = """
INSERT INTO activity_month (address_id, month, sent, login, imap, sources)
    SELECT 1 + i * 104729::bigint % {n}, '{month}',
        CASE WHEN random() < 0.6
            THEN (random() * {full})::integer & (random() * {full})::integer ELSE 0 END,
        CASE WHEN random() < 0.5
            THEN (random() * {full})::integer & (random() * {full})::integer ELSE 0 END,
        (random() * {full})::integer, 3
    FROM generate_series(1, {n}) i WHERE i % 10 <> 9
"""


def months(count: int) -> list[date]:
    """The last so many, the present one first."""
    index = NOW.year * 12 + NOW.month - 1
    return [date((index - n) // 12, (index - n) % 12 + 1, 1) for n in range(count)]


async def fill(dsn: str, accounts: int, agencies: int, count: int) -> None:
    connection = await asyncpg.connect(dsn, database="congvu")
    await connection.execute("SET session_replication_role = replica")
    for statement in (AGENCIES + ";\n" + PEOPLE).format(n=accounts, agencies=agencies).split(";\n"):
        await connection.execute(statement)
    for month in months(count):
        full = 2**20 - 1 if month == months(1)[0] else 2**28 - 1
        await connection.execute("SELECT ensure_month($1)", month)
        await connection.execute(MONTH.format(n=accounts, month=month, full=full))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def scanned(database: Database) -> tuple[float, int]:
    """Seconds to read every table once by `SELECT count(*)`, and their rows."""
    rows, started = 0, time.perf_counter()
    async with database.connection() as connection:
        for table in TABLES:
            rows += await connection.fetchval(f"SELECT count(*) FROM {table}")
        rows += await connection.fetchval(
            "SELECT count(*) FROM activity_month WHERE month >= $1", months(3)[2]
        )
    return time.perf_counter() - started, rows


async def measured(folder: Path, accounts: int, agencies: int, count: int) -> None:
    async with EmbeddedPostgres(folder, Observer(), None) as embedded:
        database = await Database.open(
            embedded.dsn, Mode.REAL, DatabaseSettings(), Observer(), lambda: NOW
        )
        started = time.perf_counter()
        await fill(embedded.admin_dsn, accounts, agencies, count)
        async with database.connection() as connection:
            size = await connection.fetchval("SELECT pg_database_size(current_database())")
            rows = await connection.fetchval(
                "SELECT sum(reltuples)::bigint FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'public'::regnamespace"
            )
        print(
            f"{accounts:,} accounts, {agencies:,} agencies, {count} months: {rows:,} rows, "
            f"{size / 1e6:,.0f} MB, made in {time.perf_counter() - started:.0f} s",
            flush=True,
        )
        await show(database)
        await database.close()


async def show(database: Database) -> None:
    scan, rows = await scanned(database)
    scan = min(scan, (await scanned(database))[0])
    print(f"plain count(*) of what is measured from, {rows:,} rows    {scan:6.2f} s", flush=True)
    clock = [NOW - timedelta(days=1)]
    measure = AccountMeasure(database, AccountSettings(), lambda: clock[0])
    await timed("after an import", measure, scan)
    for _ in range(2):
        clock[0] = NOW
        await timed("first of a day", measure, scan)
        await touch(database)
        await timed("after new activity", measure, scan)
        clock[0] -= timedelta(days=1)
        await timed("first of another day", measure, scan)
        await touch(database)
        await timed("after new activity", measure, scan)
    await timed("nothing changed", measure, scan)


async def touch(database: Database) -> None:
    """One more active day, and the server's counters know of it."""
    async with database.connection() as connection:
        await connection.execute("UPDATE address_activity SET imap = imap WHERE address_id = 1")
        await connection.execute("SELECT pg_stat_force_next_flush()")
        await connection.execute("SELECT 1")


async def timed(what: str, measure: AccountMeasure, scan: float) -> None:
    started = time.perf_counter()
    found = await measure.refresh()
    taken = time.perf_counter() - started
    given = f"{len(found.figures):,} gauges" if found else "nothing to do"
    print(f"{what:50} {taken:6.2f} s  {taken / scan:5.1f} × the scan  {given}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=2_000_000)
    parser.add_argument("--agencies", type=int, default=2000)
    parser.add_argument("--months", type=int, default=12)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="congvu-bench-")).resolve()
    folder.chmod(0o711)  # the database server runs as another account when root starts it
    try:
        asyncio.run(measured(folder, asked.accounts, asked.agencies, asked.months))
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
