"""Pins: the certification authorities that are known by fingerprint, never by name.

Those of pins.toml come with the product; an operator adds a file of the same form.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from monitor.errors import UserError
from monitor.model import Sha256, TrustClass, Value
from monitor.settings import explain
from monitor.toml_file import read_toml
from monitor.verify.certificate import COMMON_NAME, Certificate

SHIPPED = Path(__file__).with_name("pins.toml")


class Role(StrEnum):
    """What a pinned certificate is for: only an anchor is trusted for itself."""

    ANCHOR = "anchor"
    INTERMEDIATE = "intermediate"


class Pin(Value):
    """One authority, as it stands in a file of pins."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    """Short name: of files that are stored, and the `ca` label of metrics."""
    name: str | None = None
    """Common name of its subject, where known: to tell others that bear it."""
    operator: str | None = None
    sha256: Sha256
    key_sha256: Sha256 | None = None
    """SHA-256 of the SubjectPublicKeyInfo (RFC 5280 4.1.2.7), where known."""
    trust_class: Annotated[TrustClass, Field(alias="class")]
    role: Role = Role.ANCHOR
    valid_from: date | None = None
    valid_until: date | None = None
    trusted_from: date | None = None
    """As an anchor, signatures proven to exist before this day are not trusted by it."""
    trusted_until: date | None = None
    """As an anchor, signatures not proven to exist by the end of this day are not trusted by it."""


class _PinFile(Value):
    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class Pins:
    """All pins in force; an operator's own wins over a shipped one of the same fingerprint."""

    pins: tuple[Pin, ...]

    @classmethod
    def load(cls, own: Path | None = None) -> "Pins":
        """The shipped pins and those of a file; UserError says what is wrong with the file."""
        chosen = {pin.sha256: pin for file in (SHIPPED, own) if file for pin in _read(file)}
        names = [pin.id for pin in chosen.values()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UserError(f"{own}: the id {twice[0]} is taken by a pin that comes with congvu")
        return cls(tuple(chosen.values()))

    def of(self, found: Certificate) -> Pin | None:
        """The pin of this very certificate."""
        return next((pin for pin in self.pins if pin.sha256 == found.sha256), None)

    def impersonated(self, found: Certificate) -> Pin | None:
        """A pinned authority whose name this certificate bears without being it or its key."""
        if self.of(found) is not None:
            return None
        names = {comparable(value) for value in found.subject.all(COMMON_NAME)}
        key = hashlib.sha256(found.spki).hexdigest()
        for pin in self.pins:
            if pin.name and comparable(pin.name) in names and pin.key_sha256 != key:
                return pin
        return None


def comparable(name: str) -> str:
    """A name without what a forger would vary: case, diacritics, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("đ", "d"))
    return re.sub(r"[^\w]|_", "", "".join(c for c in plain if not unicodedata.combining(c)))


def _read(path: Path) -> Iterable[Pin]:
    values = read_toml(path, "verify.pins")
    try:
        return _PinFile.model_validate(values).pins
    except ValidationError as error:
        raise UserError("\n".join(f"{path}: {line}" for line in explain(error))) from None
