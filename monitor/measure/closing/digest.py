"""The digest of what a closing holds: whether its rows are still those that were stored.

Each table has one: SHA-256 over the sorted SHA-256 of its rows, without the number of the closing.
A row is its columns, named here, in PostgreSQL's text for a row under `TEXTS`, so that a column
which is added later changes no digest of what was closed before. `closing.facts` is the SHA-256
over the digests and the row of the closing itself.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from monitor.measure.closing.basis import Basis, canonical
from monitor.record.connection import Connection

RULE = 1
"""Of `COLUMNS` and `sealed`; another one needs another number, and both stay."""
TEXTS = """
SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 1
"""
"""One text for each value: floats are the shortest that read back the same."""
FIGURE = (
    "about, panel, indicator, scope, code, channel, document_class, role, base, first_day, "
    "last_day, numerator, denominator, undecided, checked, ratio, low, high, process_low, "
    "process_high, sample_fraction, coverage, undecided_share, state"
)
OWN = "about = 'period' AND panel = ''"
"""Of a figure: of the period and all agencies; others stand beside it for comparison."""
COMPARISON = "closed_comparison"
PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "closed_figure": ("closed_figure", OWN),
    COMPARISON: ("closed_figure", f"NOT ({OWN})"),
}
"""Names of digests that are of a part of a table's rows: which, and of which table."""
COLUMNS: Final[Mapping[str, str]] = {
    "closed_agency": "code, agency_id, ordinal, name, name_en, level, parent, first_day, last_day, "
    "successors",
    "closed_figure": FIGURE,
    COMPARISON: FIGURE,
    "closed_funnel": "code, role, first_day, last_day, sends, signs, validates",
    "closed_verdict": "code, channel, document_class, relayed, sampled, overall, cause, documents",
    "closed_reason": "code, channel, overall, cause, kind, reason, documents",
    "closed_signature": "code, channel, document_class, format, level, indication, "
    "sub_indication, trust_class, time_source, signer_kind, signatures",
    "closed_certificate": "code, signer_kind, trust_class, ends_on, last_used, certificates, "
    "signatures",
    "closed_target": "target, code, ordinal, title, indicator, scope, channel, value, due, "
    "numerator, denominator, state, ratio, gap, path, units_short, assessment",
    "closed_document": "code, document_uid, channel, day, first_at, number, notation, issued_on, "
    "file_name, content_hash, overall, cause, reasons",
    "closed_cell": "what, agency_id, channel, day, uids, states",
    "closed_change": "code, channel, what, why, facts",
}
FORGETTABLE: Final = frozenset({"closed_document", "closed_cell"})
"""Retention may have emptied these since (privacy.report_months)."""
TIMEOUT_SECONDS = 1800.0


async def digests(connection: Connection, closing_id: int) -> dict[str, str]:
    """SHA-256 of what each table holds of a closing, hexadecimal; in a transaction (`TEXTS`)."""
    await connection.execute(TEXTS)
    found = {}
    for name, columns in COLUMNS.items():
        table, part = PARTS.get(name, (name, "true"))
        found[name] = await connection.fetchval(
            f"SELECT encode(sha256(coalesce(string_agg(line, ''::bytea ORDER BY line), '')), 'hex')"  # noqa: S608 - names of ours
            f" FROM (SELECT sha256(convert_to(ROW({columns})::text, 'UTF8')) AS line"
            f" FROM {table} WHERE closing_id = $1 AND {part}) AS rows",
            closing_id,
            timeout=TIMEOUT_SECONDS,
        )
    return found


def sealed(
    period: str, version: int, closed_at: datetime, actor: str, reason: str, basis: Basis
) -> bytes:
    """SHA-256 over a closing; its basis holds the `digests` of its tables."""
    at = closed_at.astimezone(UTC).isoformat(timespec="microseconds")
    words = (str(RULE), period, str(version), at, actor, reason, canonical(basis))
    return hashlib.sha256("\0".join(words).encode()).digest()


def emptied(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Tables that do not hold what was stored: those that retention has emptied, and the others."""
    nothing = hashlib.sha256(b"").hexdigest()
    names = [name for name in before if before[name] != now.get(name)]
    differing = list(dict.fromkeys(PARTS.get(name, (name, ""))[0] for name in names))
    forgotten = [each for each in differing if each in FORGETTABLE and now[each] == nothing]
    return forgotten, [each for each in differing if each not in forgotten]
