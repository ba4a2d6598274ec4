"""Who may deliver: networks, journal addresses, certificates, connections and rates."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from monitor.collect.events import Refusal
from monitor.settings import MailSource, SmtpSettings

Address = IPv4Address | IPv6Address
Sources = Mapping[str, MailSource]
"""Sources that a client may speak for, by journal address in lower case."""

_RATES_KEPT = 4096
_CLIENTS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Client:
    """A client's address, and what follows from it."""

    address: Address
    network: str
    """The network that may be named in a log: /24 or /64 is enough to find a gateway by."""
    sources: Sources


def client_address(peer: str) -> Address:
    """The client's address; an IPv4 client on an IPv6 socket is an IPv4 client."""
    address = ip_address(peer.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


class Admission:
    """Counts what clients hold and use, and decides for which source they may speak."""

    def __init__(
        self,
        settings: SmtpSettings,
        sources: Sequence[MailSource],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._sources = tuple(sources)
        self._addresses = {source.journal_address.lower() for source in sources}
        self._connections: Counter[Address] = Counter()
        self._monotonic = monotonic
        self._clients: dict[str, Client] = {}
        self._rates: dict[Address, tuple[float, float]] = {}

    def client(self, peer: str) -> Client:
        """The client at a socket's peer address; a stranger has no sources."""
        known = self._clients.get(peer)
        if known is None:
            known = self._look_up(client_address(peer))
            if len(self._clients) >= _CLIENTS_KEPT:
                self._clients.clear()
            self._clients[peer] = known
        return known

    def _look_up(self, address: Address) -> Client:
        network = ip_network((address, 24 if address.version == 4 else 64), strict=False)
        sources = {
            source.journal_address.lower(): source
            for source in self._sources
            if any(address in network for network in source.networks)
        }
        return Client(address, str(network), sources)

    def enter(self, address: Address) -> Refusal | None:
        """Count a connection in, unless there are too many; `leave` counts it out."""
        if self._connections.total() >= self._settings.max_connections:
            return Refusal.CONNECTIONS
        if self._connections[address] >= self._settings.max_connections_per_client:
            return Refusal.CLIENT_CONNECTIONS
        self._connections[address] += 1
        return None

    def leave(self, address: Address) -> None:
        """Count a connection out."""
        self._connections[address] -= 1
        if self._connections[address] <= 0:
            del self._connections[address]

    def may_send(self, address: Address) -> bool:
        """Whether one more message is within the client's rate; counts it if it is.

        A bucket of `max_messages_per_minute` tokens that fills within a minute.
        """
        limit = self._settings.max_messages_per_minute
        if limit is None:
            return True
        now = self._monotonic()
        tokens, at = self._rates.pop(address, (float(limit), now))
        tokens = min(float(limit), tokens + (now - at) * limit / 60)
        allowed = tokens >= 1
        # Insertion order is order of use: what is forgotten is the client idle longest.
        self._rates[address] = (tokens - 1 if allowed else tokens, now)
        if len(self._rates) > _RATES_KEPT:
            del self._rates[next(iter(self._rates))]
        return allowed

    def source_for(
        self, recipient: str, sources: Sources, certificate: str | None
    ) -> MailSource | Refusal:
        """The source of a recipient: its journal address, its network and its certificate agree."""
        address = recipient.lower()
        source = sources.get(address)
        if source is None:
            known = address in self._addresses
            return Refusal.ADDRESS_OTHER_CLIENT if known else Refusal.ADDRESS_UNKNOWN
        if not source.client_certificates:
            return source
        if certificate is None:
            return Refusal.CERTIFICATE_MISSING
        known = certificate in source.client_certificates
        return source if known else Refusal.CERTIFICATE_UNKNOWN
