"""What the demo province's mail domains publish: one zone, some of it as it should be.

Every agency's domain differs in what an operator meets: `congvu posture` and the dashboard show it.
"""

from base64 import b64encode
from collections.abc import Iterator
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from monitor.demo.agencies import DOMAIN

ORIGIN = "demo.example"
GATEWAY_NETWORK = "203.0.113.16/28"
GATEWAY_ADDRESS = "203.0.113.20"
SELECTOR = "congvu2026"
PARTNER_CLIENT = "203.0.113.99"
"""Of the company that sends the finance department's notices for it (RFC 5737)."""
OLD_DOMAIN = f"cu.{DOMAIN}"
"""What the province's mail was called before: nobody looks after its DNSSEC any more."""
FREE_DOMAIN = "thumienphi.demo.example"
"""A free-mail provider of the demo."""
FREE_ACCOUNT = ("hs-nuixanh", f"ubnd.nuixanh@{FREE_DOMAIN}")
"""An agency that still writes from there, and its address."""
SILENT = (f"_mta-sts.nuixanh.{DOMAIN}.", f"_smtp._tls.nuixanh.{DOMAIN}.")
"""Names at whose questions the servers keep silent: could not be checked is no failure."""
BOGUS = (f"{OLD_DOMAIN}.",)
"""Below them nothing survives validation."""
UNSIGNED = (f"sgddt.{DOMAIN}.", f"nuixanh.{DOMAIN}.", f"congty.{ORIGIN}.", f"{FREE_DOMAIN}.")

_SPF = f"v=spf1 ip4:{GATEWAY_NETWORK}"
_REPORTS = f"rua=mailto:dmarc@{DOMAIN}"


class Published(NamedTuple):
    """What one domain says of itself; None publishes nothing."""

    spf: str | None = f"{_SPF} -all"
    dkim: str | None = "{key}"
    dmarc: str | None = f"v=DMARC1; p=reject; {_REPORTS}"
    mx: tuple[str, ...] = (f"10 mail.{DOMAIN}.",)
    transport: bool = True
    """MTA-STS and TLS reports."""


def published() -> dict[str, Published]:
    """By the label of the domain below the province's."""
    includes = " ".join(f"include:spf{n}.nhacungcap.{ORIGIN}" for n in range(1, 7))
    return {
        "vpub": Published(),
        "skhcn": Published(transport=False),
        "stc": Published(
            spf=f"{_SPF} ip4:{PARTNER_CLIENT} ~all",
            dmarc=f"v=DMARC1; p=quarantine; rua=mailto:dmarc@congty.{ORIGIN}",
        ),
        "sgddt": Published(
            mx=(f"10 mail.{DOMAIN}.", f"20 mx.nhacungcap.{ORIGIN}."),
            dmarc=f"v=DMARC1; p=none; {_REPORTS}",
        ),
        "trungtam": Published(spf=f"{_SPF} {includes} -all", transport=False),
        "donglua": Published(spf=None, dkim="v=DKIM1; k=rsa; p=", dmarc=None, transport=False),
        "nuixanh": Published(spf=f"{_SPF} ?all", mx=("10 thu.nuixanh-cu.demo.example.",)),
    }


def zone_text(gateway: rsa.RSAPublicKey) -> str:
    """The zone in the form of RFC 1035 5; `gateway` is the key that the gateway signs mail with."""
    key = f"v=DKIM1; k=rsa; p={dkim_key(gateway)}"
    lines = [
        f"$ORIGIN {ORIGIN}.",
        "$TTL 300",
        "@ SOA ns hostmaster 1 3600 900 604800 60",
        "@ NS ns",
        "ns A 203.0.113.5",
        f"mail.{DOMAIN}. A {GATEWAY_ADDRESS}",
        f"_dmarc.{DOMAIN}. TXT {_strings(f'v=DMARC1; p=quarantine; sp=none; {_REPORTS}')}",
        f"{DOMAIN}. MX 10 mail.{DOMAIN}.",
        f"{DOMAIN}. TXT {_strings(_SPF + ' -all')}",
        f"{OLD_DOMAIN}. MX 0 .",
        f"mx.nhacungcap A {PARTNER_CLIENT}",
        f"congty MX 10 mx.nhacungcap.{ORIGIN}.",
        f"congty TXT {_strings(f'v=spf1 ip4:{PARTNER_CLIENT} -all')}",
        f"thumienphi MX 10 mx.nhacungcap.{ORIGIN}.",
        f"thumienphi TXT {_strings('v=spf1 ip4:203.0.113.64/26 -all')}",
    ]
    for label, says in published().items():
        lines += _domain(f"{label}.{DOMAIN}.", says, key)
    for n in range(1, 7):
        nested = f"v=spf1 include:a{n}.nhacungcap.{ORIGIN} -all"
        lines.append(f"spf{n}.nhacungcap TXT {_strings(nested)}")
        lines.append(f"a{n}.nhacungcap TXT {_strings(f'v=spf1 ip4:198.51.100.{n} -all')}")
    return "\n".join(lines) + "\n"


def _domain(name: str, says: Published, key: str) -> Iterator[str]:
    yield from (f"{name} MX {each}" for each in says.mx)
    yield f"{name} TXT {_strings('demo')}"
    if says.spf:
        yield f"{name} TXT {_strings(says.spf)}"
    if says.dkim:
        yield f"{SELECTOR}._domainkey.{name} TXT {_strings(says.dkim.replace('{key}', key))}"
    if says.dmarc:
        yield f"_dmarc.{name} TXT {_strings(says.dmarc)}"
    if says.transport:
        yield f"_mta-sts.{name} TXT {_strings('v=STSv1; id=20261101')}"
        yield f"mta-sts.{name} A {GATEWAY_ADDRESS}"
        yield f"_smtp._tls.{name} TXT {_strings(f'v=TLSRPTv1; rua=mailto:tls@{DOMAIN}')}"


def _strings(text: str) -> str:
    """A TXT record: strings of at most 255 octets (RFC 1035 3.3.14)."""
    return " ".join(f'"{text[i : i + 250]}"' for i in range(0, len(text), 250))


def dkim_key(key: rsa.RSAPublicKey) -> str:
    """What `p=` says of it (RFC 6376 3.6.1)."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return b64encode(key.public_bytes(serialization.Encoding.DER, form)).decode()
