"""Which one reason decided a verdict: total over the vocabulary, the same for every language.

The order is the verdict's own (monitor/verify/conclusion.py): integrity, binding, revoked,
expired, weak, untrusted, then what could not be checked. Sub-indications and findings say it
precisely; without them the verdict's facets do.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

from monitor.explain.vocabulary import Reason
from monitor.model import (
    Binding,
    Cause,
    Coverage,
    Finding,
    Indication,
    Integrity,
    Kind,
    Overall,
    Signature,
    SubIndication,
    Trust,
    Verdict,
)

MAILS = (Kind.MAIL, Kind.SMIME)


@dataclass(frozen=True, slots=True)
class Decision:
    """The reason, and the signature it is about."""

    reason: Reason
    index: int | None = None
    """Position in `Verdict.signatures`; None where no single signature decided."""


def decide(verdict: Verdict) -> Decision:
    """The reason for a verdict."""
    match verdict.overall:
        case Overall.VALID:
            return _valid(verdict)
        case Overall.INVALID:
            return _invalid(verdict)
        case Overall.INDETERMINATE:
            return _undecided(verdict)
        case Overall.UNSIGNED:
            return Decision(_unsigned(verdict))
        case Overall.UNREADABLE:
            return Decision(_named(_UNREADABLE, verdict.findings) or Reason.MALFORMED)


def counted(verdict: Verdict) -> list[tuple[int, Signature]]:
    """Positions and signatures that speak for the content."""
    return [(index, s) for index, s in enumerate(verdict.signatures) if s.counts]


def _named(table: Mapping[Finding, Reason], findings: Container[Finding | str]) -> Reason | None:
    return next((reason for finding, reason in table.items() if finding in findings), None)


# -- valid, unsigned, unreadable ----------------------------------------------------------------


def _valid(verdict: Verdict) -> Decision:
    signatures = counted(verdict)
    if len(signatures) == 1:
        return Decision(Reason.VALID, signatures[0][0])
    if signatures:
        return Decision(Reason.VALID_SEVERAL)
    return Decision(Reason.VALID_PARTS if verdict.parts else Reason.VALID_UNNAMED)


def _unsigned(verdict: Verdict) -> Reason:
    if Finding.EMPTY_SIGNATURE_FIELD in verdict.findings:
        return Reason.UNSIGNED_FIELD
    if verdict.signatures:
        return Reason.UNSIGNED_TIMESTAMP
    return Reason.UNSIGNED_MAIL if verdict.kind in MAILS else Reason.UNSIGNED


_UNREADABLE = {
    Finding.CANNOT_OPEN: Reason.CANNOT_OPEN,
    Finding.VERIFIER_CRASHED: Reason.VERIFIER_CRASHED,
    Finding.VERIFIER_TIMEOUT: Reason.VERIFIER_TIMEOUT,
    Finding.VERIFIER_FAULT: Reason.VERIFIER_FAULT,
    Finding.OVERSIZE: Reason.OVERSIZE,
    Finding.ENCRYPTED: Reason.ENCRYPTED,
    Finding.ARCHIVE_ENCRYPTED: Reason.ARCHIVE_ENCRYPTED,
    Finding.EMPTY_FILE: Reason.EMPTY_FILE,
    Finding.LIMIT_REACHED: Reason.TOO_LARGE,
    Finding.ARCHIVE_LIMIT: Reason.TOO_LARGE,
    Finding.MIME_LIMIT: Reason.TOO_LARGE,
}

# -- invalid ------------------------------------------------------------------------------------


def _invalid(verdict: Verdict) -> Decision:
    signatures = counted(verdict)
    failed = [(i, s) for i, s in signatures if s.indication is Indication.TOTAL_FAILED]
    broken = [(i, s) for i, s in failed if s.sub_indication not in _TIMELY]
    first = signatures[0][0] if signatures else None
    if broken:
        return Decision(_broken(broken[0][1], verdict.findings), broken[0][0])
    if verdict.binding is Binding.FROM_MISMATCH:
        ambiguous = Finding.FROM_AMBIGUOUS in verdict.findings
        return Decision(Reason.FROM_AMBIGUOUS if ambiguous else Reason.FROM_MISMATCH, first)
    if verdict.binding is Binding.PARTIAL:
        return Decision(Reason.PARTIAL_MAIL, first)
    for index, signature in failed:
        if signature.sub_indication in _TIMELY:
            return Decision(_TIMELY[signature.sub_indication], index)
    return Decision(_invalid_by_facets(verdict), first)


_TIMELY: Mapping[SubIndication | None, Reason] = {
    SubIndication.REVOKED: Reason.REVOKED,
    SubIndication.EXPIRED: Reason.EXPIRED,
    SubIndication.NOT_YET_VALID: Reason.NOT_YET_VALID,
}
_BROKEN = {
    Finding.CHANGED_AFTER_SIGNING: Reason.CHANGED_AFTER_SIGNING,
    Finding.DIGEST_MISMATCH: Reason.DIGEST_MISMATCH,
    Finding.SIGNATURE_MISMATCH: Reason.SIGNATURE_MISMATCH,
    Finding.SIGNATURE_MALFORMED: Reason.SIGNATURE_MALFORMED,
}


def _broken(signature: Signature, findings: Sequence[Finding]) -> Reason:
    """A signature that failed for itself: its integrity before its trust."""
    if signature.integrity is Integrity.DESTROYED:
        return Reason.DESTROYED
    if signature.sub_indication is SubIndication.SIG_CRYPTO_FAILURE:
        return Reason.SIGNATURE_MISMATCH
    if signature.integrity is Integrity.MODIFIED:
        # Findings of the file tell what the signature's own do not.
        return _named(_BROKEN, signature.findings) or _named(_BROKEN, findings) or Reason.MODIFIED
    return _named(_BROKEN, signature.findings) or Reason.INVALID


def _invalid_by_facets(verdict: Verdict) -> Reason:
    if verdict.integrity is Integrity.DESTROYED:
        return Reason.DESTROYED
    if verdict.integrity is Integrity.MODIFIED:
        return _named(_BROKEN, verdict.findings) or Reason.MODIFIED
    if any(part.overall is Overall.INVALID for part in verdict.parts):
        return Reason.PART_INVALID
    by_trust = {Trust.REVOKED: Reason.REVOKED, Trust.EXPIRED: Reason.EXPIRED}
    return by_trust.get(verdict.trust, Reason.INVALID)


# -- indeterminate ------------------------------------------------------------------------------


def _undecided(verdict: Verdict) -> Decision:
    open_ones = [(i, s) for i, s in counted(verdict) if s.indication is Indication.INDETERMINATE]
    deciding = [(i, s) for i, s in open_ones if s.cause is verdict.cause] or open_ones
    if deciding:
        index, signature = deciding[0]
        return Decision(_by_signature(signature, verdict), index)
    return Decision(_undecided_by_facets(verdict))


def _by_signature(signature: Signature, verdict: Verdict) -> Reason:
    cause = signature.cause or verdict.cause
    if signature.sub_indication in _PLAIN:
        return _PLAIN[signature.sub_indication]
    if signature.sub_indication in _REFINED:
        return _REFINED[signature.sub_indication](signature, cause)
    return _by_trust(signature.trust, cause)


_PLAIN: Mapping[SubIndication | None, Reason] = {
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND: Reason.CERTIFICATE_MISSING,
    SubIndication.SIGNED_DATA_NOT_FOUND: Reason.CONTENT_MISSING,
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: Reason.KEY_USAGE,
    SubIndication.REVOKED_NO_POE: Reason.REVOKED_UNPROVEN,
    SubIndication.REVOKED_CA_NO_POE: Reason.REVOKED_ISSUER,
    SubIndication.TIMESTAMP_ORDER_FAILURE: Reason.TIMESTAMP_ORDER,
}


def _unrefreshed(signature: Signature, _cause: Cause | None) -> Reason:
    stale = Finding.REVOCATION_STALE in signature.findings
    return Reason.REVOCATION_STALE if stale else Reason.REVOCATION_MISSING


def _no_chain(signature: Signature, cause: Cause | None) -> Reason:
    if cause is Cause.SIGNER:
        return Reason.UNTRUSTED
    rooted = Finding.ANCHOR_UNKNOWN in signature.findings
    return Reason.NO_ANCHORS if rooted else Reason.CHAIN_INCOMPLETE


def _algorithm(signature: Signature, cause: Cause | None) -> Reason:
    if cause is not Cause.SIGNER:
        return Reason.ALGORITHM_UNSUPPORTED
    return _named(_WEAK, signature.findings) or Reason.WEAK_ALGORITHM


_WEAK = {
    Finding.WEAK_ALGORITHM: Reason.WEAK_ALGORITHM,
    Finding.SHA1: Reason.WEAK_SHA1,
    Finding.WEAK_KEY: Reason.WEAK_KEY,
}


def _out_of_bounds(signature: Signature, _cause: Cause | None) -> Reason:
    early = Finding.CERTIFICATE_NOT_YET_VALID in signature.findings
    return Reason.NOT_YET_UNPROVEN if early else Reason.EXPIRED_UNPROVEN


def _constrained(signature: Signature, _cause: Cause | None) -> Reason:
    partial = signature.coverage is Coverage.PARTIAL
    return Reason.PARTIALLY_SIGNED if partial else Reason.UNATTRIBUTED


_REFINED: Mapping[SubIndication | None, Callable[[Signature, Cause | None], Reason]] = {
    SubIndication.TRY_LATER: _unrefreshed,
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: _no_chain,
    SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE: _no_chain,
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE: _algorithm,
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: _algorithm,
    SubIndication.OUT_OF_BOUNDS_NO_POE: _out_of_bounds,
    SubIndication.OUT_OF_BOUNDS_NOT_REVOKED: _out_of_bounds,
    SubIndication.SIG_CONSTRAINTS_FAILURE: _constrained,
}


def _by_trust(trust: Trust, cause: Cause | None) -> Reason:
    if cause is not Cause.SIGNER:
        return Reason.UNDECIDED_OURS
    return {
        Trust.REVOKED: Reason.REVOKED_UNPROVEN,
        Trust.EXPIRED: Reason.EXPIRED_UNPROVEN,
        Trust.WEAK: Reason.WEAK_ALGORITHM,
        Trust.UNTRUSTED: Reason.UNTRUSTED,
    }.get(trust, Reason.UNDECIDED_SIGNER)


_LACKING = {
    Finding.FORMAT_UNSUPPORTED: Reason.FORMAT_UNSUPPORTED,
    Finding.LIMIT_REACHED: Reason.LIMIT,
    Finding.ARCHIVE_LIMIT: Reason.LIMIT,
    Finding.MIME_LIMIT: Reason.LIMIT,
    Finding.ARCHIVE_ENCRYPTED: Reason.ARCHIVE_ENCRYPTED,
    Finding.ALGORITHM_UNSUPPORTED: Reason.ALGORITHM_UNSUPPORTED,
    Finding.SIGNED_CONTENT_MISSING: Reason.CONTENT_MISSING,
}


def _undecided_by_facets(verdict: Verdict) -> Reason:
    """No signature to ask: not looked at, a format we lack, or undecided documents in it."""
    if Finding.NOT_SAMPLED in verdict.findings:
        return Reason.NOT_SAMPLED
    if any(part.overall is Overall.INDETERMINATE for part in verdict.parts):
        return Reason.PART_UNDECIDED
    return _named(_LACKING, verdict.findings) or _by_trust(verdict.trust, verdict.cause)
