"""The check of one SignerInfo (RFC 5652 5.4, 5.6; RFC 5035) against the content it covers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from monitor.model import Finding, Integrity, SubIndication
from monitor.verify import ber
from monitor.verify.algorithms import (
    DIGESTS,
    Chunks,
    Hashed,
    Unsupported,
    Use,
    compute,
    hashed,
    verifies,
)
from monitor.verify.certificate import Certificate
from monitor.verify.signed_data import (
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2,
    SignedData,
    SignerInfo,
    attribute_bytes,
)


@dataclass(frozen=True)
class Checked:
    """Outcome for one signer block."""

    integrity: Integrity
    failure: SubIndication | None = None
    certificate: Certificate | None = None
    attributable: bool = True
    unsupported: bool = False
    uses: frozenset[Use] = frozenset()
    findings: frozenset[Finding] = frozenset()
    content_digest: str = ""


def check(
    data: SignedData,
    signer: SignerInfo,
    content: Chunks | None,
    extras: Iterable[Certificate] = (),
) -> Checked:
    """What one signer's block proves about the content; None is content that is not at hand."""
    state = _State(data, signer, content, {Use(signer.digest)})
    if signer.signed_node is None:
        state.findings.add(Finding.NO_SIGNED_ATTRIBUTES)
    try:
        covered = None if content is None else hashed(signer.digest, content)
    except Unsupported:
        return state.result(Integrity.UNREADABLE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE)
    state.digest = covered.value.hex() if covered else ""
    if signer.signed_node is None and content is not None and _poses_as_attributes(content):
        return state.result(Integrity.MODIFIED, SubIndication.SIG_CRYPTO_FAILURE)
    if covered and signer.signed_node is not None and not _attributes_fit(state, covered.value):
        return state.result(Integrity.MODIFIED, SubIndication.HASH_FAILURE)
    return _signature(state, covered, extras)


@dataclass
class _State:
    data: SignedData
    signer: SignerInfo
    content: Chunks | None
    uses: set[Use]
    findings: set[Finding] = field(default_factory=set)
    digest: str = ""
    certificate: Certificate | None = None
    attributable: bool = True

    def result(self, integrity: Integrity, failure: SubIndication | None = None) -> Checked:
        if failure is SubIndication.HASH_FAILURE:
            self.findings.add(Finding.DIGEST_MISMATCH)
        elif failure is SubIndication.SIG_CRYPTO_FAILURE:
            self.findings.add(Finding.SIGNATURE_MISMATCH)
        elif failure is SubIndication.SIGNED_DATA_NOT_FOUND:
            self.findings.add(Finding.SIGNED_CONTENT_MISSING)
        unsupported = failure is SubIndication.CRYPTO_CONSTRAINTS_FAILURE
        if self.certificate is None and not unsupported:
            candidates = [c for c in self.data.certificates if _named(self.signer, c)]
            self.certificate = candidates[0] if candidates else None
        return Checked(
            integrity, failure, self.certificate, self.attributable, unsupported,
            frozenset(self.uses), frozenset(self.findings), self.digest,
        )  # fmt: skip


def _attributes_fit(state: _State, digest: bytes) -> bool:
    """MessageDigest and contentType agree with what is there (RFC 5652 11.1, 11.2)."""
    digests = state.signer.signed.get(MESSAGE_DIGEST, ())
    if len(digests) != 1 or ber.octets(digests[0]) != digest:
        return False
    types = state.signer.signed.get(CONTENT_TYPE, ())
    if not types:
        return state.data.content_type == DATA
    return ber.oid(types[0]) == state.data.content_type


def _poses_as_attributes(content: Chunks) -> bool:
    """Is the content itself an encoded set of signed attributes?

    A signature over attributes fits a message without attributes whose content is their encoding
    (Strenzke, "ForgedAttributes", 2023); no document begins like that.
    """
    if not isinstance(content, bytes | memoryview) or bytes(content[:1]) != b"\x31":
        return False
    try:
        attributes = ber.read(bytes(content)).children
        return bool(attributes) and all(a.children[0].tag == ber.OID for a in attributes)
    except (ber.Malformed, IndexError):
        return False


