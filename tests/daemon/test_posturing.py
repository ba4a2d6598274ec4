"""Domains are looked at when they are due, gateways by their own interval; nothing else waits."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest

from monitor import posturing
from monitor.agencies import Registry
from monitor.agencies.agency import Agency
from monitor.errors import DatabaseUnavailable, UserError
from monitor.observe import Observer
from monitor.posture.model import DomainPosture, Official
from monitor.posturing import AT_ONCE, Posturing
from monitor.record import Database
from monitor.settings import Settings
from tests.support.asking import FakeDesk
from tests.support.looks import FAIL, UNKNOWN

MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MOT = Agency(code="so-mot", name="Sở Một", level="department", domains=("mot.tinh.gov.vn",))
HAI = Agency(code="so-hai", name="Sở Hai", level="department", domains=("hai.tinh.gov.vn",))


class World:
    """A registry, a clock and a desk of a test's own."""

    def __init__(self, **settings: Any) -> None:
        self.now = MONDAY
        self.registry = Registry([MOT, HAI])
        self.desk = FakeDesk(lambda: self.now)
        self.observer = Observer()
        self.settings = Settings.model_validate({"dns": {"resolvers": ["127.0.0.53"]}, **settings})

    def posturing(self) -> Posturing:
        return Posturing(
            self.settings, self.desk, lambda: self.registry, lambda _: False, self.observer,
            lambda: self.now, lambda: 1.0,
        )  # fmt: skip

    def asked(self) -> list[str]:
        found = sorted(domain for domain, _ in self.desk.asked)
        self.desk.asked.clear()
        return found

    def metrics(self, posturing: Posturing) -> str:
        return (generate_latest(self.observer.registry) + posturing.rendered()).decode()

    def events(self, name: str) -> float:
        labels = {"event": name}
        return self.observer.registry.get_sample_value("congvu_events_total", labels) or 0.0


@pytest.fixture
async def filled(database: Database) -> Database:
    await database.sync_agencies([MOT, HAI], date(2026, 3, 2))
    return database


async def kept(posturing: Posturing, done: Callable[[], bool]) -> None:
    """Run its tasks until a test has seen enough, and stop them as the daemon does."""
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in posturing.tasks().values()]
        while not done():
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()


async def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(query)]


async def test_every_domain_is_looked_at_and_then_only_what_is_due(filled: Database) -> None:
    world = World()
    posturing = world.posturing()
    assert await posturing.look(filled) == 2
    assert world.asked() == ["hai.tinh.gov.vn", "mot.tinh.gov.vn"]
    world.now += timedelta(hours=5)
    assert await posturing.look(filled) == 0
    world.now += timedelta(hours=1)
    assert await posturing.look(filled) == 2


async def test_many_domains_are_looked_at_a_bounded_number_at_a_time(filled: Database) -> None:
    world = World()
    domains = tuple(f"d{number}.tinh.gov.vn" for number in range(3 * AT_ONCE))
    world.registry = Registry([MOT.model_copy(update={"domains": domains})])
    assert await world.posturing().look(filled) == len(domains)
    assert world.asked() == sorted(domains)
    assert 1 < world.desk.most_at_once <= AT_ONCE


async def test_two_daemons_on_one_database_look_at_each_domain_once(filled: Database) -> None:
    world = World()
    domains = tuple(f"d{number}.tinh.gov.vn" for number in range(50))
    world.registry = Registry([MOT.model_copy(update={"domains": domains})])
    await asyncio.gather(world.posturing().look(filled), world.posturing().look(filled))
    assert world.asked() == sorted(domains)


async def test_looks_that_take_longer_than_their_interval_let_other_work_be_done(
    filled: Database,
) -> None:
    """As while no name is answered: a domain is due again before the last of them was looked at."""

    class Slow(FakeDesk):
        async def check(self, domain: str, official: Official) -> DomainPosture:
            seen = await super().check(domain, official)
            world.now += timedelta(hours=1)
            return seen

    world = World(posture={"interval_seconds": 60})
    world.desk = Slow(lambda: world.now)
    posturing = world.posturing()
    async with asyncio.timeout(20):
        assert await posturing.look(filled) == 2
        world.registry = Registry([MOT])
        assert await posturing.look(filled) == 1


