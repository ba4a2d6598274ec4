"""Who may sign as a mailbox that his certificate does not name.

An agency's own mailbox is signed for by its clerks and its seal. The registry says by whom; what
it says comes with the trust material, so that a verdict can be made again without the registry
(docs/decisions/0019-pair-and-binding.md).
"""

import unicodedata
from collections.abc import Iterable
from datetime import date

from monitor.clock import vietnam_day
from monitor.model import MailboxRight, Moment, Signature, TimeSource
from monitor.verify.smime_address import mailbox_key


def lent_mailboxes(
    signature: Signature, rights: Iterable[MailboxRight], moment: Moment
) -> frozenset[str]:
    """Mailboxes, comparable, that the registry lets a signature's signer use."""
    day = _day(signature, moment)
    return frozenset(
        mailbox_key(right.address)
        for right in rights
        if (right.first_day or date.min) <= day <= (right.last_day or date.max)
        and _holds(right, signature)
    )


def _day(signature: Signature, moment: Moment) -> date:
    """The Vietnam day of the proof: what a signer claims could bring back a right that ended."""
    stamped = signature.signing_time_source is TimeSource.TIMESTAMP
    proof = signature.signing_time if stamped else None
    return vietnam_day(proof or moment.at or moment.receipt or moment.now)


def _holds(right: MailboxRight, signature: Signature) -> bool:
    """A fingerprint names one key; a UID or address is worth what the CA is that wrote it."""
    if signature.certificate_sha256 in right.certificates:
        return True
    if signature.trust_class is None:
        return False
    uid = signature.signer_uid
    if uid is not None and _uid_key(uid) in map(_uid_key, right.uids):
        return True
    return not set(signature.signer_emails).isdisjoint(map(mailbox_key, right.emails))


def _uid_key(uid: str) -> str:
    """`MNS:1057059` without blanks and case."""
    return "".join(unicodedata.normalize("NFC", uid).split()).upper()
