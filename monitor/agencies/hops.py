"""Which Received headers are believed, and what they say of where a message entered.

A server writes its Received header on top of those it was given (RFC 5321 4.4). So the newest
header was written by whoever handed the message to us, and each one below by the client that the
one above names. The walk goes down only as long as that client is one of the gateway's own
servers; the last header so reached tells who handed the message to the gateway. Everything below
it came with the message and is what its sender liked to write: it is never looked at.

A mail that was taken from a mailbox of ours was handed to us by nobody: its newest header is our
own mail server's.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from monitor.model import Hop
from monitor.settings import MailOrigin, Network

SUBMISSION_PROTOCOLS = frozenset({
    "ESMTPA", "ESMTPSA", "LMTPA", "LMTPSA",  # RFC 3848
    "UTF8SMTPA", "UTF8SMTPSA", "UTF8LMTPA", "UTF8LMTPSA",  # RFC 6531 4.3
    "ASMTP",  # Exim before RFC 3848
    "HTTP", "HTTPS", "MAPI",  # a web client or Outlook, logged in at the gateway's own server
})  # fmt: skip
"""`with` words that say the client had authenticated."""


def entry_hop(hops: Sequence[Hop], peer: str | None, source: MailOrigin) -> Hop | None:
    """The believed hop by which a message entered the gateway; None if no hop is believed."""
    believed = believed_hops(hops, peer, source)
    return believed[-1] if believed else None


def believed_hops(hops: Sequence[Hop], peer: str | None, source: MailOrigin) -> Sequence[Hop]:
    """The hops that the gateway's own servers wrote, newest first; the last one is the entry.

    `hops` are newest first, `peer` is the client that delivered the copy to us, None for a pulled
    mail.
    """
    return hops[: _believed(hops, peer, source, again=False)]


def taken_hops(hops: Sequence[Hop], peer: str | None, source: MailOrigin) -> Sequence[Hop]:
    """The same, and on where a program of one of these servers handed the message in again: an
    alias, a `.forward`, a filter by `sendmail`. What stands below came to that server with it.

    A program may also make up what stands there; so this tells where a message is from, and never
    who wrote it.
    """
    return hops[: _believed(hops, peer, source, again=True)]


def _believed(hops: Sequence[Hop], peer: str | None, source: MailOrigin, *, again: bool) -> int:
    number = 0
    believed = peer is None or _within(peer, source.trusted_hops)
    for hop in hops:
        if not believed:
            break
        number += 1
        believed = _within(hop.from_address, source.trusted_hops)
        believed = believed or (peer is None and _is_local_delivery(hop))
        believed = believed or (again and has_no_client(hop))
    return number


def _is_local_delivery(hop: Hop) -> bool:
    """Handed to the mailbox's server on its own machine, over a socket without an address?

    LMTP is spoken by a mail server to its own store, never by strangers (RFC 2033 5).
    """
    return hop.from_address is None and hop.protocol in {"LMTP", "LMTPS"}


def is_local_program(hop: Hop) -> bool:
    """Did a program on our own server hand a message in, without any client (Postfix pickup)?"""
    return hop.from_host is None and hop.from_address is None and hop.protocol is None


def submitted_inside(hops: Sequence[Hop], peer: str | None, source: MailOrigin) -> bool:
    """Did the message enter by an authenticated client or from an internal network?

    Authentication between the gateway's own servers says nothing of the sender, so only the
    entry hop counts.
    """
    hop = entry_hop(hops, peer, source)
    return hop is not None and _is_submission(hop, source)


def _is_submission(hop: Hop, source: MailOrigin) -> bool:
    return is_login(hop) or _within(hop.from_address, source.internal_networks)


def is_login(hop: Hop) -> bool:
    """Did the client of a hop say who it is, with a password?"""
    return (hop.protocol or "").upper() in SUBMISSION_PROTOCOLS


def has_no_client(hop: Hop) -> bool:
    """Was nobody there who handed a message to that server (RFC 5321 4.4: no `from` clause)?"""
    return hop.by_host is not None and hop.from_host is None and hop.from_address is None


def came_from_inside(hops: Sequence[Hop], peer: str | None, source: MailOrigin) -> bool:
    """Was a message submitted inside, or made by one of the gateway's own servers (a bounce),
    wherever it was handed in again?
    """
    taken = taken_hops(hops, peer, source)
    return bool(taken) and (has_no_client(taken[-1]) or _is_submission(taken[-1], source))


def is_trusted(address: str | None, source: MailOrigin) -> bool:
    """Is this the address of one of the gateway's own servers?"""
    return _within(address, source.trusted_hops)


def handled_inside(hops: Sequence[Hop], source: MailOrigin) -> bool:
    """Did none but the gateway's own servers hand a message on, and nobody submit it?

    So it is with what a server makes itself, a journal report. Not with a copy of one that somebody
    mailed: that entered from elsewhere or by a login.
    """
    return all(
        (is_trusted(hop.from_address, source) or _is_local_delivery(hop))
        and (hop.protocol or "").upper() not in SUBMISSION_PROTOCOLS
        for hop in hops
    )


def address_of(text: str | None) -> str | None:
    """The address of a client in its plain form; None for what is none."""
    parsed = _parse(text)
    return None if parsed is None else str(parsed)


def _within(address: str | None, networks: Sequence[Network]) -> bool:
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in networks)


@lru_cache(maxsize=4096)
def _parse(address: str | None) -> IPv4Address | IPv6Address | None:
    """An address as Received headers and sockets write it; None for what is none."""
    if not address:
        return None
    bare = address.strip().strip("[]")
    if bare[:5].lower() == "ipv6:":
        bare = bare[5:]
    try:
        parsed = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped
    return parsed
