"""The HTTP surface: read-only pages, on loopback unless guarded."""

import asyncio
import base64
import hmac
import ssl
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from monitor.errors import UserError
from monitor.expose.exposition import exposition
from monitor.expose.pages import Pages
from monitor.expose.readiness import Readiness
from monitor.settings import HttpSettings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

INDEX = """congvu

/metrics  adoption figures and the state of the pipeline, for Prometheus
/readyz   200 when every part works, 503 and the parts that do not
/healthz  200 while the process answers
/docs     what the figures mean, what to do when an alert comes
"""


async def _at_once() -> None:
    """Nothing to wait for."""


class HttpSurface:
    """Serves one metric registry and one readiness until stopped."""

    def __init__(
        self,
        settings: HttpSettings,
        registry: CollectorRegistry,
        readiness: Readiness,
        figures: Callable[[], bytes] = bytes,
        settled: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        """`figures` gives the families that are rendered when they change, not at every scrape;
        a scrape waits for `settled`.
        """
        self._settings = settings
        self._registry = registry
        self._readiness = readiness
        self._figures = figures
        self._settled = settled
        self._runner: web.AppRunner | None = None
        self.port = settings.port

    async def start(self) -> None:
        """Listen; raises UserError when the address is taken or the certificate unusable."""
        app = web.Application(middlewares=[self._authenticated])
        app.router.add_get("/", _index)
        app.router.add_get("/healthz", _healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_routes(Pages().routes())
        self._runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=2)
        await self._runner.setup()
        address = f"{self._settings.host}:{self._settings.port}"
        try:
            site = web.TCPSite(
                self._runner, self._settings.host, self._settings.port, ssl_context=self._tls()
            )
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise UserError(
                f"http: cannot listen on {address}: {error.strerror or error}; set http.port"
            ) from None
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    def _tls(self) -> ssl.SSLContext | None:
        if not (self._settings.tls_certificate and self._settings.tls_key):
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._settings.tls_certificate, self._settings.tls_key)
        return context

    @web.middleware
    async def _authenticated(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """HTTP Basic (RFC 7617) where credentials are set; `/healthz` stays open for probes."""
        password = self._settings.password
        if password is None or request.path == "/healthz":
            return await handler(request)
        wanted = f"{self._settings.username}:{password.get_secret_value()}".encode()
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), b"Basic " + base64.b64encode(wanted)):
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Basic realm="congvu"'})
        return await handler(request)

    async def _metrics(self, _request: web.Request) -> web.Response:
        # Rendered in a thread: in the loop, thousands of series would stall the intake.
        await self._settled()
        body = await asyncio.to_thread(exposition, self._registry)
        return web.Response(
            body=body + self._figures(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
        )

    async def _readyz(self, _request: web.Request) -> web.Response:
        states = self._readiness.states()
        answer = {
            "ready": self._readiness.is_ready,
            "parts": {state.part: state.reason or "ok" for state in states},
        }
        return web.json_response(answer, status=200 if self._readiness.is_ready else 503)


async def _healthz(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _index(_request: web.Request) -> web.Response:
    return web.Response(text=INDEX)
