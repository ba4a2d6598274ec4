"""The rules of importing in plain Python, one person or account after the other.

They are written from docs/rosters.md, not from the SQL: what both agree on is probably meant.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

OPEN = date.max
DAY = timedelta(days=1)


@dataclass
class Span:
    first: date
    last: date
    what: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """A row of a list."""

    number: str
    agency: str
    role: str
    addresses: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


class Problem(Exception):
    """The list contradicts itself or what is recorded: nothing of it is applied."""


@dataclass
class People:
    """Employments, and who has which address, by staff number."""

    jobs: dict[str, list[Span]] = field(default_factory=dict)
    mail: list[tuple[str, str, Span]] = field(default_factory=list)
    """Person, address, days."""

    def apply(self, rows: list[Person], day: date, *, whole: bool) -> None:
        """Raises Problem; then this is no longer of use."""
        present = [row for row in rows if (row.last or OPEN) >= day]
        said = [address for row in present for address in row.addresses]
        if len(said) != len(set(said)):
            raise Problem("an address of two people")
        starts = {row.number: self._employ(row, day) for row in rows}
        if whole:
            for number in self.jobs.keys() - {row.number for row in rows}:
                self._leave(number, day)
        for row in present:
            if row.addresses:
                self._give_up(row, starts[row.number], day)
        for row in present:
            for address in row.addresses:
                self._take(row.number, address, starts[row.number], day)

    def _employ(self, row: Person, day: date) -> date:
        """The day from which on the row's addresses hold."""
        spans = self.jobs.get(row.number, [])
        left = (row.last or OPEN) < day
        what, last = (row.agency, row.role), row.last or OPEN
        if not spans:
            if not (left and row.first is None):
                self.jobs[row.number] = [Span(row.first or day, last, what)]
            return row.first or day
        now = spans[-1]
        begins = self._begins(row, now, day)
        if begins is None:
            if last < now.first:
                raise Problem("ends before it began")
            now.last = last if now.what == what else min(now.last, last)
            return max(day, now.first)
        if begins < now.first:
            raise Problem("something later is recorded")
        if begins == now.first:
            now.what, now.last = what, last
        else:
            now.last = min(now.last, begins - DAY)
            spans.append(Span(begins, last, what))
        return begins

    def _begins(self, row: Person, now: Span, day: date) -> date | None:
        """When something new begins; None if nothing does."""
        left = (row.last or OPEN) < day
        if now.what == (row.agency, row.role):
            if row.first and row.first > now.last:
                return row.first
            return day if now.last < day and not left else None
        if row.first and (row.first > now.first or row.first == now.first >= day):
            return row.first
        return None if left else day

    def _leave(self, number: str, day: date) -> None:
        spans = self.jobs[number]
        if spans and spans[-1].first <= day <= spans[-1].last:
            spans[-1].last = day - DAY
            if spans[-1].last < spans[-1].first:
                spans.pop()

    def _give_up(self, row: Person, start: date, day: date) -> None:
        for number, address, span in list(self.mail):
            if number == row.number and address not in row.addresses and span.last >= start:
                end = start if span.first < start else day
                self._cut(number, address, span, end)

    def _cut(self, number: str, address: str, span: Span, free_from: date) -> None:
        span.last = min(span.last, free_from - DAY)
        if span.last < span.first:
            self.mail.remove((number, address, span))

    def _take(self, number: str, address: str, start: date, day: date) -> None:
        has = [s for n, a, s in self.mail if (n, a) == (number, address) and s.last >= start]
        if has:
            return
        begins = start
        for other, _, span in [each for each in self.mail if each[1] == address]:
            if other == number or self._was_last(span, start):
                continue
            begins = max(start, day)
            worked = max((s.last for s in self.jobs.get(other, [])), default=date.min)
            if min(span.last, worked) >= begins:
                raise Problem("somebody else's address")
            self._cut(other, address, span, begins)
        self.mail.append((number, address, Span(begins, OPEN, ())))

    def _was_last(self, span: Span, start: date) -> bool:
        return span.last < start


