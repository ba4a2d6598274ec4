"""/metrics read by the real things: promtool's linter and a Prometheus that scrapes the daemon."""

import json
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support import bound
from tests.support.daemon import DaemonProcess, free_port
from tests.support.database import open_folder
from tests.support.load import plain_mail
from tests.support.needs import needs, program
from tests.support.reference import FAMILIES

LINT = 3
"""Status of promtool when a name breaks a rule of style."""
SCRAPE = Path(__file__).parents[2] / "deploy" / "prometheus" / "congvu.yml"


@pytest.fixture(scope="module")
def daemon() -> Iterator[DaemonProcess]:
    running = DaemonProcess(open_folder("congvu-prometheus-"))
    running.start()
    for number in range(5):
        running.send(plain_mail(number))
    running.wait_metric('congvu_mail_messages_total{agency="mot",direction="out"}', 5)
    yield running
    running.stop()


@needs("promtool")
def test_promtool_finds_nothing_wrong(daemon: DaemonProcess) -> None:
    with urllib.request.urlopen(f"{daemon.url}/metrics", timeout=10) as answer:
        text = answer.read()
    done = subprocess.run(
        [program("promtool"), "check", "metrics"], input=text, capture_output=True, check=False
    )
    found = (done.stdout + done.stderr).decode().splitlines()
    # A fixed name of the contract: it is 1 or 0, and measures nothing in hours.
    assert [line for line in found if not line.startswith("congvu_working_hours ")] == []
    assert done.returncode in (0, LINT)


def test_every_family_of_the_running_daemon_is_a_golden_one(daemon: DaemonProcess) -> None:
    with urllib.request.urlopen(f"{daemon.url}/metrics", timeout=10) as answer:
        page = answer.read().decode()
    lines = [line.split(" ", 3) for line in FAMILIES.read_text("utf-8").splitlines()[1:]]
    golden = {name: (kind, labels, text) for name, kind, labels, text in lines}
    found = list(text_string_to_metric_families(page))
    assert len(found) > 60
    for family in found:
        kind, labels, text = golden[family.name + "_total" * (family.type == "counter")]
        assert (family.type, family.documentation) == (kind, text)
        used = {key for sample in family.samples for key in sample.labels} - {"le"}
        assert not used or used == set(labels.split(","))


@needs("prometheus")
def test_a_prometheus_scrapes_it_with_the_shipped_example(
    daemon: DaemonProcess, tmp_path: Path
) -> None:
    port = free_port()
    config = SCRAPE.read_text("utf-8").replace("127.0.0.1:9465", f"127.0.0.1:{daemon.http_port}")
    config = config.replace("scrape_interval: 30s", "scrape_interval: 1s")
    config = config.replace("scrape_timeout: 10s", "scrape_timeout: 1s")
    (tmp_path / "prometheus.yml").write_text(config, "utf-8")
    with (tmp_path / "log").open("wb") as log:
        server = bound.start(
            [
                program("prometheus"), f"--config.file={tmp_path / 'prometheus.yml'}",
                f"--storage.tsdb.path={tmp_path / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        asked = 'congvu_mail_messages_total{agency="mot",direction="out"}'
        url = f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(asked)}"
        assert _value(url, seconds=60) == "5", (tmp_path / "log").read_text("utf-8")[-2000:]
    finally:
        server.terminate()
        server.wait(timeout=30)


def _value(url: str, seconds: float) -> str | None:
    """The first sample's value, once there is one."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                found = json.load(answer)["data"]["result"]
                if found:
                    return str(found[0]["value"][1])
        except OSError:
            pass
        time.sleep(0.2)
    return None
