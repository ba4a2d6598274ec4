"""What an import of people or accounts is given, and what it says."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Generic, Literal, NamedTuple, TypeVar

What = Literal["people", "accounts"]
Count = Literal["added", "changed", "ended", "unchanged"]


class PersonRow(NamedTuple):
    """A person as a list says, with the code of the agency; addresses in one form."""

    at_row: int
    staff_number: str | None
    address: str | None
    """What the person is known by without a staff number."""
    name: str | None
    """None where names are not kept."""
    agency: str
    role: str
    first_day: date | None
    last_day: date | None
    addresses: tuple[str, ...]


class AccountRow(NamedTuple):
    """An account as a list says, with the code of the agency or "" for nobody's."""

    at_row: int
    address: str
    aliases: tuple[str, ...] | None
    """None where the list does not say."""
    agency: str
    kind: str
    state: str
    created_on: date | None
    since: date | None
    last_login: date | None
    staff_number: str | None


class Known(NamedTuple):
    """By what a person or account in a row that is left out is known, as far as it can be read."""

    staff_number: str | None
    address: str | None


RosterRow = TypeVar("RosterRow", PersonRow, AccountRow)


@dataclass(frozen=True, slots=True)
class Offered(Generic[RosterRow]):
    """A list on its way. The functions are asked when the rows are through."""

    file_sha256: str | None
    agencies: Collection[str]
    """All codes that rows may name."""
    rows: Iterator[RosterRow]
    faulty: Callable[[], bool]
    """Were there problems in reading it?"""
    left_out: Callable[[], Collection[Known]]
    """Who stands in rows with problems: nobody of them is missing."""
    lost: Callable[[], bool]
    """Are there rows of which nobody knows who stands in them? Then nobody is missing."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a list is to be understood. A day is a Vietnam day."""

    source: str
    as_of: date
    whole: bool
    """Who is missing in it is not there any more."""
    actor: str
    apply: bool = False
    skip_problems: bool = False
    allow_ending: int = 0
    shown: int = 20
    """So many differences are given back."""
    people: str | None = None
    """Of accounts: the source of people whose staff numbers they name; None is the only one."""


@dataclass(frozen=True, slots=True)
class ListStanding:
    """The newest list of a source that was applied."""

    what: What
    source: str
    as_of: date
    present: bool
    """Is anybody employed, any account not closed, of those that the source lists?"""


@dataclass(frozen=True, slots=True)
class AgencyCount:
    """People or accounts of one agency."""

    agency: str
    name: str
    added: int
    changed: int
    ended: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What becomes of one person or account."""

    at_row: int | None
    """None: the list does not have it."""
    what: Literal["added", "changed", "ended"]
    pseudonym: int
    sealed: bytes | None
    """Staff number or address, see `roster.opened`."""
    old_agency: str | None
    agency: str | None
    old_standing: str | None
    """Role of a person, kind and state of an account."""
    standing: str | None
    first_day: date | None
    """Of the new period; None where there is none."""
    last_day: date | None
    """Of the last period, where that ends."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that contradicts another or the record; or a remark."""

    kind: str
    """`twice`, `address_twice`, `source`, `later`, `before`, `address_held`; of remarks
    `repeated`, `left_before`, `address_reused`, `elsewhere`, `owner`."""
    at_row: int
    other_row: int | None
    day: date | None
    held_by: str | None
    times: int = 1
    """How many rows a remark is true of; this is the first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, or would do."""

    applied: bool
    counts: tuple[AgencyCount, ...]
    differences: tuple[Difference, ...]
    conflicts: tuple[Conflict, ...]
    """The first thousand."""
    conflict_rows: int
    """Rows that are left out for them."""
    remarks: tuple[Conflict, ...]
    """One of each kind."""
    ending: int
    present: int
    """People or accounts of the source that were there before, as far as the list touches them."""
    too_many_end: bool
    """More than a tenth, and more than were allowed: nothing is applied."""
    ends_withheld: bool
    """Rows were lost, so nobody is missing."""

    def total(self, what: Count) -> int:
        return sum(int(getattr(count, what)) for count in self.counts)