@dataclass(frozen=True)
class Account:
    """A row of a list."""

    address: str
    agency: str
    state: str
    aliases: tuple[str, ...] | None = ()
    """None where the list does not say."""
    created: date | None = None
    since: date | None = None


@dataclass
class Accounts:
    """Standings, and which account has which address, by primary address."""

    standings: dict[str, list[Span]] = field(default_factory=dict)
    mail: list[tuple[str, str, Span]] = field(default_factory=list)
    """Account, address, days."""

    def apply(self, rows: list[Account], day: date, *, whole: bool) -> None:
        """Raises Problem; then this is no longer of use."""
        claims = self._claims(rows)
        starts = {row.address: self._stand(row, day) for row in rows}
        if whole:
            for address in self.standings.keys() - {row.address for row in rows}:
                now = self.standings[address][-1]
                self._turn(address, (*now.what[:1], "closed"), day)
        for row in rows:
            if row.aliases is not None:
                self._give_up(row.address, claims[row.address], starts[row.address])
        for row in rows:
            for address in claims[row.address]:
                self._take(row, address, starts[row.address], day)

    def _claims(self, rows: list[Account]) -> dict[str, tuple[str, ...]]:
        """The addresses of each; of those that two have, a closed account has none."""
        claims = {
            row.address: tuple(dict.fromkeys((row.address, *(row.aliases or ())))) for row in rows
        }
        by_address: dict[str, list[Account]] = {}
        for row in rows:
            for address in claims[row.address]:
                by_address.setdefault(address, []).append(row)
        for address, several in by_address.items():
            several.sort(key=lambda row: row.state == "closed")
            if sum(row.state != "closed" for row in several) > 1:
                raise Problem("an address of two accounts")
            for row in several[1:]:
                kept = tuple(each for each in claims[row.address] if each != address)
                claims[row.address] = kept
        return claims

    def _stand(self, row: Account, day: date) -> date:
        """The day from which on the row's addresses hold."""
        what = (row.agency, row.state)
        if row.address not in self.standings:
            begins = row.since or (row.created if row.state == "enabled" else None) or day
            self.standings[row.address] = [Span(begins, OPEN, what)]
            return begins
        now = self.standings[row.address][-1]
        if now.what != what:
            turned = row.state != now.what[1] and row.since and row.since > now.first
            self._turn(row.address, what, row.since if turned and row.since else day)
        return day

    def _turn(self, address: str, what: tuple[str, ...], begins: date) -> None:
        spans = self.standings[address]
        now = spans[-1]
        if now.what == what:
            return
        if begins < now.first:
            raise Problem("something later is recorded")
        if begins == now.first:
            now.what = what
        else:
            now.last = begins - DAY
            spans.append(Span(begins, OPEN, what))

    def _give_up(self, account: str, claimed: tuple[str, ...], start: date) -> None:
        for own, address, span in list(self.mail):
            if own == account and address not in claimed and span.last >= start:
                self._cut(own, address, span, start)

    def _cut(self, account: str, address: str, span: Span, free_from: date) -> None:
        span.last = min(span.last, free_from - DAY)
        if span.last < span.first:
            self.mail.remove((account, address, span))

    def _take(self, row: Account, address: str, start: date, day: date) -> None:
        mine = (row.address, address)
        if any((n, a) == mine and s.last >= start for n, a, s in self.mail):
            return
        others = [
            (account, span) for account, said, span in self.mail
            if said == address and account != row.address and span.last >= start
        ]  # fmt: skip
        begins = max(start, day) if others else start
        holders = [(account, span) for account, span in others if span.last >= begins]
        if holders and row.state == "closed":
            return
        for other, span in holders:
            if self.standings[other][-1].what[1] != "closed":
                raise Problem("another account's address")
            self._cut(other, address, span, begins)
        self.mail.append((*mine, Span(begins, OPEN, ())))
