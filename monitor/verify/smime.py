"""The verdict of a mail as a message (RFC 8551, RFC 5652, RFC 8550): S/MIME signatures, their
cover and their binding to the From field.

Only signatures over the whole of what is shown count (smime_layers), and only a signer who owns
the one address in From speaks for it (RFC 8550 3). Documents inside have verdicts of their own,
which ignore the signature around them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.model import (
    Binding,
    Cause,
    Coverage,
    Evidence,
    Finding,
    Integrity,
    Judgement,
    Kind,
    Moment,
    Overall,
    Signature,
    Verdict,
)
from monitor.verify import ber, verdict
from monitor.verify.cms import CmsReport, CmsVerifier
from monitor.verify.signed_data import NotSigned
from monitor.verify.smime_address import parse_mailboxes
from monitor.verify.smime_entity import Entity
from monitor.verify.smime_layers import (
    Layers,
    Obstacle,
    SignedLayer,
    find_layers,
    forwarded_layers,
)
from monitor.verify.smime_open import contentless


@dataclass(frozen=True, slots=True)
class _Judged:
    """What became of one layer."""

    signatures: tuple[Signature, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    remnant: bool = False


class SmimeVerifier:
    """Judges messages by the trust of a CMS verifier."""

    def __init__(self, cms: CmsVerifier) -> None:
        self._cms = cms

    def judge(self, message: Entity, name: str, moment: Moment) -> Judgement:
        """Verdict of one message without its parts' verdicts; forwarded messages are their own."""
        layers = find_layers(message)
        if not layers.any:
            layers.partial += self._borrowed(message, moment)
        if not layers.any:
            return Judgement(verdict=_unprotected(name, layers))
        covering = [self._verify(layer, moment) for layer in layers.covering]
        partial = [self._verify(layer, moment) for layer in layers.partial]
        binding = _binding(message, layers, covering, partial)
        signatures = _labelled(covering, Coverage.WHOLE) + _labelled(partial, Coverage.PARTIAL)
        judged = (*covering, *partial)
        return Judgement(
            verdict=_conclude(name, layers, judged, signatures, binding),
            evidence=_evidence(judged),
        )

    def _borrowed(self, message: Entity, moment: Moment) -> list[SignedLayer]:
        """Signatures of forwarded messages by the very sender of an unsigned one.

        Whoever forwards another's signed mail says nothing by it. But a mail that shows the
        signer as its own author, with the signed mail inside, lends itself a signature that does
        not cover it ("Johnny, you are fired!", attack M3).
        """
        authors = {_comparable(address) for address in _claimed_addresses(message, Layers())}
        return [
            layer
            for layer in forwarded_layers(message)
            for judged in [self._verify(layer, moment)]
            if any(_comparable(e) in authors for s in judged.signatures for e in s.signer_emails)
        ]

    def _verify(self, layer: SignedLayer, moment: Moment) -> _Judged:
        """Signed bytes as they stand, else in the canonical form of MIME (RFC 8551 3.1.1)."""
        if layer.remnant:
            return _Judged(remnant=True)
        try:
            report = self._best(layer, moment)
        except (ber.Malformed, NotSigned):
            return _Judged(remnant=True)
        signatures = tuple(s.model_copy(update={"format": "S/MIME"}) for s in report.signatures)
        evidence = tuple(contentless(item) for item in report.evidence)
        return _Judged(signatures, evidence)

    def _best(self, layer: SignedLayer, moment: Moment) -> CmsReport:
        forms = _forms(layer.content())
        report = self._cms.verify(layer.cms, forms[0], moment)
        for form in forms[1:]:
            if not any(s.integrity is Integrity.MODIFIED for s in report.signatures):
                break
            other = self._cms.verify(layer.cms, form, moment)
            if all(s.integrity is not Integrity.MODIFIED for s in other.signatures):
                return other
        return report


def _forms(content: bytes | None) -> list[bytes | None]:
    """A signer hashed CRLF line ends; transport and files may have left bare ones."""
    if content is None:
        return [None]
    if content.count(b"\n") == content.count(b"\r\n"):
        return [content]
    return [content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), content]


def _unprotected(name: str, layers: Layers) -> Verdict:
    return verdict.unsigned(name, Kind.SMIME if layers.certificates_only else Kind.MAIL)


def _labelled(judged: Iterable[_Judged], coverage: Coverage) -> tuple[Signature, ...]:
    return tuple(
        signature.model_copy(update={"coverage": coverage})
        for each in judged
        for signature in each.signatures
    )


def _evidence(judged: Iterable[_Judged]) -> tuple[Evidence, ...]:
    """Evidence of all layers, numbered as their signatures stand in the verdict."""
    found: list[Evidence] = []
    offset = 0
    for each in judged:
        found += [
            item.model_copy(update={"signature": item.signature + offset}) for item in each.evidence
        ]
        offset += len(each.signatures)
    return tuple(found)


