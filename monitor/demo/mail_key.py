"""The key that the demo's gateway signs mail with (RFC 6376): made once for a state folder."""

import hashlib
import re
from base64 import b64encode
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from monitor.demo.zone import SELECTOR
from monitor.whole_file import whole_file

FILE = "mail-key.pem"
SIGNED_FIELDS = ("From", "To", "Subject", "Date", "Message-ID")


def mail_key(folder: Path) -> rsa.RSAPrivateKey:
    """The key of this folder. RSA, as in most of the world's mail, so no seed makes it again."""
    path = folder / FILE
    if path.exists():
        kept = serialization.load_pem_private_key(path.read_bytes(), None)
        if isinstance(kept, rsa.RSAPrivateKey):
            return kept
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with whole_file(path) as file:
        file.write(_pem(made))
    return made


def dkim_signed(message: bytes, domain: str, key: rsa.RSAPrivateKey) -> bytes:
    """The message with a DKIM-Signature of the domain on top, in the simple canonical forms.

    The demo's own messages: CRLF, each signed field once, folded or not.
    """
    header, _, body = message.partition(b"\r\n\r\n")
    body_hash = hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").digest()
    field = (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d={domain}; s={SELECTOR};\r\n"
        f"\th={':'.join(SIGNED_FIELDS)};\r\n"
        f"\tbh={b64encode(body_hash).decode()};\r\n"
        f"\tb="
    ).encode()
    signed = b"".join(_field(header + b"\r\n", name) for name in SIGNED_FIELDS) + field
    signature = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return field + b64encode(signature) + b"\r\n" + message


def _field(header: bytes, name: str) -> bytes:
    """A field as it stands there, with its folds and the line end."""
    pattern = rb"(?im)^%s:.*\r\n(?:[ \t].*\r\n)*" % re.escape(name.encode())
    found = re.search(pattern, header)
    return found[0] if found else b""


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
