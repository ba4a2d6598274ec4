"""`congvu privacy` and `congvu targets` on a daemon's record."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import DaemonProcess
from tests.support.database import open_folder
from tests.support.load import plain_mail

PLANS = Path(__file__).parents[2] / "config" / "plans"
SENDER = "nguyen@mot.example"


@pytest.fixture(scope="module")
def daemon() -> Iterator[DaemonProcess]:
    made = DaemonProcess(
        open_folder("congvu-privacy-"), privacy={"evidence_months": 12, "gateway_months": 6}
    )
    made.start()
    made.send(plain_mail(1))
    made.wait_for(lambda: senders(made) == 1, "the first mail")
    yield made
    made.stop()


def senders(daemon: DaemonProcess) -> int:
    return int(daemon.sql("SELECT count(*) FROM address")[0][0])


def test_an_address_is_found_and_shown_with_a_reason(daemon: DaemonProcess) -> None:
    found = daemon.congvu("privacy", "pseudonym", SENDER)
    assert found.returncode == 0, found.stderr
    who = found.stdout.strip()
    assert daemon.congvu("privacy", "reveal", who).returncode == 2
    shown = daemon.congvu("privacy", "reveal", who, "--reason", "khiếu nại 7")
    assert shown.stdout.splitlines() == [
        f"pseudonym   {who}", "stands for  address", f"address     {SENDER}"
    ]  # fmt: skip
    missing = daemon.congvu("privacy", "pseudonym", "ai@mot.example")
    assert (missing.returncode, "not in the record" in missing.stdout) == (1, True)
    log = daemon.congvu("privacy", "audit", "--json").stdout.splitlines()
    entries = [json.loads(line) for line in log]
    assert [each["action"] for each in entries] == ["pseudonym", "reveal", "pseudonym"]
    assert (entries[1]["subject"], entries[1]["reason"]) == (who, "khiếu nại 7")
    assert "khiếu nại 7" in daemon.congvu("privacy", "audit", "--since", "2026-01-01").stdout
    assert daemon.congvu("privacy", "audit", "--since", "2100-01-01", "--json").stdout == ""


def test_what_is_no_pseudonym_is_said_so(daemon: DaemonProcess) -> None:
    done = daemon.congvu("privacy", "reveal", SENDER, "--reason", "x")
    assert done.returncode == 2
    assert "is no pseudonym: write it as reports print it" in done.stderr


def test_a_key_is_rotated_while_the_daemon_is_stopped(daemon: DaemonProcess) -> None:
    who = daemon.congvu("privacy", "pseudonym", SENDER).stdout.strip()
    looked = daemon.congvu("privacy", "rotate-key")
    assert looked.returncode == 0, looked.stderr
    assert "--apply makes a new key" in looked.stdout
    refused = daemon.congvu("privacy", "rotate-key", "--apply")
    assert refused.returncode == 2
    assert "stop it first (systemctl stop congvu)" in refused.stderr
    daemon.stop()
    done = daemon.congvu("privacy", "rotate-key", "--apply", "--reason", "hằng năm")
    assert done.returncode == 0, done.stderr
    assert "The new key is in force and the daemon may run again." in done.stdout
    assert "2 values of messages, documents and signatures sealed again." in done.stdout
    daemon.start()
    daemon.send(plain_mail(2))
    daemon.wait_for(
        lambda: daemon.sql("SELECT count(*) FROM message")[0][0] == 2, "the second mail"
    )
    # The same sender, under another pseudonym.
    assert senders(daemon) == 1
    now = daemon.congvu("privacy", "pseudonym", SENDER).stdout.strip()
    assert now != who
    forgotten = daemon.congvu("privacy", "rotate-key", "--forget-old")
    assert (forgotten.returncode, forgotten.stdout) == (0, "Older keys removed: 1.\n")


def test_retention_and_erasure_say_what_they_would_do(daemon: DaemonProcess) -> None:
    looked = daemon.congvu("privacy", "retention")
    assert looked.returncode == 0, looked.stderr
    assert "0 rows would be removed by --apply; figures stay as they are." in looked.stdout
    erased = daemon.congvu("privacy", "erase", "--due")
    assert erased.stdout.startswith("0 people and 0 addresses would be erased by --apply")
    assert daemon.congvu("privacy", "erase").returncode == 2
    unreasoned = daemon.congvu("privacy", "erase", "--due", "--apply")
    assert "--apply needs --reason" in unreasoned.stderr


def test_targets_without_data_are_not_assessed(daemon: DaemonProcess) -> None:
    without = daemon.congvu("targets")
    assert without.returncode == 2
    assert "no plan: set measure.targets" in without.stderr
    plan = str(PLANS / "minh-hoa-2020.toml")
    shown = daemon.congvu("targets", "--plan", plan)
    assert shown.returncode == 0, shown.stderr
    assert "Không đánh giá được: 1; Chỉ tiêu chưa được xác nhận: 2" in shown.stdout
    assert "0%" not in shown.stdout.replace("100%", "")
    found = [json.loads(line) for line in daemon.congvu("targets", "--plan", plan, "--json")
             .stdout.splitlines()]  # fmt: skip
    assert [each["assessment"] for each in found] == ["unconfirmed", "unassessable", "unconfirmed"]
    assert [each["confirmed"] for each in found] == [False, True, False]
    assert {each["ratio"] for each in found} == {None}
