"""A resolver that comes and goes changes nothing of what is decided: real servers, real process."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import generate_latest

from monitor.agencies import Registry
from monitor.agencies.agency import Agency
from monitor.observe import Observer
from monitor.posture.desk import Desk
from monitor.posture.model import DomainPosture, Official
from monitor.posturing import Posturing
from monitor.record import Database
from monitor.settings import Settings
from tests.support.asking import FakeDesk
from tests.support.dns_relay import Relay, Way
from tests.support.dns_world import World
from tests.support.dns_zones import AUTHORITIES, OFFICIAL, RECORDS
from tests.support.needs import needs

pytestmark = needs("knotd", "unbound")

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
GOOD, OPEN = "tot.gov.example", "elsewhere.gov.example"
AGENCY = Agency(code="so-mot", name="Sở Một", level="department", domains=(GOOD, OPEN))


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(RECORDS, AUTHORITIES) as servers:
        yield servers


class Clocked(FakeDesk):
    """The real desk, whose looks are as late as the test's clock says."""

    def __init__(self, province: "Province", desk: Desk) -> None:
        super().__init__(lambda: province.now)
        self._province = province
        self._real = desk

    async def check(self, domain: str, official: Official) -> DomainPosture:
        posture = await self._real.check(domain, official)
        return posture.model_copy(update={"checked_at": self._province.now})


class Province:
    """An agency with a domain in order and one that is open, asked of through a relay."""

    def __init__(self, relay: Relay, database: Database) -> None:
        self.now = START
        self._database = database
        self.settings = Settings.model_validate(
            {
                "dns": {
                    "resolvers": [relay.address], "validating": True,
                    "timeout_seconds": 0.3, "tries": 2,
                },
                "posture": {
                    "gateway_hosts": OFFICIAL.gateway_hosts,
                    "gateway_networks": OFFICIAL.gateway_networks,
                    "dkim_selectors": OFFICIAL.selectors,
                },
            }
        )  # fmt: skip

    async def look(self) -> str:
        """A round six hours later, by a process with nothing in its cache; gives the metrics."""
        observer = Observer()
        async with self._desk(observer) as desk:
            posturing = Posturing(
                self.settings, Clocked(self, desk), lambda: Registry([AGENCY]), lambda _: False,
                observer, lambda: self.now, lambda: 1.0,
            )  # fmt: skip
            assert await posturing.look(self._database) == len(AGENCY.domains)
            await posturing.count(self._database)
        self.now += timedelta(hours=6)
        return (generate_latest(observer.registry) + posturing.rendered()).decode()

    @asynccontextmanager
    async def _desk(self, observer: Observer) -> AsyncIterator[Desk]:
        desk = Desk(self.settings.dns, observer)
        async with asyncio.TaskGroup() as group:
            group.create_task(desk.run())
            try:
                yield desk
            finally:
                await desk.close()

    async def decided(self) -> dict[tuple[str, str], Any]:
        query = "SELECT domain, check_name, decided, decided_reason FROM posture_check"
        async with self._database.connection() as connection:
            rows = await connection.fetch(query)
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}


@pytest.fixture
def relay(world: World) -> Iterator[Relay]:
    with Relay(world.unbound_port) as between:
        yield between


@pytest.fixture
async def province(relay: Relay, database: Database) -> Province:
    await database.sync_agencies([AGENCY], date(2026, 3, 2))
    return Province(relay, database)


async def test_a_resolver_that_comes_and_goes_moves_neither_what_is_decided_nor_the_alert(
    province: Province, relay: Relay
) -> None:
    first = await province.look()
    decided = await province.decided()
    assert decided[OPEN, "mx_gateway"] == ("fail", "mx_elsewhere")
    assert {status for (domain, _), (status, _) in decided.items() if domain == GOOD} == {"pass"}
    assert 'congvu_posture_checks_failing{agency="so-mot"} 1.0' in first
    assert "congvu_posture_undecided 0.0" in first
    for way in (Way.SILENT, Way.SERVFAIL, Way.ON, Way.REFUSED, Way.ON):
        relay.way = way
        page = await province.look()
        unanswered = 0 if way is Way.ON else 2 * 13
        assert f"congvu_posture_undecided {unanswered}.0" in page
        assert 'congvu_posture_checks_failing{agency="so-mot"} 1.0' in page
        assert 'congvu_posture_checks_fallen{agency="so-mot"} 0.0' in page
        assert await province.decided() == decided


async def test_a_question_that_is_lost_once_is_asked_again(
    province: Province, relay: Relay
) -> None:
    relay.way = Way.FORGETFUL
    page = await province.look()
    assert "congvu_posture_undecided 0.0" in page
    assert 'congvu_posture_checks_failing{agency="so-mot"} 1.0' in page
