"""How often unchanged agencies would page somebody, and how soon a halving does."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from monitor.measure.drop_rule import (
    DOCUMENTS,
    DOCUMENTS_OF_MAILS,
    GROUP_MARGIN,
    MAILS,
    History,
    Rule,
    standings,
)
from tests.support.habits import ONE, Habit, Office, activity, office, province, total, working_days

DEPARTMENTS = 0.1
"""Share of the agencies that are of the smaller of two levels."""
DOCSYS = 0.5
"""Share of the agencies whose document system is connected as well."""


@dataclass(frozen=True, slots=True)
class Series:
    """One figure that is watched."""

    whose: str
    """`agency` or `group`."""
    indicator: str
    history: History
    rule: Rule


def series(agencies: int, days: Sequence[date], random: Random) -> Iterator[Series]:
    """All figures of a province whose agencies do as they always did."""
    busy = activity(days)

    def made(habit: Habit, sizes: Sequence[tuple[int, float]] | None = None) -> Office:
        return office(lambda _: habit, days, busy, random, *([sizes] if sizes else []))

    mail = [made(habit) for habit in province(agencies, random)]
    docsys = [made(habit, ONE) for habit in province(int(agencies * DOCSYS), random)]
    kinds = (
        ("document_signed mail", [each.documents for each in mail], DOCUMENTS_OF_MAILS),
        ("mail_signed", [each.mails for each in mail], MAILS),
        ("document_signed docsys", [each.documents for each in docsys], DOCUMENTS),
    )
    for name, histories, rule in kinds:
        for history in histories:
            yield Series("agency", name, history, rule)
        few = int(len(histories) * DEPARTMENTS)
        for group in (histories[:few], histories[few:], histories):
            yield Series("group", name, total(group), replace(rule, margin=GROUP_MARGIN))


def pages(each: Series) -> Counter[str]:
    """How often each rule would begin to fire."""
    found: Counter[str] = Counter()
    before = (False, False, False)
    for standing in standings(each.history, each.rule):
        now = tuple(
            since is not None
            for since in (standing.drop_from, standing.silent_from, standing.decline_from)
        )
        for rule, was, holds in zip(("dropped", "stopped", "declined"), before, now, strict=True):
            found[rule] += holds and not was
        before = (now[0], now[1], now[2])
    return found


FIRST, LAST = date(2024, 3, 1), date(2025, 6, 30)
STEADY = 140
"""Working days before the halving."""


def halved(
    base: float, volume: float, random: Random, sizes: Sequence[tuple[int, float]], days: int
) -> bool:
    """Whether an agency that halves what it signs is paged within so many working days, by its
    documents or by its mails.
    """
    all_days = working_days(FIRST, LAST)
    start = STEADY + random.randrange(5)
    span = all_days[: start + days]
    habits = (Habit(volume, base), Habit(volume, base / 2))
    made = office(lambda i: habits[i >= start], span, activity(all_days), random, sizes)
    tried = (
        ((made.documents, DOCUMENTS),)
        if sizes == ONE
        else ((made.documents, DOCUMENTS_OF_MAILS), (made.mails, MAILS))
    )
    return any(_fires(history, rule, start) for history, rule in tried)


def _fires(history: History, rule: Rule, since: int) -> bool:
    return any(
        standing.drop_from is not None
        for index, standing in enumerate(standings(history, rule))
        if index >= since
    )
