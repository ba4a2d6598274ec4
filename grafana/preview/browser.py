"""Chromium as a camera: serves the page on a loopback port and takes its picture.

The page asks the network for nothing else; it says itself when it has settled, and what failed.
Chromium is driven over its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/).
"""

import asyncio
import base64
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, web

from monitor.errors import UserError

HERE = Path(__file__).parent
BUNDLE = HERE / "build"
ICONS = HERE / "node_modules/@grafana/ui/dist/public"
WIDTH = 1600
_START_SECONDS = 30.0
_SETTLE_SECONDS = 120.0
_LARGEST_ANSWER = 64 * 1024 * 1024
_PAGE = """<!doctype html>
<html lang="vi"><meta charset="utf-8"><title>preview</title>
<link rel="stylesheet" href="/bundle/main.css"><body><div id="root"></div>
<script src="/bundle/main.js"></script></body></html>
"""


@dataclass
class Stage:
    """What the page may fetch, and what it reported."""

    url: str = ""
    picture: dict[str, Any] = field(default_factory=dict)
    """The content of /picture.json: dashboard, results, range, variables."""
    failures: list[str] = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the page when it has drawn everything."""


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Serves the page on a free port of 127.0.0.1."""
    own = Stage()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html")

    async def picture(_: web.Request) -> web.Response:
        return web.json_response(own.picture)

    async def failed(request: web.Request) -> web.Response:
        own.failures.append((await request.text())[:2000])
        return web.Response()

    async def settled(_: web.Request) -> web.Response:
        own.settled.set()
        return web.Response()

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/picture.json", picture)
    app.router.add_post("/failed", failed)
    app.router.add_post("/settled", settled)
    app.router.add_static("/bundle", BUNDLE)
    app.router.add_static("/public", ICONS)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port, *_ = runner.addresses[0]
        own.url = f"http://{host}:{port}/"
        yield own
    finally:
        await runner.cleanup()


class Camera:
    """A running Chromium with one page; made by `camera`."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._sent = 0

    async def photograph(self, own: Stage, height: int, zone: str) -> bytes:
        """The page as a PNG; raises UserError when it does not settle."""
        size = {"width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False}
        own.settled.clear()
        await self._call("Emulation.setDeviceMetricsOverride", size)
        await self._call("Emulation.setTimezoneOverride", {"timezoneId": zone})
        await self._call("Page.navigate", {"url": own.url})
        try:
            await asyncio.wait_for(own.settled.wait(), _SETTLE_SECONDS)
        except TimeoutError:
            raise UserError("the page did not settle: " + "; ".join(own.failures)) from None
        shot = await self._call("Page.captureScreenshot", {"format": "png"})
        return base64.b64decode(shot["data"])

    async def _call(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._sent += 1
        await self._socket.send_json({"id": self._sent, "method": method, "params": parameters})
        while True:
            answer = await self._socket.receive_json()
            if answer.get("id") == self._sent:
                if "error" in answer:
                    raise UserError(f"Chromium: {method}: {answer['error'].get('message')}")
                result: dict[str, Any] = answer["result"]
                return result


@asynccontextmanager
async def camera() -> AsyncIterator[Camera]:
    """Starts Chromium with a profile of its own, and ends it; UserError where there is none."""
    with TemporaryDirectory(prefix="congvu-preview-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            _chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--no-first-run", "--disable-dev-shm-usage", "--remote-debugging-port=0",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--lang=vi",
            f"--user-data-dir={profile}", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with ClientSession() as session:
                address = await _page_address(session, Path(profile) / "DevToolsActivePort")
                async with session.ws_connect(address, max_msg_size=_LARGEST_ANSWER) as socket:
                    yield Camera(socket)
        finally:
            process.terminate()
            await process.wait()


def _chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path is not None:
            return path
    raise UserError("no Chromium on PATH: apt-get install chromium")


async def _page_address(session: ClientSession, port_file: Path) -> str:
    """Where the page's DevTools socket is."""
    port = await asyncio.to_thread(_port, port_file)
    async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
        targets = await answer.json()
    return str(next(one for one in targets if one["type"] == "page")["webSocketDebuggerUrl"])


def _port(port_file: Path) -> int:
    """Chromium writes its port, a line, when it listens."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        words = port_file.read_text() if port_file.exists() else ""
        if "\n" in words:
            return int(words.splitlines()[0])
        time.sleep(0.1)
    raise UserError("Chromium did not start within 30 seconds")
