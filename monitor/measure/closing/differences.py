"""What two versions of a closed period do not have in common, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from monitor.measure.closing.basis import different, newer_import
from monitor.measure.closing.rows import Closing, by_id, find
from monitor.measure.figures import Figure, figure_of
from monitor.measure.statements import sql
from monitor.record.connection import Connection

TIMEOUT_SECONDS = 1800.0
KEY = ("about", "panel", "indicator", "scope", "code", "channel", "document_class", "role", "base")
"""What names a closed figure."""
ACCOUNT_SETTINGS = "accounts."
DISPATCH = "measure.dispatch_until"
CAUSES = """
SELECT code, channel, what, why, facts FROM closed_change WHERE closing_id = $1
ORDER BY code, channel, what, why
"""
ADD_CAUSE = """
INSERT INTO closed_change (closing_id, code, channel, what, why, facts)
VALUES ($1, $2, '', $3, $4, $5)
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """How many facts differ, whose and why (docs/closing.md has all words)."""

    code: str
    """Of an agency; empty is no known agency, or what is nobody's own (settings)."""
    channel: str
    """Empty is every channel."""
    what: str
    """`document`, `message`, `correspondence` (a mail with documents, once an agency), `register`,
    `account`, `roster`, `agency`, `coverage`, `setting`, `definition`, `target`, `figure`,
    `comparison`, or a table of counts."""
    why: str
    """`late`, `withdrawn`, `verdict_changed`, `attribution_changed`, `register_changed`,
    `roster_changed`, `registry_changed`, `settings_changed`, `definition_changed`, `recomputed`."""
    facts: int


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One figure that is not what it was."""

    about: str
    """`period`, or what it is compared with."""
    panel: str
    before: Figure | None
    """None where the version before had no such figure."""
    after: Figure | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a restatement changed."""

    before: Closing
    after: Closing
    figures: Sequence[FigureChange]
    """Those of the period first, in a fixed order."""
    causes: Sequence[Cause]


async def changes(connection: Connection, closing_id: int) -> Changes | None:
    """Of a restatement against the version before it; None of an original."""
    after = await by_id(connection, closing_id)
    if after.version < 2:
        return None
    before = await find(connection, after.period, after.version - 1)
    if before is None:
        raise LookupError(f"{after.period.id} has no version {after.version - 1}")
    return await between(connection, before, after)


async def between(connection: Connection, before: Closing, after: Closing) -> Changes:
    """Of any two closings; the causes are those stored with the second."""
    rows = await connection.fetch(
        sql("changed_closed_figures"), before.id, after.id, timeout=TIMEOUT_SECONDS
    )
    causes = [Cause(**dict(row)) for row in await connection.fetch(CAUSES, after.id)]
    return Changes(before, after, _paired(rows), causes)


def _paired(rows: Sequence[asyncpg.Record]) -> Sequence[FigureChange]:
    found: dict[tuple[str, ...], dict[bool, asyncpg.Record]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in KEY), {})[row["old"]] = row
    return [
        FigureChange(
            key[0],
            key[1],
            figure_of(each[True]) if True in each else None,
            figure_of(each[False]) if False in each else None,
        )
        for key, each in found.items()
    ]


async def find_causes(
    connection: Connection, before: Closing, after_id: int, basis: dict[str, object]
) -> None:
    """Store why a closing differs from the one before, in the caller's transaction."""
    settings = _changed_settings(before, basis)
    await connection.execute(
        sql("causes_of_facts"), before.id, after_id, before.closed_at,
        bool(settings & {DISPATCH, "calendar_days"}), timeout=TIMEOUT_SECONDS,
    )  # fmt: skip
    await connection.execute(
        sql("causes_of_accounts"), before.id, after_id,
        newer_import(before.basis, basis, ("people", "accounts")),
        any(name.startswith(ACCOUNT_SETTINGS) for name in settings), timeout=TIMEOUT_SECONDS,
    )  # fmt: skip
    await connection.execute(
        sql("causes_of_agencies"), before.id, after_id, timeout=TIMEOUT_SECONDS
    )
    for what, number in different(before.basis, basis).items():
        why = "definition_changed" if what == "definition" else "settings_changed"
        await connection.execute(ADD_CAUSE, after_id, "", what, why, number)
    await connection.execute(
        sql("causes_of_the_rest"), before.id, after_id, timeout=TIMEOUT_SECONDS
    )


async def name_tables(connection: Connection, after_id: int, tables: Sequence[str]) -> None:
    """Where no figure and no fact differs: the counts beside them that do."""
    if not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM closed_change WHERE closing_id = $1)", after_id
    ):
        for table in tables:
            what = table.removeprefix("closed_")
            await connection.execute(ADD_CAUSE, after_id, "", what, "recomputed", 1)


def _changed_settings(before: Closing, basis: dict[str, object]) -> set[str]:
    old, new = before.basis.get("settings", {}), basis["settings"]
    assert isinstance(new, dict)  # noqa: S101 - for the type checker: deciding() made it
    names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if before.basis.get("calendar_days") != basis["calendar_days"]:
        names.add("calendar_days")
    return names
