"""What agencies must agree on among themselves, day by day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import TypeVar

from monitor.agencies.agency import Agency
from monitor.agencies.entry import Dated
from monitor.agencies.mistakes import Mistake
from monitor.agencies.names import domain_key, text_key, uid_key
from monitor.agencies.period import Period
from monitor.agencies.subaddress import Pattern, pattern
from monitor.model import organ_key

Entries = dict[str, list[Agency]]


def problems(
    agencies: Sequence[Agency], levels: Sequence[str], refused: frozenset[str]
) -> list[Mistake]:
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
        *_patterns_meet(agencies),
    ]


def _mistake(what: str, key: str, *entries: Agency) -> Mistake:
    return Mistake(f"agency {entries[0].code}", what, entries, key)


def _level_words(agencies: Iterable[Agency], levels: Sequence[str]) -> Iterator[Mistake]:
    for agency in agencies:
        if agency.level not in levels:
            yield _mistake(
                f"level {agency.level!r} is not one of {', '.join(levels)}: use one of them or "
                "add it to levels",
                "level",
                agency,
            )


def _codes_twice(entries: Entries) -> Iterator[Mistake]:
    for same in entries.values():
        for first, second, days in overlaps(same):
            yield _mistake(
                f"two entries are in force {days}: give each its own code, or end the older with "
                "valid_to before the newer's valid_from",
                "valid_from",
                second,
                first,
            )


def _references(agencies: Iterable[Agency], codes: AbstractSet[str]) -> Iterator[Mistake]:
    for agency in agencies:
        named = [("parent", agency.parent)] if agency.parent else []
        named += [("successors", code) for code in agency.successors]
        named += [("signs_for", code) for code in agency.signs_for]
        for key, code in named:
            if code not in codes:
                yield _mistake(
                    f"{key} {code!r} is no agency of this file: correct the code or add that "
                    "agency",
                    key,
                    agency,
                )


def _parents_in_force(agencies: Iterable[Agency], entries: Entries) -> Iterator[Mistake]:
    for agency in agencies:
        if not agency.parent or agency.parent not in entries:
            continue
        gap = agency.period.uncovered(e.period for e in entries[agency.parent])
        if gap:
            yield _mistake(
                f"its parent {agency.parent} is not in force {gap}: end this entry there and add "
                "a second one with the new parent",
                "parent",
                agency,
                *entries[agency.parent],
            )


def _heirs_in_force(agencies: Iterable[Agency], entries: Entries) -> Iterator[Mistake]:
    for agency in agencies:
        if not agency.valid_to or agency.valid_to == date.max:
            continue
        after = agency.valid_to + timedelta(days=1)
        for code in agency.successors:
            if code in entries and not any(after in entry.period for entry in entries[code]):
                yield _mistake(
                    f"its successor {code} is not in force on {after}, the day after valid_to: "
                    "correct valid_to here or valid_from there",
                    "successors",
                    agency,
                    *entries[code],
                )


def _cycles(agencies: Sequence[Agency], entries: Entries) -> Iterator[Mistake]:
    """Rings of parents that hold on one day; parents swapped over time are no ring."""
    said: set[frozenset[str]] = set()
    for agency in agencies:
        ring = _ring(agency, entries)
        codes = [entry.code for entry in ring]
        if ring and frozenset(codes) not in said:
            said.add(frozenset(codes))
            yield _mistake(
                f"its parents lead back to it ({' → '.join([*codes, codes[0]])}): correct the "
                "parent of one of them",
                "parent",
                *ring,
            )


def _ring(start: Agency, entries: Entries) -> list[Agency]:
    """Entries from `start` up to the parent that names it again; none where there is no ring.

    A path that meets another ring ends there; that ring is found from its own members.
    """
    open_paths: list[tuple[Agency, Period, list[Agency]]] = [(start, start.period, [start])]
    while open_paths:
        agency, days, path = open_paths.pop()
        for parent in entries.get(agency.parent or "", []):
            both = days.overlap(parent.period)
            if both is None:
                continue
            if parent.code == start.code:
                return path
            if all(parent.code != below.code for below in path):
                open_paths.append((parent, both, [*path, parent]))
    return []


def _owned_twice(agencies: Sequence[Agency]) -> Iterator[Mistake]:
    for what, (field, keys) in OWNED.items():
        owners: dict[str, list[Agency]] = defaultdict(list)
        for agency in agencies:
            for key in dict.fromkeys(keys(agency)):
                owners[key].append(agency)
        for key, same in owners.items():
            for first, second, days in overlaps(same):
                if first.code != second.code:
                    yield _mistake(
                        f"{what} {key} is also {first.code}'s {days}: leave it to one of them, or "
                        "end one with valid_to",
                        field,
                        second,
                        first,
                    )


def domain_keys(agency: Agency) -> list[str]:
    """Its domains for comparison, `*.` kept."""
    return [
        ("*." if each.startswith("*.") else "") + domain_key(each.removeprefix("*."))
        for each in agency.domains
    ]


OWNED: dict[str, tuple[str, Callable[[Agency], list[str]]]] = {
    "domain": ("domains", domain_keys),
    "address": ("addresses", lambda agency: [pattern(each).key for each in agency.addresses]),
    "organ code": ("organ_codes", lambda agency: [organ_key(c) for c in agency.organ_codes]),
    "system name": ("system_names", lambda agency: [text_key(n) for n in agency.system_names]),
    "certificate uid": ("uid", lambda agency: [uid_key(uid) for uid in agency.uid]),
    "certificate organisation": (
        "organisations",
        lambda agency: [text_key(name) for name in agency.organisations],
    ),
}


def _patterns_meet(agencies: Iterable[Agency]) -> Iterator[Mistake]:
    """Two patterns of one length, one of a beginning and one of an end, that hold one address:
    nothing says which is the longer match. Each is said once.
    """
    ends: dict[tuple[str, int, bool], list[tuple[Pattern, Agency]]] = defaultdict(list)
    begins = []
    for agency in agencies:
        for given in (pattern(each) for each in agency.addresses if "*" in each):
            if given.wildcard == "begin":
                ends[_likeness(given)].append((given, agency))
            else:
                begins.append((given, agency))
    for given, agency in begins:
        for other, rival in ends[_likeness(given)]:
            days = agency.period.overlap(rival.period)
            if days and rival.code != agency.code:
                yield _mistake(
                    f"address {given.key} and {rival.code}'s {other.key} hold the same addresses "
                    f"{days}: make one of them longer, or list the mailboxes singly",
                    "addresses",
                    agency,
                    rival,
                )
                break


def _likeness(given: Pattern) -> tuple[str, int, bool]:
    return given.domain, len(given.fixed), given.names_detail


D = TypeVar("D", bound=Dated)


def overlaps(same: Sequence[D]) -> Iterator[tuple[D, D, Period]]:
    for index, second in enumerate(same):
        for first in same[:index]:
            if days := first.period.overlap(second.period):
                yield first, second, days
