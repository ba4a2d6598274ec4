"""What dashboards read: every view as Grafana's role sees it, and nothing personal in any."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from monitor.clock import now, vietnam_day
from monitor.commands.viewer import print_sql
from monitor.measure import Measure
from monitor.measure.certificates import expiring
from monitor.measure.funnel import Step, funnel
from monitor.measure.plan import Plan, Target
from monitor.measure.progress import progress
from monitor.measure.shown import store_funnel, store_targets
from monitor.model import (
    ActivityKind,
    Cause,
    Direction,
    DocumentFacts,
    Indication,
    Overall,
    SubIndication,
)
from monitor.record import AgencyRow, Database, Recorder
from monitor.record.connection import Connection
from monitor.settings import AccountSettings, DatabaseSettings, Settings
from tests.measure.accounts_world import World
from tests.support.database import Server
from tests.support.outcomes import digest, document, filed, mail, signature, valid, verdict

TODAY, D17 = date(2026, 3, 18), date(2026, 3, 17)
NOW = datetime(2026, 3, 18, 3, tzinfo=UTC)
AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
    AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
    AgencyRow("xa-mot", "Xã Một", "commune", "tinh"),
]
CANARY = ("canary.person@so.tinh.example", "Chim Hoàng Yến", "Trích yếu chim", "chim-hoang-yen.pdf")
"""Address, name, subject and file name of somebody who must be in no view."""


def on(day: int, hour: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.fixture
async def session(
    database: Database, postgres_server: Server, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Connection]:
    """Of the role, made by what `congvu viewer sql` prints."""
    async with database.connection() as connection:
        name = await connection.fetchval("SELECT current_database()")
    print_sql(Settings(database=DatabaseSettings(dsn=SecretStr(postgres_server.dsn(name)))))
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("\\")]
    admin = await asyncpg.connect(postgres_server.admin_dsn, database=name)
    try:
        await admin.execute("\n".join(lines))
        await admin.execute("SET SESSION AUTHORIZATION congvu_viewer")
        yield admin
    finally:
        await admin.close()


async def views(connection: Connection) -> list[str]:
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'grafana'::regnamespace ORDER BY 1"
    )
    return [row["relname"] for row in rows]


async def test_every_view_works_and_every_table_is_refused(session: Connection) -> None:
    shown = await views(session)
    assert len(shown) > 20
    for view in shown:
        await session.fetch(f"SELECT * FROM grafana.{view}")
    tables = await session.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p', 'v', 'm')"
    )
    assert len(tables) > 50
    for row in tables:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await session.fetch(f'SELECT * FROM public."{row["relname"]}"')


async def test_the_documentation_names_every_view_and_column(session: Connection) -> None:
    found = await session.fetch(
        "SELECT c.relname, string_agg(a.attname, ' ' ORDER BY a.attnum) AS columns FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relnamespace = 'grafana'::regnamespace GROUP BY 1"
    )
    page = (Path(__file__).parents[2] / "docs" / "grafana.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([a-z_]+)` \| .+ \| ([a-z0-9_ ]+) \|$", page, re.MULTILINE)
    assert dict(told) == {row["relname"]: row["columns"] for row in found}


async def test_no_view_has_a_column_that_could_hold_what_is_sealed_or_names_somebody(
    session: Connection,
) -> None:
    columns = await session.fetch(
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) AS type FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relnamespace = 'grafana'::regnamespace"
    )
    counts = {
        "accounts", "certificates", "changes", "checked", "deliveries", "denominator", "documents",
        "domains", "electronic", "failed", "messages", "not_applicable", "numerator", "paperless",
        "parallel", "passed", "people", "same_agencies", "signatures", "undecided", "units_short",
        "unknown",
    }  # fmt: skip
    assert {row["type"] for row in columns} <= {
        "text", "date", "boolean", "integer", "bigint", "double precision",
        "timestamp with time zone", "jsonb",
    }  # fmt: skip
    # What DNS says of a domain to everybody who asks.
    assert {(row["relname"], row["attname"]) for row in columns if row["type"] == "jsonb"} == {
        ("posture", "facts"), ("posture_change", "facts"), ("gateway", "facts"),
    }  # fmt: skip
    assert {row["attname"] for row in columns if row["type"] == "bigint"} <= counts
    words = {"mail_origin_day": "origin"}  # aligned, unaligned, unknown
    assert not {
        row["attname"] for row in columns if words.get(row["relname"]) != row["attname"]
    } & {
        "actor", "file_name", "number", "notation", "subject", "sender", "recipients", "origin",
        "content_hash", "document_uid", "message_uid", "person_id", "account_id", "address_id",
    }  # fmt: skip


async def test_nothing_personal_that_the_recorder_was_given_is_in_any_view(
    session: Connection, database: Database, recorder: Recorder
) -> None:
    address, name, subject, file_name = CANARY
    today = now()
    await database.sync_agencies(AGENCIES)
    mark = signature(
        signer_subject=f"CN={name}", signer_emails=(address,), signer_uid="CMND:CANARY",
        certificate_not_after=today + timedelta(days=20),
    )  # fmt: skip
    facts = {"from_addresses": (address,), "recipients": (address,), "subject": subject}
    signed = document("a", verdict(Overall.VALID, [mark]), file_name=file_name)
    broken = document("b", verdict(Overall.INVALID, [mark]), file_name=file_name)
    await recorder.write(
        [
            mail("1", [signed], at=today, facts=facts),
            filed(broken, at=today, sent_at=today, number="123", notation="CANARY-UBND"),
        ]
    )
    await Measure(database).refresh()
    async with database.connection() as connection:
        await expiring(connection, vietnam_day(today))
        await store_funnel(connection, vietnam_day(today))
    everything = ""
    for view in await views(session):
        for row in await session.fetch(f"SELECT * FROM grafana.{view}"):
            everything += json.dumps([str(value) for value in row.values()], ensure_ascii=False)
    assert "so-mot" in everything
    for word in (*CANARY, "CANARY", "canary", digest("a"), digest("certificate")):
        assert word not in everything


async def rows(database: Database, query: str, *values: object) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(query, *values)]


@pytest.fixture
async def province(database: Database) -> Database:
    await database.sync_agencies(AGENCIES)
    return database


async def measured(database: Database) -> None:
    await Measure(database, lambda: NOW).refresh()


async def test_documents_are_counted_by_verdict_and_why_they_are_not_valid(
    province: Database, recorder: Recorder
) -> None:
    broken = signature(Indication.TOTAL_FAILED, sub_indication=SubIndication.HASH_FAILURE)
    bare = signature(stamped=False)
    await recorder.write(
        [
            mail("1", [document("a", valid())], at=on(17)),
            mail("2", [document("b", verdict(Overall.INVALID, [broken, broken]))], at=on(17)),
            mail("3", [document("c", verdict(Overall.INVALID, [broken]))], at=on(17)),
            mail("4", [document("d", verdict(Overall.VALID, [bare]))], at=on(16)),
            mail("5", [document("e", valid())], at=on(17), relayed=True),
        ]
    )
    await measured(province)
    verdicts = "SELECT verdict, relayed, sum(documents)::integer FROM grafana.verdict_day"
    assert await rows(province, f"{verdicts} WHERE day = $1 GROUP BY 1, 2 ORDER BY 1, 2", D17) == [
        ("invalid", False, 2), ("valid", False, 1), ("valid", True, 1),
    ]  # fmt: skip
    reasons = "SELECT kind, reason, documents FROM grafana.reason_day WHERE code = 'so-mot'"
    assert ("sub_indication", "HASH_FAILURE", 2) in await rows(province, reasons)
    signatures = "SELECT indication, sum(signatures)::integer FROM grafana.signature_day"
    assert await rows(province, f"{signatures} WHERE day = $1 GROUP BY 1 ORDER BY 1", D17) == [
        ("TOTAL-FAILED", 3), ("TOTAL-PASSED", 1),
    ]  # fmt: skip


async def test_a_day_that_is_counted_anew_replaces_what_was_counted(
    province: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("1", [document("a", valid())], at=on(17))])
    await measured(province)
    await recorder.write([mail("2", [document("b", valid())], at=on(17))])
    await measured(province)
    for view, count in (("verdict_day", "documents"), ("signature_day", "signatures"),
                        ("mail_day", "messages")):  # fmt: skip
        total = f"SELECT sum({count})::integer FROM grafana.{view} WHERE code = 'so-mot'"
        assert await rows(province, total) == [(2,)], view


async def test_mail_counts_for_who_sent_it_and_for_each_agency_that_received_it(
    province: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            mail("1", to=("so-hai", "xa-mot"), at=on(17)),
            mail("2", to=(), direction=Direction.INTERNAL, at=on(17)),
        ]
    )
    await measured(province)
    found = await rows(
        province, "SELECT code, direction, messages FROM grafana.mail_day ORDER BY 1, 2"
    )
    assert found == [
        ("so-hai", "in", 1), ("so-mot", "internal", 1), ("so-mot", "out", 1), ("xa-mot", "in", 1),
    ]  # fmt: skip


async def test_a_day_is_of_the_level_that_an_agency_had_then(
    database: Database, recorder: Recorder
) -> None:
    await database.sync_agencies(AGENCIES)
    async with database.connection() as connection:
        await connection.execute(
            "DELETE FROM agency_period;"
            "INSERT INTO agency_period (agency_id, first_day, last_day, name, level)"
            " SELECT agency_id, date '2015-01-01', date '2026-03-15', 'Phòng Một', 'district'"
            " FROM agency WHERE code = 'so-mot' UNION ALL"
            " SELECT agency_id, '2026-03-16', date 'infinity', 'Sở Một', 'department' FROM agency"
            " WHERE code = 'so-mot'"
        )
    await recorder.write(
        [mail(str(day), [document(str(day), valid())], at=on(day)) for day in (12, 13, 17)]
    )
    await measured(database)
    query = (
        "SELECT scope, code, name, sum(denominator)::integer FROM grafana.day"
        " WHERE indicator = 'document_signed' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    assert await rows(database, query) == [
        ("agency", "so-mot", "Phòng Một", 2), ("agency", "so-mot", "Sở Một", 1),
        ("level", "department", "department", 1), ("level", "district", "district", 2),
        ("province", "province", "province", 3),
    ]  # fmt: skip


async def test_history_ends_where_the_figures_of_this_moment_stand(
    database: Database, recorder: Recorder
) -> None:
    """The newest row of `rolling` is the figure, its process interval too."""
    await database.sync_agencies(AGENCIES)
    today = vietnam_day(now())
    outcomes = []
    for back in range(1, 45):
        at = datetime(today.year, today.month, today.day, 2, tzinfo=UTC) - timedelta(days=back)
        for n in range(1 + back % 4):
            judged = valid() if (back + n) % 3 else verdict()
            outcomes.append(mail(f"{back}-{n}", [document(f"{back}-{n}", judged)], at=at))
    await recorder.write(outcomes)
    await Measure(database).refresh()
    newest = await rows(
        database,
        "SELECT DISTINCT ON (scope, code, window_name) scope, code, window_name, numerator::bigint,"
        " denominator::bigint, ratio, round(low::numeric, 6), round(high::numeric, 6)"
        " FROM grafana.rolling WHERE indicator = 'document_signed'"
        " ORDER BY scope, code, window_name, day DESC",
    )
    figures = await rows(
        database,
        "SELECT scope, code, window_name, numerator, denominator, ratio,"
        " round(process_low::numeric, 6), round(process_high::numeric, 6) FROM grafana.figure"
        " WHERE indicator = 'document_signed' AND document_class = 'formal' AND channel = 'mail'"
        " AND window_name IN ('wd5', 'wd20_prior') AND denominator > 0"
        " ORDER BY scope, code, window_name",
    )
    assert newest == figures
    assert len(newest) == 6


async def test_a_week_that_was_verified_whole_has_no_width(
    province: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            mail("1", [document("a", valid())], at=on(9)),
            mail("2", [document("b")], at=on(13)),
            mail("3", [document("c")], at=on(16)),
        ]
    )
    await measured(province)
    found = await rows(
        province,
        "SELECT day, numerator, denominator, ratio, low, high FROM grafana.trend"
        " WHERE indicator = 'document_signed' AND scope = 'province' ORDER BY 1",
    )
    assert found == [
        (date(2026, 3, 9), 1, 2, 0.5, 0.5, 0.5), (date(2026, 3, 16), 0, 1, 0, 0, 0),
    ]  # fmt: skip
    habits = await rows(
        province,
        "SELECT process_low, process_high FROM grafana.trend"
        " WHERE indicator = 'document_signed' AND scope = 'province' ORDER BY day",
    )
    [(low, high), (zero, above)] = habits
    assert 0 < low < 0.5 < high < 1
    assert 0 == zero < above


async def test_a_sample_is_estimated_with_an_interval_in_days_and_weeks(
    province: Database,
) -> None:
    """Forty of a hundred messages drawn, one document each, thirty of them signed."""
    async with province.connection() as connection:
        await connection.execute(
            "INSERT INTO day_fact (day, indicator, agency_id, channel, document_class, numerator,"
            " denominator, undecided, rate, units, sampled_units, clusters, sampled_clusters,"
            " yy, xy, xx, xu, uu) SELECT '2026-03-10', 'document_signed', agency_id, 'mail',"
            " 'formal', 30, 40, 0, 0.4, 100, 40, 100, 40, 30, 30, 40, 40, 40 FROM agency"
            " WHERE code = 'so-mot'"
        )
    [day] = await rows(
        province, "SELECT numerator, denominator, checked FROM grafana.day WHERE scope = 'agency'"
    )
    assert day == (75, 100, 40)
    [week] = await rows(
        province,
        "SELECT numerator, denominator, ratio, low, high FROM grafana.trend WHERE scope = 'agency'",
    )
    assert week[:3] == (75, 100, 0.75)
    assert 0.5 < week[3] < 0.70
    assert 0.80 < week[4] < 0.95


async def ranked(
    database: Database, *given: tuple[str, float, float, float]
) -> dict[str, tuple[int, int, int]]:
    """Places of agencies with a ratio and its interval: best, worst, group."""
    async with database.connection() as connection:
        await connection.execute("DELETE FROM figure")
        for code, ratio, low, high in given:
            await connection.execute(
                "INSERT INTO agency (code, name, level) VALUES ($1, $1, 'commune')"
                " ON CONFLICT DO NOTHING",
                code,
            )
            await connection.execute(
                "INSERT INTO figure (indicator, scope, code, channel, document_class, window_name,"
                " first_day, last_day, numerator, denominator, undecided, ratio, process_low,"
                " process_high, sample_fraction, state) VALUES ('document_signed', 'agency', $1,"
                " 'mail', 'formal', '30d', $2, $2, 1, 2, 0, $3, $4, $5, 1, 'ok')",
                code, TODAY, ratio, low, high,
            )  # fmt: skip
    found = await rows(
        database,
        "SELECT code, place_best, place_worst, place_group FROM grafana.ranking"
        " WHERE among = 'province'",
    )
    return {code: tuple(places) for code, *places in found}


async def test_agencies_whose_intervals_overlap_share_a_place(database: Database) -> None:
    assert await ranked(
        database, ("a", 0.9, 0.85, 0.95), ("b", 0.88, 0.8, 0.93), ("c", 0.5, 0.4, 0.6),
        ("d", 0.45, 0.35, 0.55), ("e", 0.1, 0.05, 0.2),
    ) == {
        "a": (1, 2, 1), "b": (1, 2, 1), "c": (3, 4, 2), "d": (3, 4, 2), "e": (5, 5, 3),
    }  # fmt: skip


async def test_a_wide_interval_reaches_the_best_group_and_says_so(database: Database) -> None:
    places = await ranked(
        database, ("a", 0.9, 0.85, 0.95), ("b", 0.5, 0.45, 0.55), ("small", 0.4, 0.05, 0.9)
    )
    assert places == {"a": (1, 2, 1), "b": (2, 3, 2), "small": (1, 3, 1)}


async def test_without_intervals_equal_figures_share_a_place(database: Database) -> None:
    places = await ranked(
        database, ("a", 0.5, 0.5, 0.5), ("b", 0.5, 0.5, 0.5), ("c", 0.4, 0.4, 0.4)
    )
    assert places == {"a": (1, 2, 1), "b": (1, 2, 1), "c": (3, 3, 2)}


async def test_a_figure_that_may_not_be_used_has_no_place(database: Database) -> None:
    await ranked(database, ("a", 0.5, 0.4, 0.6), ("b", 0.9, 0.8, 1.0))
    async with database.connection() as connection:
        await connection.execute("UPDATE figure SET state = 'stale' WHERE code = 'b'")
    found = await rows(
        database,
        "SELECT code, place_best, place_group FROM grafana.ranking WHERE among = 'level:commune'"
        " ORDER BY 1",
    )
    assert found == [("a", 1, 1), ("b", None, None)]


async def test_two_months_are_compared_over_the_agencies_that_were_there_in_both(
    database: Database, recorder: Recorder
) -> None:
    await database.sync_agencies(AGENCIES)
    first = vietnam_day(now()).replace(day=1)
    last_month = (first - timedelta(days=1)).replace(day=1)
    before = (last_month - timedelta(days=1)).replace(day=1)
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE agency_period SET last_day = $1 WHERE agency_id ="
            " (SELECT agency_id FROM agency WHERE code = 'so-hai')",
            last_month - timedelta(days=1),
        )

    def at(day: date) -> datetime:
        return datetime(day.year, day.month, 10, 2, tzinfo=UTC)

    await recorder.write(
        [
            mail("1", [document("a", valid())], at=at(last_month)),
            mail("2", [document("b", valid())], at=at(before)),
            mail("3", [document("c")], at=at(before)),
            mail("4", [document("d")], sender_agency="so-hai", to=("so-mot",), at=at(before)),
        ]
    )
    await Measure(database).refresh()
    [found] = await rows(
        database,
        "SELECT ratio, against_numerator, against_denominator, same_agencies, same_ratio,"
        " same_against_numerator, same_against_denominator FROM grafana.same_agencies"
        " WHERE month = $1 AND against = 'month_before' AND indicator = 'document_signed'"
        " AND scope = 'province' AND channel = 'mail'",
        last_month,
    )
    assert found == (1, 1, 3, 1, 1, 1, 2)


# -- the funnel of every agency ------------------------------------------------------------------


async def send(
    database: Database, recorder: Recorder, name: str, world: World, address: str,
    documents: Sequence[DocumentFacts],
) -> None:  # fmt: skip
    """A recorded mail of an address; the recorder's own way to it is tested elsewhere."""
    await recorder.write([mail(name, documents, at=on(10))])
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE message SET sender_address_id = $1 WHERE message_key = $2",
            await world.address(address), bytes.fromhex(digest(f"message {name}")),
        )  # fmt: skip


