"""Landlock in a child: no path of any file system can be opened, whoever owns it.

A ruleset that handles every right the kernel knows and grants none; where the kernel can, TCP,
abstract sockets and signals to processes outside as well. landlock(7), linux/landlock.h.
"""

import ctypes
import os
import struct

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_VERSION_FLAG = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights of the file system each version of the interface knows."""
_TCP_SINCE, _TCP_BITS = 4, 0b11
_SCOPES_SINCE, _SCOPE_BITS = 6, 0b11


def ruleset(version: int) -> bytes:
    """The landlock_ruleset_attr that handles everything this version knows."""
    rights = _FILE_RIGHTS[min(version, max(_FILE_RIGHTS))]
    packed = struct.pack("=Q", (1 << rights) - 1)
    if version >= _TCP_SINCE:
        packed += struct.pack("=Q", _TCP_BITS)
    if version >= _SCOPES_SINCE:
        packed += struct.pack("=Q", _SCOPE_BITS)
    return packed


def restrict() -> int:
    """Deny everything; the version used, or 0 where the kernel has no Landlock.

    Needs no_new_privs.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG))
    if version < 1:
        return 0
    rules = ruleset(version)
    descriptor = int(libc.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0))
    if descriptor < 0:
        return 0
    restricted = libc.syscall(_RESTRICT_SELF, descriptor, 0) == 0
    os.close(descriptor)
    return version if restricted else 0
