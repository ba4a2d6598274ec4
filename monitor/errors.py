"""Errors, split by what the other side should do about them.

An error that nobody classified is temporary: a bug of ours delays mail, it never destroys it.
"""


class CongvuError(Exception):
    """Base of every error that congvu raises on purpose."""


class TemporaryError(CongvuError):
    """The same call may succeed later: the sender is told to keep its copy (SMTP 4xx)."""


class SpoolFull(TemporaryError):
    """The spool is at its bound, or the disk is: SMTP 452."""


class SpoolFault(TemporaryError):
    """The spool cannot write (I/O error, closing): SMTP 451."""


class DatabaseUnavailable(TemporaryError):
    """The database cannot be reached or refuses work for now; the spool keeps the items."""


class PermanentError(CongvuError):
    """The same call will fail again: somebody has to change something first."""


class UserError(PermanentError):
    """A mistake in what the operator gave (a file, an option, a setting).

    The message says what is wrong, where, and what to do; the command line prints it without a
    traceback and exits with status 2.
    """


class IsolationError(PermanentError):
    """The children cannot be isolated on this machine as the settings demand."""


class OutputGone(CongvuError):
    """Nobody reads a command's output any more, as behind `| head`."""
