"""A message's facts and leaf parts (RFC 5322, 2045-2047): bytes in, frozen values out.

Why the structure is read the way it is, and what makes two copies one message:
docs/decisions/0004-mail-reading.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from monitor.extract.authors import mentioned
from monitor.extract.dkim import read_signatures
from monitor.extract.forwarding import read_forwarding
from monitor.extract.key import message_key
from monitor.extract.received import parse_date, parse_received
from monitor.extract.words import MAX_TEXT, decode_header, decode_parameter, tidy
from monitor.model import Finding, Limits, MailEnvelope, MailFacts
from monitor.verify.smime_address import parse_mailboxes
from monitor.verify.smime_entity import Entity, Structure
from monitor.verify.smime_layers import is_signature_part

MAX_RECIPIENTS = 5000
_ONCE = (
    "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "date", "subject",
    "in-reply-to", "references",
)  # fmt: skip
"""Fields that may stand once at most (RFC 5322 3.6)."""
EXCHANGE_ITSELF = "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@"
"""The same in every organisation: quota warnings, notices of non-delivery and the like."""
_BULK = frozenset({b"bulk", b"list", b"junk", b"auto_reply"})


@dataclass(frozen=True)
class Leaf:
    """One body part without parts of its own, its transfer encoding removed."""

    data: bytes
    entity: Entity
    name: str | None = None
    forwarded: bool = False
    """It lies in a message inside the message."""
    signature: bool = False
    """It is the signature of a multipart/signed: part of the wrapping, never a document."""
    derived: bool = False
    """It comes out of a signed-data that is a leaf itself."""

    @property
    def is_text(self) -> bool:
        return self.entity.type.startswith("text/")

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the decoded bytes."""
        return sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Mail:
    """A message: what its header says, its entity tree, its leaves in order."""

    facts: MailFacts
    root: Entity
    leaves: tuple[Leaf, ...]

    def forwarded(self) -> Iterator[Entity]:
        """The messages carried directly or inside one another, outermost first."""
        for entity in walk(self.root):
            if entity.is_message:
                yield entity.children[0]


def read_mail(
    raw: bytes, envelope: MailEnvelope | None, limits: Limits, whole: bool = True
) -> Mail:
    """Facts and leaves of one message; never raises on what the bytes say.

    `whole` False says that only the header is there (an oversize item).
    """
    structure = Structure(limits)
    root = structure.parse(raw)
    leaves = tuple(_leaves(root, structure)) if whole else ()
    facts = _facts(root, leaves, envelope, structure, whole)
    return Mail(facts, root, leaves)


def walk(entity: Entity) -> Iterator[Entity]:
    """The entity and all below it, in the order they stand; opened content after its part."""
    stack = [entity]
    while stack:
        current = stack.pop()
        yield current
        if current.inner is not None:
            stack.append(current.inner)
        stack.extend(reversed(current.children))


def _leaves(root: Entity, structure: Structure) -> Iterator[Leaf]:
    stack = [(root, False, False, False)]
    while stack:
        entity, forwarded, signature, derived = stack.pop()
        if entity.children:
            inside = forwarded or entity.is_message
            signed = entity.type == "multipart/signed"
            stack.extend(
                (child, inside, signed and index == 1 and is_signature_part(child), derived)
                for index, child in reversed(list(enumerate(entity.children)))
            )
            continue
        data, sound = entity.decoded()
        if not sound:
            structure.findings.add(Finding.MIME_MALFORMED)
        yield Leaf(
            data, entity, file_name(entity, structure.findings), forwarded, signature, derived
        )
        if entity.inner is not None:
            stack.append((entity.inner, forwarded, False, True))


def file_name(entity: Entity, findings: set[Finding]) -> str | None:
    """The name a part is offered under (RFC 2183, else the `name` of its type)."""
    parameter = entity.disposition().parameters.get("filename")
    parameter = parameter or entity.content_type.parameters.get("name")
    if parameter is None:
        return None
    decoded = decode_parameter(parameter)
    if decoded.guessed:
        findings.add(Finding.CHARSET_GUESSED)
    return decoded.text or None


