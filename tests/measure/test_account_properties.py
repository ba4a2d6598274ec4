"""Account figures against the rules written plainly in Python, on random small worlds."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.measure.account_history import agencies_of, figures_between
from monitor.measure.accounts import AccountMeasure
from monitor.measure.windows import Window, current_windows
from monitor.model import ActivityKind
from monitor.record import Database
from monitor.settings import AccountSettings
from tests.measure.accounts_world import ALWAYS, Span, World

TODAY = date(2026, 3, 18)
SETTINGS = AccountSettings(habitual_days=4)
AGENCIES = ("xa-a", "xa-b", "so-c")


@dataclass
class Facts:
    """What was written: the plain computation reads nothing else."""

    works: list[tuple[str, str, str, Span]] = field(default_factory=list)
    owns: list[tuple[str, str, Span]] = field(default_factory=list)
    accounts: list[tuple[str, str, str, str, Span]] = field(default_factory=list)
    """Name, agency, kind, state, days."""
    addresses: list[tuple[str, str, Span]] = field(default_factory=list)
    """Account, address, days."""
    days: dict[str, set[date]] = field(default_factory=dict)


def spans(rng: random.Random) -> Iterator[Span]:
    """One open span, or two that follow each other."""
    if rng.random() < 0.6:
        yield date.min, date.max
        return
    change = TODAY - timedelta(days=int(150 * rng.random() ** 2))
    yield date.min, change - timedelta(days=1)
    if rng.random() < 0.8:
        yield change, date.max


def some_days(rng: random.Random) -> set[date]:
    """None, a few or many, today sometimes one of them."""
    many = rng.choice((0, 1, 2, 6, 12))
    days = {TODAY - timedelta(days=int(200 * rng.random() ** 2)) for _ in range(many)}
    return days | ({TODAY} if rng.random() < 0.3 else set())


async def made(world: World, rng: random.Random) -> Facts:
    facts = Facts()
    for code in AGENCIES:
        await world.agency(code, level="department" if code.startswith("so") else "commune")
    await make_accounts(world, rng, facts)
    for address in sorted({address for _, address, _ in facts.addresses}):
        facts.days[address] = some_days(rng)
        await world.active(address, *facts.days[address], kind=rng.choice(SETTINGS.human))
        await world.active(address, TODAY - timedelta(days=1), kind=ActivityKind.IMAP)
    await make_people(world, rng, facts)
    return facts


async def make_accounts(world: World, rng: random.Random, facts: Facts) -> None:
    for number in range(8):
        name, aliases = f"account{number}", (f"alias{number}",) * rng.randrange(2)
        kind = rng.choice(("personal", "personal", "personal", "shared", "mailbox", "system"))
        for span in spans(rng):
            agency, state = rng.choice(AGENCIES), rng.choice(("enabled", "enabled", "locked"))
            await world.account(name, agency, kind=kind, state=state, span=span, aliases=aliases)
            facts.accounts.append((name, agency, kind, state, span))
        facts.addresses += [(name, address, ALWAYS) for address in (name, *aliases)]
    for number in range(4):  # aliases that move from one account to another
        names = rng.sample(range(8), 2)
        for account, span in zip(names, spans(rng), strict=False):
            await world.alias(f"moved{number}", f"account{account}", span)
            facts.addresses.append((f"account{account}", f"moved{number}", span))


async def make_people(world: World, rng: random.Random, facts: Facts) -> None:
    addresses = sorted({address for _, address, _ in facts.addresses})
    for number in range(10):
        name = f"person{number}"
        for span in spans(rng):
            agency, role = rng.choice(AGENCIES[:2]), rng.choice(("leader", "staff"))
            await world.works(name, agency, role, span)
            facts.works.append((name, agency, role, span))
        for address in rng.sample(addresses, rng.randrange(3)):
            for span in spans(rng):
                await world.uses(name, address, span)
                facts.owns.append((name, address, span))


def holds(span: Span, day: date) -> bool:
    return span[0] <= day <= span[1]


def expected(facts: Facts, window: Window, code: str, role: str) -> dict[str, tuple[int, int]]:
    """Figures of the roster of one agency and role ('' is all), as the rules say."""
    day = window.last
    enabled = {
        name for name, _, kind, state, span in facts.accounts
        if kind == "personal" and state == "enabled" and holds(span, day)
    }  # fmt: skip
    account_of = {
        address: name for name, address, span in facts.addresses
        if name in enabled and holds(span, day)
    }  # fmt: skip
    used: dict[str, set[date]] = {name: set() for name in enabled}
    for name, address, span in facts.addresses:
        if name in enabled and holds(span, day):
            used[name] |= {each for each in facts.days[address] if holds(span, each)}
    people = {
        person for person, agency, post, span in facts.works
        if holds(span, day) and code in {agency, "province"} and role in {"", post}
    }  # fmt: skip
    days: dict[str, set[date]] = {}
    for person, address, span in facts.owns:
        if person in people and holds(span, day) and address in account_of:
            days.setdefault(person, set()).update(used[account_of[address]])
    active = [seen for seen in days.values() if seen & set(window.days)]
    habitual = [seen for seen in days.values() if len(seen & set(window.working)) >= 4]
    return {
        "accounts_provisioned": (len(days), len(people)),
        "accounts_active": (len(active), len(people)),
        "accounts_habitual": (len(habitual), len(people)),
        "accounts_active provisioned": (len(active), len(days)),
    }


@pytest.mark.parametrize("seed", range(12))
async def test_figures_are_what_the_rules_say(database: Database, seed: int) -> None:
    world, rng = World(database), random.Random(seed)
    facts = await made(world, rng)
    now = datetime(2026, 3, 18, 3, tzinfo=UTC)
    await AccountMeasure(database, SETTINGS, lambda: now).refresh()
    async with database.connection() as connection:
        windows = await current_windows(connection, TODAY)
        rows = await connection.fetch("SELECT * FROM figure WHERE state <> 'no_data'")
    compared = 0
    for row in rows:
        roster_only = row["code"] in {"xa-a", "xa-b"} or (
            row["code"] == "province" and not row["base"]
        )
        if row["role"] == "mailbox" or not roster_only:
            continue
        (window,) = (each for each in windows if each.name == row["window_name"])
        wanted = expected(facts, window, row["code"], row["role"])
        name = " ".join(filter(None, (row["indicator"], row["base"])))
        if name in wanted and _has_roster(facts, window, row["code"]):
            assert (row["numerator"], row["denominator"]) == wanted[name], dict(row)
            compared += 1
    assert compared > 30


def _has_roster(facts: Facts, window: Window, code: str) -> bool:
    """An agency without a roster is measured over its accounts instead."""
    return bool(expected(facts, window, code, "")["accounts_active"][1])


@pytest.mark.parametrize("seed", range(3))
async def test_the_past_is_measured_as_the_present_is(database: Database, seed: int) -> None:
    world = World(database)
    await made(world, random.Random(seed))
    now = datetime(2026, 3, 18, 3, tzinfo=UTC)
    await AccountMeasure(database, SETTINGS, lambda: now).refresh()
    async with database.connection() as connection:
        past = await figures_between(connection, SETTINGS, date(2026, 3, 1), TODAY)
        rows = await connection.fetch(
            "SELECT indicator, scope, code, role, base, numerator, denominator, state FROM figure"
            " WHERE window_name = 'period'"
        )
    assert len(rows) > 30
    assert {tuple(row) for row in rows} == {
        (f.indicator, f.scope, f.code, f.role, f.base, f.numerator, f.denominator, f.state)
        for f in past.figures
    }


@pytest.mark.parametrize("seed", range(3))
async def test_one_agencys_figures_are_those_among_all(database: Database, seed: int) -> None:
    world = World(database)
    await made(world, random.Random(seed))
    async with database.connection() as connection:
        everybody = await figures_between(connection, SETTINGS, date(2026, 2, 1), TODAY)
        agencies = await agencies_of(connection, "xa-a", TODAY)
        alone = await figures_between(
            connection, SETTINGS, date(2026, 2, 1), TODAY, agencies=agencies
        )
    own = {each for each in everybody.figures if each.code == "xa-a"}
    assert {each for each in alone.figures if each.code == "xa-a"} == own