@pytest.fixture
async def world(database: Database, recorder: Recorder) -> World:
    made = World(database)
    await made.agency("so-mot", level="department")
    await made.agency("so-hai", level="department")
    for name, role in (("lead", "leader"), ("signs", "staff"), ("broken", "staff"),
                       ("plain", "staff")):  # fmt: skip
        await made.official(name, "so-mot", role)
        await made.active(name, date(2026, 3, 9), kind=ActivityKind.LOGIN)
    await made.official("elsewhere", "so-hai")
    broken = verdict(Overall.INDETERMINATE, [signature()], cause=Cause.SIGNER)
    sent = {
        "lead": [document("a", valid())], "signs": [document("b", valid())],
        "broken": [document("c", broken), document("d")], "plain": [document("e")],
    }  # fmt: skip
    for name, documents in sent.items():
        await send(database, recorder, name, made, name, documents)
    return made


async def test_the_stored_funnel_is_that_of_the_command_for_every_agency(
    world: World, database: Database
) -> None:
    async with database.connection() as connection:
        await store_funnel(connection, TODAY)
        asked = await funnel(
            connection, AccountSettings(), "so-mot", TODAY - timedelta(days=30), D17
        )
    assert asked
    wanted = {
        (each.step.value, role): people for each in asked.levels
        for role, people in (("", each.people), ("leader", each.leaders))
        if each.step in {Step.SENDS, Step.SIGNS, Step.VALIDATES}
    }  # fmt: skip
    found = await rows(
        database,
        "SELECT step, role, people FROM grafana.funnel WHERE scope = 'agency' AND code = 'so-mot'",
    )
    assert {(step, role): people for step, role, people in found} == wanted
    assert wanted["sends", ""] == 4
    assert wanted["signs", "leader"] == 1


