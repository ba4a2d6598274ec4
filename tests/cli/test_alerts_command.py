"""`congvu alerts` beside a running daemon: what dropped, and taking note of it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from monitor import clock
from monitor.calendar import WorkingCalendar
from monitor.commands.alerts import show_proofs
from monitor.measure.drops import Drop, Share
from monitor.measure.figures import Scope
from monitor.settings import CalendarSettings
from tests.support.daemon import DaemonProcess
from tests.support.database import open_folder

TODAY = clock.vietnam_day(clock.now())
CALENDAR = WorkingCalendar(CalendarSettings(), TODAY.year)
DAYS = CALENDAR.working_days(TODAY - timedelta(days=120), TODAY - timedelta(days=1))
SHARE = Share(DAYS[-30], DAYS[-7], 360, 400)
FACT = """
INSERT INTO day_fact (day, indicator, agency_id, channel, document_class, base, numerator,
        denominator, undecided)
SELECT day, 'document_signed', agency_id, 'docsys', 'formal', '', {numerator}, 20, 0
FROM agency, unnest('{{{days}}}'::date[]) day WHERE code = '{code}' RETURNING 1
"""


def facts(daemon: DaemonProcess, code: str, days: list[date], numerator: int) -> None:
    listed = ",".join(day.isoformat() for day in days)
    daemon.sql(FACT.format(numerator=numerator, days=listed, code=code))


@pytest.fixture(scope="module")
def running() -> Iterator[DaemonProcess]:
    daemon = DaemonProcess(open_folder("congvu-alerts-"))
    daemon.start()
    daemon.wait_for(
        lambda: bool(daemon.sql("SELECT 1 FROM agency WHERE code = 'mot'")), "the registry"
    )
    facts(daemon, "hai", DAYS, 18)
    facts(daemon, "mot", DAYS[:-3], 18)
    facts(daemon, "mot", DAYS[-3:], 5)
    yield daemon
    daemon.stop()


def shown(daemon: DaemonProcess, *words: str) -> list[dict[str, Any]]:
    done = daemon.congvu("alerts", *words, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def of_agencies(found: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(each["code"], each["drop_days"]) for each in found if each["scope"] == "agency"]


def test_a_drop_is_listed_acknowledged_and_gone(running: DaemonProcess) -> None:
    assert of_agencies(shown(running, "list")) == [("mot", 3)]
    assert sorted(of_agencies(shown(running, "list", "--all"))) == [("hai", 0), ("mot", 3)]
    page = running.congvu("alerts", "list").stdout
    assert f"giảm từ {DAYS[-3]:%d/%m/%Y}, 3 ngày làm việc" in page
    assert "90,0% (360/400)" in page
    days = ", ".join(f"{day:%d/%m}" for day in DAYS[-5:])
    assert f"mot, Văn bản có chữ ký số (phần mềm văn bản): các ngày {days}, so với mốc " in page
    seen = f"--channel docsys --from {DAYS[-5]} --to {DAYS[-1]}\n"
    assert f"  congvu documents list --agency mot {seen}" in page
    assert "Không tính" not in page

    done = running.congvu("alerts", "acknowledge", "--agency", "mot", "--reason", "phần mềm mới")
    assert done.returncode == 0, done.stderr
    assert "Đã ghi nhận: Văn bản có chữ ký số (phần mềm văn bản), mot: " in done.stdout
    (after,) = [each for each in shown(running, "list") if each["code"] == "mot"]
    assert (after["drop_days"], after["acknowledged"]) == (0, DAYS[-1].isoformat())
    rows = running.sql("SELECT action, subject, reason FROM audit WHERE action = 'acknowledge'")
    subject = f"agency mot document_signed docsys until {DAYS[-1]}"
    assert [tuple(row) for row in rows] == [("acknowledge", subject, "phần mềm mới")]


def test_a_day_that_was_not_compared_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    drop = Drop(
        "document_signed", Scope.AGENCY, "mot", "docsys", SHARE, 0.8, SHARE, 3, DAYS[-3], 0, None,
        0, None, DAYS[-1], None, (*DAYS[-6:-4], *DAYS[-3:]),
    )  # fmt: skip
    show_proofs([drop], CALENDAR)
    assert f"  Không tính {DAYS[-4]:%d/%m}: nguồn ngừng" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--agency", "khong-co"), "khong-co: no such agency"),
        (("--agency", "hai"), "hai: nothing holds there"),
        (("--group", "sao-hoa"), "sao-hoa: no agency is of this level"),
        ((), "say either --agency CODE or --group LEVEL"),
        (("--agency", "hai", "--indicator", "freemail"), "--indicator freemail: one of"),
    ],
)
def test_what_cannot_be_acknowledged_is_told(
    running: DaemonProcess, words: tuple[str, ...], said: str
) -> None:
    done = running.congvu("alerts", "acknowledge", *words, "--reason", "thử")
    assert done.returncode == 2
    assert said in done.stderr
