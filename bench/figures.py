"""How long the figures take with a year of registers and documents.

    python -m bench.figures [--entries 1000000] [--documents 1000000] [--agencies 200]

An embedded server with the settings it has in production; a year of working days, every agency's
register beside as many captured documents, nine in ten matched, each document signed twice. Filled
by SQL.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg

from monitor.measure import Measure
from monitor.observe import Observer
from monitor.record import Database, EmbeddedPostgres, Mode
from monitor.settings import DatabaseSettings

NOW = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
FIRST = date(2025, 11, 21)
TABLES = ("register_entry", "register_file", "document", "signature")

AGENCIES = """
INSERT INTO agency (code, name, level)
    SELECT 'cq-' || i, 'Cơ quan ' || i, CASE WHEN i <= {agencies} / 10 THEN 'department'
        ELSE 'commune' END FROM generate_series(1, {agencies}) i;
INSERT INTO agency_period SELECT agency_id, '2015-01-01', 'infinity', name, NULL, level, NULL
    FROM agency WHERE agency_id <> 0;
CREATE TABLE worked AS SELECT row_number() OVER (ORDER BY d) - 1 AS n, d::date AS day
    FROM generate_series('{first}'::date, '{today}'::date, interval '1 day') d
    WHERE is_working_day(d::date)
"""
FILL = """
INSERT INTO register_entry (agency_id, direction, year, number_key, day, issued_on, paper,
        signed_at, sent_at, digest, first_run_id, run_id)
    SELECT 1 + i % {agencies}, 'out', extract(year FROM w.day), i::text, w.day, w.day,
        (ARRAY['electronic', 'electronic', 'electronic', 'parallel', 'paper', NULL])[1 + i % 6],
        w.day + time '09:00', w.day + time '15:00', '', 1, 1
    FROM generate_series(1, {entries}) i
    JOIN worked w ON w.n = i::bigint * (SELECT count(*) FROM worked) / ({entries} + 1);
INSERT INTO register_span SELECT agency_id, 'out', '{first}', '{today}', 1 FROM agency
    WHERE agency_id <> 0;
CREATE TABLE made AS SELECT i, md5(i::text)::uuid AS uid, 1 + i % {agencies} AS agency_id, w.day,
        (ARRAY['docsys', 'docsys', 'axis', 'mail'])[1 + i % 4] AS channel
    FROM generate_series(1, {documents}) i
    JOIN worked w ON w.n = i::bigint * (SELECT count(*) FROM worked) / ({documents} + 1);
INSERT INTO document_key SELECT uid, day, day + time '15:00', true FROM made;
INSERT INTO document (document_uid, day, agency_id, channel, content_hash, first_at, decided_at,
        document_class, kind, size, paper, counted, relayed, signed_by_issuer, overall, integrity,
        trust, findings, paired, organisation_signed)
    SELECT uid, day, agency_id, channel, sha256(uid::text::bytea), day + time '15:00',
        day + time '15:00', 'formal', 'pdf', 100000,
        CASE WHEN channel = 'axis' THEN 'electronic' END, true, false, true,
        CASE WHEN i % 10 = 0 THEN 'unsigned' ELSE 'valid' END, 'intact', 'trusted', '{{}}',
        true, true
    FROM made;
INSERT INTO signature (owner_uid, day, ordinal, owner, format, indication, integrity, trust, counts,
        signer_kind, signer_agency_id, signing_time, signing_time_source, coverage, findings,
        trust_class)
    SELECT uid, day, o, 'document', 'PAdES', 'TOTAL-PASSED', 'intact', 'trusted', true,
        CASE o WHEN 0 THEN 'person' ELSE 'organisation' END, agency_id, day + time '09:00',
        CASE WHEN i % 5 = 0 THEN 'claimed' ELSE 'timestamp' END, 'whole', '{{}}', 'cong_vu'
    FROM made CROSS JOIN generate_series(0, 1) o WHERE i % 10 <> 0;
INSERT INTO register_file SELECT entry_id, uid, 'number' FROM register_entry e
    JOIN made m ON e.number_key = m.i::text WHERE m.i % 10 <> 9
"""


async def fill(dsn: str, entries: int, documents: int, agencies: int) -> None:
    connection = await asyncpg.connect(dsn, database="congvu")
    await connection.execute("SET session_replication_role = replica")
    months = (TODAY.year - FIRST.year) * 12 + TODAY.month - FIRST.month
    for n in range(months + 1):
        index = FIRST.year * 12 + FIRST.month - 1 + n
        month = date(index // 12, index % 12 + 1, 1)
        await connection.execute("SELECT ensure_month($1)", month)
    values = {
        "entries": entries, "documents": documents, "agencies": agencies, "first": FIRST,
        "today": TODAY,
    }  # fmt: skip
    for statement in (AGENCIES + ";\n" + FILL).format(**values).split(";\n"):
        await connection.execute(statement)
    await connection.execute("DROP TABLE made; DROP TABLE worked")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def timed(what: str, measure: Measure, database: Database, days: Sequence[date]) -> None:
    """One refresh when these days have changed."""
    async with database.connection() as connection:
        await connection.executemany("INSERT INTO changed_day VALUES ($1)", [(d,) for d in days])
    started = time.perf_counter()
    figures = await measure.refresh()
    taken = time.perf_counter() - started
    print(f"{what:44} {taken:7.2f} s   {len(figures):,} figures", flush=True)


async def all_days(database: Database) -> list[date]:
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT DISTINCT day FROM document ORDER BY day")
    return [row["day"] for row in rows]


async def scanned(database: Database) -> tuple[float, int]:
    """Seconds to read every table once by `SELECT count(*)`, and their rows."""
    rows, started = 0, time.perf_counter()
    async with database.connection() as connection:
        for table in TABLES:
            rows += await connection.fetchval(f"SELECT count(*) FROM {table}")
    return time.perf_counter() - started, rows


async def measured(folder: Path, entries: int, documents: int, agencies: int) -> None:
    async with EmbeddedPostgres(folder, Observer(), None) as embedded:
        database = await Database.open(
            embedded.dsn, Mode.REAL, DatabaseSettings(), Observer(), lambda: NOW
        )
        started = time.perf_counter()
        await fill(embedded.admin_dsn, entries, documents, agencies)
        print(
            f"{entries:,} entries, {documents:,} documents, {agencies:,} agencies, "
            f"made in {time.perf_counter() - started:.0f} s",
            flush=True,
        )
        scan, rows = min([await scanned(database) for _ in range(2)])
        print(f"{'plain count(*) of the tables':44} {scan:7.2f} s   {rows:,} rows", flush=True)
        measure, days = Measure(database, lambda: NOW), await all_days(database)
        await timed("first roll-up of the year", measure, database, days)
        await timed("nothing changed", measure, database, [])
        for _ in range(2):
            await timed("today changed", measure, database, [TODAY])
        month = [day for day in days if TODAY - timedelta(days=30) <= day]
        await timed("a month's register was imported", measure, database, month)
        await timed("the year was imported again", measure, database, days)
        await database.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--agencies", type=int, default=200)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="congvu-bench-")).resolve()
    folder.chmod(0o711)  # the database server runs as another account when root starts it
    try:
        asyncio.run(measured(folder, asked.entries, asked.documents, asked.agencies))
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
