"""How a verdict stands: whether it may still change, and when it is looked at again.

The rules and their reasons: docs/decisions/0011-revalidation.md.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from monitor.model import (
    Cause,
    Finding,
    Indication,
    Integrity,
    Overall,
    TimeSource,
    Trust,
    Verdict,
)

SOONEST, LATEST = timedelta(hours=1), timedelta(days=7)

OF_THE_ITEM = frozenset({
    Finding.MIME_MALFORMED, Finding.MIME_LIMIT, Finding.HEADER_DUPLICATE,
    Finding.MESSAGE_ID_MISSING, Finding.CHARSET_GUESSED, Finding.SENDER_UNVERIFIED,
    Finding.SENDER_UNKNOWN, Finding.OVERSIZE, Finding.ARCHIVE_LIMIT, Finding.ARCHIVE_ENCRYPTED,
    Finding.AGENCY_UNKNOWN, Finding.MANIFEST_MISMATCH, Finding.RELAYED,
    Finding.SIGNER_UNATTRIBUTED, Finding.SENDER_SPOOFED, Finding.ORIGIN_UNCHECKED,
    Finding.FORWARDED_PRIVATELY,
})  # fmt: skip
"""Findings of the item and its attribution: judging again does not take them away."""

OF_OUR_OWN = frozenset({Finding.VERIFIER_CRASHED, Finding.VERIFIER_TIMEOUT, Finding.VERIFIER_FAULT})


class Standing(StrEnum):
    """Whether a verdict may still change."""

    OPEN = "open"
    """Provisional, or undecided by our own lack of data."""
    SETTLED = "settled"
    """Only other anchors, or a revocation that reaches back, can change it."""
    FINAL = "final"
    """Decided by cryptography: no trust can change it."""
    STUCK = "stuck"
    """Judging it again failed too often; the verdict before stands."""


class Reason(StrEnum):
    """Why a verdict changed."""

    REVOCATION_DATA = "revocation_data"
    CERTIFICATE_REVOKED = "certificate_revoked"
    TRUST_CHANGED = "trust_changed"
    EARLIER_RECEIPT = "earlier_receipt"
    COPY = "copy"
    """A copy was judged by other trust material, could be judged where the first could not, or
    brought the evidence that was missing."""
    TIME_PASSED = "time_passed"


def evidence_id(owner: str, content_hash: bytes, facts: str, blobs: Iterable[bytes]) -> UUID:
    """Identity of evidence: what it is about, its facts, and its blobs by their SHA-256.

    The content's hash alone is not enough: a detached signature comes beside an unchanged file,
    and proves its own existence only.
    """
    digest = hashlib.sha256(f"{owner}\n{content_hash.hex()}\n{facts}\n".encode())
    for blob in sorted(blobs):
        digest.update(blob)
    return UUID(bytes=digest.digest()[:16])


def digest(verdict: Verdict) -> bytes:
    """SHA-256 of all that a verdict says, but for the name it was given."""
    said = verdict.model_copy(update={"path": ""}).model_dump_json(exclude_defaults=True)
    return hashlib.sha256(said.encode("utf-8", "replace")).digest()


def standing(verdict: Verdict) -> Standing:
    """Of a verdict just made from evidence."""
    signatures = verdict.signatures
    ours = verdict.overall is Overall.INDETERMINATE and verdict.cause is Cause.OURS
    if ours or any(each.provisional or each.cause is Cause.OURS for each in signatures):
        return Standing.OPEN
    broken = {Integrity.MODIFIED, Integrity.DESTROYED}
    if signatures and all(each.integrity in broken for each in signatures):
        return Standing.FINAL
    return Standing.SETTLED


def next_look(state: Standing, receipt: datetime, now: datetime) -> datetime | None:
    """When an open verdict is judged again though no trust material has changed.

    Hourly at first, weekly in the end: an eighth of its age.
    """
    if state is not Standing.OPEN:
        return None
    return now + min(max((now - receipt) / 8, SOONEST), LATEST)


def is_provisional(verdict: Verdict) -> bool:
    """Valid by a signature for which no later revocation data has been seen."""
    return verdict.overall is Overall.VALID and any(
        each.provisional and each.counts for each in verdict.signatures
    )


def by_receipt(verdict: Verdict) -> bool:
    """Whether an earlier receipt could change it."""
    return any(each.signing_time_source is TimeSource.RECEIPT for each in verdict.signatures)


def latest_proofs(verdict: Verdict) -> dict[bytes, datetime]:
    """Certificates of the signatures that passed, with the latest time of proof of each."""
    latest: dict[bytes, datetime] = {}
    for each in verdict.signatures:
        passed = each.indication is Indication.TOTAL_PASSED
        if passed and each.certificate_sha256 and each.signing_time:
            certificate = bytes.fromhex(each.certificate_sha256)
            latest[certificate] = max(each.signing_time, latest.get(certificate, each.signing_time))
    return latest


def is_unexamined(verdict: Verdict) -> bool:
    """No child could judge it: a copy that one can judge knows better."""
    return verdict.overall is Overall.UNREADABLE and not OF_OUR_OWN.isdisjoint(verdict.findings)


def replaces(verdict: Verdict, before: str) -> bool:
    """Whether a verdict from evidence may stand in place of the one before.

    Evidence is kept of what is signed: an answer that suddenly sees no signature is a fault of
    ours.
    """
    unseen = {Overall.UNSIGNED, Overall.UNREADABLE}
    return verdict.overall not in unseen or verdict.overall.value == before


def findings_after(before: list[str], verdict: Verdict) -> list[str]:
    """The verdict's findings, with those of `before` that do not come from judging."""
    kept = [word for word in before if word in OF_THE_ITEM]
    return list(dict.fromkeys([*(each.value for each in verdict.findings), *kept]))


def why(due_for: str | None, epochs: tuple[int, int, int], was: str, verdict: Verdict) -> Reason:
    """Why judging again gave something else; `epochs` are (judged before, now, now's basis)."""
    before, current, basis = epochs
    if verdict.trust is Trust.REVOKED and was != Trust.REVOKED:
        return Reason.CERTIFICATE_REVOKED
    if due_for == Reason.EARLIER_RECEIPT:
        return Reason.EARLIER_RECEIPT
    if before < current:
        return Reason.TRUST_CHANGED if before < basis else Reason.REVOCATION_DATA
    return Reason.COPY if due_for == Reason.COPY else Reason.TIME_PASSED
