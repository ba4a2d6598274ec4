"""What an application/pkcs7-mime part carries, read without verifying it (RFC 5652, RFC 3274)."""

import binascii
import re
import zlib
from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum

from monitor.model import Evidence, Limits
from monitor.verify import ber

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


def without_content(cms: bytes) -> bytes:
    """A SignedData with its content left out, so that evidence of it holds no content.

    Signatures and certificates stay as found. Raises `ber.Malformed` for what is no SignedData.
    """
    try:
        kind, wrapped = ber.read(cms).expect(ber.SEQUENCE).children[:2]
        fields = wrapped.expect(_EXPLICIT).children[0].expect(ber.SEQUENCE).children
        emptied = ber.encode(ber.SEQUENCE, fields[2].children[0].raw)
    except (IndexError, ValueError, RecursionError) as error:
        raise ber.Malformed("no SignedData") from error
    parts = [emptied if at == 2 else field.raw for at, field in enumerate(fields)]
    body = ber.encode(ber.SEQUENCE, b"".join(parts))
    return ber.encode(ber.SEQUENCE, kind.raw + ber.encode(_EXPLICIT, body))


def contentless(evidence: Evidence) -> Evidence:
    """Evidence of a signature without what was signed: an opaque CMS holds the whole of it."""
    try:
        bare = b64encode(without_content(evidence.cms))
    except ber.Malformed:
        return evidence  # a bare SignedData, which the verifier takes: nothing to leave out
    return Evidence.model_validate({**evidence.model_dump(), "cms": bare})


def _unarmoured(data: bytes) -> bytes:
    match = _PEM.match(data)
    if match is None and data.lstrip()[:2] != b"MI":
        return data
    try:
        return binascii.a2b_base64(match[1] if match else data)
    except binascii.Error:
        return data


def _signed(cms: bytes, body: ber.Node) -> Opened:
    fields = body.expect(ber.SEQUENCE).children
    signers = fields[-1].children if fields[-1].tag == ber.SET and len(fields) > 3 else []
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
