"""From a dump of the mail system and a list of the personnel office to the lists to hand on."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.roster.test_zimbra_dumps import account
from tests.support.daemon import DaemonProcess
from tests.support.database import open_folder

PEOPLE = """Mã cán bộ,Họ và tên,Cơ quan,Chức vụ,Email,Từ ngày
CB-1,Nguyễn Văn An,mot,Giám đốc,an@mot.example,01/01/2020
CB-2,Trần Thị Bình,mot,Chuyên viên,binh@mot.example,01/01/2020
CB-3,Lê Chi,hai,Chuyên viên,,01/01/2020
CB-4,Phạm Dũng,hai,Chuyên viên,dung@hai.example,01/01/2020
"""


def gaa() -> str:
    def of(name: str, domain: str, *lines: str) -> str:
        return account(name, *lines).replace("so-khcn.tinh.example", domain)

    return (
        of("an", "mot.example", "zimbraLastLogonTimestamp: 20261118010203.5Z")
        + of("binh", "mot.example", "zimbraAccountStatus: locked")
        + of("dung", "hai.example", "zimbraLastLogonTimestamp: 20250101010203Z")
        + of("ai", "hai.example")
        + of("galsync", "hai.example", "zimbraIsSystemResource: TRUE")
    )


@pytest.fixture(scope="module")
def running() -> Iterator[DaemonProcess]:
    daemon = DaemonProcess(open_folder("congvu-reports-"))
    daemon.start()
    try:
        no_data = daemon.congvu("roster", "report", "people-without-mailbox")
        assert no_data.returncode == 1
        assert "Không có dữ liệu" in no_data.stdout
        lists = (
            ("people", "so-noi-vu", PEOPLE, "2026-11-01"),
            ("accounts", "zimbra", gaa(), "2026-11-20"),
        )
        for kind, source, text, as_of in lists:
            path = daemon.folder / f"{kind}.csv"
            path.write_text(text, encoding="utf-8")
            done = daemon.congvu(
                "roster", "import", str(path), "--kind", kind, "--source", source,
                "--as-of", as_of, "--apply",
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
        yield daemon
    finally:
        daemon.stop()


def report(running: DaemonProcess, kind: str, *more: str) -> dict[str, object]:
    done = running.congvu("roster", "report", kind, "--on", "2026-11-20", "--format", "json", *more)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


REVEALED = ("--reveal", "--reason", "gửi các cơ quan rà soát")


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("people-without-mailbox", {("mot", "cb-2", "locked"), ("hai", "cb-3", "no_address")}),
        ("mailboxes-without-person", {("hai", "ai@hai.example", "never_anybodys")}),
        ("mailboxes-of-people-who-left", set()),
        ("duplicates", set()),
        ("dormant", {("hai", "dung@hai.example", None)}),
        ("never-logged-in", {("hai", "ai@hai.example", None)}),
    ],
)
def test_a_dump_becomes_the_reports(
    running: DaemonProcess, kind: str, rows: set[tuple[str, str, str | None]]
) -> None:
    found = report(running, kind, *REVEALED)
    assert found["total"] == len(rows)
    listed = found["rows"]
    assert isinstance(listed, list)
    assert {
        (row["code"], row.get("staff_number") or row["real_address"], row.get("why"))
        for row in listed
    } == rows
    [noted] = running.sql(
        f"SELECT reason FROM audit WHERE subject = '{kind} on 2026-11-20, {len(rows)} rows'"
    )
    assert noted[0] == "gửi các cơ quan rà soát"


def test_files_are_written_for_their_owner(running: DaemonProcess, tmp_path: Path) -> None:
    target = tmp_path / "mot.csv"
    done = running.congvu(
        "roster", "report", "people-without-mailbox", "--agency", "mot", "-o", str(target)
    )
    assert (done.returncode, done.stdout) == (0, f"{target}: 1 rows\n")
    assert target.stat().st_mode & 0o777 == 0o600
    lines = list(csv.reader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    assert lines[-1] == ["mot", "Sở Thử nghiệm Một", "1"]
    assert "binh@mot.example" not in target.read_text(encoding="utf-8-sig")
    book = tmp_path / "mot.xlsx"
    done = running.congvu("roster", "report", "never-logged-in", "-o", str(book))
    assert done.returncode == 0, done.stderr
    sheet = load_workbook(book).active
    assert sheet is not None
    assert sheet["A1"].value == "Tài khoản chưa từng đăng nhập"


def test_a_table_says_the_day_the_rule_and_the_totals(running: DaemonProcess) -> None:
    done = running.congvu("roster", "report", "dormant", "--language", "en", "--on", "2026-11-20")
    assert done.returncode == 0, done.stderr
    assert "As of 2026-11-20: 1 rows" in done.stdout
    assert "more than 45 days" in done.stdout
    assert "accounts zimbra 2026-11-20" in done.stdout
    assert "hai  Sở Thử nghiệm Hai: 1" in done.stdout


def test_a_challenge_is_answered_by_the_pseudonym_of_a_report(running: DaemonProcess) -> None:
    rows = report(running, "dormant")["rows"]
    assert isinstance(rows, list)
    [row] = rows
    assert "real_address" not in row
    done = running.congvu("roster", "show", row["address"], "--language", "en")
    assert done.returncode == 0, done.stderr
    assert "\n  2020-01-02 – …: hai, personal, enabled\n" in done.stdout
    assert "mail system reports log-on 2025-01-01" in done.stdout
    assert "dung@" not in done.stdout
    shown = running.congvu("roster", "show", "dung@hai.example", *REVEALED, "--json")
    [person] = json.loads(shown.stdout)["people"]
    assert person["staff_number"] == "cb-4"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("report", "dormant", "--reveal"), "--reveal needs --reason"),
        (("report", "dormant", "--agency", "none"), "no such agency"),
        (("report", "dormant", "--on", "2999-01-01"), "is still to come"),
        (("report", "dormant", "--format", "xlsx"), "needs -o FILE"),
        (("report", "dormant", "-o", "a.pdf"), "call the file .csv, .xlsx or .json"),
        (("show", "nobody@mot.example"), "no such address or pseudonym"),
    ],
)
def test_a_mistake_is_one_line(running: DaemonProcess, words: tuple[str, ...], said: str) -> None:
    done = running.congvu("roster", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_early_is_no_fault_of_the_database(running: DaemonProcess) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [
            sys.executable, "-m", "monitor", "roster", "report", "people-without-mailbox",
            "--config", str(running.config),
        ],
        stdout=writer, stderr=subprocess.PIPE, timeout=120, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")
