"""What an application/pkcs7-mime part carries, read without verifying it (RFC 5652, RFC 3274)."""

import re
import zlib
from dataclasses import dataclass
from enum import StrEnum

from monitor.model import Limits
from monitor.verify import ber
from monitor.verify.smime_base64 import from_base64, one_reading

_SIGNED, _ENVELOPED = "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.3"
_SIGNED_AND_ENVELOPED, _ENCRYPTED = "1.2.840.113549.1.7.4", "1.2.840.113549.1.7.6"
_COMPRESSED, _AUTH_ENVELOPED = "1.2.840.113549.1.9.16.1.9", "1.2.840.113549.1.9.16.1.23"
_EXPLICIT = 0xA0
_FREE_BYTES = 1024 * 1024
_PEM = re.compile(rb"\s*-----BEGIN [A-Z0-9 #]+-----(.+?)-----END ", re.DOTALL)


class Layer(StrEnum):
    """Content types of a CMS that a mail may be wrapped in."""

    SIGNED = "signed-data"
    ENCRYPTED = "enveloped-data"
    COMPRESSED = "compressed-data"
    OTHER = "other"


_LAYERS = {
    _SIGNED: Layer.SIGNED,
    _ENVELOPED: Layer.ENCRYPTED,
    _SIGNED_AND_ENVELOPED: Layer.ENCRYPTED,
    _ENCRYPTED: Layer.ENCRYPTED,
    _AUTH_ENVELOPED: Layer.ENCRYPTED,
    _COMPRESSED: Layer.COMPRESSED,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """One CMS: its layer, its octets and, where it is there to read, its content."""

    layer: Layer
    cms: bytes
    content: bytes | None = None
    signers: int = 0
    limited: bool = False
    """The content is larger than may be unpacked: left out."""


def open_cms(data: bytes, limits: Limits) -> Opened | None:
    """None when the bytes are no CMS. Armour (PEM, a second base64) is taken off."""
    cms = _unarmoured(data)
    try:
        kind, wrapped = ber.read(cms).expect(ber.SEQUENCE).children[:2]
        layer = _LAYERS.get(ber.oid(kind), Layer.OTHER)
        body = wrapped.expect(_EXPLICIT).children[0]
        if layer is Layer.SIGNED:
            return _signed(cms, body)
        if layer is Layer.COMPRESSED:
            return _compressed(cms, body, limits)
    except (ber.Malformed, IndexError, ValueError, RecursionError):
        return None
    return Opened(layer, cms)


def _unarmoured(data: bytes) -> bytes:
    """Octets below PEM or a second base64, where every reader makes the same of it."""
    match = _PEM.match(data)
    if match is None and data.lstrip()[:2] != b"MI":
        return data
    text = match[1] if match else data
    return from_base64(text)[0] if one_reading(text) else data


def _signed(cms: bytes, body: ber.Node) -> Opened:
    fields = body.expect(ber.SEQUENCE).children
    signers = fields[3:][-1].expect(ber.SET).children
    return Opened(Layer.SIGNED, cms, _content(fields[2]), len(signers))


def _content(encapsulated: ber.Node) -> bytes | None:
    fields = encapsulated.expect(ber.SEQUENCE).children
    if len(fields) < 2:
        return None
    return ber.octets(fields[1].expect(_EXPLICIT).children[0])


def _compressed(cms: bytes, body: ber.Node, limits: Limits) -> Opened:
    packed = _content(body.expect(ber.SEQUENCE).children[2])
    if packed is None:
        return Opened(Layer.COMPRESSED, cms)
    bound = min(limits.archive_bytes, max(_FREE_BYTES, len(packed) * limits.archive_ratio))
    try:
        content = zlib.decompressobj().decompress(packed, bound + 1)
    except zlib.error:
        return Opened(Layer.COMPRESSED, cms)
    if len(content) > bound:
        return Opened(Layer.COMPRESSED, cms, limited=True)
    return Opened(Layer.COMPRESSED, cms, content)
