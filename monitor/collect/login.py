"""SASL PLAIN and LOGIN (RFC 4954, RFC 4616) without I/O, and whose credentials they are."""

import base64
import binascii
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from hashlib import sha256

from monitor.settings import MailSource

MECHANISMS = "PLAIN LOGIN"
_USERNAME, _PASSWORD = (base64.b64encode(word) for word in (b"Username:", b"Password:"))


class Fault(Enum):
    """Why an exchange ended without credentials."""

    CANCELLED = auto()
    MALFORMED = auto()


@dataclass(frozen=True, slots=True)
class Credentials:
    username: bytes
    password: bytes


class Exchange:
    """One authentication: what the client sends, until its credentials are complete."""

    def __init__(self, mechanism: bytes) -> None:
        """Raises KeyError for a mechanism that is not spoken."""
        self._take = {b"PLAIN": self._plain, b"LOGIN": self._login}[mechanism.upper()]
        self._username: bytes | None = None

    def challenge(self) -> bytes:
        """What to send before the next answer of the client, in base64."""
        if self._take == self._plain:
            return b""
        return _USERNAME if self._username is None else _PASSWORD

    def answer(self, line: bytes) -> Credentials | Fault | None:
        """The client's answer, in base64; None while there is more to come."""
        if line == b"*":
            return Fault.CANCELLED
        try:
            return self._take(base64.b64decode(b"" if line == b"=" else line, validate=True))
        except binascii.Error:
            return Fault.MALFORMED

    def _plain(self, data: bytes) -> Credentials | Fault:
        pieces = data.split(b"\0")
        if len(pieces) != 3 or pieces[0] not in (b"", pieces[1]):
            return Fault.MALFORMED
        return Credentials(pieces[1], pieces[2])

    def _login(self, data: bytes) -> Credentials | None:
        if self._username is None:
            self._username = data
            return None
        return Credentials(self._username, data)


class Logins:
    """The credentials of all sources that ask for a login."""

    def __init__(self, sources: Iterable[MailSource]) -> None:
        """Raises UserError when a password cannot be read."""
        self._known = {
            source.name: _digest(source.username.encode(), source.password().encode())
            for source in sources
            if source.username
        }

    def matching(self, given: Credentials, among: Iterable[str]) -> frozenset[str]:
        """Which of these sources the credentials are those of; each is compared to its end."""
        digest = _digest(given.username, given.password)
        equal = [
            name
            for name in among
            if name in self._known and hmac.compare_digest(self._known[name], digest)
        ]
        return frozenset(equal)


def _digest(username: bytes, password: bytes) -> bytes:
    """Of one length whatever is given, so that comparing says nothing of lengths either."""
    return sha256(len(username).to_bytes(4) + username + password).digest()
