"""One agency during one period of its life, as the registry file states it."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from monitor.agencies.names import DOMAIN, address_key, domain_key
from monitor.model import Value

DEFAULT_LEVELS = ("province", "department", "district", "commune")

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
RESERVED_CODE = "unknown"
"""What metrics call the agency of whatever could not be attributed."""

Name = Annotated[str, Field(min_length=1, max_length=300)]


@dataclass(frozen=True, order=True)
class Period:
    """Vietnam days from `first` to `last`, both included."""

    first: date = date.min
    last: date = date.max

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def overlap(self, other: "Period") -> "Period | None":
        """The days in both, or None."""
        both = Period(max(self.first, other.first), min(self.last, other.last))
        return both if both.first <= both.last else None


class Agency(Value):
    """One `[[agencies]]` entry of the registry file (docs/agencies.md).

    An agency that changed its name, level, parent or domains has several entries with one code
    and periods that do not overlap.
    """

    code: Code
    """Stable short name, fit for a metric label."""
    name: Name
    name_en: Name | None = None
    aliases: tuple[Name, ...] = ()
    level: Name
    parent: Code | None = None
    domains: tuple[str, ...] = ()
    """`so.tinh.gov.vn` is that domain alone, `*.tinh.gov.vn` every domain below it."""
    addresses: tuple[str, ...] = ()
    """Single mailboxes that are this agency's whatever their domain."""
    organ_codes: tuple[Annotated[str, Field(min_length=1, max_length=35)], ...] = ()
    uid: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = ()
    """Subject UIDs of its certificates: `MNS:1057059`."""
    organisations: tuple[Name, ...] = ()
    """Organisation names in its certificates, where no UID or e-mail says more."""
    signs_for: tuple[Code, ...] = ()
    """Agencies whose documents this one signs, as if they had signed themselves."""
    valid_from: date | None = None
    """First Vietnam day in force; none is since ever."""
    valid_to: date | None = None
    """Last Vietnam day in force; none is until further notice."""
    successors: tuple[Code, ...] = ()

    @field_validator("code")
    @classmethod
    def _code_is_not_reserved(cls, code: str) -> str:
        if code == RESERVED_CODE:
            raise ValueError(f"{code!r} stands for what belongs to no agency: choose another code")
        return code

    @field_validator("domains")
    @classmethod
    def _domains_are_domains(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        for domain in domains:
            if not DOMAIN.match(domain_key(domain.removeprefix("*."))):
                raise ValueError(
                    f"{domain!r} is no domain: write so.tinh.gov.vn, or *.tinh.gov.vn for "
                    "every domain below it"
                )
        return domains

    @field_validator("addresses")
    @classmethod
    def _addresses_are_addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            if address_key(address) is None:
                raise ValueError(f"{address!r} is no mail address: write vanthu@so.tinh.gov.vn")
        return addresses

    @model_validator(mode="after")
    def _days_are_in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(
                f"valid_to {self.valid_to} is before valid_from {self.valid_from}: correct one"
            )
        if self.successors and not self.valid_to:
            raise ValueError("it has successors but no valid_to: add the last day it was in force")
        if self.code in self.successors:
            raise ValueError(
                "it is its own successor: an agency that only changed gets a second entry with "
                "the same code and a later valid_from"
            )
        if self.code == self.parent:
            raise ValueError("it is its own parent: remove parent or name another agency")
        return self

    @property
    def period(self) -> Period:
        return Period(self.valid_from or date.min, self.valid_to or date.max)
