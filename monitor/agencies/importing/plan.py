"""What an import would do to a registry, and whether it may: all of it, or nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from monitor.agencies.agency import Agency
from monitor.agencies.checks import problems
from monitor.agencies.days import day_after, day_before
from monitor.agencies.importing.difference import Difference, Value
from monitor.agencies.importing.listed import AgencyList, ListedAgency
from monitor.agencies.importing.lives import Lives, RowProblem, Statement, Stretch
from monitor.agencies.importing.recognising import (
    Known,
    Recognised,
    Recogniser,
    References,
    speaks_of,
)
from monitor.agencies.importing.words import level_of
from monitor.agencies.mistakes import Mistake
from monitor.agencies.reading import Content, explain
from monitor.agencies.signing_checks import signing_problems
from monitor.tables import Problem

ENDED_SHARE, ENDED_AT_LEAST = 5, 5
"""A complete list that lacks more than one in so many agencies, and more than so many, is asked
about: it may be half a list."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a list is to be understood."""

    since: date
    """First Vietnam day on which it holds."""
    whole: bool = False
    """It is complete: what it lacks has ended."""
    allow_ending: int = 0
    """So many agencies may end for not being on it."""


@dataclass(frozen=True)
class Plan:
    """The outcome of laying a list over a registry."""

    difference: Difference
    problems: tuple[Problem, ...]
    """Any one of them, and nothing is applied."""
    stretches: tuple[Stretch, ...]
    """The entries as they will be, in the order of the file."""
    agencies: tuple[Agency, ...]
    """The same, checked; empty where there are problems."""


def plan(content: Content, given: AgencyList, wish: Wish) -> Plan:
    """Lay a list over a registry's content. Problems of all kinds are found at once."""
    return _Planner(content, given, wish).plan()


