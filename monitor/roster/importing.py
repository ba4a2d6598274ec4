"""From what a list says to what is recorded: attribution, problems in words, one import."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import translate
from typing import Generic

from monitor.model import Role
from monitor.record import roster
from monitor.record.database import Database
from monitor.record.roster_rows import (
    AccountRow,
    Conflict,
    Known,
    Offered,
    Outcome,
    PersonRow,
    RosterRow,
    Terms,
)
from monitor.record.sealing import Sealer
from monitor.roster.agencies import Agencies
from monitor.roster.listed import AccountKind, Listed, ListedAccount, ListedPerson, Listing
from monitor.settings import Settings
from monitor.tables.model import Problem

MOST_PROBLEMS = 1000
"""From here on reading has ended: rows are not left out one by one any more."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list."""

    outcome: Outcome
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    """Harmless: of each kind the first, with how often it is so."""
    left_out: int
    """Rows that are left out for their problems."""
    how_read: tuple[str, ...]
    """The encoding that was taken, unread columns."""


Counted = Callable[[int | None], None]
"""Told each row that has been read, and None when all are and the comparison begins."""


async def import_people(
    listing: Listing[ListedPerson],
    agencies: Agencies,
    terms: Terms,
    settings: Settings,
    database: Database,
    sealer: Sealer,
    counted: Counted,
) -> Imported:
    """Compare a list of people with the record and, if `terms` say so, apply it.

    Raises UserError when another import runs or the list is older than the source's last one.
    """
    rows = _PeopleRows(listing, agencies, terms, counted, keep_names=settings.privacy.keep_names)
    outcome = await roster.import_people(database, sealer, rows.offered(), terms)
    return rows.imported(outcome)


async def import_accounts(
    listing: Listing[ListedAccount],
    agencies: Agencies,
    terms: Terms,
    settings: Settings,
    database: Database,
    sealer: Sealer,
    counted: Counted,
) -> Imported:
    """Compare a list of accounts with the record, whatever system it comes from.

    Raises as `import_people`.
    """
    rows = _AccountRows(listing, agencies, terms, counted, settings.accounts.system)
    outcome = await roster.import_accounts(database, sealer, rows.offered(), terms)
    return rows.imported(outcome)


class _Rows(ABC, Generic[Listed, RosterRow]):
    """A listing on its way into the record, and what there is to say about it."""

    def __init__(
        self, listing: Listing[Listed], agencies: Agencies, terms: Terms, counted: Counted
    ) -> None:
        self._listing: Listing[Listed] = listing
        self._agencies = agencies
        self._terms = terms
        self._counted = counted
        self._remarks: dict[str, tuple[int, Problem]] = {}

    def offered(self) -> Offered[RosterRow]:
        listing = self._listing
        return Offered(
            listing.file_sha256, self._agencies.codes, self._rows(), self._faulty,
            listing.left_out.values, self._lost,
        )  # fmt: skip

    def _rows(self) -> Iterator[RosterRow]:
        for entry in self._listing.entries:
            self._counted(entry.row)
            row = self._row(entry)
            if row is not None:
                yield row
        self._counted(None)

    @abstractmethod
    def _row(self, entry: Listed) -> RosterRow | None:
        """What is recorded of an entry; None where that is a problem."""

    def _faulty(self) -> bool:
        problems = self._listing.problems
        if not self._terms.skip_problems:
            return bool(problems)
        return len(problems) >= MOST_PROBLEMS or any(p.place.row is None for p in problems)

    def _lost(self) -> bool:
        return any(p.place.row not in self._listing.left_out for p in self._listing.problems)

    def _refuse(self, row: int, field: str, what: str, known: Known) -> None:
        self._listing.problems.append(Problem(self._listing.place(row, field), what))
        self._listing.left_out[row] = known

    def _remark(self, kind: str, row: int, field: str | None, what: str, times: int = 1) -> None:
        count, first = self._remarks.get(kind, (0, None))
        problem = first or Problem(self._listing.place(row, field), what)
        self._remarks[kind] = count + times, problem

    def imported(self, outcome: Outcome) -> Imported:
        for remark in outcome.remarks:
            what = _REMARKS[remark.kind](remark)
            self._remark(remark.kind, remark.at_row, None, what, remark.times)
        problems = [*self._listing.problems, *map(self._in_words, outcome.conflicts)]
        rows = {problem.place.row for problem in self._listing.problems} - {None}
        remarks = [
            replace(problem, what=problem.what + _and_others(count))
            for count, problem in self._remarks.values()
        ]
        return Imported(
            outcome, tuple(problems), tuple(remarks), len(rows) + outcome.conflict_rows,
            self._listing.how_read,
        )  # fmt: skip

    def _in_words(self, conflict: Conflict) -> Problem:
        field, words = _CONFLICTS[conflict.kind]
        place = self._listing.place(conflict.at_row, field)
        return Problem(place, words(conflict, self._terms.as_of))


def _and_others(count: int) -> str:
    return f" (and {count - 1} more like it)" if count > 1 else ""


