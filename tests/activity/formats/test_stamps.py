"""Time-stamps of logs and their Vietnam days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.activity.formats.stamps import Days
from monitor.clock import VIETNAM, vietnam_day
from tests.activity.formats.reading import read

ZONES = ("Asia/Ho_Chi_Minh", "UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York")
WRITTEN = datetime(2026, 11, 30, tzinfo=UTC)
INSTANTS = st.integers(0, 362 * 24 * 60).map(lambda ago: WRITTEN - timedelta(minutes=ago))


@given(instant=INSTANTS, zone=st.sampled_from(ZONES), padded=st.booleans())
def test_a_day_is_vietnams_whatever_zone_and_notation_the_server_has(
    instant: datetime, zone: str, padded: bool
) -> None:
    local = instant.astimezone(ZoneInfo(zone)).replace(fold=0)
    expected = vietnam_day(local)
    days = Days(ZoneInfo(zone), WRITTEN)
    assert days[local.strftime("%b %d %H:%M" if padded else "%b %e %H:%M").encode()] == expected
    assert days[local.strftime("%Y-%m-%d %H:%M").encode()] == expected
    utc = instant.strftime("%Y-%m-%dT%H:%M").encode()
    assert days[utc + b"Z"] == days[utc + b"+00:00"] == vietnam_day(instant)
    vietnam = instant.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M").encode()
    assert days[vietnam + b"+07:00"] == days[vietnam + b"+0700"] == vietnam_day(instant)


@pytest.mark.parametrize(
    "minute",
    [
        b"Foo  2 08:01", b"Feb 30 08:01", b"Nov  2 25:01", b"Nov    08:01", b"2026-13-02 08:01",
        b"2026-11-02 08:61", b"0000-00-00 00:00", b"0001-01-01T00:00+14:00", b"9999-12-31 23:59",
        b"2026-11-02T08:01+99:99", b"Nov  2 \xff\xff:01", b"1970-01-01 00:00", b"",
    ],
)  # fmt: skip
def test_what_is_no_time_or_not_yet_is_no_day(minute: bytes) -> None:
    assert Days(ZoneInfo("Asia/Ho_Chi_Minh"), WRITTEN)[minute] is None


def test_a_stamp_later_than_its_file_by_more_than_a_days_difference_of_clocks_is_none() -> None:
    days = Days(ZoneInfo("UTC"), WRITTEN)
    for hours, expected in ((23, True), (25, False)):
        at = (WRITTEN + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M").encode()
        assert (days[at] is not None) is expected


def test_the_newest_time_is_of_the_last_line_even_if_that_says_nothing_else() -> None:
    lines = (
        "Nov  2 08:01:02 mail postfix/smtpd[1]: connect from x[10.0.0.1]\n"
        "Nov  2 08:03:59 mail systemd[1]: Started something at 2026-11-29T00:00:00Z\n"
    )
    assert read("postfix", lines).newest == datetime(2026, 11, 2, 8, 3, 59, tzinfo=VIETNAM)
    assert read("postfix", "no time at all\n").newest is None
