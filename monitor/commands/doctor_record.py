"""What `congvu doctor` finds in the record: lists, the key, the nightly run, coverage."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor import clock
from monitor.commands.observation import Observation
from monitor.errors import CongvuError
from monitor.measure.coverage import CoverageDay, coverage_days
from monitor.measure.windows import BACK, working_days
from monitor.model import Channel
from monitor.observe import Observer
from monitor.privacy import rotation, upkeep
from monitor.record import attached, roster
from monitor.record.register_standing import newest_registers
from monitor.record.roster_rows import ListStanding, What
from monitor.settings import Settings

STALE_LIST = timedelta(days=45)
STALE_UPKEEP = timedelta(days=1)
WORKING_DAYS = 5
ENOUGH_COVERAGE = 0.9
WORST_NAMED = 5
LIST_COMMANDS: dict[What, str] = {
    "people": "congvu roster import FILE --kind people: docs/rosters.md",
    "accounts": "congvu roster import FILE --kind accounts, or --directory: docs/directories.md",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the record says, asked once."""

    today: date
    lists: Sequence[ListStanding]
    rotation_unfinished: bool
    upkeep: date | None
    coverage: Sequence[CoverageDay]
    """Of the last complete working days."""
    registers: Mapping[str, date | None]
    """By agency: the last day that its register of documents sent was given for."""


def recorded(settings: Settings) -> Iterator[Observation]:
    """What is stale in the record, or why it cannot be read."""
    try:
        found = asyncio.run(_ask(settings))
    except CongvuError as error:
        advice = "congvu run makes and opens it; run doctor by the account that runs congvu"
        yield Observation("record", "look", str(error), advice)
        return
    yield from judged(found, gateway_log=bool(settings.logs and settings.mail_sources))


def judged(found: Found, *, gateway_log: bool) -> Iterator[Observation]:
    """What of it is stale; `gateway_log`: should there be something to compare copies with?"""
    yield from _lists(found)
    yield from _registers(found)
    yield from _privacy(found)
    yield from _coverage(found.coverage, gateway_log=gateway_log)


async def _ask(settings: Settings) -> Found:
    today = clock.vietnam_day(clock.now())
    yesterday = today - timedelta(days=1)
    async with attached(settings, Observer()) as database:
        async with database.connection() as connection:
            worked = await working_days(connection, today - timedelta(days=BACK), yesterday)
            lists = await roster.newest_lists(connection, today)
            unfinished = await rotation.unfinished(connection)
            registers = await newest_registers(connection)
        recent = sorted(worked)[-WORKING_DAYS:]
        coverage = await coverage_days(database, recent[0], yesterday)
        return Found(
            today, lists, unfinished, await upkeep.done_on(database),
            [each for each in coverage if each.day in worked and each.channel is Channel.MAIL],
            registers,
        )  # fmt: skip


def _lists(found: Found) -> Iterator[Observation]:
    for what, command in LIST_COMMANDS.items():
        of_this = [each for each in found.lists if each.what == what]
        if not of_this:
            yield Observation(f"list of {what}", "look", "none was ever imported", command)
        for each in of_this:
            # What a source has ended for good (a system that was merged) is not asked for again.
            if each.present or len(of_this) == 1:
                yield _list(each, command, found.today)


def _list(each: ListStanding, command: str, today: date) -> Observation:
    name = f"list of {each.what} {each.source}"
    seen = f"as of {each.as_of:%d/%m/%Y}, {(today - each.as_of).days} days old"
    if today - each.as_of > STALE_LIST:
        return Observation(name, "look", seen, f"ask for a new one, then {command}")
    return Observation(name, "ok", seen)


def _registers(found: Found) -> Iterator[Observation]:
    given = {code: day for code, day in found.registers.items() if day}
    command = "congvu register import FILE: docs/registers.md"
    if not given:
        seen = "none was ever imported: how documents were sent is not known"
        yield Observation("registers", "look", seen, command)
        return
    late = [
        code for code in found.registers if found.today - given.get(code, date.min) > STALE_LIST
    ]
    seen = f"of {len(given)} of {len(found.registers)} agencies"
    if not late:
        yield Observation("registers", "ok", seen)
        return
    named = ", ".join(late[:WORST_NAMED])
    more = f" and {len(late) - WORST_NAMED} more" if len(late) > WORST_NAMED else ""
    seen += f"; none of the last {STALE_LIST.days} days of {named}{more}"
    yield Observation("registers", "look", seen, f"ask for their exports, then {command}")


def _privacy(found: Found) -> Iterator[Observation]:
    if found.rotation_unfinished:
        advice = "congvu privacy rotate-key --apply --reason TEXT goes on"
        seen = "a new key is in force, not everything is sealed with it yet"
        yield Observation("key rotation", "look", seen, advice)
    seen = f"last came to its end on {found.upkeep:%d/%m/%Y}" if found.upkeep else "never yet"
    late = found.upkeep is None or found.today - found.upkeep > STALE_UPKEEP
    advice = (
        "the daemon does it once a day from 02:00, after a start within ten minutes: what does its "
        "log say?"
    )
    yield Observation("retention, erasure", "look" if late else "ok", seen, advice if late else "")


def _coverage(days: Sequence[CoverageDay], *, gateway_log: bool) -> Iterator[Observation]:
    if not days:
        if gateway_log:
            seen = "no mail in a gateway's log on the last working days: nothing to compare"
            advice = "is a log of the gateway among [[logs]]? docs/activity.md"
            yield Observation("coverage", "look", seen, advice)
        return
    logged: Counter[str] = Counter()
    captured: Counter[str] = Counter()
    for each in days:
        logged[each.agency] += each.logged
        captured[each.agency] += each.captured
    share = captured.total() / logged.total()
    seen = f"{share:.1%} of {logged.total():,} messages of the last {WORKING_DAYS} working days"
    low = [code for code in logged if captured[code] < ENOUGH_COVERAGE * logged[code]]
    if not low:
        yield Observation("coverage", "ok", seen)
        return
    low.sort(key=lambda code: (captured[code] - logged[code], code))
    worst = ", ".join(f"{code} {captured[code] / logged[code]:.0%}" for code in low[:WORST_NAMED])
    more = f" and {len(low) - WORST_NAMED} more" if len(low) > WORST_NAMED else ""
    advice = "congvu coverage --agency CODE; docs/operating.md, “Coverage falls”"
    yield Observation("coverage", "look", f"{seen}; below 90%: {worst}{more}", advice)
