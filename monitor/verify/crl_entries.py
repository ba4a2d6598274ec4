"""The entries of a CRL: found in the signed bytes, or in an index that was made once.

An index is fixed-width records, sorted by a digest of the serial number: 13 MB for a million
entries, searched by bisection. It is made in one pass over the bytes, without an object for an
entry, and sorted in buckets, so that no step of it holds up other threads for long.
"""

import hashlib
import struct
from datetime import UTC, datetime
from typing import NamedTuple

from monitor.verify import ber
from monitor.verify.certificate import Certificate, Name

_REASON, _CERTIFICATE_ISSUER = "2.5.29.21", "2.5.29.29"
_KNOWN = frozenset({_REASON, _CERTIFICATE_ISSUER})
_PLAIN_REASON = bytes.fromhex("300c300a0603551d1504030a01")
"""All of an entry's extensions but the reason itself, where there is nothing but a reason."""
_RECORD = struct.Struct(">8sIB")
_KEY, _NONE = 8, 255
_LATEST = 2**32 - 1
_DIRECTORY = 4


class Entry(NamedTuple):
    """What a list says of one certificate."""

    revoked_at: datetime
    reason: int | None


class Index:
    """Entries as sorted records."""

    def __init__(self, records: bytes) -> None:
        self._records = records
        self._count = len(records) // _RECORD.size

    def __len__(self) -> int:
        return self._count

    def find(self, subject: Certificate, issuer: Name) -> list[Entry]:
        """Entries of a certificate in a list of an issuer."""
        other = None if subject.issuer.key == issuer.key else subject.issuer
        key = _key(subject.serial_raw[2:], other)
        records, size = self._records, _RECORD.size
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            if records[middle * size : middle * size + _KEY] < key:
                low = middle + 1
            else:
                high = middle
        found = []
        while low < self._count and records[low * size : low * size + _KEY] == key:
            _, seconds, reason = _RECORD.unpack_from(records, low * size)
            moment = datetime.fromtimestamp(seconds, UTC)
            found.append(Entry(moment, None if reason == _NONE else reason))
            low += 1
        return found


def _key(serial: bytes, issuer: Name | None) -> bytes:
    """Of a serial number's content octets; of another issuer's certificate with its name."""
    if issuer is None:
        return hashlib.blake2b(serial, digest_size=_KEY).digest()
    return hashlib.blake2b(serial, digest_size=_KEY, key=_named(issuer)).digest()


def _named(issuer: Name) -> bytes:
    return hashlib.sha256(repr(issuer.key).encode()).digest()


def index(entries: ber.Node | None, own: Name, *, indirect: bool) -> bytes:
    """The records of a list's revokedCertificates; raises `ber.Malformed`.

    In an indirect list an entry without a certificateIssuer is of the issuer of the entry before
    it (RFC 5280 5.3.3); at the start that is the list's own.
    """
    if entries is None:
        return b""
    buckets: list[list[bytes]] = [[] for _ in range(256)]
    fill = _Filler(own, buckets, indirect=indirect).fill
    try:
        fill(entries.buffer, entries.body, entries.stop)
    except IndexError:
        raise ber.Malformed("truncated entry of a revocation list") from None
    return b"".join(b"".join(sorted(bucket)) for bucket in buckets)


