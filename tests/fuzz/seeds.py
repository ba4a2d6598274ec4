# mypy: allow-untyped-calls
"""The genuine files that each target starts from, signed by the tests' generated PKI."""

import base64
from collections.abc import Callable
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from monitor.model import Revocation
from tests.extract import edxml_making as headers
from tests.fuzz.mutate import der
from tests.fuzz.world import World, corpus_files
from tests.support.corpus import CORPUS
from tests.verify import making as make
from tests.verify import package_making as pack
from tests.verify import smime_samples as mails
from tests.verify import test_asic_containers as containers
from tests.verify import test_edxml_messages as messages
from tests.verify import xml_making as xml

CONTENT = "Số 12/QĐ-UBND: Quyết định.\n".encode() * 4
DAY = make.DAY


def _pdf() -> World:
    once = make.signed_page()
    certified = make.sign_pdf(make.page(), certify=MDPPerm.FILL_FORMS)
    genuine = (
        once,
        make.sign_pdf(once, make.agency(), visible=True),
        make.sign_pdf(make.page("Hai trang", 2), subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED),
        make.sign_pdf(certified, make.agency()),
        make.sign_pdf(make.page(), stamp=make.timestamper(), visible=True),
    )
    return _world("pdf", genuine, (make.page(), make.sign_pdf(make.page(), make.stranger())))


def _cms() -> World:
    twice = _with_second_signer(make.cms(CONTENT, attached=True),
                                make.cms(CONTENT, make.agency(), attached=True))  # fmt: skip
    genuine = (
        make.cms(CONTENT, attached=True),
        make.cms(CONTENT),
        make.cms(CONTENT, stamp=make.timestamper(), attached=True),
        make.cms(CONTENT, make.agency(), attached=True, digest="sha512"),
        twice,
        b"-----BEGIN PKCS7-----\n"
        + base64.encodebytes(make.cms(CONTENT, attached=True))
        + b"-----END PKCS7-----\n",
    )
    world = _world("cms", genuine, (make.cms(CONTENT, make.stranger(), attached=True),))
    return World(world.material, world.moment, world.genuine, world.other, CONTENT)


def _with_second_signer(first: bytes, second: bytes) -> bytes:
    from asn1crypto import cms

    one, two = cms.ContentInfo.load(first), cms.ContentInfo.load(second)
    for field in ("certificates", "signer_infos"):
        for item in two["content"][field]:
            one["content"][field].append(item)
    return bytes(one.dump(force=True))


def _smime() -> World:
    leader, office = mails.pki().officer(), mails.pki().organisation()
    sender = mails.header(f"Lanh dao <{leader.email}>")
    inside = mails.multipart("multipart/mixed", "inner", mails.TEXT, mails.TEXT)
    clear = mails.clear_signed(mails.TEXT, leader)
    genuine = (
        sender + clear,
        sender + mails.opaque(mails.signed(mails.TEXT, leader, detached=False)),
        sender + mails.clear_signed(inside, leader, office),
        sender + mails.multipart("multipart/mixed", "wrap", clear),
        mails.header(office.email) + mails.clear_signed(mails.TEXT, office),
    )
    other = (
        sender + mails.ATTACK,
        mails.header("x@example.org") + b"Content-Type: message/rfc822\r\n\r\n" + genuine[0],
        sender + mails.opaque(mails.enveloped(mails.TEXT), "enveloped-data"),
        sender + mails.opaque(mails.compressed(clear), "compressed-data"),
    )
    return World(mails.material(), mails.MOMENT, genuine, other + corpus_files(CORPUS, "smime"))


def _xmldsig() -> World:
    part = '<Part Id="a">x</Part>'
    made = xml.signature(xml.Ref("#a", part.encode(), (xml.EXCLUSIVE,)))
    genuine = (
        xml.enveloped(xades=True),
        xml.enveloped(),
        xml.enveloping(xades=True),
        xml.enveloped(xades=True, stamp=True, countersigned=True),
        f"<Document>{part}{made}</Document>".encode(),
    )
    other = (xml.enveloped(identity=make.stranger()), b"<Document><Title>x</Title></Document>")
    return _world("xmldsig", genuine, other)


def _ooxml() -> World:
    return _world("ooxml", (pack.docx(),), (pack.packed(pack.docx_files()),))


def _odf() -> World:
    files = pack.odf_files()
    macros = pack.odf_signature(files, ["Basic/Standard/script.xml"]).encode()
    beside = {**files, "META-INF/macrosignatures.xml": macros}
    genuine = (pack.odf(), pack.odf(beside, signed=files))
    return _world("odf", genuine, (pack.packed(files),))


def _asic() -> World:
    genuine = (containers.with_xades(), containers.with_cades(), containers.simple())
    return _world("asic", genuine, (containers.packed(containers.FILES),))


