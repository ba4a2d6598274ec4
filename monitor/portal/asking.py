"""One question to a portal: what is there, as its first octets tell, read up to its limit."""

import re
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yarl import URL

from monitor.fetch.client import REDIRECTS, Client
from monitor.fetch.wire import Rules
from monitor.portal.addresses import canonical
from monitor.portal.inflate import Inflater
from monitor.portal.nature import HEAD, Nature, foreign, nature_of
from monitor.portal.wire import Known, Outcome

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_MIB = 1024 * 1024
_CHUNK = 64 * 1024
MAX_HTML = 8 * _MIB
MAX_XML = 64 * _MIB
"""A sitemap may have 50 MB (sitemaps.org)."""
_MAX_DISPOSITION = 4000
_GONE, _BUSY = frozenset({404, 410}), frozenset({429, 503})
_DIGITS = re.compile(r"[0-9]{1,18}\Z")


class Refused(Exception):
    """An address gave nothing that can be used."""

    def __init__(self, outcome: Outcome, number: int | None = None) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome
        self.number = number
        """Status, or announced size, that the server said."""


@dataclass(frozen=True, slots=True)
class Got:
    """An answer: where it leads to, or what is there (`body` is None when nothing has changed)."""

    nature: Nature = Nature.OTHER
    body: list[bytes] | None = None
    location: URL | None = None
    content_type: str = ""
    disposition: str | None = None
    directives: str = ""
    etag: str | None = None
    last_modified: str | None = None

    @property
    def size(self) -> int:
        return sum(map(len, self.body or ()))

    @property
    def head(self) -> bytes:
        return self.body[0][:HEAD] if self.body else b""


class Asker:
    """Asks a portal's servers by the rules of one job."""

    def __init__(self, client: Client, rules: Rules) -> None:
        self._client = client
        self._max = rules.max_bytes

    async def ask(self, url: str, known: Known | None) -> Got:
        """What is at an address; raises Refused, or the client's Failure."""
        headers = _conditions(known)

        async def receive(response: "ClientResponse") -> Got:
            return await self._receive(response, url, conditional=bool(headers))

        return await self._client.once(url, headers, receive)

    async def text(self, url: str, limit: int) -> Got:
        """A small file, cut at its limit, whatever its type; raises as `ask`."""

        async def receive(response: "ClientResponse") -> Got:
            if response.status in REDIRECTS and "Location" in response.headers:
                return _led(response, url)
            _check_status(response.status)
            parts, size = list[bytes](), 0
            async for part in _plain(response):
                parts.append(part)
                size += len(part)
                if size > limit:
                    break
            return Got(Nature.TEXT, parts)

        return await self._client.once(url, {}, receive)

    async def _receive(self, response: "ClientResponse", url: str, *, conditional: bool) -> Got:
        if response.status in REDIRECTS and "Location" in response.headers:
            return _led(response, url)
        if response.status == 304 and conditional:
            return Got()
        _check_status(response.status)
        declared = response.headers.get("Content-Type", "")[:1000]
        if foreign(declared):
            raise Refused(Outcome.OTHER_TYPE)
        return await self._read(response, declared)

    async def _read(self, response: "ClientResponse", declared: str) -> Got:
        parts: list[bytes] = []
        size, nature, limit = 0, None, self._max
        async for part in _plain(response):
            parts.append(part)
            size += len(part)
            if nature is None and size >= HEAD:
                nature, limit = self._told(parts, declared, response)
            if size > limit:
                raise Refused(Outcome.TOO_LARGE, _announced(response))
        if nature is None:
            nature, _ = self._told(parts, declared, response)
        return Got(
            nature, parts, None, declared,
            (response.headers.get("Content-Disposition") or "")[:_MAX_DISPOSITION],
            (response.headers.get("X-Robots-Tag") or "")[:1000],
            _short(response.headers.get("ETag")),
            _short(response.headers.get("Last-Modified")),
        )  # fmt: skip

    def _told(
        self, parts: list[bytes], declared: str, response: "ClientResponse"
    ) -> tuple[Nature, int]:
        """What the first octets say, and how much of it is read; raises Refused."""
        parts[:] = [b"".join(parts)]
        nature = nature_of(parts[0][:HEAD], declared)
        if nature is Nature.OTHER:
            raise Refused(Outcome.OTHER_TYPE)
        limit = min(self._max, MAX_HTML if nature is Nature.HTML else self._max)
        if nature in {Nature.XML, Nature.TEXT, Nature.GZIP}:
            limit = min(self._max, MAX_XML)
        announced = _announced(response)
        if announced is not None and announced > limit:
            raise Refused(Outcome.TOO_LARGE, announced)
        return nature, limit


async def _plain(response: "ClientResponse") -> AsyncIterator[bytes]:
    """The octets without Content-Encoding, in small steps; raises Refused."""
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding in {"", "identity"}:
        async for part in response.content.iter_chunked(_CHUNK):
            yield part
        return
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise Refused(Outcome.MALFORMED)
    inflater = Inflater()
    try:
        async for part in response.content.iter_chunked(_CHUNK):
            for piece in inflater.feed(part):
                yield piece
    except zlib.error:
        raise Refused(Outcome.MALFORMED) from None


def _conditions(known: Known | None) -> dict[str, str]:
    """RFC 9110 13.1."""
    marks = {
        "If-None-Match": known.etag if known else None,
        "If-Modified-Since": known.last_modified if known else None,
    }
    return {name: mark for name, mark in marks.items() if mark}


def _led(response: "ClientResponse", url: str) -> Got:
    location = canonical(URL(url, encoded=True), response.headers["Location"])
    if location is None:
        raise Refused(Outcome.HOST_REFUSED)
    return Got(location=location)


def _check_status(status: int) -> None:
    if status in _GONE:
        raise Refused(Outcome.NOT_FOUND)
    if status in _BUSY:
        raise Refused(Outcome.BUSY)
    if status != 200:
        raise Refused(Outcome.STATUS, status)


def _announced(response: "ClientResponse") -> int | None:
    said = response.headers.get("Content-Length", "")
    return int(said) if _DIGITS.match(said) else None


def _short(header: str | None) -> str | None:
    """A header that can be kept: no octets of no charset, not long."""
    return header if header and len(header) <= 1000 and header.isprintable() else None
