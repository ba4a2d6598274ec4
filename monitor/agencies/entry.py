"""What the entries of a registry file have in common."""

from datetime import date
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from monitor.agencies.names import address_key
from monitor.agencies.period import Period
from monitor.agencies.subaddress import pattern
from monitor.model import Value

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
Name = Annotated[str, Field(min_length=1, max_length=300)]
Uid = Annotated[str, Field(min_length=1, max_length=100)]
OrganCode = Annotated[str, Field(min_length=1, max_length=35)]


def _fingerprint(value: object) -> object:
    """As tools print it: with colons or blanks, in either case."""
    if not isinstance(value, str):
        return value
    bare = value.translate({ord(c): None for c in ": "}).lower()
    if len(bare) != 64 or set(bare) - set("0123456789abcdef"):
        raise ValueError(
            f"{value!r} is no SHA-256 fingerprint: write the 64 hexadecimal digits that "
            "`openssl x509 -noout -fingerprint -sha256` prints"
        )
    return bare


def _address(value: object) -> object:
    if isinstance(value, str) and (address_key(value) is None or "*" in value):
        raise ValueError(f"{value!r} is no mail address: write vanthu@so.tinh.gov.vn")
    return value


def _address_or_pattern(value: object) -> object:
    if isinstance(value, str):
        pattern(value)
    return value


Fingerprint = Annotated[str, BeforeValidator(_fingerprint)]
Address = Annotated[str, BeforeValidator(_address)]
AddressPattern = Annotated[str, BeforeValidator(_address_or_pattern)]
"""An address, or `*.so@tinh.gov.vn`."""


class Dated(Value):
    """An entry that is in force for a time."""

    valid_from: date | None = None
    """First Vietnam day in force; none is since ever."""
    valid_to: date | None = None
    """Last Vietnam day in force; none is until further notice."""

    @model_validator(mode="after")
    def _days_are_in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(
                f"valid_to {self.valid_to} is before valid_from {self.valid_from}: correct one"
            )
        return self

    @property
    def period(self) -> Period:
        return Period(self.valid_from or date.min, self.valid_to or date.max)
