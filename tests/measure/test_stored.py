"""Figures that are read back after a start are those that were computed, and of today."""

from datetime import UTC, datetime, timedelta

from monitor.clock import vietnam_day
from monitor.measure import Measure
from monitor.measure.accounts import AccountMeasure
from monitor.measure.stored import stored
from monitor.record import AgencyRow, Database, Recorder
from monitor.settings import AccountSettings
from tests.measure.accounts_world import World
from tests.support.outcomes import document, mail, valid

NOW = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
TODAY = vietnam_day(NOW)


async def test_what_is_read_back_is_what_was_computed(
    database: Database, recorder: Recorder
) -> None:
    await database.sync_agencies([AgencyRow("so-mot", "Sở Một", "department", "tinh")])
    sent = NOW - timedelta(days=2)
    await recorder.write([mail("one", [document("a", valid())], at=sent)])
    world = World(database)
    await world.agencies("xa-mot")
    await world.official("a", "xa-mot", "leader")
    figures = await Measure(database, lambda: NOW).refresh()
    accounts = await AccountMeasure(database, AccountSettings(), lambda: NOW).refresh()
    assert accounts is not None
    async with database.connection() as connection:
        found, of_accounts = await stored(connection, TODAY)
    shown = {each for each in figures if each.base == "" and each.document_class == "formal"}
    assert {each for each in found if each.channel == "mail"} >= {
        each for each in shown if each.channel == "mail" and each.window != "last_month"
    }
    assert set(found) <= shown
    assert set(accounts.figures) <= set(of_accounts.figures)
    assert of_accounts.counts == accounts.counts


async def test_figures_of_yesterday_are_not_shown_as_those_of_today(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("one", [document("a", valid())], at=NOW - timedelta(days=2))])
    await Measure(database, lambda: NOW).refresh()
    async with database.connection() as connection:
        found, _ = await stored(connection, TODAY + timedelta(days=1))
    assert {each.window for each in found} <= {"last_month"}
