"""Whose a signer is by his certificate, and what: person, organisation or a registry's stamp.

A certificate speaks only as far as its CA is one of ours: nothing that stands in a certificate
without an anchor attributes anything (DOMAIN.md: names are forged). Then it is the UID, the mail
addresses, and last the names, each only where it leads to one agency.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.agencies.agency import Agency
from monitor.agencies.names import text_key
from monitor.agencies.signing import Signing
from monitor.agencies.view import View
from monitor.model import Signature, SignerKind


@dataclass(frozen=True, slots=True)
class Signer:
    """A signature's signer; None where it cannot be told."""

    agency: Agency | None = None
    kind: SignerKind | None = None


def kind_of(signature: Signature, signing: Signing, *, known: bool) -> SignerKind | None:
    """What the profile says, corrected by the words that names of registries and units have.

    A person's own name may hold such words (Nguyễn Văn Thư), but does not begin with them. A
    seal that is not `known` as the agency's own may be one of its units'.
    """
    kind = signature.signer_kind
    name, unit = signature.signer_name or "", signature.signer_unit or ""
    if signing.mentions_registry(unit) or signing.begins_as_registry(name):
        return SignerKind.STAMP
    if kind is SignerKind.PERSON:
        return None if signing.names_unit(name) else kind
    if signing.mentions_registry(name):
        return SignerKind.STAMP
    return kind if known else None


def is_holder(signature: Signature, agency: Agency, view: View) -> bool:
    """Does a certificate name an agency as its holder, and not only as what is above the holder?"""
    uid, name = signature.signer_uid, signature.signer_name
    if uid and view.by_uid(uid) is agency:
        return True
    return any(named.code == agency.code for named in view.named(name or ""))


def holder_of(signature: Signature, view: View) -> Agency | None:
    """The agency that a certificate under an anchor names."""
    if signature.trust_class is None:
        return None
    if signature.signer_uid and (agency := view.by_uid(signature.signer_uid)):
        return agency
    by_mail, certain = _by_mail(signature.signer_emails, view)
    if certain:
        return by_mail
    by_name = _by_names(signature, view)
    if by_mail and by_name and view.is_above(by_mail, by_name):
        return by_name  # a mail domain that a whole province shares
    return by_mail or by_name


def _by_mail(addresses: Iterable[str], view: View) -> tuple[Agency | None, bool]:
    """The agency of all addresses, or the lowest if they are above each other; and whether a
    mailbox itself is listed, so that names have no say.
    """
    owned = [(address, agency) for address in addresses if (agency := view.by_address(address))]
    listed = {agency.code for address, agency in owned if view.has_mailbox(agency, address)}
    if listed:
        return (view.agencies[listed.pop()], True) if len(listed) == 1 else (None, True)
    found = {agency.code: agency for _, agency in owned}.values()
    lowest = [
        agency
        for agency in found
        if all(other.code == agency.code or view.is_above(other, agency) for other in found)
    ]
    return (lowest[0] if lowest else None), False


def _by_names(signature: Signature, view: View) -> Agency | None:
    """The agency that the names lead to; None where they may lead to another one.

    An agency's certificate has its name in CN and its superior's in O, an officer's the unit's in
    OU and the agency's or its superior's in O. O alone is ambiguous where agencies are below it.
    """
    sealed = signature.signer_kind is SignerKind.ORGANISATION
    above = signature.signer_organisation
    name = signature.signer_name if sealed else signature.signer_unit
    if not above:
        return None
    if not name or text_key(name) == text_key(above):
        return _only(view.named(above))
    if named := view.named(name):
        uppers = view.named(above)
        return _only(
            agency
            for agency in named
            if any(upper.code == agency.code or view.is_above(upper, agency) for upper in uppers)
        )
    if sealed:
        return None
    agency = _only(view.named(above))
    return None if agency is None or view.has_subordinates(agency) else agency


def _only(agencies: Iterable[Agency]) -> Agency | None:
    found = list(agencies)
    return found[0] if len(found) == 1 else None