async def test_groups_of_the_funnel_are_sums_and_an_agency_that_sent_nothing_is_zero(
    world: World, database: Database
) -> None:
    async with database.connection() as connection:
        await store_funnel(connection, TODAY)
        await store_funnel(connection, TODAY)  # the same again
    found = await rows(
        database,
        "SELECT scope, code, people FROM grafana.funnel WHERE step = 'sends' AND role = ''"
        " ORDER BY 1, 2",
    )
    assert found == [
        ("agency", "so-hai", 0), ("agency", "so-mot", 4), ("level", "department", 4),
        ("province", "province", 4),
    ]  # fmt: skip


async def test_where_no_sender_was_ever_captured_the_steps_are_unknown(database: Database) -> None:
    made = World(database)
    await made.agency("so-mot")
    await made.official("one", "so-mot")
    async with database.connection() as connection:
        await store_funnel(connection, TODAY)
    assert await rows(database, "SELECT * FROM grafana.funnel WHERE step = 'sends'") == []


# -- targets -------------------------------------------------------------------------------------


async def test_targets_stand_with_gap_and_path_and_go_when_the_plan_drops_them(
    province: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            mail("1", [document("a", valid())], at=on(17)),
            mail("2", [document("b")], at=on(17)),
        ]
    )
    await measured(province)
    target = Target.model_validate(
        {
            "id": "ky-so", "name": "Văn bản ký số", "indicator": "mail_signed",
            "scope": "province", "value": "100%", "due": date(2026, 12, 31),
            "baseline": {"on": date(2026, 1, 1), "value": "60%"},
        }
    )  # fmt: skip
    async with province.connection() as connection:
        await store_targets(connection, await progress(connection, Plan("x", (target,)), TODAY))
    [found] = await rows(
        province,
        "SELECT target, title, code, ratio, gap, assessment, path > ratio, path_gap > 0,"
        " units_short FROM grafana.target",
    )
    assert found == ("ky-so", "Văn bản ký số", "province", 0.5, 0.5, "behind", True, True, 1)
    async with province.connection() as connection:
        await store_targets(connection, [])
    assert await rows(province, "SELECT * FROM grafana.target") == []
