"""The verdict of a mail from those of its signatures: their cover and their binding to From.

Only a signer who owns the one address in From speaks for it (RFC 8550 3).
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from hashlib import sha256

from monitor.model import (
    Binding,
    Cause,
    Coverage,
    Finding,
    Integrity,
    MailboxRight,
    Moment,
    Overall,
    Signature,
    Verdict,
)
from monitor.verify.facts import Cover
from monitor.verify.mailbox_rights import lent_mailboxes

_UNREADABLE = (Finding.ENCRYPTED, Finding.MALFORMED)
_OF_BINDING = {
    Binding.FROM_MISMATCH: Finding.FROM_MISMATCH,
    Binding.PARTIAL: Finding.PARTIALLY_SIGNED,
}


def conclude_mail(
    base: Verdict, cover: Cover, rights: Sequence[MailboxRight], moment: Moment
) -> Verdict:
    """The verdict `base` of its signatures, with what the mail around them means.

    `rights` say who may sign for an agency's mailbox.
    """
    binding, lent = _binding(base.signatures, cover, rights, moment)
    overall, cause = _overall(base, cover, binding)
    return base.model_copy(
        update={
            "overall": overall,
            "cause": cause,
            "integrity": _integrity(base, cover, binding),
            "binding": binding,
            "findings": tuple(sorted({*base.findings, *_findings(cover, binding, lent)})),
        }
    )


def _binding(
    signatures: tuple[Signature, ...],
    cover: Cover,
    rights: Sequence[MailboxRight],
    moment: Moment,
) -> tuple[Binding | None, bool]:
    """Does a signer of the whole message own its From? None when no signer is known.

    Of several signers one is enough: an outer signature may be a gateway's (RFC 2634 1.1), and
    worse verdicts of the others weigh in the overall verdict anyway. The second value says that
    the signer does not own the address, but may use it.
    """
    if any(s.coverage is Coverage.PARTIAL for s in signatures):
        return Binding.PARTIAL, False
    known = [s for s in signatures if s.certificate_sha256 is not None]
    if not known:
        return None, False
    signers = [s for s in known if s.integrity is Integrity.INTACT] or known
    owned = {digest(address, cover.salt) for s in signers for address in s.signer_emails}
    if _all_in(cover, owned):
        return Binding.OK, False
    usable = {
        digest(address, cover.salt)
        for s in signers
        for address in lent_mailboxes(s, rights, moment)
    }
    if _all_in(cover, owned | usable):
        return Binding.OK, True
    return Binding.FROM_MISMATCH, False


def _all_in(cover: Cover, addresses: AbstractSet[bytes]) -> bool:
    return bool(cover.claimed) and addresses >= set(cover.claimed)


def digest(address: str, salt: bytes) -> bytes:
    """A comparable address in a form that can only be compared: whose it is, is not kept."""
    return sha256(salt + address.encode("utf-8", "surrogatepass")).digest()


def _overall(base: Verdict, cover: Cover, binding: Binding | None) -> tuple[Overall, Cause | None]:
    """Invalid before unreadable before indeterminate before valid."""
    wrong = binding in (Binding.PARTIAL, Binding.FROM_MISMATCH)
    if base.overall is Overall.INVALID or wrong or cover.remnant:
        return Overall.INVALID, None
    if cover.obstacle in _UNREADABLE:
        return Overall.UNREADABLE, None
    if cover.obstacle is not None:
        return Overall.INDETERMINATE, Cause.SIGNER
    if base.overall is Overall.VALID and binding is not Binding.OK:
        return Overall.INDETERMINATE, Cause.SIGNER
    return base.overall, base.cause


def _integrity(base: Verdict, cover: Cover, binding: Binding | None) -> Integrity:
    """What is shown beside a signed part is a change to the message that was signed."""
    if binding is Binding.PARTIAL or base.integrity is Integrity.MODIFIED:
        return Integrity.MODIFIED
    if cover.remnant:
        return Integrity.DESTROYED
    return Integrity.UNREADABLE if cover.obstacle in _UNREADABLE else base.integrity


def _findings(cover: Cover, binding: Binding | None, lent: bool) -> Iterator[Finding]:
    if lent:
        yield Finding.SIGNED_FOR_MAILBOX
    if cover.remnant:
        yield Finding.REMNANT_DESTROYED
    if binding in _OF_BINDING:
        yield _OF_BINDING[binding]
    if cover.obstacle is not None:
        yield cover.obstacle
