"""How a child gives up everything it does not need, for good, before it sees an item.

Order matters: the identity first (it needs privileges), then no_new_privs, limits, Landlock, and
the system-call filter last, since it forbids the calls of the steps before.
"""

import ctypes
import os
import resource
import signal
from pathlib import Path

from monitor.isolate import landlock, seccomp
from monitor.isolate.wire import Hello

NOBODY = 65534
"""The kernel's overflow id: it owns no file."""

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 1, 4, 38, 47
_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522

_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> None:
    """Be killed when the thread of the daemon that started this process ends.

    The kernel forgets this when the user id changes: call it again after. Exits at once when the
    daemon is gone already.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def be_the_first_to_go() -> None:
    """Ask the kernel, when memory runs out, to kill a child rather than daemon or database."""
    try:
        Path("/proc/self/oom_score_adj").write_text("800", "ascii")
    except OSError:
        # a convenience, not a wall: without it the kernel picks by size alone
        return


def limit_memory(memory_bytes: int) -> None:
    """Bound the address space; past it an allocation fails."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def seal(parent: int, descriptor: int) -> Hello:
    """Give up identity, privileges, files, network, processes and all but the listed calls.

    `descriptor` is the one that stays usable beside the standard three. Returns what was
    achieved; whether that is enough is the daemon's decision.
    """
    missing: list[str] = []
    dropped = become_nobody(missing)
    no_new_privs = no_new_privileges()
    if not no_new_privs:
        missing.append("no_new_privs: refused by the kernel")
    _prctl(_PR_SET_DUMPABLE, 0)
    die_with(parent)
    landlock_version = landlock.restrict() if no_new_privs else 0
    for limit, value in (
        (resource.RLIMIT_NOFILE, descriptor + 1),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    refused = seccomp.install() if no_new_privs else "seccomp: needs no_new_privs"
    if refused:
        missing.append(refused)
    return Hello(
        seccomp=refused is None,
        landlock=landlock_version,
        no_new_privs=no_new_privs,
        privileges_dropped=dropped,
        missing=tuple(missing),
    )


def no_new_privileges() -> bool:
    """No program it starts can have more privileges (prctl(2)); Landlock and seccomp need it."""
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def become_nobody(missing: list[str]) -> bool:
    """Give up every privilege; False, and what is wrong is added to `missing`, where refused."""
    """Leave root for an id that owns nothing, and every capability in any case."""
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError as error:
        missing.append(f"user id: root could not become nobody ({error.strerror})")
        return False
    _prctl(_PR_CAP_AMBIENT, _CLEAR_ALL)
    if not _drop_capabilities():
        missing.append("capabilities: could not be dropped")
        return False
    return True


def _drop_capabilities() -> bool:
    """capset(2) to nothing: a service may have been given some, for port 25."""

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

    header = Header(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    return int(_LIBC.capset(ctypes.byref(header), ctypes.byref(nothing))) == 0


def _prctl(option: int, value: int) -> bool:
    return int(_LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0)) == 0
