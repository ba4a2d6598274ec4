"""From what registers say to what is recorded: one import, and its problems in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from monitor.record import register
from monitor.record.database import Database
from monitor.record.register_rows import EntryRow, Offered, Outcome, Said, Terms
from monitor.record.sealing import Sealer
from monitor.register.reading import Listing
from monitor.tables import Problem
from monitor.tables.rows import MAX_PROBLEMS

Counted = Callable[[int | None], None]
"""Told each row that has been read, and None when all are and the comparison begins."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of registers."""

    outcome: Outcome
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    """Harmless: of each kind the first, with how often it is so."""
    doubles: tuple[Problem, ...]
    """Rows under whose number another document stands."""
    left_out: int
    """Rows that are left out for their problems."""
    how_read: tuple[str, ...]
    """The encoding that was taken, which column is what, unread columns."""


async def import_listing(
    listing: Listing,
    agencies: frozenset[str],
    terms: Terms,
    database: Database,
    sealer: Sealer,
    counted: Counted,
) -> Imported:
    """Compare registers with the record and, if `terms` say so, apply them.

    Raises UserError when another import runs.
    """

    def faulty() -> bool:
        problems = listing.problems
        if not terms.skip_problems:
            return bool(problems)
        return any(each.place.row is None for each in problems) or any(
            len(table.problems) >= MAX_PROBLEMS for table in listing.tables
        )

    offered = Offered(
        lambda: listing.sha256, agencies, _told(listing.entries(), counted), faulty,
        lambda: bool(listing.problems),
    )  # fmt: skip
    outcome = await register.import_register(database, sealer, offered, terms)
    return _imported(listing, outcome)


def _told(entries: Iterator[EntryRow], counted: Counted) -> Iterator[EntryRow]:
    for entry in entries:
        counted(entry.row)
        yield entry
    counted(None)


def _imported(listing: Listing, outcome: Outcome) -> Imported:
    problems = [*listing.problems, *(_conflict(listing, each) for each in outcome.conflicts)]
    rows = {(each.place.file, each.place.row) for each in listing.problems if each.place.row}
    remarks = [
        replace(first, what=first.what + (f" (and {count - 1} more like it)" if count > 1 else ""))
        for count, first in listing.remarks.values()
    ]
    return Imported(
        outcome, tuple(problems), (*remarks, *_repeated(listing, outcome)),
        tuple(_double(listing, each) for each in outcome.doubles),
        len(rows) + outcome.conflict_rows, tuple(listing.how_read),
    )  # fmt: skip


def _conflict(listing: Listing, said: Said) -> Problem:
    if said.kind == "crowded":
        what = (
            f"its number {said.number} stands in {said.times} different rows of {said.agency}: is "
            "this the column of numbers? Name it as columns.full_number in a profile"
        )
    else:
        what = (
            f"says something else of {said.number} of {said.agency} than a list of {said.day}, "
            "which is newer than this one: leave it out, or give the day of this list with --as-of"
        )
    return Problem(listing.place(said.spot), what)


def _repeated(listing: Listing, outcome: Outcome) -> Iterator[Problem]:
    """The first rows that say what another one says, with how many there are."""
    for number, said in enumerate(outcome.repeated):
        rows = outcome.repeated_rows
        more = f" ({rows} such rows in all)" if number == 0 and rows > 1 else ""
        other = f"{listing.place(said.other)}" if said.other else "another row"
        yield Problem(listing.place(said.spot), f"says the same as {other}: counted once{more}")


def _double(listing: Listing, said: Said) -> Problem:
    other = f"{listing.place(said.other)}" if said.other else "the record"
    what = f"number {said.number} of {said.agency} is also in {other}, of another document"
    return Problem(listing.place(said.spot), what)
