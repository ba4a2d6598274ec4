"""The registry: immutable, effective-dated, answered by dictionary look-ups.

`Registry.at(day)` gives the view of one Vietnam day; a view is built once for each stretch of
days between two changes of the registry and kept.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from monitor.agencies.agency import DEFAULT_LEVELS, Agency
from monitor.agencies.names import address_key, domain_key, organ_key, text_key, uid_key
from monitor.agencies.reading import read
from monitor.model import Signature

VIEWS_KEPT = 64


class View:
    """The agencies in force on one day. Every look-up answers None for what is nobody's."""

    def __init__(self, agencies: Iterable[Agency]) -> None:
        """Of two entries that share a code or a key, the later one in `agencies` holds."""
        entries = list(agencies)
        self.agencies: Mapping[str, Agency] = {agency.code: agency for agency in entries}
        self._addresses: dict[str, Agency] = {}
        self._domains: dict[str, Agency] = {}
        self._below: dict[str, Agency] = {}
        self._organs: dict[str, Agency] = {}
        self._uids: dict[str, Agency] = {}
        self._organisations: dict[str, Agency] = {}
        for agency in entries:
            self._index(agency)

    def _index(self, agency: Agency) -> None:
        for domain in agency.domains:
            wild = domain.startswith("*.")
            table = self._below if wild else self._domains
            table[domain_key(domain.removeprefix("*."))] = agency
        self._addresses |= {key: agency for a in agency.addresses if (key := address_key(a))}
        self._organs |= {organ_key(code): agency for code in agency.organ_codes}
        self._uids |= {uid_key(uid): agency for uid in agency.uid}
        self._organisations |= {text_key(name): agency for name in agency.organisations}

    def by_address(self, address: str) -> Agency | None:
        """Longest match: the address itself, its domain, the nearest `*.` above the domain."""
        key = address_key(address)
        if key is None:
            return None
        if key in self._addresses:
            return self._addresses[key]
        domain = key.rpartition("@")[2]
        if domain in self._domains:
            return self._domains[domain]
        while domain := domain.partition(".")[2]:
            if domain in self._below:
                return self._below[domain]
        return None

    def by_organ_code(self, code: str) -> Agency | None:
        """By organ code in either scheme (QCVN 102:2016, Quyết định 20/2020)."""
        return self._organs.get(organ_key(code))

    def by_code(self, code: str) -> Agency | None:
        """By the registry's own code, else by organ code: what a manifest may write."""
        return self.agencies.get(code.strip().lower()) or self.by_organ_code(code)

    def by_signer(
        self, uid: str | None, emails: Iterable[str], organisation: str | None
    ) -> Agency | None:
        """By what a certificate says of its subject: UID before e-mail before organisation."""
        if uid and (agency := self._uids.get(uid_key(uid))):
            return agency
        for email in emails:
            if agency := self.by_address(email):
                return agency
        return self._organisations.get(text_key(organisation)) if organisation else None

    def ancestors(self, code: str) -> list[Agency]:
        """The parents of an agency, nearest first."""
        found: list[Agency] = []
        agency = self.agencies.get(code)
        while agency and agency.parent and (agency := self.agencies.get(agency.parent)):
            found.append(agency)
        return found


class Registry:
    """All agencies with their whole history; a changed file is loaded into a new registry."""

    def __init__(
        self,
        agencies: Sequence[Agency] = (),
        levels: Sequence[str] = DEFAULT_LEVELS,
        fingerprint: str = "",
    ) -> None:
        """Expects agencies that agree with each other, as `load` makes sure they do."""
        self.agencies = tuple(agencies)
        self.levels = tuple(levels)
        self.fingerprint = fingerprint
        """SHA-256 of the file, so that a figure can say which registry it was made with."""
        self._changes = sorted(_change_days(self.agencies))
        self._views: dict[int, View] = {}
        self._former: dict[int, View] = {}
        self._heirs: dict[str, frozenset[str]] = {}
        self._entries: dict[str, list[Agency]] = {}
        for agency in self.agencies:
            self._entries.setdefault(agency.code, []).append(agency)

    @classmethod
    def load(cls, path: Path) -> "Registry":
        """From a TOML file (docs/agencies.md).

        Raises UserError naming every problem at once: file, agency, what is wrong, what to do.
        """
        return cls(*read(path))

    def codes(self) -> frozenset[str]:
        """Codes of all agencies, past ones included."""
        return frozenset(self._entries)

    def at(self, day: date) -> View:
        """The agencies in force on a Vietnam day."""
        return self._kept(self._views, day, lambda: [a for a in self.agencies if day in a.period])

    def _ended(self, day: date) -> View:
        """The agencies that had ended before a day; what several held belongs to the last."""
        return self._kept(
            self._former,
            day,
            lambda: sorted(
                (a for a in self.agencies if a.period.last < day), key=lambda a: a.period.last
            ),
        )

    def _kept(self, views: dict[int, View], day: date, entries: Callable[[], list[Agency]]) -> View:
        stretch = bisect_right(self._changes, day)
        view = views.get(stretch)
        if view is None:
            if len(views) >= VIEWS_KEPT:
                views.pop(next(iter(views)))
            view = views[stretch] = View(entries())
        return view

    def signer(self, signature: Signature, day: date) -> Agency | None:
        """The agency of a signature's signer on a day.

        A certificate outlives its agency: a UID, address or name that nobody holds on that day
        leads to the sole heir of the agency that held it last.
        """
        subject = (signature.signer_uid, signature.signer_emails, signature.signer_organisation)
        view = self.at(day)
        if agency := view.by_signer(*subject):
            return agency
        former = self._ended(day).by_signer(*subject)
        if former is None:
            return None
        heirs = [code for code in self.heirs(former.code) if code in view.agencies]
        return view.agencies[heirs[0]] if len(heirs) == 1 else None

    def heirs(self, code: str) -> frozenset[str]:
        """Codes of all agencies that succeeded an agency, and those that succeeded them."""
        if code not in self._heirs:
            found: set[str] = set()
            open_codes = [code]
            while open_codes:
                current = open_codes.pop()
                for agency in self._entries.get(current, ()):
                    fresh = set(agency.successors) - found
                    found |= fresh
                    open_codes += fresh
            self._heirs[code] = frozenset(found - {code})
        return self._heirs[code]


def _change_days(agencies: Iterable[Agency]) -> set[date]:
    """The days on which the set of agencies in force differs from the day before."""
    days: set[date] = set()
    for agency in agencies:
        if agency.valid_from:
            days.add(agency.valid_from)
        if agency.valid_to and agency.valid_to < date.max:
            days.add(agency.valid_to + timedelta(days=1))
    return days - {date.min}
