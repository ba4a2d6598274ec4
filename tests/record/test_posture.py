"""Looks at mail domains as they are recorded: what decides, what is due, what a day says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monitor.model import Check, CheckStatus
from monitor.posture.model import CheckResult, DomainPosture, GatewayState
from monitor.posture.words import Reason
from monitor.record import Database
from monitor.record import posture as record
from monitor.record import posture_standing as standing
from monitor.record.agencies import AgencyRow
from tests.support.looks import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, look

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
INTERVAL = 21_600.0
DOMAIN = "so-mot.tinh.gov.vn"
CHECKS = len(Check)
GONE = Reason.NO_DOMAIN


@pytest.fixture
async def province(database: Database) -> Database:
    """Two agencies and their domains, one of them shared."""
    rows = [
        AgencyRow("so-mot", "Sở Một", "department"),
        AgencyRow("so-hai", "Sở Hai", "department"),
    ]
    await database.sync_agencies(rows, DAY)
    await record.sync_domains(
        database, {DOMAIN: ("so-mot",), "chung.tinh.gov.vn": ("so-hai", "so-mot")}, NOON
    )
    return database


async def stored(database: Database, *looks: DomainPosture) -> list[record.Changed]:
    changed = []
    for each in looks:
        changed += await record.store(database, [(each, 1.0)], INTERVAL)
    return changed


async def rows(database: Database, query: str, *given: Any) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(query, *given)]


async def stands(database: Database, check: Check = Check.SPF_VALID) -> standing.Standing:
    async with database.connection() as connection:
        found = await standing.standings(connection, domain=DOMAIN)
    return next(each for each in found if each.check == check)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def decided(found: standing.Standing) -> CheckStatus | None:
    return found.decided.status if found.decided else None


# -- what decides ----------------------------------------------------------------------------------


async def test_a_first_look_decides(province: Database) -> None:
    assert await stored(province, look(DOMAIN, NOON, spf_valid=FAIL)) == []
    found = await stands(province)
    assert decided(found) is FAIL
    assert (found.since, found.before, found.agencies) == (NOON, None, ("so-mot",))
    assert not found.fallen(NOON)


async def test_what_was_not_answered_leaves_what_is_decided(province: Database) -> None:
    await stored(province, look(DOMAIN, NOON), look(DOMAIN, after(60), UNKNOWN))
    found = await stands(province)
    assert found.last.status is UNKNOWN
    assert found.decided is not None
    assert (found.decided.status, found.decided.at, found.since) == (PASS, NOON, NOON)
    assert found.decided.reason == Reason.FINE


async def test_one_odd_answer_is_no_fall(province: Database) -> None:
    odd, mended = look(DOMAIN, after(360), spf_valid=FAIL), look(DOMAIN, after(365))
    assert await stored(province, look(DOMAIN, NOON), odd) == []
    found = await stands(province)
    assert (decided(found), found.last.status) == (PASS, FAIL)
    assert found.suspected_at == after(360)
    assert await stored(province, mended) == []
    assert (await stands(province)).suspected_at is None


async def test_one_odd_answer_makes_no_domain_go(province: Database) -> None:
    gone, second = (look(DOMAIN, after(at), NOT_APPLICABLE, GONE) for at in (360, 370))
    assert await stored(province, look(DOMAIN, NOON, spf_valid=FAIL), gone) == []
    assert decided(await stands(province)) is FAIL
    assert len(await stored(province, second)) == CHECKS
    assert decided(await stands(province)) is NOT_APPLICABLE


async def test_a_domain_that_comes_back_without_what_it_had_has_fallen(province: Database) -> None:
    looks = [look(DOMAIN, after(at), NOT_APPLICABLE, GONE) for at in (360, 370)]
    looks += [look(DOMAIN, after(at), spf_valid=FAIL) for at in (400, 410)]
    await stored(province, look(DOMAIN, NOON), *looks)
    found = await stands(province)
    assert (decided(found), found.before) == (FAIL, PASS)
    assert found.fallen(after(411))


async def test_a_second_look_some_minutes_later_confirms_a_fall(province: Database) -> None:
    first, at_once, second = (
        look(DOMAIN, after(minutes), spf_valid=FAIL) for minutes in (360, 361, 365)
    )
    assert await stored(province, look(DOMAIN, NOON), first, at_once) == []
    (changed,) = await stored(province, second)
    assert (changed.domain, changed.check, changed.fell) == (DOMAIN, "spf_valid", True)
    found = await stands(province)
    assert (decided(found), found.before, found.since) == (FAIL, PASS, after(365))
    assert found.suspected_at is None
    assert found.fallen(after(366))
    assert not found.fallen(after(366) + timedelta(days=7))


async def test_silence_between_two_failures_does_not_refute_the_first(province: Database) -> None:
    await stored(
        province, look(DOMAIN, NOON), look(DOMAIN, after(360), spf_valid=FAIL),
        look(DOMAIN, after(365), UNKNOWN),
    )  # fmt: skip
    assert decided(await stands(province)) is PASS
    (changed,) = await stored(province, look(DOMAIN, after(370), spf_valid=FAIL))
    assert changed.fell


async def test_what_mends_itself_is_decided_at_once(province: Database) -> None:
    await stored(province, look(DOMAIN, NOON, spf_valid=FAIL))
    (changed,) = await stored(province, look(DOMAIN, after(360)))
    assert (changed.before, changed.after, changed.fell) == (FAIL, PASS, False)


async def test_changes_are_kept_with_what_was_seen(province: Database) -> None:
    await stored(
        province, look(DOMAIN, NOON, spf_valid=FAIL), look(DOMAIN, after(360)),
        look(DOMAIN, after(720), dnssec=NOT_APPLICABLE),
    )  # fmt: skip
    async with province.connection() as connection:
        found = await standing.changes(connection, NOON)
        lately = await standing.changes(connection, after(700))
    assert [(each.check, each.before, each.seen.status, each.seen.at) for each in found] == [
        ("dnssec", PASS, NOT_APPLICABLE, after(720)), ("spf_valid", FAIL, PASS, after(360)),
    ]  # fmt: skip
    assert found[1].seen.evidence == (f"{DOMAIN} TXT pass",)
    assert lately == found[:1]


async def test_a_look_stored_twice_or_late_changes_nothing(province: Database) -> None:
    first, second = look(DOMAIN, NOON, spf_valid=FAIL), look(DOMAIN, after(360))
    await stored(province, first, second)
    tables = "posture_check", "posture_change", "posture_day", "posture_domain"
    before = [await rows(province, f"SELECT * FROM {each} ORDER BY 1, 2") for each in tables]
    assert await stored(province, second, first) == []
    assert [
        await rows(province, f"SELECT * FROM {each} ORDER BY 1, 2") for each in tables
    ] == before


async def test_hostile_facts_do_not_hinder_the_others(province: Database) -> None:
    result = CheckResult(
        check=Check.SPF_VALID, status=FAIL, reason=Reason.NO_DOMAIN,
        facts={"record": "\0'; DROP TABLE posture_check"}, evidence=("\0\x1b[31m",),
    )  # fmt: skip
    whole = look(DOMAIN, NOON)
    results = tuple(result if each.check is result.check else each for each in whole.results)
    await stored(province, whole.model_copy(update={"results": results}))
    found = await stands(province)
    assert found.last.facts["record"].endswith("'; DROP TABLE posture_check")
    assert "\0" not in found.last.facts["record"] + found.last.evidence[0]


# -- what is due -----------------------------------------------------------------------------------


async def next_at(database: Database) -> datetime:
    query = "SELECT next_at FROM posture_domain WHERE domain = $1"
    found: datetime = (await rows(database, query, DOMAIN))[0][0]
    return found


async def claimed(database: Database, now: datetime, most: int = 100) -> list[str]:
    async with database.connection() as connection:
        return [each.domain for each in await record.claim(connection, now, now, most)]


async def test_new_domains_are_due_at_once_and_no_two_daemons_get_one(province: Database) -> None:
    assert await claimed(province, NOON, most=1) == ["chung.tinh.gov.vn"]
    assert await claimed(province, NOON) == [DOMAIN]
    assert await claimed(province, NOON) == []
    assert await claimed(province, NOON + record.CLAIMED) == ["chung.tinh.gov.vn", DOMAIN]


async def test_the_next_look_is_an_interval_later_give_or_take(province: Database) -> None:
    await record.store(province, [(look(DOMAIN, NOON), 1.1)], INTERVAL)
    assert await next_at(province) == NOON + timedelta(seconds=1.1 * INTERVAL)


async def test_what_was_not_answered_is_asked_sooner_then_ever_more_seldom(
    province: Database,
) -> None:
    pauses, at = [], NOON
    for _ in range(9):
        await stored(province, look(DOMAIN, at, dnssec=UNKNOWN))
        pauses.append((await next_at(province) - at).total_seconds())
        at = await next_at(province)
    assert pauses == [120, 240, 480, 960, 1920, 3840, 7680, 15360, INTERVAL]
    await stored(province, look(DOMAIN, at))
    await stored(province, look(DOMAIN, at + timedelta(hours=6), dnssec=UNKNOWN))
    assert await next_at(province) == at + timedelta(hours=6, minutes=2)


async def test_what_is_not_configured_is_no_reason_to_ask_again_soon(province: Database) -> None:
    result = CheckResult(check=Check.MX_GATEWAY, status=UNKNOWN, reason=Reason.NOT_CONFIGURED)
    whole = look(DOMAIN, NOON)
    results = tuple(result if each.check is result.check else each for each in whole.results)
    await stored(province, whole.model_copy(update={"results": results}))
    assert await next_at(province) == NOON + timedelta(seconds=INTERVAL)


async def test_a_suspected_fall_is_looked_at_again_within_minutes(province: Database) -> None:
    await stored(province, look(DOMAIN, NOON), look(DOMAIN, after(360), spf_valid=FAIL))
    assert await next_at(province) == after(370)


async def test_a_command_makes_a_domain_due_now(province: Database) -> None:
    await stored(province, look(DOMAIN, NOON), look("chung.tinh.gov.vn", NOON))
    assert await claimed(province, after(1)) == []
    async with province.connection() as connection:
        assert await record.hurry(connection, after(1), DOMAIN) == 1
    assert await claimed(province, after(1)) == [DOMAIN]


async def test_selectors_seen_lately_in_its_mail_go_with_a_domain(province: Database) -> None:
    await rows(
        province,
        "INSERT INTO posture_selector VALUES ($1, 'moi', $2), ($1, 'cu', $2 - 91),"
        " ('chung.tinh.gov.vn', 'khac', $2)",
        DOMAIN, DAY,
    )  # fmt: skip
    async with province.connection() as connection:
        found = await record.claim(connection, NOON, NOON, 10)
    assert {each.domain: each.selectors for each in found} == {
        DOMAIN: ("moi",), "chung.tinh.gov.vn": ("khac",),
    }  # fmt: skip


# -- which domains ---------------------------------------------------------------------------------


async def test_a_domain_that_left_has_a_history_and_stands_nowhere(province: Database) -> None:
    await stored(province, look(DOMAIN, NOON, spf_valid=FAIL), look(DOMAIN, after(360)))
    await record.sync_domains(province, {"chung.tinh.gov.vn": ("so-hai",)}, after(400))
    assert await rows(province, "SELECT domain FROM posture_check") == []
    assert await rows(province, "SELECT domain FROM posture_domain") == [("chung.tinh.gov.vn",)]
    assert len(await rows(province, "SELECT FROM posture_change")) == 1
    assert len(await rows(province, "SELECT FROM posture_day")) == 1
    assert await stored(province, look(DOMAIN, after(401), FAIL)) == []
    assert await rows(province, "SELECT domain FROM posture_check") == []


async def test_a_domain_that_moves_is_looked_at_at_once_and_is_the_new_agencys_that_day(
    province: Database,
) -> None:
    await stored(province, look(DOMAIN, NOON))
    await record.sync_domains(
        province, {DOMAIN: ("so-hai",), "chung.tinh.gov.vn": ("so-hai", "so-mot")}, after(60)
    )
    assert (await stands(province)).agencies == ("so-hai",)
    assert DOMAIN in await claimed(province, after(60))
    await stored(province, look(DOMAIN, after(61)), look(DOMAIN, after(60 * 24)))
    query = (
        "SELECT day::text, code, passed FROM posture_day JOIN agency USING (agency_id)"
        " WHERE domain = $1 ORDER BY 1"
    )
    assert await rows(province, query, DOMAIN) == [
        ("2026-03-02", "so-hai", CHECKS), ("2026-03-03", "so-hai", CHECKS),
    ]  # fmt: skip


# -- days ------------------------------------------------------------------------------------------


async def day(database: Database) -> tuple[int, int, int, int]:
    query = (
        "SELECT passed, failed, not_applicable, unknown FROM posture_day"
        " WHERE domain = $1 AND day = $2"
    )
    (found,) = await rows(database, query, DOMAIN, DAY)
    return found


async def test_the_last_decided_result_of_a_day_is_the_days(province: Database) -> None:
    await stored(province, look(DOMAIN, NOON, spf_valid=FAIL, dnssec=NOT_APPLICABLE))
    assert await day(province) == (CHECKS - 2, 1, 1, 0)
    await stored(province, look(DOMAIN, after(60), UNKNOWN))
    assert await day(province) == (CHECKS - 2, 1, 1, 0)
    await stored(province, look(DOMAIN, after(120), dnssec=NOT_APPLICABLE))
    assert await day(province) == (CHECKS - 1, 0, 1, 0)


async def test_a_check_is_unknown_only_where_nothing_was_decided_all_day(
    province: Database,
) -> None:
    await stored(province, look(DOMAIN, NOON, spf_valid=UNKNOWN, dnssec=UNKNOWN))
    assert await day(province) == (CHECKS - 2, 0, 0, 2)
    await stored(province, look(DOMAIN, after(2), spf_valid=UNKNOWN))
    assert await day(province) == (CHECKS - 1, 0, 0, 1)


async def test_what_was_decided_yesterday_says_nothing_of_today(province: Database) -> None:
    await stored(province, look(DOMAIN, NOON - timedelta(days=1)), look(DOMAIN, NOON, UNKNOWN))
    assert await day(province) == (0, 0, 0, CHECKS)


async def test_a_fall_that_nobody_confirmed_is_no_failure_of_the_day(province: Database) -> None:
    yesterday = look(DOMAIN, NOON - timedelta(days=1))
    await stored(province, yesterday, look(DOMAIN, NOON, spf_valid=FAIL))
    assert await day(province) == (CHECKS - 1, 0, 0, 1)
    await stored(province, look(DOMAIN, after(5)))
    assert await day(province) == (CHECKS, 0, 0, 0)


async def test_only_days_that_differ_are_computed_anew(province: Database) -> None:
    await rows(province, "DELETE FROM changed_day")
    await stored(province, look(DOMAIN, NOON))
    assert await rows(province, "DELETE FROM changed_day RETURNING day") == [(DAY,)]
    await stored(province, look(DOMAIN, after(360)))
    assert await rows(province, "SELECT day FROM changed_day") == []


async def test_a_shared_domain_has_a_day_for_each_agency(province: Database) -> None:
    await stored(province, look("chung.tinh.gov.vn", NOON))
    query = "SELECT code FROM posture_day JOIN agency USING (agency_id) ORDER BY 1"
    assert await rows(province, query) == [("so-hai",), ("so-mot",)]


# -- counts ----------------------------------------------------------------------------------------


async def test_counts_for_metrics(province: Database) -> None:
    await stored(
        province, look(DOMAIN, NOON), look("chung.tinh.gov.vn", NOON, mta_sts=FAIL),
        look(DOMAIN, after(360), spf_valid=FAIL, dnssec=FAIL),
        look(DOMAIN, after(365), spf_valid=FAIL, tls_rpt=UNKNOWN),
    )  # fmt: skip
    async with province.connection() as connection:
        found = await standing.counts(connection, after(370), NOON)
        later = await standing.counts(connection, after(370), after(1))
        ago = await standing.counts(connection, after(366) + timedelta(days=7), NOON)
    assert found.failing == {"so-mot": 2, "so-hai": 1}
    assert found.fallen == {"so-mot": 1, "so-hai": 0}
    assert ago.fallen == {"so-mot": 0, "so-hai": 0}
    assert found.checks[("spf_valid", "fail")] == found.checks[("spf_valid", "pass")] == 1
    assert found.checks[("dnssec", "pass")] == 2
    assert (found.domains, found.undecided, found.suspected) == (2, 1, 0)
    assert found.last_decided == after(365)
    assert (found.late, later.late) == ([], ["chung.tinh.gov.vn"])


async def test_a_gateways_state_says_since_when_it_is_so(database: Database) -> None:
    def state(minutes: float, status: CheckStatus) -> GatewayState:
        return GatewayState(
            name="mail-1", checked_at=after(minutes), status=status, reason=Reason.FINE,
            facts={"says": "220 \0"}, certificate_not_after=after(9999),
        )  # fmt: skip

    async with database.connection() as connection:
        for minutes, status in ((0, PASS), (1, PASS), (2, FAIL), (3, FAIL), (1, PASS)):
            await record.store_gateway(connection, state(minutes, status))
        (found,) = await standing.gateways(connection)
        assert (found.name, found.last.status, found.since) == ("mail-1", FAIL, after(2))
        assert (found.last.at, found.certificate_not_after) == (after(3), after(9999))
        await record.forget_gateways(connection, ["mail-1"], after(60))
        assert len(await standing.gateways(connection)) == 1
        await record.forget_gateways(connection, [], after(60))
        assert await standing.gateways(connection) == []


async def test_thousands_of_domains_are_stored_in_a_few_statements(database: Database) -> None:
    await database.sync_agencies([AgencyRow("so-mot", "Sở Một", "department")], DAY)
    names = [f"d{number}.tinh.gov.vn" for number in range(2000)]
    await record.sync_domains(database, dict.fromkeys(names, ("so-mot",)), NOON)
    await record.store(database, [(look(name, NOON), 1.0) for name in names], INTERVAL)
    assert await rows(database, "SELECT count(*), sum(passed) FROM posture_day") == [
        (2000, 2000 * CHECKS)
    ]
