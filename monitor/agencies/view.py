"""The agencies in force on one day, answered by dictionary look-ups."""

from collections.abc import Iterable, Mapping

from monitor.agencies.agency import Agency
from monitor.agencies.names import address_key, domain_key, text_key, uid_key
from monitor.agencies.subaddress import SubAddresses, pattern
from monitor.model import organ_key, top_level


class View:
    """The agencies in force on one day. Every look-up answers None for what is nobody's."""

    def __init__(self, agencies: Iterable[Agency]) -> None:
        """Of two entries that share a code or a key, the later one in `agencies` holds."""
        entries = list(agencies)
        self.agencies: Mapping[str, Agency] = {agency.code: agency for agency in entries}
        self._addresses: SubAddresses[Agency] = SubAddresses()
        self._domains: dict[str, Agency] = {}
        self._below: dict[str, Agency] = {}
        self._organs: dict[str, Agency] = {}
        self._tops: set[str] = set()
        self._systems: dict[str, Agency] = {}
        self._uids: dict[str, Agency] = {}
        self._named: dict[str, dict[str, Agency]] = {}
        for agency in entries:
            self._index(agency)
        self._deepest = max((domain.count(".") + 1 for domain in self._below), default=0)
        longest = max((domain.count(".") + 1 for domain in self._domains), default=0)
        self._longest = max(longest, self._deepest + 1)

    def _index(self, agency: Agency) -> None:
        for domain in agency.domains:
            wild = domain.startswith("*.")
            table = self._below if wild else self._domains
            table[domain_key(domain.removeprefix("*."))] = agency
        for address in agency.addresses:
            self._addresses.add(pattern(address), agency)
        self._organs |= {organ_key(code): agency for code in agency.organ_codes}
        self._tops |= {top_level(code) for code in agency.organ_codes}
        self._systems |= {text_key(name): agency for name in agency.system_names}
        self._uids |= {uid_key(uid): agency for uid in agency.uid}
        for name in (agency.name, *agency.aliases, *agency.organisations):
            self._named.setdefault(text_key(name), {})[agency.code] = agency

    def by_address(self, address: str) -> Agency | None:
        """Longest match: mailboxes, the domain, the nearest `*.` above the domain."""
        key = address_key(address)
        return None if key is None else self.by_address_key(key)

    def by_address_key(self, key: str) -> Agency | None:
        """The same of an address that is in its form for comparison already."""
        if agency := self._addresses.find(key):
            return agency
        return self.by_domain(key.rpartition("@")[2])

    def by_domain(self, domain: str) -> Agency | None:
        """Of a domain in its form for comparison: the domain, the nearest `*.` above it."""
        if domain in self._domains:
            return self._domains[domain]
        labels = domain.split(".")
        for depth in range(min(len(labels) - 1, self._deepest), 0, -1):
            if agency := self._below.get(".".join(labels[-depth:])):
                return agency
        return None

    def above(self, domain: str) -> Agency | None:
        """Whose the nearest name is, a domain in its form for comparison itself included."""
        labels = domain.split(".")
        for depth in range(min(len(labels), self._longest), 0, -1):
            if agency := self.by_domain(".".join(labels[-depth:])):
                return agency
        return None

    def by_organ_code(self, code: str) -> Agency | None:
        """By organ code in either scheme (QCVN 102:2016, Quyết định 20/2020)."""
        return self._organs.get(organ_key(code))

    def is_below_ours(self, code: str) -> bool:
        """Is an organ code below the same ministry or province as one of an agency here?"""
        return top_level(code) in self._tops

    def by_code(self, code: str) -> Agency | None:
        """By the registry's own code, else organ code, else as document systems name it."""
        return (
            self.agencies.get(code.strip().lower())
            or self.by_organ_code(code)
            or self._systems.get(text_key(code))
        )

    def by_uid(self, uid: str) -> Agency | None:
        """By a certificate's subject UID; behind its prefix there may be an organ code."""
        return self._uids.get(uid_key(uid)) or self.by_organ_code(uid.partition(":")[2])

    def named(self, name: str) -> list[Agency]:
        """All agencies of a name: two communes may share one."""
        return list(self._named.get(text_key(name), {}).values())

    def has_mailbox(self, agency: Agency, address: str) -> bool:
        """Is an address among those that an agency lists?"""
        key = address_key(address)
        return key is not None and self._addresses.find(key) == agency

    def is_above(self, upper: Agency, lower: Agency) -> bool:
        """Is one agency an ancestor of the other?"""
        return any(found.code == upper.code for found in self.ancestors(lower.code))

    def has_subordinates(self, agency: Agency) -> bool:
        return any(other.parent == agency.code for other in self.agencies.values())

    def ancestors(self, code: str) -> list[Agency]:
        """The parents of an agency, nearest first."""
        found: list[Agency] = []
        agency = self.agencies.get(code)
        while agency and agency.parent and (agency := self.agencies.get(agency.parent)):
            found.append(agency)
        return found
