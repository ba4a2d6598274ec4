"""A real daemon on a real format: followed, told, imported, shown."""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import clock
from monitor.clock import VIETNAM
from tests.support.daemon import DaemonProcess
from tests.support.database import open_folder

COUNT = "SELECT count(*) FROM address_activity"


def login(who: str, at: datetime) -> str:
    return (
        f"{at.strftime('%Y-%m-%d %H:%M:%S')},435 INFO  [qtp1-9:https://mail/service/soap/AuthRequest]"
        f" [name={who};oip=10.1.2.123;ua=zclient/8.8.15;] security - cmd=Auth; account={who};"
        " protocol=soap;\n"
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    import shutil

    made = open_folder("congvu-logs-")
    yield made
    shutil.rmtree(made)


@pytest.fixture
def daemon(folder: Path) -> Iterator[DaemonProcess]:
    log = {"name": "audit", "format": "zimbra-audit", "path": "audit.log", "poll_seconds": 0.1}
    running = DaemonProcess(folder, logs=log)
    yield running
    if running.process and running.process.poll() is None:
        running.kill()


def test_a_daemon_reads_its_logs_and_says_how_they_stand(
    daemon: DaemonProcess, folder: Path
) -> None:
    now = datetime.now(VIETNAM)
    log = folder / "audit.log"
    daemon.start()
    daemon.wait_for(lambda: "log audit" in str(daemon.readyz()[1]), "the log that is missing")
    assert daemon.readyz()[0], "a log that lacks keeps nothing else from working"
    log.write_text("".join(login(f"an{n}@mot.example", now) for n in range(5)))
    daemon.wait_metric('congvu_log_lines_total{outcome="read",source="audit"}', 5)
    log.rename(folder / "audit.log.2026-11-21")
    log.write_text(login("binh@hai.example", now) + login("x@else.example", now) + "what\n")
    daemon.wait_metric('congvu_log_lines_total{outcome="read",source="audit"}', 8)
    daemon.wait_metric('congvu_log_left_out_total{reason="foreign",source="audit"}', 1)
    daemon.wait_metric('congvu_log_lag_bytes{source="audit"}', 0)
    assert daemon.sql(COUNT) == [(6,)]
    newest = daemon.metrics()['congvu_source_last_event_timestamp_seconds{source="audit"}']
    assert abs(newest - now.timestamp()) < 1

    shown = daemon.congvu("activity", "status")
    assert shown.returncode == 0, shown.stderr
    assert "audit" in shown.stdout
    assert "foreign 1" in shown.stdout
    [told] = map(json.loads, daemon.congvu("activity", "status", "--json").stdout.splitlines())
    assert (told["lines"], told["unread_bytes"], told["trouble"], told["gaps"]) == (8, 0, None, 0)
    doctor = daemon.congvu("doctor").stdout
    assert "newest line" in doctor
    assert daemon.stop() == 0


def test_old_logs_are_imported_once(daemon: DaemonProcess, folder: Path) -> None:
    before = clock.now().astimezone(VIETNAM) - timedelta(days=40)
    (folder / "audit.log").touch()
    daemon.start()
    old = folder / "old.gz"
    old.write_bytes(
        gzip.compress("".join(login(f"an{n}@mot.example", before) for n in range(50)).encode())
    )
    plain = folder / "older"
    plain.write_text(login("chi@hai.example", before - timedelta(days=1)))

    first = daemon.congvu("activity", "import", str(old), str(plain), "--log", "audit")
    assert first.returncode == 0, first.stderr
    assert "2 files: 51 lines read" in first.stdout
    assert daemon.sql(COUNT) == [(51,)]
    assert daemon.sql("SELECT DISTINCT login FROM address_activity ORDER BY 1") == [
        (before.date() - timedelta(days=1),), (before.date(),),
    ]  # fmt: skip
    old.rename(folder / "renamed.gz")
    again = daemon.congvu("activity", "import", str(folder / "renamed.gz"), "--log", "audit")
    assert "1 files: every line of them was read before" in again.stdout, again.stderr

    wrong = daemon.congvu("activity", "import", str(plain), "--log", "other")
    assert (wrong.returncode, wrong.stderr) == (
        2, "congvu: --log other: no such log; configured: audit\n",
    )  # fmt: skip
    missing = daemon.congvu("activity", "import", str(folder / "none"), "--log", "audit")
    assert missing.returncode == 2
    assert "none: no such file" in missing.stderr
    assert daemon.stop() == 0
