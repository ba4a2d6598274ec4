"""How long a year's register takes to meet a year's files, and one day's files afterwards.

    python -m bench.register_match [--agencies 200] [--entries 1000000] [--documents 300000]

Entries and documents are written by SQL into an embedded PostgreSQL that waits for the disk: of
the documents two thirds carry their number, half of these their day of issue; the others meet by
hash, by file name or not at all. Printed of each match: seconds by the clock, processor
time of the matching process and of PostgreSQL, and what it found.
"""

import argparse
import asyncio
import os
import resource
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from bench.roster import postgres_seconds
from monitor.observe import Observer, configure_logging
from monitor.record import Database, EmbeddedPostgres, Mode
from monitor.register.matching import match
from monitor.settings import DatabaseSettings

FIRST = date(2025, 1, 1)
ENTRIES = """
INSERT INTO register_entry (agency_id, direction, year, number_key, day, number, number_value,
    notation, issued_on, file_names, file_hashes, digest, first_run_id, run_id)
SELECT a, 'out', 2025, n || '/ubnd-vp', $1::date + (n * 365 / ($3 + 1))::integer, n::text, n,
    'UBND-VP', $1::date + (n * 365 / ($3 + 1))::integer,
    CASE WHEN n % 10 = 3 THEN ARRAY['vb ' || n || '.pdf'] ELSE '{}' END,
    CASE WHEN n % 10 = 6 THEN ARRAY[sha256((a || ' ' || n)::bytea)] ELSE '{}' END, '', 1, 1
FROM generate_series(1, $2) AS a, generate_series(1, $3) AS n
"""
DOCUMENTS = """
WITH made AS (
    SELECT a, n, gen_random_uuid() AS uid, day + (n % 5)::integer AS day, day AS issued_on,
           sha256((a || ' ' || n)::bytea) AS hash
    FROM generate_series(1, $2::integer) AS a, generate_series($4::integer, $5::integer, $6) AS n,
    LATERAL (SELECT $1::date + (n * 365 / ($3 + 1))::integer AS day) AS on_day
), keys AS (
    INSERT INTO document_key SELECT uid, day, day + time '03:00', true FROM made
), sendings AS (
    INSERT INTO sending SELECT uid, gen_random_uuid(), day, day + time '03:00' FROM made
)
INSERT INTO document (document_uid, day, agency_id, channel, content_hash, first_at, decided_at,
    document_class, kind, size, file_name, number, notation, issued_on, counted, relayed,
    signed_by_issuer, overall, integrity, trust, findings)
SELECT uid, day, a, CASE WHEN plain THEN 'mail' ELSE 'docsys' END, hash, day, day, 'formal', 'pdf',
    1, CASE WHEN n % 10 = 9 THEN 'PL 1 ' || n || '.pdf' ELSE 'vb ' || n || '.pdf' END,
    CASE WHEN NOT plain THEN lpad(n::text, 5, '0') END,
    CASE WHEN NOT plain THEN 'ubnd - VP' END, CASE WHEN n % 2 = 0 AND NOT plain THEN issued_on END,
    true, false, true, 'valid', 'intact', 'trusted', '{}'
FROM made, LATERAL (SELECT n % 3 = 0 AS plain) AS of
"""


async def run(agencies: int, entries: int, documents: int) -> None:
    each, step = entries // agencies, entries // documents
    with tempfile.TemporaryDirectory(prefix="congvu-bench-", dir="var") as folder:
        state = Path(folder).resolve()
        state.chmod(0o711)
        user = os.environ.get("CONGVU_TEST_USER")
        async with EmbeddedPostgres(state, Observer(), user) as server:
            database = await Database.open(server.dsn, Mode.REAL, DatabaseSettings(), Observer())
            await _fill(database, agencies, each, step)
            await _timed(f"{entries} entries, {documents} documents, first match", database)
            await _timed("nothing new", database)
            await _one_day(database, agencies, each, step)
            await _timed("one day's documents of all agencies", database)
            async with database.connection() as connection:
                await connection.execute(
                    "INSERT INTO register_match_due SELECT DISTINCT agency_id, day "
                    "FROM register_entry WHERE day = $1", FIRST + timedelta(days=180),
                )  # fmt: skip
            await _timed("one day's entries of all agencies", database)
            await database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory of the matching process: {peak} MB")


async def _fill(database: Database, agencies: int, each: int, step: int) -> None:
    await database.ensure_partitions({FIRST + timedelta(days=day) for day in range(380)})
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO agency (agency_id, code, name) "
            "SELECT n, 'cq-' || n, 'Cơ quan ' || n FROM generate_series(1, $1::integer) AS n",
            agencies,
        )
        began = time.perf_counter()
        await connection.execute(ENTRIES, FIRST, agencies, each, timeout=3600)
        await connection.execute(
            "INSERT INTO register_match_due SELECT DISTINCT agency_id, day FROM register_entry",
            timeout=3600,
        )
        await connection.execute(DOCUMENTS, FIRST, agencies, each, 1, each, step, timeout=3600)
        await connection.execute("ANALYZE")
        print(f"written in {time.perf_counter() - began:.1f} s")


async def _one_day(database: Database, agencies: int, each: int, step: int) -> None:
    """Some documents that the year did not have, of one day."""
    middle = each // 2
    async with database.connection() as connection:
        await connection.execute(
            DOCUMENTS, FIRST, agencies, each, middle // step * step + 2,
            middle // step * step + 2 + 3 * step, step, timeout=3600,
        )  # fmt: skip


async def _timed(what: str, database: Database) -> None:
    clock, own, server = time.perf_counter(), time.process_time(), postgres_seconds()
    done = await match(database)
    clock, own = time.perf_counter() - clock, time.process_time() - own
    server = postgres_seconds() - server
    print(
        f"{what}: {clock:.2f} s   own {own:.2f} s   PostgreSQL {server:.2f} s   "
        f"linked {done.linked}, in doubt {done.ambiguous}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agencies", type=int, default=200)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=300_000)
    wanted = parser.parse_args()
    configure_logging("error", "console")
    Path("var").mkdir(exist_ok=True)
    asyncio.run(run(wanted.agencies, wanted.entries, wanted.documents))


if __name__ == "__main__":
    main()
