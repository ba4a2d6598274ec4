"""`congvu demo --story`: eight weeks around Tết within minutes, with real monitors beside."""

import asyncio
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from monitor import clock, settings
from monitor.clock import VIETNAM, vietnam_day
from monitor.daemon import Daemon
from monitor.demo.monitors import HASTE, Monitors, Notice
from monitor.demo.story import TOLD, StoryDay, story
from monitor.demo.story_place import Post, StoryPlace, prepare_story
from monitor.material.demo_mark import DEMO_LABEL
from monitor.record import Mode

QUIET_SECONDS = 30.0
"""Longest wait until what was sent is recorded; a machine that is busier goes on."""
ENDED = "Hết chuyện / the story has ended"


@dataclass
class _Heard:
    """What was notified, with the story's own times."""

    began: dict[tuple[str, str], tuple[Notice, datetime]] = field(default_factory=dict)
    """What fires now, by alert and what it is about."""
    rows: list[tuple[Notice, datetime, datetime | None]] = field(default_factory=list)

    def __call__(self, notice: Notice) -> None:
        """A firing alert is told once, then that it is over."""
        key, at = (notice.alert, notice.about), clock.now().astimezone(VIETNAM)
        if notice.firing and key not in self.began:
            self.began[key] = notice, at
            _say(f"    {at:%d/%m %H:%M}  BÁO / FIRES     {_named(notice)}: {notice.summary}")
        elif not notice.firing and key in self.began:
            self.rows.append((*self.began.pop(key), at))
            _say(f"    {at:%d/%m %H:%M}  hết / resolved  {_named(notice)}")


def tell_story(state_dir: Path, seed: int, pace: float, scale: float) -> int:
    """Replay the story, print what was paged, and stay until SIGTERM or Ctrl-C."""
    days = story(seed, vietnam_day(clock.now()), scale)
    begins = days[0].hours()[0]
    place = prepare_story(state_dir, seed, begins)
    heard = _Heard()
    monitors = Monitors(place.state_dir / "monitors", place.http_port, heard)
    clock.shift_to(begins)
    daemon = Daemon(settings.load(place.config_path), Mode.DEMO)

    async def beside() -> None:
        while not daemon.readiness.is_ready:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        _say(_banner(days, place, monitors))
        post = Post(place, seed)
        try:
            await _tell(days, place, post, daemon, monitors, pace)
            _say(f"{ENDED}.")
            _print_table(heard, monitors)
            _say("Dừng / stop: Ctrl-C")
            await asyncio.Event().wait()
        finally:
            post.close()
            await monitors.stop()

    return daemon.run_until_signalled(beside)


async def _tell(
    days: list[StoryDay],
    place: StoryPlace,
    post: Post,
    daemon: Daemon,
    monitors: Monitors,
    pace: float,
) -> None:
    watched = False
    for day in days:
        if day.events or day.working:
            _say(f"{day.day:%d/%m/%Y}  {'; '.join(TOLD[event] for event in day.events)}")
        if not day.quick and not watched:
            await monitors.start()
            watched = True
        for number, instant in enumerate(day.hours()):
            clock.shift_to(instant)
            if number == 0 and day.day.isoweekday() == 1:
                await asyncio.to_thread(place.renew_lists, instant)
            for letter in day.letters:
                if day.quick or letter.at == instant:
                    await post.send(letter)
            await _recorded(daemon)
            if not day.quick:
                await asyncio.sleep(pace)


async def _recorded(daemon: Daemon) -> None:
    """Wait until the spool is empty."""
    loop = asyncio.get_running_loop()
    until = loop.time() + QUIET_SECONDS
    while daemon.waiting_items and loop.time() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.05)


def _banner(days: list[StoryDay], place: StoryPlace, monitors: Monitors) -> str:
    return "\n".join((
        f"congvu demo · {DEMO_LABEL} · {days[0].day:%d/%m/%Y} – {days[-1].day:%d/%m/%Y}",
        "  Tám tuần quanh Tết trong vài phút. / Eight weeks around Tết within minutes.",
        f"  `for` của quy tắc ngắn đi {HASTE} lần. / `for` of rules is {HASTE} times shorter.",
        "Xem / look:",
        f"  http://127.0.0.1:{place.http_port}/metrics",
        f"  http://127.0.0.1:{monitors.prometheus_port}/alerts   Prometheus",
        f"  http://127.0.0.1:{monitors.alertmanager_port}        Alertmanager",
    ))  # fmt: skip


def _print_table(heard: _Heard, monitors: Monitors) -> None:
    table = Table("Cảnh báo / alert", "Mức / severity", "Báo / fired", "Hết / resolved")
    still = [(notice, at, None) for notice, at in heard.began.values()]
    for notice, began, ended in sorted([*heard.rows, *still], key=lambda row: row[1]):
        table.add_row(
            _named(notice), notice.severity, f"{began:%d/%m %H:%M}",
            f"{ended:%d/%m %H:%M}" if ended else "còn / open",
        )  # fmt: skip
    Console(width=110).print(table)
    fired = {row[0].alert for row in heard.rows} | {alert for alert, _ in heard.began}
    quiet = sorted(monitors.alerts() - fired)
    _say(f"Im lặng / stayed quiet ({len(quiet)}): {', '.join(quiet)}")


def _named(notice: Notice) -> str:
    return f"{notice.alert} {notice.about}".rstrip()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