def _facts(
    root: Entity,
    leaves: tuple[Leaf, ...],
    envelope: MailEnvelope | None,
    structure: Structure,
    whole: bool,
) -> MailFacts:
    findings = set(structure.findings)
    if any(len(root.values(name)) > 1 for name in _ONCE):
        findings.add(Finding.HEADER_DUPLICATE)
    authors = [parse_mailboxes(value) for value in root.values("from")]
    if len(authors) != 1 or not authors[0].clean or len(authors[0].addresses) != 1:
        findings.add(Finding.FROM_AMBIGUOUS)
    from_addresses = _bounded(address for found in authors for address in found.addresses)
    message_id = bare_message_id(root.first("message-id") or b"")
    if message_id is None:
        findings.add(Finding.MESSAGE_ID_MISSING)
    date_text = (root.first("date") or b"").decode("latin-1")
    date = parse_date(date_text)
    subject = _subject(root, findings)
    recipients = _recipients(root, findings)
    senders = parse_mailboxes(root.first("sender") or b"").addresses
    return_path = _return_path(root)
    says_so = _says_automatic(root)
    machine = _is_of_a_machine(root, envelope, return_path, from_addresses)
    return MailFacts(
        message_key=message_key(message_id, date or date_text, from_addresses, leaves, whole),
        message_id=message_id,
        date=date,
        from_addresses=from_addresses,
        from_mentioned=mentioned(root.values("from"), authors),
        sender_address=senders[0][:MAX_TEXT] if senders else None,
        recipients=recipients,
        subject=subject,
        hops=parse_received(root.values("received")),
        automatic=says_so or machine,
        return_path=return_path,
        delivered_to=_delivered_to(root),
        dkim=read_signatures(root),
        forwarding=read_forwarding(root, automatic=machine, auto_submitted=says_so),
        findings=tuple(sorted(findings)),
    )


def _bounded(addresses: Iterator[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for address in addresses:
        kept.setdefault(address[:MAX_TEXT])
        if len(kept) >= MAX_RECIPIENTS:
            break
    return tuple(kept)


def bare_message_id(value: bytes) -> str | None:
    """What stands between the brackets of a Message-ID; None for nothing."""
    text = tidy(value.decode("utf-8", "replace"))
    opening, closing = text.find("<"), text.find(">")
    inside = text[opening + 1 : closing] if 0 <= opening < closing else text.strip("<>")
    return inside.strip() or None


def _subject(root: Entity, findings: set[Finding]) -> str | None:
    value = root.first("subject")
    if value is None:
        return None
    decoded = decode_header(value)
    if decoded.guessed:
        findings.add(Finding.CHARSET_GUESSED)
    return decoded.text


def _recipients(root: Entity, findings: set[Finding]) -> tuple[str, ...]:
    fields = [value for name in ("to", "cc", "bcc") for value in root.values(name)]
    found = _bounded(address for value in fields for address in parse_mailboxes(value).addresses)
    if len(found) >= MAX_RECIPIENTS:
        findings.add(Finding.MIME_LIMIT)
    return found


def _of_delivery(root: Entity, name: str) -> bytes | None:
    """The topmost field of a name, if it stands above every Received.

    The server of the final delivery writes it there (RFC 5321 4.4); each one further down came
    with the message. Fields are in the order of their first appearance.
    """
    names = list(root.fields)
    if name not in names or ("received" in names and names.index("received") < names.index(name)):
        return None
    return root.first(name)


def _return_path(root: Entity) -> str | None:
    value = _of_delivery(root, "return-path")
    if value is None:
        return None
    if value.strip() == b"<>":
        return ""
    found = parse_mailboxes(value).addresses
    return found[0][:MAX_TEXT] if len(found) == 1 else None


def _delivered_to(root: Entity) -> tuple[str, ...]:
    values = [_of_delivery(root, name) or b"" for name in ("x-original-to", "delivered-to")]
    return _bounded(address for value in values for address in parse_mailboxes(value).addresses)


def _says_automatic(root: Entity) -> bool:
    """Auto-Submitted (RFC 3834 5)."""
    submitted = root.first("auto-submitted")
    return submitted is not None and submitted.split(b";")[0].strip().lower() != b"no"


def _is_of_a_machine(
    root: Entity,
    envelope: MailEnvelope | None,
    return_path: str | None,
    from_addresses: tuple[str, ...],
) -> bool:
    """Sent by a machine or to a list (RFC 2919, RFC 2369, RFC 3464)."""
    if any(value.strip().lower() in _BULK for value in root.values("precedence")):
        return True
    marks = ("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond", "x-autorespond")
    if any(root.first(name) is not None for name in marks):
        return True
    if root.type == "multipart/report":
        return True
    null_sender = (envelope.mail_from if envelope else return_path) == ""
    robots = ("mailer-daemon@", "mail-daemon@", "double-bounce@", EXCHANGE_ITSELF)
    return null_sender or any(address.startswith(robots) for address in from_addresses)
