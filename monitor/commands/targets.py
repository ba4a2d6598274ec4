"""`congvu targets`: how far the plan's targets are reached, and what they still lack."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import floor
from pathlib import Path

from monitor import clock
from monitor.commands.tables import show, table
from monitor.commands.target_words import WORDS, Words
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.measure.figures import Scope
from monitor.measure.plan import LEVEL, Plan, read
from monitor.measure.progress import Assessment, Progress, decimal, progress
from monitor.observe import Observer, configure_logging
from monitor.record import attached
from monitor.settings import Settings


def targets(plan_file: Path | None, agency: str | None, as_json: bool, settings: Settings) -> int:
    """Print one row a target and agency. Status 0, whatever the figures say."""
    configure_logging("error", "console")
    path = plan_file or settings.measure.targets
    if path is None:
        raise UserError(
            "no plan: set measure.targets to a TOML file of targets, or give --plan FILE; "
            "config/plans/ has examples (docs/targets.md)"
        )
    plan = read(path)
    found = asyncio.run(_progress(plan, settings))
    if agency:
        found = [each for each in found if each.code == agency]
        if not found:
            raise UserError(
                f"{path}: no target is for agency {agency}, or no such agency is listed"
            )
    if as_json:
        for each in found:
            print_json(_fields(each))
    else:
        _print(plan, found, WORDS[settings.language])
    return 0


async def _progress(plan: Plan, settings: Settings) -> list[Progress]:
    today = clock.vietnam_day(clock.now())
    async with attached(settings, Observer()) as database, database.connection() as connection:
        return await progress(connection, plan, today)


def _print(plan: Plan, found: Sequence[Progress], words: Words) -> None:
    if plan.name:
        sys.stdout.write(f"{safe(plan.name)}\n")
    listed = table(*words.columns)
    for each in found:
        listed.add_row(*(safe(cell) for cell in _cells(each, words)))
    show(listed)
    counts = Counter(each.assessment for each in found)
    tally = [f"{words.assessments[kind]}: {counts[kind]}" for kind in Assessment if counts[kind]]
    sys.stdout.write("; ".join(tally) + "\n")


def _cells(each: Progress, words: Words) -> Sequence[str]:
    target = each.target
    over = each.days_left < 0
    days = (words.days_over if over else words.days_left).format(abs(each.days_left))
    short = each.units_short
    return (
        target.name,
        _scope(each, words),
        _reached(each, words),
        percent(target.value, words.decimal),
        "–" if short is None else f"{words.number(short)} {words.unit(target)}" if short else "0",
        f"{target.due:%d/%m/%Y} ({days})",
        "–" if each.path is None else words.line.format(percent(each.path, words.decimal)),
        _assessment(each, words),
        target.source,
    )


def _scope(each: Progress, words: Words) -> str:
    if each.target.scope_kind is Scope.PROVINCE:
        return words.province
    if each.target.scope.startswith(LEVEL):
        return words.levels.get(each.code, each.code)
    return each.name or each.code


def _reached(each: Progress, words: Words) -> str:
    if each.ratio is None:
        return "–"
    counts = f"{words.number(each.numerator)}/{words.number(each.denominator)}"
    declared = f"; {words.self_declared}" if each.target.self_declared else ""
    return f"{percent(each.ratio, words.decimal)} ({counts}{declared})"


def _assessment(each: Progress, words: Words) -> str:
    text = words.assessments[each.assessment]
    if each.assessment is Assessment.UNASSESSABLE and each.state in words.reasons:
        return f"{text}: {words.reasons[each.state]}"
    if each.assessment is Assessment.UNCONFIRMED:
        return f"{text}: {each.target.unclear}"
    return text


def percent(share: Fraction, decimal: str) -> str:
    """With one decimal where needed, rounded down: 59,96% is never shown as the 60% it misses."""
    tenths = floor(share * 1000)
    return f"{tenths // 10}" + (f"{decimal}{tenths % 10}" if tenths % 10 else "") + "%"


def _fields(each: Progress) -> dict[str, object]:
    target = each.target
    return {
        "target": target.id,
        "name": target.name,
        "indicator": target.indicator,
        "scope": target.scope,
        "code": each.code,
        "channel": target.channel,
        "window": target.window,
        "role": target.role,
        "self_declared": target.self_declared,
        "numerator": each.numerator if each.ratio is not None else None,
        "denominator": each.denominator if each.ratio is not None else None,
        "ratio": decimal(each.ratio),
        "value": float(target.value),
        "gap": decimal(each.gap),
        "units_short": each.units_short,
        "due": target.due.isoformat(),
        "days_left": each.days_left,
        "path": decimal(each.path),
        "state": each.state,
        "assessment": each.assessment,
        "unclear": target.unclear or None,
        "confirmed": target.counts,
        "source": target.source,
    }
