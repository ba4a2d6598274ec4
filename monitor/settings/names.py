"""Mail domains: who is asked about them, what they should say, which mail is free mail."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from monitor.settings.kinds import HostName, Name, Network, Port, Seconds, Section

Domain = Annotated[str, Field(pattern=r"^[a-z0-9_][a-z0-9_-]{0,62}(\.[a-z0-9_-]{1,63})+$")]
Selector = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$")]


def resolver_address(text: str) -> tuple[IPv4Address | IPv6Address, int]:
    """Address and port of `10.0.0.53`, `10.0.0.53:5353`, `fd00::53` or `[fd00::53]:5353`."""
    bare, port = text, "53"
    if text.startswith("["):
        bare, _, port = text[1:].partition("]")
        port = port.removeprefix(":") or "53"
    elif text.count(":") == 1:
        bare, _, port = text.partition(":")
    number = int(port) if port.isdigit() else 0
    if not 0 < number < 65536:
        raise ValueError(f"{text!r}: {port!r} is no port")
    return ip_address(bare), number


def _resolver(text: str) -> str:
    try:
        resolver_address(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no address of a resolver: write 10.0.0.53 or 10.0.0.53:5353"
        ) from None
    return text


Resolver = Annotated[str, AfterValidator(_resolver)]


class DnsSettings(Section):
    """Who answers questions about names."""

    resolvers: tuple[Resolver, ...] = Field((), max_length=8)
    """Addresses of recursive resolvers. Empty asks nobody: what needs names is `unknown`."""
    validating: bool = False
    """They validate DNSSEC and the way to them is safe: their AD flag is believed (RFC 6840
    5.8)."""
    timeout_seconds: Seconds = 3
    """Of one question to one resolver."""
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    concurrency: Annotated[int, Field(ge=1, le=500)] = 50
    """Questions on their way at one time."""
    cache_entries: Annotated[int, Field(ge=100, le=1_000_000)] = 50_000


class PostureSettings(Section):
    """What the mail domains of the registry should say of themselves."""

    interval_seconds: Annotated[float, Field(ge=60)] = 21_600
    """Between two checks of a domain, give or take a tenth."""
    gateway_hosts: tuple[HostName, ...] = ()
    """Names that an MX of official mail may point to."""
    gateway_networks: tuple[Network, ...] = ()
    """Addresses that the official gateway receives at and sends from."""
    dkim_selectors: tuple[Selector, ...] = ()
    """Selectors that the official gateway signs with; those seen in captured mail are added."""
    more_domains: dict[Name, tuple[Domain, ...]] = Field(default_factory=dict)
    """Domains of an agency, by its code, that no mail comes from: they are to be closed too."""
    history_months: Annotated[int, Field(ge=1, le=1200)] = 36
    """How long changes and daily results are kept."""


class GatewaySettings(Section):
    """One host of the official gateway whose liveness is looked at."""

    name: Name
    """In metrics and pages."""
    host: HostName
    """Name or address: nothing else is ever connected to."""
    port: Port = 25
    tls: bool = False
    """TLS from the first octet (port 465) in place of STARTTLS."""
    starttls: bool = True
    """STARTTLS is to be offered."""
    ca: Path | None = None
    """PEM file of the authority of its certificate; None trusts the system's."""
    server_name: HostName | None = None
    """Whom its certificate is to be of, where that is not `host`."""
    interval_seconds: Annotated[float, Field(ge=10)] = 60
    timeout_seconds: Seconds = 20


class OriginSettings(Section):
    """How the origin of captured mail is proven."""

    dkim: bool = True
    """Ask for the keys of DKIM signatures; needs dns.resolvers."""
    wait_seconds: Seconds = 5
    """A message waits no longer for them; what is late is asked for again in the background."""


class FreemailSettings(Section):
    """Which mail is free mail."""

    domains: tuple[Domain, ...] = ()
    """Beside the list that comes with the product; a domain stands for all below it."""
    official: tuple[Domain, ...] = ()
    """Never free mail, whatever the list says."""

    @model_validator(mode="after")
    def _not_both(self) -> "FreemailSettings":
        if both := sorted(set(self.domains) & set(self.official)):
            raise ValueError(f"{both[0]} is in domains and in official: remove it from one")
        return self
