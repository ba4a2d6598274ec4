"""Envelope senders that a forwarder rewrote (SRS, the Sender Rewriting Scheme).

    SRS0=hash=tt=original.domain=local@forwarder
    SRS1=hash=first.forwarder==hash=tt=original.domain=local@forwarder

`=` behind the tag may be `+` or `-`. https://www.libsrs2.org/srs/srs.pdf
"""

import re
from dataclasses import dataclass

_SRS0 = re.compile(r"srs0[=+-][^=@]+=[^=@]+=(?P<domain>[^=@]+)=(?P<local>[^@]+)", re.IGNORECASE)
_SRS1 = re.compile(
    r"srs1[=+-][^=@]+=[^=@]+=[=+-][^=@]+=[^=@]+=(?P<domain>[^=@]+)=(?P<local>[^@]+)", re.IGNORECASE
)
MAX = 1000


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What a rewritten sender says; a hash that only the forwarder can check vouches for it."""

    original: str
    """Who the message was from before it was forwarded."""
    forwarder: str
    """Domain of who sent it on."""


def rewritten(address: str) -> Rewritten | None:
    """The original sender and the forwarder's domain; None for any other address."""
    if len(address) > MAX:
        return None
    local, at, forwarder = address.strip().rpartition("@")
    found = (_SRS0.fullmatch(local) or _SRS1.fullmatch(local)) if at else None
    return Rewritten(f"{found['local']}@{found['domain']}", forwarder) if found else None
