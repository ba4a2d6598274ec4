"""Beside OpenSSL: its signed mails are valid here, ours are valid there, damage is seen by both."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from monitor.model import Finding, Integrity, Overall
from tests.support.needs import needs, program
from tests.verify.smime_samples import NOW, TEXT, clear_signed, header, judge, opaque, pki, signed

pytestmark = needs("openssl")
LEADER = pki().officer()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the leader's key and chain, and a text to sign."""
    key = LEADER.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(LEADER.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "chain.pem").write_bytes(pki().sub.certificate.public_bytes(Encoding.PEM))
    both = (pki().root.certificate, pki().sub.certificate)
    (tmp_path / "cas.pem").write_bytes(b"".join(c.public_bytes(Encoding.PEM) for c in both))
    (tmp_path / "text").write_text("Kính gửi\nBáo cáo\n")
    return tmp_path


def openssl(
    folder: Path, *options: str, given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    command = [program("openssl"), "cms", *options]
    return subprocess.run(command, cwd=folder, input=given, capture_output=True, check=False)


def made(folder: Path, *options: str) -> bytes:
    who = ("-from", LEADER.email, "-to", "a@example.vn", "-subject", "x")
    done = openssl(folder, "-in", "text", *options, *who)
    assert done.returncode == 0, done.stderr
    return done.stdout


SIGN = ("-sign", "-text", "-signer", "cert.pem", "-inkey", "key.pem", "-certfile", "chain.pem")


@pytest.mark.parametrize("more", [(), ("-nodetach",), ("-stream", "-nodetach"), ("-keyid",)])
def test_a_mail_signed_by_openssl_is_valid(folder: Path, more: tuple[str, ...]) -> None:
    raw = made(folder, *SIGN, *more)
    assert judge(raw).verdict.overall is Overall.VALID
    plain = raw.replace(b"\r\n", b"\n")
    assert judge(plain).verdict.overall is Overall.VALID
    assert judge(plain.replace(b"\n", b"\r\n")).verdict.overall is Overall.VALID


def test_a_damaged_mail_is_invalid_to_both(folder: Path) -> None:
    raw = made(folder, *SIGN).replace("Báo".encode(), b"Bao")
    assert openssl(folder, "-verify", "-noverify", given=raw).returncode != 0
    assert judge(raw).verdict.integrity is Integrity.MODIFIED


@pytest.mark.parametrize(
    "mail", [clear_signed(TEXT, LEADER), opaque(signed(TEXT, LEADER, detached=False))]
)
def test_what_is_valid_here_is_valid_to_openssl(folder: Path, mail: bytes) -> None:
    raw = header(LEADER.email) + mail
    at = str(int(NOW.timestamp()))
    trust = ("-CAfile", "cas.pem", "-attime", at)
    done = openssl(folder, "-verify", *trust, given=raw)
    assert done.returncode == 0, done.stderr
    assert judge(raw).verdict.overall is Overall.VALID


def test_a_mail_encrypted_by_openssl_is_unreadable(folder: Path) -> None:
    raw = made(folder, "-encrypt", "-aes256", "-recip", "cert.pem")
    verdict = judge(raw).verdict
    assert (verdict.overall, verdict.findings) == (Overall.UNREADABLE, (Finding.ENCRYPTED,))
