"""A verdict in one sentence: the deciding reason first, then who signed and when."""

from collections import Counter

from monitor.explain.catalogue import Catalogue, catalogue, day, instant
from monitor.explain.reason import MAILS, Decision, counted, decide
from monitor.explain.signers import issuer, signed, signer, signers
from monitor.explain.vocabulary import Lead, Phrase, Reason, Remark
from monitor.model import (
    Binding,
    Cause,
    Finding,
    Integrity,
    Kind,
    Language,
    Overall,
    Signature,
    TimeSource,
    Verdict,
)

MOST_REMARKS = 2
_EXPIRED = (Reason.EXPIRED, Reason.EXPIRED_UNPROVEN)
_BY_BINDING = (Reason.FROM_MISMATCH, Reason.FROM_AMBIGUOUS)
_LEADS = {
    Overall.VALID: Lead.VALID,
    Overall.INVALID: Lead.INVALID,
    Overall.UNSIGNED: Lead.UNSIGNED,
    Overall.UNREADABLE: Lead.UNREADABLE,
}


def sentence(verdict: Verdict, language: Language) -> str:
    """One sentence for a clerk; names in it are the certificates' own claims."""
    words, decision = catalogue(language), decide(verdict)
    opening = words.word(lead(verdict.overall, verdict.cause))
    clauses = _clauses(verdict, decision, words)
    reason = f"{opening}: {_reason(verdict, decision, words)}"
    if verdict.overall is not Overall.INDETERMINATE:
        reason, clauses = ", ".join([reason, *clauses]), []
    said = [reason, ", ".join(clauses), *_tails(verdict, words)]
    return "; ".join(filter(None, said)) + "."


def lead(overall: Overall, cause: Cause | None) -> Lead:
    """First words; without a cause an indeterminate verdict is ours."""
    if overall is Overall.INDETERMINATE:
        return Lead.SIGNER if cause is Cause.SIGNER else Lead.OURS
    return _LEADS[overall]


def _reason(verdict: Verdict, decision: Decision, words: Catalogue) -> str:
    signatures = [s for _, s in counted(verdict)]
    about = None if decision.index is None else verdict.signatures[decision.index]
    template = words.entry(decision.reason).sentence
    return template.format(
        what=words.word(verdict.kind),
        count=len(signatures),
        signers=signers(signatures, words) if signatures else "",
        signer=_signer(about, decision, len(verdict.signatures), words),
        issuer=issuer(about, words) if about else "",
        expiry=_expiry(about, words) if about else "",
        revoked=_revoked(about, words) if about else "",
    )


def _signer(
    signature: Signature | None, decision: Decision, number_of_signatures: int, words: Catalogue
) -> str:
    if signature is None or decision.index is None:
        return words.word(Phrase.UNKNOWN_SIGNER)
    name = signer(signature, words)
    if number_of_signatures > 1:
        name = words.word(Phrase.ORDINAL, signer=name, number=decision.index + 1)
    if decision.reason in _EXPIRED and _outlives(signature):
        return words.word(Phrase.ISSUER_OF, signer=name)
    return name


def _outlives(signature: Signature) -> bool:
    """Is the signer's own certificate still good at its time, so that an issuer's ended?"""
    end, when = signature.certificate_not_after, signature.signing_time
    known = signature.signing_time_source is not None
    return known and end is not None and when is not None and end >= when


def _expiry(signature: Signature, words: Catalogue) -> str:
    end, when = signature.certificate_not_after, signature.signing_time
    if end is None or when is None or end >= when:
        return ""
    return words.word(Phrase.EXPIRED_ON, date=day(end))


def _revoked(signature: Signature, words: Catalogue) -> str:
    if signature.revoked_at is None:
        return ""
    return words.word(Phrase.REVOKED_ON, when=instant(signature.revoked_at))


def _clauses(verdict: Verdict, decision: Decision, words: Catalogue) -> list[str]:
    """What else belongs to the main statement: integrity, a foreign sender, the time."""
    clauses = []
    about = None if decision.index is None else verdict.signatures[decision.index]
    whole = verdict.integrity is Integrity.INTACT and decision.reason is not Reason.PARTIALLY_SIGNED
    if verdict.overall is Overall.INDETERMINATE and whole:
        clauses.append(words.word(Phrase.INTACT))
    if verdict.binding is Binding.FROM_MISMATCH and decision.reason not in _BY_BINDING:
        clauses.append(words.word(Phrase.ALSO_FROM))
    timed = [about] if about else [s for _, s in counted(verdict)]
    if (when := signed(timed, words)) and decision.reason is not Reason.DESTROYED:
        clauses.append(when)
    return clauses


def _tails(verdict: Verdict, words: Catalogue) -> list[str]:
    tails = []
    drawn = Finding.NOT_SAMPLED not in verdict.findings
    if lead(verdict.overall, verdict.cause) is Lead.OURS and drawn:
        tails.append(words.word(Phrase.AGAIN))
    if verdict.overall is Overall.VALID and (remarks := _remarks(verdict)):
        listed = words.listing(words.word(remark) for remark in remarks)
        tails.append(words.word(Phrase.REMARK, list=listed))
    if verdict.parts and verdict.kind in (*MAILS, Kind.EDXML, Kind.ZIP):
        tails.append(_attached(verdict, words))
    return tails


def _remarks(verdict: Verdict) -> list[Remark]:
    """The weightiest remarks on a good verdict, without what another one says already."""
    found = {finding.value for finding in verdict.findings}
    signatures = [s for _, s in counted(verdict)]
    unchecked = {Finding.REVOCATION_UNCHECKED, Finding.REVOCATION_STALE}
    if any(s.provisional for s in signatures) and found.isdisjoint(unchecked):
        found.add(Remark.PROVISIONAL)
    if any(s.signing_time_source is TimeSource.CLAIMED for s in signatures):
        found.discard(Finding.NOT_TIMESTAMPED)
    return [remark for remark in Remark if remark in found][:MOST_REMARKS]


def _attached(verdict: Verdict, words: Catalogue) -> str:
    """`kèm 3 tài liệu (2 hợp lệ và 1 chưa ký số)`."""
    counts = Counter(part.overall for part in verdict.parts)
    each = [
        words.word(Phrase.COUNT_WORD, count=counts[overall], word=words.word(overall))
        for overall in Overall
        if counts[overall]
    ]
    return words.word(Phrase.ATTACHED, count=len(verdict.parts), list=words.listing(each))
