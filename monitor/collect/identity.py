"""Item identifiers, 32 hexadecimal digits in the layout of a UUID (RFC 9562)."""

import hashlib
import os
import time

_VERSION_7 = 0x7 << 76
_VERSION_8 = 0x8 << 76
_VARIANT = 0b10 << 62
_KEEP = ((1 << 128) - 1) ^ (0xF << 76) ^ (0b11 << 62)


def new_item_id() -> str:
    """A version 7 UUID: milliseconds since 1970, then 74 random bits. Never given twice."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
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
