"""Landlock in a child: no path but those listed can be opened, whoever owns it.

A ruleset that handles every right the kernel knows and grants none; where the kernel can, TCP,
abstract sockets and signals to processes outside as well. landlock(7), linux/landlock.h.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights of the file system each version of the interface knows."""
_TCP_SINCE, _BIND, _CONNECT = 4, 0b01, 0b10
_SCOPES_SINCE, _SCOPE_BITS = 6, 0b11


def ruleset(version: int, *, connect: bool = False) -> bytes:
    """The landlock_ruleset_attr that handles everything this version knows.

    `connect` leaves outgoing TCP connections out of it.
    """
    rights = _FILE_RIGHTS[min(version, max(_FILE_RIGHTS))]
    packed = struct.pack("=Q", (1 << rights) - 1)
    if version >= _TCP_SINCE:
        packed += struct.pack("=Q", _BIND if connect else _BIND | _CONNECT)
    if version >= _SCOPES_SINCE:
        packed += struct.pack("=Q", _SCOPE_BITS)
    return packed


def restrict(readable: Iterable[str] = (), *, connect: bool = False) -> int:
    """Deny everything but reading below some paths and, if asked, connecting.

    The version used, or 0 where the kernel has no Landlock.

    Needs no_new_privs.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG))
    if version < 1:
        return 0
    rules = ruleset(version, connect=connect)
    descriptor = int(libc.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0))
    if descriptor < 0:
        return 0
    for path in readable:
        _permit(libc, descriptor, path)
    restricted = libc.syscall(_RESTRICT_SELF, descriptor, 0) == 0
    os.close(descriptor)
    return version if restricted else 0


def _permit(libc: ctypes.CDLL, rules: int, path: str) -> None:
    """Reading below a path; one that is not there needs no permission."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = _READ_FILE | (_READ_FOLDER if Path(path).is_dir() else 0)
    rule = struct.pack("=Qi", rights, descriptor)
    libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0)
    os.close(descriptor)