def _edxml() -> World:
    plain = messages.message(messages.attachment("a.txt", b"a"))
    ref = xml.Ref("", plain.encode(), (xml.ENVELOPED, xml.EXCLUSIVE))
    own = messages.message(messages.attachment("a.txt", b"a"), signature=xml.signature(ref))
    small = make.cms(CONTENT, attached=True)
    genuine = (
        own.encode(),
        messages.message(messages.attachment("a.p7m", small)).encode(),
        messages.message(messages.attachment("b.zip", messages.zipped("a.p7m", small))).encode(),
    )
    other = (messages.message(messages.attachment("a.p7m", small), signature=messages.PASTED),)
    return _world("edxml", genuine, tuple(text.encode() for text in other))


def _axis() -> World:
    """Headers: what is signed in them matters less than what they say."""
    small = make.cms(CONTENT, attached=True)
    files = headers.attached("a.p7m", small, "cid:1") + headers.attached("Phụ lục.p7m", b"x")
    traces = headers.TRACE + headers.business("3", "<DocumentId>x</DocumentId>", "1")
    document = headers.message(traces=traces, references=headers.reference("a.p7m", "cid:1"),
                               attachments=files)  # fmt: skip
    payload = headers.zipped({"x.edxml": document})
    genuine = (
        document,
        headers.status(),
        headers.message(traces=headers.business("1"), attachments=headers.attached("z", payload)),
        document.replace(headers.QCVN.encode(), headers.FLAT.encode()),
        payload,
    )
    return World(make.material(), make.moment(), genuine, corpus_files(CORPUS, "edxml"))


def _zip() -> World:
    small = make.cms(CONTENT, attached=True)
    genuine = (
        messages.zipped("a.p7m", small),
        pack.packed({"a/b.p7m": small, "c.xml": xml.enveloped(xades=True)}),
        pack.packed({"d.asice": containers.with_xades()}),
        pack.packed({"e.zip": messages.zipped("a.p7m", small)}),
    )
    return _world("zip", genuine, (messages.zipped("a.txt", b"x"),))


def _revocation() -> World:
    """Lists, responses and certificates, each judged beside a signed file that needs it.

    `kept`: the signed file; the file that needs its issuer; the other lists; then what is revoked.
    """
    dates = {"this_update": make.NOW - DAY, "next_update": make.NOW + DAY}
    good = make.crl(make.intermediate(), (make.stranger(), make.NOW - DAY), **dates)
    bad = make.crl(make.intermediate(), (make.officer(), make.NOW - DAY), **dates)
    stale = make.crl(
        make.intermediate(), this_update=make.NOW - 9 * DAY, next_update=make.NOW - 8 * DAY
    )
    statuses = ocsp.OCSPCertStatus
    responses = [_response(status) for status in (statuses.GOOD, statuses.REVOKED)]
    issuer = make.intermediate().der
    kept = (
        make.cms(CONTENT, attached=True),
        make.cms(CONTENT, attached=True, leaf_only=True),
        make.crl(make.root(), **dates),
    )
    return World(
        make.material(revocation=Revocation.REQUIRE),
        make.moment(receipt=make.NOW),
        (good, responses[0], issuer),
        (bad, stale, responses[1], make.stranger().der, make.root().der, make.officer().der),
        kept=kept,
    )


def _response(status: ocsp.OCSPCertStatus) -> bytes:
    """An OCSP response about the officer by the authority itself (RFC 6960)."""
    issuer = make.intermediate()
    revoked = status is ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=make.officer().certificate,
        issuer=issuer.certificate,
        algorithm=hashes.SHA1(),  # names the certificate, as every client does
        cert_status=status,
        this_update=make.NOW - timedelta(hours=1),
        next_update=make.NOW + DAY,
        revocation_time=make.NOW - DAY if revoked else None,
        revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
    )
    made = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, issuer.certificate)
    return made.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def with_response(signed: bytes, response: bytes) -> bytes:
    """A CMS that carries an OCSP response among its revocation data (RFC 5940)."""
    found = der.read(signed)
    assert found is not None
    top = found[0]
    body = top.members[1].members[0].members if top.members and top.members[1].members else None
    assert body is not None
    oid = der.Element(0x06, bytes.fromhex("2b06010505071002"))
    held = der.Element(0xA1, oid.encode() + response)
    body.insert(-1, der.Element(0xA1, held.encode()))
    return top.encode()


def _world(kind: str, genuine: tuple[bytes, ...], other: tuple[bytes, ...]) -> World:
    return World(make.material(), make.moment(), genuine, other + corpus_files(CORPUS, kind)
                 if kind != "zip" else other)  # fmt: skip


WORLDS: dict[str, Callable[[], World]] = {
    "pdf": _pdf,
    "cms": _cms,
    "smime": _smime,
    "xmldsig": _xmldsig,
    "ooxml": _ooxml,
    "odf": _odf,
    "asic": _asic,
    "edxml": _edxml,
    "axis": _axis,
    "zip": _zip,
    "revocation": _revocation,
}
"""How to make each target's world."""
