"""A province's month at full size, made by SQL: what bench.report closes and writes out.

Agencies of very different sizes with names as long as real ones, two of which are merged into a
third within the month; rosters, accounts and a year of activity; documents in all channels with the
signatures they bear, a few percent of them wrong in each known way; mail, registers and what they
were matched with. Facts are derived by the product's own roll-up.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

import asyncpg

from bench import accounts
from monitor.measure import Measure
from monitor.record import Database

NOW = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
MONTH, PREVIOUS, YEAR_BEFORE = date(2026, 10, 1), date(2026, 9, 1), date(2025, 10, 1)
MERGED = date(2026, 10, 15)
"""Last day of the two agencies that are merged into a third."""
OFFICIALS = 60
"""An agency."""
COMPARED = 10
"""Of the months that it is compared with there is one document in ten."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made."""

    agencies: int
    documents: int
    """In the month."""
    registers: bool = True
    signed: int = 1
    """Signatures of one document in so many are recorded; the rest stand in no table."""


AGENCIES = """
CREATE TABLE named AS SELECT i, CASE WHEN i <= {agencies} / 10
    THEN 'Sở ' || (ARRAY['Tài chính', 'Y tế', 'Nội vụ', 'Tư pháp', 'Xây dựng', 'Công Thương',
        'Giáo dục và Đào tạo', 'Khoa học và Công nghệ', 'Nông nghiệp và Môi trường',
        'Văn hóa, Thể thao và Du lịch'])[1 + i % 10]
        || CASE WHEN i > 10 THEN ' - Chi cục ' || i / 10 ELSE '' END
    ELSE 'Ủy ban nhân dân xã ' || (ARRAY['Mường', 'Tân', 'Phú', 'Đông', 'Hòa', 'Quảng', 'Thượng',
        'Vĩnh', 'Xuân', 'Yên'])[1 + i % 10] || ' ' || (ARRAY['Nghĩa', 'Thịnh', 'Cường', 'Đức',
        'Khởi', 'Lương', 'Nguyễn', 'Phước', 'Trạch', 'Việt', 'Ước'])[1 + i % 11] || ' ' || i
    END AS name,
    CASE WHEN i <= {agencies} / 10 THEN 'department' ELSE 'commune' END AS level
    FROM generate_series(1, {agencies}) i;
INSERT INTO agency (code, name, level) SELECT 'cq-' || i, name, level FROM named ORDER BY i;
INSERT INTO agency_period SELECT a.agency_id, '2015-01-01',
        CASE WHEN n.i > {agencies} - 2 THEN date '{merged}' ELSE 'infinity' END, n.name, NULL,
        n.level, NULL
    FROM named n JOIN agency a ON a.code = 'cq-' || n.i;
INSERT INTO agency_successor SELECT agency_id, {agencies} - 2 FROM agency
    WHERE agency_id > {agencies} - 2;
DROP TABLE named
"""
FATES = """
CREATE TABLE fate (fate text, overall text, cause text, integrity text, trust text, findings text[],
    by_issuer boolean, paired boolean, organisation boolean, relayed boolean, signatures integer,
    indication text, sub_indication text);
INSERT INTO fate
SELECT fate, overall, cause, integrity, trust, findings, fate IN ('good', 'single'), fate = 'good',
    fate = 'good', fate = 'relayed', signatures, indication, sub_indication
FROM (VALUES
    ('good', 'valid', NULL, 'intact', 'trusted', '{}'::text[], 2, 'TOTAL-PASSED', NULL),
    ('single', 'valid', NULL, 'intact', 'trusted', '{not_timestamped}', 1, 'TOTAL-PASSED', NULL),
    ('unsigned', 'unsigned', NULL, 'none', 'unknown', '{}', 0, NULL, NULL),
    ('modified', 'invalid', NULL, 'modified', 'unknown', '{digest_mismatch}', 2, 'TOTAL-FAILED',
        'HASH_FAILURE'),
    ('destroyed', 'invalid', NULL, 'destroyed', 'unknown', '{remnant_destroyed}', 0, NULL, NULL),
    ('untrusted', 'indeterminate', 'signer', 'intact', 'untrusted', '{anchor_unknown}', 1,
        'INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND'),
    ('expired', 'indeterminate', 'signer', 'intact', 'expired', '{certificate_expired}', 1,
        'INDETERMINATE', 'OUT_OF_BOUNDS_NO_POE'),
    ('open', 'indeterminate', 'ours', 'intact', 'unknown', '{revocation_stale}', 2, 'INDETERMINATE',
        'TRY_LATER'),
    ('relayed', 'valid', NULL, 'intact', 'trusted', '{relayed}', 1, 'TOTAL-PASSED', NULL)
) AS f (fate, overall, cause, integrity, trust, findings, signatures, indication, sub_indication)
"""
MADE = """
CREATE TABLE worked AS SELECT row_number() OVER (ORDER BY d) - 1 AS n, d::date AS day
    FROM generate_series('{first}'::date, '{first}'::date + interval '1 month - 1 day',
                         interval '1 day') d
    WHERE is_working_day(d::date);
CREATE TABLE made AS SELECT i, md5('{salt}' || i)::uuid AS uid, k, w.day, channel,
        CASE WHEN o.agency > {agencies} - 2 AND w.day > '{merged}' THEN {agencies} - 2 ELSE o.agency
            END AS agency_id,
        CASE WHEN i % 20 = 0 THEN 'editable' ELSE 'formal' END AS class,
        CASE WHEN k % 1000 < 10 + o.agency * 37 % 61
            THEN (ARRAY['unsigned', 'unsigned', 'modified', 'destroyed', 'untrusted', 'expired'])
                [1 + k / 1000 % 6]
            WHEN k % 1000 < 20 + o.agency * 37 % 61 THEN 'open'
            WHEN k % 1000 < 30 + o.agency * 37 % 61 THEN 'relayed'
            WHEN k % 1000 < 70 + o.agency * 37 % 61 THEN 'single' ELSE 'good' END AS fate
    FROM generate_series(1, {documents}) i,
        LATERAL (SELECT hashtext('{salt}' || i) & 2147483647 AS k,
            (ARRAY['docsys', 'docsys', 'docsys', 'docsys', 'docsys', 'axis', 'axis', 'axis', 'mail',
                   'portal'])[1 + i % 10] AS channel,
            1 + floor({agencies} * (i::bigint * 7919 % 1000003 / 1000003.0) ^ 2)::integer
                AS agency
        ) AS o
        JOIN worked w ON w.n = k / 7 % (SELECT count(*) FROM worked);
DROP TABLE worked;
ANALYZE made
"""
DOCUMENTS = """
INSERT INTO document_key SELECT uid, day, day + time '01:00' + k % 32000 * interval '1 second', true
    FROM made ORDER BY uid;
INSERT INTO document (document_uid, day, agency_id, channel, content_hash, first_at, decided_at,
        document_class, kind, size, file_name, number, notation, issued_on, paper, counted, relayed,
        signed_by_issuer, overall, cause, integrity, trust, findings, paired, organisation_signed)
    SELECT uid, day, agency_id, channel, uuid_send(uid) || uuid_send(uid),
        day + time '01:00' + k % 32000 * interval '1 second',
        day + time '01:00' + k % 32000 * interval '1 second', class,
        CASE class WHEN 'formal' THEN 'pdf' ELSE 'ooxml' END, 100000 + k % 900000,
        'Quyết định ' || i || ' về việc phân bổ dự toán.' || CASE class WHEN 'formal' THEN 'pdf'
            ELSE 'docx' END, (i % 9000)::text, 'QĐ-UBND', day,
        CASE WHEN channel = 'axis' THEN 'electronic' END, true, relayed, by_issuer, overall, cause,
        integrity, trust, findings, paired, organisation
    FROM made JOIN fate USING (fate) ORDER BY uid;
INSERT INTO signature (owner_uid, day, ordinal, owner, format, level, indication, sub_indication,
        cause, integrity, trust, counts, signer_kind, signer_agency_id, signing_time,
        signing_time_source, coverage, findings, trust_class, certificate_sha256,
        certificate_not_after, signer_ref)
    SELECT uid, day, o, 'document', 'PAdES', 'B-T', indication, sub_indication, cause, integrity,
        trust, true, CASE o WHEN 0 THEN 'person' ELSE 'organisation' END, s.agency,
        day - CASE WHEN k % 12 = 0 THEN 4 ELSE 0 END + time '01:00',
        CASE WHEN i % 9 = 0 THEN 'claimed' ELSE 'timestamp' END, 'whole',
        CASE WHEN i % 9 = 0 THEN '{{not_timestamped}}'::text[] ELSE '{{}}' END,
        CASE WHEN i % 17 = 0 THEN 'cong_cong' ELSE 'cong_vu' END,
        sha256((s.agency || '/' || o || '/' || k % 20)::bytea),
        timestamptz '2026-11-10' + k % 20 * interval '40 days', s.agency * 100 + o * 50 + k % 20
    FROM made JOIN fate USING (fate),
        LATERAL (SELECT CASE WHEN relayed THEN 1 + agency_id % {agencies} ELSE agency_id END)
            AS s (agency),
        generate_series(0, signatures - 1) o
    WHERE k % {signed} = 0 ORDER BY uid
"""
MAIL = """
CREATE TABLE sent AS SELECT md5('m{salt}' || i)::uuid AS mail, uid, day, k, agency_id, fate,
        1 + ((agency_id - 1 + {agencies} * (k % {officials})) * 7919::bigint)
            % ({officials} * {agencies}) AS address_id
    FROM made WHERE channel = 'mail' AND k % {signed} = 0;
INSERT INTO message_key SELECT mail, day FROM sent ORDER BY mail;
INSERT INTO message (message_uid, day, message_key, occurred_at, first_received_at,
        last_received_at, decided_at, channel, direction, sender_agency_id, copies, recipients,
        size, automatic, oversize, overall, integrity, trust, findings, formal_documents,
        formal_valid, formal_ours, sender_address_id)
    SELECT mail, day, uuid_send(mail), day + time '02:00', day + time '02:00', day + time '02:00',
        day + time '02:00', 'mail', 'out', agency_id, 1, '{{1,2}}', 100000, false, false,
        'unsigned', 'none', 'unknown', '{{}}', 1, (fate IN ('good', 'single'))::integer,
        (fate = 'open')::integer, address_id
    FROM sent WHERE fate <> 'relayed' ORDER BY mail;
INSERT INTO message_agency SELECT mail, day, 1 + agency_id % {agencies} FROM sent ORDER BY mail;
INSERT INTO sending SELECT uid, mail, day, day + time '02:00' FROM sent ORDER BY uid;
INSERT INTO coverage_day AS c (day, agency_id, logged, captured)
    SELECT day, agency_id, count(*) + count(*) / 50, count(*) FROM sent GROUP BY 1, 2
    ON CONFLICT (day, agency_id, channel) DO UPDATE SET logged = c.logged + excluded.logged,
        captured = c.captured + excluded.captured;
DROP TABLE sent
"""
REGISTERS = """
INSERT INTO register_entry (agency_id, direction, year, number_key, day, number, notation,
        issued_on, paper, signed_at, sent_at, digest, first_run_id, run_id)
    SELECT agency_id, 'out', extract(year FROM day), uid::text, day, i::text, 'QĐ-UBND', day,
        CASE WHEN k % 40 <> 0 THEN
            (ARRAY['electronic', 'electronic', 'electronic', 'parallel', 'paper'])[1 + k % 5] END,
        day + time '01:00', day + time '02:00', '', 1, 1
    FROM made WHERE channel IN ('docsys', 'axis') AND class = 'formal' AND fate <> 'relayed';
INSERT INTO register_file SELECT e.entry_id, m.uid, 'number' FROM made m
    JOIN register_entry e ON e.number_key = m.uid::text AND e.day = m.day
        AND e.agency_id = m.agency_id
    WHERE m.k % 10 <> 9 AND m.channel IN ('docsys', 'axis');
INSERT INTO register_span SELECT agency_id, 'out', '{first}',
        ('{first}'::date + interval '1 month - 1 day')::date, 1
    FROM agency WHERE agency_id <> 0 ON CONFLICT DO NOTHING
"""
LATE = """
CREATE TABLE judged AS SELECT document_uid AS uid, day FROM document
    WHERE day BETWEEN '{first}' AND '{first}'::date + 30 AND overall = 'valid'
    ORDER BY content_hash LIMIT {documents};
UPDATE document d SET overall = 'invalid', trust = 'revoked', findings = '{{certificate_revoked}}',
        signed_by_issuer = false, paired = false
    FROM judged j WHERE d.document_uid = j.uid AND d.day = j.day;
UPDATE signature s SET indication = 'TOTAL-FAILED', sub_indication = 'REVOKED', trust = 'revoked'
    FROM judged j WHERE s.owner_uid = j.uid AND s.day = j.day;
INSERT INTO verdict_change (owner, uid, at, reason, epoch, old_overall, old_trust, new_overall,
        new_trust)
    SELECT 'document', uid, '2026-11-19', 'revocation', 1, 'valid', 'trusted', 'invalid', 'revoked'
    FROM judged;
DROP TABLE judged
"""
CLOSED = (
    "closing", "closed_agency", "closed_figure", "closed_funnel", "closed_verdict", "closed_reason",
    "closed_signature", "closed_certificate", "closed_target", "closed_document", "closed_cell",
    "closed_change", "report_file", "report_delivery",
)  # fmt: skip