class _PeopleRows(_Rows[ListedPerson, PersonRow]):
    def __init__(
        self,
        listing: Listing[ListedPerson],
        agencies: Agencies,
        terms: Terms,
        counted: Counted,
        *,
        keep_names: bool,
    ) -> None:
        super().__init__(listing, agencies, terms, counted)
        self._keep_names = keep_names

    def _row(self, entry: ListedPerson) -> PersonRow | None:
        known = next(
            (each for each in entry.addresses if not self._agencies.is_mailbox(each)), None
        )
        if not entry.staff_number and known is None:
            self._refuse(
                entry.row, "staff_number",
                "neither a staff number nor an own address: a name alone is not enough to know "
                "somebody again; add one of them", Known(None, None),
            )  # fmt: skip
            return None
        return PersonRow(
            entry.row, entry.staff_number, known, entry.name if self._keep_names else None,
            entry.agency, Role.LEADER if entry.leader else Role.STAFF,
            entry.first_day, entry.last_day, tuple(self._own(entry)),
        )  # fmt: skip

    def _own(self, entry: ListedPerson) -> Iterator[str]:
        """The addresses that are kept: of our agencies, and not an agency's own."""
        for address in entry.addresses:
            if self._agencies.is_mailbox(address):
                self._remark(
                    "mailbox", entry.row, "addresses",
                    "an agency's own mailbox is nobody's: not recorded for this person",
                )  # fmt: skip
            elif self._agencies.of_address(address) is None:
                self._remark(
                    "foreign", entry.row, "addresses",
                    "an address that is no agency's: not recorded",
                )  # fmt: skip
            else:
                yield address


class _AccountRows(_Rows[ListedAccount, AccountRow]):
    def __init__(
        self,
        listing: Listing[ListedAccount],
        agencies: Agencies,
        terms: Terms,
        counted: Counted,
        system: Collection[str],
    ) -> None:
        super().__init__(listing, agencies, terms, counted)
        patterns = "|".join(translate(pattern.lower()) for pattern in system)
        self._is_system = re.compile(patterns or r"(?!)").match

    def _row(self, entry: ListedAccount) -> AccountRow | None:
        kind = self._kind(entry)
        agency = entry.agency or self._agencies.of_address(entry.address)
        if agency is None and kind != "system":
            self._refuse(
                entry.row, "address",
                "is on a domain of no agency: bring the domain into the registry, or name the "
                "agency in a column of its own", Known(None, entry.address),
            )  # fmt: skip
            return None
        if self._is_late(entry):
            return None
        return AccountRow(
            entry.row, entry.address, self._aliases(entry), agency or "", kind,
            entry.state, entry.created_on, entry.since, entry.last_login, entry.staff_number,
        )  # fmt: skip

    def _is_late(self, entry: ListedAccount) -> bool:
        as_of = self._terms.as_of
        for field, day in (("created", entry.created_on), ("since", entry.since)):
            if day is not None and day > as_of:
                self._refuse(
                    entry.row, field,
                    f"is {day}, after {as_of}, the day of the list: give its day with --as-of, or "
                    "correct it", Known(None, entry.address),
                )  # fmt: skip
                return True
        return False

    def _kind(self, entry: ListedAccount) -> AccountKind:
        if self._is_system(entry.address):
            return "system"
        if self._agencies.is_mailbox(entry.address):
            return "mailbox"
        return entry.kind or "personal"

    def _aliases(self, entry: ListedAccount) -> tuple[str, ...] | None:
        return None if entry.aliases is None else tuple(self._own(entry, entry.aliases))

    def _own(self, entry: ListedAccount, aliases: tuple[str, ...]) -> Iterator[str]:
        for alias in aliases:
            if alias == entry.address:
                continue
            if self._agencies.of_address(alias) is None:
                self._remark(
                    "foreign", entry.row, "aliases", "an alias that is no agency's: not recorded"
                )
            else:
                yield alias


Words = Callable[[Conflict, date], str]

_CONFLICTS: dict[str, tuple[str | None, Words]] = {
    "twice": (None, lambda c, _: (
        f"is also in row {c.other_row}, which says something else: remove one of them"
    )),
    "address_twice": ("addresses", lambda c, _: (
        f"row {c.other_row} has the same address: an address is one's alone, remove it from one "
        "row, or list it in the registry if it is an agency's own mailbox"
    )),
    "source": (None, lambda c, _: (
        f"is on the lists of {c.held_by} since {c.day}: import a list from {c.held_by} first in "
        f"which it has ended, or give --source {c.held_by} if this is a list of theirs"
    )),
    "later": (None, lambda c, as_of: (
        f"would change what was recorded as beginning on {c.day}, after {as_of}, the day of the "
        "list: correct the list, or import it as of that day"
    )),
    "before": ("to", lambda c, _: (
        f"lies before {c.day}, since when this is recorded: correct the day, or leave the row out "
        "of the list to end it on the day before the list"
    )),
    "address_held": ("addresses", lambda c, _: (
        f"an address of another one ({_where(c)}, since {c.day}), who is still there: correct one "
        "of them"
    )),
}  # fmt: skip


def _where(conflict: Conflict) -> str:
    return (
        f"row {conflict.other_row}" if conflict.other_row else f"on the lists of {conflict.held_by}"
    )


_REMARKS: dict[str, Callable[[Conflict], str]] = {
    "repeated": lambda c: f"says the same as row {c.other_row}: put together",
    "left_before": lambda _: "left before the day of the list and was never on one: not recorded",
    "address_reused": lambda c: (
        f"is closed, and row {c.other_row} has its address: left to that one"
    ),
    "owner": lambda _: "belongs to somebody of whom no address was known, by the staff number",
    "elsewhere": lambda c: f"is closed here and on the lists of {c.held_by}: left to those",
}