def _signature(state: _State, content: Hashed | None, extras: Iterable[Certificate]) -> Checked:
    if state.signer.signed_node is None and content is None:
        return state.result(Integrity.NONE, SubIndication.SIGNED_DATA_NOT_FOUND)
    candidates = _candidates(state.signer, (*state.data.certificates, *extras))
    if not candidates:
        integrity = Integrity.INTACT if _digest_bound(state.signer, content) else Integrity.NONE
        return state.result(integrity, SubIndication.NO_SIGNING_CERTIFICATE_FOUND)
    lacking = False
    for candidate in candidates:
        try:
            fits = _fits(state, content, candidate)
        except (Unsupported, ber.Malformed):
            lacking = True
            continue
        if fits:
            return _attributed(state, candidate, absent=content is None)
    state.certificate = candidates[0]
    if lacking:
        return state.result(Integrity.UNREADABLE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE)
    return state.result(Integrity.MODIFIED, SubIndication.SIG_CRYPTO_FAILURE)


def _digest_bound(signer: SignerInfo, content: Hashed | None) -> bool:
    """Was the content's digest found in signed attributes, though nobody's key was tried?"""
    return signer.signed_node is not None and content is not None


def _attributed(state: _State, certificate: Certificate, *, absent: bool) -> Checked:
    state.certificate = certificate
    state.attributable = _referenced(state.signer, certificate)
    if not state.attributable:
        state.findings.add(Finding.SIGNER_UNATTRIBUTED)
    if absent:
        return state.result(Integrity.NONE, SubIndication.SIGNED_DATA_NOT_FOUND)
    return state.result(Integrity.INTACT)


def _named(signer: SignerInfo, candidate: Certificate) -> bool:
    try:
        return signer.names(candidate)
    except ber.Malformed:
        return False


def _candidates(signer: SignerInfo, certificates: Sequence[Certificate]) -> list[Certificate]:
    """Certificates the signer identifier names, those its signed reference names first."""
    named = [c for c in dict.fromkeys(certificates) if _named(signer, c)][:16]
    return sorted(named, key=lambda c: not _referenced(signer, c))


def _fits(state: _State, content: Hashed | None, candidate: Certificate) -> bool:
    signer, algorithm = state.signer, state.signer.algorithm
    if algorithm is None:
        raise Unsupported("signature algorithm")
    digest = algorithm.digest or signer.digest
    state.uses.add(Use(digest))
    key, value = candidate.key, signer.signature
    if signer.signed_node is not None:
        encodings = attribute_bytes(signer)
        return any(verifies(key, algorithm, hashed(digest, e), value, e) for e in encodings)
    if content is None or state.content is None:
        return False
    if digest != content.digest:
        content = hashed(digest, state.content)
    return verifies(key, algorithm, content, value, state.content)


def references(signer: SignerInfo) -> list[tuple[str, bytes]]:
    """ESS signing-certificate (RFC 2634 5.4, RFC 5035): digests of the signer's certificate.

    By name and value; the first reference is the signer's. One that cannot be read fits nothing.
    The issuer and serial beside the hash repeat what the hash already binds.
    """
    found: list[tuple[str, bytes]] = []
    for kind, default in ((SIGNING_CERTIFICATE_V2, "sha256"), (SIGNING_CERTIFICATE, "sha1")):
        values = signer.signed.get(kind)
        if values is None:
            continue
        try:
            reference = values[0].children[0].children[0].children
            digest = default
            if reference[0].tag == ber.SEQUENCE:
                identifier = ber.oid(reference[0].children[0])
                digest = DIGESTS.get(identifier, identifier)
                reference = reference[1:]
            found.append((digest, ber.octets(reference[0])))
        except (ber.Malformed, IndexError):
            found.append((default, b""))
    return found


def _referenced(signer: SignerInfo, candidate: Certificate) -> bool:
    """Does no signed reference contradict the certificate?"""
    for digest, value in references(signer):
        try:
            if value != compute(digest, candidate.der):
                return False
        except Unsupported:
            continue
    return True
