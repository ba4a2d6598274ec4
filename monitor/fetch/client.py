"""One bounded HTTP exchange: redirects within the list, so many octets, so much time."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from yarl import URL

from monitor.fetch.hosts import Failure, Gate, GuardedResolver, parse
from monitor.fetch.wire import Outcome, Rules, Target

_MAX_REDIRECTS = 5
_CHUNK = 256 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
AGENT = "congvu"

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server sent; `body` is None when nothing has changed."""

    body: bytes | None
    etag: str | None = None
    last_modified: str | None = None


class Client:
    """Asks servers of the list. Use as a context."""

    def __init__(self, rules: Rules, agent: str = AGENT) -> None:
        self._rules = rules
        self._agent = agent
        self._gate = Gate(rules)

    async def __aenter__(self) -> "Client":
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=GuardedResolver(self._gate), use_dns_cache=False, force_close=True
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=30),
            headers={"User-Agent": self._agent, "Accept": "*/*", "Accept-Encoding": "identity"},
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def get(self, target: Target) -> Reply:
        """What is at an address; raises Failure."""
        headers = {"If-None-Match": target.etag, "If-Modified-Since": target.last_modified}
        return await self._bounded(target.url, {k: v for k, v in headers.items() if v}, None)

    async def post(self, url: str, body: bytes) -> Reply:
        """The answer to an OCSP request (RFC 6960 A.1); raises Failure."""
        return await self._bounded(url, {"Content-Type": "application/ocsp-request"}, body)

    async def once(
        self,
        text: str,
        headers: Mapping[str, str],
        receive: Callable[[aiohttp.ClientResponse], Awaitable[Made]],
    ) -> Made:
        """What `receive` makes of the answer to one GET, redirects included; raises Failure."""
        return await self._in_time(self._once(text, headers, receive))

    async def _once(
        self,
        text: str,
        headers: Mapping[str, str],
        receive: Callable[[aiohttp.ClientResponse], Awaitable[Made]],
    ) -> Made:
        url = parse(text)
        if url is None:
            raise Failure(Outcome.HOST_REFUSED)
        self._gate.check(url)
        async with self._session.get(
            url, headers=headers, allow_redirects=False, proxy=self._rules.proxy
        ) as response:
            return await receive(response)

    async def _bounded(self, url: str, headers: dict[str, str], body: bytes | None) -> Reply:
        return await self._in_time(self._follow(url, headers, body))

    async def _in_time(self, exchange: Awaitable[Made]) -> Made:
        try:
            async with asyncio.timeout(self._rules.timeout_seconds):
                return await exchange
        except TimeoutError:
            raise Failure(Outcome.TIMEOUT) from None
        except (aiohttp.ClientError, socket.gaierror, OSError, ValueError) as error:
            # The resolver's refusal arrives wrapped.
            cause = error.__cause__ or error.__context__
            raise (cause if isinstance(cause, Failure) else Failure(Outcome.UNREACHABLE)) from None

    async def _follow(self, text: str, headers: dict[str, str], body: bytes | None) -> Reply:
        url = parse(text)
        for _ in range(_MAX_REDIRECTS + 1):
            if url is None:
                raise Failure(Outcome.HOST_REFUSED)
            self._gate.check(url)
            reply = await self._ask(url, headers, body)
            if isinstance(reply, Reply):
                return reply
            url = _joined(url, reply)
        raise Failure(Outcome.REDIRECTS)

    async def _ask(self, url: URL, headers: dict[str, str], body: bytes | None) -> Reply | str:
        """The reply, or where the server sends us."""
        async with self._session.request(
            "GET" if body is None else "POST", url, headers=headers, data=body,
            allow_redirects=False, proxy=self._rules.proxy,
        ) as response:  # fmt: skip
            if response.status in REDIRECTS and "Location" in response.headers:
                return response.headers["Location"]
            if response.status == 304 and len(headers) and body is None:
                return Reply(None)
            if response.status != 200:
                raise Failure(Outcome.STATUS)
            return Reply(
                await self._read(response),
                _short(response.headers.get("ETag")),
                _short(response.headers.get("Last-Modified")),
            )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        limit = self._rules.max_bytes
        if (response.content_length or 0) > limit:
            raise Failure(Outcome.TOO_LARGE)
        parts: list[bytes] = []
        size = 0
        async for part in response.content.iter_chunked(_CHUNK):
            size += len(part)
            if size > limit:
                raise Failure(Outcome.TOO_LARGE)
            parts.append(part)
        return b"".join(parts)


def _joined(url: URL, location: str) -> URL | None:
    target = parse(location)
    return None if target is None else url.join(target)


def _short(header: str | None) -> str | None:
    return header if header and len(header) <= 1000 else None
