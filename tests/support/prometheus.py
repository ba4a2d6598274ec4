"""A real Prometheus that scrapes a daemon, with its storage in a folder of its own."""

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.daemon import free_port
from tests.support.needs import program

CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: congvu
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


@contextmanager
def scraping(daemon_port: int, folder: Path) -> Iterator[str]:
    """The address of a Prometheus that reads `/metrics` of a daemon each second."""
    port = free_port()
    config = folder / "prometheus.yml"
    config.write_text(CONFIG.format(port=daemon_port), encoding="utf-8")
    with (folder / "prometheus.log").open("wb") as log:
        server = subprocess.Popen(
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
