"""What agencies must agree on among themselves, day by day; each problem is one line."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import TypeVar

from monitor.agencies.agency import Agency
from monitor.agencies.entry import Dated
from monitor.agencies.names import address_key, domain_key, organ_key, text_key, uid_key
from monitor.agencies.period import Period

Entries = dict[str, list[Agency]]


def problems(
    agencies: Sequence[Agency], levels: Sequence[str], refused: frozenset[str]
) -> list[str]:
    """Every disagreement in a registry, in the order of its entries.

    `refused` are the codes of entries that were no agencies: they may be referred to, and who
    is in force when is asked only once there are none.
    """
    entries: Entries = defaultdict(list)
    for agency in agencies:
        entries[agency.code].append(agency)
    return [
        *_level_words(agencies, levels),
        *_codes_twice(entries),
        *_references(agencies, entries.keys() | refused),
        *([] if refused else _parents_in_force(agencies, entries)),
        *([] if refused else _heirs_in_force(agencies, entries)),
        *_cycles(agencies, entries),
        *_owned_twice(agencies),
    ]


def _level_words(agencies: Iterable[Agency], levels: Sequence[str]) -> Iterator[str]:
    for agency in agencies:
        if agency.level not in levels:
            yield (
                f"agency {agency.code}: level {agency.level!r} is not one of "
                f"{', '.join(levels)}: use one of them or add it to levels"
            )


def _codes_twice(entries: Entries) -> Iterator[str]:
    for code, same in entries.items():
        for first, second, days in overlaps(same):
            del first, second
            yield (
                f"agency {code}: two entries are in force {days}: give each its own code, "
                "or end the older with valid_to before the newer's valid_from"
            )


def _references(agencies: Iterable[Agency], codes: AbstractSet[str]) -> Iterator[str]:
    for agency in agencies:
        named = [("parent", agency.parent)] if agency.parent else []
        named += [("successors", code) for code in agency.successors]
        named += [("signs_for", code) for code in agency.signs_for]
        for key, code in named:
            if code not in codes:
                yield (
                    f"agency {agency.code}: {key} {code!r} is no agency of this file: "
                    "correct the code or add that agency"
                )


def _parents_in_force(agencies: Iterable[Agency], entries: Entries) -> Iterator[str]:
    for agency in agencies:
        if not agency.parent or agency.parent not in entries:
            continue
        gap = _uncovered(agency.period, [e.period for e in entries[agency.parent]])
        if gap:
            yield (
                f"agency {agency.code}: its parent {agency.parent} is not in force {gap}: "
                "end this entry there and add a second one with the new parent"
            )


def _heirs_in_force(agencies: Iterable[Agency], entries: Entries) -> Iterator[str]:
    for agency in agencies:
        if not agency.valid_to or agency.valid_to == date.max:
            continue
        after = agency.valid_to + timedelta(days=1)
        for code in agency.successors:
            if code in entries and not any(after in entry.period for entry in entries[code]):
                yield (
                    f"agency {agency.code}: its successor {code} is not in force on {after}, the "
                    "day after valid_to: correct valid_to here or valid_from there"
                )


def _cycles(agencies: Sequence[Agency], entries: Entries) -> Iterator[str]:
    """Rings of parents that hold on one day; parents swapped over time are no ring."""
    said: set[frozenset[str]] = set()
    for agency in agencies:
        ring = _ring(agency, entries)
        if ring and frozenset(ring) not in said:
            said.add(frozenset(ring))
            yield (
                f"agency {ring[0]}: its parents lead back to it ({' → '.join([*ring, ring[0]])}): "
                "correct the parent of one of them"
            )


def _ring(start: Agency, entries: Entries) -> list[str] | None:
    """Codes from `start` up to the parent that names it again, or None.

    A path that meets another ring ends there; that ring is found from its own members.
    """
    open_paths: list[tuple[Agency, Period, list[str]]] = [(start, start.period, [start.code])]
    while open_paths:
        agency, days, path = open_paths.pop()
        for parent in entries.get(agency.parent or "", []):
            both = days.overlap(parent.period)
            if both is None:
                continue
            if parent.code == start.code:
                return path
            if parent.code not in path:
                open_paths.append((parent, both, [*path, parent.code]))
    return None


def _owned_twice(agencies: Sequence[Agency]) -> Iterator[str]:
    for what, keys in OWNED.items():
        owners: dict[str, list[Agency]] = defaultdict(list)
        for agency in agencies:
            for key in dict.fromkeys(keys(agency)):
                owners[key].append(agency)
        for key, same in owners.items():
            for first, second, days in overlaps(same):
                if first.code != second.code:
                    yield (
                        f"agency {second.code}: {what} {key} is also {first.code}'s "
                        f"{days}: leave it to one of them, or end one with valid_to"
                    )


OWNED: dict[str, Callable[[Agency], list[str]]] = {
    "domain": lambda agency: [
        ("*." if d.startswith("*.") else "") + domain_key(d.removeprefix("*."))
        for d in agency.domains
    ],
    "address": lambda agency: [key for a in agency.addresses if (key := address_key(a))],
    "organ code": lambda agency: [organ_key(code) for code in agency.organ_codes],
    "certificate uid": lambda agency: [uid_key(uid) for uid in agency.uid],
    "certificate organisation": lambda agency: [text_key(n) for n in agency.organisations],
}


D = TypeVar("D", bound=Dated)


def overlaps(same: Sequence[D]) -> Iterator[tuple[D, D, Period]]:
    for index, second in enumerate(same):
        for first in same[:index]:
            if days := first.period.overlap(second.period):
                yield first, second, days


def _uncovered(days: Period, covers: Iterable[Period]) -> Period | None:
    """The first stretch of `days` that no cover holds."""
    first = days.first
    for cover in sorted(covers):
        if cover.first > first:
            return Period(first, min(days.last, cover.first - timedelta(days=1)))
        if cover.last >= days.last:
            return None
        first = max(first, cover.last + timedelta(days=1))
    return Period(first, days.last)
