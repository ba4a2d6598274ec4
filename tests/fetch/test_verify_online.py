"""`congvu verify --online`: a leaf-only chain is completed and its revocation looked up."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from monitor.fetch.seeking import ocsp_request
from monitor.verify.certificate import certificate
from tests.fetch.servers import Server, serving
from tests.trust.authorities import DER, Folders, crl, pem
from tests.verify import making
from tests.verify.making import DAY, NOW, Identity, issue, name, root


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path).make([root()])


def access(server: Server, *pairs: tuple[x509.ObjectIdentifier, str]) -> x509.ExtensionType:
    described = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(server.url(path)))
        for method, path in pairs
    ]
    return x509.AuthorityInformationAccess(described)


def points(server: Server, path: str) -> x509.ExtensionType:
    where = [x509.UniformResourceIdentifier(server.url(path))]
    return x509.CRLDistributionPoints([x509.DistributionPoint(where, None, None, None)])


class Province:
    """A sub-CA that is published only over HTTP, and a signer of it."""

    def __init__(self, server: Server) -> None:
        self.sub = issue(
            name("Published Sub CA"), root(), ca=True,
            extensions=[(points(server, "/root.crl"), False)],
        )  # fmt: skip
        named = access(
            server,
            (AuthorityInformationAccessOID.CA_ISSUERS, "/sub.crt"),
            (AuthorityInformationAccessOID.OCSP, "/ocsp"),
        )
        self.signer = issue(
            name("Người Ký", o="Sở Thử nghiệm"), self.sub, usage=making.usages(sign=True),
            extensions=[(named, False), (points(server, "/sub.crl"), False)],
        )  # fmt: skip
        server.pages |= {
            "/sub.crt": self.sub.der, "/root.crl": crl(root(), NOW),
            "/sub.crl": crl(self.sub, NOW), "/ocsp": self.answer,
        }  # fmt: skip
        self.revoked = False

    async def answer(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(body=self._response())

    def _response(self) -> bytes:
        state = ocsp.OCSPCertStatus.REVOKED if self.revoked else ocsp.OCSPCertStatus.GOOD
        built = ocsp.OCSPResponseBuilder().add_response(
            self.signer.certificate, self.sub.certificate, hashes.SHA1(), state, NOW,
            NOW + DAY, NOW - DAY if self.revoked else None, None,
        )  # fmt: skip
        by_name = built.responder_id(ocsp.OCSPResponderEncoding.NAME, self.sub.certificate)
        return by_name.sign(self.sub.key, hashes.SHA256()).public_bytes(DER)


async def verdict(folders: Folders, server: Server, data: bytes, *words: str) -> dict[str, object]:
    file = folders.put("van-ban.pdf", data)
    config = folders.put(
        "congvu.toml",
        f'[verify]\nanchors = "anchors"\nintermediates = "intermediates"\ncrls = "crls"\n'
        f'[fetch]\nhosts = ["{server.host}"]\nallow_private = ["{server.host}"]\n'.encode(),
    )
    call = [sys.executable, "-m", "monitor", "verify", "--json", "--config", str(config), *words]
    process = await asyncio.create_subprocess_exec(
        *call, str(file), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, errors = await process.communicate()
    assert process.returncode in {0, 1}, errors.decode()
    found: dict[str, object] = json.loads(out)
    return found


def leaf_only(identity: Identity) -> bytes:
    return making.sign_pdf(making.page(), identity, leaf_only=True)


async def test_a_leaf_only_chain_is_completed_and_found_not_revoked(folders: Folders) -> None:
    async with serving(Server()) as server:
        data = await asyncio.to_thread(leaf_only, Province(server).signer)
        offline = await verdict(folders, server, data)
        assert (offline["overall"], offline["cause"]) == ("indeterminate", "ours")
        assert server.asked == []
        online = await verdict(folders, server, data, "--online")
        assert online["overall"] == "valid"
        assert set(server.paths()) == {"/sub.crt", "/root.crl", "/sub.crl", "/ocsp"}
    assert not list((folders.base / "intermediates").iterdir())


async def test_a_revocation_that_only_the_responder_knows_is_found(folders: Folders) -> None:
    async with serving(Server()) as server:
        province = Province(server)
        province.revoked = True
        data = await asyncio.to_thread(leaf_only, province.signer)
        online = await verdict(folders, server, data, "--online")
        assert online["trust"] == "revoked"


async def test_an_issuer_found_on_the_way_is_not_thereby_trusted(folders: Folders) -> None:
    async with serving(Server()) as server:
        stranger = issue(name("Root CA", o="Ban Cơ yếu"), ca=True)
        extension = access(server, (AuthorityInformationAccessOID.CA_ISSUERS, "/forged.crt"))
        signer = issue(
            name("Kẻ Giả"), stranger, usage=making.usages(sign=True),
            extensions=[(extension, False)],
        )  # fmt: skip
        server.pages["/forged.crt"] = pem(stranger)
        data = await asyncio.to_thread(leaf_only, signer)
        online = await verdict(folders, server, data, "--online")
        assert online["overall"] == "indeterminate"
        assert online["trust"] != "trusted"


async def test_addresses_of_a_file_outside_the_list_are_not_asked(folders: Folders) -> None:
    async with serving(Server()) as listed, serving(Server()) as other:
        data = await asyncio.to_thread(leaf_only, Province(other).signer)
        online = await verdict(folders, listed, data, "--online")
        assert online["overall"] == "indeterminate"
        assert other.asked == []


async def test_online_without_hosts_is_a_mistake_of_one_line(folders: Folders) -> None:
    file = folders.put("a.pdf", making.page())
    call = [sys.executable, "-m", "monitor", "verify", "--online", str(file)]
    done = await asyncio.to_thread(
        subprocess.run, call, capture_output=True, text=True, check=False, cwd=folders.base
    )
    assert done.returncode == 2
    assert "name hosts in the settings" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_ocsp_request_is_what_an_independent_library_makes_of_it() -> None:
    signer, sub = making.officer(), making.intermediate()
    builder = ocsp.OCSPRequestBuilder()
    built = builder.add_certificate(signer.certificate, sub.certificate, hashes.SHA1()).build()
    made = ocsp_request(certificate(signer.der), certificate(sub.der))
    assert made == built.public_bytes(DER)
