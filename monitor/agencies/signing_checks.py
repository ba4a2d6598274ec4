"""What certificates and mailboxes of a registry must agree on, with its agencies and themselves."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeVar

from monitor.agencies.agency import Agency
from monitor.agencies.certificates import CertificateEntry
from monitor.agencies.checks import overlaps
from monitor.agencies.mailboxes import Mailbox
from monitor.agencies.mistakes import Mistake
from monitor.agencies.names import address_key, uid_key
from monitor.agencies.period import Period

E = TypeVar("E", CertificateEntry, Mailbox)


def signing_problems(
    certificates: Sequence[CertificateEntry],
    mailboxes: Sequence[Mailbox],
    agencies: Sequence[Agency],
    refused: frozenset[str],
) -> list[Mistake]:
    """What certificates and mailboxes of a registry claim against its agencies or each other."""
    codes = {agency.code for agency in agencies} | refused
    return [
        *_strangers(certificates, codes),
        *_strangers(mailboxes, codes),
        *_twice(certificates, lambda entry: "=".join(entry.key)),
        *_twice(mailboxes, lambda entry: address_key(entry.address) or ""),
        *_uid_of_another(certificates, agencies),
        *_mailbox_of_another(mailboxes, agencies),
    ]


def label(entry: CertificateEntry | Mailbox) -> str:
    """What messages call an entry."""
    if isinstance(entry, Mailbox):
        return f"mailbox {entry.address}"
    if entry.subject:
        return f"certificate of {entry.subject.cn}, {entry.subject.o}"
    return f"certificate {entry.sha256 or entry.uid}"


def _strangers(
    entries: Iterable[CertificateEntry] | Iterable[Mailbox], codes: AbstractSet[str]
) -> Iterator[Mistake]:
    for entry in entries:
        if entry.agency is not None and entry.agency not in codes:
            yield Mistake(
                label(entry),
                f"agency {entry.agency!r} is no agency of this file: correct the code or add that "
                "agency",
            )


def _twice(entries: Iterable[E], key: Callable[[E], str]) -> Iterator[Mistake]:
    same: dict[str, list[E]] = defaultdict(list)
    for entry in entries:
        same[key(entry)].append(entry)
    for claims in same.values():
        for first, second, days in overlaps(claims):
            yield Mistake(
                label(second),
                f"two entries are in force {days}{_rivals(first, second)}: leave one, or end the "
                "older with valid_to before the newer's valid_from",
            )


def _rivals(first: CertificateEntry | Mailbox, second: CertificateEntry | Mailbox) -> str:
    if first.agency == second.agency:
        return ""
    return f", for {first.agency or 'nobody'} and for {second.agency or 'nobody'}"


def _uid_of_another(
    certificates: Iterable[CertificateEntry], agencies: Iterable[Agency]
) -> Iterator[Mistake]:
    owners: dict[str, list[Agency]] = defaultdict(list)
    for agency in agencies:
        for uid in agency.uid:
            owners[uid_key(uid)].append(agency)
    for entry in certificates:
        for agency in owners[uid_key(entry.uid)] if entry.uid and entry.agency else ():
            days = agency.period.overlap(entry.period)
            if days and agency.code != entry.agency:
                yield _claimed_by(entry, agency, days, "uid")


def _mailbox_of_another(
    mailboxes: Iterable[Mailbox], agencies: Iterable[Agency]
) -> Iterator[Mistake]:
    owners: dict[str, list[Agency]] = defaultdict(list)
    for agency in agencies:
        for address in agency.addresses:
            owners[address_key(address) or ""].append(agency)
    for mailbox in mailboxes:
        for agency in owners[address_key(mailbox.address) or ""]:
            days = agency.period.overlap(mailbox.period)
            if days and agency.code != mailbox.agency:
                yield _claimed_by(mailbox, agency, days, "addresses")


def _claimed_by(
    entry: CertificateEntry | Mailbox, agency: Agency, days: Period, key: str
) -> Mistake:
    return Mistake(
        label(entry),
        f"given to {entry.agency}, but {agency.code} lists it as {key} {days}: leave it to one of "
        "them, or end one with valid_to",
        (agency,),
        key,
    )
