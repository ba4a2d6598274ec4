"""Certificate revocation lists (RFC 5280 5): whose, of which certificates, and what they say.

A list is read as far as its header. Its entries are searched for in the signed bytes, or lie in an
index: a large list is turned into one once, in the parent, and the children get that.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.model import IndexedList
from monitor.verify import ber
from monitor.verify.algorithms import (
    Hashed,
    Unsupported,
    hashed,
    signature_algorithm,
    verifies,
)
from monitor.verify.certificate import CRL_SIGN, Certificate, Extension, Name
from monitor.verify.crl_entries import Entry, Index, index, search
from monitor.verify.crl_scope import Scope, scope_of

INDEXED_FROM_BYTES = 1024 * 1024
"""Below it a search of the bytes is as quick."""

_NUMBER, _DELTA, _ISSUING_POINT, _EXPIRED_KEPT = "2.5.29.20", "2.5.29.27", "2.5.29.28", "2.5.29.60"
_KNOWN = {_NUMBER, _DELTA, _ISSUING_POINT, _EXPIRED_KEPT, "2.5.29.35", "2.5.29.46"}
_REMOVED = 8


@dataclass(frozen=True, slots=True)
class Statement:
    """One list's or responder's word on a certificate."""

    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None = None
    reason: int | None = None
    proves_good: bool = True
    reasons: frozenset[int] = Scope().reasons
    """For which it speaks."""


class RevocationList:
    """A CRL; `content` is DER or BER."""

    def __init__(self, content: bytes) -> None:
        tbs, algorithm, signature = ber.read(content).expect(ber.SEQUENCE).children[:3]
        self._tbs, self._algorithm, self._signature = tbs, algorithm, ber.bits(signature)
        self._digest: Hashed | None = None
        self._index: Index | None = None
        fields = tbs.children
        at = 1 if fields[0].tag == ber.INTEGER else 0
        self.issuer = Name(fields[at + 1])
        self.this_update = ber.time(fields[at + 2])
        rest = fields[at + 3 :]
        self.next_update: datetime | None = None
        if rest and rest[0].tag in {ber.UTC_TIME, ber.GENERALIZED_TIME}:
            self.next_update = ber.time(rest.pop(0))
        self.entries = rest.pop(0) if rest and rest[0].tag == ber.SEQUENCE else None
        self.extensions = _extensions(rest)
        self.understood = not any(
            e.critical and oid not in _KNOWN for oid, e in self.extensions.items()
        )
        point = self.extensions.get(_ISSUING_POINT)
        self.scope = scope_of(point.value, self.issuer) if point else Scope()
        self._signers: dict[bytes, bool] = {}

    @classmethod
    def of_index(cls, made: IndexedList) -> "RevocationList":
        """The list of an index; raises `ber.Malformed`."""
        found = cls(made.head)
        found._digest = Hashed(made.digest_algorithm, made.digest)
        found._index = Index(made.entries)
        return found

    @functools.cached_property
    def number(self) -> int | None:
        """CRLNumber (RFC 5280 5.2.3)."""
        return self._number(_NUMBER)

    @functools.cached_property
    def base_number(self) -> int | None:
        """BaseCRLNumber of a delta (RFC 5280 5.2.4)."""
        return self._number(_DELTA)

    def _number(self, oid: str) -> int | None:
        extension = self.extensions.get(oid)
        return None if extension is None else ber.integer(ber.read(extension.value))

    @property
    def delta(self) -> bool:
        return _DELTA in self.extensions

    @functools.cached_property
    def point(self) -> bytes:
        """The issuing distribution point, as encoded; empty where there is none."""
        extension = self.extensions.get(_ISSUING_POINT)
        return extension.value if extension else b""

    def updates(self, base: "RevocationList") -> bool:
        """Is this a delta that may be combined with a complete list (RFC 5280 5.2.4)?

        Whether the same key signed both, the caller knows.
        """
        if not self.delta or base.delta or self.issuer.key != base.issuer.key:
            return False
        if self.point != base.point or self.base_number is None or base.number is None:
            return False
        return self.base_number <= base.number and (
            self.number is None or base.number < self.number
        )

    def signed_by(self, issuer: Certificate) -> bool:
        """Is this list the issuer's, by key? (cached)"""
        if self.issuer.key != issuer.subject.key:
            return False
        if issuer.key_usage is not None and CRL_SIGN not in issuer.key_usage:
            return False
        if issuer.spki not in self._signers:
            self._signers[issuer.spki] = self._verify(issuer)
        return self._signers[issuer.spki]

    def _verify(self, issuer: Certificate) -> bool:
        tbs = None if self._digest else self._tbs.raw
        return signed_by(issuer, self._algorithm, tbs, self._signature, self._digest)

    def covers(self, subject: Certificate) -> bool:
        """Does it speak of a certificate at all?"""
        return self.understood and self.scope.meets(subject, self.issuer)

    def statement(
        self, subject: Certificate, base: "RevocationList | None" = None
    ) -> Statement | None:
        """What the list says of a certificate it covers; None for nothing.

        A delta says what changed; with its base it says all.
        """
        found = self.find(subject)
        removed = any(entry.reason == _REMOVED for entry in found)
        entry = _first(found)
        if self.delta and base is None and entry is None:
            return None
        if self.delta and base is not None and entry is None and not removed:
            entry = _first(base.find(subject))
        kept = _EXPIRED_KEPT in self.extensions
        return Statement(
            self.this_update,
            self.next_update,
            revoked_at=entry.revoked_at if entry else None,
            reason=entry.reason if entry else None,
            proves_good=entry is None and (kept or self.this_update <= subject.not_after),
            reasons=self.scope.reasons,
        )

    def find(self, subject: Certificate) -> list[Entry]:
        """Its entries of a certificate."""
        if self._index is None and self.scope.indirect:
            self._index = Index(index(self.entries, self.issuer, indirect=True))
        if self._index is not None:
            return self._index.find(subject, self.issuer)
        if self.entries is None or subject.issuer.key != self.issuer.key:
            return []
        return search(self.entries, subject.serial_raw)

    def indexed(self) -> IndexedList:
        """The list with its entries as an index; raises `Unsupported` and `ber.Malformed`."""
        algorithm = signature_algorithm(self._algorithm)
        if algorithm.digest is None or algorithm.family == "eddsa":
            raise Unsupported("a signature over the list itself, not over a digest")
        outer = ber.read(self._tbs.buffer).children
        head = b"".join(f.raw for f in self._tbs.children if f is not self.entries)
        return IndexedList.model_construct(
            head=ber.encode(
                ber.SEQUENCE, ber.encode(ber.SEQUENCE, head) + outer[1].raw + outer[2].raw
            ),
            digest_algorithm=algorithm.digest,
            digest=hashed(algorithm.digest, self._tbs.raw).value,
            entries=index(self.entries, self.issuer, indirect=self.scope.indirect),
        )


