"""What mail domains come to is an indicator like the others: days, windows, closings, targets."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.commands.report import Request, make_report
from monitor.expose.adoption import Shown, rendered
from monitor.measure import Figure, Measure, Scope, State, closing
from monitor.measure.plan import Plan, Target
from monitor.measure.progress import progress
from monitor.measure.recompute import Recomputation
from monitor.model import Check, Language
from monitor.posture.model import DomainPosture
from monitor.record import AgencyRow, Database, Recorder
from monitor.record import posture as record
from monitor.settings import DatabaseSettings, Settings
from tests.measure.closing_world import Month, on
from tests.support.database import Server
from tests.support.looks import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, look

TODAY = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
CHECKS = len(Check)
MOT, HAI, BOTH = "mot.tinh.gov.vn", "hai.tinh.gov.vn", "chung.tinh.gov.vn"
AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
    AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
    AgencyRow("xa-mot", "Xã Một", "commune", "tinh"),
]
FEW_FAIL = {"mta_sts": FAIL, "tls_rpt": FAIL, "dnssec": NOT_APPLICABLE}


async def looked(database: Database, *looks: DomainPosture) -> None:
    await record.sync_domains(
        database, {MOT: ("so-mot",), HAI: ("so-hai",), BOTH: ("so-hai", "so-mot")}, on(1)
    )
    for each in looks:
        await record.store(database, [(each, 1.0)], 21_600.0)


async def computed(database: Database, at: datetime = TODAY) -> Sequence[Figure]:
    found = await Measure(database, lambda: at).refresh()
    return [each for each in found if each.indicator == "domain_posture"]


async def figure(
    database: Database, code: str, window: str = "wd5", at: datetime = TODAY
) -> Figure:
    (found,) = [
        each for each in await computed(database, at)
        if (each.code, each.window) == (code, window)
    ]  # fmt: skip
    return found


@pytest.fixture
async def province(database: Database) -> Database:
    await database.sync_agencies(AGENCIES)
    return database


async def test_checks_that_passed_of_those_that_apply(province: Database) -> None:
    await looked(province, look(MOT, on(16), **FEW_FAIL), look(MOT, on(17), **FEW_FAIL))
    found = await figure(province, "so-mot")
    assert (found.numerator, found.denominator) == (2 * (CHECKS - 3), 2 * (CHECKS - 1))
    assert (found.undecided, found.state, found.channel) == (0, State.OK, "mail")
    assert found.ratio == (CHECKS - 3) / (CHECKS - 1)


async def test_what_was_never_looked_at_has_no_data(province: Database) -> None:
    await looked(province, look(MOT, on(16)))
    found = await figure(province, "xa-mot")
    assert (found.state, found.ratio) == (State.NO_DATA, None)


async def test_a_day_on_which_nobody_answered_is_undecided_and_no_zero(
    province: Database,
) -> None:
    await looked(province, look(MOT, on(16), UNKNOWN))
    found = await figure(province, "so-mot")
    assert (found.numerator, found.denominator, found.undecided) == (0, 0, CHECKS)
    assert (found.ratio, found.state, found.undecided_share) == (None, State.STALE, 1.0)


async def test_a_few_answers_that_are_missing_say_how_many(province: Database) -> None:
    await looked(province, *(look(MOT, on(day)) for day in (11, 12, 13, 16)),
                 look(MOT, on(17), dnssec=UNKNOWN))  # fmt: skip
    found = await figure(province, "so-mot")
    assert found.undecided_share == pytest.approx(1 / (5 * CHECKS))
    assert (found.ratio, found.state) == (1.0, State.OK)


async def test_today_counts_once_it_is_over(province: Database) -> None:
    await looked(province, look(MOT, on(17)), look(MOT, TODAY, FAIL))
    assert (await figure(province, "so-mot")).ratio == 1.0
    assert (await figure(province, "so-mot", "30d")).denominator == CHECKS
    tomorrow = TODAY + timedelta(days=1)
    await looked(province, look(MOT, TODAY + timedelta(minutes=5), FAIL))
    assert (await figure(province, "so-mot", "30d", tomorrow)).denominator == 2 * CHECKS


async def test_levels_and_the_province_are_sums_over_agencies(province: Database) -> None:
    await looked(province, look(MOT, on(16)), look(HAI, on(16), FAIL), look(BOTH, on(16)))
    assert (await figure(province, "so-mot")).denominator == 2 * CHECKS
    for code in ("department", "province"):
        found = await figure(province, code)
        assert (found.numerator, found.denominator) == (3 * CHECKS, 4 * CHECKS)


async def test_an_agencys_days_count_as_it_was_on_them(province: Database) -> None:
    await looked(province, look(MOT, on(16), FAIL), look(MOT, on(17), FAIL))
    await record.sync_domains(province, {MOT: ("xa-mot",)}, on(17, 3))
    await record.store(province, [(look(MOT, on(18), FAIL), 1.0)], 21_600.0)
    found = await figure(province, "xa-mot", at=on(19))
    assert (found.numerator, found.denominator) == (0, CHECKS)
    assert (await figure(province, "so-mot", at=on(19))).denominator == 2 * CHECKS


async def test_the_figure_is_in_metrics_with_its_state(province: Database) -> None:
    await looked(province, look(MOT, on(16), **FEW_FAIL), look(HAI, on(16), UNKNOWN))
    page = rendered(Shown(await computed(province))).text.decode()
    ratio = (CHECKS - 3) / (CHECKS - 1)
    assert (
        'congvu_adoption_ratio{agency="so-mot",channel="mail",indicator="domain_posture",'
        f'window="30d"}} {ratio!r}'
    ) in page
    for code, state in (("so-mot", 0.0), ("so-hai", 3.0), ("xa-mot", 2.0)):
        line = f'congvu_adoption_state{{agency="{code}",indicator="domain_posture"}} {state}'
        assert line in page
    assert 'congvu_adoption_group_ratio{channel="mail",group="province",' in page


async def test_a_target_may_be_set_for_it(province: Database) -> None:
    await looked(province, look(MOT, on(16), **FEW_FAIL))
    await computed(province)
    target = Target.model_validate({
        "id": "ten-mien", "name": "Tên miền thư an toàn", "indicator": "domain_posture",
        "scope": "each:department", "value": "100%", "due": date(2026, 12, 31),
    })  # fmt: skip
    async with province.connection() as connection:
        found = await progress(connection, Plan(targets=(target,)), TODAY.date())
    (mot,) = [each for each in found if each.code == "so-mot"]
    assert (mot.numerator, mot.denominator, mot.units_short) == (CHECKS - 3, CHECKS - 1, 2)


async def test_dashboards_have_its_days(province: Database) -> None:
    await looked(province, look(MOT, on(16), **FEW_FAIL))
    await computed(province)
    async with province.connection() as connection:
        days = await connection.fetch(
            "SELECT day, numerator, denominator FROM grafana.day"
            " WHERE indicator = 'domain_posture' AND scope = 'agency'"
        )
        of_agency = await connection.fetch("SELECT code, domains, passed FROM grafana.posture_day")
        stands = await connection.fetch(
            "SELECT code, decided, reason FROM grafana.posture WHERE check_name = 'mta_sts'"
        )
    assert [tuple(row) for row in days] == [(date(2026, 3, 16), CHECKS - 3, CHECKS - 1)]
    assert [tuple(row) for row in of_agency] == [("so-mot", 1, CHECKS - 3)]
    assert [tuple(row) for row in stands] == [("so-mot", "fail", "no_domain")]


async def test_facts_computed_anew_are_the_same(province: Database, tmp_path: Path) -> None:
    await looked(province, look(MOT, on(16), **FEW_FAIL), look(HAI, on(17)))
    await computed(province)
    again = Recomputation(province, Settings(state_dir=tmp_path), check=True)
    span = await again.span(date(2026, 3, 1), date(2026, 3, 31))
    assert span.days == [date(2026, 3, 16), date(2026, 3, 17)]
    assert not any((await again.facts(span.days)).values())


async def test_days_whose_looks_are_gone_keep_their_figures(province: Database) -> None:
    await looked(province, look(MOT, on(16), **FEW_FAIL))
    before = await computed(province)
    async with province.connection() as connection:
        await connection.execute("DELETE FROM posture_day")
        await connection.execute("INSERT INTO kept_since VALUES ('posture', '2026-03-17')")
        await connection.execute("INSERT INTO changed_day VALUES ('2026-03-16')")
    assert await computed(province) == before


# -- closed periods --------------------------------------------------------------------------------


@pytest.fixture
async def month(database: Database, recorder: Recorder, tmp_path: Path) -> Month:
    made = await Month.made(database, recorder, tmp_path)
    await looked(database, look(MOT, on(16), **FEW_FAIL), look(HAI, on(31), FAIL))
    return made


async def test_a_closed_period_has_it_with_its_target(month: Month) -> None:
    target: dict[str, Any] = {
        "id": "ten-mien", "name": "Tên miền thư an toàn", "indicator": "domain_posture",
        "scope": "province", "value": "90%", "due": date(2026, 12, 31), "confirmed": True,
    }  # fmt: skip
    month.plan = Plan(targets=(Target.model_validate(target),))
    made = await month.close()
    rows = await month.fetch(
        "SELECT scope, code, numerator, denominator FROM closed_figure WHERE closing_id = $1"
        " AND indicator = 'domain_posture' AND about = 'period' AND panel = ''"
        " AND denominator > 0 ORDER BY 1, 2",
        made.id,
    )
    whole = (CHECKS - 3, 2 * CHECKS - 1)
    assert [tuple(row) for row in rows] == [
        ("agency", "so-hai", 0, CHECKS), ("agency", "so-mot", CHECKS - 3, CHECKS - 1),
        ("level", "department", *whole), ("province", "province", *whole),
    ]  # fmt: skip
    (closed,) = await month.fetch(
        "SELECT numerator, denominator, units_short FROM closed_target WHERE closing_id = $1",
        made.id,
    )
    assert tuple(closed) == (*whole, 13)


async def test_a_report_has_it(
    month: Month, database: Database, postgres_server: Server, tmp_path: Path
) -> None:
    await month.close()
    async with database.connection() as connection:
        name = await connection.fetchval("SELECT current_database()")
    settings = month.settings.model_copy(update={
        "database": DatabaseSettings.model_validate({"dsn": postgres_server.dsn(name)}),
        "state_dir": postgres_server.state_dir,
    })  # fmt: skip
    request = Request(
        period="2026-03", out=tmp_path / "out", formats=("csv",), languages=(Language.VI,)
    )
    assert await asyncio.to_thread(make_report, request, settings) == 0
    long = (tmp_path / "out" / "congvu-2026-03-v1-vi-long.csv").read_text("utf-8-sig")
    lines = [line for line in long.splitlines() if "domain_posture" in line]
    assert any("so-mot" in line and f"{CHECKS - 3}" in line for line in lines)


async def test_looks_that_come_later_leave_a_closed_period_as_it_is(month: Month) -> None:
    await month.close()
    await record.store(month.database, [(look(MOT, month.at, PASS), 1.0)], 21_600.0)
    assert await month.restate() is None


async def test_a_day_that_was_looked_at_after_the_closing_restates_it(month: Month) -> None:
    made = await month.close()
    await record.store(month.database, [(look(HAI, on(31, 16), PASS), 1.0)], 21_600.0)
    restated = await month.restate()
    assert restated is not None
    assert ("so-hai", "mail", "figure", "recomputed", 1) in await month.causes(restated)
    async with month.database.connection() as connection:
        found = await closing.changes(connection, restated.id)
    assert found is not None
    assert found.before == made
    assert {each.after.indicator for each in found.figures if each.after} == {"domain_posture"}
    assert Scope.PROVINCE in {each.after.scope for each in found.figures if each.after}
