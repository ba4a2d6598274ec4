"""Who may sign as a mailbox that his certificate does not name.

An agency's own mailbox is signed for by its clerks and its seal. The registry says by whom; what
it says comes with the trust material, so that a verdict can be made again without the registry
(docs/decisions/0015-pair-and-binding.md).
"""

import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from monitor.clock import vietnam_day
from monitor.model import MailboxRight, Moment, Signature, TimeSource
from monitor.verify.smime_address import mailbox_key


def lent_mailboxes(
    signature: Signature, rights: Iterable[MailboxRight], moment: Moment
) -> frozenset[str]:
    """Mailboxes, comparable, that the registry lets a signature's signer use."""
    day, identities = _day(signature, moment), _identities(signature)
    return frozenset(
        mailbox_key(right.address)
        for right in rights
        if not identities.isdisjoint(_named(right))
        and (right.first_day or date.min) <= day <= (right.last_day or date.max)
    )


def _day(signature: Signature, moment: Moment) -> date:
    """The Vietnam day of the proof: what a signer claims could bring back a right that ended."""
    stamped = signature.signing_time_source is TimeSource.TIMESTAMP
    proof = signature.signing_time if stamped else None
    return vietnam_day(proof or moment.at or moment.receipt or moment.now)


Identity = tuple[str, str]


def _identities(signature: Signature) -> frozenset[Identity]:
    """By what a signer is known: a fingerprint names one key; a UID or address is worth what the
    CA is that wrote it, so it counts under an anchor only.
    """
    known = {("sha256", signature.certificate_sha256 or "")}
    if signature.trust_class is not None:
        known |= {("email", address) for address in signature.signer_emails}
        known |= {("uid", _uid_key(signature.signer_uid))} if signature.signer_uid else set()
    return frozenset(known)


@lru_cache(maxsize=8192)
def _named(right: MailboxRight) -> tuple[Identity, ...]:
    return (
        *(("sha256", fingerprint) for fingerprint in right.certificates),
        *(("uid", _uid_key(uid)) for uid in right.uids),
        *(("email", mailbox_key(address)) for address in right.emails),
    )


def _uid_key(uid: str) -> str:
    """`MNS:1057059` without blanks and case."""
    return "".join(unicodedata.normalize("NFC", uid).split()).upper()
