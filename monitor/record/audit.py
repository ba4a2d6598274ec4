"""The audit log: who read or removed what is personal, or closed a period, when and why. Rows are
only ever added.
"""

import getpass
import os
import pwd
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import UserError
from monitor.record.connection import Connection

THE_DAEMON = "congvu"
"""Actor of what the daemon does by itself."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the audit log."""

    at: datetime
    actor: str
    action: str
    """`reveal`, `report`, `rotate-key`, `forget-key`, `retention`, `erase`, `register-link`,
    `register-unlink`, `sampling`, `acknowledge`, `close`, `restate`."""
    subject: str
    """What it was about: a document's uid, a short pseudonym, a table with counts."""
    reason: str


def operator() -> str:
    """The account that gave this command; behind sudo, the one that called it."""
    try:
        own = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        own = getpass.getuser()
    behind = os.environ.get("SUDO_USER") if os.getuid() == 0 else None
    return f"{behind} (as {own})" if behind else own


async def note(connection: Connection, actor: str, action: str, subject: str, reason: str) -> None:
    """Add a row. Commit it before anything is shown, so that nothing is shown unnoted.

    Raises UserError without a reason.
    """
    if not reason.strip():
        raise UserError("a reason is needed to show what is sealed: it goes to the audit log")
    await connection.execute(
        "INSERT INTO audit (actor, action, subject, reason) VALUES ($1, $2, $3, $4)",
        actor,
        action,
        subject,
        reason,
    )


async def entries(
    connection: Connection, since: datetime | None = None, limit: int | None = None
) -> list[AuditEntry]:
    """The log since an instant, newest first; at most `limit` rows."""
    rows = await connection.fetch(
        "SELECT at, actor, action, subject, reason FROM audit "
        "WHERE $1::timestamptz IS NULL OR at >= $1 ORDER BY audit_id DESC LIMIT $2",
        since,
        limit,
    )
    return [AuditEntry(**dict(row)) for row in rows]
