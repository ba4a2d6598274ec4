"""Certification authorities, lists and files for the tests of the trust store."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from monitor.settings import VerifySettings
from tests.verify import making
from tests.verify.making import DAY, NOW, Identity

PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER


def fingerprint(identity: Identity) -> str:
    return hashlib.sha256(identity.der).hexdigest()


def pem(identity: Identity) -> bytes:
    return identity.certificate.public_bytes(PEM)


def bundle(*identities: Identity, encoding: serialization.Encoding = DER) -> bytes:
    """A PKCS#7 of certificates only."""
    return pkcs7.serialize_certificates([i.certificate for i in identities], encoding)


def forged(original: Identity) -> Identity:
    """Another CA of the same name."""
    return making.issue(original.certificate.subject, ca=True)


def crl(issuer: Identity, issued: datetime = NOW - DAY, days: int = 2) -> bytes:
    return making.crl(issuer, this_update=issued, next_update=issued + days * DAY)


def pins_toml(*pinned: tuple[str, Identity, str], extra: str = "") -> str:
    """A file of pins: (id, CA, class)."""
    entries = []
    for name, identity, trust_class in pinned:
        subject = identity.certificate.subject
        common = subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
        role = "intermediate" if identity.chain else "anchor"
        entries.append(
            f'[[pins]]\nid = "{name}"\nname = "{common!s}"\noperator = "Thử nghiệm"\n'
            f'sha256 = "{fingerprint(identity)}"\nkey_sha256 = "{_key(identity)}"\n'
            f'class = "{trust_class}"\nrole = "{role}"\n{extra}'
        )
    return "\n".join(entries)


def _key(identity: Identity) -> str:
    spki = identity.certificate.public_key().public_bytes(
        DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(spki).hexdigest()


@dataclass(frozen=True)
class Folders:
    """Trust folders below a temporary one."""

    base: Path

    @property
    def settings(self) -> VerifySettings:
        return VerifySettings(
            anchors=self.base / "anchors",
            intermediates=self.base / "intermediates",
            crls=self.base / "crls",
            pins=self.base / "pins.toml" if (self.base / "pins.toml").exists() else None,
        )

    def make(
        self, anchors: Sequence[Identity] = (), intermediates: Sequence[Identity] = ()
    ) -> "Folders":
        for part in ("anchors/cong_vu", "intermediates", "crls"):
            (self.base / part).mkdir(parents=True, exist_ok=True)
        for number, identity in enumerate(anchors):
            self.put(f"anchors/cong_vu/{number}.pem", pem(identity))
        for number, identity in enumerate(intermediates):
            self.put(f"intermediates/{number}.pem", pem(identity))
        return self

    def put(self, name: str, content: bytes) -> Path:
        path = self.base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def pin(self, *pinned: tuple[str, Identity, str], extra: str = "") -> None:
        (self.base / "pins.toml").write_text(pins_toml(*pinned, extra=extra), encoding="utf-8")
