"""Revocation data: CRLs (RFC 5280 5) and OCSP responses (RFC 6960), given or embedded.

A CRL of a million entries is never turned into objects: an entry is found by searching the signed
bytes for the serial number's encoding and checking that the place is the start of an entry.
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from monitor.verify import ber
from monitor.verify.algorithms import Unsupported, compute, hashed, signature_algorithm, verifies
from monitor.verify.certificate import (
    CRL_POINTS,
    CRL_SIGN,
    Certificate,
    Extension,
    Name,
    certificate,
)

_DELTA, _ISSUING_POINT, _REASON, _EXPIRED_KEPT = "2.5.29.27", "2.5.29.28", "2.5.29.21", "2.5.29.60"
_KNOWN_CRL = {_DELTA, _ISSUING_POINT, _EXPIRED_KEPT, "2.5.29.20", "2.5.29.35", "2.5.29.46"}
_HOLD, _REMOVED = 6, 8
_OCSP_SIGNING, _BASIC = "1.3.6.1.5.5.7.3.9", "1.3.6.1.5.5.7.48.1.1"
MAX_EVIDENCE = 200
"""Embedded lists and responses looked at for one signature."""


MAX_WORDS = 1000
"""Answers kept per trust epoch."""


class State(Enum):
    GOOD = "good"
    REVOKED = "revoked"
    UNCHECKED = "unchecked"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Status:
    """What revocation data says of one certificate at one time."""

    state: State
    revoked_at: datetime | None = None
    reason: int | None = None


@dataclass(frozen=True, slots=True)
class _Statement:
    """One list's or responder's word on a certificate."""

    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None = None
    reason: int | None = None
    proves_good: bool = True


class RevocationList:
    """A CRL, parsed as far as its header; `content` is DER or BER."""

    def __init__(self, content: bytes) -> None:
        tbs, algorithm, signature = ber.read(content).expect(ber.SEQUENCE).children[:3]
        self._tbs, self._algorithm, self._signature = tbs, algorithm, ber.bits(signature)
        fields = tbs.children
        at = 1 if fields[0].tag == ber.INTEGER else 0
        self.issuer = Name(fields[at + 1])
        self.this_update = ber.time(fields[at + 2])
        rest = fields[at + 3 :]
        self.next_update: datetime | None = None
        if rest and rest[0].tag in {ber.UTC_TIME, ber.GENERALIZED_TIME}:
            self.next_update = ber.time(rest.pop(0))
        self._entries = rest.pop(0) if rest and rest[0].tag == ber.SEQUENCE else None
        self.extensions = _list_extensions(rest)
        self._signers: dict[bytes, bool] = {}

    @property
    def delta(self) -> bool:
        return _DELTA in self.extensions

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
        return _signed_by(issuer, self._algorithm, self._tbs.raw, self._signature)

    def applies_to(self, subject: Certificate) -> bool:
        """Scope of the issuing distribution point (RFC 5280 5.2.5); indirect lists are not read."""
        if any(e.critical and oid not in _KNOWN_CRL for oid, e in self.extensions.items()):
            return False
        extension = self.extensions.get(_ISSUING_POINT)
        if extension is None:
            return True
        authority = subject.authority is not None and subject.authority[0]
        for part in ber.read(extension.value).children:
            number, flag = part.tag & 0x1F, any(part.content)
            if number == 0 and not _same_point(part, subject):
                return False
            if number in {3, 4, 5} and (flag or number == 3):
                return False
            if (number == 1 and flag and authority) or (number == 2 and flag and not authority):
                return False
        return True

    def statement(self, subject: Certificate) -> _Statement | None:
        """What the list says of a certificate it covers; None for a delta that is silent."""
        found = self._find(subject.serial_raw)
        if found is None:
            if self.delta:
                return None
            kept = _EXPIRED_KEPT in self.extensions
            good = kept or self.this_update <= subject.not_after
            return _Statement(self.this_update, self.next_update, proves_good=good)
        fields = found.children
        reason = _reason(fields[2:])
        if reason == _REMOVED:
            return _Statement(self.this_update, self.next_update)
        return _Statement(self.this_update, self.next_update, ber.time(fields[1]), reason, False)

    def _find(self, serial: bytes) -> ber.Node | None:
        if self._entries is None:
            return None
        buffer, at, stop = self._entries.buffer, self._entries.body, self._entries.stop
        while (at := buffer.find(serial, at, stop)) >= 0:
            if buffer[at - 2] == ber.SEQUENCE and buffer[at + len(serial)] in {0x17, 0x18}:
                entry = _entry(buffer, at - 2, stop)
                if entry is not None:
                    return entry
            at += 1
        return None


def _signed_by(signer: Certificate, algorithm: ber.Node, tbs: bytes, value: bytes) -> bool:
    """Does this key verify a list or response? No, also where the algorithm cannot be checked."""
    try:
        known = signature_algorithm(algorithm)
        if known.digest is None:
            return False
        return verifies(signer.key, known, hashed(known.digest, tbs), value, tbs)
    except (Unsupported, ber.Malformed):
        return False


def _entry(buffer: bytes, at: int, stop: int) -> ber.Node | None:
    try:
        entry = ber.read(buffer, at, stop)
        ber.time(entry.children[1])
    except (ber.Malformed, IndexError):
        return None
    return entry


def _list_extensions(rest: Sequence[ber.Node]) -> dict[str, Extension]:
    found: dict[str, Extension] = {}
    for node in rest:
        if node.tag == 0xA0:
            for extension in node.children[0].children:
                fields = extension.children
                critical = fields[1].tag == ber.BOOLEAN and any(fields[1].content)
                found[ber.oid(fields[0])] = Extension(critical, ber.octets(fields[-1]))
    return found


def _reason(extensions: Sequence[ber.Node]) -> int | None:
    for extension in extensions[0].children if extensions else ():
        if ber.oid(extension.children[0]) == _REASON:
            return ber.integer(ber.read(ber.octets(extension.children[-1])))
    return None


def _same_point(part: ber.Node, subject: Certificate) -> bool:
    """Does a partitioned list's distribution point appear in the certificate's own?"""
    extension = subject.extensions.get(CRL_POINTS)
    if extension is None:
        return False
    names = {n.content for n in _general_names(part)}
    own = {n.content for p in ber.read(extension.value).children for n in _general_names(p)}
    return bool(names & own)


def _general_names(node: ber.Node) -> list[ber.Node]:
    found: list[ber.Node] = []
    for child in node.children:
        if child.tag == 0x86:
            found.append(child)
        elif child.constructed:
            found += _general_names(child)
    return found


class OcspResponse:
    """A signed OCSP response; `content` is an OCSPResponse or a BasicOCSPResponse."""

    def __init__(self, content: bytes) -> None:
        outer = ber.read(content).expect(ber.SEQUENCE)
        if outer.children[0].tag == ber.ENUMERATED:
            if ber.integer(outer.children[0]) != 0:
                raise ber.Malformed("no successful response")
            kind, basic = outer.children[1].children[0].children
            if ber.oid(kind) != _BASIC:
                raise ber.Malformed("no basic response")
            outer = ber.read(ber.octets(basic)).expect(ber.SEQUENCE)
        tbs, algorithm, signature, *rest = outer.children
        self._tbs, self._algorithm, self._signature = tbs, algorithm, ber.bits(signature)
        self.certificates = [
            certificate(child.raw) for node in rest if node.tag == 0xA0
            for child in node.children[0].children
        ]  # fmt: skip
        fields = [f for f in tbs.children if f.tag != 0xA0]
        self.produced_at = ber.time(fields[1])
        self._responses = fields[2].children

    def statement(self, subject: Certificate, issuer: Certificate) -> _Statement | None:
        """What the response says of a certificate, once its signer is entitled to say so."""
        for single in self._responses:
            fields = single.children
            if not _concerns(fields[0], subject, issuer):
                continue
            if not self.signed_by(issuer):
                return None
            return _single(fields)
        return None

    def signed_by(self, issuer: Certificate) -> bool:
        """Is it signed by the issuer, or by a responder that the issuer entitled?"""
        return any(self._fits(c) for c in (issuer, *self.certificates) if self._entitled(c, issuer))

    def _entitled(self, responder: Certificate, issuer: Certificate) -> bool:
        if responder == issuer or responder.spki == issuer.spki:
            return True
        return (
            responder.issuer.key == issuer.subject.key
            and _OCSP_SIGNING in (responder.extended_key_usage or ())
            and responder.not_before <= self.produced_at <= responder.not_after
            and responder.issued_by(issuer)
        )

    def _fits(self, responder: Certificate) -> bool:
        return _signed_by(responder, self._algorithm, self._tbs.raw, self._signature)


def _concerns(identifier: ber.Node, subject: Certificate, issuer: Certificate) -> bool:
    """CertID (RFC 6960 4.1.1): hashes of the issuer's name and key, and the serial number."""
    algorithm, name, key, serial = identifier.children
    if serial.raw != subject.serial_raw:
        return False
    digest = {"1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.1": "sha256"}.get(
        ber.oid(algorithm.children[0])
    )
    if digest is None:
        return False
    bits = ber.bits(ber.read(issuer.spki).children[1])
    names = {compute(digest, issuer.subject.raw), compute(digest, subject.issuer.raw)}
    return name.content in names and key.content == compute(digest, bits)


