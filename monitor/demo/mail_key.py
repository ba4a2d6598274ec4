"""The key that the demo's gateway signs mail with (RFC 6376): made once for a state folder."""

from pathlib import Path

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from monitor.demo.zone import SELECTOR
from monitor.whole_file import whole_file

FILE = "mail-key.pem"
SIGNED_FIELDS = (b"from", b"to", b"subject", b"date", b"message-id", b"mime-version")


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
    """The message with a DKIM-Signature of the domain on top."""
    field: bytes = dkim.sign(
        message, SELECTOR.encode(), domain.encode(), _pem(key), include_headers=SIGNED_FIELDS
    )
    return field + message


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
