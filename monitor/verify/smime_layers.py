"""Which signatures of a mail cover all that its reader sees (RFC 8551, RFC 1847, RFC 2634).

A bare check of every CMS in a mail says "valid" for mails whose visible text nobody signed. So the
structure is read from the outside in: as long as an entity is nothing but a wrapping of one other,
its signatures cover the whole message; as soon as anything stands beside a signed part, no
signature does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.verify.smime_entity import ENCLOSED, Entity
from monitor.verify.smime_open import Layer

_SIGNATURE = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_UNSHOWN = frozenset({"application/octet-stream", *ENCLOSED})
_PGP = frozenset({"application/pgp-signature", "application/pgp-encrypted"})
_MAX_FORWARDED = 20


class Obstacle(StrEnum):
    """Why the inside of a wrapping cannot be judged."""

    ENCRYPTED = "encrypted"
    UNSUPPORTED = "unsupported"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class SignedLayer:
    """One CMS and what it is to cover: the entity as it stands, or the content inside the CMS."""

    cms: bytes
    detached: bool
    entity: Entity | None
    """The entity that was signed, where it could be read."""
    remnant: bool = False
    """There is a signature's wrapping, but no signature in it."""

    def content(self) -> bytes | None:
        """The covered bytes of a detached signature; None where they are inside the CMS."""
        return self.entity.raw() if self.detached and self.entity else None


@dataclass(slots=True)
class Layers:
    """The signatures of one message, forwarded messages left aside."""

    covering: list[SignedLayer] = field(default_factory=list)
    """They cover everything that is shown, the outermost first."""
    partial: list[SignedLayer] = field(default_factory=list)
    """Something is shown beside what they cover."""
    obstacle: Obstacle | None = None
    pgp: bool = False
    certificates_only: bool = False

    @property
    def any(self) -> bool:
        """Is there any trace of S/MIME or of another protection?"""
        return bool(self.covering or self.partial or self.obstacle)


def find_layers(root: Entity) -> Layers:
    """The signed layers of a message, from the outside in."""
    layers = Layers()
    entity: Entity | None = root
    while entity is not None:
        layer, beside, inside = _step(entity, layers)
        if beside and layers.covering:
            break  # an inner signature that covers less adds nothing to the outer one
        if layer is not None and beside:
            layers.partial.append(layer)
            break
        if layer is not None:
            layers.covering.append(layer)
        entity = inside
    if not layers.any:
        _search_below(root, layers)
    return layers


def forwarded_layers(root: Entity) -> Iterator[SignedLayer]:
    """The covering signatures of the messages inside a message, outermost first, bounded."""
    stack = [root]
    left = _MAX_FORWARDED
    while stack and left:
        entity = stack.pop()
        if entity.is_message:
            left -= 1
            yield from find_layers(entity.children[0]).covering
        stack.extend(reversed(entity.children))


def _step(entity: Entity, layers: Layers) -> tuple[SignedLayer | None, bool, Entity | None]:
    """One wrapping: its signature, is anything shown beside it, and what it wraps."""
    if is_multipart_signed(entity):
        layer = _detached(entity)
        shown = len(entity.children) != 2 or not is_signature_part(entity.children[1])
        beside = shown or entity.ambiguous or entity.epilogue
        inside = entity.children[0] if entity.children and not layer.remnant else None
        return layer, beside and not layer.remnant, inside
    if is_enclosing(entity):
        return _opened(entity, layers)
    if _is_pgp(entity):
        layers.pgp = True
        encrypted = entity.type == "multipart/encrypted"
        layers.obstacle = Obstacle.ENCRYPTED if encrypted else Obstacle.UNSUPPORTED
        return None, False, None
    if entity.type in ENCLOSED and entity.opened is None and (entity.top or _is_unnamed(entity)):
        layers.obstacle = Obstacle.MALFORMED
        return None, False, None
    return None, False, _only_child(entity)


def is_multipart_signed(entity: Entity) -> bool:
    """multipart/signed of S/MIME: by its protocol, else by the type of its second part."""
    if entity.type != "multipart/signed":
        return False
    protocol = (entity.content_type.text("protocol") or "").strip('"').lower()
    return protocol in _SIGNATURE or any(child.type in _SIGNATURE for child in entity.children)


