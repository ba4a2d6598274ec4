"""A real HTTP server on this machine that says what a test wants it to say."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """`pages` by path: octets, or a handler; `asked` is what came."""

    port: int = 0
    pages: dict[str, bytes | Handler] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def paths(self) -> list[str]:
        return [request.path for request in self.asked]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        self.bodies.append(await request.read())
        page = self.pages.get(request.path)
        if page is None:
            raise web.HTTPNotFound
        if not isinstance(page, bytes):
            return await page(request)
        mark = f'"{hash(page) & 0xFFFFFFFF:x}"'
        if request.headers.get("If-None-Match") == mark:
            return web.Response(status=304)
        return web.Response(body=page, headers={"ETag": mark})


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[Server]:
    """The server, up; the same port again when it had one."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(application, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", server.port, reuse_address=True)
    await site.start()
    server.port = int(runner.addresses[0][1])
    try:
        yield server
    finally:
        await runner.cleanup()


def leads_to(url: str) -> Handler:
    async def redirect(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": url})

    return redirect


async def hang(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    raise web.HTTPInternalServerError


async def endless(request: web.Request) -> web.StreamResponse:
    """More than anybody wants, without saying so beforehand."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b"0" * 10_000)
    return response
