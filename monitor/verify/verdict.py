"""The verdict of a file from those of its signatures (DESIGN.md, "Verdict of a file")."""

from collections.abc import Iterable, Sequence

from monitor.model import (
    Cause,
    Finding,
    Indication,
    Integrity,
    Kind,
    Overall,
    Signature,
    Trust,
    Verdict,
)

_OVERALL = {
    Indication.TOTAL_FAILED: Overall.INVALID,
    Indication.INDETERMINATE: Overall.INDETERMINATE,
    Indication.TOTAL_PASSED: Overall.VALID,
}
_WORST = (Overall.INVALID, Overall.INDETERMINATE, Overall.VALID)
_INTEGRITY = (
    Integrity.MODIFIED,
    Integrity.DESTROYED,
    Integrity.UNREADABLE,
    Integrity.NONE,
    Integrity.INTACT,
)
_TRUST = (
    Trust.REVOKED,
    Trust.EXPIRED,
    Trust.WEAK,
    Trust.UNTRUSTED,
    Trust.UNKNOWN,
    Trust.TRUSTED,
)


def of_signatures(
    path: str, kind: Kind, signatures: Sequence[Signature], findings: Iterable[Finding] = ()
) -> Verdict:
    """Invalid before indeterminate before valid; without a signature that counts, unsigned."""
    counted = [s for s in signatures if s.counts]
    noted = {f for s in counted for f in s.findings} | set(findings)
    if not counted:
        return Verdict(
            path=path,
            kind=kind,
            overall=Overall.UNSIGNED,
            integrity=Integrity.NONE,
            trust=Trust.UNKNOWN,
            signatures=tuple(signatures),
            findings=tuple(sorted(noted)),
        )
    overall = min((_OVERALL[s.indication] for s in counted), key=_WORST.index)
    return Verdict(
        path=path,
        kind=kind,
        overall=overall,
        cause=_cause(counted) if overall is Overall.INDETERMINATE else None,
        integrity=worst_integrity(s.integrity for s in counted),
        trust=worst_trust(s.trust for s in counted),
        signatures=tuple(signatures),
        findings=tuple(sorted(noted)),
    )


def worst_integrity(found: Iterable[Integrity]) -> Integrity:
    return min(found, key=_INTEGRITY.index)


def worst_trust(found: Iterable[Trust]) -> Trust:
    return min(found, key=_TRUST.index)


def _cause(signatures: Iterable[Signature]) -> Cause:
    """What one signer caused no data of ours will resolve."""
    causes = {s.cause for s in signatures}
    return Cause.SIGNER if Cause.SIGNER in causes else Cause.OURS


def unreadable(path: str, kind: Kind, *findings: Finding) -> Verdict:
    """Encrypted, or malformed beyond a tolerant reader."""
    return Verdict(
        path=path,
        kind=kind,
        overall=Overall.UNREADABLE,
        integrity=Integrity.UNREADABLE,
        trust=Trust.UNKNOWN,
        findings=tuple(sorted(set(findings))),
    )


def undecided(path: str, kind: Kind, *findings: Finding) -> Verdict:
    """A signature is there that we cannot judge: our lack."""
    return Verdict(
        path=path,
        kind=kind,
        overall=Overall.INDETERMINATE,
        cause=Cause.OURS,
        integrity=Integrity.UNREADABLE,
        trust=Trust.UNKNOWN,
        findings=tuple(sorted(set(findings))),
    )


def destroyed(path: str, kind: Kind, *findings: Finding) -> Verdict:
    """Remnants of a signature that cover nothing any more."""
    return Verdict(
        path=path,
        kind=kind,
        overall=Overall.INVALID,
        integrity=Integrity.DESTROYED,
        trust=Trust.UNKNOWN,
        findings=tuple(sorted({Finding.REMNANT_DESTROYED, *findings})),
    )
