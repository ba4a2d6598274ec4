"""Item identifiers, 32 hexadecimal digits in the layout of a UUID (RFC 9562)."""

import hashlib
import os
import time

_POOL_BYTES = 4096
_VERSION_7 = 0x7 << 76
_VERSION_8 = 0x8 << 76
_VARIANT = 0b10 << 62
_KEEP = ((1 << 128) - 1) ^ (0xF << 76) ^ (0b11 << 62)


class _RandomPool:
    """Random bytes of the system, asked for by the page: a system call an item is dear."""

    def __init__(self) -> None:
        self._bytes = b""
        self._at = 0

    def take(self, size: int) -> bytes:
        if self._at + size > len(self._bytes):
            self._bytes = os.urandom(_POOL_BYTES)
            self._at = 0
        self._at += size
        return self._bytes[self._at - size : self._at]

    def forget(self) -> None:
        """A forked process must not give what its parent gives."""
        self._bytes = b""
        self._at = 0


_POOL = _RandomPool()
os.register_at_fork(after_in_child=_POOL.forget)


def new_item_id() -> str:
    """A version 7 UUID: milliseconds since 1970, then 74 random bits. Event loop only."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(_POOL.take(10))
    return f"{value & _KEEP | _VERSION_7 | _VARIANT:032x}"


def derived_item_id(*parts: str) -> str:
    """A version 8 UUID that is the same for the same parts, over restarts and machines.

    Work that a crash interrupted before its end is repeated under the identifier it had, so that
    the record counts it once.
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(8) + raw)
    value = int.from_bytes(digest.digest()[:16])
    return f"{value & _KEEP | _VERSION_8 | _VARIANT:032x}"
