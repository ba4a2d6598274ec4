"""`congvu axis` as it is called: lists to telephone by, and one document from end to end."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from monitor.clock import VIETNAM
from monitor.model import AxisReference, AxisStatus, Business
from monitor.record import AgencyRow, Database, Recorder
from tests.support.axis import sent, told
from tests.support.database import Server
from tests.support.outcomes import document, valid

Congvu = Callable[..., subprocess.CompletedProcess[str]]
EVIL = "=cmd|' /C calc'!A0\x1b[2J"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Vietnam time in March 2020, whose 2nd is a Monday: long ago, whenever this runs."""
    return datetime(2020, 3, day, hour, minute, tzinfo=VIETNAM)


@pytest.fixture
async def congvu(
    database: Database, recorder: Recorder, postgres_server: Server, tmp_path: Path
) -> Congvu:
    """Run `congvu` on a database with three documents."""
    await database.sync_agencies(
        [
            AgencyRow("so-mot", "Sở Một", "department", "tinh"),
            AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
        ]
    )
    await recorder.write(
        [
            sent("ma-1", [document("a", valid())], at=at(2, 9), to=("H99.2", "G01.5"), paper=True),
            told(AxisStatus.ARRIVED, "ma-1", at=at(2, 9, 5)),
            told(AxisStatus.RECEIVED, "ma-1", at=at(2, 8)),
            told(AxisStatus.DONE, "ma-1", at=at(4, 10, 30)),
            sent("ma-2", at=at(3, 9), number=EVIL, notation=None, to=("H99.2",)),
            sent("ma-3", at=at(4, 9), sender="G01", to=("H99.1",), number="77", notation="BTC"),
            told(AxisStatus.OTHER, "ma-9", at=at(4, 9)),
            sent(
                "ma-4", at=at(5, 9), number="15", to=("G01.5",), business=Business.REPLACE,
                concerns=(AxisReference(document_id="ma-1"),),
            ),
        ]
    )  # fmt: skip
    async with database.connection() as connection:
        name = await connection.fetchval("SELECT current_database()")
    config = tmp_path / "congvu.toml"
    config.write_text(
        f'state_dir = "{postgres_server.state_dir}"\n[database]\n'
        f'dsn = "{postgres_server.dsn(name)}"\n'
    )

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "monitor", "axis", *words, "--config", str(config)],
            capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
        )  # fmt: skip

    return run


def test_what_receivers_never_took_up_is_listed_oldest_first_in_vietnamese(congvu: Congvu) -> None:
    done = congvu("late", "--agency", "so-mot")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if "/2020" in line]
    # 12/QĐ-SM was replaced with G01.5, so nobody waits for it there.
    assert [line.split()[0] for line in lines] == ["=cmd|'", "15/QĐ-SM"]
    for expected in ("Sở Hai", "H99.2", "đã gửi, quá hạn tiếp nhận"):
        assert expected in lines[0]
    for expected in ("Cơ quan G01.5", "Sở Một"):
        assert expected in lines[1]
    assert "Quá hạn: bên nhận chưa tiếp nhận sau 3 ngày làm việc" in done.stdout
    assert "\x1b" not in done.stdout


def test_our_own_slow_receivers_are_the_other_list(congvu: Congvu) -> None:
    done = congvu("late", "--direction", "in", "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["document_ref"], each["agency"]) for each in found] == [
        ("ma-2", "so-hai"), ("ma-3", "so-mot"),
    ]  # fmt: skip
    assert all(each["working_days_waited"] > 1000 for each in found)


def test_a_list_has_states_durations_and_what_is_lacking(congvu: Congvu) -> None:
    done = congvu("list", "--to", "2020-03-02", "--language", "en")
    assert done.returncode == 0, done.stderr
    assert "2 deliveries" in done.stdout
    assert "done" in done.stdout
    assert "Of 1 documents only statuses have been seen." not in done.stdout  # received on the 4th
    everything = congvu("list", "--limit", "1")
    assert "mới hiện 1 dòng" in everything.stdout
    assert "1 văn bản chỉ thấy trạng thái" in everything.stdout
    only = congvu("list", "--state", "done", "--json")
    (found,) = map(json.loads, only.stdout.splitlines())
    assert found["seconds_to_arrived"] == 300
    assert found["seconds_to_taken"] is None  # received an hour before it was sent
    assert found["seconds_to_done"] == 2 * 86400 + 5400
    assert found["clocks_contradict"] is True
    assert found["working_days_waited"] is None


def test_csv_has_every_time_and_no_formula(congvu: Congvu) -> None:
    done = congvu("list", "--agency", "so-mot", "--direction", "out", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"))))
    assert [row["Mã văn bản (DocumentId)"] for row in rows] == ["ma-4", "ma-2", "ma-1", "ma-1"]
    assert rows[1]["Số, ký hiệu"].startswith("'=cmd")
    (finished,) = [row for row in rows if row["Trạng thái"] == "đã hoàn thành"]
    assert finished["Đã tiếp nhận"] == "02/03/2020 08:00"
    assert finished["Đã hoàn thành"] == "04/03/2020 10:30"
    assert finished["Ghi chú"].startswith("đồng hồ hai bên lệch nhau")


def test_one_document_is_shown_from_end_to_end(congvu: Congvu) -> None:
    done = congvu("show", "12/QĐ-SM")
    assert done.returncode == 0, done.stderr
    for expected in (
        "Văn bản 12/QĐ-SM",
        "Bên gửi: Sở Một (H99.1)",
        "Ngày gửi: 02/03/2020 09:00",
        "Gửi kèm bản giấy: có",
        "văn bản, hợp lệ: van-ban.pdf",
        "bị thay thế bởi 15/QĐ-SM, 05/03/2020 09:00",
        "Sở Hai (H99.2): đã hoàn thành",
        "02/03/2020 08:00 đã tiếp nhận (trước lúc gửi)",
        "02/03/2020 09:05 đã đến (sau 5 phút)",
        "04/03/2020 10:30 đã hoàn thành (sau 2 ngày 1 giờ)",
        "Cơ quan G01.5 (G01.5): đã thu hồi",
    ):
        assert expected in done.stdout, expected
    (flow,) = map(json.loads, congvu("show", "ma-1", "--json").stdout.splitlines())
    assert flow["message"]["copies"] == 1
    assert [each["state"] for each in flow["deliveries"]] == ["done", "recalled"]


def test_mistakes_are_told_with_what_to_do(congvu: Congvu) -> None:
    for words, answer in (
        (("show", "99"), "no document on the axis has this number"),
        (("late", "--agency", "so-chin"), "no such agency; `congvu agencies list`"),
        (("list", "--from", "2020-03-02", "--to", "2020-03-01"), "--to is before --from"),
        (("list", "--csv", "--json"), "--csv and --json exclude each other"),
    ):
        done = congvu(*words)
        assert done.returncode == 2
        assert answer in done.stderr
