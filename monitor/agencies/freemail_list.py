"""Which domains are free mail: the list that comes with congvu and what the settings say.

A domain stands for all below it, the nearest one named decides: `hcm.vnn.vn` is free mail where
`vnn.vn` is listed, unless it is named as official itself.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Self

from monitor.agencies.names import address_key, domain_key, mapped_domain
from monitor.agencies.view import View
from monitor.settings import FreemailSettings

SHIPPED = "freemail_domains.toml"


@dataclass(frozen=True, slots=True)
class ListedDomain:
    """One domain of the list in force, and why it is there."""

    domain: str
    free: bool
    """False: official by the settings, whatever the list says."""
    operator: str = ""
    """Who runs it, in Vietnamese; empty where the settings name it."""
    why: str = ""
    operator_en: str = ""
    why_en: str = ""


class FreemailList:
    """The list in force; a look-up takes as many steps as a domain has labels."""

    def __init__(self, entries: Iterable[ListedDomain] = (), day: date | None = None) -> None:
        """Of two entries of one domain the later one holds."""
        self._entries = {domain_key(each.domain): each for each in entries}
        self.day = day
        """When the list that comes with congvu was last gone through."""

    @classmethod
    def load(cls, settings: FreemailSettings) -> Self:
        """The list that comes with congvu, corrected by the settings."""
        day, entries = shipped()
        added = [ListedDomain(domain, free=True) for domain in settings.domains]
        official = [ListedDomain(domain, free=False) for domain in settings.official]
        return cls([*entries, *added, *official], day)

    def entries(self) -> Iterator[ListedDomain]:
        """All of them, by domain."""
        return (self._entries[domain] for domain in sorted(self._entries))

    def find(self, domain: str) -> ListedDomain | None:
        """The entry that decides about a domain."""
        labels = domain_key(mapped_domain(domain)).split(".")
        for start in range(len(labels)):
            if entry := self._entries.get(".".join(labels[start:])):
                return entry
        return None

    def lists(self, domain: str) -> bool:
        """Is a domain free mail by the list, whosever it is?"""
        entry = self.find(domain)
        return entry is not None and entry.free

    def is_free(self, address: str, view: View) -> bool:
        """Is an address a private mailbox at free mail? Never at a domain of an agency in force."""
        key = address_key(address)
        if key is None:
            return False
        domain = key.rpartition("@")[2]
        return self.lists(domain) and view.by_domain(domain) is None


def shipped() -> tuple[date, list[ListedDomain]]:
    """The list that comes with congvu, and its day."""
    content = tomllib.loads(files(__package__).joinpath(SHIPPED).read_text("utf-8"))
    day = content.pop("day")
    return day, [
        ListedDomain(
            domain,
            free=True,
            operator=group["name"],
            why=group.get("why", ""),
            operator_en=group.get("name_en", group["name"]),
            why_en=group.get("why_en", ""),
        )
        for group in content.values()
        for domain in group["domains"]
    ]
