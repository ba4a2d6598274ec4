"""One connection to a mail server, by one who trusts nothing that it says (RFC 5321, 3207, 8314).

Lines, replies and the whole of what is read are bounded; time is the caller's to bound. TLS is done
over memory, so that what came in plain text before it is in our hands: it is never taken for
something that was said under TLS.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass

MAX_LINE = 2048
"""Octets; RFC 5321 4.5.3.1.5 allows 512."""
MAX_LINES = 100
"""Of one reply."""
MAX_OCTETS = 256 * 1024
"""Of one connection, TLS included."""
_CHUNK = 4096
_REPLY = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?")


class Garbled(Exception):
    """It said what is no reply of SMTP, or more than anybody needs to. `said` is how it began."""

    def __init__(self, said: bytes) -> None:
        super().__init__("no reply of SMTP")
        self.said = said[:200].decode("latin-1")


class Gone(Exception):
    """It closed the connection in the midst of things."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply; one character an octet, without line ends."""

    code: int
    lines: tuple[str, ...]

    @property
    def refuses(self) -> bool:
        """For now or for good."""
        return self.code >= 400

    def __str__(self) -> str:
        return f"{self.code} {self.lines[0]}"[:200]

    def offers(self, keyword: str) -> bool:
        """Of a reply to EHLO: is it among the extensions? (RFC 5321 4.1.1.1)"""
        return any(line.upper().split(" ", 1)[0] == keyword for line in self.lines[1:])


class Wire:
    """A connection, in plain text until `start_tls`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._tls: ssl.SSLObject | None = None
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._held = bytearray()
        self._octets = 0

    @classmethod
    async def connect(cls, address: str, port: int) -> "Wire":
        """To an address, never a name. Raises OSError."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, (address, port))
        except BaseException:
            sock.close()
            raise
        return cls(sock)

    def close(self) -> None:
        self._sock.close()

    @property
    def literal(self) -> str:
        """Who we are in EHLO: an address, since this machine may have no name (RFC 5321 4.1.4)."""
        own = ipaddress.ip_address(self._sock.getsockname()[0].partition("%")[0])
        return f"[IPv6:{own}]" if own.version == 6 else f"[{own}]"

    @property
    def unread(self) -> bool:
        """It said more than was asked for yet."""
        return bool(self._held)

    @property
    def certificate(self) -> bytes | None:
        """DER of what it showed under TLS."""
        return self._tls.getpeercert(binary_form=True) if self._tls else None

    @property
    def tls_version(self) -> str:
        return (self._tls and self._tls.version()) or ""

    async def ask(self, command: str) -> Reply:
        """Say a command, which is ours alone, and hear the reply."""
        await self._send(f"{command}\r\n".encode("ascii"))
        return await self.reply()

    async def reply(self) -> Reply:
        """The next reply, of one line or several with one code. Raises Garbled, Gone, OSError."""
        lines: list[str] = []
        codes: set[bytes] = set()
        while len(lines) < MAX_LINES:
            line = await self._line()
            match = _REPLY.fullmatch(line)
            if match is None:
                raise Garbled(line)
            codes.add(match[1])
            lines.append((match[3] or b"").decode("latin-1"))
            if len(codes) > 1:
                raise Garbled(line)
            if match[2] != b"-":
                return Reply(int(match[1]), tuple(lines))
        raise Garbled(lines[0].encode("latin-1"))

    async def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        """Shake hands. Raises ssl.SSLError, Gone, OSError."""
        tls = context.wrap_bio(self._in, self._out, server_hostname=name)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._flush()
                await self._feed()
        await self._flush()
        self._tls = tls

    async def _line(self) -> bytes:
        while (end := self._held.find(b"\n")) < 0:
            if len(self._held) > MAX_LINE:
                raise Garbled(bytes(self._held))
            self._held += await self._read()
        if end > MAX_LINE:
            raise Garbled(bytes(self._held))
        line = bytes(self._held[:end]).removesuffix(b"\r")
        del self._held[: end + 1]
        return line

    async def _read(self) -> bytes:
        """More of what it says; never nothing."""
        if self._tls is None:
            return await self._receive()
        while True:
            try:
                if data := self._tls.read(_CHUNK):
                    return data
                raise Gone
            except ssl.SSLWantReadError:
                await self._flush()
                await self._feed()
            except ssl.SSLZeroReturnError:
                raise Gone from None

    async def _feed(self) -> None:
        self._in.write(await self._receive())

    async def _receive(self) -> bytes:
        data = await self._loop.sock_recv(self._sock, _CHUNK)
        if not data:
            raise Gone
        self._octets += len(data)
        if self._octets > MAX_OCTETS:
            raise Garbled(b"" if self._tls else data)
        return data

    async def _send(self, data: bytes) -> None:
        if self._tls is None:
            await self._loop.sock_sendall(self._sock, data)
            return
        self._tls.write(data)
        await self._flush()

    async def _flush(self) -> None:
        if data := self._out.read():
            await self._loop.sock_sendall(self._sock, data)
