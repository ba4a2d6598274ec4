"""`congvu demo`: the daemon on a fictional province that feeds it."""

import asyncio
import contextlib
import sys
from pathlib import Path

from monitor import settings
from monitor.daemon import Daemon
from monitor.demo.feeder import Feeder
from monitor.demo.gateway_hosts import greeting
from monitor.demo.importing import import_lists, import_register, register_said, said
from monitor.demo.name_server import DemoNames, serving
from monitor.demo.province import banner, prepare
from monitor.demo.zone import zone_text
from monitor.errors import DatabaseUnavailable, UserError
from monitor.record import Mode

EXPORT_SECONDS = 60.0


def demo(state_dir: Path, seed: int, rate: float) -> int:
    """Prepare the province, run the daemon and feed it until SIGTERM or Ctrl-C."""
    _say("Đang chuẩn bị tỉnh demo / preparing the demo province …")
    plan = prepare(state_dir, seed)
    loaded = settings.load(plan.config_path)
    daemon = Daemon(loaded, Mode.DEMO)

    async def feed() -> None:
        names = await asyncio.to_thread(DemoNames, zone_text(plan.mail_key.public_key()))
        async with serving(names, plan.names_port), greeting(plan.state_dir, plan.gateways):
            await fed()

    async def fed() -> None:
        while not daemon.readiness.is_ready:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        lists = await import_lists(loaded, plan.mail_system, daemon.observer)
        register = await import_register(loaded, plan.register, daemon.observer)
        _say(f"{banner(plan, rate)}\n{said(lists)}\n{register_said(register)}")
        feeder = await asyncio.to_thread(Feeder, plan, rate, observer=daemon.observer)
        async with asyncio.TaskGroup() as group:
            group.create_task(feeder.run())
            group.create_task(export_again())
            group.create_task(feeder.hand_over_past(plan.past))

    async def export_again() -> None:
        """The document system exports its register every minute, and somebody imports it."""
        while True:
            await asyncio.sleep(EXPORT_SECONDS)
            with contextlib.suppress(UserError, DatabaseUnavailable):  # the next minute is soon
                await import_register(loaded, plan.register, daemon.observer)

    return daemon.run_until_signalled(feed)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
