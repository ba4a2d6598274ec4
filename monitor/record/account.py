"""Under which account the embedded server runs: PostgreSQL refuses to run as root."""

import os
import pwd
from dataclasses import dataclass

from monitor.errors import UserError

CANDIDATES = ("congvu", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A local account; `switch` says that the daemon is root and has to become it."""

    name: str
    uid: int
    gid: int
    switch: bool


def choose(user: str | None) -> Account:
    """The account of the server: ours unless we are root, then `user` or the first candidate.

    Raises UserError when the account is missing or is root itself.
    """
    if os.geteuid() != 0:
        entry = pwd.getpwuid(os.geteuid()) if _has_name(os.geteuid()) else None
        return Account(entry.pw_name if entry else "", os.geteuid(), os.getegid(), switch=False)
    for name in (user,) if user else CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid == 0:
            raise UserError(f"user: {name} is root; the embedded PostgreSQL needs another account")
        return Account(name, entry.pw_uid, entry.pw_gid, switch=True)
    wanted = user or ", ".join(CANDIDATES)
    raise UserError(
        f"user: no such account ({wanted}); started as root, the embedded PostgreSQL needs an "
        "unprivileged account: set `user`, or set database.dsn to use another server"
    )


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
