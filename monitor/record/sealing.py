"""Sealing: personal data in the database is readable only with a key kept outside of it.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; pseudonyms are HMAC-SHA-256 with a key
of their own, and so are lots. All keys come from one 32-byte secret by HKDF (RFC 5869). After a
rotation older secrets still open what they sealed; only the newest seals and names
(docs/privacy.md).
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from monitor.errors import UserError
from monitor.record import keyring
from monitor.record.keyring import KEY_FILE, NEXT_FILE, SECRET_BYTES, Key

VERSION = b"\x01"
NONCE_BYTES, ID_BYTES = 12, 4
BLOCK_BYTES = 64
"""Of SHA-256, which HMAC fills its key up to."""
HEAD_BYTES = len(VERSION) + ID_BYTES
"""A sealed value begins with version and key id."""


class Sealer:
    """Seals and opens text; a sealed value is version, key id, nonce, ciphertext with tag."""

    def __init__(self, secret: bytes, older: Sequence[Key] = (), since: date | None = None) -> None:
        """Seals with `secret`; what `older` keys sealed is opened as well."""
        self._newest = _Derived(Key(secret, since))
        self._all = (self._newest, *(_Derived(each) for each in older))
        self._by_head = {each.head: each for each in self._all}
        self.fingerprint = self._newest.fingerprint

    @classmethod
    def load(cls, state_dir: Path) -> "Sealer":
        """The keys of a state directory; the first is made on first use (0600).

        Raises UserError when the file is not a key or others can read it.
        """
        path = state_dir / KEY_FILE
        if not path.exists():
            keyring.create(path)
        # Of a rotation that was interrupted: what the database has of it must be readable.
        return cls.of([*keyring.read(path), *keyring.read(state_dir / NEXT_FILE)])

    @classmethod
    def of(cls, keys: Sequence[Key]) -> "Sealer":
        """Of these keys, the newest first."""
        return cls(keys[0].secret, keys[1:], keys[0].since)

    @property
    def head(self) -> bytes:
        """How everything begins that the newest key sealed."""
        return self._newest.head

    @property
    def has_older(self) -> bool:
        """Whether a key was rotated and the older one is kept."""
        return len(self._all) > 1

    def opens(self, head: bytes) -> bool:
        """Whether a key is here for what begins like this."""
        return head in self._by_head

    def seal(self, text: str | None, purpose: str) -> bytes | None:
        """The sealed text; `purpose` must be given again to open it. None stays None."""
        if not text:
            return None
        nonce = os.urandom(NONCE_BYTES)
        return (
            self._newest.head
            + nonce
            + self._newest.cipher.encrypt(nonce, text.encode(), purpose.encode())
        )

    def open(self, sealed: bytes | None, purpose: str) -> str | None:
        """The text again. Raises UserError when a key sealed it that is not here."""
        if sealed is None:
            return None
        nonce, rest = (
            sealed[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES],
            sealed[HEAD_BYTES + NONCE_BYTES :],
        )
        try:
            key = self._by_head[sealed[:HEAD_BYTES]]
            return key.cipher.decrypt(nonce, rest, purpose.encode()).decode()
        except (KeyError, InvalidTag, ValueError):
            raise UserError(
                "sealed with another key: restore the sealing.key that was in use then"
            ) from None

    def pseudonym(self, address: str) -> int:
        """A stable 64-bit name for an address, as PostgreSQL's bigint."""
        return self._newest.pseudonym(address.lower())

    def pseudonyms(self, address: str) -> tuple[int, ...]:
        """Its name by each key, the newest first."""
        return tuple(each.pseudonym(address.lower()) for each in self._all)

    def lot(self, key: bytes) -> float:
        """A number from 0 up to 1 that belongs to a key, and that nobody can tell without the
        secret: what is below the rate is drawn (monitor/sampling).

        After a rotation another one: what was decided before is recorded.
        """
        drawn = hmac.digest(self._newest.lots, key, "sha256")
        return (int.from_bytes(drawn[:8], "big") >> 11) / (1 << 53)

    def reference(self, text: str, day: date) -> int:
        """A 64-bit name for what is compared with what came about the same Vietnam day: by the
        key of that day, so that a rotation changes no name of an earlier day.
        """
        for each in self._all:
            if each.since is None or each.since <= day:
                return each.pseudonym(text)
        return self._all[-1].pseudonym(text)


class _Derived:
    """What one secret gives."""

    def __init__(self, key: Key) -> None:
        if len(key.secret) != SECRET_BYTES:
            raise ValueError("a sealing secret has 32 bytes")
        self.since = key.since
        self.cipher = AESGCM(_derive(key.secret, b"congvu seal"))
        self.fingerprint = fingerprint(key)
        self.head = VERSION + bytes.fromhex(self.fingerprint)[:ID_BYTES]
        self.lots = _derive(key.secret, b"congvu lots")
        pseudonym_key = _derive(key.secret, b"congvu pseudonym").ljust(BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(each ^ 0x36 for each in pseudonym_key))
        self._outer = hashlib.sha256(bytes(each ^ 0x5C for each in pseudonym_key))

    def pseudonym(self, text: str) -> int:
        """HMAC of RFC 2104 from copies of its keyed beginnings: a third of `hmac.digest`'s time."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return int.from_bytes(outer.digest()[:8], "big", signed=True)


def fingerprint(key: Key) -> str:
    """What the database may know of a key."""
    return hashlib.sha256(_derive(key.secret, b"congvu fingerprint")).hexdigest()


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
