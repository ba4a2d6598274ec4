"""Which addresses may be asked: exact names of the list, and public addresses behind them.

Every address is read by yarl, which the HTTP client uses as well, so that both see one host. The
addresses of a name are checked where the client resolves it and are the ones it connects to: a
name cannot change its mind in between.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from monitor.fetch.wire import Outcome, Rules

_USUAL_PORTS = {"http": 80, "https": 443}
_NAT64 = IPv6Network("64:ff9b::/96")


class Failure(Exception):
    """An address gave nothing that can be used."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


def entry_of(url: URL) -> str | None:
    """How `fetch.hosts` names the server of an address; None for what is never asked."""
    host = (url.raw_host or "").lower()
    if url.scheme not in _USUAL_PORTS or not host or url.user or url.password:
        return None
    shown = f"[{host}]" if ":" in host else host
    return shown if url.port == _USUAL_PORTS[url.scheme] else f"{shown}:{url.port}"


def parse(text: str) -> URL | None:
    """An address as it stands; None for what is none."""
    try:
        url = URL(text, encoded=True)
        port = url.port
    except ValueError:
        return None
    return url if port is None or 0 < port < 65536 else None


def may_ask(text: str, hosts: tuple[str, ...]) -> bool:
    """Is the host of an address in the list?"""
    url = parse(text)
    return url is not None and entry_of(url) in hosts


def public(address: str) -> bool:
    """Is it an address of the open internet, whatever it is wrapped in?"""
    try:
        plain = _unwrapped(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return plain.is_global and not plain.is_multicast


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one (RFC 4291 2.5.5.2, 6052, 3056, 4380)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


class Gate:
    """The rules as the client asks them; one for each job."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        proxy = parse(rules.proxy) if rules.proxy else None
        self._proxy = proxy.raw_host if proxy else None

    def check(self, url: URL) -> None:
        """Raises Failure for an address that may not be asked."""
        entry = entry_of(url)
        if entry is None or entry not in self._rules.hosts:
            raise Failure(Outcome.HOST_REFUSED)
        literal = (url.raw_host or "").strip("[]")
        if _is_address(literal) and not public(literal) and not self._may_be_private(entry):
            raise Failure(Outcome.ADDRESS_REFUSED)

    def admits(self, host: str, port: int, addresses: list[str]) -> bool:
        """May the client connect to what a name resolved to? The proxy's name may be anything."""
        if host == self._proxy:
            return True
        private = self._may_be_private(host) or self._may_be_private(f"{host}:{port}")
        return private or all(map(public, addresses))

    def _may_be_private(self, entry: str) -> bool:
        return entry in self._rules.allow_private


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


class GuardedResolver(AbstractResolver):
    """The system's resolver behind the gate."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Addresses of a name; raises Failure when one of them may not be connected to."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not self._gate.admits(host, port, addresses):
            raise Failure(Outcome.ADDRESS_REFUSED)
        return [
            ResolveResult(
                hostname=host, host=str(where[0]), port=port, family=kind, proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, proto, _, where in found
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is kept."""
