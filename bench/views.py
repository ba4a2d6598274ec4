"""How long the views of dashboards take with a year of documents, mail and registers.

    python -m bench.views [--documents 1000000] [--messages 500000] [--agencies 200]

An embedded server with the settings it has in production, asked by Grafana's role over the loopback
as panels ask; beside it what the side tasks take that fill the tables under the views.
"""

import argparse
import asyncio
import shutil
import socket
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

import asyncpg

from bench.figures import NOW, TODAY, all_days, fill
from monitor.measure import Measure
from monitor.measure.certificates import expiring
from monitor.measure.shown import store_funnel
from monitor.measure.statements import sql
from monitor.observe import Observer
from monitor.record import Database, EmbeddedPostgres, Mode, viewer
from monitor.record.connection import Connection
from monitor.settings import DatabaseSettings, ViewerSettings

OFFICIALS = 50
"""An agency."""
SIGNERS = """
UPDATE signature SET
    certificate_sha256 = sha256((signer_agency_id || '/' || ordinal || '/' || n)::bytea),
    signer_ref = signer_agency_id * 100 + ordinal * 50 + n,
    certificate_not_after = timestamptz '{today}' + n * interval '40 days'
FROM (SELECT owner_uid AS o, ordinal AS p, abs(hashtext(owner_uid::text)) % 20 AS n
      FROM signature) s
WHERE owner_uid = o AND ordinal = p
"""
MAIL = """
INSERT INTO address (pseudonym) SELECT i FROM generate_series(1, {officials} * {agencies}) i;
INSERT INTO person (pseudonym, source)
    SELECT i, 'x' FROM generate_series(1, {officials} * {agencies}) i;
INSERT INTO employment SELECT person_id, '2015-01-01', 'infinity', 1 + person_id % {agencies},
    CASE WHEN person_id / {agencies} < 3 THEN 'leader' ELSE 'staff' END FROM person;
INSERT INTO person_address SELECT person_id, '2015-01-01', 'infinity', person_id FROM person;
CREATE TABLE sent AS SELECT i, md5('m' || i)::uuid AS uid, w.day,
        1 + (i * 7919)::bigint % ({officials} * {agencies}) AS address_id
    FROM generate_series(1, {messages}) i
    JOIN worked w ON w.n = i::bigint * (SELECT count(*) FROM worked) / ({messages} + 1);
INSERT INTO message (message_uid, day, message_key, occurred_at, first_received_at,
        last_received_at, decided_at, channel, direction, sender_agency_id, copies, recipients,
        size, automatic, oversize, overall, integrity, trust, findings, formal_documents,
        formal_valid, formal_ours, sender_address_id)
    SELECT uid, day, sha256(uid::text::bytea), day + time '15:00', day + time '15:00',
        day + time '15:00', day + time '15:00', 'mail', 'out', 1 + address_id % {agencies}, 1,
        '{{1,2}}', 100000, false, false, 'unsigned', 'none', 'unknown', '{{}}', i % 2,
        (i % 4 = 1)::integer, 0, address_id
    FROM sent;
INSERT INTO message_agency SELECT uid, day, 1 + (address_id + 1) % {agencies} FROM sent;
INSERT INTO changed_day SELECT DISTINCT day FROM sent;
DROP TABLE sent
"""
DAYS = "SELECT DISTINCT day FROM document ORDER BY day DESC LIMIT $1"
PANELS = {
    "figure: the province": "SELECT * FROM figure WHERE scope = 'province'",
    "figure: 200 agencies, one indicator":
        "SELECT * FROM figure WHERE scope = 'agency' AND indicator = 'document_signed'"
        " AND window_name = '30d' AND document_class = 'formal'",
    "ranking: one indicator":
        "SELECT * FROM ranking WHERE indicator = 'document_signed' AND channel = 'docsys'"
        " AND window_name = '30d' AND document_class = 'formal' AND base = '' AND role = ''"
        " AND among = 'province'",
    "ranking: everything": "SELECT * FROM ranking",
    "day: an agency, a year": "SELECT * FROM day WHERE scope = 'agency' AND code = 'cq-7'"
        " AND indicator = 'document_signed'",
    "day: the province, a year": "SELECT * FROM day WHERE scope = 'province'"
        " AND indicator = 'document_signed'",
    "rolling: an agency, a year": "SELECT * FROM rolling WHERE scope = 'agency' AND code = 'cq-7'"
        " AND indicator = 'document_signed'",
    "rolling: the province, a year": "SELECT * FROM rolling WHERE scope = 'province'"
        " AND indicator = 'document_signed'",
    "rolling: all levels, a year": "SELECT * FROM rolling WHERE scope = 'level'"
        " AND indicator = 'document_signed'",
    "rolling: 200 agencies, a year": "SELECT * FROM rolling WHERE scope = 'agency'"
        " AND indicator = 'document_signed'",
    "trend: the province, a year": "SELECT * FROM trend WHERE scope = 'province'"
        " AND indicator = 'document_signed'",
    "trend: an agency, a year": "SELECT * FROM trend WHERE scope = 'agency' AND code = 'cq-7'"
        " AND indicator = 'document_signed'",
    "same_agencies: one indicator": "SELECT * FROM same_agencies"
        " WHERE indicator = 'document_signed' AND scope = 'province'",
    "verdict_day: 30 days": "SELECT day, verdict, sum(documents) FROM verdict_day"
        " WHERE day >= {month} GROUP BY 1, 2",
    "verdict_day: a year": "SELECT day, verdict, sum(documents) FROM verdict_day GROUP BY 1, 2",
    "reason_day: 30 days": "SELECT reason, sum(documents) FROM reason_day WHERE day >= {month}"
        " GROUP BY 1",
    "signature_day: 30 days": "SELECT day, trust_class, sum(signatures) FROM signature_day"
        " WHERE day >= {month} GROUP BY 1, 2",
    "signature_day: a year": "SELECT day, trust_class, sum(signatures) FROM signature_day"
        " GROUP BY 1, 2",
    "signature_day: an agency, a year": "SELECT day, trust_class, sum(signatures)"
        " FROM signature_day WHERE code = 'cq-7' GROUP BY 1, 2",
    "signature_day: a year by its time": "SELECT day, trust_class, sum(signatures)"
        " FROM signature_day WHERE (day::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh')"
        " BETWEEN now() - interval '3 years' AND now() GROUP BY 1, 2",
    "mail_day: 30 days": "SELECT day, direction, sum(messages) FROM mail_day WHERE day >= {month}"
        " GROUP BY 1, 2",
    "funnel: everything": "SELECT * FROM funnel",
    "register_month: everything": "SELECT * FROM register_month",
    "certificate: everything": "SELECT * FROM certificate",
}  # fmt: skip


