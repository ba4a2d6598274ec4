"""The lives of agencies while a list is laid over them: each row ends, changes or begins something.

What lies before the day from which a list holds stays as it is, and so does what already ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from monitor.agencies.agency import KEYS, Agency
from monitor.agencies.days import day_after, day_before
from monitor.agencies.importing.difference import Added, Changed, Difference, Ended, Value, same

CONTENT = tuple(key for key in KEYS if key not in {"code", "valid_from", "valid_to", "successors"})
"""What an agency is, apart from when."""


class RowProblem(ValueError):
    """What a row says cannot be; `key` is the field that says it."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(what)
        self.key = key


@dataclass(frozen=True, slots=True)
class Statement:
    """A row with whom it is about and whom it refers to."""

    row: int
    code: str
    made: bool
    last: date | None
    """The day on which it ends its agency (ListedAgency.last_day)."""
    said: Mapping[str, Value]
    """By field of the registry; `level` in its words, agencies by their codes."""

    @property
    def first(self) -> date | None:
        value = self.said.get("valid_from")
        return value if isinstance(value, date) else None

    @property
    def heirs(self) -> tuple[str, ...]:
        value = self.said.get("successors")
        return value if isinstance(value, tuple) else ()


@dataclass
class Stretch:
    """One entry of the registry file as it will be."""

    values: dict[str, Value]
    """By key of the file; what is none is not there."""
    entry: Agency | None = None
    """As it is in the file now; None for one that is added."""
    row: int | None = None
    """The row that changes or adds it."""

    @property
    def first(self) -> date:
        value = self.values.get("valid_from")
        return value if isinstance(value, date) else date.min

    @property
    def last(self) -> date:
        value = self.values.get("valid_to")
        return value if isinstance(value, date) else date.max

    @property
    def open(self) -> bool:
        return self.last == date.max

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def ordered(self) -> dict[str, Value]:
        """What it says, in the order of KEYS."""
        return {key: self.values[key] for key in KEYS if key in self.values}

    def changed(self) -> dict[str, Value]:
        """Keys that are no longer as in the file; what is none is to go."""
        before = self.entry.stated() if self.entry else {}
        return {
            key: self.values.get(key) for key in KEYS if self.values.get(key) != before.get(key)
        }

    def set(self, row: int | None, **values: Value) -> None:
        self.row = row
        for key, value in values.items():
            if value is None or value == ():
                self.values.pop(key, None)
            else:
                self.values[key] = value


