"""Mail servers that say what a test tells them to, and small certificates for them."""

import contextlib
import functools
import ipaddress
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from monitor.posture.model import GatewayTarget
from tests.verify import making
from tests.verify.making import DAY, NOW, Identity

HOST = "mx.tinh.gov.vn"
Script = Callable[["Line"], None]


@functools.cache
def authority() -> Identity:
    return making.issue(making.name("Gateway CA"), ca=True)


def certificate(
    *names: str,
    issuer: Identity | None = None,
    days: float = 90.5,
    since: timedelta = -30 * DAY,
    alone: bool = False,
) -> Identity:
    """Of a server; `alone` is self-signed."""
    alternatives = [
        x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
        for name in names or (HOST,)
    ]
    return making.issue(
        making.name("server"),
        None if alone else issuer or authority(),
        extensions=[(x509.SubjectAlternativeName(alternatives), False)],
        not_before=NOW + since,
        not_after=NOW + timedelta(days=days),
    )


def pem(identity: Identity) -> str:
    return identity.certificate.public_bytes(serialization.Encoding.PEM).decode()


def key_pem(identity: Identity) -> str:
    return identity.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def write_pem(identity: Identity, folder: Path) -> Path:
    """Key, certificate and those above it, in one file."""
    above = (part.public_bytes(serialization.Encoding.PEM).decode() for part in identity.chain)
    file = folder / "server.pem"
    file.write_text(key_pem(identity) + pem(identity) + "".join(above))
    return file


def tls(identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        context.load_cert_chain(write_pem(identity, Path(folder)))
    return context


class Line:
    """One connection as the server's script sees it; `heard` is of the whole server."""

    def __init__(self, sock: socket.socket, heard: list[str]) -> None:
        self.sock = sock
        self.heard = heard

    def say(self, text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        self.sock.sendall(data if isinstance(text, bytes) else data + b"\r\n")

    def hear(self) -> str:
        """A command, or nothing where the other has left."""
        data = b""
        while not data.endswith(b"\n"):
            if not (more := self.sock.recv(1)):
                break
            data += more
        self.heard.append(data.decode("latin-1").strip())
        return self.heard[-1]

    def wait(self) -> None:
        """Until the other leaves."""
        while self.sock.recv(4096):
            pass

    def secure(self, context: ssl.SSLContext) -> None:
        self.sock = context.wrap_socket(self.sock, server_side=True)


class Server:
    """Listens on a free port; each connection gets the script in a thread of its own."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.heard: list[str] = []
        self.connections = 0
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._socket.accept()
                self.connections += 1
                self._open.append(sock)
                thread = threading.Thread(target=self._run, args=(sock,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _run(self, sock: socket.socket) -> None:
        line = Line(sock, self.heard)
        with contextlib.suppress(OSError, ValueError):
            self._script(line)
        for each in (line.sock, sock):
            with contextlib.suppress(OSError):
                each.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)


@contextlib.contextmanager
def serving(script: Script) -> Iterator[Server]:
    server = Server(script)
    try:
        yield server
    finally:
        server.close()


def target(port: int, **changes: object) -> GatewayTarget:
    """The server as a gateway of the province, its authority trusted."""
    asked: dict[str, object] = {
        "name": "mx1", "host": "127.0.0.1", "port": port, "ca": pem(authority()),
        "server_name": HOST, "timeout_seconds": 8,
    }  # fmt: skip
    return GatewayTarget.model_validate(asked | changes)


def polite(context: ssl.SSLContext | None, *, implicit: bool = False) -> Script:
    """A server that does as it should."""

    def script(line: Line) -> None:
        if implicit and context:
            line.secure(context)
        line.say("220 mx ESMTP")
        while command := line.hear():
            verb = command.split(" ")[0].upper()
            if verb == "EHLO":
                line.say("250-mx\r\n250-SIZE 1000" + ("\r\n250-STARTTLS" if context else ""))
                line.say("250 HELP")
            elif verb == "STARTTLS" and context:
                line.say("220 go ahead")
                line.secure(context)
            elif verb == "QUIT":
                line.say("221 bye")
                return

    return script
