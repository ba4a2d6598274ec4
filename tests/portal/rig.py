"""A portal that a test writes, and a crawler of it whose clock the test turns."""

import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from monitor.observe import Observer
from monitor.portal.book import Round
from monitor.portal.crawler import PortalCrawler
from monitor.portal.wire import Outcome
from monitor.settings import PortalSource
from tests.collect.wire import Counts, MemorySink
from tests.fetch.servers import Handler, Server
from tests.verify.making import NOW

PDF = b"%PDF-1.7 van ban "


class Rig:
    """`source` are settings of the portal beside what every test needs."""

    def __init__(self, state: Path, server: Server, **source: Any) -> None:
        self.state = state
        self.server = server
        self.now = NOW
        values = {
            "name": "cong", "agency": "ubnd", "starts": [server.url("/")],
            "allow_private": [server.host], "delay_seconds": 0, "timeout_seconds": 20,
            "max_bytes": 1_000_000,
        }  # fmt: skip
        self.source = PortalSource.model_validate(values | source)
        self.sink = MemorySink()
        self.looks: list[str] = []
        self.restart()

    def restart(self) -> None:
        """A new daemon on the same state."""
        observer = Observer()
        self.registry = observer.registry
        self.counts = Counts(observer)
        self.crawler = PortalCrawler(
            self.source, self.sink, self.state, observer, lambda: self.now, self.looks.append
        )

    def clock(self) -> datetime:
        return self.now

    async def round(self, later: timedelta = timedelta()) -> Round:
        self.now += later
        self.server.asked.clear()
        return await self.crawler.round()

    @property
    def taken(self) -> list[str]:
        """Addresses of the documents that reached the spool, without the server's."""
        claims = [header.claim for header, _ in self.sink.items]
        return [
            claim.origin.removeprefix(f"http://{self.server.host}")
            for claim in claims
            if claim and claim.origin
        ]

    @property
    def names(self) -> list[str]:
        return [header.claim.file_name for header, _ in self.sink.items if header.claim]

    def pages(self, outcome: Outcome) -> float:
        labels = {"source": "cong", "outcome": outcome.value}
        return self.registry.get_sample_value("congvu_portal_pages_total", labels) or 0


def page(*links: str, head: str = "") -> bytes:
    """An HTML page with links."""
    body = "".join(f'<p><a href="{link}">văn bản</a></p>' for link in links)
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def sitemap(*urls: str, index: bool = False) -> bytes:
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    body = "".join(f"<{inner}><loc>{url}</loc></{inner}>" for url in urls)
    name = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0"?><{outer} xmlns="{name}">{body}</{outer}>'.encode()


def says(body: bytes, headers: Mapping[str, str] | None = None, *, status: int = 200) -> Handler:
    """A page with headers of its own."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers=headers, status=status)

    return answer


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
