"""From facts to a verdict: trust and time of one signature (ETSI EN 319 102-1, DESIGN.md).

The order of reasons is fixed: integrity first; then revoked, expired, weak, untrusted; then what
could not be checked. What could not be checked is never `invalid`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.clock import vietnam_day
from monitor.model import (
    Cause,
    Finding,
    Indication,
    Integrity,
    Moment,
    Revocation,
    Signature,
    SubIndication,
    TimeSource,
    Trust,
    TrustClass,
)
from monitor.verify.facts import SignerFacts, Token
from monitor.verify.revocation import State
from monitor.verify.strength import findings as weak_findings
from monitor.verify.subject import holder
from monitor.verify.trust import Assessment, End, Purpose, TrustStore

_SKEW_AFTER, _SKEW_BEFORE = timedelta(minutes=1), timedelta(days=1)
_KEY_KEPT = frozenset({0, 3, 4, 5})
"""Reasons of RFC 3161 4.1: unspecified, affiliation changed, superseded, cessation of operation."""
_EARLIEST = datetime.fromisoformat("1990-01-01T00:00:00Z")


@dataclass(frozen=True, slots=True)
class Proof:
    """The time a signature is judged at, and whether it is proven to have existed then."""

    when: datetime
    source: TimeSource | None
    proven: bool
    existed: datetime
    """When it existed for sure: that same time if it is proven, else now."""
    stamp: Assessment | None = None
    """Of the time-stamp's authority, where a time-stamp gives the time."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What trust and time make of an intact signature."""

    indication: Indication
    trust: Trust
    sub_indication: SubIndication | None = None
    cause: Cause | None = None


_PASSED = Ruling(Indication.TOTAL_PASSED, Trust.TRUSTED)


def _failed(trust: Trust, sub_indication: SubIndication) -> Ruling:
    return Ruling(Indication.TOTAL_FAILED, trust, sub_indication)


def _undecided(trust: Trust, sub_indication: SubIndication, cause: Cause) -> Ruling:
    return Ruling(Indication.INDETERMINATE, trust, sub_indication, cause)


_DESTROYED = _failed(Trust.UNKNOWN, SubIndication.FORMAT_FAILURE)


def conclude(
    facts: SignerFacts, store: TrustStore, moment: Moment, tokens: Sequence[Token] = ()
) -> Signature:
    """The verdict of one signature.

    `tokens` are time-stamps from elsewhere in the file over the signature with its own
    time-stamps, in the order they were added: each covers those before it.
    """
    findings = set(facts.findings)
    if facts.integrity is Integrity.DESTROYED:
        proof = Proof(moment.now, None, proven=False, existed=moment.now)
        return _signature(facts, proof, _DESTROYED, None, findings)
    proof = _time_of_proof(facts, tokens, store, moment, findings)
    trial = _Trial(facts, store, proof, findings, moment.now)
    ruling, trust_class = trial.rule()
    ruling = _with_integrity(facts, ruling)
    findings |= weak_findings(store.strength.refused(facts.uses, moment.now))
    if _after_cutoff(store, trust_class, proof):
        findings.add(Finding.PUBLIC_CA_AFTER_CUTOFF)
    provisional = ruling.indication is Indication.TOTAL_PASSED and trial.provisional
    found = _signature(facts, proof, ruling, trust_class, findings)
    if ruling.indication is not Indication.TOTAL_PASSED and trial.revoked_at:
        return found.model_copy(update={"revoked_at": trial.revoked_at})
    return found.model_copy(update={"provisional": provisional}) if provisional else found


def _signature(
    facts: SignerFacts,
    proof: Proof,
    ruling: Ruling,
    trust_class: TrustClass | None,
    findings: set[Finding],
) -> Signature:
    described = holder(facts.certificate) if facts.certificate else None
    return Signature(
        format=facts.format,
        level=facts.level,
        indication=ruling.indication,
        sub_indication=ruling.sub_indication,
        cause=ruling.cause,
        integrity=facts.integrity,
        trust=ruling.trust,
        signer_subject=described.subject if described else None,
        signer_organisation=described.organisation if described else None,
        signer_emails=described.emails if described else (),
        signer_uid=described.uid if described else None,
        signer_kind=described.kind if described else None,
        signer_name=described.name if described else None,
        signer_unit=described.unit if described else None,
        signer_issuer=described.issuer if described else None,
        trust_class=trust_class,
        certificate_sha256=facts.certificate.sha256 if facts.certificate else None,
        certificate_not_after=facts.certificate.not_after if facts.certificate else None,
        signing_time=proof.when if proof.source else facts.claimed,
        signing_time_source=proof.source,
        coverage=facts.coverage,
        counts=facts.counts,
        findings=tuple(sorted(findings)),
    )


