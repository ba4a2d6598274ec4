"""By which trust material a verdict was made, in one word each for all of it and its basis."""

import hashlib
from typing import NamedTuple

from pydantic import BaseModel

from monitor import __version__
from monitor.model import TrustMaterial

REVOCATION_DATA = frozenset({"crls", "indexed", "ocsps"})
"""Fields of TrustMaterial that come anew every day; all others are the basis."""


class Fingerprints(NamedTuple):
    """Equal for equal material, in whatever order and from whatever files it came."""

    whole: str
    basis: str
    """Of all but revocation data: anchors, intermediates, policy, and the version of congvu."""


def fingerprints(material: TrustMaterial, version: str = __version__) -> Fingerprints:
    """SHA-256 over contents; takes about 3 ms a MB of revocation lists."""
    digests = {name: _digest(getattr(material, name)) for name in TrustMaterial.model_fields}
    basis = {name: each for name, each in digests.items() if name not in REVOCATION_DATA}
    return Fingerprints(_of(version, digests), _of(version, basis))


def _of(version: str, digests: dict[str, bytes]) -> str:
    told = hashlib.sha256(version.encode())
    for name in sorted(digests):
        told.update(name.encode() + b"\0" + digests[name])
    return told.hexdigest()


def _digest(value: object) -> bytes:
    if isinstance(value, bytes):
        return hashlib.sha256(value).digest()
    if isinstance(value, tuple):
        return hashlib.sha256(b"".join(sorted(map(_digest, value)))).digest()
    if isinstance(value, BaseModel):
        pairs = ((name, getattr(value, name)) for name in type(value).model_fields)
        return hashlib.sha256(
            b"".join(name.encode() + b"\0" + _digest(each) for name, each in pairs)
        ).digest()
    return hashlib.sha256(repr(value).encode()).digest()
