"""A running `congvu demo`, looked at with the means of any daemon."""

import os
import sys
from pathlib import Path

from tests.support import bound
from tests.support.daemon import DaemonProcess


class Demo(DaemonProcess):
    """The demo province below one folder: `rate` sendings a second, at most.

    `settings` are CONGVU_… of its environment.
    """

    def __init__(self, folder: Path, rate: float = 8, **settings: str) -> None:
        self.state = folder / "demo"
        self.config = self.state / "congvu.toml"
        self.log = folder / "demo.log"
        self._rate = rate
        self._environment = os.environ | settings

    def start(self, ready: bool = True) -> None:
        command = [sys.executable, "-m", "monitor", "demo", "--state", str(self.state)]
        with self.log.open("wb") as log:
            self.process = bound.start(
                [*command, "--rate", str(self._rate)], stdout=log, stderr=log, env=self._environment
            )
        self.wait_for(lambda: "Dừng / stop" in self.log.read_text("utf-8"), "the banner", 120)
        shown = self.log.read_text("utf-8")
        self.http_port = int(shown.split("/metrics")[0].rsplit(":", 1)[1])