def _with_integrity(facts: SignerFacts, ruling: Ruling) -> Ruling:
    """Integrity decides before trust; what could not be computed is our lack."""
    if facts.integrity in {Integrity.MODIFIED, Integrity.DESTROYED}:
        return _failed(ruling.trust, facts.failure or SubIndication.FORMAT_FAILURE)
    if facts.failure is SubIndication.SIG_CONSTRAINTS_FAILURE:
        return _undecided(ruling.trust, facts.failure, Cause.SIGNER)
    if facts.failure is not None and ruling.cause is not Cause.SIGNER:
        return _undecided(ruling.trust, facts.failure, Cause.OURS)
    return ruling


# -- time of proof ------------------------------------------------------------------------------


def _time_of_proof(
    facts: SignerFacts,
    later: Sequence[Token],
    store: TrustStore,
    moment: Moment,
    findings: set[Finding],
) -> Proof:
    tokens = (*facts.tokens, *later)
    trusted = _trusted(facts.tokens, later, store, moment)
    others = sorted(t.time for t in tokens)
    if not tokens:
        findings.add(Finding.NOT_TIMESTAMPED)
    elif not trusted:
        findings.add(Finding.TIMESTAMP_UNTRUSTED)
    for token in tokens:
        findings |= weak_findings(store.strength.refused(token.uses, moment.now))
    _note_skew(facts.claimed, others, moment, findings)
    limit = moment.at or moment.now
    if trusted and trusted[0][0] <= limit:
        when, stamp = trusted[0]
        return Proof(when, TimeSource.TIMESTAMP, proven=True, existed=when, stamp=stamp)
    unproven = max(moment.now, limit)
    if moment.at is not None:
        return Proof(moment.at, None, proven=False, existed=unproven)
    if moment.receipt is not None:
        receipt = moment.receipt
        return Proof(receipt, TimeSource.RECEIPT, proven=True, existed=receipt)
    claimed = others[0] if others else facts.claimed
    if claimed is not None and _EARLIEST <= claimed <= moment.now:
        findings.add(Finding.TIME_CLAIMED_ONLY)
        return Proof(claimed, TimeSource.CLAIMED, proven=False, existed=unproven)
    return Proof(moment.now, None, proven=False, existed=unproven)


def _trusted(
    own: Iterable[Token], later: Sequence[Token], store: TrustStore, moment: Moment
) -> list[tuple[datetime, Assessment]]:
    """Times that trusted time-stamps prove, the earliest first.

    A time-stamp is only as strong as its own proof of existence: the receipt or now, or a trusted
    one that covers it (ETSI EN 319 102-1 5.6.2). So the last one added is judged first.
    """
    existed = moment.receipt or max(moment.now, moment.at or moment.now)
    found: list[tuple[datetime, Assessment]] = []
    for token in reversed(later):
        stamp = stamp_of(token, store, moment, existed)
        if stamp is not None:
            found.append((token.time, stamp))
            existed = min(existed, token.time)
    for token in own:
        stamp = stamp_of(token, store, moment, existed)
        if stamp is not None:
            found.append((token.time, stamp))
    return sorted(found, key=lambda each: each[0])


def _note_skew(
    claimed: datetime | None, stamped: list[datetime], moment: Moment, findings: set[Finding]
) -> None:
    reference = stamped[0] if stamped else None
    if claimed is None:
        return
    if reference is not None and not -_SKEW_BEFORE <= claimed - reference <= _SKEW_AFTER:
        findings.add(Finding.SIGNING_TIME_SKEW)
    if claimed > (moment.receipt or moment.now) + _SKEW_AFTER:
        findings.add(Finding.SIGNING_TIME_SKEW)


