"""One agency during one period of its life, as the registry file states it."""

from datetime import date
from typing import Self

from pydantic import field_validator, model_validator

from monitor.agencies.entry import AddressPattern, Code, Dated, Name, OrganCode, Uid
from monitor.agencies.names import DOMAIN, domain_key

DEFAULT_LEVELS = ("province", "department", "district", "commune")

RESERVED_CODE = "unknown"
"""What metrics call the agency of whatever could not be attributed."""


KEYS = (
    "code", "name", "name_en", "aliases", "level", "parent", "domains", "addresses", "organ_codes",
    "system_names", "uid", "organisations", "signs_for", "valid_from", "valid_to", "successors",
)  # fmt: skip
"""The keys of an entry in the order in which it is written."""


class Agency(Dated):
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
    addresses: tuple[AddressPattern, ...] = ()
    """Mailboxes that are this agency's whatever their domain: `tin@tinh.gov.vn`, `*.stc@…`."""
    organ_codes: tuple[OrganCode, ...] = ()
    system_names: tuple[Name, ...] = ()
    """What document systems call it in their lists."""
    uid: tuple[Uid, ...] = ()
    """Subject UIDs of its certificates: `MNS:1057059`."""
    organisations: tuple[Name, ...] = ()
    """Further names that its certificates have in O, OU or CN, where no UID or e-mail says more."""
    signs_for: tuple[Code, ...] = ()
    """Agencies whose documents its people sign, as if they were those agencies' own."""
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

    @model_validator(mode="after")
    def _refers_to_others(self) -> Self:
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

    def stated(self) -> dict[str, str | date | tuple[str, ...]]:
        """What the entry says, by key in the order of KEYS; what is none or empty is not there."""
        return {key: value for key in KEYS if (value := getattr(self, key))}
