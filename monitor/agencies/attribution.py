"""Whose an item is (DESIGN "Whose mail, and once" and "Which document counts, and once").

The rules and why they are as they are: docs/decisions/0008-attribution.md.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain, islice

from monitor.agencies.agency import Agency
from monitor.agencies.axis_attribution import attribute_axis
from monitor.agencies.days import day_of
from monitor.agencies.hops import believed_hops, came_from_inside, entry_hop, submitted_inside
from monitor.agencies.names import address_key
from monitor.agencies.origin import claimed_agency
from monitor.agencies.registry import Registry
from monitor.agencies.reported import is_submission, reported_sender
from monitor.agencies.signers import attribute_documents
from monitor.agencies.view import View
from monitor.model import (
    Attribution,
    Direction,
    DocumentClaim,
    Examined,
    Finding,
    ItemHeader,
    Journal,
    MailFacts,
    Origin,
)
from monitor.settings import AxisSource, FolderSource, MailOrigin, PortalSource

MAX_RECIPIENTS = 5000
"""Recipients of one message that are looked at; the header itself is bounded in the child."""


Source = MailOrigin | FolderSource | AxisSource | PortalSource


def attribute(
    header: ItemHeader, examined: Examined, registry: Registry, source: Source
) -> Attribution:
    """Direction, verified sender, agencies and document owners of one item; never raises.

    `source` is the configured source that the item came by.
    """
    if isinstance(source, FolderSource):
        return _of_claim(header, examined, registry, source.agencies)
    if isinstance(source, PortalSource):
        return _of_claim(header, examined, registry, (source.agency,))
    if isinstance(source, AxisSource):
        return attribute_axis(header, examined, registry)
    return _of_mail(header, examined, registry, source)


def _of_claim(
    header: ItemHeader, examined: Examined, registry: Registry, speaks_for: Sequence[str]
) -> Attribution:
    day = day_of(header.received_at, date.max)
    issuer = None
    if header.claim:
        day = _claimed_day(header.claim, day)
        issuer = _spoken_for(header.claim, registry.at(day), speaks_for)
    documents, findings = attribute_documents(examined.documents, issuer, registry, day)
    if issuer is None:
        findings = (Finding.AGENCY_UNKNOWN, *findings)
    return Attribution(
        sender_agency=issuer.code if issuer else None, documents=documents, findings=findings
    )


def _claimed_day(claim: DocumentClaim, received: date) -> date:
    """The day whose agencies count: dispatch, else issue, else receipt; never after receipt."""
    return min(day_of(claim.sent_at, claim.issued_on or received), received)


def _spoken_for(claim: DocumentClaim, view: View, codes: Sequence[str]) -> Agency | None:
    """The claimed agency, if it is in force and one that the source may speak for."""
    agency = view.by_code(claim.agency)
    allowed = {found.code for code in codes if (found := view.by_code(code))}
    return agency if agency and agency.code in allowed else None


def _of_mail(
    header: ItemHeader, examined: Examined, registry: Registry, source: MailOrigin
) -> Attribution:
    facts = examined.mail
    day = mail_day(header, facts, source)
    view = registry.at(day)
    sender = _verified_sender(header, facts, view, source)
    agency = view.by_address(sender) if sender else None
    recipients, others = _recipients(header, facts, view, source)
    direction = _direction(agency, recipients, others)
    issuer = agency if direction is not Direction.IN else None
    documents, findings = attribute_documents(examined.documents, issuer, registry, day)
    if agency is None:
        findings = (*_sender_findings(header, facts, view, source), *findings)
    inside = _came_from_inside(header, facts, source)
    return Attribution(
        direction=direction,
        sender=sender,
        sender_agency=agency.code if agency else None,
        recipient_agencies=tuple(code for code in recipients if not agency or code != agency.code),
        documents=documents,
        findings=findings,
        claimed_agency=claimed_agency(facts, view) if facts and not inside else None,
        origin=Origin.INTERNAL if inside else Origin.UNKNOWN,
    )


def _came_from_inside(header: ItemHeader, facts: MailFacts | None, source: MailOrigin) -> bool:
    """Was it submitted inside, as the gateway itself says, or did the gateway make it?"""
    if header.envelope and header.envelope.sender_reported:
        return True
    if facts is None:
        return False
    if header.journal is Journal.EXCHANGE:
        return _is_ours(header, facts, source)
    return came_from_inside(facts.hops, _peer(header), source)


def mail_day(header: ItemHeader, facts: MailFacts | None, source: MailOrigin) -> date:
    """The day whose agencies count: receipt, or for a replay the gateway's own time of entry."""
    received = day_of(header.received_at, date.max)
    if header.live or not facts or not header.envelope:
        return received
    entry = entry_hop(facts.hops, _peer(header), source)
    return min(day_of(entry.at, received), received) if entry else received


