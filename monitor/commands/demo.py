"""`congvu demo`: the daemon on a fictional province that feeds it."""

import asyncio
import sys
from pathlib import Path

from monitor import settings
from monitor.daemon import Daemon
from monitor.demo.feeder import Feeder
from monitor.demo.importing import import_lists, said
from monitor.demo.province import banner, prepare
from monitor.record import Mode


def demo(state_dir: Path, seed: int, rate: float) -> int:
    """Prepare the province, run the daemon and feed it until SIGTERM or Ctrl-C."""
    _say("Đang chuẩn bị tỉnh demo / preparing the demo province …")
    plan = prepare(state_dir, seed)
    loaded = settings.load(plan.config_path)
    daemon = Daemon(loaded, Mode.DEMO)

    async def feed() -> None:
        while not daemon.readiness.is_ready:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        lists = await import_lists(loaded, plan.mail_system, daemon.observer)
        _say(f"{banner(plan, rate)}\n{said(lists)}")
        feeder = await asyncio.to_thread(Feeder, plan, rate, observer=daemon.observer)
        await feeder.run()

    return daemon.run_until_signalled(feed)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
