"""What a child needs to judge: trust, policy, time."""

from datetime import date

from pydantic import AwareDatetime, Base64Bytes

from monitor.model.values import Sha256, Text, Value
from monitor.model.words import Revocation, TrustClass


class Anchor(Value):
    """A trust anchor, pinned by its certificate."""

    certificate: Base64Bytes
    """DER (RFC 5280)."""
    trust_class: TrustClass = TrustClass.OTHER
    trusted_from: date | None = None
    trusted_until: date | None = None
    """First and last Vietnam day of the time of proof for which it is trusted; None is no bound."""


class DigestRule(Value):
    """Until when a digest algorithm may be relied on."""

    name: str
    """As hashlib spells it."""
    until: date | None = None
    """The last Vietnam day; None while no end is in sight."""


class KeyRule(Value):
    """Until when keys of a family may be relied on, from a size up to the next rule's."""

    family: str
    """`rsa`, `dsa`, `ecdsa` or `eddsa`."""
    bits: int
    until: date | None = None


class CryptoPolicy(Value):
    """Which algorithms and key sizes prove something, and until when (docs/decisions, policy).

    What no rule names was never permitted.
    """

    digests: tuple[DigestRule, ...] = ()
    keys: tuple[KeyRule, ...] = ()


class MailboxRight(Value):
    """Who may sign as an agency's own mailbox though his certificate does not name it.

    Identities, never names: a UID or address counts in a certificate under an anchor only.
    """

    address: Text
    """The mailbox that From shows."""
    certificates: tuple[Sha256, ...] = ()
    uids: tuple[Text, ...] = ()
    """Subject UIDs."""
    emails: tuple[Text, ...] = ()
    """Addresses in the signer's certificate."""
    first_day: date | None = None
    """First Vietnam day it holds; None is since ever."""
    last_day: date | None = None


class IndexedList(Value):
    """A large CRL (RFC 5280 5) whose entries were indexed once, for children that only look up."""

    head: Base64Bytes
    """The CertificateList without its revokedCertificates, DER."""
    digest_algorithm: str
    """As hashlib spells it."""
    digest: Base64Bytes
    """Of the whole TBSCertList, by the algorithm of its signature."""
    entries: Base64Bytes
    """Records of 13 octets, sorted: digest of the serial number, date, reason."""


class TrustMaterial(Value):
    """Everything verification may rely on; loaded by the parent, sent to each child once."""

    anchors: tuple[Anchor, ...] = ()
    intermediates: tuple[Base64Bytes, ...] = ()
    crls: tuple[Base64Bytes, ...] = ()
    indexed: tuple[IndexedList, ...] = ()
    """Large lists, which are not among `crls`."""
    ocsps: tuple[Base64Bytes, ...] = ()
    """OCSP responses (RFC 6960) that came as files."""
    policy: CryptoPolicy | None = None
    """None is the one that is shipped."""
    revocation: Revocation = Revocation.REQUIRE
    public_ca_cutoff: date | None = None
    """Signatures by a public CA after this day are flagged (Nghị định 68/2024)."""
    mailboxes: tuple[MailboxRight, ...] = ()


class Moment(Value):
    """The times a judgement is made by (DESIGN "Time of proof")."""

    now: AwareDatetime
    at: AwareDatetime | None = None
    """Fixed validation time; None is `best`: time-stamp, else receipt, else claimed, else now."""
    receipt: AwareDatetime | None = None
    """Earliest trustworthy receipt of the content; None when there is none (a file on disk)."""
