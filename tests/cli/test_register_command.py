"""`congvu register` while the daemon runs: import, gaps and doubles, history."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from tests.support.daemon import DaemonProcess
from tests.support.database import open_folder

HEAD = "Số ký hiệu,Ngày ban hành,Trích yếu,Cơ quan ban hành,Hình thức gửi\n"
SAID = (
    "1/QĐ-M,05/01/2026,V/v một,mot,Điện tử\n"
    "2/QĐ-M,06/01/2026,V/v hai,mot,Giấy\n"
    "2/QĐ-M,07/01/2026,V/v khác,mot,Giấy\n"
    "6/QĐ-M,09/01/2026,V/v sáu,mot,Điện tử\n"
)
MONTH = ("--from", "2026-01-01", "--to", "2026-01-31", "--whole")


@pytest.fixture(scope="module")
def running() -> Iterator[DaemonProcess]:
    daemon = DaemonProcess(open_folder("congvu-register-"))
    daemon.start()
    yield daemon
    daemon.stop()


def test_from_a_dry_run_to_the_history_of_a_number(running: DaemonProcess, tmp_path: Path) -> None:
    path = tmp_path / "van-ban-di.csv"
    path.write_text(HEAD + SAID, encoding="utf-8")
    words = ("register", "import", str(path), "--source", "ioffice", "--direction", "out", *MONTH)

    dry = running.congvu(*words)
    assert dry.returncode == 0, dry.stderr
    assert "a dry run, nothing was changed; --apply applies it" in dry.stdout
    assert "full_number from “Số ký hiệu”" in dry.stdout
    assert "number 2/qđ-m of mot is also in van-ban-di.csv, row 3" in dry.stdout
    assert running.sql("SELECT count(*) FROM register_entry") == [(0,)]

    applied = running.congvu(*words, "--apply")
    assert applied.returncode == 0, applied.stderr
    assert "applied." in applied.stdout
    assert running.sql("SELECT count(*) FROM register_entry") == [(4,)]

    again = running.congvu(*words, "--apply", "--json")
    said = json.loads(again.stdout)
    assert (said["added"], said["changed"], said["gone"], said["unchanged"]) == (0, 0, 0, 4)
    assert running.sql("SELECT count(*) FROM import_run WHERE what = 'register'") == [(1,)]

    path.write_text(HEAD + SAID.replace("một,mot,Điện tử", "một,mot,Cả hai"), encoding="utf-8")
    corrected = running.congvu(*words, "--apply")
    assert "paper: electronic → parallel" in corrected.stdout

    history = running.congvu("register", "history", "01/QĐ-M", "--agency", "mot")
    assert history.returncode == 0, history.stderr
    assert "paper: electronic → parallel" in history.stdout
    runs = running.congvu("register", "history", "--agency", "mot")
    assert "register (out) given for 2026-01-01 – 2026-01-31" in runs.stdout


def test_gaps_and_doubles_are_told(running: DaemonProcess) -> None:
    wanted = ("register", "numbers", "--agency", "mot", "--year", "2026")
    page = running.congvu(*wanted)
    assert page.returncode == 1
    assert "Số văn bản đi năm 2026" in page.stdout
    assert "3–5" in page.stdout

    lines = csv.reader(io.StringIO(running.congvu(*wanted, "--csv").stdout.removeprefix("\ufeff")))
    assert list(lines) == [
        ["Cơ quan", "Dãy số", "Loại", "Từ số", "Đến số", "Số lượng", "Gồm"],
        ["mot", "", "thiếu", "3", "5", "3", "06/01/2026 – 09/01/2026"],
        ["mot", "", "trùng", "2", "2", "2", "2/QĐ-M (06/01/2026); 2/QĐ-M (07/01/2026)"],
    ]
    said = json.loads(running.congvu(*wanted, "--json").stdout)
    assert said["series"][0]["missing"] == 3
    assert (
        running.congvu("register", "numbers", "--agency", "hai", "--year", "2026").returncode == 1
    )


def test_a_register_with_problems_is_not_applied(running: DaemonProcess, tmp_path: Path) -> None:
    path = tmp_path / "sai.csv"
    path.write_text(HEAD + "9/QĐ-M,31/02/2026,V/v,mot,Điện tử\n", encoding="utf-8")
    words = ("register", "import", str(path), "--source", "ioffice", "--direction", "out")
    refused = running.congvu(*words, "--apply")
    assert refused.returncode == 1
    assert "sai.csv, row 2, column Ngày ban hành: “31/02/2026”" in refused.stdout
    assert "Correct the problems, or leave out their rows with --skip-problems" in refused.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--direction is needed: out for documents that the agency issued"),
        (("--profile", "nd31"), "no such profile; there are "),
        (("--profile", "nd30", "--direction", "in"), "is of direction out, --direction says in"),
        (("--direction", "out", "--agency", "x"), "no such code in the registry"),
        (("--direction", "out", "--from", "2026-01-01"), "--from and --to go together"),
        (("--direction", "out", "--as-of", "2999-01-01"), "is still to come"),
    ],
)
def test_a_mistake_in_the_call_is_told(
    running: DaemonProcess, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    path = tmp_path / "so.csv"
    path.write_text(HEAD + SAID, encoding="utf-8")
    refused = running.congvu("register", "import", str(path), "--source", "ioffice", *words)
    assert refused.returncode == 2
    assert told in refused.stderr


def test_an_example_profile_says_that_it_is_one(running: DaemonProcess, tmp_path: Path) -> None:
    path = tmp_path / "so.csv"
    path.write_text(
        "OrganId,CodeNumber,CodeNotation,IssuedDate,OrganName,Subject,SignerInfo,To\n"
        "mot,1,QĐ-M,05/01/2026,Một,V/v một,A,B\n",
        encoding="utf-8",
    )
    shown = running.congvu(
        "register", "import", str(path), "--source", "other", "--profile", "nd30"
    )
    assert "The profile nd30 is an example that nobody has confirmed" in shown.stdout
    listed = CliRunner().invoke(app, ["register", "profiles"])
    assert "no: an example" in listed.output