# -- binding ------------------------------------------------------------------------------------


def _binding(
    message: Entity, layers: Layers, covering: Sequence[_Judged], partial: Sequence[_Judged]
) -> Binding | None:
    """Does a signer of the whole message own its From? None when no signer is known.

    Of several signers one is enough: an outer signature may be a gateway's (RFC 2634 1.1), and
    worse verdicts of the others weigh in the overall verdict anyway.
    """
    if any(each.signatures for each in partial):
        return Binding.PARTIAL
    known = [s for each in covering for s in each.signatures if s.certificate_sha256 is not None]
    if not known:
        return None
    intact = [s for s in known if s.integrity is Integrity.INTACT]
    owned = {_comparable(email) for s in intact or known for email in s.signer_emails}
    claimed = _claimed_addresses(message, layers)
    if claimed and all(_comparable(address) in owned for address in claimed):
        return Binding.OK
    return Binding.FROM_MISMATCH


def _claimed_addresses(message: Entity, layers: Layers) -> list[str]:
    """The author that is shown, and the one inside the signature (RFC 9788) if there is one.

    Empty when there is none, more than one, or one that readers may take for different ones.
    """
    sources = [message]
    sources += [layer.entity for layer in layers.covering if layer.entity is not None]
    claimed: list[str] = []
    for source in sources:
        fields = source.values("from")
        if source is not message and not fields:
            continue
        mailboxes = [parse_mailboxes(value) for value in fields]
        if len(mailboxes) != 1 or not mailboxes[0].clean or len(mailboxes[0].addresses) != 1:
            return []
        claimed.append(mailboxes[0].addresses[0])
    return claimed


def _comparable(address: str) -> str:
    """Case is no difference here; an international domain is compared in its ASCII form."""
    local, _, domain = address.strip().casefold().rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return address.casefold()
    return f"{local}@{domain.rstrip('.')}"


# -- conclusion ---------------------------------------------------------------------------------


def _conclude(
    name: str,
    layers: Layers,
    judged: Sequence[_Judged],
    signatures: tuple[Signature, ...],
    binding: Binding | None,
) -> Verdict:
    pgp_alone = layers.pgp and not judged
    base = verdict.of_signatures(name, Kind.MAIL if pgp_alone else Kind.SMIME, signatures)
    remnant = any(each.remnant for each in judged)
    overall, cause = _overall(base, layers, binding, remnant=remnant)
    return base.model_copy(
        update={
            "overall": overall,
            "cause": cause,
            "integrity": _integrity(base, layers, binding, remnant=remnant),
            "binding": binding,
            "findings": tuple(sorted({*base.findings, *_findings(layers, binding, remnant)})),
        }
    )


def _overall(
    base: Verdict, layers: Layers, binding: Binding | None, *, remnant: bool
) -> tuple[Overall, Cause | None]:
    """Invalid before unreadable before indeterminate before valid."""
    wrong = binding in (Binding.PARTIAL, Binding.FROM_MISMATCH)
    if base.overall is Overall.INVALID or wrong or remnant:
        return Overall.INVALID, None
    if layers.obstacle in (Obstacle.ENCRYPTED, Obstacle.MALFORMED):
        return Overall.UNREADABLE, None
    if layers.obstacle is Obstacle.UNSUPPORTED:
        return Overall.INDETERMINATE, Cause.SIGNER
    if base.overall is Overall.VALID and binding is not Binding.OK:
        return Overall.INDETERMINATE, Cause.SIGNER
    return base.overall, base.cause


def _integrity(
    base: Verdict, layers: Layers, binding: Binding | None, *, remnant: bool
) -> Integrity:
    """What is shown beside a signed part is a change to the message that was signed."""
    if binding is Binding.PARTIAL or base.integrity is Integrity.MODIFIED:
        return Integrity.MODIFIED
    if remnant:
        return Integrity.DESTROYED
    if layers.obstacle in (Obstacle.ENCRYPTED, Obstacle.MALFORMED):
        return Integrity.UNREADABLE
    return base.integrity


_OF_OBSTACLE = {
    Obstacle.ENCRYPTED: Finding.ENCRYPTED,
    Obstacle.UNSUPPORTED: Finding.FORMAT_UNSUPPORTED,
    Obstacle.MALFORMED: Finding.MALFORMED,
}
_OF_BINDING = {
    Binding.FROM_MISMATCH: Finding.FROM_MISMATCH,
    Binding.PARTIAL: Finding.PARTIALLY_SIGNED,
}


def _findings(layers: Layers, binding: Binding | None, remnant: bool) -> Iterator[Finding]:
    if remnant:
        yield Finding.REMNANT_DESTROYED
    if binding in _OF_BINDING:
        yield _OF_BINDING[binding]
    if layers.obstacle is not None:
        yield _OF_OBSTACLE[layers.obstacle]
