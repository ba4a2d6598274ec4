"""Trust material from the operator's folders: read in the parent, sent to children as bytes."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from asn1crypto import crl, pem

from monitor.errors import UserError
from monitor.model import Anchor, TrustClass, TrustMaterial
from monitor.settings import VerifySettings

MAX_FILE_BYTES = 64 * 1024 * 1024
SUFFIXES = {".pem", ".crt", ".cer", ".der", ".crl", ".ca-bundle"}


def files_below(path: Path) -> Iterator[Path]:
    """The file itself, or every certificate or CRL file below a folder, in a stable order."""
    if path.is_file():
        yield path
    elif path.is_dir():
        found = (p for p in sorted(path.rglob("*")) if p.is_file())
        yield from (p for p in found if p.suffix.lower() in SUFFIXES)
    else:
        raise UserError(f"{path}: no such file or folder; give PEM or DER files or a folder")


def objects(path: Path, label: str) -> Iterator[bytes]:
    """DER of every object with one PEM label (RFC 7468) in a file; a DER file is one object.

    Raises UserError when the file is neither.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise UserError(
            f"{path}: larger than {MAX_FILE_BYTES // 2**20} MiB; is this the right file?"
        )
    data = path.read_bytes()
    if not pem.detect(data):
        if data[:1] != b"\x30":
            raise UserError(f"{path}: neither PEM nor DER")
        yield data
        return
    try:
        for name, _, der in pem.unarmor(data, multiple=True):
            if name in {label, f"TRUSTED {label}"}:
                yield der
    except ValueError as error:
        raise UserError(f"{path}: not readable as PEM: {error}") from None


def anchors(path: Path) -> Iterator[Anchor]:
    """Anchors of a file or folder; sub-folders `cong_vu`, `cong_cong`, `internal` set the class."""
    classes = {c.value: c for c in TrustClass}
    for file in files_below(path):
        below = file.relative_to(path).parts[:-1] if path.is_dir() else ()
        trust_class = next((classes[p] for p in below if p in classes), TrustClass.OTHER)
        for der in objects(file, "CERTIFICATE"):
            yield Anchor.model_construct(certificate=der, trust_class=trust_class)


def ders(paths: list[Path], label: str) -> tuple[bytes, ...]:
    return tuple(
        der for path in paths for file in files_below(path) for der in objects(file, label)
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """Trust material, and what an operator wants to know of it."""

    material: TrustMaterial
    crl_issued: Mapping[str, datetime]
    """thisUpdate of each revocation list (RFC 5280 5.1.2.4), by its file's name."""


def load(settings: VerifySettings) -> Loaded:
    """The trust material of the configuration; a folder that is not set is empty.

    Raises UserError for a file that is not what its folder holds.
    """
    crl_files = list(files_below(settings.crls)) if settings.crls else []
    crls = {file: tuple(objects(file, "X509 CRL")) for file in crl_files}
    loaded = TrustMaterial.model_construct(
        anchors=tuple(anchors(settings.anchors)) if settings.anchors else (),
        intermediates=ders(
            [settings.intermediates] if settings.intermediates else [], "CERTIFICATE"
        ),
        crls=tuple(der for found in crls.values() for der in found),
        revocation=settings.revocation,
        public_ca_cutoff=settings.public_ca_cutoff,
    )
    issued = {
        file.stem: max(_issued(file, d) for d in found) for file, found in crls.items() if found
    }
    return Loaded(loaded, issued)


def _issued(file: Path, der: bytes) -> datetime:
    try:
        parsed = crl.CertificateList.load(der)["tbs_cert_list"]["this_update"].native
    except ValueError as error:
        raise UserError(f"{file}: not a certificate revocation list: {error}") from None
    return cast("datetime", parsed)


def fingerprint(settings: VerifySettings) -> str:
    """Changes when any configured file does: name, size and time, without reading contents."""
    digest = hashlib.sha256()
    for folder in filter(None, (settings.anchors, settings.intermediates, settings.crls)):
        for file in files_below(folder):
            status = file.stat()
            digest.update(f"{file}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