async def fill(dsn: str, size: Size) -> None:
    """Make everything but facts and figures; checks of foreign keys and triggers are off."""
    connection = await _session(dsn)
    people = size.agencies * OFFICIALS
    await _run(connection, AGENCIES, agencies=size.agencies, merged=MERGED)
    await _run(connection, accounts.PEOPLE, agencies=size.agencies, n=people)
    for n in range(15):
        index = NOW.year * 12 + NOW.month - 1 - n
        month = date(index // 12, index % 12 + 1, 1)
        await connection.execute("SELECT ensure_month($1)", month)
        await _run(connection, accounts.MONTH, n=people, month=month, full=2**28 - 1)
    await connection.execute(FATES)
    for month, documents in (
        (YEAR_BEFORE, size.documents // COMPARED),
        (PREVIOUS, size.documents // COMPARED),
        (MONTH, size.documents),
    ):
        await _fill_month(connection, size, month, documents, salt=f"{month}/")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def come_late(dsn: str, size: Size) -> int:
    """One document in two hundred comes after the closing, as many are judged anew; how many."""
    connection = await _session(dsn)
    count = size.documents // 200
    there = await connection.fetchval("SELECT count(*) FROM document_key")
    await _fill_month(connection, size, MONTH, count, salt=f"late {there}/")
    await _run(connection, LATE, first=MONTH, documents=count)
    await connection.close()
    return 2 * count


async def forget_closings(dsn: str) -> None:
    """As if nothing had been closed: for a database that is measured again."""
    connection = await _session(dsn)
    await connection.execute(f"TRUNCATE {', '.join(CLOSED)}")
    await connection.close()


async def roll_up(database: Database) -> None:
    """Facts and current figures of all that is new, as the daemon makes them."""
    measure = Measure(database, lambda: NOW)
    await measure.refresh()


async def _fill_month(
    connection: "asyncpg.Connection[asyncpg.Record]", size: Size, month: date, documents: int,
    salt: str,
) -> None:  # fmt: skip
    values = asdict(size) | {
        "first": month, "documents": documents, "merged": MERGED, "salt": salt,
        "officials": OFFICIALS,
    }  # fmt: skip
    parts = [MADE, DOCUMENTS, MAIL, *([REGISTERS] if size.registers else [])]
    for part in parts:
        await _run(connection, part, **values)
    await connection.execute("INSERT INTO changed_day SELECT DISTINCT day FROM made")
    await connection.execute("DROP TABLE made")


async def _session(dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
    connection = await asyncpg.connect(dsn, database="congvu")
    await connection.execute("SET session_replication_role = replica; SET work_mem = '256MB'")
    return connection


async def _run(
    connection: "asyncpg.Connection[asyncpg.Record]", statements: str, **values: object
) -> None:
    for statement in statements.format(**values).split(";\n"):
        await connection.execute(statement, timeout=timedelta(hours=2).total_seconds())
