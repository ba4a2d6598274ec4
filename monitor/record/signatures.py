"""From a verdict's signatures to rows."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from monitor.model import DocumentAttribution, Indication, Signature, SignerKind, Verdict
from monitor.record import clean
from monitor.record.rows import SignatureRow
from monitor.record.sealing import Sealer

MOST_SIGNATURES = 1000

AgencyId = Callable[[str | None], int]
"""The id of an agency code; 0 for None."""


class SignatureOwner(NamedTuple):
    """Where signature rows hang."""

    owner: str
    """`document` or `message`."""
    uid: UUID
    day: date


def signature_rows(
    of: SignatureOwner,
    verdict: Verdict,
    whose: DocumentAttribution | None,
    agency_id: AgencyId,
    sealer: Sealer,
) -> tuple[SignatureRow, ...]:
    """One row a signature; `whose` is None for a message, whose signers are of no agency."""
    agencies: Sequence[str | None] = whose.signer_agencies if whose else ()
    kinds: Sequence[SignerKind | None] = whose.signer_kinds if whose else ()
    rows = []
    for ordinal, signature in enumerate(verdict.signatures[:MOST_SIGNATURES]):
        agency = agencies[ordinal] if ordinal < len(agencies) else None
        kind = kinds[ordinal] if ordinal < len(kinds) else signature.signer_kind
        rows.append(_row(of, ordinal, signature, kind, agency_id(agency), sealer))
    return tuple(rows)


def _row(
    of: SignatureOwner,
    ordinal: int,
    signature: Signature,
    kind: SignerKind | None,
    agency: int,
    sealer: Sealer,
) -> SignatureRow:
    certificate, trust_class = signature.certificate_sha256, signature.trust_class
    source, sub_indication = signature.signing_time_source, signature.sub_indication
    return SignatureRow(
        of.uid,
        of.day,
        ordinal,
        of.owner,
        clean.text(signature.format, 40),
        clean.text(signature.level, 40),
        signature.indication.value,
        sub_indication and sub_indication.value,
        signature.cause and signature.cause.value,
        signature.integrity.value,
        signature.trust.value,
        signature.counts,
        kind and kind.value,
        agency,
        clean.text(signature.signer_organisation),
        trust_class and trust_class.value,
        bytes.fromhex(certificate) if certificate else None,
        clean.instant(signature.certificate_not_after),
        clean.instant(signature.revoked_at),
        clean.instant(signature.signing_time),
        source and source.value,
        signature.coverage.value,
        clean.words(signature.findings),
        signature.provisional,
        _signer_ref(signature, kind, sealer),
        _sealed(signature, sealer),
    )


def signed_by_issuer(verdict: Verdict, whose: DocumentAttribution) -> bool:
    """A valid signature by a signer of the issuing agency is there."""
    return whose.issuer is not None and any(
        signature.counts
        and signature.indication is Indication.TOTAL_PASSED
        and agency == whose.issuer
        for signature, agency in zip(verdict.signatures, whose.signer_agencies, strict=False)
    )


def _signer_ref(signature: Signature, kind: SignerKind | None, sealer: Sealer) -> int | None:
    """One name for a signer: a renewed certificate keeps UID, address or subject."""
    own = signature.signer_uid or next(iter(signature.signer_emails), None)
    if not (who := own or signature.signer_subject):
        return None
    return sealer.pseudonym(f"signer\n{kind or ''}\n{clean.text(who, 4096)}")


def _sealed(signature: Signature, sealer: Sealer) -> bytes | None:
    signer = {
        "subject": clean.text(signature.signer_subject, 4096),
        "emails": [clean.text(each) for each in signature.signer_emails[:20]],
        "uid": clean.text(signature.signer_uid),
    }
    if not any(signer.values()):
        return None
    signer |= {
        "name": clean.text(signature.signer_name),
        "unit": clean.text(signature.signer_unit),
        "issuer": clean.text(signature.signer_issuer),
    }
    return sealer.seal(json.dumps(signer, ensure_ascii=False), "signer")
