"""A real Prometheus that scrapes a daemon, with its storage in a folder of its own."""

import json
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support import bound
from tests.support.daemon import free_port
from tests.support.needs import program

RULES = Path(__file__).parents[2] / "deploy/prometheus/rules"
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: ["rules/*.yml"]
scrape_configs:
  - job_name: congvu
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


@contextmanager
def scraping(daemon_port: int, folder: Path, rules: Sequence[str] = ()) -> Iterator[str]:
    """The address of a Prometheus that reads `/metrics` of a daemon each second.

    Of `rules`, names of shipped files, each minute is a second.
    """
    port = free_port()
    config = folder / "prometheus.yml"
    config.write_text(CONFIG.format(port=daemon_port), encoding="utf-8")
    (folder / "rules").mkdir()
    for name in rules:
        pressed = re.sub(r"\b(\d+)m\b", r"\1s", (RULES / name).read_text("utf-8"))
        (folder / "rules" / name).write_text(pressed, encoding="utf-8")
    with (folder / "prometheus.log").open("wb") as log:
        server = bound.start(
            [
                program("prometheus"), f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log, stderr=log,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_ready(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_ready(url: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=5):
                return
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.2)
    raise AssertionError("Prometheus is not ready")


def firing(url: str) -> dict[tuple[str, str], dict[str, str]]:
    """Labels of alerts that fire, by name and agency or gateway."""
    with urllib.request.urlopen(f"{url}/api/v1/alerts", timeout=10) as answer:
        alerts = json.load(answer)["data"]["alerts"]
    found = [each["labels"] for each in alerts if each["state"] == "firing"]
    return {
        (each["alertname"], each.get("agency") or each.get("gateway") or ""): each for each in found
    }