def _single(fields: Sequence[ber.Node]) -> _Statement | None:
    """SingleResponse: good [0], revoked [1], unknown [2]."""
    state, this_update = fields[1], ber.time(fields[2])
    after = [ber.time(f.children[0]) for f in fields[3:] if f.tag == 0xA0]
    next_update = after[0] if after else None
    if state.tag & 0x1F == 0:
        return _Statement(this_update, next_update)
    if state.tag & 0x1F == 1:
        reason = [ber.integer(f.children[0]) for f in state.children[1:] if f.tag == 0xA0]
        revoked_at = ber.time(state.children[0])
        return _Statement(
            this_update, next_update, revoked_at, reason[0] if reason else None, False
        )
    return None


@functools.lru_cache(maxsize=256)
def _list(content: bytes) -> RevocationList | None:
    try:
        return RevocationList(content)
    except (ber.Malformed, IndexError, ValueError):
        return None


@functools.lru_cache(maxsize=256)
def _response(content: bytes) -> OcspResponse | None:
    try:
        return OcspResponse(content)
    except (ber.Malformed, IndexError, ValueError):
        return None


def read_list(content: bytes) -> RevocationList | None:
    """The CRL of these bytes, read once; None for what is none."""
    return _list(content)


@dataclass(frozen=True)
class Evidence:
    """Revocation data that came with a signature, as bytes."""

    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    def __add__(self, other: "Evidence") -> "Evidence":
        return Evidence(self.crls + other.crls, self.ocsps + other.ocsps)


