"""Sealing: personal data in the database is readable only with a key kept outside of it.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; pseudonyms are HMAC-SHA-256 with a key
of their own. Both keys come from one 32-byte secret by HKDF (RFC 5869).
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from monitor.errors import UserError

KEY_FILE = "sealing.key"
VERSION = b"\x01"
NONCE_BYTES, ID_BYTES = 12, 4


class Sealer:
    """Seals and opens text; a sealed value is version, key id, nonce, ciphertext with tag."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise ValueError("a sealing secret has 32 bytes")
        self._cipher = AESGCM(_derive(secret, b"congvu seal"))
        self._pseudonym_key = _derive(secret, b"congvu pseudonym")
        self.fingerprint = hashlib.sha256(_derive(secret, b"congvu fingerprint")).hexdigest()
        self._id = bytes.fromhex(self.fingerprint)[:ID_BYTES]

    @classmethod
    def load(cls, state_dir: Path) -> "Sealer":
        """The key of a state directory, made on first use (0600).

        Raises UserError when the file is not a key or others can read it.
        """
        path = state_dir / KEY_FILE
        if not path.exists():
            _create(path)
        found = path.stat()
        if found.st_mode & 0o077:
            raise UserError(f"{path}: others can read it; chmod 600 it")
        try:
            return cls(bytes.fromhex(path.read_text(encoding="ascii").strip()))
        except ValueError:
            raise UserError(
                f"{path}: is not a sealing key; restore it from a backup (a new key cannot open "
                "what was sealed before)"
            ) from None

    def seal(self, text: str | None, purpose: str) -> bytes | None:
        """The sealed text; `purpose` must be given again to open it. None stays None."""
        if not text:
            return None
        nonce = os.urandom(NONCE_BYTES)
        head = VERSION + self._id + nonce
        return head + self._cipher.encrypt(nonce, text.encode(), purpose.encode())

    def open(self, sealed: bytes | None, purpose: str) -> str | None:
        """The text again. Raises UserError when another key sealed it."""
        if sealed is None:
            return None
        head = len(VERSION) + ID_BYTES
        nonce, rest = sealed[head : head + NONCE_BYTES], sealed[head + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, rest, purpose.encode()).decode()
        except (InvalidTag, ValueError):
            raise UserError(
                "sealed with another key: restore the sealing.key that was in use then"
            ) from None

    def pseudonym(self, address: str) -> int:
        """A stable 64-bit name for an address, as PostgreSQL's bigint."""
        digest = hmac.digest(self._pseudonym_key, address.lower().encode(), "sha256")
        return int.from_bytes(digest[:8], "big", signed=True)


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # unlike rename, never replaces a key that another process made
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
