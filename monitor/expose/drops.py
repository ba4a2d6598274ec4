"""Drops as metrics: what the last working days are held against, and how long they lie below."""

from collections.abc import Collection, Iterable, Sequence

from monitor.expose.text import Gauges
from monitor.measure import Scope
from monitor.measure.drops import Drop

BASELINE = "twenty working days before the last five, frozen while a drop lasts"


def drop_families(drops: Sequence[Drop], given: Collection[str]) -> Iterable[Gauges]:
    """The families of the agencies `given`, and of all groups."""
    own = [each for each in drops if each.scope is Scope.AGENCY and each.code in given]
    groups = [each for each in drops if each.scope is not Scope.AGENCY]
    yield from _families("congvu_adoption", "agency", own)
    yield from _families("congvu_adoption_group", "group", groups)
    yield _denominators(groups)


def _families(prefix: str, label: str, drops: Sequence[Drop]) -> Iterable[Gauges]:
    def family(name: str, help_text: str) -> Gauges:
        return Gauges(f"{prefix}_{name}", help_text, "indicator", label, "channel")

    ratio = family("baseline_ratio", f"What wd5 is held against: the {BASELINE}.")
    low = family("baseline_ratio_low", "Lower bound of its process interval, 95%.")
    days = family("drop_days", "Working days in a row that a drop holds; 0 is none.")
    silent = family("silent_days", "Working days in a row without any; only while it holds.")
    decline = family(
        "decline_days", "Working days in a row below the last closed month; only while it holds."
    )
    for each in drops:
        values = (each.indicator, whose(each.scope, each.code), each.channel)
        ratio.add(each.baseline.ratio, *values)
        low.add(each.baseline_low, *values)
        days.add(each.drop_days, *values)
        if each.silent_days:
            silent.add(each.silent_days, *values)
        if each.decline_days:
            decline.add(each.decline_days, *values)
    return ratio, low, days, silent, decline


def _denominators(drops: Sequence[Drop]) -> Gauges:
    """Of groups alone: an agency's stands in `congvu alerts list`, and its series are counted."""
    family = Gauges(
        "congvu_adoption_group_baseline_denominator", "What the baseline is over.",
        "indicator", "group", "channel",
    )  # fmt: skip
    for each in drops:
        values = (each.indicator, whose(each.scope, each.code), each.channel)
        family.add(each.baseline.denominator, *values)
    return family


def whose(scope: Scope, code: str) -> str:
    """`province` is everything; the agencies of a level of that name are `province_level`."""
    return "province_level" if scope is Scope.LEVEL and code == Scope.PROVINCE else code
