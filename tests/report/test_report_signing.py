"""Signed reports: what `congvu verify` and `pdfsig` say of them, and what keeps them from being."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    pkcs12,
)
from pyhanko.pdf_utils.reader import PdfFileReader

from monitor.errors import UserError
from monitor.report import signing
from monitor.report.signing.timestamps import MOST_BYTES, REPLY
from monitor.settings.report import ReportSigningSettings
from tests.fetch.servers import Handler, Server, serving
from tests.support.needs import needs
from tests.support.report_pdf import facts, made, pages, read
from tests.support.report_sample import sample
from tests.verify import making as make

PASSWORD = "một mật khẩu"
NOW = make.NOW
QUICKLY = 20.0
"""Seconds that a server has; one that says nothing has less."""


def key_file(
    folder: Path,
    identity: make.Identity | None = None,
    encryption: KeySerializationEncryption | None = None,
) -> Path:
    """A PKCS#12 file, with PASSWORD unless asked otherwise."""
    who = identity or make.agency()
    octets = pkcs12.serialize_key_and_certificates(
        b"congvu", who.key, who.certificate, who.chain,
        encryption or BestAvailableEncryption(PASSWORD.encode()),
    )  # fmt: skip
    path = folder / "key.p12"
    path.write_bytes(octets)
    return path


def settings(
    folder: Path, identity: make.Identity | None = None, *, password: str = PASSWORD,
    server: str | None = None, seconds: float = QUICKLY,
) -> ReportSigningSettings:  # fmt: skip
    (folder / "password").write_text(password + "\n", encoding="utf-8")
    return ReportSigningSettings(
        key_file=key_file(folder, identity), password_file=folder / "password",
        timestamp_url=server, timestamp_timeout_seconds=seconds,
    )  # fmt: skip


@pytest.fixture(scope="module")
def report() -> bytes:
    return made(sample(5))


