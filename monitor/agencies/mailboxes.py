"""Agencies' own mailboxes, and whose certificates may sign as them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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
    agencies: Iterable[Agency],
    certificates: Iterable[CertificateEntry],
) -> tuple[MailboxRight, ...]:
    """Everything that lets somebody sign as a mailbox, each with its days."""
    owners: dict[str, list[Agency]] = defaultdict(list)
    for agency in agencies:
        owners[agency.code].append(agency)
    given: dict[str, list[CertificateEntry]] = defaultdict(list)
    for entry in certificates:
        if entry.agency and not entry.subject:
            given[entry.agency].append(entry)
    return tuple(
        right
        for mailbox in mailboxes
        for right in _rights(mailbox, owners[mailbox.agency], given[mailbox.agency])
    )


def _rights(
    mailbox: Mailbox, owners: Iterable[Agency], entries: Iterable[CertificateEntry]
) -> Iterator[MailboxRight]:
    """One right for each stretch of days."""
    signers: dict[Period, _Signers] = defaultdict(_Signers)

    def let(period: Period) -> _Signers:
        return signers[days] if (days := mailbox.period.overlap(period)) else _Signers()

    let(mailbox.period).add(mailbox.certificates, mailbox.uid, mailbox.officers)
    for agency in owners:
        let(agency.period).add(uids=agency.uid)
    for entry in entries:
        let(entry.period).add(
            certificates=(entry.sha256,) if entry.sha256 else (),
            uids=(entry.uid,) if entry.uid else (),
        )
    for days, allowed in signers.items():
        if allowed.certificates or allowed.uids or allowed.emails:
            yield allowed.right(mailbox.address, days)


@dataclass
class _Signers:
    """Who may sign during one stretch of days."""

    certificates: list[str] = field(default_factory=list)
    uids: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)

    def add(
        self,
        certificates: Iterable[str] = (),
        uids: Iterable[str] = (),
        emails: Iterable[str] = (),
    ) -> None:
        self.certificates += certificates
        self.uids += uids
        self.emails += emails

    def right(self, address: str, days: Period) -> MailboxRight:
        return MailboxRight(
            address=address,
            certificates=tuple(self.certificates),
            uids=tuple(self.uids),
            emails=tuple(self.emails),
            first_day=None if days.first == date.min else days.first,
            last_day=None if days.last == date.max else days.last,
        )
