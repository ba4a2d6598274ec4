"""Two daemons on one database with the same registry: what both see is counted once."""

import asyncio
from datetime import timedelta

from monitor.measure import Measure
from monitor.model import Check
from monitor.record import Database
from tests.daemon.test_posturing import GATEWAY, World, filled, rows
from tests.support.looks import FAIL

__all__ = ["filled"]

CHECKS = len(Check)


async def test_domains_are_looked_at_by_one_gateways_by_both_and_figures_count_once(
    filled: Database,
) -> None:
    one, other = World(gateways=[GATEWAY]), World(gateways=[GATEWAY])
    daemons = [each.posturing() for each in (one, other)]
    for posturing in daemons:
        posturing.connect(filled)
    await asyncio.gather(*(each.look(filled) for each in daemons))
    await asyncio.gather(*(each.probe(one.settings.gateways[0]) for each in daemons))
    assert sorted(one.asked() + other.asked()) == ["hai.tinh.gov.vn", "mot.tinh.gov.vn"]
    assert [len(one.desk.probed), len(other.desk.probed)] == [1, 1]
    assert await rows(filled, "SELECT gateway, status FROM gateway_check") == [("mail-1", "pass")]

    for world in (one, other):
        world.desk.statuses = {"mot.tinh.gov.vn": FAIL}
    for minutes in (360, 10):
        one.now = other.now = one.now + timedelta(minutes=minutes)
        await asyncio.gather(*(each.look(filled) for each in daemons))
    assert one.events("posture_fell") + other.events("posture_fell") == CHECKS
    assert await rows(filled, "SELECT count(*) FROM posture_change") == [(CHECKS,)]
    pages = []
    for world, posturing in ((one, daemons[0]), (other, daemons[1])):
        await posturing.count(filled)
        assert 'congvu_posture_checks_fallen{agency="so-mot"} 13.0' in world.metrics(posturing)
        assert 'congvu_gateway_up{gateway="mail-1"} 1.0' in world.metrics(posturing)
        pages.append(posturing.rendered())
    assert pages[0] == pages[1]

    tomorrow = one.now + timedelta(days=1)
    figures = await Measure(filled, lambda: tomorrow).refresh()
    found = {
        each.code: (each.numerator, each.denominator)
        for each in figures
        if (each.indicator, each.window) == ("domain_posture", "wd5")
    }
    assert found["so-mot"] == (0, CHECKS)
    assert found["so-hai"] == (CHECKS, CHECKS)


async def test_a_gateway_that_only_one_of_them_reaches_is_down_there_alone(
    filled: Database,
) -> None:
    one, other = World(gateways=[GATEWAY]), World(gateways=[GATEWAY])
    one.desk.gateway = FAIL
    other.now += timedelta(seconds=30)
    for world in (one, other):
        posturing = world.posturing()
        posturing.connect(filled)
        await posturing.probe(world.settings.gateways[0])
        up = 0.0 if world is one else 1.0
        assert f'congvu_gateway_up{{gateway="mail-1"}} {up}' in world.metrics(posturing)
    # The record holds the last look: pages say how it was seen last, by whomever.
    assert await rows(filled, "SELECT status FROM gateway_check") == [("pass",)]