def _verified_sender(
    header: ItemHeader, facts: MailFacts | None, view: View, source: MailOrigin
) -> str | None:
    """The sender that is proven; None otherwise, and always for the null sender."""
    envelope = header.envelope
    if header.journal is Journal.EXCHANGE:
        return reported_sender(header, facts.journal if facts else None, source)
    if envelope is None:
        return None
    if envelope.sender_reported and (reported := address_key(envelope.sender_reported)):
        return reported
    sender = address_key(reverse_path(header, facts) or "")
    if sender is None or facts is None:
        return None
    if not _is_ours(header, facts, source):
        return None
    return sender if _aligned(sender, facts.from_addresses, view) else None


def _peer(header: ItemHeader) -> str | None:
    """Who handed the copy to us; None for a pulled mail, which nobody did."""
    return None if header.pulled or header.envelope is None else header.envelope.peer


def reverse_path(header: ItemHeader, facts: MailFacts | None) -> str | None:
    """The envelope sender, empty for the null one; None if it is not known.

    Of a pulled mail it is what the delivering server wrote down. Where that wrote nothing, a
    replay has its operator's word for the author's address. Of a journaled one it is the report's.
    """
    if header.journal is Journal.EXCHANGE:
        return facts.journal.sender if facts and facts.journal else None
    enveloped = header.envelope.mail_from if header.envelope else None
    if not header.pulled:
        return enveloped
    written = facts.return_path if facts else None
    return enveloped or None if written is None else written


def _aligned(sender: str, from_addresses: Iterable[str], view: View) -> bool:
    """Is every From address the sender's own, or of the sender's agency?"""
    authors = [address_key(address) for address in from_addresses]
    agency = view.by_address(sender)
    return bool(authors) and all(
        author is not None
        and (author == sender or (agency is not None and view.by_address(author) is agency))
        for author in authors
    )


def _recipients(
    header: ItemHeader, facts: MailFacts | None, view: View, source: MailOrigin
) -> tuple[list[str], bool]:
    """Codes of the agencies that received a message, in order, and whether others did too."""
    named = facts.recipients if facts else ()
    journal = address_key(source.journal_address or "")
    enveloped = header.envelope.rcpt_to if header.envelope else ()
    if header.pulled and facts and journal:  # else the mailbox's own address would be a recipient
        enveloped = (*enveloped, *facts.delivered_to)
    if header.journal is Journal.EXCHANGE:
        enveloped = ()  # that of the report; those of the original stand in it
    elif facts:
        told = (hop.recipient for hop in believed_hops(facts.hops, _peer(header), source))
        enveloped = (*enveloped, *(each for each in told if each and view.by_address(each)))
    codes: dict[str, None] = {}
    others = False
    for address in islice(dict.fromkeys(chain(named, enveloped)), MAX_RECIPIENTS):
        key = address_key(address)
        if journal and key == journal:
            continue
        agency = view.by_address(key) if key else None
        if agency:
            codes[agency.code] = None
        others = others or agency is None
    return list(codes), others


def _direction(agency: Agency | None, recipients: list[str], others: bool) -> Direction:
    """`internal` only if every recipient is known to be of the sender's own agency."""
    if agency is None:
        return Direction.IN
    if recipients == [agency.code] and not others:
        return Direction.INTERNAL
    return Direction.OUT


def _sender_findings(
    header: ItemHeader, facts: MailFacts | None, view: View, source: MailOrigin
) -> tuple[Finding, ...]:
    """Does a message without a verified agency claim to come from one of ours?

    An automatic reply of our own has the null sender: it claims nothing falsely.
    """
    written = reverse_path(header, facts)
    claimed = [*facts.from_addresses] if facts else []
    if facts and facts.sender_address:
        claimed.append(facts.sender_address)
    if written:
        claimed.append(written)
    if not any(view.by_address(address) for address in claimed):
        return (Finding.SENDER_UNKNOWN,)
    if facts and facts.automatic and written == "" and _is_ours(header, facts, source):
        return ()
    return (Finding.SENDER_UNVERIFIED,)


def _is_ours(header: ItemHeader, facts: MailFacts, source: MailOrigin) -> bool:
    """Was a message submitted inside, whoever its sender says he is?"""
    if header.journal is Journal.EXCHANGE:
        return facts.journal is not None and is_submission(header, facts.journal, source)
    return submitted_inside(facts.hops, _peer(header), source)
