"""`congvu roster import` while the daemon runs: what is shown, what it refuses, what it reveals."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import DaemonProcess
from tests.support.database import open_folder

HEAD = "Mã cán bộ,Họ và tên,Cơ quan,Chức vụ,Email\n"
FIRST = HEAD + (
    "cb-1,Nguyễn Văn An,mot,Giám đốc,an@mot.example\n"
    "cb-2,Trần Thị Bình,hai,Chuyên viên,binh@hai.example\n"
)
SECOND = HEAD + "cb-1,Nguyễn Văn An,hai,Giám đốc,an@hai.example\n"


@pytest.fixture(scope="module")
def running() -> Iterator[DaemonProcess]:
    daemon = DaemonProcess(open_folder("congvu-roster-"))
    daemon.start()
    yield daemon
    daemon.stop()


def test_a_list_is_shown_first_then_applied_then_revealed(
    running: DaemonProcess, tmp_path: Path
) -> None:
    path = tmp_path / "can-bo.csv"
    path.write_text(FIRST, encoding="utf-8")
    words = ("roster", "import", str(path), "--kind", "people", "--source", "so-noi-vu")

    dry = running.congvu(*words, "--as-of", "2026-01-01")
    assert dry.returncode == 0, dry.stderr
    assert "a dry run, nothing was changed; --apply applies it" in dry.stdout
    assert "mot: leader" in dry.stdout
    assert "cb-1" not in dry.stdout
    assert "an@mot.example" not in dry.stdout
    assert running.sql("SELECT count(*) FROM person") == [(0,)]

    applied = running.congvu(*words, "--as-of", "2026-01-01", "--apply")
    assert applied.returncode == 0, applied.stderr
    assert "can-bo.csv: people from so-noi-vu as of 2026-01-01: applied." in applied.stdout
    assert running.sql("SELECT count(*) FROM employment") == [(2,)]

    path.write_text(SECOND, encoding="utf-8")
    reason = ("--reveal", "--reason", "hỏi lại Sở Nội vụ")
    shown = running.congvu(*words, "--as-of", "2026-02-01", "--json", *reason)
    assert shown.returncode == 0, shown.stderr
    said = json.loads(shown.stdout)
    assert (said["changed"], said["ended"], said["applied"]) == (1, 1, False)
    assert [each["revealed"] for each in said["differences"]] == ["cb-1", "cb-2"]
    audit = "SELECT action, subject, reason FROM audit ORDER BY audit_id DESC LIMIT 1"
    assert running.sql(audit) == [
        (
            "reveal", "differences of the list of people from so-noi-vu as of 2026-02-01",
            "hỏi lại Sở Nội vụ",
        )
    ]  # fmt: skip


def test_problems_name_file_row_and_column_and_nothing_is_applied(
    running: DaemonProcess, tmp_path: Path
) -> None:
    path = tmp_path / "tai-khoan.csv"
    path.write_text(
        "Địa chỉ,Trạng thái\nmoi@mot.example,đang hoạt động\nla@khac.example,hoạt động\n",
        encoding="utf-8",
    )
    words = ("roster", "import", str(path), "--kind", "accounts", "--source", "thu", "--apply")
    done = running.congvu(*words)
    assert done.returncode == 1
    assert "tai-khoan.csv, row 3, column Địa chỉ: is on a domain of no agency" in done.stdout
    assert "nothing was changed. Correct the problems" in done.stdout
    assert running.sql("SELECT count(*) FROM account") == [(0,)]

    done = running.congvu(*words, "--skip-problems")
    assert done.returncode == 0, done.stdout
    assert "Rows left out for their problems: 1. Nobody in them is ended." in done.stdout
    assert running.sql("SELECT count(*) FROM account") == [(1,)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x.csv", "--source", "a"), "--kind is needed"),
        (("x.csv", "--kind", "people"), "--source is needed"),
        ((), "name a FILE, or one of [[directories]]"),
        (("x.csv", "--kind", "people", "--source", "a", "--reveal"), "--reveal needs --reason"),
        (("x.csv", "--kind", "people", "--source", "a"), "x.csv: cannot be read"),
        (("--directory", "khong-co"), "khong-co: no such directory; configured: none"),
        (
            ("x.csv", "--kind", "people", "--source", "a", "--as-of", "2099-01-01"),
            "--as-of 2099-01-01 is still to come",
        ),
    ],
)
def test_a_mistake_in_the_call_says_what_to_do(
    running: DaemonProcess, words: tuple[str, ...], said: str
) -> None:
    done = running.congvu("roster", "import", *words)
    assert done.returncode == 2
    assert said in done.stderr
