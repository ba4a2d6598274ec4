"""Where reports are to go (RFC 7489 6.2, RFC 9989 4.6): URIs, `mailto:` above all.

RFC 7489 lets a size limit follow (`!10m`); RFC 9989 has it ignored.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

MAX_URIS = 20
"""More are not looked at: a receiver need not serve more than two (RFC 7489 6.2)."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.+)")
_SIZE = re.compile(r"!([0-9]{1,12}[kmgt]?)$", re.IGNORECASE)
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))+"
)
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")


@dataclass(frozen=True, slots=True)
class ReportUri:
    """One destination. `host` is of a `mailto:` one, in lower case, None for all other."""

    text: str
    scheme: str
    host: str | None = None
    size: str | None = None
    """The limit of RFC 7489 as written, without the exclamation mark."""


def read_uri(text: str) -> ReportUri | None:
    """None where it is no URI, or a `mailto:` that names no address."""
    bare, size = text.strip(), None
    if limit := _SIZE.search(bare):
        bare, size = bare[: limit.start()], limit[1].lower()
    match = _SCHEME.fullmatch(bare)
    if match is None or "!" in bare or not bare.isascii() or not bare.isprintable() or " " in bare:
        return None
    scheme = match[1].lower()
    if scheme != "mailto":
        return ReportUri(bare, scheme, None, size)
    local, _, host = unquote(match[2].partition("?")[0]).rpartition("@")
    # The Kelvin sign is a "k" in lower case, and another name's before.
    host = host.lower() if host.isascii() else ""
    if _LOCAL.fullmatch(local) is None or _HOST.fullmatch(host) is None:
        return None
    return ReportUri(bare, scheme, host, size)


def read_uris(value: str) -> tuple[tuple[ReportUri, ...], bool]:
    """Those that can be read of a list with commas, and whether all of it could."""
    found = [read_uri(part) for part in value.split(",", MAX_URIS)[:MAX_URIS]]
    return tuple(uri for uri in found if uri is not None), None not in found
