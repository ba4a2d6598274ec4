"""The nightly upkeep: retention and erasure as the settings say, once a Vietnam day, from 02:00."""

from datetime import date, datetime, time
from pathlib import Path

from monitor.clock import VIETNAM
from monitor.privacy import erasure, retention
from monitor.privacy.events import PeopleErased, RetentionApplied
from monitor.record import Database, Sealer
from monitor.record.audit import THE_DAEMON
from monitor.settings import PrivacySettings, Settings

NOT_BEFORE = time(2, 0)
DONE = "privacy_upkeep"
"""Row of `meta`: the Vietnam day of the last upkeep that came to its end."""


async def keep_up(database: Database, settings: Settings, now: datetime) -> bool:
    """Do today's upkeep if it is due; true if it was done.

    Nodes that share a database may do it twice: the second finds nothing. Raises
    DatabaseUnavailable; what was done until then stays done.
    """
    local = now.astimezone(VIETNAM)
    if local.time() < NOT_BEFORE or await done_on(database) == local.date():
        return False
    await _retain(database, settings, local)
    await _erase(database, settings.state_dir, settings.privacy, local)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO meta (name, value) VALUES ($1, $2) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            DONE,
            local.date().isoformat(),
        )
    return True


async def done_on(database: Database) -> date | None:
    """The Vietnam day of the last upkeep that came to its end. Raises DatabaseUnavailable."""
    async with database.connection() as connection:
        found = await connection.fetchval("SELECT value FROM meta WHERE name = $1", DONE)
    return date.fromisoformat(found) if found else None


async def _retain(database: Database, settings: Settings, local: datetime) -> None:
    for limit in retention.limits(settings.privacy, settings.posture, local.date()):
        async with database.connection() as connection:
            removed = await retention.apply(connection, limit, THE_DAEMON, lambda _: None)
        rows = sum(share.rows for share in removed)
        if rows:
            database.observer.emit(RetentionApplied(limit.what, limit.before.isoformat(), rows))


async def _erase(
    database: Database, state_dir: Path, settings: PrivacySettings, local: datetime
) -> None:
    days = settings.erase_after_days
    if days is None:
        return
    reason = f"privacy.erase_after_days = {days}"
    async with database.connection() as connection:
        people = await erasure.due(connection, local.date(), days)
        sealer = Sealer.load(state_dir)
        erased = await erasure.apply(connection, sealer, people, local.date(), THE_DAEMON, reason)
    if erased.people or erased.addresses:
        database.observer.emit(PeopleErased(erased.people, erased.addresses, erased.still_open))
