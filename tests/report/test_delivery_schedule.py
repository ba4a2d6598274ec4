"""Which periods a schedule closes, and how attempts come to a standing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor.periods import Rules, parse
from monitor.report.delivery.handing import (
    FOLDER,
    PROVINCE,
    Attempt,
    Handing,
    Result,
    Standing,
    of_agency,
    standings,
)
from monitor.report.delivery.schedule import due
from monitor.report.forms import Form, file_name
from monitor.settings import ReportSettings
from tests.support.report_sample import sample

NOW = datetime(2026, 11, 6, tzinfo=UTC)
MAIL = Handing(1, PROVINCE, "ai@so.example")


def days(closed: Sequence[str], today: date, **settings: Any) -> list[str]:
    wanted = ReportSettings.model_validate({"close": ["month"], **settings})
    return [each.id for each in due(wanted, [parse(text, Rules()) for text in closed], today)]


def test_a_month_is_due_after_so_many_complete_days() -> None:
    assert days(["2026-09"], date(2026, 11, 5)) == []
    assert days(["2026-09"], date(2026, 11, 6)) == ["2026-10"]
    assert days(["2026-09"], date(2026, 11, 2), close_after_days=1) == ["2026-10"]


def test_what_was_never_closed_begins_with_the_latest_that_has_ended() -> None:
    assert days([], date(2026, 11, 22)) == ["2026-10"]
    assert days([], date(2026, 11, 3)) == ["2026-09"]


def test_a_daemon_that_was_down_catches_up_oldest_first() -> None:
    assert days(["2026-06", "2026-07"], date(2026, 11, 22)) == ["2026-08", "2026-09", "2026-10"]
    assert days(["2025-11"], date(2026, 2, 10)) == ["2025-12", "2026-01"]


def test_what_is_closed_is_not_due_again() -> None:
    assert days(["2026-10"], date(2026, 11, 22)) == []
    assert days(["2026-11"], date(2026, 11, 22)) == []


def test_kinds_are_closed_beside_each_other_in_the_order_of_their_ends() -> None:
    found = days(["2026-05", "2026-Q1"], date(2026, 7, 6), close=["quarter", "month"])
    assert found == ["2026-Q2", "2026-06"]
    assert days([], date(2027, 1, 6), close=["month", "quarter", "half", "year"]) == [
        "2026", "2026-H2", "2026-Q4", "2026-12",
    ]  # fmt: skip


def test_another_kind_or_calendar_that_is_closed_counts_for_nothing() -> None:
    closed = ["2026-07@administrative", "2026-Q3", "cumulative:2026-07", "2026-07-01..2026-07-31"]
    assert days(closed, date(2026, 11, 22)) == ["2026-10"]
    administrative = {"calendar": "administrative"}
    assert days(closed, date(2026, 10, 20), **administrative) == [
        "2026-08@administrative", "2026-09@administrative", "2026-10@administrative",
    ]  # fmt: skip


def test_without_a_schedule_nothing_is_due() -> None:
    assert days(["2026-06"], date(2026, 11, 22), close=[]) == []


def stand(*results: Result) -> Standing:
    rows = [Attempt(MAIL, NOW, each, "") for each in results]
    return standings(rows)[MAIL]


UNKNOWN, SENT, FAILED, REFUSED = Result.UNKNOWN, Result.SENT, Result.FAILED, Result.REFUSED


@pytest.mark.parametrize(
    ("results", "waits"),
    [
        ((), True),
        ((UNKNOWN,), True),  # a crash: once more
        ((UNKNOWN, UNKNOWN), False),  # and no more
        ((UNKNOWN, UNKNOWN, SENT), False),
        ((UNKNOWN, SENT), False),
        ((UNKNOWN, FAILED), True),
        ((UNKNOWN, FAILED, UNKNOWN, FAILED, UNKNOWN, FAILED), True),
        ((UNKNOWN, FAILED, UNKNOWN), True),
        ((UNKNOWN, UNKNOWN, FAILED), True),
        ((UNKNOWN, UNKNOWN, FAILED, UNKNOWN), False),
        ((UNKNOWN, REFUSED), False),
    ],
)
def test_what_an_attempt_left_decides_whether_it_is_tried_again(
    results: tuple[Result, ...], waits: bool
) -> None:
    assert (stand(*results) if results else Standing()).waits is waits


def test_a_mail_that_is_sent_again_on_purpose_is_counted() -> None:
    assert stand(UNKNOWN, SENT, UNKNOWN, SENT).sent == 2
    assert stand(UNKNOWN, SENT, UNKNOWN, FAILED).sent == 1


def test_the_province_is_no_agency_s_code() -> None:
    assert Handing(1, of_agency(None), FOLDER).agency is None
    assert Handing(1, of_agency("province"), FOLDER).agency == "province"
    assert of_agency("province") != of_agency(None)


def test_sheets_of_agencies_never_share_a_file() -> None:
    """Codes are `[a-z0-9._-]`; what is written under one name is handed out under it for good."""
    head = sample().head
    codes = ("so.yt", "so_yt", "so-yt")
    names = {file_name(replace(head, scope="agency", code=code), Form.PDF) for code in codes}
    assert len(names) == len(codes)


def test_an_agency_called_like_a_level_has_a_file_of_its_own() -> None:
    heads = [replace(sample().head, scope=scope, code="commune") for scope in ("agency", "level")]
    assert len({file_name(each, Form.PDF) for each in heads}) == 2
    called = replace(sample().head, scope="agency", code="level-commune")
    assert file_name(called, Form.PDF) != file_name(heads[1], Form.PDF)
