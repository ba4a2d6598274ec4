"""Files of certificates, revocation lists and OCSP responses, as DER: PEM, DER and PKCS#7.

Nothing is judged here. A file that cannot be used is a `Left`, with a word for why.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from pathlib import Path

from monitor.errors import UserError
from monitor.verify import ber
from monitor.verify.certificate import certificate
from monitor.verify.crl import read_list
from monitor.verify.ocsp import OcspResponse

MAX_FILE_BYTES = 64 * 1024 * 1024
OCSP_SUFFIXES = {".ors", ".ocsp"}
SUFFIXES = {".pem", ".crt", ".cer", ".der", ".crl", ".ca-bundle", ".p7b", ".p7c", *OCSP_SUFFIXES}

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_BLOCK = re.compile(
    rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\s(.*?)-----END \1-----", re.DOTALL
)  # RFC 7468


class What(Enum):
    """What an object of a file is."""

    CERTIFICATE = "certificate"
    CRL = "revocation list"
    OCSP = "OCSP response"


class Why(StrEnum):
    """Why a file, or something in it, is left out: one of a closed list, fit for a label."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    CUT_OFF = "cut_off"
    WRONG_KIND = "wrong_kind"
    FORGED = "forged"
    OLDER = "older"
    DEMO = "demo"


EXPLAINED = {
    Why.UNREADABLE: "it cannot be read",
    Why.TOO_LARGE: f"it is larger than {MAX_FILE_BYTES // 2**20} MiB",
    Why.MALFORMED: "it is neither PEM nor DER of a certificate, list or OCSP response",
    Why.CUT_OFF: "it ends too early; is it still being written?",
    Why.WRONG_KIND: "it holds nothing of the kind that belongs into this folder",
    Why.FORGED: "it bears the name of a CA of yours and is not signed by that CA's key",
    Why.OLDER: "it is older than the list in force, which stays",
    Why.DEMO: "it was made by `congvu demo` and has no worth outside it",
}


class Left(Exception):
    """A file is left out."""

    def __init__(self, why: Why) -> None:
        super().__init__(EXPLAINED[why])
        self.why = why


@dataclass(frozen=True, slots=True)
class Found:
    """One object of a file."""

    what: What
    der: bytes


def files_below(path: Path) -> Iterator[Path]:
    """The file itself, or every file of ours below a folder, in a stable order.

    Names that begin with a dot are being written. Raises UserError where there is nothing.
    """
    if path.is_file():
        yield path
    elif path.is_dir():
        found = (p for p in sorted(path.rglob("*")) if p.is_file())
        yield from (p for p in found if p.suffix.lower() in SUFFIXES and p.name[0] != ".")
    else:
        raise UserError(f"{path}: no such file or folder; give PEM or DER files or a folder")


def read_file(path: Path) -> list[Found]:
    """Everything in a file; raises `Left`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError:
        raise Left(Why.UNREADABLE) from None
    if len(data) > MAX_FILE_BYTES:
        raise Left(Why.TOO_LARGE)
    return read_bytes(data)


def read_bytes(data: bytes) -> list[Found]:
    """Everything in PEM, DER or PKCS#7 bytes; raises `Left`."""
    if data[:1] == b"\x30":
        return _objects(data)
    blocks = list(_BLOCK.finditer(data))
    if not blocks or data.count(b"-----BEGIN ") != len(blocks):
        raise Left(Why.CUT_OFF if b"-----BEGIN " in data or not data else Why.MALFORMED)
    return [found for block in blocks for found in _objects(_decoded(block[2]))]


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        raise Left(Why.MALFORMED) from None


def _objects(der: bytes) -> list[Found]:
    try:
        outer = ber.read(der).expect(ber.SEQUENCE)
    except ber.Malformed:
        raise Left(_why_not(der)) from None
    found = _one(outer)
    if found is None:
        raise Left(Why.MALFORMED)
    return found


def _why_not(der: bytes) -> Why:
    """Is it the beginning of a DER object? A file that is being copied is."""
    octets = der[1] & 0x7F if len(der) > 1 and der[1] > 0x80 else 0
    stated = int.from_bytes(der[2 : 2 + octets], "big")
    return Why.CUT_OFF if octets <= 4 and stated + 2 + octets > len(der) else Why.MALFORMED


def _one(outer: ber.Node) -> list[Found] | None:
    bundled = _bundled(outer)
    if bundled is not None:
        return bundled
    try:
        return [Found(What.CERTIFICATE, certificate(outer.raw).der)]
    except ber.Malformed:
        if read_list(outer.raw) is not None:
            return [Found(What.CRL, outer.raw)]
    try:
        OcspResponse(outer.raw)
    except (ber.Malformed, IndexError, ValueError):
        return None
    return [Found(What.OCSP, outer.raw)]


def _bundled(outer: ber.Node) -> list[Found] | None:
    """Certificates [0] and lists [1] of a SignedData (RFC 5652 5.1); None for what is none."""
    try:
        kind, content = outer.children[:2]
        if ber.oid(kind) != _SIGNED_DATA:
            return None
        parts = content.children[0].children
        inside = [child for part in parts if part.tag in {0xA0, 0xA1} for child in part.children]
    except (ber.Malformed, ValueError, IndexError):
        return None
    found = [_one(node) for node in inside if node.tag == ber.SEQUENCE]
    return [member for group in found if group for member in group]
