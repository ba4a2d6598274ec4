"""What `congvu doctor` says of sources, from the settings and the daemon's gauges."""

from pathlib import Path

import pytest

from monitor import settings
from monitor.clock import now
from monitor.commands.doctor_sources import delivering
from monitor.commands.observation import Observation

EXCHANGE = """
state_dir = "."
[smtp]
tls_certificate = "smtp.pem"
tls_key = "smtp.key"
[[mail_sources]]
name = "exchange"
journal = "exchange"
journal_address = "journal@congvu.invalid"
networks = ["127.0.0.1/32"]
username = "exchange"
password_file = "password"
[[folders]]
name = "qlvb"
path = "."
agencies = ["so-yt"]
"""


@pytest.fixture
def password(tmp_path: Path) -> Path:
    (tmp_path / "congvu.toml").write_text(EXCHANGE, encoding="utf-8")
    (tmp_path / "password").write_text("x", encoding="utf-8")
    (tmp_path / "password").chmod(0o640)
    return tmp_path / "password"


def told(password: Path, samples: dict[str, float] | None = None) -> dict[str, Observation]:
    loaded = settings.load(password.parent / "congvu.toml")
    return {each.what: each for each in delivering(loaded, samples or {})}


def test_a_password_that_everybody_can_read_is_told_with_what_to_do(password: Path) -> None:
    assert "password exchange" not in told(password)
    password.chmod(0o644)
    observed = told(password)["password exchange"]
    assert (observed.mark, observed.advice) == ("look", f"chmod o= {password}")
    password.unlink()
    assert "password exchange" not in told(password)


def test_an_exchange_that_sent_nothing_is_tried_by_its_own_page(password: Path) -> None:
    assert "docs/deploy-exchange.md" in told(password)["source exchange"].advice


def test_a_source_that_the_daemon_does_not_know_asks_for_a_restart(password: Path) -> None:
    assert "restart congvu" in told(password)["source qlvb"].advice
    looked = {'congvu_source_last_look_timestamp_seconds{source="qlvb"}': now().timestamp() - 9e4}
    observed = told(password, looked)["source qlvb"]
    assert (observed.mark, observed.advice) == ("bad", "the daemon's log says why")


def test_silence_is_told_by_the_sources_own_working_hours_and_not_over_a_weekend(
    password: Path,
) -> None:
    of = '{source="qlvb"}'
    heard = {
        f"congvu_source_last_look_timestamp_seconds{of}": now().timestamp(),
        f"congvu_source_last_event_timestamp_seconds{of}": now().timestamp() - 62 * 3600,
        f"congvu_source_silent_working_seconds{of}": 660.0,
        f"congvu_source_silent_after_seconds{of}": 28800.0,
    }
    assert told(password, heard)["source qlvb"].mark == "ok"
    heard[f"congvu_source_silent_working_seconds{of}"] = 28801.0
    observed = told(password, heard)["source qlvb"]
    assert observed.mark == "look"
    assert "export" in observed.advice


def test_archives_that_nobody_can_open_are_told_with_who_sends_most(password: Path) -> None:
    series = 'congvu_archives_unopened_total{agency="%s",channel="%s"}'
    seen = told(password, {
        series % ("so-y-te", "mail"): 3.0,
        series % ("so-y-te", "axis"): 4.0,
        series % ("xa-a", "mail"): 1.0,
    })["archives"]  # fmt: skip
    assert seen.mark == "look"
    assert seen.seen == "8 since the start that could not be opened: so-y-te 7, xa-a 1"
