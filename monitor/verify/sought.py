"""Signers whose certificate the file does not hold, found in the trust store.

That a signature fits some key is a fact about the two; which keys are at hand is a matter of the
trust store, so it is decided with trust, from what the facts kept of the signature.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from monitor.model import Coverage, Finding, Integrity, SubIndication
from monitor.verify import ber
from monitor.verify.algorithms import Hashed, Unsupported, compute, hashed, verifies
from monitor.verify.certificate import Certificate, Name
from monitor.verify.facts import SignerFacts, Sought
from monitor.verify.trust import TrustStore

_CANDIDATES = 32


def completed(facts: SignerFacts, store: TrustStore) -> SignerFacts:
    """The facts with the certificate that the store has for the signer, if it has one."""
    sought = facts.sought
    if sought is None:
        return facts
    candidates = _candidates(sought, store)
    lacking = False
    for candidate in candidates:
        try:
            if _fits(facts, sought, candidate):
                return _found(facts, sought, candidate)
        except (Unsupported, ber.Malformed):
            lacking = True
    if not candidates:
        return facts
    known = replace(facts, certificate=candidates[0], sought=None)
    return _uncomputable(known) if lacking else _mismatched(known)


def _candidates(sought: Sought, store: TrustStore) -> list[Certificate]:
    """Certificates of the store that the signature names, those it was signed with first."""
    issuer = _name(sought.issuer)
    named = [c for c in store.known(issuer) if _names(sought, c)]
    return sorted(named, key=lambda c: not means(sought.references, c))[:_CANDIDATES]


def _name(issuer: bytes | None) -> Name | None:
    try:
        return None if issuer is None else Name(ber.read(issuer))
    except (ber.Malformed, IndexError):
        return None


def _names(sought: Sought, candidate: Certificate) -> bool:
    try:
        if sought.key_id is not None:
            return candidate.subject_key_id == sought.key_id
    except ber.Malformed:
        return False
    if sought.serial is not None:
        return candidate.serial_raw == sought.serial
    if sought.references:
        return means(sought.references, candidate)
    return candidate.serial in sought.numbers


def means(references: Iterable[tuple[str, bytes]], candidate: Certificate) -> bool:
    """Is a certificate among the signed references, each a digest's name and value?

    Without any, nothing contradicts it.
    """
    contradicted = False
    for digest, value in references:
        try:
            if compute(digest, candidate.der) == value:
                return True
        except Unsupported:
            return True
        contradicted = True
    return not contradicted


def _fits(facts: SignerFacts, sought: Sought, candidate: Certificate) -> bool:
    return any(
        verifies(candidate.key, sought.algorithm, digest, signature, octets)
        for digest, octets in _signed(facts, sought)
        for signature in sought.signatures
    )


def _signed(facts: SignerFacts, sought: Sought) -> Iterator[tuple[Hashed, bytes | None]]:
    """What the signature may have been made over, as digest and, where at hand, as octets."""
    digest = sought.algorithm.digest or facts.digest_algorithm
    if sought.octets:
        yield from ((hashed(digest, octets), octets) for octets in sought.octets)
    elif facts.digest_algorithm == digest:
        yield Hashed(digest, bytes.fromhex(facts.content_digest)), None
    else:
        raise Unsupported("a digest of content that is not at hand")


def _found(facts: SignerFacts, sought: Sought, certificate: Certificate) -> SignerFacts:
    attributable = means(sought.references, certificate)
    findings = facts.findings if attributable else facts.findings | {Finding.SIGNER_UNATTRIBUTED}
    known = replace(
        facts, certificate=certificate, attributable=attributable, findings=findings, sought=None
    )
    if facts.failure is not SubIndication.NO_SIGNING_CERTIFICATE_FOUND:
        return known
    if not facts.content_digest:
        return replace(
            known,
            failure=SubIndication.SIGNED_DATA_NOT_FOUND,
            findings=findings | {Finding.SIGNED_CONTENT_MISSING},
        )
    partial = facts.coverage is Coverage.PARTIAL
    return replace(
        known,
        integrity=Integrity.INTACT,
        failure=SubIndication.SIG_CONSTRAINTS_FAILURE if partial else None,
    )


def _mismatched(facts: SignerFacts) -> SignerFacts:
    """The certificate that is named is at hand, and its key did not make the signature."""
    return replace(
        facts,
        integrity=Integrity.MODIFIED,
        failure=SubIndication.SIG_CRYPTO_FAILURE,
        findings=facts.findings | {Finding.SIGNATURE_MISMATCH},
    )


def _uncomputable(facts: SignerFacts) -> SignerFacts:
    return replace(
        facts,
        integrity=Integrity.UNREADABLE,
        failure=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
        unsupported=True,
    )