async def test_a_registry_that_changes_is_taken_up(filled: Database) -> None:
    world = World()
    posturing = world.posturing()
    await posturing.look(filled)
    world.asked()
    world.registry = Registry([MOT.model_copy(update={"domains": ("moi.tinh.gov.vn",)})])
    assert await posturing.look(filled) == 1
    assert world.asked() == ["moi.tinh.gov.vn"]
    assert await rows(filled, "SELECT DISTINCT domain FROM posture_check") == [("moi.tinh.gov.vn",)]


async def test_a_daemon_without_a_registry_takes_away_nobodys_domains(filled: Database) -> None:
    """One that only takes in mail, beside another on the same database."""
    world = World()
    await world.posturing().look(filled)
    world.registry = Registry()
    await world.posturing().look(filled)
    assert len(await rows(filled, "SELECT DISTINCT domain FROM posture_check")) == 2


async def test_an_entry_that_begins_is_taken_up_on_its_day(filled: Database) -> None:
    world = World()
    later = HAI.model_copy(update={"valid_from": date(2026, 3, 3)})
    world.registry = Registry([MOT, later])
    posturing = world.posturing()
    assert await posturing.look(filled) == 1
    world.now = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    await posturing.look(filled)
    assert "hai.tinh.gov.vn" in world.asked()


async def test_what_is_official_goes_with_each_question(filled: Database) -> None:
    world = World(
        posture={
            "gateway_hosts": ["mail.tinh.gov.vn"], "gateway_networks": ["203.0.113.16/28"],
            "dkim_selectors": ["congvu"],
        },
        dns={"resolvers": ["127.0.0.53"], "validating": True},
    )  # fmt: skip
    await rows(
        filled,
        "INSERT INTO posture_selector VALUES ('mot.tinh.gov.vn', 'moi', '2026-03-01'),"
        " ('mot.tinh.gov.vn', 'congvu', '2026-03-01')",
    )
    await world.posturing().look(filled)
    official = dict(world.desk.asked)["mot.tinh.gov.vn"]
    assert official.gateway_hosts == ("mail.tinh.gov.vn",)
    assert official.gateway_networks == ("203.0.113.16/28",)
    assert official.selectors == ("congvu", "moi")
    assert official.validating


async def test_when_something_else_becomes_official_all_is_looked_at_anew(
    filled: Database,
) -> None:
    world = World()
    await world.posturing().look(filled)
    world.now += timedelta(minutes=1)
    assert await world.posturing().look(filled) == 0
    other = World(posture={"gateway_hosts": ["mail.tinh.gov.vn"]})
    other.now = world.now
    assert await other.posturing().look(filled) == 2


async def test_a_fall_is_told_once_it_is_confirmed(filled: Database) -> None:
    world = World()
    posturing = world.posturing()
    await posturing.look(filled)
    world.desk.statuses = {"mot.tinh.gov.vn": FAIL}
    world.now += timedelta(hours=6)
    await posturing.look(filled)
    await posturing.count(filled)
    assert world.events("posture_fell") == 0
    assert 'congvu_posture_checks_failing{agency="so-mot"} 0.0' in world.metrics(posturing)
    world.asked()
    world.now += timedelta(minutes=10)
    await posturing.look(filled)
    assert world.asked() == ["mot.tinh.gov.vn"]
    await posturing.count(filled)
    assert world.events("posture_fell") == 13
    page = world.metrics(posturing)
    assert 'congvu_posture_checks_failing{agency="so-mot"} 13.0' in page
    assert 'congvu_posture_checks_fallen{agency="so-mot"} 13.0' in page
    assert 'congvu_posture_checks_fallen{agency="so-hai"} 0.0' in page
    assert 'congvu_posture_checks{check="dnssec",status="fail"} 1.0' in page


async def test_silence_is_counted_and_changes_nothing(filled: Database) -> None:
    world = World()
    posturing = world.posturing()
    await posturing.look(filled)
    world.desk.statuses = dict.fromkeys(("mot.tinh.gov.vn", "hai.tinh.gov.vn"), UNKNOWN)
    world.now += timedelta(hours=6)
    await posturing.look(filled)
    await posturing.count(filled)
    page = world.metrics(posturing)
    assert "congvu_posture_undecided 26.0" in page
    assert "congvu_posture_last_success_timestamp_seconds 1.7724168e+09" in page
    assert 'congvu_posture_checks{check="dnssec",status="pass"} 2.0' in page
    assert "posture_fell" not in page


