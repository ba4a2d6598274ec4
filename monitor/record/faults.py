"""What an error of the database means for the caller: wait, write again, or set the item aside."""

from enum import Enum

import asyncpg

from monitor.errors import CongvuError, DatabaseUnavailable


class Fault(Enum):
    UNAVAILABLE = "unavailable"
    """The database is away, full or refuses work: the same call may succeed later."""
    CONFLICT = "conflict"
    """Another writer was in the way: write again at once."""
    DATA = "data"
    """What one row holds is refused: the same call will fail again."""


FROM_THE_SERVER = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
"""What asyncpg raises when a server refuses, ends or is killed, at whatever moment."""

DATA_CLASSES = ("22", "23", "54")
"""SQLSTATE classes: data exception, integrity constraint violation, program limit exceeded."""
CONFLICTS = ("40001", "40P01")
NO_PARTITION = "no partition of relation"


def classify(error: Exception) -> Fault:
    """The fault of anything that a database call raised; what is unknown is temporary."""
    if isinstance(error, asyncpg.PostgresError):
        state = sqlstate(error)
        if state in CONFLICTS or (state == "23514" and NO_PARTITION in str(error)):
            return Fault.CONFLICT
        return Fault.DATA if state[:2] in DATA_CLASSES else Fault.UNAVAILABLE
    if isinstance(error, asyncpg.DataError | UnicodeError | OverflowError | ValueError):
        return Fault.DATA  # raised by the client while it encoded a value
    return Fault.UNAVAILABLE


def sqlstate(error: Exception) -> str:
    """The SQLSTATE, or `client` for what failed before it reached the server."""
    return str(getattr(error, "sqlstate", None) or "client")


def unavailable(error: Exception) -> DatabaseUnavailable:
    """The same error in words for the log; row contents never enter it."""
    if isinstance(error, DatabaseUnavailable):
        return error
    detail = type(error).__name__
    if isinstance(error, asyncpg.PostgresError):
        detail = f"{detail} ({sqlstate(error)})"
    elif isinstance(error, OSError) and error.strerror:
        detail = error.strerror
    return DatabaseUnavailable(f"the database does not take work now: {detail}")


def is_ours(error: Exception) -> bool:
    """Already one of the product's own errors: to be passed on as it is."""
    return isinstance(error, CongvuError)
