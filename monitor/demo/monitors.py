"""Prometheus and Alertmanager beside the story: real ones, on free ports of this machine alone.

The rules are those of deploy/prometheus/rules. Only how long something must hold (`for`) is divided
by `HASTE`, and all are looked at as often: a story day takes seconds. What a rule measures in days
and working hours is computed by the daemon, by the story's own calendar, so it is not touched. Two
rules about this machine, whose hours are not the story's, are left out.
"""

import asyncio
import contextlib
import json
import re
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from monitor.demo.province import free_port
from monitor.errors import UserError

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules"
HASTE = 600
LEAST_SECONDS = 3
"""That a condition must hold: one scrape that a busy machine misses is no outage."""
STOP_SECONDS = 10.0
OF_THE_MACHINE = ("CongvuDiskFilling", "CongvuPrivacyLate")
"""Rules that are left out: a disk that fills by a gigabyte in the minute of a story would be full
within a story's days, and what is done at night waits for a night of this machine."""
_INTERVAL = re.compile(r"^[ \t]+interval:.*\n", re.MULTILINE)
_ALERT = re.compile(r"^[ \t]+- alert: (\w+)\n(?:(?![ \t]+- ).*\n?)*", re.MULTILINE)
_FOR = re.compile(r"^([ \t]+for:[ \t]*)(\d+)([smhd])[ \t]*$", re.MULTILINE)
_ABOUT = ("agency", "group", "source", "ca", "target", "channel")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Notice:
    """One alert of a notification, as Alertmanager's webhook tells it."""

    alert: str
    about: str
    """What it is about, from its labels; empty where it is about the whole."""
    severity: str
    firing: bool
    summary: str


class Monitors:
    """Runs both programs below one folder until stopped; `heard` is told every notice."""

    def __init__(self, folder: Path, daemon_port: int, heard: Callable[[Notice], None]) -> None:
        """Raises UserError where the programs are not installed."""
        self._folder = folder
        self._daemon_port = daemon_port
        self._heard = heard
        self._prometheus = _program("prometheus")
        self._alertmanager = _program("prometheus-alertmanager")
        self._runner: web.AppRunner | None = None
        self._processes: list[asyncio.subprocess.Process] = []
        self.prometheus_port, self.alertmanager_port = free_port(), free_port()

    async def start(self) -> None:
        """Start the receiver of notices and both programs."""
        self._folder.mkdir(parents=True, exist_ok=True)
        receiver = await self._listen()
        self._write(receiver)
        await self._run(
            self._alertmanager, "--config.file=alertmanager.yml", "--storage.path=alertmanager",
            f"--web.listen-address=127.0.0.1:{self.alertmanager_port}",
            "--cluster.listen-address=",
        )  # fmt: skip
        await self._run(
            self._prometheus, "--config.file=prometheus.yml", "--storage.tsdb.path=prometheus",
            f"--web.listen-address=127.0.0.1:{self.prometheus_port}",
        )  # fmt: skip

    async def stop(self) -> None:
        """End both, and the receiver."""
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._runner:
            await self._runner.cleanup()

    def alerts(self) -> set[str]:
        """The names of all alerts of the story."""
        files = sorted(RULES.glob("*.yml"))
        names = {n for f in files for n in re.findall(r"- alert: (\w+)", f.read_text("utf-8"))}
        return names.difference(OF_THE_MACHINE)

    async def _run(self, program: str, *arguments: str) -> None:
        log = (self._folder / f"{Path(program).name}.log").open("ab")
        with log:
            self._processes.append(
                await asyncio.create_subprocess_exec(
                    program, *arguments, cwd=self._folder, stdout=log, stderr=log
                )
            )

    async def _listen(self) -> int:
        app = web.Application()
        app.router.add_post("/", self._take)
        self._runner = web.AppRunner(app, handle_signals=False, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return int(self._runner.addresses[0][1])

    async def _take(self, request: web.Request) -> web.Response:
        for alert in (await request.json())["alerts"]:
            labels = alert["labels"]
            about = [labels[name] for name in _ABOUT if name in labels]
            self._heard(
                Notice(
                    labels["alertname"], " ".join(about), labels.get("severity", ""),
                    alert["status"] == "firing", alert["annotations"].get("summary", ""),
                )
            )  # fmt: skip
        return web.Response()

    def _write(self, receiver: int) -> None:
        rules = self._folder / "rules"
        rules.mkdir(exist_ok=True)
        for file in sorted(RULES.glob("*.yml")):
            text = hastened(file.read_text("utf-8"))
            (rules / file.name).write_text(text, encoding="utf-8")
        documents = {
            "prometheus.yml": self._prometheus_settings(),
            "alertmanager.yml": _alertmanager_settings(receiver),
        }
        for name, document in documents.items():  # JSON is YAML
            (self._folder / name).write_text(json.dumps(document, indent=1), encoding="utf-8")

    def _prometheus_settings(self) -> dict[str, object]:
        return {
            "global": {
                "scrape_interval": "1s",
                "scrape_timeout": "1s",
                "evaluation_interval": "1s",
            },
            "rule_files": ["rules/*.yml"],
            "alerting": {"alertmanagers": [_static(self.alertmanager_port)]},
            "scrape_configs": [{"job_name": "congvu", **_static(self._daemon_port)}],
        }


def _static(port: int) -> dict[str, object]:
    return {"static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}


def _alertmanager_settings(receiver: int) -> dict[str, object]:
    hook = {"url": f"http://127.0.0.1:{receiver}/", "send_resolved": True}
    return {
        "route": {
            "receiver": "story", "group_by": ["..."],
            "group_wait": "0s", "group_interval": "1s", "repeat_interval": "24h",
        },
        "receivers": [{"name": "story", "webhook_configs": [hook]}],
    }  # fmt: skip


def hastened(rules: str) -> str:
    """A file of rules that are looked at each second and must hold `HASTE` times less long, without
    those `OF_THE_MACHINE`.
    """
    kept = _ALERT.sub(lambda rule: "" if rule[1] in OF_THE_MACHINE else rule[0], rules)
    return _FOR.sub(_shorter, _INTERVAL.sub("", kept))


def _shorter(found: re.Match[str]) -> str:
    seconds = int(found[2]) * _SECONDS[found[3]]
    return f"{found[1]}{max(LEAST_SECONDS, round(seconds / HASTE))}s"


def _program(name: str) -> str:
    if found := shutil.which(name):
        return found
    raise UserError(
        f"{name} is not installed: `make system-packages` adds it on Debian and Ubuntu, or run "
        "`apt-get install prometheus prometheus-alertmanager`"
    )
