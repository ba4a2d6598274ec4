"""Addresses as logs write them, decoded once each."""

import re

KEPT = 50_000
_ADDRESS = re.compile(
    r"[^@\x00-\x20\x7f\s<>,;\"\ufffd]{1,64}@[^@\x00-\x20\x7f\s<>,;\"\ufffd]{1,255}"
)
_REALM_ENDS = frozenset(
    ("local", "localdomain", "lan", "internal", "intranet", "corp", "private", "home")
)
"""Last labels of domains that are no mail domains (RFC 6762 appendix G and its like)."""


class Addresses(dict[bytes, str]):
    """Addresses in small letters by their bytes; the empty text is none, or none readable."""

    def __init__(self, encoding: str, domain: str | None = None) -> None:
        """`domain`: of names that come without one; None leaves them out."""
        super().__init__()
        self._encoding = encoding
        self._domain = domain

    def __missing__(self, raw: bytes) -> str:
        if len(self) >= KEPT:
            self.clear()
        text = raw.decode(self._encoding, errors="replace").strip().lower()
        if self._domain and text and "@" not in text:
            text = f"{text}@{self._domain}"
        address = text if _ADDRESS.fullmatch(text) else ""
        self[raw] = address
        return address


def is_mail_domain(address: str) -> bool:
    """False for realms of directories, `an.nv@tinh.local`, which name an account and no mailbox."""
    domain = address.rpartition("@")[2]
    return "." in domain and domain.rpartition(".")[2] not in _REALM_ENDS


def bare_id(raw: bytes) -> str:
    """A Message-ID without white space and angle brackets; empty if it is none.

    It is kept in JSON and compared with what mails say, so one with control characters is none.
    """
    text = raw.decode("utf-8", errors="backslashreplace").strip()
    bare = text.removeprefix("<").removesuffix(">").strip()
    return bare if bare.isprintable() else ""