def is_signature_part(entity: Entity) -> bool:
    """What no reader shows as content, in the second place of a multipart/signed."""
    return entity.type in _SIGNATURE or entity.type in _UNSHOWN


def _is_pgp(entity: Entity) -> bool:
    if entity.type not in ("multipart/signed", "multipart/encrypted"):
        return False
    protocol = (entity.content_type.text("protocol") or "").lower()
    return protocol in _PGP or any(child.type in _PGP for child in entity.children)


def _detached(entity: Entity) -> SignedLayer:
    """RFC 1847 2.1: exactly two parts, the signed one and its signature."""
    if len(entity.children) < 2:
        return SignedLayer(b"", detached=True, entity=None, remnant=True)
    signed = entity.children[0]
    signature = next((c for c in entity.children[1:] if c.type in _SIGNATURE), entity.children[1])
    return SignedLayer(signature.decoded()[0], detached=True, entity=signed)


def _opened(entity: Entity, layers: Layers) -> tuple[SignedLayer | None, bool, Entity | None]:
    opened = entity.opened
    if opened is None or opened.layer is Layer.OTHER:
        layers.obstacle = Obstacle.UNSUPPORTED
        return None, False, None
    if opened.layer is Layer.ENCRYPTED:
        layers.obstacle = Obstacle.ENCRYPTED
        return None, False, None
    if opened.layer is Layer.COMPRESSED:
        if entity.ambiguous:
            layers.obstacle = Obstacle.MALFORMED
            return None, False, None
        if entity.inner is None:
            layers.obstacle = Obstacle.UNSUPPORTED if opened.limited else Obstacle.MALFORMED
        return None, False, entity.inner
    if opened.signers == 0:
        layers.certificates_only = not opened.content
        remnant = SignedLayer(b"", detached=False, entity=None, remnant=True)
        return remnant if opened.content else None, False, entity.inner
    return (
        SignedLayer(opened.cms, detached=False, entity=entity.inner),
        entity.ambiguous,
        entity.inner,
    )


def _only_child(entity: Entity) -> Entity | None:
    """The one part of a multipart/mixed around nothing else; a gateway's empty text is nothing."""
    around = entity.preamble or entity.epilogue or entity.ambiguous
    if entity.type != "multipart/mixed" or around:
        return None
    shown = [child for child in entity.children if not _is_blank(child)]
    return shown[0] if len(shown) == 1 else None


def _is_blank(entity: Entity) -> bool:
    if entity.type != "text/plain" or entity.children or entity.end - entity.body > 64:
        return False
    return not entity.decoded()[0].strip()


def _search_below(root: Entity, layers: Layers) -> None:
    """Signed or encrypted parts beside others: mailing-list footers and the wrapping attack."""
    for entity in _own(root):
        if is_multipart_signed(entity):
            layers.partial.append(_detached(entity))
        elif is_enclosing(entity):
            layer, _, _ = _opened(entity, layers)
            if layer is not None:
                layers.partial.append(layer)
        elif _is_remnant(entity):
            layers.partial.append(SignedLayer(b"", detached=True, entity=None, remnant=True))


def _own(root: Entity) -> Iterator[Entity]:
    """The parts of this message, without those of messages inside it and inside signed parts."""
    stack = [root]
    while stack:
        entity = stack.pop()
        yield entity
        if not entity.is_message and not is_multipart_signed(entity):
            stack.extend(reversed(entity.children))


def is_enclosing(entity: Entity) -> bool:
    """An opaque S/MIME layer, and not a signed or encrypted document (`report.pdf.p7m`)."""
    if entity.opened is None:
        return False
    if entity.top or entity.inner is not None:
        return True
    return _is_unnamed(entity)


def _is_unnamed(entity: Entity) -> bool:
    return entity.file_name() in ("", "smime.p7m", "smime.p7z")


def _is_remnant(entity: Entity) -> bool:
    """The signature of a multipart/signed that a gateway took apart."""
    return entity.type in _SIGNATURE and entity.file_name() in ("", "smime.p7s")
