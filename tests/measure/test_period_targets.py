"""Targets by the figures of a period, and certificates, as of its last day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monitor.clock import VIETNAM
from monitor.measure.plan import Plan, Target
from monitor.model import Overall, SignerKind
from monitor.record import AgencyRow, Database, Recorder
from tests.measure.period_world import Row, collected, rows_of
from tests.support.outcomes import digest, document, filed, signature, valid, verdict

LAST = date(2026, 10, 31)


@pytest.fixture(autouse=True)
async def _agencies(database: Database) -> None:
    await database.sync_agencies(
        [
            AgencyRow("so-mot", "Sở Một", "department"),
            AgencyRow("xa-mot", "Xã Một", "commune"),
            AgencyRow("xa-hai", "Xã Hai", "commune"),
            AgencyRow("xa-ba", "Xã Ba", "commune", valid_to=date(2026, 10, 20)),
        ]
    )


def target(name: str, **more: Any) -> Target:
    values: dict[str, Any] = {
        "id": name, "name": f"Chỉ tiêu {name}", "indicator": "document_signed",
        "scope": "province", "channel": "docsys", "value": "80%", "due": date(2026, 12, 31),
        "window": "30d",
    }  # fmt: skip
    return Target(**(values | more))


async def standing(
    database: Database, *targets: Target, period: str = "2026-10", version: int = 1
) -> dict[tuple[str, str], Row]:
    closing = await collected(database, period, plan=Plan("Kế hoạch", targets), version=version)
    rows = await rows_of(database, "closed_target", closing)
    return {(row["target"], row["code"]): row for row in rows}


async def issue(
    recorder: Recorder, agency: str, signed: int, unsigned: int, month: int = 10
) -> None:
    when = datetime(2026, month, 7, 2, tzinfo=UTC)
    await recorder.write(
        [
            filed(document(f"{agency} {month} {n}", valid() if n < signed else None),
                  agency=agency, at=when, sent_at=when)
            for n in range(signed + unsigned)
        ]
    )  # fmt: skip


async def test_a_target_is_held_against_the_period_and_not_against_its_own_window(
    database: Database, recorder: Recorder
) -> None:
    await issue(recorder, "so-mot", 7, 3)
    await issue(recorder, "xa-mot", 9, 1)
    await issue(recorder, "xa-hai", 0, 9, month=11)
    found = await standing(
        database,
        target("tinh", baseline={"on": date(2026, 1, 1), "value": "20%"}),
        target("so", scope="so-mot"),
        target("xa", scope="level:commune", due=date(2026, 10, 30), value="95%"),
        target("moi-xa", scope="each:commune"),
    )
    province = found["tinh", "province"]
    assert (province["numerator"], province["denominator"], province["ratio"]) == (16, 20, 0.8)
    assert (province["assessment"], province["gap"], province["ordinal"]) == ("met", 0.0, 0)
    assert province["path"] == pytest.approx(0.2 + 0.6 * 303 / 364), "on 31 October"
    assert found["so", "so-mot"]["assessment"] == "behind"
    assert found["so", "so-mot"]["units_short"] == 1
    late = found["xa", "commune"]
    assert (late["assessment"], late["units_short"]) == ("missed", 1)
    each = {code: row["assessment"] for (name, code), row in found.items() if name == "moi-xa"}
    assert each == {"xa-mot": "met", "xa-hai": "unassessable"}, "xa-ba was there no more"
    assert found["moi-xa", "xa-hai"]["ratio"] is None


async def test_a_target_that_is_not_due_by_the_last_day_is_not_missed_later(
    database: Database, recorder: Recorder
) -> None:
    await issue(recorder, "so-mot", 1, 1)
    found = await standing(database, target("tinh", due=date(2026, 11, 1)))
    assert found["tinh", "province"]["assessment"] == "behind"


async def test_a_report_remembers_no_baseline_and_takes_those_of_its_days(
    database: Database, recorder: Recorder
) -> None:
    await issue(recorder, "so-mot", 1, 1)
    wanted = target("tinh", value="90%")
    assert (await standing(database, wanted))["tinh", "province"]["path"] is None
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM target_baseline") == 0
        await connection.execute(
            "INSERT INTO target_baseline VALUES ('tinh', 'province', $1, '2026-11-01', 1, 10)",
            "document_signed|province|docsys|30d||roster|formal",
        )
    later = await standing(database, wanted, version=2)
    assert later["tinh", "province"]["path"] is None, "of a day after the period"
    async with database.connection() as connection:
        await connection.execute("UPDATE target_baseline SET day = '2026-10-31'")
    known = await standing(database, wanted, version=3)
    assert known["tinh", "province"]["path"] == pytest.approx(0.1)


async def test_an_unclear_target_is_not_assessed(database: Database, recorder: Recorder) -> None:
    await issue(recorder, "so-mot", 1, 0)
    found = await standing(database, target("tinh", unclear="%?"))
    assert found["tinh", "province"]["assessment"] == "unconfirmed"


# -- certificates ----------------------------------------------------------------------------------


def signed(content: str, certificate: str, used: date, ends: date, **signer: Any) -> Any:
    when = datetime(used.year, used.month, used.day, 9, tzinfo=VIETNAM)
    mark = signature(
        certificate_sha256=digest(certificate),
        certificate_not_after=datetime(ends.year, ends.month, ends.day, 12, tzinfo=VIETNAM),
        **({"signer_uid": f"CMND:{certificate}"} | signer),
    )
    facts = document(content, verdict(Overall.VALID, [mark]))
    return filed(facts, at=when, sent_at=when)


async def test_certificates_are_those_that_were_about_to_end_on_the_last_day(
    database: Database, recorder: Recorder
) -> None:
    days = timedelta
    await recorder.write(
        [
            signed("a", "soon", date(2026, 10, 5), LAST + days(30)),
            signed("b", "soon", date(2026, 10, 9), LAST + days(30)),
            signed("c", "alike", date(2026, 10, 9), LAST + days(30)),
            signed(
                "d", "organisation", date(2026, 10, 9), LAST, signer_kind=SignerKind.ORGANISATION
            ),
            signed("e", "ended", date(2026, 10, 9), LAST - days(1)),
            signed("f", "far", date(2026, 10, 9), LAST + days(91)),
            signed("g", "long-ago", date(2026, 7, 1), LAST + days(30)),
            signed("h", "old", date(2026, 10, 9), LAST + days(10), signer_uid="CMND:renewed"),
            signed("i", "new", date(2026, 10, 12), LAST + days(900), signer_uid="CMND:renewed"),
            # Renewed only after the period: a report of October does not know.
            signed("j", "late", date(2026, 10, 9), LAST + days(20), signer_uid="CMND:later"),
            signed("k", "later", date(2026, 11, 2), LAST + days(900), signer_uid="CMND:later"),
        ]
    )  # fmt: skip
    closing = await collected(database, "2026-10")
    rows = await rows_of(database, "closed_certificate", closing)
    assert sorted(
        (row["ends_on"] - LAST, row["signer_kind"], row["certificates"], row["signatures"])
        for row in rows
    ) == [
        (days(0), "organisation", 1, 1),
        (days(20), "person", 1, 1),
        (days(30), "person", 2, 3),
    ]  # fmt: skip
    assert {row["code"] for row in rows} == {"so-mot"}
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM certificate_use") == 0
