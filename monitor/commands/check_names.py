"""What `congvu check-config` finds of mail domains and gateways; nobody is asked."""

import ssl
from collections.abc import Iterator

from monitor.agencies import Registry
from monitor.agencies.mail_domains import check_owners
from monitor.errors import UserError
from monitor.settings import GatewaySettings, Settings


def name_problems(loaded: Settings) -> Iterator[str]:
    """Problems of `[dns]`, `[posture]` and `[[gateways]]`."""
    if loaded.dns.validating and not loaded.dns.resolvers:
        yield "dns.validating: there is no resolver whose word could be believed: fill resolvers"
    if loaded.posture.more_domains and not loaded.agencies.registry:
        yield "posture.more_domains: whose they are needs agencies.registry"
    for gateway in loaded.gateways:
        yield from _trust_problems(gateway)


def unknown_in_domains(loaded: Settings, registry: Registry) -> Iterator[str]:
    """Codes that no agency of the registry has ever had."""
    try:
        check_owners(registry, loaded.posture.more_domains)
    except UserError as error:
        yield str(error)


def _trust_problems(gateway: GatewaySettings) -> Iterator[str]:
    if gateway.ca is None:
        return
    what = f"gateway {gateway.name}: {gateway.ca}"
    try:
        text = gateway.ca.read_text("ascii")
        ssl.create_default_context(cadata=text or "-")
    except (ssl.SSLError, UnicodeDecodeError):
        yield (
            f"{what} is no PEM file of certificates: convert it with "
            "`openssl x509 -inform der -in FILE -out FILE.pem`"
        )
    except OSError as error:
        yield f"{what}: {error.strerror or error}"
