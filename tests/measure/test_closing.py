"""A period is closed once, and what was closed stays as it was."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import pytest
from pydantic import BaseModel

from monitor.errors import UserError
from monitor.measure import closing
from monitor.measure.closing.basis import DECIDING, DIGESTED
from monitor.model import Overall
from monitor.periods import Rules, parse
from monitor.privacy import retention
from monitor.record import Database, Recorder, audit
from monitor.settings import PostureSettings, PrivacySettings
from monitor.settings.figures import AccountSettings, CalendarSettings
from monitor.settings.report import ReportSettings
from tests.measure.closing_world import MARCH, TABLES, Month, on
from tests.support.outcomes import document, filed, mail, valid, verdict

NOTHING: dict[str, list[str]] = {table: [] for table in TABLES}
LATE = filed(document("muộn", valid()), at=on(12), sent_at=on(12))


@pytest.fixture
async def month(database: Database, recorder: Recorder, tmp_path: Path) -> Month:
    return await Month.made(database, recorder, tmp_path)


# -- closing ---------------------------------------------------------------------------------------


async def test_a_closed_period_says_who_closed_it_when_and_by_what(month: Month) -> None:
    made = await month.close()
    assert (made.period, made.version, made.actor, made.reason) == (MARCH, 1, "trà", "hết kỳ")
    assert made.closed_at == month.at
    assert made.basis["waited_days"] == 9
    assert made.basis["settings"]["accounts.habitual_days"] == 10
    assert made.basis["definitions"]["document_signed"]["version"] == 1
    assert made.basis["sampling"] == [{"stratum": "all", "rate": 1.0, "since": None}]
    assert date(2026, 3, 2).isoformat() in made.basis["silent_days"]["mail"]
    assert len(bytes.fromhex(made.facts)) == 32


async def test_closing_is_written_to_the_audit_log(month: Month) -> None:
    made = await month.close()
    async with month.database.connection() as connection:
        (entry,) = await audit.entries(connection)
    assert (entry.actor, entry.action, entry.reason) == ("trà", "close", "hết kỳ")
    assert made.facts[:16] in entry.subject


async def test_what_is_closed_is_found_and_listed(month: Month) -> None:
    made = await month.close()
    async with month.database.connection() as connection:
        assert await closing.find(connection, MARCH) == made
        assert await closing.find(connection, MARCH, 2) is None
        assert await closing.listed(connection) == [made]
        assert await closing.changes(connection, made.id) is None


async def test_a_period_that_is_not_over_is_not_closed(month: Month) -> None:
    month.at = datetime(2026, 3, 31, 16, 59, tzinfo=UTC)
    with pytest.raises(UserError, match="is not over: its last day is 2026-03-31"):
        await month.close(early=True)


async def test_days_for_late_data_are_waited_for_unless_told_otherwise(month: Month) -> None:
    month.at = datetime(2026, 4, 5, 16, 59, tzinfo=UTC)
    with pytest.raises(UserError, match="close it from 2026-04-06 on, or now with --early"):
        await month.close()
    made = await month.close(early=True)
    assert made.basis["early"] is True
    assert made.basis["waited_days"] == 4


async def test_nothing_is_computed_for_a_closing_without_a_reason(month: Month) -> None:
    steps: list[str] = []
    with pytest.raises(UserError, match="say why it is closed"):
        await closing.close(
            month.database, month.settings, month.plan, MARCH, "trà", " ", month.clock,
            progress=steps.append,
        )  # fmt: skip
    assert steps == []


async def test_a_closed_period_is_not_closed_again(month: Month) -> None:
    await month.close()
    with pytest.raises(UserError, match=r"was closed on 10/04/2026 by trà.*restate"):
        await month.close()


async def test_a_period_of_which_nothing_was_recorded_is_not_closed(month: Month) -> None:
    with pytest.raises(UserError, match="nothing at all was recorded"):
        await month.close(parse("2026-01", Rules()))
    assert await month.all_rows(1) == NOTHING


async def test_two_nodes_that_close_at_once_make_one_closing(month: Month) -> None:
    found = await asyncio.gather(month.close(), month.close(), return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["Closing", "UserError"]
    async with month.database.connection() as connection:
        assert len(await closing.listed(connection)) == 1


async def test_facts_that_were_not_rolled_up_yet_are_in_the_closing(month: Month) -> None:
    made = await month.close()
    async with month.database.connection() as connection:
        counted = await connection.fetchval(
            "SELECT numerator FROM closed_figure WHERE closing_id = $1 AND about = 'period'"
            " AND indicator = 'document_signed' AND scope = 'province' AND channel = 'docsys'"
            " AND document_class = 'formal'",
            made.id,
        )
        assert counted == 2
        assert not await connection.fetchval("SELECT count(*) FROM changed_day")


@pytest.mark.parametrize("section", ["accounts", "calendar", "report"])
async def test_every_setting_of_what_is_counted_is_kept_or_is_known_to_decide_nothing(
    section: str,
) -> None:
    kinds: dict[str, type[BaseModel]] = {
        "accounts": AccountSettings, "calendar": CalendarSettings, "report": ReportSettings,
    }  # fmt: skip
    idle = {
        "calendar.hours", "report.superior", "report.issuer", "report.place", "report.close",
        "report.close_after_days", "report.folder", "report.formats", "report.languages",
        "report.agency_sheets",
    }  # fmt: skip
    names = {f"{section}.{field}" for field in kinds[section].model_fields}
    assert names - idle <= {*DECIDING, *DIGESTED}


async def test_what_is_kept_of_the_basis_names_nobody_and_no_place(month: Month) -> None:
    month.change("accounts", system=("nguyen.van.a@so.example",))
    made = await month.close()
    assert "nguyen.van.a" not in str(made.basis)
    assert str(month.settings.state_dir) not in str(made.basis)


# -- it stays --------------------------------------------------------------------------------------


async def test_late_data_leave_the_closed_figures_as_they_were(
    month: Month, recorder: Recorder
) -> None:
    made = await month.close()
    before = await month.all_rows(made.id)
    await recorder.write([LATE])
    restated = await month.restate()
    assert restated is not None
    assert (restated.version, restated.reason) == (2, "số liệu muộn")
    assert restated.facts != made.facts
    assert await month.all_rows(made.id) == before
    async with month.database.connection() as connection:
        assert await closing.find(connection, MARCH) == restated
        assert await closing.find(connection, MARCH, 1) == made
        assert [each.version for each in await closing.listed(connection)] == [1, 2]


async def test_a_restatement_is_written_to_the_audit_log(month: Month, recorder: Recorder) -> None:
    await month.close()
    await recorder.write([LATE])
    await month.restate()
    async with month.database.connection() as connection:
        newest = (await audit.entries(connection))[0]
    assert (newest.action, newest.reason) == ("restate", "số liệu muộn")


async def test_where_nothing_differs_nothing_is_stored(month: Month) -> None:
    await month.close()
    assert await month.restate() is None
    async with month.database.connection() as connection:
        assert len(await closing.listed(connection)) == 1
        assert (
            await connection.fetchval("SELECT count(DISTINCT closing_id) FROM closed_figure") == 1
        )


async def test_a_period_that_is_not_closed_is_not_restated_or_checked(month: Month) -> None:
    for work in (month.restate, month.check):
        with pytest.raises(UserError, match="2026-03 is not closed; `congvu report close 2026-03`"):
            await work()


async def test_a_restatement_needs_a_reason(month: Month) -> None:
    await month.close()
    with pytest.raises(UserError, match="--reason"):
        await closing.restate(
            month.database, month.settings, month.plan, MARCH, "trà", " ", month.clock
        )


async def test_the_days_of_a_closed_period_are_those_that_were_closed(month: Month) -> None:
    period = parse("2026-04@administrative", Rules())
    month.at = datetime(2026, 4, 25, 3, 0, tzinfo=UTC)
    made = await month.close(period)
    month.change("report", administrative_day=10)
    async with month.database.connection() as connection:
        found = await closing.find(connection, parse(period.id, month.settings.report.rules))
    assert found == made
    assert (made.period.first, made.period.last) == (date(2026, 3, 15), date(2026, 4, 14))
    # By the tenth day it would have lost days and gained others.
    assert await month.restate(parse(period.id, month.settings.report.rules)) is None


async def test_rows_of_closings_are_never_changed(database: Database) -> None:
    statements = ("UPDATE {} SET closing_id = DEFAULT", "DELETE FROM {}", "TRUNCATE {}")
    async with database.pool.acquire() as connection:
        for table in (*TABLES, "report_file", "report_delivery"):
            for statement in statements:
                with pytest.raises(asyncpg.RaiseError, match=f"rows of {table} are never changed"):
                    await connection.execute(statement.format(table))


# -- checking --------------------------------------------------------------------------------------


async def test_a_check_says_what_a_restatement_would_change_and_stores_nothing(
    month: Month, recorder: Recorder
) -> None:
    made = await month.close()
    assert not (await month.check()).differs
    await recorder.write([LATE])
    before = await month.all_rows(made.id)
    found = await month.check()
    assert found.differs
    assert found.changes is not None
    (change,) = [
        each for each in found.changes.figures
        if each.after and (each.after.indicator, each.after.scope, each.after.document_class)
        == ("document_signed", "province", "formal")
    ]  # fmt: skip
    assert change.before is not None
    assert change.after is not None
    assert (change.before.numerator, change.before.denominator) == (2, 3)
    assert (change.after.numerator, change.after.denominator) == (3, 4)
    assert await month.all_rows(made.id) == before
    async with month.database.connection() as connection:
        assert len(await closing.listed(connection)) == 1
        assert await connection.fetchval("SELECT count(*) FROM closed_change") == 0


SPOILING = {
    "closed_figure": "UPDATE closed_figure SET numerator = numerator + 1 WHERE indicator ="
    " 'document_signed' AND scope = 'province'",
    "closed_cell": "UPDATE closed_cell SET states[1] = states[1] + 1",
    "closed_document": "DELETE FROM closed_document WHERE overall = 'invalid'",
    "closed_agency": "UPDATE closed_agency SET name = 'Sở Khác' WHERE code = 'so-mot'",
    "closed_verdict": "INSERT INTO closed_verdict VALUES (1, 'so-mot', 'mail', 'formal', false,"
    " true, 'valid', NULL, 9)",
    "closing": "UPDATE closing SET reason = 'khác'",
}


@pytest.mark.parametrize("table", SPOILING)
async def test_a_table_that_was_tampered_with_is_named_and_not_restated(
    month: Month, table: str
) -> None:
    await month.close()
    await month.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER; {SPOILING[table]}")
    found = await month.check()
    assert list(found.spoilt) == [table]
    assert found.differs
    with pytest.raises(UserError, match=f"is not what was closed \\({table}\\)"):
        await month.restate()


# -- provisional -----------------------------------------------------------------------------------


async def test_a_provisional_closing_says_all_of_a_report_and_leaves_nothing(
    month: Month, recorder: Recorder
) -> None:
    made = await month.close()
    await recorder.write([LATE])
    async with (
        month.database.connection() as connection,
        closing.provisional(
            connection, month.settings, month.plan, MARCH, month.clock
        ) as closing_id,
    ):
        found = await closing.by_id(connection, closing_id)
        assert (found.version, found.facts, found.period) == (0, "", MARCH)
        assert await closing.find(connection, MARCH) == made
        counted = await connection.fetchval(
            "SELECT count(*) FROM closed_figure WHERE closing_id = $1", closing_id
        )
        assert counted > 100
    assert await month.all_rows(closing_id) == NOTHING


async def test_two_provisional_ones_and_a_closing_do_not_wait_for_each_other(month: Month) -> None:
    async with (
        month.database.connection() as one,
        closing.provisional(one, month.settings, month.plan, MARCH, month.clock) as first,
        month.database.connection() as other,
        closing.provisional(other, month.settings, month.plan, MARCH, month.clock) as second,
    ):
        assert first != second
        assert (await asyncio.wait_for(month.close(), 30)).version == 1


async def test_measuring_goes_on_while_a_provisional_report_is_written(
    month: Month, recorder: Recorder
) -> None:
    async with (
        month.database.connection() as connection,
        closing.provisional(connection, month.settings, month.plan, MARCH, month.clock),
    ):
        await recorder.write([LATE])
        await asyncio.wait_for(month.measure(), 30)


async def test_a_provisional_closing_cannot_be_kept(database: Database) -> None:
    statement = (
        "INSERT INTO closing (period, version, first_day, last_day, closed_at, actor, reason,"
        " basis, facts) VALUES ('2026-03', 0, '2026-03-01', '2026-03-31', now(), '', '', '{}', '')"
    )
    async with database.pool.acquire() as connection:
        with pytest.raises(asyncpg.RaiseError, match="a provisional closing is never kept"):
            await connection.execute(statement)


async def test_a_period_that_has_not_begun_has_no_provisional_figures(month: Month) -> None:
    async with month.database.connection() as connection:
        with pytest.raises(UserError, match="begins on 2027-01-01"):
            async with closing.provisional(
                connection, month.settings, month.plan, parse("2027-01", Rules()), month.clock
            ):
                pass


# -- what is kept of it ----------------------------------------------------------------------------


async def forget(month: Month, months: int) -> dict[str, int]:
    removed = {}
    async with month.database.connection() as connection:
        for limit in retention.limits(
            PrivacySettings(report_months=months), PostureSettings(), month.at.date()
        ):
            if limit.what == "report":
                for share in await retention.apply(connection, limit, "trà", lambda _: None):
                    removed[share.table] = share.rows
    return removed


async def test_documents_and_facts_of_old_closings_are_forgotten_and_figures_stay(
    month: Month,
) -> None:
    made = await month.close()
    before = await month.all_rows(made.id)
    await month.execute(
        "INSERT INTO report_file VALUES ($1, 'a-signed.pdf', '', 0, '1', now(), 'văn-bản.pdf')",
        made.id,
    )
    assert await forget(month, 6) == {}
    month.at = datetime(2026, 12, 1, tzinfo=UTC)
    assert await forget(month, 6) == {
        "closed_document": len(before["closed_document"]),
        "closed_cell": len(before["closed_cell"]),
        "report_file": 1,
    }
    gone: dict[str, list[str]] = {"closed_document": [], "closed_cell": []}
    assert await month.all_rows(made.id) == before | gone
    found = await month.check()
    assert (list(found.spoilt), sorted(found.forgotten)) == ([], sorted(gone))
    assert "privacy.report_months" in found.unknown
    assert not found.differs
    with pytest.raises(UserError, match="cannot be restated"):
        await month.restate()


async def test_a_period_whose_evidence_retention_has_removed_stays_as_it_is(month: Month) -> None:
    await month.close()
    await month.execute("INSERT INTO kept_since VALUES ('evidence', '2026-03-15')")
    assert "privacy.evidence_months" in (await month.check()).unknown
    with pytest.raises(UserError, match=r"privacy\.evidence_months"):
        await month.restate()


async def test_all_days_on_which_certificates_are_looked_for_are_needed(month: Month) -> None:
    """certificates_ending.sql reads from 90 days before a period's last day on."""
    await month.close()
    await month.execute("INSERT INTO kept_since VALUES ('evidence', '2025-12-31')")
    assert not (await month.check()).unknown
    await month.execute("UPDATE kept_since SET day = '2026-01-01'")
    assert "privacy.evidence_months" in (await month.check()).unknown


