"""`congvu demo --story` as a user starts it: the right alerts fire, at the right time, and end."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import bound
from tests.support.database import open_folder

pytestmark = [
    pytest.mark.needs("prometheus"), pytest.mark.needs("prometheus-alertmanager"),
    pytest.mark.timeout(900),
]  # fmt: skip
FIRED = re.compile(r"(\d\d/\d\d) (\d\d:\d\d)  BÁO / FIRES +(\w+) ?([^:]*):")
RESOLVED = re.compile(r"(\d\d/\d\d) (\d\d:\d\d)  hết / resolved +(\w+) ?(.*)")


@pytest.fixture(scope="module")
def told() -> str:
    """Everything the terminal says, the orderly stop included."""
    folder = open_folder("congvu-story-")
    log = folder / "story.log"
    command = [sys.executable, "-m", "monitor", "demo", "--story", "--state", str(folder / "story")]
    with log.open("wb") as out:
        running = bound.start([*command, "--pace", "1.5", "--scale", "0.3"], stdout=out, stderr=out)
        try:
            _wait(running, log)
            running.send_signal(signal.SIGINT)
            assert running.wait(60) == 0
        finally:
            running.kill()
            running.wait()
    return log.read_text("utf-8")


def _wait(running: "subprocess.Popen[bytes]", log: Path) -> None:
    while "Dừng / stop" not in log.read_text("utf-8"):
        try:
            running.wait(1)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(log.read_text("utf-8"))


def of(pattern: re.Pattern[str], told: str) -> dict[tuple[str, str], str]:
    """By alert and what it is about: the day, as month and day."""
    return {(name, about.strip()): f"{day[3:]}-{day[:2]}"
            for day, _, name, about in pattern.findall(told)
            if name != "CongvuOffHours"}  # no fault: nights and free days  # fmt: skip


def day_of(told: str, words: str) -> str:
    [line] = [line for line in told.splitlines() if words in line]
    return f"{line[3:5]}-{line[:2]}"


def test_an_agency_that_stops_signing_is_paged_within_three_working_days(told: str) -> None:
    stopped = day_of(told, "department of finance stops")
    fired = of(FIRED, told)["CongvuSigningDropped", "hs-stc mail"]
    working = [line[3:5] + "-" + line[:2] for line in told.splitlines()
               if re.match(r"\d\d/\d\d/\d{4}", line) and "a free day" not in line]  # fmt: skip
    assert 2 <= working.index(fired) - working.index(stopped) <= 3


def test_it_resolves_only_after_the_department_signs_again(told: str) -> None:
    again = day_of(told, "department signs again")
    assert of(RESOLVED, told)["CongvuSigningDropped", "hs-stc mail"] > again


def test_no_other_agency_is_said_to_have_dropped(told: str) -> None:
    dropped = {about for name, about in of(FIRED, told) if name == "CongvuSigningDropped"}
    assert dropped == {"hs-stc mail"}


def test_a_source_that_dies_is_paged_that_day_and_resolves(told: str) -> None:
    died, back = day_of(told, "document system falls silent"), day_of(told, "system is back")
    assert died <= of(FIRED, told)["CongvuSourceSilent", "docsys"] < back
    assert of(RESOLVED, told)["CongvuSourceSilent", "docsys"] >= back


def test_a_burst_of_altered_documents_is_told(told: str) -> None:
    fired = of(FIRED, told)["CongvuInvalidSignatureBurst", "hs-nuixanh"]
    assert fired >= day_of(told, "burst of altered documents")


def test_weekends_and_tet_page_nobody(told: str) -> None:
    days = [line for line in told.splitlines() if re.match(r"\d\d/\d\d/\d{4}", line)]
    spelled = "".join("f" if "a free day" in line else "w" for line in days)
    assert "fffffff" in spelled, "Tết is in the story"
    free = {line[3:5] + "-" + line[:2] for line in days if "a free day" in line}
    assert free.isdisjoint(of(FIRED, told).values())


def test_everything_else_stays_quiet(told: str) -> None:
    named = {name for name, _ in of(FIRED, told)}
    assert named <= {
        "CongvuSigningDropped", "CongvuGroupSigningDropped", "CongvuSourceSilent",
        "CongvuInvalidSignatureBurst",
    }  # fmt: skip
    assert "Im lặng / stayed quiet" in told
