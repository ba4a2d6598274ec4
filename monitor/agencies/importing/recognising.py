"""Which agency a row of a list is about, and whom it refers to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from monitor.agencies.agency import RESERVED_CODE, Agency
from monitor.agencies.importing.listed import AgencyList, ListedAgency
from monitor.agencies.importing.words import make_code, name_key
from monitor.agencies.registry import Registry
from monitor.agencies.view import View
from monitor.model import organ_key
from monitor.tables import Problem

UNTIL_FURTHER_NOTICE = date.max


class Known:
    """The agencies of the registry by what a list may know them by."""

    def __init__(self, agencies: Sequence[Agency]) -> None:
        self._registry = Registry(agencies)
        self.codes = self._registry.codes()
        self._names: dict[View, dict[str, set[str]]] = {}

    def in_force(self, day: date) -> frozenset[str]:
        return frozenset(self._registry.at(day).agencies)

    def with_organ_codes(self, codes: Iterable[str], day: date) -> set[str]:
        view = self._registry.at(day)
        return {found.code for code in codes if (found := view.by_organ_code(code))}

    def with_uids(self, uids: Iterable[str], day: date) -> set[str]:
        view = self._registry.at(day)
        return {found.code for uid in uids if (found := view.by_uid(uid))}

    def named(self, name: str, day: date) -> set[str]:
        """Codes of the agencies of just this name on a day; other names do not count."""
        view = self._registry.at(day)
        if view not in self._names:
            names: dict[str, set[str]] = {}
            for agency in view.agencies.values():
                names.setdefault(name_key(agency.name), set()).add(agency.code)
            self._names[view] = names
        return self._names[view].get(name_key(name), set())

    def below(self, parents: Iterable[str], day: date) -> set[str]:
        wanted = set(parents)
        agencies = self._registry.at(day).agencies.values()
        return {agency.code for agency in agencies if agency.parent in wanted}


@dataclass(frozen=True, slots=True)
class Recognised:
    """A row, and the code of the agency that it is about."""

    listed: ListedAgency
    code: str
    made: bool = False
    """The code was made here."""


def speaks_of(row: ListedAgency, since: date) -> date:
    """A day on which what a row says holds; the list holds from `since`."""
    first, last = row.day("valid_from"), row.last_day(since)
    if first:
        return first
    return last if last and last < since else since


@dataclass
class Recogniser:
    """Tells row by row; what cannot be told is among `problems`."""

    given: AgencyList
    known: Known
    since: date
    problems: list[Problem] = field(default_factory=list)
    _ended: dict[str, date] = field(default_factory=dict)
    """Agencies that a row ends, and their last day."""
    _told: set[str] = field(default_factory=set)
    """Agencies that a row is about."""

    def all(self) -> list[Recognised]:
        """Every row that can be told, in the list's order.

        Rows that end something go first: another row may be the heir with the same name. Those
        that have only a name go last: of several agencies of a name others may have been told.
        """
        codes: dict[int, str | None] = {}
        for row in sorted(self.given.rows, key=self._turn):
            if (code := self._code(row)) is not None:
                codes[row.row] = code or None
                if code:
                    self._told.add(code)
                if code and (last := row.last_day(self.since)):
                    self._ended[code] = last
        taken = {*self.known.codes, *filter(None, codes.values()), RESERVED_CODE}
        return list(self._named([row for row in self.given.rows if row.row in codes], codes, taken))

    def _turn(self, row: ListedAgency) -> tuple[bool, bool]:
        surely = row.text("code") or row.several("organ_codes") or row.several("uid")
        return row.last_day(self.since) is None, not surely

    def _named(
        self, rows: Iterable[ListedAgency], codes: dict[int, str | None], taken: set[str]
    ) -> Iterator[Recognised]:
        alike: dict[tuple[str, str], int] = {}  # new ones known by nothing but name and parent
        for row in rows:
            code = codes[row.row]
            if code:
                yield Recognised(row, code)
                continue
            if not row.several("organ_codes") and not row.several("uid"):
                known_by = name_key(row.text("name") or ""), name_key(row.text("parent") or "")
                if known_by in alike:
                    what = f"is as row {alike[known_by]} has it, and nothing tells the two apart: "
                    self._problem(row, "name", what + "give them codes, or leave one of them")
                    continue
                alike[known_by] = row.row
            made = make_code(row.text("name") or "", taken, row.several("organ_codes"))
            taken.add(made)
            yield Recognised(row, made, made=True)

    def _code(self, row: ListedAgency) -> str | None:
        """The code; empty for an agency that is new; None where it cannot be told."""
        if written := row.text("code"):
            return written.strip().lower()
        found, by = self._candidates(row)
        if len(found) > 1:
            told = f"may be any of {', '.join(sorted(found))}: write its code in a column code"
            self._problem(row, by, told)
            return None
        if found:
            return found.pop()
        if row.text("name"):
            return ""
        self._problem(row, "name", "is empty: write the agency's name or its code")
        return None

    def _candidates(self, row: ListedAgency) -> tuple[set[str], str]:
        """By organ code, then UID, then exact name and, if several have it, parent."""
        day = speaks_of(row, self.since)
        for key, look in (
            ("organ_codes", self.known.with_organ_codes),
            ("uid", self.known.with_uids),
        ):
            if found := self._going_on(look(row.several(key), day), day):
                return found, key
        name, parent = row.text("name"), row.text("parent")
        found = self._going_on(self.known.named(name, day), day) if name else set()
        if len(found) > 1 and parent:
            parents = {parent.strip().lower()} | self.known.named(parent, day)
            parents |= self.known.with_organ_codes([parent], day)
            found = found & self.known.below(parents, day) or found
        if len(found) > 1:
            found = found - self._told or found
        return found, "name"

    def _going_on(self, codes: Iterable[str], day: date) -> set[str]:
        return {c for c in codes if self._ended.get(c, UNTIL_FURTHER_NOTICE) >= day}

    def _problem(self, row: ListedAgency, key: str, what: str) -> None:
        self.problems.append(Problem(self.given.place(row.row, key), what))


class References:
    """Whom a row means by a code, an organ code or an exact name, as things will be."""

    def __init__(self, known: Known, rows: Sequence[Recognised], ends: Mapping[str, date]) -> None:
        """`ends` has the last days of agencies that end by the list."""
        self._known = known
        self._ends = ends
        self._codes = known.codes | {row.code for row in rows}
        self._listed: dict[str, set[str]] = {}
        for row in rows:
            for key in _keys(row.listed):
                self._listed.setdefault(key, set()).add(row.code)

    def resolve(self, written: str, day: date) -> str:
        """The code; raises ValueError saying what to do where there is none or more than one."""
        code = written.strip().lower()
        if code in self._codes:
            return code
        meant = (
            self._known.with_organ_codes([written], day)
            | self._known.named(written, day)
            | self._listed.get(name_key(written), set())
            | self._listed.get(organ_key(written), set())
        )
        found = {c for c in meant if self._ends.get(c, UNTIL_FURTHER_NOTICE) >= day}
        if len(found) == 1:
            return found.pop()
        if found:
            raise ValueError(
                f"“{written}” may be any of {', '.join(sorted(found))}: write the code"
            )
        if meant:
            code = min(meant)
            last = self._ends.get(code)
            raise ValueError(
                f"“{written}” is {code}, which by this list ends on {last}: name who takes its "
                "place, or add its row if the list forgets it"
            )
        raise ValueError(
            f"“{written}” is no agency of the registry or this list on {day}: correct it, or add "
            "that agency"
        )


def _keys(row: ListedAgency) -> Iterator[str]:
    yield from map(organ_key, row.several("organ_codes"))
    if name := row.text("name"):
        yield name_key(name)
