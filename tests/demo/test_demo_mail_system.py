"""The demo's lists and logs are what the product reads, and hold what they promise."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from monitor import settings
from monitor.activity.formats.postfix import Postfix
from monitor.activity.formats.zimbra_audit import ZimbraAudit
from monitor.activity.lines import BIT, Found
from monitor.agencies import Registry
from monitor.demo import logs
from monitor.demo.agencies import FOLDER_AGENCIES, active
from monitor.demo.feeder import Feeder
from monitor.demo.mail_system import (
    ACCOUNTS,
    AUDIT_LOG,
    BROKEN_JOURNAL,
    MAIL_LOG,
    PEOPLE,
    PEOPLE_BEFORE,
)
from monitor.demo.officials import Habit, Status, staff_of
from monitor.demo.province import DemoPlan, prepare
from monitor.measure import plan as plans
from monitor.model import ActivityKind, Channel
from monitor.roster.people import FIELDS
from monitor.roster.zimbra import read_zmprov
from monitor.tables import read

NOW = datetime(2026, 11, 4, 8, 30, tzinfo=UTC)
"""A Wednesday."""
TODAY = date(2026, 11, 4)


def at_noon() -> datetime:
    return NOW


def _found(plan: DemoPlan, log: Path) -> Found:
    sources = settings.load(plan.config_path).logs
    source = next(source for source in sources if source.path == plan.state_dir / log)
    reader = Postfix(source) if source.format == "postfix" else ZimbraAudit(source)
    return reader.read((plan.state_dir / log).read_bytes(), NOW)


def _days(found: Found, kind: ActivityKind) -> dict[str, int]:
    counted: dict[str, int] = {}
    for (address, _), kinds in found.activity.items():
        counted[address] = counted.get(address, 0) + bool(kinds & BIT[kind])
    return counted


def test_the_personnel_list_is_read_without_a_problem(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 1, at_noon)
    table = read(tmp_path / PEOPLE_BEFORE, FIELDS)
    rows = list(table.rows)
    assert table.problems == []
    assert len(rows) == len(plan.mail_system.staff.officials) == 150
    names = {agency.name for agency in Registry.load(tmp_path / "agencies.toml").agencies}
    assert {row.values["agency"] for row in rows} <= names
    left = [row for row in rows if "to" in row.values]
    assert [table.date(row, "to") is not None for row in left] == [True] * 5
    now = read(tmp_path / PEOPLE, FIELDS)
    there = {row.values["staff_number"] for row in now.rows}
    assert there == {row.values["staff_number"] for row in rows if "to" not in row.values}


def test_the_dump_is_read_without_a_problem_and_has_what_is_wrong_on_purpose(
    tmp_path: Path,
) -> None:
    staff = prepare(tmp_path, 1, at_noon).mail_system.staff
    listing = read_zmprov(tmp_path / ACCOUNTS, TODAY)
    accounts = {entry.address: entry for entry in listing.entries}
    assert listing.problems == []
    owned = {entry.staff_number for entry in accounts.values()}
    defects = staff.defects
    assert owned.isdisjoint(defects["without_mailbox"])
    assert all(accounts[address].staff_number is None for address in defects["without_person"])
    by_number = {entry.staff_number: entry for entry in accounts.values() if entry.staff_number}
    states = {kind: {by_number[n].state for n in defects[kind]} for kind in ("locked", "closed")}
    assert states == {"locked": {"locked"}, "closed": {"closed"}}
    assert {by_number[n].last_login for n in defects["never_logged_in"]} == {None}
    assert all(agency.mailbox in accounts for agency in active(TODAY))
    assert sum(entry.kind == "system" for entry in accounts.values()) == 4


def test_the_history_shows_habits_and_ends_where_the_province_begins(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 1, at_noon)
    found = _found(plan, AUDIT_LOG)
    assert found.unknown == 0
    assert found.failures > 0
    assert found.newest is not None
    assert NOW - timedelta(hours=3) < found.newest < NOW
    logins, polls = _days(found, ActivityKind.LOGIN), _days(found, ActivityKind.IMAP)
    accounts = plan.mail_system.staff.accounts
    working = [a for a in accounts if a.status is Status.ACTIVE and a.until is None]
    daily = [logins[a.address] for a in working if a.habit is Habit.DAILY]
    polling = [a.address for a in working if a.habit is Habit.POLLING]
    assert min(daily) > 25
    assert max(logins.get(address, 0) for address in polling) < 10
    assert min(polls[address] for address in polling) > 55
    assert not any(logins.get(a.address) for a in accounts if a.habit is Habit.NEVER)


def test_who_left_or_is_locked_does_not_log_in(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 1, at_noon)
    found = _found(plan, AUDIT_LOG)
    accounts = {account.address: account for account in plan.mail_system.staff.accounts}
    for address, day in found.activity:
        assert accounts[address].status is Status.ACTIVE
        assert day <= (accounts[address].until or day)


def test_the_same_seed_makes_the_same_lists_and_another_makes_others(tmp_path: Path) -> None:
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        prepare(tmp_path / name, seed, at_noon)
    for file in (PEOPLE, PEOPLE_BEFORE, ACCOUNTS, AUDIT_LOG):
        first, again, other = ((tmp_path / name / file).read_bytes() for name in "abc")
        assert first == again
        assert first != other


def test_a_second_start_keeps_the_logs_and_the_lists(tmp_path: Path) -> None:
    prepare(tmp_path, 1, at_noon)
    before = [
        (tmp_path / file).read_bytes() for file in (PEOPLE, PEOPLE_BEFORE, ACCOUNTS, AUDIT_LOG)
    ]
    prepare(tmp_path, 1, lambda: NOW + timedelta(days=9))
    assert [
        (tmp_path / file).read_bytes() for file in (PEOPLE, PEOPLE_BEFORE, ACCOUNTS, AUDIT_LOG)
    ] == before


async def test_the_gateways_log_names_each_mail_of_an_official_once(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 1, at_noon)
    feeder = Feeder(plan, 1e6, at_noon, deliver=lambda _from, _payload: None)
    await feeder.run(60)
    found = _found(plan, MAIL_LOG)
    assert found.unknown == 0
    mails = [s.expected for s in feeder.sent if s.expected.channel is Channel.MAIL]
    own = {e.message_id for e in mails if e.agency is not None}
    today = {message_id for message_id in found.sent if ".past." not in message_id}
    copied = {message_id for message_id in today if ".uncopied." not in message_id}
    assert own <= copied
    assert len(copied) < len(mails), "mail from the internet is nobody's"
    lost = {
        sender.partition("@")[2] for id_, (sender, _) in found.sent.items() if id_ in today - copied
    }
    assert lost == {f"{BROKEN_JOURNAL.removeprefix('hs-')}.hoasen.demo.example"}


async def test_somebody_logs_in_while_the_feeder_runs(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 1, at_noon)
    before = (tmp_path / AUDIT_LOG).stat().st_size
    later = NOW + timedelta(hours=1)
    for _ in range(50):
        plan.mail_system.live(later)
    added = (tmp_path / AUDIT_LOG).read_bytes()[before:]
    assert added.count(b"protocol=soap;\n") > 10
    assert b"protocol=imap;\n" in added
    assert added.endswith(b";\n")
    assert _found(plan, AUDIT_LOG).newest == later


async def test_nobody_logs_in_who_does_not_on_that_day(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 1, at_noon)
    sunday = datetime(2026, 11, 8, 3, 0, tzinfo=UTC)
    for _ in range(300):
        plan.mail_system.live(sunday)
    found = _found(plan, AUDIT_LOG)
    here = {
        address
        for (address, day), kinds in found.activity.items()
        if day == date(2026, 11, 8) and kinds & BIT[ActivityKind.LOGIN]
    }
    assert len(here) < 15


def test_a_log_is_renamed_when_it_has_grown_and_the_oldest_goes(tmp_path: Path) -> None:
    log = logs.RotatedLog(tmp_path / "a.log", rotate_bytes=10)
    for number in range(6):
        log.append([f"line {number} is long\n"])
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {
        "a.log.1": "line 5 is long\n", "a.log.2": "line 4 is long\n",
        "a.log.3": "line 3 is long\n",
    }  # fmt: skip
    log.append(["x\n"])
    assert (tmp_path / "a.log").read_text() == "x\n"


def test_the_plan_is_read_and_one_target_asks_to_be_confirmed(tmp_path: Path) -> None:
    loaded = settings.load(prepare(tmp_path, 1, at_noon).config_path)
    assert loaded.measure.targets is not None
    plan = plans.read(loaded.measure.targets)
    assert [target.id for target in plan.targets if not target.counts] == ["thuong-xuyen"]
    assert {target.due for target in plan.targets} == {date(2027, 12, 31)}


def test_officials_have_posts_and_no_names() -> None:
    staff = staff_of(7, TODAY)
    for official in staff.officials:
        assert re.fullmatch(r"(Lãnh đạo|Trưởng phòng|Chuyên viên|Văn thư) DEMO \d\d", official.name)
    assert {o.agency.code for o in staff.officials} >= set(FOLDER_AGENCIES)
