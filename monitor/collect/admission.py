"""Who may deliver: networks, journal addresses, certificates, logins, connections and rates."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from monitor.collect.events import Refusal
from monitor.collect.login import Credentials, Logins
from monitor.settings import MailSource, SmtpSettings

Address = IPv4Address | IPv6Address
Sources = Mapping[str, MailSource]
"""Sources that a client may speak for, by journal address in lower case."""

_RATES_KEPT = 4096
_CLIENTS_KEPT = 4096
WRONG_LOGINS_PER_MINUTE = 10
"""Of one client address; past them a login is refused unread."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client's address, and what follows from it."""

    address: Address
    network: str
    """The network that may be named in a log: /24 or /64 is enough to find a gateway by."""
    sources: Sources
    asks_login: bool
    """Does one of its sources want a username and password?"""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a session has shown of who it is."""

    certificate: str | None = None
    logins: frozenset[str] = frozenset()
    """Names of the sources whose username and password it gave."""


NOTHING_SHOWN = Proof()


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
        self._clients: dict[str, Client] = {}
        self._rates = _Buckets(self._settings.max_messages_per_minute, monotonic)
        self._wrong_logins = _Buckets(WRONG_LOGINS_PER_MINUTE, monotonic)
        self._logins = Logins(self._sources)

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
        asks_login = any(source.username for source in sources.values())
        return Client(address, str(network), sources, asks_login)

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
        """Whether one more message is within the client's rate; counts it if it is."""
        return self._rates.take(address)

    def log_in(self, given: Credentials, client: Client) -> frozenset[str] | Refusal:
        """Names of the client's sources that these are the credentials of, at least one.

        Wrong ones are counted by client address, so that no password is found by trying.
        """
        if not self._wrong_logins.has(client.address):
            return Refusal.LOGIN_RATE
        names = (source.name for source in client.sources.values())
        matching = self._logins.matching(given, names)
        if matching:
            return matching
        self._wrong_logins.take(client.address)
        return Refusal.LOGIN_WRONG

    def source_for(self, recipient: str, sources: Sources, proof: Proof) -> MailSource | Refusal:
        """The source of a recipient: its journal address, its network and its proof agree."""
        address = recipient.lower()
        source = sources.get(address)
        if source is None:
            known = address in self._addresses
            return Refusal.ADDRESS_OTHER_CLIENT if known else Refusal.ADDRESS_UNKNOWN
        return _lacking(source, proof) or source


def _lacking(source: MailSource, proof: Proof) -> Refusal | None:
    """What a source asks for and was not shown."""
    if source.client_certificates:
        if proof.certificate is None:
            return Refusal.CERTIFICATE_MISSING
        if proof.certificate not in source.client_certificates:
            return Refusal.CERTIFICATE_UNKNOWN
    if source.username and source.name not in proof.logins:
        return Refusal.LOGIN_MISSING
    return None


class _Buckets:
    """A bucket of `limit` tokens an address, which fills within a minute; None is no limit."""

    def __init__(self, limit: int | None, monotonic: Callable[[], float]) -> None:
        self._limit = limit
        self._monotonic = monotonic
        self._levels: dict[Address, tuple[float, float]] = {}

    def has(self, address: Address) -> bool:
        """Whether there is a token left."""
        return self._limit is None or self._level(address, self._limit, self._monotonic()) >= 1

    def take(self, address: Address) -> bool:
        """Take a token, if there is one."""
        if self._limit is None:
            return True
        now = self._monotonic()
        tokens = self._level(address, self._limit, now)
        allowed = tokens >= 1
        # Insertion order is order of use: what is forgotten is the client idle longest.
        self._levels.pop(address, None)
        self._levels[address] = (tokens - 1 if allowed else tokens, now)
        if len(self._levels) > _RATES_KEPT:
            del self._levels[next(iter(self._levels))]
        return allowed

    def _level(self, address: Address, limit: int, now: float) -> float:
        tokens, at = self._levels.get(address, (float(limit), now))
        return min(float(limit), tokens + (now - at) * limit / 60)
