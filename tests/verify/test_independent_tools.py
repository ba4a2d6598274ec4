"""The same files through poppler's `pdfsig` and `openssl cms`: no unexplained disagreement."""

import asyncio
import hashlib
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.fields import MDPPerm

from monitor.model import Integrity, Overall
from monitor.verify.judge import Judge
from monitor.verify.timestamps import token
from tests.support.needs import needs, program
from tests.verify import making as make

_JUDGE = Judge(make.material())


def _integrity(data: bytes) -> list[Integrity]:
    found = _JUDGE.judge(data, "a.pdf", make.moment()).verdict
    return [signature.integrity for signature in found.signatures]


def _pdfsig(data: bytes, folder: Path) -> list[bool]:
    """Whether each signature is sound, as poppler says it."""
    file = folder / "a.pdf"
    file.write_bytes(data)
    call = [program("pdfsig"), "-nocert", str(file)]
    out = subprocess.run(call, capture_output=True, text=True, check=False).stdout
    return ["is Valid" in line for line in out.splitlines() if "Signature Validation:" in line]


def _flip(data: bytes, needle: bytes) -> bytes:
    at = data.index(needle)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _samples() -> list[tuple[str, bytes]]:
    once = make.signed_page()
    certified = make.sign_pdf(make.page(), certify=MDPPerm.FILL_FORMS)
    return [
        ("once", once),
        ("twice", make.sign_pdf(once, make.agency(), visible=True)),
        ("certified", certified),
        ("certified, signed later", make.sign_pdf(certified, make.agency(), visible=True)),
        ("tampered", _flip(once, b"Van ban")),
        ("time-stamped", make.sign_pdf(make.page(), stamp=make.timestamper())),
    ]


@needs("pdfsig")
@pytest.mark.parametrize(("label", "data"), _samples(), ids=[s[0] for s in _samples()])
def test_pdfsig_agrees_on_what_is_intact(label: str, data: bytes, tmp_path: Path) -> None:
    assert [i is Integrity.INTACT for i in _integrity(data)] == _pdfsig(data, tmp_path)


@needs("openssl")
@pytest.mark.parametrize("change", ["none", "content", "anchor"])
def test_openssl_agrees_on_cms(change: str, tmp_path: Path) -> None:
    content = b"Noi dung van ban"
    signed = make.cms(content)
    anchor = make.stranger() if change == "anchor" else make.root()
    (tmp_path / "root.pem").write_bytes(anchor.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "a.p7s").write_bytes(signed)
    judged = content + b"!" if change == "content" else content
    (tmp_path / "a.txt").write_bytes(judged)
    call = [program("openssl"), "cms", "-verify", "-inform", "DER", "-in", "a.p7s", "-binary",
            "-content", "a.txt", "-CAfile", "root.pem", "-purpose", "any",
            "-out", "out"]  # fmt: skip
    done = subprocess.run(call, capture_output=True, cwd=tmp_path, check=False)
    judge = Judge(make.material(anchor))
    found = judge.judge(signed, "a.p7s", make.moment(), judged).verdict
    assert (found.overall is Overall.VALID) is (done.returncode == 0), done.stderr


@needs("openssl")
@pytest.mark.parametrize("value", ["the stamped one", "another one"])
def test_openssl_agrees_on_time_stamps(value: str, tmp_path: Path) -> None:
    """A token over a value, as `openssl ts -verify` and as time-stamps are read here."""
    imprint = hashlib.sha256(b"the stamped one").digest()
    made = asyncio.run(make.timestamper().async_timestamp(imprint, "sha256"))
    (tmp_path / "a.tst").write_bytes(made.dump())
    (tmp_path / "a.txt").write_text(value)
    (tmp_path / "root.pem").write_bytes(make.root().certificate.public_bytes(Encoding.PEM))
    call = [program("openssl"), "ts", "-verify", "-in", "a.tst", "-token_in", "-data", "a.txt",
            "-CAfile", "root.pem"]  # fmt: skip
    done = subprocess.run(call, capture_output=True, cwd=tmp_path, check=False)
    found = token(bytes(made.dump()), value.encode())
    assert (found is not None) is (done.returncode == 0) is (value == "the stamped one")