def verified(octets: bytes, folder: Path) -> dict[str, Any]:
    """What the command says of it, with this PKI trusted and its revocation lists at hand."""
    for name, content in (
        ("root.pem", make.root().certificate.public_bytes(Encoding.PEM)),
        ("root.crl", make.crl(make.root())),
        ("sub.crl", make.crl(make.intermediate())),
        ("signed.pdf", octets),
    ):
        (folder / name).write_bytes(content)
    call = [sys.executable, "-m", "monitor", "verify", "--json",
            "--trust", str(folder / "root.pem"), "--crl", str(folder / "root.crl"),
            "--crl", str(folder / "sub.crl"), str(folder / "signed.pdf")]  # fmt: skip
    done = subprocess.run(call, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode in {0, 1}, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


# -- with a key ------------------------------------------------------------------------------------


def test_congvu_verify_says_valid_of_a_signed_report(report: bytes, tmp_path: Path) -> None:
    signed = signing.sign(report, settings(tmp_path), datetime.now(UTC), "Hòa Bình")
    answer = verified(signed, tmp_path)
    assert answer["overall"] == "valid"
    [signature] = answer["signatures"]
    assert (signature["format"], signature["level"]) == ("PAdES", "B-B")
    assert signature["indication"] == "TOTAL-PASSED"


@needs("pdfsig")
def test_pdfsig_accepts_a_signed_report(report: bytes, tmp_path: Path) -> None:
    signed = signing.sign(report, settings(tmp_path), datetime.now(UTC))
    said = read(signed, tmp_path, "pdfsig", "-nocert", "{}")
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "Signer Certificate Common Name: Sở Thử nghiệm" in said


@needs("pdfsig")
def test_a_signed_report_that_is_changed_afterwards_is_invalid(
    report: bytes, tmp_path: Path
) -> None:
    signed = bytearray(signing.sign(report, settings(tmp_path), datetime.now(UTC)))
    at = signed.index(b"/Title") + 10
    signed[at] ^= 1
    assert verified(bytes(signed), tmp_path)["overall"] == "invalid"
    said = read(bytes(signed), tmp_path, "pdfsig", "-nocert", "{}")
    assert "Signature is Valid." not in said


@needs("pdftotext", "pdfinfo")
def test_the_first_page_shows_who_signed_and_when(report: bytes, tmp_path: Path) -> None:
    at = NOW - timedelta(days=1)
    signed = signing.sign(report, settings(tmp_path), at)
    shown = pages(signed, tmp_path)
    vietnam = (at + timedelta(hours=7)).strftime("%d/%m/%Y %H:%M:%S")
    assert "Ký bởi: Sở Thử nghiệm" in shown[0]
    assert f"Thời gian ký: {vietnam} +07:00" in shown[0]
    assert len(shown) == len(pages(report, tmp_path))
    assert "Ký bởi" not in " ".join(shown[1:])


@needs("pdfinfo")
def test_a_signed_report_is_still_an_archive_with_all_its_fonts(
    report: bytes, tmp_path: Path
) -> None:
    signed = signing.sign(report, settings(tmp_path), datetime.now(UTC))
    assert signed.startswith(report)
    root = PdfFileReader(BytesIO(signed)).root
    assert root["/Metadata"].data == PdfFileReader(BytesIO(report)).root["/Metadata"].data
    assert facts(signed, tmp_path)["PDF version"] == "1.7", "PDF/A-2 is no PDF 2.0"
    assert list(root["/Extensions"]) == ["/ESIC"]
    assert facts(signed, tmp_path)["ModDate"] == "2026-11-06T01:30:00Z"
    assert "/NeedAppearances" not in root["/AcroForm"]
    widget = root["/AcroForm"]["/Fields"][0]
    assert widget["/F"] & 4, "it is printed"
    assert "/N" in widget["/AP"]
    fonts = read(signed, tmp_path, "pdffonts", "{}").splitlines()[2:]
    assert all(" yes yes yes " in line for line in fonts)
    assert facts(signed, tmp_path)["Form"] == "AcroForm"


def test_another_may_sign_after_it_and_both_hold(report: bytes, tmp_path: Path) -> None:
    first = signing.sign(report, settings(tmp_path), datetime.now(UTC))
    both = verified(make.sign_pdf(first, make.officer(), visible=True), tmp_path)
    assert both["overall"] == "valid"
    assert [each["indication"] for each in both["signatures"]] == ["TOTAL-PASSED"] * 2


def test_a_key_without_a_password_needs_no_password_file(report: bytes, tmp_path: Path) -> None:
    path = key_file(tmp_path, encryption=NoEncryption())
    signed = signing.sign(report, ReportSigningSettings(key_file=path), datetime.now(UTC))
    assert verified(signed, tmp_path)["overall"] == "valid"


# -- keys that cannot sign -------------------------------------------------------------------------


def refused(report: bytes, key: ReportSigningSettings) -> str:
    with pytest.raises(UserError) as error:
        signing.sign(report, key, NOW)
    said = str(error.value)
    assert PASSWORD not in said
    return said


def test_no_key_file_is_told(report: bytes, tmp_path: Path) -> None:
    missing = ReportSigningSettings(key_file=tmp_path / "none.p12")
    said = refused(report, missing)
    assert "report_signing.key_file" in said
    assert "none.p12 cannot be read: No such file" in said


def test_a_file_that_is_no_pkcs12_is_told(report: bytes, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(make.agency().certificate.public_bytes(Encoding.PEM))
    assert "key.pem is no PKCS#12 file" in refused(report, ReportSigningSettings(key_file=path))


def test_a_wrong_password_is_told(report: bytes, tmp_path: Path) -> None:
    said = refused(report, settings(tmp_path, password="ein anderes"))
    assert "report_signing.password_file" in said
    assert "does not open with this password" in said
    assert "ein anderes" not in said


def test_a_missing_password_is_told(report: bytes, tmp_path: Path) -> None:
    said = refused(report, ReportSigningSettings(key_file=key_file(tmp_path)))
    assert "needs a password" in said


def test_a_missing_password_file_is_told(report: bytes, tmp_path: Path) -> None:
    said = refused(report, ReportSigningSettings(
        key_file=key_file(tmp_path), password_file=tmp_path / "none"))  # fmt: skip
    assert "report_signing.password_file" in said
    assert "No such file" in said


def test_a_certificate_without_its_key_is_told(report: bytes, tmp_path: Path) -> None:
    octets = pkcs12.serialize_key_and_certificates(
        None, None, None, [make.agency().certificate], NoEncryption()
    )
    (tmp_path / "certificates.p12").write_bytes(octets)
    said = refused(report, ReportSigningSettings(key_file=tmp_path / "certificates.p12"))
    assert "has no private key" in said


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [(-30, -1, "expired on"), (1, 30, "is not valid before")],
)
def test_a_certificate_out_of_its_time_signs_nothing(
    first: int, last: int, says: str, report: bytes, tmp_path: Path
) -> None:
    who = make.issue(
        make.name("Sở Hết hạn"), make.intermediate(), usage=make.usages(sign=True),
        not_before=NOW + timedelta(days=first), not_after=NOW + timedelta(days=last),
    )  # fmt: skip
    said = refused(report, settings(tmp_path, who))
    assert f"the certificate of Sở Hết hạn in {tmp_path / 'key.p12'} {says}" in said


def test_a_certificate_that_is_not_for_signing_signs_nothing(report: bytes, tmp_path: Path) -> None:
    who = make.issue(make.name("Sở"), make.intermediate(), usage=make.usages(encrypt=True))
    assert "is not for signing" in refused(report, settings(tmp_path, who))


def test_a_report_that_is_signed_already_is_not_signed_again(report: bytes, tmp_path: Path) -> None:
    key = settings(tmp_path)
    assert "the report is not signed" in refused(signing.sign(report, key, NOW), key)


# -- time-stamps -----------------------------------------------------------------------------------


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(Server()) as up:
        yield up


async def _stamps(request: web.Request) -> web.Response:
    """A time-stamp of this PKI."""
    query = tsp.TimeStampReq.load(await request.read())
    answer = await make.timestamper().async_request_tsa_response(query)
    return web.Response(body=answer.dump(), content_type=REPLY)


async def _stamps_something_else(request: web.Request) -> web.Response:
    query = tsp.TimeStampReq.load(await request.read())
    query["message_imprint"]["hashed_message"] = bytes(32)
    answer = await make.timestamper().async_request_tsa_response(query)
    return web.Response(body=answer.dump(), content_type=REPLY)


async def _stamps_for_another_nonce(request: web.Request) -> web.Response:
    query = tsp.TimeStampReq.load(await request.read())
    query["nonce"] = 7
    answer = await make.timestamper().async_request_tsa_response(query)
    return web.Response(body=answer.dump(), content_type=REPLY)


async def _refuses(request: web.Request) -> web.Response:
    status = {"status": "rejection", "status_string": ["not a customer"]}
    said = tsp.PKIStatusInfo(status).dump()
    return web.Response(body=b"\x30" + bytes([len(said)]) + said, content_type=REPLY)


async def _fails(request: web.Request) -> web.Response:
    return web.Response(status=500)


async def _is_a_web_page(request: web.Request) -> web.Response:
    return web.Response(text="<p>Đăng nhập</p>", content_type="text/html")


async def _says_nonsense(request: web.Request) -> web.Response:
    return web.Response(body=b"\x30\x03\x02\x01\x00", content_type=REPLY)


async def _says_too_much(request: web.Request) -> web.Response:
    return web.Response(body=bytes(10 * MOST_BYTES), content_type=REPLY)


async def _says_nothing(request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


async def _sends_elsewhere(request: web.Request) -> web.Response:
    return web.Response(status=307, headers={"Location": "/elsewhere"})


async def test_a_time_stamp_proves_when_a_report_was_signed(
    report: bytes, tmp_path: Path, server: Server
) -> None:
    server.pages["/tsa"] = _stamps
    key = settings(tmp_path, server=server.url("/tsa"))
    signed = await asyncio.to_thread(signing.sign, report, key, datetime.now(UTC))
    answer = verified(signed, tmp_path)
    assert answer["overall"] == "valid"
    [signature] = answer["signatures"]
    assert signature["level"] == "B-T"
    assert signature["signing_time_source"] == "timestamp"
    assert "not_timestamped" not in answer["findings"]
    assert server.paths() == ["/tsa"], "one question, of the digest alone"


@pytest.mark.parametrize(
    ("answer", "says", "seconds"),
    [
        (_fails, "it answered 500", QUICKLY),
        (_is_a_web_page, "it answered 200 text/html", QUICKLY),
        (_sends_elsewhere, "it answered 307", QUICKLY),
        (_says_nonsense, "its answer is no time-stamp", QUICKLY),
        (_says_too_much, f"larger than {MOST_BYTES} bytes", QUICKLY),
        (_refuses, "not a customer", QUICKLY),
        (_stamps_something_else, "its time-stamp is of something else", QUICKLY),
        (_stamps_for_another_nonce, "its answer is no time-stamp", QUICKLY),
        (_says_nothing, "no answer within 0.2 seconds", 0.2),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
async def test_without_its_time_stamp_a_report_is_not_signed(
    answer: Handler, says: str, seconds: float, report: bytes, tmp_path: Path, server: Server
) -> None:
    server.pages |= {"/tsa": answer, "/elsewhere": _stamps}
    key = settings(tmp_path, server=server.url("/tsa"), seconds=seconds)
    said = await asyncio.to_thread(refused, report, key)
    assert "the report is not signed: no time-stamp from" in said
    assert server.url("/tsa") in said
    assert says in said
    assert server.paths() == ["/tsa"]


def test_a_server_that_is_down_is_told(report: bytes, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        said = refused(report, settings(tmp_path, server=url))
    assert f"no time-stamp from {url}" in said