@dataclass
class Lives:
    """All agencies' entries; `since` is the first day on which the list holds."""

    agencies: Sequence[Agency]
    since: date
    difference: Difference = field(default_factory=Difference)
    _stretches: dict[str, list[Stretch]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for agency in self.agencies:
            stretch = Stretch({**agency.stated()}, agency)
            self._stretches.setdefault(agency.code, []).append(stretch)

    def __iter__(self) -> Iterator[Stretch]:
        """Every entry in the order of the file; new ones behind the agency's others, or last."""
        entries = {id(s.entry): s for each in self._stretches.values() for s in each if s.entry}
        last = {agency.code: agency for agency in self.agencies}
        for agency in self.agencies:
            yield entries[id(agency)]
            if last[agency.code] is agency:
                yield from self._fresh(agency.code)
        for code in self._stretches:
            if code not in last:
                yield from self._fresh(code)

    def _fresh(self, code: str) -> list[Stretch]:
        return sorted((s for s in self._stretches[code] if not s.entry), key=lambda s: s.first)

    # -- what a row does ---------------------------------------------------------------------------

    def apply(self, row: Statement) -> None:
        """Lay one row over its agency; raises RowProblem and then changes nothing."""
        if row.first and row.last and row.last < row.first:
            what = f"{row.last} is before valid_from {row.first}: correct one"
            raise RowProblem("valid_to", what)
        if self._has_long_ended(row) or not self._applied(row):
            self.difference.unchanged += 1

    def _applied(self, row: Statement) -> bool:
        """Whether anything changed."""
        target, since = self._target(row)
        if target is None:
            self._begin(row)
            return True
        if row.last and row.last < since:
            self._refuse_changes(target, row, row.last)
            return self._end(target, row, row.last)
        return self._go_on(target, row, since, row.last)

    def _has_long_ended(self, row: Statement) -> bool:
        """Does a row without days end an agency that has ended with the same heirs?"""
        stretches = self._stretches.get(row.code)
        if not stretches or not row.heirs or "valid_to" in row.said or "valid_from" in row.said:
            return False
        latest = max(stretches, key=lambda stretch: stretch.last)
        return latest.last < self.since and same(
            "successors", row.heirs, latest.values.get("successors")
        )

    def _target(self, row: Statement) -> tuple[Stretch | None, date]:
        """The stretch that a row is about, and the day from which the row holds.

        That is the stretch of the same first day, but if it has ended and the row goes on, what
        it became: a list that was exported once keeps its first days. Else it is what is in
        force.
        """
        stretches = self._stretches.get(row.code, [])
        first = row.first or date.min
        same_day = [s for s in stretches if "valid_from" in row.said and s.first == first]
        ends_before = row.last is not None and row.last < self.since
        if same_day and (ends_before or same_day[0].last >= self.since):
            return same_day[0], self.since
        if same_day:
            return _holding(stretches, self.since) or same_day[0], self.since
        day = row.first or min(row.last or self.since, self.since)
        return _holding(stretches, day), row.first or self.since

    def _begin(self, row: Statement) -> None:
        stretches = self._stretches.setdefault(row.code, [])
        if stretches and not row.first:
            raise self._not_in_force(row, stretches)
        before = max(stretches, key=lambda s: s.last).values if stretches else {}
        values = {key: before[key] for key in CONTENT if key in before}
        first = row.first
        if "valid_from" not in row.said and not (row.last and row.last < self.since):
            first = self.since
        fresh = Stretch({"code": row.code, **values})
        fresh.set(row.row, **{key: row.said[key] for key in CONTENT if key in row.said})
        fresh.set(row.row, valid_from=first, valid_to=row.last, successors=row.heirs)
        stretches.append(fresh)
        name, level, parent = (fresh.values.get(key) for key in ("name", "level", "parent"))
        self.difference.added.append(
            Added(
                row.row,
                row.code,
                str(name or ""),
                str(level or ""),
                str(parent) if parent else None,
                first,
                row.made,
            )
        )

    def _not_in_force(self, row: Statement, stretches: Sequence[Stretch]) -> RowProblem:
        later = [stretch.first for stretch in stretches if stretch.first > self.since]
        if later:
            return RowProblem(
                "code",
                f"{row.code} begins only on {min(later)}, after the first day of this list, "
                f"{self.since}: import the list with --from {min(later)}, or leave the row out",
            )
        ended = max(stretch.last for stretch in stretches)
        return RowProblem(
            "code",
            f"{row.code} ended on {ended}: leave the row out, or write valid_from if it was set "
            "up again",
        )

    def _go_on(self, target: Stretch, row: Statement, since: date, last: date | None) -> bool:
        changes = _changes(target, row)
        if not changes:
            return self._end(target, row, last) if last or row.heirs else False
        first_key = next(iter(changes))
        if not target.open:
            raise self._ends_already(target, row, first_key)
        if target.first > since:
            raise RowProblem(
                first_key,
                f"would change {row.code} before {target.first}, when that entry begins: import "
                f"the list with --from {target.first} or later",
            )
        if row.heirs and not last:
            raise RowProblem("successors", "has successors but no valid_to: add its last day")
        fields = {key: (target.values.get(key), new) for key, new in changes.items()}
        going_on = self._from(since, target, row.row)
        going_on.set(row.row, **changes)
        self.difference.changed.append(
            Changed(row.row, row.code, str(going_on.values.get("name", "")), since, fields)
        )
        if last:
            self._end(going_on, row, last)
        return True

    def _from(self, since: date, target: Stretch, row: int) -> Stretch:
        """What goes on from a day: a stretch of its own, unless the target begins there itself."""
        if target.first == since:
            return target
        going_on = Stretch({**target.values, "valid_from": since})
        target.set(row, valid_to=day_before(since))
        self._stretches[str(target.values["code"])].append(going_on)
        return going_on

    def _refuse_changes(self, target: Stretch, row: Statement, last: date) -> None:
        """A row of an agency that has ended only ends it; what it leaves empty it does not say."""
        for key, value in _changes(target, row).items():
            if value:
                raise RowProblem(
                    key,
                    f"differs from the registry for {row.code}, which ends on {last}, before the "
                    f"first day of this list, {self.since}: leave it empty, or write what was",
                )

    def _end(self, target: Stretch, row: Statement, last: date | None) -> bool:
        """Enter last day and heirs; whether that changes anything."""
        known = target.values.get("successors")
        if last is None:
            if target.open or not same("successors", row.heirs, known):
                raise RowProblem("successors", "has successors but no valid_to: add its last day")
            return False
        if target.open:
            if last < target.first:
                what = f"{last} is before valid_from {target.first}: correct one"
                raise RowProblem("valid_to", what)
            target.set(row.row, valid_to=last, successors=row.heirs)
            self._ended(target, row.row)
            return True
        if target.last != last:
            raise self._ends_already(target, row, "valid_to")
        if not row.heirs or same("successors", row.heirs, known):
            return False
        if known:
            raise self._ends_already(target, row, "successors")
        target.set(row.row, successors=row.heirs)
        self._ended(target, row.row)
        return True

    def _ended(self, stretch: Stretch, row: int | None) -> None:
        heirs = stretch.values.get("successors")
        self.difference.ended.append(
            Ended(
                row,
                str(stretch.values["code"]),
                str(stretch.values.get("name", "")),
                stretch.last,
                heirs if isinstance(heirs, tuple) else (),
            )
        )

    def _ends_already(self, target: Stretch, row: Statement, key: str) -> RowProblem:
        return RowProblem(
            key,
            f"would change what {row.code} is until {target.last}, but that entry already ends "
            "there: correct the row, import the list from a later day, or edit the registry by "
            "hand",
        )

    # -- what a complete list lacks ----------------------------------------------------------------

    def in_force(self) -> list[Stretch]:
        """The entries in force on the list's first day, as the registry had them."""
        return [
            stretch
            for stretches in self._stretches.values()
            for stretch in stretches
            if stretch.entry and self.since in stretch.entry.period
        ]

    def end_missing(self, stretch: Stretch) -> None:
        """End an agency that a complete list does not have; raises RowProblem."""
        code = stretch.values["code"]
        if not stretch.open:
            raise RowProblem(
                "code",
                f"{code} is missing, but in force until {stretch.last}: add its row, or import "
                f"the list with --from {day_after(stretch.last)}",
            )
        if stretch.first >= self.since:
            raise RowProblem(
                "code",
                f"{code} is missing, but begins on {stretch.first} itself: add its row, or take "
                "the entry out of the registry by hand",
            )
        stretch.set(None, valid_to=day_before(self.since))
        self._ended(stretch, None)


def _holding(stretches: Sequence[Stretch], day: date) -> Stretch | None:
    return next((stretch for stretch in stretches if stretch.holds(day)), None)


def _changes(target: Stretch, row: Statement) -> dict[str, Value]:
    return {
        key: row.said[key]
        for key in CONTENT
        if key in row.said and not same(key, row.said[key], target.values.get(key))
    }