def stamp_of(
    token: Token, store: TrustStore, moment: Moment, existed: datetime
) -> Assessment | None:
    """The authority of a time-stamp that proves its time, else None.

    It must lead to an anchor, be fit and not revoked. `existed` is when the token existed for
    sure, and its chain must have been strong enough then: who can make the key or a certificate
    today writes any time into a token. The digests of the token itself are judged by its own time:
    a pair with one digest has to be made before one of the two is stamped.
    """
    if token.authority is None or token.time > moment.now:
        return None
    if store.strength.refused(token.uses, token.time):
        return None
    found = store.assess(
        token.authority, token.time, token.extras, token.evidence, Purpose.TIMESTAMP, existed
    )
    if found.revoked is not None and _outlives(token.time, found, existed):
        found = replace(found, revoked=None)
    return found if found.sound else None


def _outlives(time: datetime, authority: Assessment, existed: datetime) -> bool:
    """Does a token from before its authority's revocation still prove its time?

    RFC 3161 4.1: only if the reason says that the key was not lost; else it must be proven to have
    existed before the revocation.
    """
    revoked = authority.revoked
    if revoked is None or revoked.revoked_at is None or revoked.revoked_at <= time:
        return False
    return revoked.reason in _KEY_KEPT or existed < revoked.revoked_at


# -- trust --------------------------------------------------------------------------------------