async def timed(what: str, work: Awaitable[object]) -> None:
    started = time.perf_counter()
    found = await work
    taken = (time.perf_counter() - started) * 1000
    rows = f"{len(found):,} rows" if isinstance(found, list) else ""
    print(f"{what:44} {taken:9.0f} ms   {rows}", flush=True)


async def add(dsn: str, messages: int, agencies: int) -> None:
    """Who signed, and mail of officials, beside what bench.figures has filled."""
    connection = await asyncpg.connect(dsn, database="congvu")
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(
        "CREATE TABLE worked AS SELECT row_number() OVER (ORDER BY day) - 1 AS n, day"
        " FROM (SELECT DISTINCT day FROM document) d"
    )
    values = {
        "messages": messages, "agencies": agencies, "officials": OFFICIALS, "today": TODAY,
    }  # fmt: skip
    for statement in (SIGNERS + ";\n" + MAIL).format(**values).split(";\n"):
        await connection.execute(statement)
    await connection.execute("DROP TABLE worked")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def measured(folder: Path, documents: int, messages: int, agencies: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings = ViewerSettings(enabled=True, port=probe.getsockname()[1])
    async with EmbeddedPostgres(folder, Observer(), viewer_settings=settings) as embedded:
        database = await Database.open(
            embedded.dsn, Mode.REAL, DatabaseSettings(), Observer(), lambda: NOW
        )
        await fill(embedded.admin_dsn, documents, documents, agencies)
        await add(embedded.admin_dsn, messages, agencies)
        measure = Measure(database, lambda: NOW)
        async with database.connection() as connection:
            await connection.executemany(
                "INSERT INTO changed_day VALUES ($1)", [(day,) for day in await all_days(database)]
            )
        await timed("roll-up of the year, quality counts with it", measure.refresh())
        async with database.connection() as connection:
            await connection.execute("ANALYZE")
            for count in (1, 22):
                days = [row["day"] for row in await connection.fetch(DAYS, count)]
                work = connection.execute(sql("roll_up_quality"), days)
                await timed(f"quality counts of {count} days alone", work)
            await timed("certificates that end", expiring(connection, TODAY))
            await timed("the same again", expiring(connection, TODAY))
            await timed("funnels of all agencies", store_funnel(connection, TODAY))
            await sizes(connection)
        await database.close()
        await ask(settings.port, folder)


async def sizes(connection: Connection) -> None:
    for table in ("day_fact", "verdict_day", "reason_day", "signature_day", "mail_day"):
        row = await connection.fetchrow(
            f"SELECT count(*) AS rows, pg_total_relation_size('{table}') AS size FROM {table}"
        )
        assert row
        print(f"  {table:42} {row['size'] / 2**20:9.0f} MiB  {row['rows']:,} rows", flush=True)


async def ask(port: int, folder: Path) -> None:
    password = viewer.read_password(viewer.password_file(folder)) or ""
    session = await viewer.session(port, "congvu", password)
    await session.execute("SET statement_timeout = 0")
    for what, query in PANELS.items():
        text = query.replace("{month}", f"date '{TODAY}' - 30")
        await session.fetch(text)
        await timed(what, session.fetch(text))
    await session.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--messages", type=int, default=500_000)
    parser.add_argument("--agencies", type=int, default=200)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="congvu-bench-")).resolve()
    folder.chmod(0o711)  # the database server runs as another account when root starts it
    try:
        asyncio.run(measured(folder, asked.documents, asked.messages, asked.agencies))
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
