"""What lists say of people and accounts, whatever system they come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, Literal, NamedTuple, TypeVar

from monitor.model import AccountState
from monitor.record.roster_rows import Known
from monitor.tables.model import Place, Problem

AccountKind = Literal["personal", "mailbox", "shared", "system"]


class ListedPerson(NamedTuple):
    """One row of a personnel list; addresses in one form for comparison."""

    row: int
    staff_number: str | None
    name: str | None
    agency: str
    """Code of the registry, as the importer resolved it."""
    leader: bool
    addresses: tuple[str, ...]
    first_day: date | None
    """Employed from; None is since the day of the list, or since before."""
    last_day: date | None


class ListedAccount(NamedTuple):
    """One account of a mail system."""

    row: int
    address: str
    aliases: tuple[str, ...] | None
    """None where the list does not say: what is known of them stays."""
    state: AccountState
    kind: AccountKind | None
    """None where the list does not say: the importer's rules do (system patterns, registry)."""
    agency: str | None
    """Code of the registry where the list says it; else the domain does."""
    created_on: date | None
    since: date | None
    """Since when it is in this state, where the list says so."""
    last_login: date | None
    staff_number: str | None


Listed = TypeVar("Listed", ListedPerson, ListedAccount)


@dataclass
class Listing(Generic[Listed]):
    """A list on its way into the record: entries come one by one, millions of them if need be."""

    file_sha256: str | None
    """None where it was read from a directory."""
    entries: Iterator[Listed]
    problems: list[Problem]
    """Complete when `entries` are."""
    place: Callable[[int, str | None], Place]
    """Where a row, or one field of it, stands: for problems that only the record shows."""
    left_out: dict[int, Known] = field(default_factory=dict)
    """Who stands in rows with problems. Nobody counts as missing while there is a row with a
    problem that is not among them."""
    how_read: tuple[str, ...] = ()
    """What an operator should see at a glance: the encoding that was taken, unread columns."""
