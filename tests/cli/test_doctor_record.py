"""What the doctor finds in the record: lists, the key, the nightly run, coverage."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitor.commands.doctor_record import Found, judged
from monitor.commands.observation import Observation
from monitor.measure.coverage import CoverageDay
from monitor.record.roster_rows import ListStanding

TODAY = date(2026, 11, 22)
FRIDAY = date(2026, 11, 20)
WELL = Found(
    today=TODAY,
    lists=(
        ListStanding("accounts", "zimbra", date(2026, 11, 1), present=True),
        ListStanding("people", "so-noi-vu", date(2026, 10, 8), present=True),
    ),
    rotation_unfinished=False,
    upkeep=TODAY,
    coverage=(CoverageDay(FRIDAY, "so-yt", 100, 99),),
    registers={"so-yt": date(2026, 10, 31)},
)


def seen(found: Found, *, gateway_log: bool = True) -> dict[str, Observation]:
    return {each.what: each for each in judged(found, gateway_log=gateway_log)}


def test_a_record_that_is_well_has_nothing_to_look_at() -> None:
    assert {each.mark for each in seen(WELL).values()} == {"ok"}
    assert seen(WELL)["list of people so-noi-vu"].seen == "as of 08/10/2026, 45 days old"
    assert seen(WELL)["coverage"].seen == "99.0% of 100 messages of the last 5 working days"


@pytest.mark.parametrize(("what", "advice"), [("people", "--kind people"), ("accounts", "--direc")])
def test_lists_that_were_never_imported_are_asked_for(what: str, advice: str) -> None:
    lists = [each for each in WELL.lists if each.what != what]
    found = seen(replace(WELL, lists=lists))[f"list of {what}"]
    assert (found.mark, found.seen) == ("look", "none was ever imported")
    assert advice in found.advice


def test_a_list_older_than_45_days_is_asked_for_again() -> None:
    old = ListStanding("people", "so-noi-vu", date(2026, 10, 7), present=True)
    found = seen(replace(WELL, lists=(WELL.lists[0], old)))["list of people so-noi-vu"]
    assert (found.mark, found.seen) == ("look", "as of 07/10/2026, 46 days old")


def test_a_source_of_which_nothing_is_left_is_not_asked_for_again() -> None:
    merged = ListStanding("accounts", "old-mail", date(2025, 6, 30), present=False)
    assert "list of accounts old-mail" not in seen(replace(WELL, lists=(*WELL.lists, merged)))


def test_registers_that_never_came_or_are_old_are_asked_for() -> None:
    assert seen(WELL)["registers"].seen == "of 1 of 1 agencies"
    never = seen(replace(WELL, registers={"so-yt": None}))["registers"]
    assert never.seen == "none was ever imported: how documents were sent is not known"
    days = {"so-yt": date(2026, 10, 31), "so-tc": date(2026, 9, 30), "xa-a": None}
    late = seen(replace(WELL, registers=days))["registers"]
    assert late.mark == "look"
    assert late.seen == "of 2 of 3 agencies; none of the last 45 days of so-tc, xa-a"


def test_an_unfinished_key_rotation_and_a_nightly_run_that_did_not_come_are_said() -> None:
    found = seen(replace(WELL, rotation_unfinished=True, upkeep=TODAY - timedelta(days=2)))
    assert "rotate-key --apply" in found["key rotation"].advice
    upkeep = found["retention, erasure"]
    assert (upkeep.mark, upkeep.seen) == ("look", "last came to its end on 20/11/2026")
    assert seen(replace(WELL, upkeep=None))["retention, erasure"].seen == "never yet"


def test_yesterdays_nightly_run_is_in_time() -> None:
    found = seen(replace(WELL, upkeep=TODAY - timedelta(days=1)))
    assert found["retention, erasure"].mark == "ok"


def test_low_coverage_names_the_agencies_that_lack_most() -> None:
    days = [
        CoverageDay(FRIDAY - timedelta(days=1), "so-yt", 50, 10),
        CoverageDay(FRIDAY, "so-yt", 50, 50),
        CoverageDay(FRIDAY, "so-ct", 10, 9),
        *(CoverageDay(FRIDAY, f"xa-{number}", number + 1, 0) for number in range(1, 7)),
    ]
    found = seen(replace(WELL, coverage=days))["coverage"]
    assert found.mark == "look"
    assert found.seen == (
        "50.4% of 137 messages of the last 5 working days; below 90%: so-yt 60%, xa-6 0%, "
        "xa-5 0%, xa-4 0%, xa-3 0% and 2 more"
    )
    assert "congvu coverage" in found.advice


def test_nothing_to_compare_is_said_only_where_there_should_be_something() -> None:
    nothing = replace(WELL, coverage=())
    assert seen(nothing)["coverage"].mark == "look"
    assert "coverage" not in seen(nothing, gateway_log=False)