def _first(entries: Sequence[Entry]) -> Entry | None:
    """The earliest revocation among a certificate's entries."""
    stated = [entry for entry in entries if entry.reason != _REMOVED]
    return min(stated, key=lambda entry: entry.revoked_at) if stated else None


def signed_by(
    signer: Certificate,
    algorithm: ber.Node,
    tbs: bytes | None,
    value: bytes,
    digest: Hashed | None = None,
) -> bool:
    """Does this key verify a list or response? No, also where the algorithm cannot be checked.

    `digest` stands for signed bytes that are not at hand.
    """
    try:
        known = signature_algorithm(algorithm)
        if digest is None and tbs is not None and known.digest is not None:
            digest = hashed(known.digest, tbs)
        if digest is None or digest.digest != known.digest:
            return False
        return verifies(signer.key, known, digest, value, tbs)
    except (Unsupported, ber.Malformed):
        return False


def _extensions(rest: Sequence[ber.Node]) -> dict[str, Extension]:
    found: dict[str, Extension] = {}
    for node in rest:
        if node.tag == 0xA0:
            for extension in node.children[0].children:
                fields = extension.children
                critical = fields[1].tag == ber.BOOLEAN and any(fields[1].content)
                found[ber.oid(fields[0])] = Extension(critical, ber.octets(fields[-1]))
    return found


@functools.lru_cache(maxsize=256)
def read_list(content: bytes) -> RevocationList | None:
    """The CRL of these bytes, read once; None for what is none."""
    try:
        return RevocationList(content)
    except (ber.Malformed, IndexError, ValueError):
        return None


@functools.lru_cache(maxsize=64)
def index_of(content: bytes) -> IndexedList | None:
    """The index of a large CRL, made once; None for one that is small or cannot be indexed."""
    if len(content) < INDEXED_FROM_BYTES:
        return None
    found = read_list(content)
    try:
        return found.indexed() if found else None
    except (Unsupported, ber.Malformed, IndexError, ValueError, OverflowError):
        return None
