"""What decides the figures of a period beside its facts, and what was not known when it was closed.

It stands in `closing.basis` as JSON: no secrets, no personal data, no paths. A setting that may
hold an address, and what a file says, is there as the SHA-256 of it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, time
from enum import Enum
from typing import Any, Final

from monitor import __version__
from monitor.errors import UserError
from monitor.measure.figures import STALE_ABOVE, WIDEST
from monitor.measure.indicators import CATALOGUE
from monitor.measure.plan import Plan
from monitor.measure.statements import sql
from monitor.periods import Period
from monitor.record.connection import Connection
from monitor.settings import Settings

MINIMUM_UNITS = 1
"""Of a denominator; below it there is no data (monitor/measure/figures.py)."""
DECIDING: Final = (
    "accounts.human", "accounts.habitual_days", "accounts.dormant_after_days",
    "accounts.never_logged_in_after_days", "calendar.free", "calendar.worked",
    "measure.dispatch_until", "report.calendar", "report.administrative_day",
    "report.administrative_half_years", "report.few_documents", "verify.revocation",
    "verify.public_ca_cutoff",
)  # fmt: skip
"""Settings that decide what counts, or how a figure of it is spoken of."""
DIGESTED: Final = ("accounts.system", "accounts.leader_words")
"""Deciding ones that may name somebody's address or are long: only their SHA-256 is kept."""
UNKNOWN_SENDERS = """
SELECT sum(items)::bigint FROM unknown_sender WHERE day BETWEEN $1 AND $2
"""
TRUST = """
SELECT epoch, left(fingerprint, 16) AS fingerprint, left(basis, 16) AS basis FROM trust_epoch
ORDER BY epoch DESC LIMIT 1
"""
KEPT = """
SELECT what, day::text AS day FROM kept_since ORDER BY what
"""

Basis = Mapping[str, Any]


async def gather(
    connection: Connection, settings: Settings, plan: Plan, period: Period, today: date, early: bool
) -> dict[str, Any]:
    """The basis of a closing that is made now; plain JSON values."""
    span = period.first, period.last
    return {
        "program": __version__,
        "definitions": definitions(),
        "settings": deciding(settings),
        "head": {name: getattr(settings.report, name) for name in ("superior", "issuer", "place")},
        "constants": {
            "stale_above": STALE_ABOVE, "widest": WIDEST, "minimum_units": MINIMUM_UNITS,
        },
        "plan": {
            "name": plan.name,
            "sha256": _digest([each.model_dump() for each in plan.targets]),
        },
        "policy": _policy(settings),
        "trust": await _row(connection, TRUST),
        "calendar_days": {
            row["day"]: row["working"]
            for row in await connection.fetch(sql("closing_calendar"), *span)
        },
        "sampling": await _rows(connection, sql("closing_sampling"), *span),
        "imports": {
            row["what"]: {key: row[key] for key in ("run", "as_of", "at")}
            for row in await connection.fetch(sql("closing_imports"))
        },
        "unknown_senders": await connection.fetchval(UNKNOWN_SENDERS, *span) or 0,
        "silent_days": {
            row["channel"]: row["days"]
            for row in await connection.fetch(sql("closing_silent_days"), *span)
        },
        "recorded_since": {
            row["what"]: row["since"].isoformat()
            for row in await connection.fetch(sql("recorded_since"))
        },
        "kept_since": {row["what"]: row["day"] for row in await connection.fetch(KEPT)},
        "waited_days": (today - period.last).days - 1,
        "early": early,
    }  # fmt: skip


def definitions() -> dict[str, dict[str, object]]:
    """Version and digest of every indicator's definition."""
    return {
        each.id: {"version": each.version, "sha256": each.digest} for each in CATALOGUE.values()
    }


def deciding(settings: Settings) -> dict[str, object]:
    """The settings that decide, by their names in the file."""
    found = {name: _plain(_setting(settings, name)) for name in DECIDING}
    found |= {name: _digest(_plain(_setting(settings, name))) for name in DIGESTED}
    return found


def canonical(basis: Basis) -> str:
    """The one text of a basis: sorted keys, no spaces."""
    return json.dumps(basis, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def different(before: Basis, after: Basis) -> dict[str, int]:
    """How many definitions, settings and targets' plans are not the same, by what they are."""
    settings = sum(
        _differing(before.get(part, {}), after.get(part, {}))
        for part in ("settings", "constants", "calendar_days")
    )
    found = {
        "definition": _differing(before.get("definitions", {}), after.get("definitions", {})),
        "setting": settings + (before.get("policy") != after.get("policy")),
        "target": int(before.get("plan") != after.get("plan")),
    }
    return {what: number for what, number in found.items() if number}


def newer_import(before: Basis, after: Basis, kinds: Iterable[str]) -> bool:
    """Whether a list of these kinds was applied since."""
    old, new = before.get("imports", {}), after.get("imports", {})
    return any(old.get(kind) != new.get(kind) for kind in kinds)


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> int:
    return sum(before.get(key) != after.get(key) for key in before.keys() | after.keys())


def _setting(settings: Settings, name: str) -> object:
    section, field = name.split(".")
    return getattr(getattr(settings, section), field)


def _plain(value: object) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _policy(settings: Settings) -> str:
    """SHA-256 of the cryptographic policy's file, or `shipped`. Raises UserError."""
    path = settings.verify.policy
    if path is None:
        return "shipped"
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UserError(f"verify.policy: {path}: {error.strerror}: a closing names it") from None


async def _rows(connection: Connection, statement: str, *given: object) -> list[dict[str, Any]]:
    return [dict(row) for row in await connection.fetch(statement, *given)]


async def _row(connection: Connection, statement: str) -> dict[str, Any] | None:
    row = await connection.fetchrow(statement)
    return dict(row) if row else None
