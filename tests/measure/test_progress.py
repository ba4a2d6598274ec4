"""Targets beside figures: gap, units short, straight line, and what cannot be said."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from monitor.expose.targets import MOST_AGENCIES, rendered_targets
from monitor.measure.figures import State
from monitor.measure.plan import Plan, Target
from monitor.measure.progress import Assessment, Measured, Progress, assess, progress
from monitor.measure.windows import WindowName
from monitor.record import AgencyRow, Database

TODAY = date(2026, 7, 2)


def target(**more: Any) -> Target:
    values: dict[str, Any] = {
        "id": "thu", "name": "Cán bộ dùng thư", "indicator": "accounts_active",
        "scope": "province", "value": "60%", "due": date(2026, 12, 31),
        "baseline": {"on": date(2026, 1, 1), "value": "20%"},
    }  # fmt: skip
    return Target(**(values | more))


def assessed(
    numerator: int, denominator: int, state: State = State.OK, today: date = TODAY, **more: Any
) -> Progress:
    wanted = target(**more)
    measured = Measured("province", "", numerator, denominator, state)
    return assess(wanted, measured, wanted.baseline, today)


def test_what_is_lacking_is_said_as_share_and_in_whole_units() -> None:
    found = assessed(45, 101)
    assert found.gap == Fraction(3, 5) - Fraction(45, 101)
    assert found.units_short == 16  # 60% of 101 are 60,6: 61 officials
    assert found.days_left == 182
    # Exactly, where floating point would ask for one more: 0.6 * 5 is 3.0000000000000004 or less.
    assert assessed(3, 5).units_short == 0
    assert assessed(3, 5).assessment is Assessment.MET


@pytest.mark.parametrize(
    ("numerator", "assessment"),
    [(40, Assessment.ON_TRACK), (39, Assessment.BEHIND), (60, Assessment.MET)],
)
def test_the_straight_line_decides_who_is_behind(numerator: int, assessment: Assessment) -> None:
    found = assessed(numerator, 100, today=date(2026, 7, 2))
    assert found.path == Fraction(1, 5) + Fraction(2, 5) * Fraction(182, 364)
    assert found.assessment is assessment


def test_after_its_day_a_target_is_met_or_missed() -> None:
    late = date(2027, 1, 1)
    assert assessed(59, 100, today=late).assessment is Assessment.MISSED
    assert assessed(60, 100, today=late).assessment is Assessment.MET
    assert assessed(59, 100, today=late).days_left == -1
    assert assessed(59, 100, today=date(2026, 12, 31)).assessment is Assessment.BEHIND
    assert assessed(59, 100, today=late).path == Fraction(3, 5)


@pytest.mark.parametrize("state", [State.NO_DATA, State.STALE, State.INSUFFICIENT])
def test_a_figure_that_may_not_be_used_is_never_zero_percent(state: State) -> None:
    found = assessed(0, 10, state, today=date(2027, 1, 1))
    assert found.assessment is Assessment.UNASSESSABLE
    assert (found.ratio, found.gap, found.units_short) == (None, None, None)


@pytest.mark.parametrize(
    ("numerator", "assessment", "too_many"),
    [(1, Assessment.MET, 0), (2, Assessment.MET, 0), (29, Assessment.MISSED, 27)],
)
def test_of_free_mail_the_value_is_the_most_that_there_may_be(
    numerator: int, assessment: Assessment, too_many: int
) -> None:
    plan = target(indicator="freemail", channel="mail", value="2%")
    measured = Measured("province", "", numerator, 100, State.OK)
    found = assess(plan, measured, None, date(2027, 3, 1))
    assert (found.assessment, found.units_short) == (assessment, too_many)


def test_an_empty_denominator_says_nothing() -> None:
    assert assessed(0, 0).assessment is Assessment.UNASSESSABLE


@pytest.mark.parametrize("numerator", [10, 100])
def test_an_unclear_target_counts_only_when_it_is_confirmed(numerator: int) -> None:
    unclear = assessed(numerator, 100, unclear="85 cán bộ", today=date(2027, 1, 1))
    assert unclear.assessment is Assessment.UNCONFIRMED
    assert unclear.ratio == Fraction(numerator, 100)
    silent = assessed(0, 0, State.NO_DATA, unclear="85 cán bộ", today=date(2027, 1, 1))
    assert silent.assessment is Assessment.UNCONFIRMED
    confirmed = assessed(
        numerator, 100, unclear="85 cán bộ", confirmed=True, today=date(2027, 1, 1)
    )
    assert confirmed.assessment in {Assessment.MET, Assessment.MISSED}


# -- from the database -----------------------------------------------------------------------------

AGENCIES = [
    AgencyRow("xa-mot", "Xã Một", "commune", "tinh"),
    AgencyRow("xa-hai", "Xã Hai", "commune", "tinh"),
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
]


@pytest.fixture
async def listed(database: Database) -> Database:
    await database.sync_agencies(AGENCIES)
    return database


async def figure(
    database: Database, indicator: str, code: str, numerator: int, denominator: int, **more: str
) -> None:
    values = {
        "scope": "agency", "channel": "", "document_class": "", "role": "", "base": "",
        "window": "period", "state": "ok",
    } | more  # fmt: skip
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO figure (indicator, scope, code, channel, document_class, role, base,"
            " window_name, first_day, last_day, numerator, denominator, undecided,"
            " sample_fraction, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, 0,"
            " 1, $12) ON CONFLICT (indicator, scope, code, channel, document_class, role, base,"
            " window_name) DO UPDATE SET numerator = excluded.numerator",
            indicator, values["scope"], code, values["channel"], values["document_class"],
            values["role"], values["base"], values["window"], TODAY, numerator, denominator,
            values["state"],
        )  # fmt: skip


async def found_for(database: Database, *targets: Target, today: date = TODAY) -> list[Progress]:
    async with database.connection() as connection:
        return await progress(connection, Plan("", targets), today)


async def test_each_agency_of_a_level_has_the_target(listed: Database) -> None:
    await figure(listed, "accounts_active", "xa-mot", 5, 10)
    await figure(listed, "accounts_active", "so-mot", 9, 10)
    found = await found_for(listed, target(scope="each:commune"))
    assert [(each.code, each.name, each.ratio) for each in found] == [
        ("xa-hai", "Xã Hai", None), ("xa-mot", "Xã Một", Fraction(1, 2)),
    ]  # fmt: skip


async def test_an_agency_that_has_ended_has_no_target_any_more(listed: Database) -> None:
    async with listed.connection() as connection:
        await connection.execute(
            "UPDATE agency_period SET last_day = $1 WHERE agency_id = "
            "(SELECT agency_id FROM agency WHERE code = 'xa-hai')",
            TODAY - timedelta(days=1),
        )
    found = await found_for(listed, target(scope="each:commune"))
    assert [each.code for each in found] == ["xa-mot"]


async def test_the_figure_is_that_of_scope_role_base_window_channel_and_class(
    listed: Database,
) -> None:
    await figure(listed, "accounts_active", "commune", 1, 10, scope="level")
    await figure(listed, "accounts_active", "commune", 2, 10, scope="level", role="leader")
    await figure(listed, "accounts_active", "commune", 3, 10, scope="level", base="provisioned")
    await figure(listed, "accounts_active", "commune", 4, 10, scope="level", window="90d")
    signed = {"scope": "province", "document_class": "formal"}
    await figure(listed, "document_signed", "province", 5, 10, channel="docsys", **signed)
    await figure(listed, "document_signed", "province", 6, 10, channel="mail", **signed)
    level = {"scope": "level:commune"}
    documents = {"indicator": "document_signed", "channel": "docsys"}
    found = await found_for(
        listed,
        target(id="a", **level),
        target(id="b", role="leader", **level),
        target(id="c", base="provisioned", **level),
        target(id="d", window="90d", **level),
        target(id="e", **documents),
        target(id="f", **(documents | {"channel": "mail"})),
        target(id="g", document_class="editable", **documents),
    )
    assert [each.numerator for each in found] == [1, 2, 3, 4, 5, 6, 0]
    assert found[-1].assessment is Assessment.UNASSESSABLE


async def test_indicators_without_data_say_so(listed: Database) -> None:
    (found,) = await found_for(listed, target(indicator="document_parallel_paper"))
    assert (found.state, found.assessment) == (State.NO_DATA, Assessment.UNASSESSABLE)


async def test_a_target_of_registers_takes_the_figure_of_the_document_system_and_its_base(
    listed: Database,
) -> None:
    where = {"scope": "province", "document_class": "formal", "channel": "docsys"}
    await figure(listed, "document_paperless", "province", 5, 10, **where)
    await figure(listed, "document_paperless", "province", 3, 10, base="observed", **where)
    await figure(listed, "dispatched_on_time", "province", 7, 10, **where)
    await figure(listed, "dispatched_on_time", "province", 6, 10, **(where | {"channel": "axis"}))
    found = await found_for(
        listed,
        target(id="a", indicator="document_paperless"),
        target(id="b", indicator="document_paperless", base="observed"),
        target(id="c", indicator="dispatched_on_time"),
        target(id="d", indicator="dispatched_on_time", channel="axis"),
    )
    assert [each.numerator for each in found] == [5, 3, 7, 6]
    assert [each.target.self_declared for each in found] == [True, False, True, True]


async def test_the_first_figure_is_the_baseline_where_the_plan_gives_none(
    listed: Database,
) -> None:
    wanted = target(scope="xa-mot", baseline=None, due=date(2026, 7, 12))
    assert (await found_for(listed, wanted))[0].path is None
    await figure(listed, "accounts_active", "xa-mot", 1, 10)
    (first,) = await found_for(listed, wanted)
    assert (first.path, first.assessment) == (Fraction(1, 10), Assessment.ON_TRACK)
    await figure(listed, "accounts_active", "xa-mot", 2, 10)
    (later,) = await found_for(listed, wanted, today=date(2026, 7, 7))
    assert later.path == Fraction(1, 10) + Fraction(5, 10) / 2
    assert later.assessment is Assessment.BEHIND
    # A target that means something else now begins anew.
    await figure(listed, "accounts_active", "xa-mot", 3, 10, window="90d")
    other = wanted.model_copy(update={"window": WindowName.DAYS_90})
    (anew,) = await found_for(listed, other, today=date(2026, 7, 7))
    assert anew.path == Fraction(3, 10)


# -- metrics ---------------------------------------------------------------------------------------


def lines(*found: Progress) -> list[str]:
    text = rendered_targets(found).decode()
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_metrics_say_what_is_reached_and_what_is_lacking() -> None:
    assert lines(assessed(3, 10)) == [
        'congvu_target_ratio{agency="province",target="thu"} 0.3',
        'congvu_target_gap_ratio{agency="province",target="thu"} 0.3',
        'congvu_target_path_gap_ratio{agency="province",target="thu"} 0.1',
    ]
    assert 'congvu_target_path_gap_ratio{agency="province",target="thu"} 0.0' in lines(
        assessed(4, 10)
    )
    assert lines(assessed(0, 0), assessed(1, 2, State.STALE)) == []
    assert lines(assessed(3, 10, unclear="?")) == [
        'congvu_target_ratio{agency="province",target="thu"} 0.3'
    ]


def test_metrics_of_many_agencies_are_those_that_lack_most() -> None:
    wanted = target(scope="each:commune")
    found = [
        assess(wanted, Measured(f"xa-{n}", "", n, 10_000, State.OK), wanted.baseline, TODAY)
        for n in range(MOST_AGENCIES + 100)
    ]
    text = lines(*found)
    assert len(text) == 3 * MOST_AGENCIES
    assert any('agency="xa-0"' in line for line in text)
    assert not any(f'agency="xa-{MOST_AGENCIES}"' in line for line in text)