async def test_facts_of_removed_days_are_those_of_the_version_before(
    month: Month, recorder: Recorder
) -> None:
    year = parse("2026", Rules())
    month.at = datetime(2027, 1, 10, 3, 0, tzinfo=UTC)
    made = await month.close(year)
    await month.execute("INSERT INTO kept_since VALUES ('evidence', '2026-07-01')")
    await month.execute("DELETE FROM document WHERE day < '2026-07-01'")
    in_august = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
    await recorder.write([filed(document("tám", valid()), at=in_august, sent_at=in_august)])
    restated = await month.restate(year)
    assert {cause[2:] for cause in await month.causes(restated)} >= {("document", "late", 1)}
    assert not any("withdrawn" in cause for cause in await month.causes(restated))
    assert restated is not None
    found = [
        await month.fetch(
            "SELECT document_uid, reasons FROM closed_document WHERE closing_id = $1"
            " AND day < '2026-07-01' ORDER BY 1",
            each.id,
        )
        for each in (made, restated)
    ]
    assert found[0] == found[1] != []


async def test_mail_that_only_arrives_and_what_is_not_counted_changes_nothing(
    month: Month, recorder: Recorder
) -> None:
    await month.close()
    await recorder.write([
        mail("đến", sender_agency=None, at=on(12)),
        filed(document("lạ", verdict(Overall.UNSIGNED)), at=datetime(2026, 4, 2, 2, tzinfo=UTC)),
    ])  # fmt: skip
    assert not (await month.check()).differs


async def test_a_period_that_was_closed_of_other_days_is_not_what_another_is_compared_with(
    month: Month, recorder: Recorder
) -> None:
    """Administrative months began on the 3rd when March's was closed, and begin on the 15th now."""
    await recorder.write([filed(document("đầu tháng"), at=on(2), sent_at=on(2))])
    month.change("report", administrative_day=3)
    early = await month.close(parse("2026-03@administrative", month.settings.report.rules))
    assert early.period.last == date(2026, 3, 2)
    month.change("report", administrative_day=15)
    after = parse("2026-04@administrative", Rules())
    month.at = datetime(2026, 5, 10, 3, 0, tzinfo=UTC)
    made = await month.close(after)
    (found,) = await month.fetch(
        "SELECT DISTINCT first_day, last_day FROM closed_figure WHERE closing_id = $1"
        " AND about = 'previous' AND panel = '' AND document_class = 'formal'", made.id,
    )  # fmt: skip
    assert tuple(found) == (date(2026, 2, 15), date(2026, 3, 14))