@dataclass
class Lists:
    """The CRLs of the trust material, by issuer name."""

    by_issuer: dict[object, list[RevocationList]] = field(default_factory=dict)
    _words: dict[object, list[_Statement]] = field(default_factory=dict)

    @classmethod
    def of(cls, contents: Iterable[bytes]) -> "Lists":
        lists = cls()
        for content in contents:
            crl = _list(content)
            if crl is not None:
                lists.by_issuer.setdefault(crl.issuer.key, []).append(crl)
        return lists

    def status(
        self, subject: Certificate, issuer: Certificate, when: datetime, evidence: Evidence
    ) -> Status:
        """What all data at hand says of a certificate at a time.

        A revocation once stated holds (a later list may have dropped an expired certificate); a
        hold is lifted by a later statement. Data is stale when it ends before that time.
        """
        key = (subject.sha256, issuer.sha256, evidence)
        statements = self._words.get(key)
        if statements is None:
            if len(self._words) > MAX_WORDS:
                self._words.clear()
            statements = self._words[key] = self._statements(subject, issuer, evidence)
        final = [s for s in statements if s.revoked_at and s.reason != _HOLD]
        if final:
            first = min(final, key=lambda s: s.revoked_at or s.this_update)
            return Status(State.REVOKED, first.revoked_at, first.reason)
        if not statements:
            return Status(State.UNCHECKED)
        newest = max(statements, key=lambda s: s.this_update)
        if newest.revoked_at:
            return Status(State.REVOKED, newest.revoked_at, newest.reason)
        if any(s.proves_good and _fresh(s, when) for s in statements):
            return Status(State.GOOD)
        return Status(State.STALE)

    def _statements(
        self, subject: Certificate, issuer: Certificate, evidence: Evidence
    ) -> list[_Statement]:
        embedded = (_list(content) for content in evidence.crls[:MAX_EVIDENCE])
        found = [
            crl.statement(subject)
            for crl in (*self.by_issuer.get(issuer.subject.key, ()), *embedded)
            if crl is not None and _usable(crl, subject, issuer)
        ]
        for content in evidence.ocsps[:MAX_EVIDENCE]:
            response = _response(content)
            if response is not None:
                found.append(_word(response, subject, issuer))
        return [statement for statement in found if statement is not None]


def _fresh(statement: _Statement, when: datetime) -> bool:
    return statement.this_update >= when or (
        statement.next_update is not None and statement.next_update >= when
    )


def _usable(crl: RevocationList, subject: Certificate, issuer: Certificate) -> bool:
    try:
        return crl.signed_by(issuer) and crl.applies_to(subject)
    except (ber.Malformed, IndexError):
        return False


def _word(response: OcspResponse, subject: Certificate, issuer: Certificate) -> _Statement | None:
    try:
        return response.statement(subject, issuer)
    except (ber.Malformed, IndexError, ValueError):
        return None
