"""The form of one record: a prefix of fixed size, the item header as JSON, the body.

    prefix  magic 4 · nonce 8 · header length 4 · body length 8 · received 8 (µs since 1970, UTC)
            · CRC-32 of header 4 · CRC-32 of body 4 · CRC-32 of the prefix before it 4
    header  ItemHeader as JSON, UTF-8
    body    the bytes of the item

Integers are little-endian. The nonce is the segment's own random number: a body that carries a
copy of a record (a mail can carry anything) is never mistaken for one when reading falls back on
searching. The prefix has a checksum of its own, so lengths are believed or not, never guessed.
Why CRC-32: docs/decisions/0002-spool.md.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zlib import crc32

from pydantic import ValidationError

from monitor.model import ItemHeader

MAGIC: Final = b"\xf5CVR"
NONCE_BYTES: Final = 8
_FIELDS: Final = struct.Struct("<4s8sIQqII")
_CHECK: Final = struct.Struct("<I")
PREFIX_BYTES: Final = _FIELDS.size + _CHECK.size
MAX_HEADER_BYTES: Final = 64 * 1024 * 1024
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Prefix:
    """What a record's prefix says; it has been checked."""

    nonce: bytes
    header_bytes: int
    body_bytes: int
    received: float
    """Seconds since 1970 in UTC."""
    header_crc: int
    body_crc: int

    @property
    def record_bytes(self) -> int:
        """Length of the whole record."""
        return PREFIX_BYTES + self.header_bytes + self.body_bytes


def micros(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant, exactly."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def body_crc(chunks: Sequence[bytes]) -> int:
    """CRC-32 over the chunks as if they were one."""
    value = 0
    for chunk in chunks:
        value = crc32(chunk, value)
    return value


def encode(nonce: bytes, received_micros: int, header: bytes, chunks: Sequence[bytes]) -> bytes:
    """Prefix and header of a record; the body's chunks follow it as they are, uncopied."""
    size = sum(map(len, chunks))
    fields = _FIELDS.pack(
        MAGIC, nonce, len(header), size, received_micros, crc32(header), body_crc(chunks)
    )
    return b"".join((fields, _CHECK.pack(crc32(fields)), header))


def decode_prefix(data: bytes, nonce: bytes | None) -> Prefix | None:
    """The prefix at the start of `data`, or None if there is none of this nonce (None: any)."""
    if len(data) < PREFIX_BYTES:
        return None
    fields = data[: _FIELDS.size]
    magic, found, header_bytes, body_bytes, received, header_crc, body = _FIELDS.unpack(fields)
    if magic != MAGIC or (nonce is not None and found != nonce):
        return None
    if _CHECK.unpack_from(data, _FIELDS.size)[0] != crc32(fields):
        return None
    return Prefix(found, header_bytes, body_bytes, received / 1e6, header_crc, body)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A record read back; `fault` says in a word why there is no item in it."""

    header: ItemHeader | None
    body: bytes
    fault: str | None


CORRUPT: Final = Loaded(None, b"", "corrupt")


def decode(data: bytes, nonce: bytes | None) -> Loaded:
    """Read one whole record back and check it; `data` holds exactly one record."""
    prefix = decode_prefix(data, nonce)
    if prefix is None or prefix.record_bytes != len(data):
        return CORRUPT
    split = PREFIX_BYTES + prefix.header_bytes
    return check(prefix, data[PREFIX_BYTES:split], data[split:])


def check(prefix: Prefix, header: bytes, body: bytes) -> Loaded:
    """Check a record's parts against its prefix."""
    if len(body) != prefix.body_bytes or crc32(header) != prefix.header_crc:
        return CORRUPT
    try:
        parsed = ItemHeader.model_validate_json(header)
    except ValidationError:
        # Sound bytes of another release of congvu: kept whole, so that release can requeue them.
        return Loaded(None, b"", "corrupt" if crc32(body) != prefix.body_crc else "header_unknown")
    if crc32(body) != prefix.body_crc:
        return Loaded(parsed, b"", "corrupt")
    return Loaded(parsed, body, None)
