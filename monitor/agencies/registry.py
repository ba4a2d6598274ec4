"""The registry: immutable, effective-dated, answered by dictionary look-ups.

`Registry.at(day)` gives the view of one Vietnam day; a view is built once for each stretch of
days between two changes of the registry and kept.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from monitor.agencies.agency import DEFAULT_LEVELS, Agency
from monitor.agencies.identity import Signer, holder_of, is_holder, kind_of
from monitor.agencies.mailboxes import rights
from monitor.agencies.reading import read
from monitor.agencies.signing import Signing
from monitor.agencies.view import View
from monitor.model import MailboxRight, Signature

VIEWS_KEPT = 64


class Registry:
    """All agencies with their whole history; a changed file is loaded into a new registry."""

    def __init__(
        self,
        agencies: Sequence[Agency] = (),
        levels: Sequence[str] = DEFAULT_LEVELS,
        fingerprint: str = "",
        signing: Signing | None = None,
    ) -> None:
        """Expects agencies that agree with each other, as `load` makes sure they do."""
        self.agencies = tuple(agencies)
        self.levels = tuple(levels)
        self.fingerprint = fingerprint
        """SHA-256 of the file, so that a figure can say which registry it was made with."""
        self.signing = signing or Signing()
        self._rights = rights(
            self.signing.mailboxes, self.agencies, self.signing.certificates.entries
        )
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
        content, fingerprint = read(path)
        return cls(content.agencies, content.levels, fingerprint, content.signing)

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

    def signer(self, signature: Signature, day: date) -> Signer:
        """Whose a signature's signer is on a day, and what: the operator's map goes first.

        A certificate outlives its agency: what nobody holds on that day leads to the sole heir of
        the agency that held it last.
        """
        mapped = self.signing.certificates.of(signature, day)
        code = next((entry.agency for entry in mapped if entry.agency), None)
        kind = next((entry.kind for entry in mapped if entry.kind), None)
        if code is not None:
            agency, known = self.holder(code, day), True
        else:
            agency, known = self._named_by(signature, day)
        return Signer(agency, kind or kind_of(signature, self.signing, known=known))

    def _named_by(self, signature: Signature, day: date) -> tuple[Agency | None, bool]:
        """The agency that a certificate names, and False where its holder may be a unit of it."""
        for view in (self.at(day), self._ended(day)):
            if agency := holder_of(signature, view):
                return self.holder(agency.code, day), is_holder(signature, agency, view)
        return None, True

    def holder(self, code: str, day: date) -> Agency | None:
        """The agency of a code, or its sole heir where it is not in force on a day."""
        view = self.at(day)
        if code in view.agencies:
            return view.agencies[code]
        heirs = [heir for heir in self.heirs(code) if heir in view.agencies]
        return view.agencies[heirs[0]] if len(heirs) == 1 else None

    def mailbox_rights(self) -> tuple[MailboxRight, ...]:
        """Who may sign as an agency's own mailbox: goes with the trust material."""
        return self._rights

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
