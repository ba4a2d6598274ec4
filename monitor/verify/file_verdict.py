"""From the facts of a file to its verdict by a trust store, at a moment (DESIGN.md, "Verdict").

Everything that trust and time decide is decided here and in `conclusion.py`, so facts that were
kept are judged again exactly as the file itself would be.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from monitor.model import (
    Cause,
    Finding,
    Indication,
    Integrity,
    Moment,
    Overall,
    Signature,
    SubIndication,
    Trust,
    Verdict,
)
from monitor.verify import verdict
from monitor.verify.conclusion import conclude
from monitor.verify.facts import Answer, FileFacts, Shape, SignerFacts, Token, later_tokens
from monitor.verify.mail_verdict import conclude_mail
from monitor.verify.sought import completed
from monitor.verify.trust import TrustStore

_WORST = (
    Overall.INVALID, Overall.UNREADABLE, Overall.INDETERMINATE, Overall.UNSIGNED, Overall.VALID,
)  # fmt: skip


def conclude_file(facts: FileFacts, store: TrustStore, name: str, moment: Moment) -> Verdict:
    """The verdict of a file with its parts; `name` is repeated as its path."""
    if facts.shape is Shape.BESIDE:
        file, beside = facts.parts
        return _joined(
            conclude_file(file.facts, store, name, moment),
            conclude_file(beside.facts, store, beside.name, moment),
        )
    own = _own(facts, store, name, moment)
    parts = tuple(conclude_file(p.facts, store, p.name, moment) for p in facts.parts)
    return _WITH_PARTS[facts.shape](own, parts, facts.complete)


def _own(facts: FileFacts, store: TrustStore, name: str, moment: Moment) -> Verdict:
    if facts.answer is Answer.UNREADABLE:
        return verdict.unreadable(name, facts.kind, *facts.findings)
    if facts.answer is Answer.UNDECIDED:
        return verdict.undecided(name, facts.kind, *facts.findings)
    if facts.answer is Answer.DESTROYED:
        return verdict.destroyed(name, facts.kind, *facts.findings)
    signatures = conclude_signers(facts.signers, store, moment)
    own = verdict.of_signatures(name, facts.kind, signatures, facts.findings)
    if facts.cover is None:
        return own
    return conclude_mail(own, facts.cover, store.material.mailboxes, moment)


# -- signatures of one file ---------------------------------------------------------------------


def conclude_signers(
    signers: Sequence[SignerFacts], store: TrustStore, moment: Moment
) -> list[Signature]:
    """The verdicts of a file's signatures, which may prove each other's time or undo each other."""
    known = [completed(signer, store) for signer in signers]
    broken = max((s.end for s in known if _misfits(s) and not s.counts), default=0)
    stamped = [
        (_constrained(s, later, broken), later) for s in known for later in [later_tokens(s, known)]
    ]
    signatures = [conclude(signer, store, moment, later) for signer, later in stamped]
    return _certified_by_strangers(known, signatures)


def _misfits(signer: SignerFacts) -> bool:
    """Has it a time-stamp that fits nothing, or is it one (a document's)?"""
    return Finding.TIMESTAMP_INVALID in signer.findings


def _constrained(signer: SignerFacts, later: Sequence[Token], broken: int) -> SignerFacts:
    """A time-stamp that fits nothing, with none that fits, leaves open what the signer made.

    It does not break by itself, and proves no change of what was signed. `broken` is where the
    last document time-stamp that fits nothing ends.
    """
    stray = (_misfits(signer) or signer.end < broken) and not signer.tokens and not later
    if not stray or signer.failure is not None or signer.integrity is not Integrity.INTACT:
        return signer
    return replace(signer, failure=SubIndication.SIG_CONSTRAINTS_FAILURE)


def _certified_by_strangers(
    signers: Sequence[SignerFacts], signatures: list[Signature]
) -> list[Signature]:
    """Fields added to a certified document count as permitted only for signers who are trusted.

    Whether P=2 permits new signature fields is unsettled; drawn by a stranger they are the
    "sneaky signature" attack on certified documents, and the strict reading holds.
    """
    strangers = [
        signer.end
        for signer, found in zip(signers, signatures, strict=True)
        if found.counts and found.trust is Trust.UNTRUSTED
    ]
    return [
        _refused(found)
        if Finding.CERTIFIED_SIGNED_LATER in found.findings
        and any(end > signer.end for end in strangers)
        else found
        for signer, found in zip(signers, signatures, strict=True)
    ]


def _refused(found: Signature) -> Signature:
    return found.model_copy(
        update={
            "indication": Indication.TOTAL_FAILED,
            "sub_indication": SubIndication.HASH_FAILURE,
            "cause": None,
            "integrity": Integrity.MODIFIED,
            "provisional": False,
            "findings": tuple(sorted({*found.findings, Finding.CHANGED_AFTER_SIGNING})),
        }
    )


# -- files with parts ---------------------------------------------------------------------------


def _shown(own: Verdict, parts: tuple[Verdict, ...], complete: bool) -> Verdict:  # noqa: ARG001
    return own.model_copy(update={"parts": parts}) if parts else own


def _envelope(own: Verdict, parts: tuple[Verdict, ...], complete: bool) -> Verdict:
    """A message with its documents; without a signature of its own it is what they are."""
    update: dict[str, object] = {"parts": parts}
    if own.overall is Overall.UNSIGNED and parts:
        worst = min(parts, key=lambda part: _WORST.index(part.overall))
        for field in ("overall", "cause", "integrity", "trust"):
            update[field] = getattr(worst, field)
    whole = own.model_copy(update=update)
    return whole if complete else _incomplete(whole)


def _incomplete(own: Verdict) -> Verdict:
    """Documents were left out: what they are is not known."""
    update: dict[str, object] = {"findings": tuple(sorted({*own.findings, Finding.LIMIT_REACHED}))}
    if own.overall in {Overall.UNSIGNED, Overall.VALID}:
        update |= {"overall": Overall.INDETERMINATE, "cause": Cause.OURS}
    return own.model_copy(update=update)


_MISSING = {
    Finding.ARCHIVE_ENCRYPTED,
    Finding.ARCHIVE_LIMIT,
    Finding.FORMAT_UNSUPPORTED,
    Finding.MALFORMED,
}
"""Why there may be documents in an archive that nothing here has seen."""


def _archive(own: Verdict, parts: tuple[Verdict, ...], complete: bool) -> Verdict:  # noqa: ARG001
    """An archive is as good as the worst document in it; without one it is unsigned.

    What could not be taken out of it may be anything, so that it is not valid.
    """
    if not parts:
        return own
    overall = min((part.overall for part in parts), key=_WORST.index)
    integrity = verdict.worst_integrity(part.integrity for part in parts)
    trust = verdict.worst_trust(part.trust for part in parts)
    if overall is Overall.VALID and (missing := _MISSING & {*own.findings}):
        ours = missing == {Finding.ARCHIVE_LIMIT}
        overall = Overall.INDETERMINATE if ours else Overall.UNREADABLE
        integrity, trust = Integrity.UNREADABLE, Trust.UNKNOWN
    causes = {part.cause for part in parts}
    cause = Cause.SIGNER if Cause.SIGNER in causes else Cause.OURS
    return own.model_copy(
        update={
            "overall": overall,
            "cause": cause if overall is Overall.INDETERMINATE else None,
            "integrity": integrity,
            "trust": trust,
            "parts": parts,
        }
    )


_WITH_PARTS: dict[Shape, Callable[[Verdict, tuple[Verdict, ...], bool], Verdict]] = {
    Shape.SHOWN: _shown,
    Shape.ENVELOPE: _envelope,
    Shape.ARCHIVE: _archive,
}


def _joined(file: Verdict, beside: Verdict) -> Verdict:
    """A file with the verdict of the detached signature beside it.

    An unsigned file takes that verdict; one with signatures of its own keeps its verdict unless
    the one beside it is worse, and shows the other as a part.
    """
    if file.overall is Overall.UNSIGNED:
        return beside.model_copy(update={"path": file.path})
    ranks = [_WORST.index(each.overall) for each in (file, beside)]
    first, second = (file, beside) if ranks[0] <= ranks[1] else (beside, file)
    return first.model_copy(update={"parts": (*first.parts, second)})