@dataclass
class _Trial:
    """One signature before the trust store; `findings` collects what is noticed."""

    facts: SignerFacts
    store: TrustStore
    proof: Proof
    findings: set[Finding]
    now: datetime
    provisional: bool = True
    """No revocation data from after the time of proof has been seen for every certificate."""
    revoked_at: datetime | None = None
    """The revocation that spoke against it."""

    def rule(self) -> tuple[Ruling, TrustClass | None]:
        facts = self.facts
        if facts.certificate is None:
            sub = facts.failure or SubIndication.NO_SIGNING_CERTIFICATE_FOUND
            if facts.unsupported:
                self.findings.add(Finding.ALGORITHM_UNSUPPORTED)
            if self.store.strength.refused(facts.uses, self.proof.existed):
                return _undecided(Trust.WEAK, sub, Cause.SIGNER), None
            return _undecided(Trust.UNKNOWN, sub, Cause.OURS), None
        proof = self.proof
        assessment = self.store.assess(
            facts.certificate, proof.when, facts.extras, facts.evidence, facts.purpose,
            proof.existed,
        )  # fmt: skip
        self._note(assessment)
        anchor = assessment.path.anchor if assessment.anchored else None
        self.provisional = not _informed_after(assessment, proof.when) or (
            proof.stamp is not None and not _informed_after(proof.stamp, proof.when)
        )
        return self._first(assessment), anchor.trust_class if anchor else None

    def _note(self, assessment: Assessment) -> None:
        path = assessment.path
        if path.completed:
            self.findings.add(Finding.LEAF_ONLY_CHAIN_COMPLETED)
        if path.end is End.OPEN:
            self.findings.add(Finding.CHAIN_INCOMPLETE)
        if path.end is End.ROOT:
            self.findings.add(Finding.ANCHOR_UNKNOWN)
        if path.unsupported or self.facts.unsupported:
            self.findings.add(Finding.ALGORITHM_UNSUPPORTED)
        if not assessment.usage_fits or path.constrained:
            self.findings.add(Finding.KEY_USAGE)
        self.findings |= weak_findings(self.store.strength.refused(path.uses, self.now))

    def _first(self, assessment: Assessment) -> Ruling:
        """The first reason that holds, in the order of DESIGN.md."""
        reasons = (
            self._revoked, self._expired, self._weak, self._untrusted, self._outdated,
            self._unchecked,
        )  # fmt: skip
        return next((r for reason in reasons if (r := reason(assessment))), _PASSED)

    def _revoked(self, assessment: Assessment) -> Ruling | None:
        revoked = assessment.revoked
        if revoked is None or revoked.revoked_at is None:
            return None
        before = revoked.revoked_at <= self.proof.when
        if not before and self.proof.proven:
            return None
        self.findings.add(Finding.CERTIFICATE_REVOKED)
        self.revoked_at = revoked.revoked_at
        if (
            before
            and assessment.anchored
            and (self.proof.proven or not assessment.revoked_authority)
        ):
            return _failed(Trust.REVOKED, SubIndication.REVOKED)
        sub = (
            SubIndication.REVOKED_CA_NO_POE
            if assessment.revoked_authority
            else SubIndication.REVOKED_NO_POE
        )
        return _undecided(Trust.REVOKED, sub, Cause.SIGNER)

    def _expired(self, assessment: Assessment) -> Ruling | None:
        """Expired when it was proven to exist; before that only a claim, so no proof at all."""
        if not assessment.expired and not assessment.not_yet:
            return None
        early = assessment.not_yet and not assessment.expired
        self.findings.add(
            Finding.CERTIFICATE_NOT_YET_VALID if early else Finding.CERTIFICATE_EXPIRED
        )
        no_proof = _undecided(Trust.EXPIRED, SubIndication.OUT_OF_BOUNDS_NO_POE, Cause.SIGNER)
        if not self.proof.proven or not assessment.anchored:
            return no_proof
        if early:
            return _failed(Trust.EXPIRED, SubIndication.NOT_YET_VALID)
        claims = [t.time for t in self.facts.tokens] + [self.facts.claimed or self.proof.when]
        if self.facts.claimed is None or min(claims) <= assessment.path.ends:
            return no_proof
        return _failed(Trust.EXPIRED, SubIndication.EXPIRED)

    def _weak(self, assessment: Assessment) -> Ruling | None:
        own = self.store.strength.refused(self.facts.uses, self.proof.existed)
        if not assessment.weak and not own:
            return None
        return _undecided(Trust.WEAK, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, Cause.SIGNER)

    def _untrusted(self, assessment: Assessment) -> Ruling | None:
        path = assessment.path
        if not self.facts.attributable:
            return _undecided(Trust.UNTRUSTED, SubIndication.SIG_CONSTRAINTS_FAILURE, Cause.SIGNER)
        if path.end is End.OPEN:
            return _undecided(Trust.UNKNOWN, SubIndication.NO_CERTIFICATE_CHAIN_FOUND, Cause.OURS)
        if path.end is End.ROOT:
            sub = SubIndication.NO_CERTIFICATE_CHAIN_FOUND
            if self.store.has_anchors:
                return _undecided(Trust.UNTRUSTED, sub, Cause.SIGNER)
            return _undecided(Trust.UNKNOWN, sub, Cause.OURS)
        if path.constrained or not assessment.usage_fits:
            return _undecided(
                Trust.UNTRUSTED, SubIndication.CHAIN_CONSTRAINTS_FAILURE, Cause.SIGNER
            )
        return None

    def _outdated(self, assessment: Assessment) -> Ruling | None:
        """Under an anchor that is not trusted for that time."""
        if assessment.in_period:
            return None
        self.findings.add(Finding.ANCHOR_OUT_OF_PERIOD)
        sub = SubIndication.NO_CERTIFICATE_CHAIN_FOUND
        return _undecided(Trust.UNTRUSTED, sub, Cause.SIGNER)

    def _unchecked(self, assessment: Assessment) -> Ruling | None:
        """Missing or stale revocation data: ours to get under `require`, else a finding.

        That of the time-stamp's authority too, if all else rests on its time.
        """
        stamp = self.proof.stamp
        states = {a.revocation for a in (assessment, stamp) if a is not None and not a.revoked}
        if not states & {State.STALE, State.UNCHECKED}:
            return None
        self.findings.add(
            Finding.REVOCATION_STALE if State.STALE in states else Finding.REVOCATION_UNCHECKED
        )
        if self.store.policy is Revocation.SOFT:
            return None
        return _undecided(Trust.UNKNOWN, SubIndication.TRY_LATER, Cause.OURS)


def _informed_after(assessment: Assessment, when: datetime) -> bool:
    return assessment.informed is not None and assessment.informed > when


def _after_cutoff(store: TrustStore, trust_class: TrustClass | None, proof: Proof) -> bool:
    cutoff = store.material.public_ca_cutoff
    if cutoff is None or trust_class is not TrustClass.CONG_CONG:
        return False
    return vietnam_day(proof.when) > cutoff
