"""The hosts of the demo's mail gateway, as far as a look at their liveness goes (RFC 5321, 3207).

They greet, say what they can do, speak TLS and say good-bye. They take no mail.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from monitor.demo.mails import GATEWAY
from monitor.material.demo_mark import DEMO_MARK

AUTHORITY = "gateway-ca.pem"
IDLE_SECONDS = 60.0
LONGEST_LINE = 1024


@dataclass(frozen=True)
class GatewayHost:
    """One host: its name in the settings, its port, how long its certificate lasts."""

    name: str
    port: int
    days: int

    def file(self, folder: Path) -> Path:
        """Certificate and key, PEM."""
        return folder / f"gateway-{self.name}.pem"


def write_certificates(folder: Path, hosts: Sequence[GatewayHost], now: datetime) -> None:
    """The hosts' certificates, and the authority that the demo trusts for these hosts alone."""
    authority = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{DEMO_MARK} gateway CA")])
    ca = _certificate(issuer, issuer, authority, authority, now, 365, ca=True)
    (folder / AUTHORITY).write_bytes(_pem(ca))
    for host in hosts:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, GATEWAY)])
        made = _certificate(subject, issuer, key, authority, now, host.days, ca=False)
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        host.file(folder).write_bytes(_pem(made) + secret)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    now: datetime,
    days: int,
    *,
    ca: bool,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(GATEWAY)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .sign(signer, hashes.SHA256())
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@contextlib.asynccontextmanager
async def greeting(folder: Path, hosts: Sequence[GatewayHost]) -> AsyncIterator[None]:
    """Serve every host on its port of 127.0.0.1 until the context is left."""
    async with contextlib.AsyncExitStack() as stack:
        for host in hosts:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(host.file(folder))
            talk = _Talk(context)
            server = await asyncio.start_server(
                talk.converse, "127.0.0.1", host.port, limit=LONGEST_LINE
            )
            await stack.enter_async_context(server)
        yield


@dataclass(frozen=True)
class _Talk:
    context: ssl.SSLContext

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session; a client that is silent, gone or talks nonsense is left."""
        with contextlib.suppress(OSError, TimeoutError, ValueError, ssl.SSLError):
            async with asyncio.timeout(IDLE_SECONDS):
                writer.write(f"220 {GATEWAY} ESMTP congvu demo\r\n".encode())
                while line := await reader.readline():
                    if await self._said(line.strip().upper(), writer):
                        break
        writer.close()

    async def _said(self, command: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one command; True at the session's end."""
        secured = writer.get_extra_info("ssl_object") is not None
        if command.startswith(b"EHLO"):
            offers = [GATEWAY, "SIZE 67108864", *([] if secured else ["STARTTLS"]), "8BITMIME"]
            dashed = [f"250-{each}" for each in offers[:-1]]
            writer.write("\r\n".join([*dashed, f"250 {offers[-1]}", ""]).encode())
        elif command == b"STARTTLS" and not secured:
            writer.write(b"220 2.0.0 Ready to start TLS\r\n")
            await writer.drain()
            await writer.start_tls(self.context)
        elif command == b"QUIT":
            writer.write(b"221 2.0.0 Bye\r\n")
            await writer.drain()
            return True
        else:
            writer.write(b"502 5.5.1 Only looked at: no mail is taken here\r\n")
        await writer.drain()
        return False