async def test_of_very_many_agencies_only_those_with_failures_have_series(
    filled: Database,
) -> None:
    world = World(measure={"agency_series": 1})
    world.desk.statuses = {"mot.tinh.gov.vn": FAIL}
    posturing = world.posturing()
    await posturing.look(filled)
    await posturing.count(filled)
    page = world.metrics(posturing)
    assert 'congvu_posture_checks_failing{agency="so-mot"} 13.0' in page
    assert "so-hai" not in page


async def test_without_resolvers_nobody_is_asked(filled: Database) -> None:
    world = World(dns={})
    assert world.posturing().tasks() == {}


def test_an_agency_that_there_never_was_is_refused_at_the_start() -> None:
    with pytest.raises(UserError, match=r"posture\.more_domains: so-ba: no such agency"):
        World(posture={"more_domains": {"so-ba": ["ba.tinh.gov.vn"]}}).posturing()


# -- gateways --------------------------------------------------------------------------------------

GATEWAY = {"name": "mail-1", "host": "mail.tinh.gov.vn", "interval_seconds": 10}


async def test_a_gateway_is_looked_at_told_and_stored(filled: Database, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("PEM")
    world = World(gateways=[{**GATEWAY, "ca": str(ca)}])
    posturing = world.posturing()
    posturing.connect(filled)
    await posturing.probe(world.settings.gateways[0])
    assert [(target.name, target.ca, target.port) for target in world.desk.probed] == [
        ("mail-1", "PEM", 25)
    ]
    page = world.metrics(posturing)
    assert 'congvu_gateway_up{gateway="mail-1"} 1.0' in page
    assert 'congvu_gateway_certificate_trusted{gateway="mail-1"} 0.0' in page
    assert "congvu_gateway_starttls{" not in page
    assert 'congvu_dns_questions_total{outcome="found"} 3.0' in page
    assert await rows(filled, "SELECT gateway, status FROM gateway_check") == [("mail-1", "pass")]
    assert world.events("gateway_changed") == 0
    world.desk.gateway = FAIL
    await posturing.probe(world.settings.gateways[0])
    assert 'congvu_gateway_up{gateway="mail-1"} 0.0' in world.metrics(posturing)
    assert world.events("gateway_changed") == 1


async def test_a_gateway_whose_authority_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    world = World(gateways=[{**GATEWAY, "ca": str(tmp_path / "none.pem")}])
    posturing = world.posturing()
    await posturing.probe(world.settings.gateways[0])
    assert world.desk.probed == []
    assert world.events("gateway_trust_unreadable") == 1
    assert "congvu_gateway_up{" not in world.metrics(posturing)


async def test_gateways_are_looked_at_without_a_database_and_all_ends_at_a_stop() -> None:
    world = World(gateways=[GATEWAY])
    posturing = world.posturing()
    await kept(posturing, lambda: bool(world.desk.probed and world.desk.running))
    assert not world.desk.running


async def test_a_database_that_goes_away_is_waited_for(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    subject = world.posturing()
    tried: list[int] = []

    async def away(_: Database) -> int:
        tried.append(1)
        raise ExceptionGroup("looks", [DatabaseUnavailable("away")])

    monkeypatch.setattr(subject, "look", away)
    monkeypatch.setattr(posturing, "LOOK_SECONDS", 0.01)
    subject.connect(filled)
    await kept(subject, lambda: len(tried) >= 3)
    assert world.events("side_task_failed") == 0


async def test_looks_that_a_killed_daemon_had_taken_are_due_again(
    filled: Database,
) -> None:
    world = World()
    posturing = world.posturing()

    async def killed(domain: str, official: object) -> Any:
        raise asyncio.CancelledError

    world.desk.check, whole = killed, world.desk.check  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await posturing.look(filled)
    world.desk.check = whole  # type: ignore[method-assign]
    assert await world.posturing().look(filled) == 0
    world.now += timedelta(minutes=20)
    assert await world.posturing().look(filled) == 2