class _Planner:
    def __init__(self, content: Content, given: AgencyList, wish: Wish) -> None:
        self._content = content
        self._given = given
        self._wish = wish
        self._known = Known(content.agencies)
        self._lives = Lives(content.agencies, wish.since)
        self._problems = list(given.problems)
        self._missing: frozenset[str] = frozenset()

    def plan(self) -> Plan:
        rows = self._recognised()
        if self._wish.whole:
            self._missing = self._known.in_force(self._wish.since) - {row.code for row in rows}
        references = References(self._known, rows, self._ends(rows))
        for row in rows:
            self._apply(row, references)
        if self._wish.whole and not self._problems:
            self._end_missing()
        stretches = tuple(self._lives)
        agencies = self._checked(stretches)
        if self._problems:
            agencies = ()
        problems = sorted(self._problems, key=lambda problem: problem.place.row or 0)
        return Plan(self._lives.difference, tuple(problems), stretches, agencies)

    def _ends(self, rows: Sequence[Recognised]) -> dict[str, date]:
        """The last days of agencies that end by this list."""
        ends = dict.fromkeys(self._missing, day_before(self._wish.since))
        lasts: dict[str, list[date | None]] = {}
        for row in rows:
            lasts.setdefault(row.code, []).append(row.listed.last_day(self._wish.since))
        for code, days in lasts.items():
            known = [day for day in days if day]
            if len(known) == len(days):
                ends[code] = max(known)
        return ends

    def _problem(self, row: int | None, key: str | None, what: str) -> None:
        self._problems.append(Problem(self._given.place(row, key), what))

    # -- rows --------------------------------------------------------------------------------------

    def _recognised(self) -> list[Recognised]:
        """The rows that can be told, by their first days; each agency and period once."""
        recogniser = Recogniser(self._given, self._known, self._wish.since)
        rows = recogniser.all()
        self._problems += recogniser.problems
        before: dict[str, ListedAgency] = {}
        once = []
        for row in sorted(rows, key=lambda row: row.listed.day("valid_from") or date.min):
            if (earlier := before.get(row.code)) and (what := self._again(row, earlier)):
                self._problem(row.listed.row, "code" if "code" in row.listed.said else "name", what)
                continue
            before[row.code] = row.listed
            once.append(row)
        return once

    def _again(self, row: Recognised, earlier: ListedAgency) -> str | None:
        """What is wrong with a second row of an agency: its life may come in several rows."""
        first, last = row.listed.day("valid_from"), earlier.last_day(self._wish.since)
        if first == earlier.day("valid_from"):
            return f"is {row.code} again, as row {earlier.row} is: leave one of them"
        if last is None or (first and first <= last):
            return (
                f"is {row.code} again from {first}, but row {earlier.row} does not end before: "
                "write its valid_to, or leave one of them"
            )
        return None

    def _apply(self, row: Recognised, references: References) -> None:
        said: dict[str, Value] = dict(row.listed.said)
        for key in ("name", "level"):
            if not said.get(key):
                said.pop(key, None)  # every agency has one: an empty cell takes none away
        if level := row.listed.text("level"):
            said["level"] = level_of(level, self._content.levels)
        try:
            day = speaks_of(row.listed, self._wish.since)
            if parent := row.listed.text("parent"):
                said["parent"] = self._resolved("parent", parent, day, references)
            last = row.listed.last_day(self._wish.since)
            day = day_after(last) if last else self._wish.since
            for key, on in (("successors", day), ("signs_for", self._wish.since)):
                if key in said:
                    heirs = row.listed.several(key)
                    said[key] = tuple(self._resolved(key, each, on, references) for each in heirs)
            self._lives.apply(Statement(row.listed.row, row.code, row.made, last, said))
        except RowProblem as error:
            self._problem(row.listed.row, error.key, str(error))

    def _resolved(self, key: str, written: str, day: date, references: References) -> str:
        try:
            return references.resolve(written, day)
        except ValueError as error:
            raise RowProblem(key, str(error)) from None

    def _end_missing(self) -> None:
        in_force = self._lives.in_force()
        missing = [each for each in in_force if each.values["code"] in self._missing]
        many = len(missing) > ENDED_AT_LEAST and len(missing) * ENDED_SHARE > len(in_force)
        if many and len(missing) > self._wish.allow_ending:
            self._problem(
                None,
                None,
                f"lacks {len(missing)} of {len(in_force)} agencies in force, which --whole would "
                f"end: is the list complete? If so add --allow-ending {len(missing)}, else "
                "import it with --partial",
            )
        for stretch in missing:
            try:
                self._lives.end_missing(stretch)
            except RowProblem as error:
                self._problem(None, None, str(error))

    # -- the registry that results -----------------------------------------------------------------

    def _checked(self, stretches: Sequence[Stretch]) -> tuple[Agency, ...]:
        """All entries, if each is one and they agree with each other and the rest of the file."""
        rows: dict[int, Stretch] = {}
        agencies: list[Agency] = []
        refused: set[str] = set()
        for stretch in stretches:
            try:
                agency = self._agency(stretch)
            except ValidationError as error:
                refused.add(str(stretch.values["code"]))
                for fault in explain(error):
                    self._problem(stretch.row, fault.key, fault.what)
                continue
            rows[id(agency)] = stretch
            agencies.append(agency)
        for mistake in self._mistakes(agencies, frozenset(refused)):
            self._problems.append(self._placed(mistake, rows))
        return tuple(agencies)

    def _agency(self, stretch: Stretch) -> Agency:
        if stretch.entry and stretch.row is None and stretch.last == stretch.entry.period.last:
            return stretch.entry
        return Agency.model_validate(stretch.values)

    def _mistakes(self, agencies: Sequence[Agency], refused: frozenset[str]) -> Iterator[Mistake]:
        yield from problems(agencies, self._content.levels, refused)
        signing = self._content.signing
        yield from signing_problems(
            signing.certificates.entries, signing.mailboxes, agencies, refused
        )

    def _placed(self, mistake: Mistake, stretches: dict[int, Stretch]) -> Problem:
        """A mistake at the row that makes it; without a row it is the list's as a whole."""
        for number, entry in enumerate(mistake.entries):
            stretch = stretches[id(entry)]
            if stretch.row is not None:
                column = mistake.key if not number else _blamed(mistake.key, stretch)
                return Problem(self._given.place(stretch.row, column), str(mistake))
        return Problem(self._given.place(None, None), str(mistake))


def _blamed(key: str | None, stretch: Stretch) -> str | None:
    """What of a rival entry makes a mistake: the same field, or when it begins or ends."""
    if key == "parent" and not stretch.open:
        return "valid_to"
    return "valid_from" if key == "successors" else key