class _Filler:
    """One pass over a list's entries into buckets by the first octet of their keys."""

    def __init__(self, own: Name, buckets: list[list[bytes]], *, indirect: bool) -> None:
        self._own, self._indirect = _named(own), indirect
        self._put = [bucket.append for bucket in buckets]
        self._times, self._extensions = _Times(), _Extensions()
        self._issuer = b""

    def fill(self, buffer: bytes, at: int, stop: int) -> None:
        """Runs a million times: what it calls in each round is called because it must."""
        put, pack, blake, time = self._put, _RECORD.pack, hashlib.blake2b, self._times.read
        while at < stop:
            body, length = at + 2, buffer[at + 1]
            if buffer[at] != ber.SEQUENCE or length > 127:
                node = ber.read(buffer, at, stop).expect(ber.SEQUENCE)
                body, end, at = node.body, node.stop, node.end
            else:
                end = at = body + length
            serial = body + 2 + buffer[body + 1]
            dated = serial + 2 + buffer[serial + 1]
            if buffer[body] != ber.INTEGER or dated > end or end > stop:
                raise ber.Malformed("no entry of a revocation list")
            reason = _NONE if dated == end else self._reason(buffer[dated:end])
            seconds = time(buffer[serial], buffer[serial + 2 : dated])
            key = blake(buffer[body + 2 : serial], digest_size=8, key=self._issuer).digest()
            put[key[0]](pack(key, seconds, reason))

    def _reason(self, extensions: bytes) -> int:
        if len(extensions) == 14 and extensions.startswith(_PLAIN_REASON):
            return extensions[13]
        reason, issuer = self._extensions.read(extensions)
        if self._indirect and issuer is not None:
            self._issuer = b"" if issuer == self._own else issuer
        return _NONE if reason is None else reason & 0xFF


class _Times:
    """Dates of entries as seconds; those of one day share their calendar."""

    def __init__(self) -> None:
        self._days: dict[bytes, int] = {}

    def read(self, kind: int, content: bytes) -> int:
        if kind == ber.UTC_TIME and len(content) == 13 and content[-1:] == b"Z":
            day = self._days.get(content[:6])
            if day is None:
                day = self._days[content[:6]] = self._day(kind, content)
            if content[6:12].isdigit():
                clock = int(content[6:12])
                return day + clock // 10000 * 3600 + clock // 100 % 100 * 60 + clock % 100
        return self._seconds(kind, content)

    def _day(self, kind: int, content: bytes) -> int:
        return self._seconds(kind, content[:6] + b"000000Z")

    @staticmethod
    def _seconds(kind: int, content: bytes) -> int:
        moment = ber.time(ber.read(ber.encode(kind, content)))
        return min(max(int(moment.timestamp()), 0), _LATEST)


class _Extensions:
    """Reason and issuer of entries; lists repeat the same few."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[int | None, bytes | None]] = {}

    def read(self, raw: bytes) -> tuple[int | None, bytes | None]:
        """Reason, and the digest of the certificate issuer's name that the index is keyed by."""
        found = self._known.get(raw)
        if found is None:
            reason, issuer = entry_extensions(ber.read(raw))
            found = reason, _named(issuer) if issuer else None
            if len(self._known) < 10_000:
                self._known[raw] = found
        return found


def entry_extensions(node: ber.Node) -> tuple[int | None, Name | None]:
    """Reason (RFC 5280 5.3.1) and certificate issuer (5.3.3) of an entry."""
    reason, issuer = None, None
    for extension in node.children:
        kind = ber.oid(extension.children[0])
        if kind not in _KNOWN:
            continue
        value = ber.read(ber.octets(extension.children[-1]))
        if kind == _REASON:
            reason = ber.integer(value)
        else:
            names = [Name(n.children[0]) for n in value.children if n.tag & 0x1F == _DIRECTORY]
            issuer = names[0] if names else issuer
    return reason, issuer


def search(entries: ber.Node, serial: bytes) -> list[Entry]:
    """Entries of a serial number, as encoded, in a list that has one issuer for all of them.

    A search of the bytes for the encoding, and a look whether the place is the start of an entry.
    """
    buffer, at, stop = entries.buffer, entries.body, entries.stop
    found = []
    while (at := buffer.find(serial, at, stop)) >= 0:
        if buffer[at - 2] == ber.SEQUENCE and buffer[at + len(serial)] in {0x17, 0x18}:
            entry = _entry(buffer, at - 2, stop)
            if entry is not None:
                found.append(entry)
        at += 1
    return found


def _entry(buffer: bytes, at: int, stop: int) -> Entry | None:
    try:
        fields = ber.read(buffer, at, stop).children
        reason = entry_extensions(fields[2])[0] if len(fields) > 2 else None
        return Entry(ber.time(fields[1]), reason)
    except (ber.Malformed, IndexError):
        return None
