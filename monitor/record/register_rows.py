"""What an import of registers is given, and what it says."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

RegisterDirection = Literal["out", "in"]
Count = Literal["added", "changed", "gone", "unchanged"]


class EntryRow(NamedTuple):
    """One document as a register says, with the code of the agency whose register it is."""

    file: int
    """Index of the file, and the row in it."""
    row: int
    agency: str
    year: int
    number_key: str
    day: date
    number: str | None
    number_value: int | None
    notation: str | None
    series: str
    issued_on: date | None
    arrived_on: date | None
    arrival_number: str | None
    document_type: str | None
    role: str
    secret: bool
    """Then subject, signer, recipients and files are not among what is given."""
    paper: str | None
    status: str | None
    signed_at: datetime | None
    sent_at: datetime | None
    recipients: int | None
    file_names: tuple[str, ...]
    file_hashes: tuple[bytes, ...]
    external_id: str | None
    subject: str | None
    signer: str | None
    recipient_names: str | None


class Spot(NamedTuple):
    """A row of one of the files."""

    file: int
    row: int


@dataclass(frozen=True, slots=True)
class Offered:
    """Registers on their way. The functions are asked when the rows are through."""

    file_sha256: Callable[[], bytes]
    """Of several files, of their sorted hashes."""
    agencies: Collection[str]
    """All codes that rows may name."""
    rows: Iterator[EntryRow]
    faulty: Callable[[], bool]
    """Were there problems in reading it?"""
    lost: Callable[[], bool]
    """Are there rows that are left out? Then nothing is missing."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a register is to be understood. Days are Vietnam days."""

    source: str
    direction: RegisterDirection
    as_of: date
    actor: str
    whole: bool = False
    """What is missing in it, of its agencies and days, is not in the register any more."""
    first: date | None = None
    last: date | None = None
    """Days that it is complete for; of a whole one without them, from its first to its last."""
    apply: bool = False
    skip_problems: bool = False
    allow_gone: int = 0
    shown: int = 20
    """So many differences are given back."""


@dataclass(frozen=True, slots=True)
class AgencyCount:
    """Entries of one agency."""

    agency: str
    name: str
    added: int
    changed: int
    gone: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What becomes of one entry. Names of fields are those of `register_entry`."""

    spot: Spot | None
    """None: the list does not have it."""
    what: Literal["added", "changed", "gone"]
    agency: str
    number: str
    day: date
    fields: tuple[str, ...]
    """What has changed; `returned` where it had been missing before."""
    before: dict[str, str | None] = field(default_factory=dict)
    after: dict[str, str | None] = field(default_factory=dict)
    """Of the fields that may be shown."""


@dataclass(frozen=True, slots=True)
class Said:
    """A row that contradicts another one or the record; or a remark."""

    kind: Literal["crowded", "newer", "repeated", "double"]
    spot: Spot
    other: Spot | None
    """None: it is in the record."""
    agency: str
    number: str
    times: int
    """`crowded`: rows of the number; `repeated`: how many rows say the same."""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, or would do."""

    applied: bool
    counts: tuple[AgencyCount, ...]
    changed_fields: tuple[tuple[str, int], ...]
    """How often which field has changed, the most frequent first."""
    differences: tuple[Difference, ...]
    conflicts: tuple[Said, ...]
    """The first thousand."""
    conflict_rows: int
    """Rows that are left out for them."""
    repeated: tuple[Said, ...]
    repeated_rows: int
    """Rows that say what another one says."""
    doubles: tuple[Said, ...]
    double_numbers: int
    """Numbers under which several documents stand."""
    first_day: date | None
    last_day: date | None
    """Of the rows."""
    days_unclear: bool
    """A whole list over more than `LONGEST_SPAN` days: which it is complete for must be said."""
    gone: int
    present: int
    """Entries of those agencies, days and source that were there before."""
    too_many_gone: bool
    gone_withheld: bool
    """Rows were left out, so nothing is missing."""

    def total(self, what: Count) -> int:
        return sum(int(getattr(count, what)) for count in self.counts)
