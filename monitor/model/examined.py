"""What a child says of an item."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from monitor.model.axis import AxisFacts
from monitor.model.values import Sha256, Text, Value
from monitor.model.verdicts import Judgement, KeptEvidence, Verdict
from monitor.model.words import DocumentClass, DocumentRole, Finding


class Hop(Value):
    """One Received header (RFC 5321 4.4), newest first, as far as it could be read."""

    from_host: str | None = None
    from_address: str | None = None
    """IP address of the client as the receiving server saw it."""
    by_host: str | None = None
    protocol: str | None = None
    """The `with` clause, upper case: `ESMTPSA` says the client had authenticated (RFC 3848)."""
    at: AwareDatetime | None = None
    recipient: Text | None = None
    """The `for` clause: the only recipient that the client named, lower case."""


class JournalRecipient(Value):
    """One recipient line of an Exchange journal report, its address lower-case."""

    address: Text
    expanded_from: Text | None = None
    """The distribution list that it came by (`Expanded:`)."""
    forwarded_from: Text | None = None
    """The mailbox whose rule sent it on (`Forwarded:`)."""
    named: bool = False
    """Do To, Cc or Bcc of the message name it?"""


class JournalReport(Value):
    """What Exchange reports of a journaled message; the message itself is unwrapped from it."""

    sender: Text
    """Lower-case; empty for the null sender and for one without an SMTP address."""
    on_behalf_of: Text | None = None
    """Whose mailbox the sender wrote for (`On-Behalf-Of:`)."""
    message_id: Text | None = None
    recipients: tuple[JournalRecipient, ...] = ()
    by_exchange: bool = False
    """Is the report in the name of Exchange itself, with no mark that a stranger handed it in?"""
    internal: bool = False
    """Does Exchange say that it took the message from somebody who had logged in?"""
    hops: tuple[Hop, ...] = ()
    """Received headers of the report itself, newest first: who handed it on."""


class DkimSignature(Value):
    """One DKIM-Signature field as far as the message alone decides it (RFC 6376 6.1).

    What is left needs the signer's key: `signature` over `digest`. No key is asked for in a child.
    """

    domain: Text
    """`d=`, lower case."""
    selector: Text
    """`s=`"""
    algorithm: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,40}$")] = ""
    """`a=`: `rsa-sha256`, `ed25519-sha256`, `rsa-sha1`."""
    digest: Annotated[str, Field(pattern=r"^(?:[0-9a-f]{2}){0,64}$")] = ""
    """Hash of the canonical signed header fields, hexadecimal."""
    signature: Annotated[str, Field(max_length=2800)] = ""
    """`b=`, Base64 without blanks."""
    body_intact: bool = False
    """`bh=` is the hash of the canonical body."""
    partial: bool = False
    """`l=` leaves something of the body out, or From is not signed as often as it stands there."""
    expires: AwareDatetime | None = None
    """`x=`"""
    readable: bool = True
    """False: it breaks the syntax of RFC 6376 3.5, or `a=` is none that may pass (RFC 8301)."""
    below: bool = False
    """`i=` is below `d=`, which a key with `t=s` does not allow."""


class ForwardMark(Value):
    """One header field by which a mail system says that a mailbox sent a message on by itself."""

    by: tuple[Text, ...] = ()
    """That mailbox; none where it is the author's own (a rule that wrote a new message)."""
    to: tuple[Text, ...] = ()
    """Where to, if it says so."""
    hops_above: int = 0
    """Received fields that stand above it: every one was written after it."""
    resent: bool = False
    """Resent-From (RFC 5322 3.6.6): whoever submits a message may write it."""


class Forwarding(Value):
    """What header fields say of a message that was sent on without a person's doing.

    Anybody may have written them: whether they count is decided where hops are believed.
    """

    marks: tuple[ForwardMark, ...] = ()
    """The topmost ones, a bounded number."""
    otherwise_automatic: bool = False
    """It would be automatic mail without these marks as well."""


class MailFacts(Value):
    """What the header and structure of a message say; addresses are lower-case, names are NFC."""

    message_key: Sha256
    message_id: Text | None = None
    date: AwareDatetime | None = None
    from_addresses: tuple[Text, ...] = ()
    from_mentioned: tuple[Text, ...] = ()
    """What besides looks like an address in a From that not every reader reads alike."""
    sender_address: Text | None = None
    """The Sender header's address."""
    recipients: tuple[Text, ...] = ()
    """Addresses of To, Cc and Bcc."""
    subject: Text | None = None
    hops: tuple[Hop, ...] = ()
    automatic: bool = False
    """Auto-Submitted, null sender, list or system mail: counted apart, in no denominator."""
    journal: JournalReport | None = None
    """Of a source whose `journal` is `exchange`: all other facts are those of the original."""
    return_path: Text | None = None
    """Address of the topmost Return-Path above every Received (RFC 5321 4.4), empty for the null
    sender; None without one. It proves something only for a mail that was taken from a mailbox of
    ours."""
    delivered_to: tuple[Text, ...] = ()
    """Addresses of the topmost X-Original-To and Delivered-To: proven as `return_path` is."""
    dkim: tuple[DkimSignature, ...] = ()
    """The topmost ones, a bounded number."""
    forwarding: Forwarding | None = None
    findings: tuple[Finding, ...] = ()


class DocumentFacts(Value):
    """One file that is sent as content, with its own verdict."""

    content_hash: Sha256
    file_name: Text | None = None
    size: int
    document_class: DocumentClass
    judgement: Judgement
    role: DocumentRole | None = None
    """What the container it came in says of it; None if it says nothing."""


class Examined(Value):
    """Everything a child says of one item."""

    verdict: Verdict
    """Of the message, or of the file itself for a document item."""
    kept: KeptEvidence | None = None
    """Of a message; a document's is in its judgement."""
    mail: MailFacts | None = None
    axis: AxisFacts | None = None
    """Of an edXML message."""
    documents: tuple[DocumentFacts, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def attached(self) -> int:
        """Documents that a message carries: formal, editable, and archives that nobody could open.

        Calendar entries, contacts, logos and what is shown inline are none; one file attached twice
        is one.
        """
        return len({document.content_hash for document in self.documents})


class Limits(Value):
    """Bounds of what a child unpacks from one item; past one the rest is left out and said so."""

    mime_depth: int = 20
    mime_parts: int = 1000
    header_bytes: int = 1024 * 1024
    archive_depth: int = 3
    archive_entries: int = 1000
    archive_bytes: int = 256 * 1024 * 1024
    archive_ratio: int = 200
