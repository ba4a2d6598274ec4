"""What a mail's S/MIME signatures say, cover and claim (RFC 8551, RFC 5652, RFC 8550).

Only signatures over the whole of what is shown count (smime_layers); whether a signer owns the
one address in From is concluded later (mail_verdict). Documents inside have verdicts of their
own, which ignore the signature around them.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import sha256

from monitor.model import Coverage, Finding, Integrity, Kind
from monitor.verify import ber
from monitor.verify.facts import Cover, FileFacts, SignerFacts
from monitor.verify.mail_verdict import digest
from monitor.verify.signed_data import NotSigned
from monitor.verify.smime_address import mailbox_key, parse_mailboxes
from monitor.verify.smime_entity import Entity
from monitor.verify.smime_layers import (
    Layers,
    Obstacle,
    SignedLayer,
    find_layers,
    forwarded_layers,
)

_OF_OBSTACLE = {
    Obstacle.ENCRYPTED: Finding.ENCRYPTED,
    Obstacle.UNSUPPORTED: Finding.FORMAT_UNSUPPORTED,
    Obstacle.MALFORMED: Finding.MALFORMED,
}

CmsReader = Callable[[bytes, bytes | None], tuple[SignerFacts, ...]]
"""Signers of a CMS over its own or a detached content; raises `Malformed` or `NotSigned`."""


def mail_facts(message: Entity, read: CmsReader) -> FileFacts:
    """Everything about one message that does not depend on trust and time.

    Forwarded messages and documents in it are not among its parts.
    """
    layers = find_layers(message)
    if not layers.any:
        layers.partial += _borrowed(message, read)
    if not layers.any:
        return FileFacts(Kind.SMIME if layers.certificates_only else Kind.MAIL)
    covering = [_signers(layer, read, Coverage.WHOLE) for layer in layers.covering]
    partial = [_signers(layer, read, Coverage.PARTIAL) for layer in layers.partial]
    found = [*covering, *partial]
    return FileFacts(
        Kind.MAIL if layers.pgp and not found else Kind.SMIME,
        signers=tuple(signer for signers in found for signer in signers or ()),
        cover=_cover(message, layers, remnant=None in found),
    )


def _borrowed(message: Entity, read: CmsReader) -> list[SignedLayer]:
    """Signatures of forwarded messages by the very sender of an unsigned one.

    Whoever forwards another's signed mail says nothing by it. But a mail that shows the signer
    as its own author, with the signed mail inside, lends itself a signature that does not cover
    it ("Johnny, you are fired!", attack M3).
    """
    authors = set(_claimed_addresses(message, Layers()))
    return [
        layer
        for layer in forwarded_layers(message)
        for signer in _signers(layer, read, Coverage.PARTIAL) or ()
        if signer.certificate and not authors.isdisjoint(signer.certificate.emails)
    ]


def _signers(
    layer: SignedLayer, read: CmsReader, coverage: Coverage
) -> tuple[SignerFacts, ...] | None:
    """The signers of one layer; None where there is a signature's wrapping and no signature."""
    if layer.remnant:
        return None
    try:
        signers = _best(layer, read)
    except (ber.Malformed, NotSigned):
        return None
    return tuple(replace(signer, format="S/MIME", coverage=coverage) for signer in signers)


def _best(layer: SignedLayer, read: CmsReader) -> tuple[SignerFacts, ...]:
    """Signed bytes in the canonical form of MIME (RFC 8551 3.1.1), else as they stand."""
    forms = _forms(layer.content())
    first = read(layer.cms, forms[0])
    for form in forms[1:] if _modified(first) else ():
        other = read(layer.cms, form)
        if not _modified(other):
            return other
    return first


def _modified(signers: Iterable[SignerFacts]) -> bool:
    return any(signer.integrity is Integrity.MODIFIED for signer in signers)


def _forms(content: bytes | None) -> list[bytes | None]:
    """A signer hashed CRLF line ends; transport and files may have left bare ones."""
    if content is None:
        return [None]
    if content.count(b"\n") == content.count(b"\r\n"):
        return [content]
    return [content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), content]


def _cover(message: Entity, layers: Layers, *, remnant: bool) -> Cover:
    salt = sha256(b"".join(layer.cms for layer in (*layers.covering, *layers.partial))).digest()
    return Cover(
        obstacle=_OF_OBSTACLE[layers.obstacle] if layers.obstacle else None,
        remnant=remnant,
        salt=salt,
        claimed=tuple(digest(each, salt) for each in _claimed_addresses(message, layers)),
    )


def _claimed_addresses(message: Entity, layers: Layers) -> list[str]:
    """The author that is shown, and the one inside the signature (RFC 9788) if there is one.

    Comparable; empty when there is none, more than one, or one that readers may take for
    different ones.
    """
    sources = [message]
    sources += [layer.entity for layer in layers.covering if layer.entity is not None]
    claimed: list[str] = []
    for source in sources:
        fields = source.values("from")
        if source is not message and not fields:
            continue
        mailboxes = [parse_mailboxes(value) for value in fields]
        if len(mailboxes) != 1 or not mailboxes[0].clean or len(mailboxes[0].addresses) != 1:
            return []
        claimed.append(mailbox_key(mailboxes[0].addresses[0]))
    return claimed
