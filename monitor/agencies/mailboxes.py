"""Agencies' own mailboxes, and whose certificates may sign as them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from monitor.agencies.agency import Agency
from monitor.agencies.certificates import CertificateEntry
from monitor.agencies.entry import Address, Code, Dated, Fingerprint, Uid
from monitor.agencies.period import Period
from monitor.model import MailboxRight


class Mailbox(Dated):
    """One `[[mailboxes]]` entry of the registry file (docs/agencies.md).

    Certificates that the registry gives to `agency` by UID or fingerprint may sign as it, and
    those listed here. Names and mail domains give no right.
    """

    address: Address
    agency: Code
    certificates: tuple[Fingerprint, ...] = ()
    uid: tuple[Uid, ...] = ()
    officers: tuple[Address, ...] = ()
    """Addresses in the certificates of officers who may."""


def rights(
    mailboxes: Iterable[Mailbox],
    agencies: Sequence[Agency],
    certificates: Sequence[CertificateEntry],
) -> tuple[MailboxRight, ...]:
    """Everything that lets somebody sign as a mailbox, each with its days."""
    return tuple(
        right for mailbox in mailboxes for right in _rights(mailbox, agencies, certificates)
    )


def _rights(
    mailbox: Mailbox, agencies: Sequence[Agency], certificates: Sequence[CertificateEntry]
) -> Iterator[MailboxRight]:
    own = MailboxRight(
        address=mailbox.address,
        certificates=mailbox.certificates,
        uids=mailbox.uid,
        emails=mailbox.officers,
    )
    given = [(mailbox.period, own)]
    given += [
        (agency.period, MailboxRight(address=mailbox.address, uids=agency.uid))
        for agency in agencies
        if agency.code == mailbox.agency
    ]
    given += [
        (entry.period, _by_entry(mailbox, entry))
        for entry in certificates
        if entry.agency == mailbox.agency and not entry.subject
    ]
    for period, right in given:
        days = mailbox.period.overlap(period)
        if days and (right.certificates or right.uids or right.emails):
            yield right.model_copy(update=_bounds(days))


def _by_entry(mailbox: Mailbox, entry: CertificateEntry) -> MailboxRight:
    return MailboxRight(
        address=mailbox.address,
        certificates=(entry.sha256,) if entry.sha256 else (),
        uids=(entry.uid,) if entry.uid else (),
    )


def _bounds(days: Period) -> dict[str, date | None]:
    return {
        "first_day": None if days.first == date.min else days.first,
        "last_day": None if days.last == date.max else days.last,
    }
