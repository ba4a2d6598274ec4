"""What is kept of a file judges like the file: at any moment, by any trust, without content."""

import csv
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from pyhanko.sign.fields import MDPPerm

from monitor.extract.classify import is_mail
from monitor.extract.mail import read_mail
from monitor.model import (
    Finding,
    KeptEvidence,
    Kind,
    Limits,
    Moment,
    Overall,
    Revocation,
    SubIndication,
    TrustMaterial,
)
from monitor.verify import evidence
from monitor.verify.cms import cms_facts
from monitor.verify.evidence import Unfit, facts_of, kept_of
from monitor.verify.facts import FileFacts, Part, Shape
from monitor.verify.judge import Judge
from monitor.verify.revocation import Evidence as RevocationData
from monitor.verify.signed_data import parse
from tests.support.corpus import corpus, with_corpus
from tests.verify import making as make
from tests.verify import package_making as packages
from tests.verify import smime_samples as mails
from tests.verify import test_edxml_messages as edxml
from tests.verify import xml_making as xml
from tests.verify.test_smime_verdict import FROM, LEADER

NOW, DAY = make.NOW, make.DAY
SECRET = b"noi dung khong duoc giu"


def moments() -> list[Moment]:
    """Now, a receipt, a fixed time, years later and before everything."""
    return [
        make.moment(),
        make.moment(receipt=NOW),
        make.moment(at=NOW - DAY),
        make.moment(now=NOW + 3000 * DAY),
        make.moment(now=NOW - 3000 * DAY),
    ]


def materials() -> list[TrustMaterial]:
    """Our root, nobody, a stranger, the signer revoked, everything needed and everything known."""
    lists = [make.crl(make.root()), make.crl(make.intermediate(), (make.officer(), NOW - DAY))]
    good = [make.crl(make.root()), make.crl(make.intermediate())]
    above = [make.intermediate(), make.officer(), make.agency()]
    return [
        make.material(),
        make.nothing_trusted(),
        make.material(make.stranger()),
        make.material(crls=lists),
        make.material(revocation=Revocation.REQUIRE),
        make.material(crls=good, intermediates=above, revocation=Revocation.REQUIRE),
    ]


def bare(data: bytes) -> bytes:
    """A CMS without its certificates."""
    found = parse(data)
    fields = [each.raw for each in found.body.children if each.tag != 0xA0]
    head = found.outer.children[0].raw
    return make_sequence(head + tagged(0xA0, make_sequence(b"".join(fields))))


def tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    head = bytes((tag, size)) if size < 0x80 else bytes((tag, 0x80 | len(length))) + length
    return head + content


def make_sequence(content: bytes) -> bytes:
    return tagged(0x30, content)


def certified() -> bytes:
    return make.sign_pdf(make.page(), certify=MDPPerm.FILL_FORMS)


FILES: dict[str, Callable[[], bytes]] = {
    "signed.pdf": make.signed_page,
    "stamped.pdf": lambda: make.sign_pdf(make.page(), stamp=make.timestamper()),
    "twice.pdf": lambda: make.sign_pdf(make.signed_page(), make.agency()),
    "certified.pdf": certified,
    "sneaky.pdf": lambda: make.sign_pdf(certified(), make.stranger(), visible=True),
    "changed.pdf": lambda: make.signed_page().replace(b"Van ban", b"Van xxx"),
    "leaf.pdf": lambda: make.sign_pdf(make.page(), leaf_only=True),
    "attached.p7m": lambda: make.cms(SECRET, attached=True, stamp=make.timestamper()),
    "nobody.p7m": lambda: bare(make.cms(SECRET, attached=True)),
    "a.docx": packages.docx,
    "a.odt": packages.odf,
    "a.xml": lambda: xml.enveloped(SECRET.decode(), xades=True, stamp=True, countersigned=True),
    "beside.xml": lambda: xml.enveloping(f"<T>{SECRET.decode()}</T>", xades=True),
    "around.xml": lambda: xml.enveloping(f"<T>{SECRET.decode()}</T>"),
    "nobody.xml": lambda: xml.enveloped(SECRET.decode(), xades=True, key_info=""),
    "a.edxml": lambda: edxml.message(
        edxml.attachment("a.pdf", make.signed_page()), edxml.attachment("b.pdf", make.page())
    ).encode(),
    "pasted.edxml": lambda: edxml.message(
        edxml.attachment("a.pdf", make.signed_page()), signature=edxml.PASTED
    ).encode(),
}


def both(facts: FileFacts, judge: Judge, moment: Moment, name: str = "a") -> None:
    judgement = judge.conclude(facts, name, moment)
    assert judgement.kept is not None
    again = KeptEvidence.model_validate_json(judgement.kept.model_dump_json())
    assert judge.rejudge(again, name, moment) == judgement.verdict


@pytest.mark.parametrize("name", FILES)
def test_kept_evidence_judges_like_the_file(name: str) -> None:
    data = FILES[name]()
    for material in materials():
        judge = Judge(material)
        for moment in moments():
            both(judge.facts(data, name), judge, moment, name)


def test_kept_evidence_of_a_mail_judges_like_the_mail() -> None:
    signed = mails.header(FROM) + mails.clear_signed(mails.TEXT, LEADER)
    stranger = mails.header("An <an@else.example>") + mails.clear_signed(mails.TEXT, LEADER)
    for raw in (signed, stranger):
        for material in (mails.material(), make.nothing_trusted()):
            judge = Judge(material)
            facts = judge.mail(read_mail(raw, None, Limits()).root)
            for moment in (mails.MOMENT, *moments()):
                both(facts, judge, moment)


def test_a_file_beside_its_signature_and_an_archive_are_kept_with_their_parts() -> None:
    judge = Judge(make.material())
    signature = judge.facts(make.cms(SECRET), "a.p7s", SECRET)
    plain = FileFacts(judge.facts(SECRET, "a.txt").kind)
    beside = FileFacts(
        plain.kind, shape=Shape.BESIDE, parts=(Part("a.txt", plain), Part("a.p7s", signature))
    )
    archive = FileFacts(plain.kind, shape=Shape.ARCHIVE, parts=(Part("a.txt", beside),))
    for facts in (beside, archive):
        for moment in moments():
            both(facts, judge, moment)


# -- facts know neither trust nor time ------------------------------------------------------------


def test_the_same_facts_give_a_new_verdict_by_new_trust_material() -> None:
    data = FILES["stamped.pdf"]()
    facts = Judge(make.nothing_trusted()).facts(data, "a.pdf")
    revoked = [make.crl(make.intermediate(), (make.officer(), NOW - DAY))]
    verdicts = [
        Judge(material).conclude(facts, "a.pdf", make.moment()).verdict.overall
        for material in (make.nothing_trusted(), make.material(), make.material(crls=revoked))
    ]
    assert verdicts == [Overall.INDETERMINATE, Overall.VALID, Overall.INVALID]


@pytest.mark.parametrize("name", ["nobody.p7m", "nobody.xml"])
def test_a_signer_whose_certificate_arrives_later_is_found_without_the_file(name: str) -> None:
    before = Judge(make.material(intermediates=[make.intermediate()]))
    facts = before.facts(FILES[name](), name)
    judgement = before.conclude(facts, name, make.moment())
    assert judgement.verdict.overall is Overall.INDETERMINATE
    (signature,) = judgement.verdict.signatures
    assert signature.sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    assert judgement.kept is not None
    after = Judge(make.material(intermediates=[make.intermediate(), make.officer()]))
    assert after.rejudge(judgement.kept, name, make.moment()).overall is Overall.VALID


def test_another_certificate_under_the_name_of_the_signer_is_no_signer() -> None:
    """The store holds a certificate with the signer's issuer and serial and another key."""
    genuine = make.officer()
    builder = x509.CertificateBuilder(
        issuer_name=genuine.certificate.issuer,
        subject_name=genuine.certificate.subject,
        public_key=make.key().public_key(),
        serial_number=genuine.certificate.serial_number,
        not_valid_before=NOW - DAY,
        not_valid_after=NOW + DAY,
    )
    forged = make.Identity(builder.sign(make.intermediate().key, hashes.SHA256()), make.key())
    judge = Judge(make.material(intermediates=[make.intermediate(), forged]))
    found = judge.judge(FILES["nobody.p7m"](), "a.p7m", make.moment()).verdict
    assert (found.overall, found.signatures[0].sub_indication) == (
        Overall.INVALID, SubIndication.SIG_CRYPTO_FAILURE,
    )  # fmt: skip


# -- what is kept ---------------------------------------------------------------------------------


def kept(name: str) -> KeptEvidence:
    found = kept_of(Judge(make.material()).facts(FILES[name](), name))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "name", ["attached.p7m", "nobody.p7m", "a.xml", "around.xml", "beside.xml"]
)
def test_no_content_is_kept(name: str) -> None:
    found = kept(name)
    assert SECRET in FILES[name]()
    assert SECRET.decode() not in found.facts
    assert not any(SECRET in blob for blob in found.blobs)


def test_content_of_a_bare_signed_data_is_not_kept_either() -> None:
    whole = make.cms(SECRET, attached=True)
    raw = cms_facts(parse(whole).body.raw).signers[0].raw
    assert SECRET not in raw
    assert parse(raw).signers[0].signature == parse(whole).signers[0].signature


def test_no_address_of_a_mail_is_kept() -> None:
    raw = mails.header("An <an@else.example>") + mails.clear_signed(mails.TEXT, LEADER)
    found = kept_of(Judge(mails.material()).mail(read_mail(raw, None, Limits()).root))
    assert found is not None
    assert "else.example" not in found.facts
    assert not any(b"else.example" in blob for blob in found.blobs)


def test_each_certificate_is_kept_once() -> None:
    found = kept("twice.pdf")
    assert len(set(found.blobs)) == len(found.blobs)
    assert sum(make.intermediate().der == blob for blob in found.blobs) == 1


def test_nothing_is_kept_of_a_file_without_a_signature() -> None:
    judge = Judge(make.material())
    for data in (make.page(), b"text", b""):
        assert judge.judge(data, "a", make.moment()).kept is None


# -- bounds ---------------------------------------------------------------------------------------


def with_list(crl: bytes) -> FileFacts:
    data = cms_facts(make.cms(SECRET, attached=True), evidence=RevocationData((crl,)))
    return FileFacts(Kind.CMS, signers=data.signers)


def large_list(monkeypatch: pytest.MonkeyPatch, *revoked: make.Identity) -> FileFacts:
    crl = make.crl(make.intermediate(), *((each, NOW - DAY) for each in revoked))
    facts = with_list(crl)
    whole = kept_of(facts)
    assert whole is not None
    monkeypatch.setattr(evidence, "MAX_BLOB_BYTES", sum(map(len, whole.blobs)) - 1)
    return replace(facts)


def test_too_large_a_list_is_left_out_and_the_verdict_only_more_cautious(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facts = large_list(monkeypatch, make.agency())
    judge = Judge(make.material(revocation=Revocation.REQUIRE, crls=[make.crl(make.root())]))
    judgement = judge.conclude(facts, "a", make.moment())
    assert judgement.verdict.overall is Overall.VALID
    assert judgement.kept is not None
    assert json.loads(judgement.kept.facts)["left_out"] == 1
    again = judge.rejudge(judgement.kept, "a", make.moment())
    assert again.overall is Overall.INDETERMINATE
    assert Finding.REVOCATION_UNCHECKED in again.findings


def test_a_list_that_revokes_the_signer_is_never_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = large_list(monkeypatch, make.officer())
    judge = Judge(make.material())
    judgement = judge.conclude(facts, "a", make.moment())
    assert judgement.kept is not None
    for verdict in (judgement.verdict, judge.rejudge(judgement.kept, "a", make.moment())):
        assert Finding.CERTIFICATE_REVOKED in verdict.findings


def test_a_list_about_certificates_elsewhere_is_never_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An authority that only the trust store holds may be revoked by it."""
    signers = cms_facts(
        make.cms(SECRET, attached=True, leaf_only=True),
        evidence=RevocationData((make.crl(make.root(), (make.intermediate(), NOW - DAY)),)),
    ).signers
    facts = FileFacts(Kind.CMS, signers=signers)
    whole = kept_of(facts)
    assert whole is not None
    monkeypatch.setattr(evidence, "MAX_BLOB_BYTES", sum(map(len, whole.blobs)) - 1)
    less = kept_of(replace(facts))
    assert less is not None
    judge = Judge(make.material(intermediates=[make.intermediate()]))
    found = judge.rejudge(less, "a", make.moment())
    assert found.overall is not Overall.VALID
    assert Finding.CERTIFICATE_REVOKED in found.findings


def test_nothing_is_kept_past_all_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MAX_BLOB_BYTES", 100)
    assert kept_of(with_list(make.crl(make.intermediate()))) is None


# -- hostile evidence -----------------------------------------------------------------------------


def spoiled(found: KeptEvidence) -> Iterator[KeptEvidence]:
    text = json.loads(found.facts)
    signer = text["file"]["signers"][0]
    for change in (
        {"version": 2},
        {"more": 1},
        {"blobs": text["blobs"][:-1]},
        {"blobs": ["0" * 64, *text["blobs"][1:]]},
        {"file": {**text["file"], "signers": [{**signer, "raw": 4000}]}},
        {"file": {**text["file"], "signers": [{**signer, "extras": [-1]}]}},
        {"file": {**text["file"], "signers": [{**signer, "integrity": "fine"}]}},
        {"file": {**text["file"], "signers": [{**signer, "certificate": signer["raw"]}]}},
        {"file": {**text["file"], "signers": [signer] * 1000}},
        {"file": {**text["file"], "shape": "beside"}},
    ):
        yield found.model_copy(update={"facts": json.dumps({**text, **change})})
    yield found.model_copy(update={"facts": found.facts[:-1]})
    yield found.model_copy(update={"facts": "[" * 100_000})
    yield found.model_copy(update={"facts": " " * (evidence.MAX_FACTS_CHARACTERS + 1)})
    yield found.model_copy(update={"blobs": found.blobs[:-1]})
    yield found.model_copy(update={"blobs": (*found.blobs, bytes(evidence.MAX_BLOB_BYTES))})


def test_what_this_product_did_not_write_is_refused() -> None:
    judge = Judge(make.material())
    for number, each in enumerate(spoiled(kept("signed.pdf"))):
        with pytest.raises(Unfit):
            judge.rejudge(each, "a", make.moment())
        assert number < 20


def test_parts_nested_without_end_are_refused() -> None:
    text = json.loads(kept("signed.pdf").facts)
    for _ in range(50):
        text["file"] = {"kind": "zip", "parts": [{"name": "a", "facts": text["file"]}]}
    with pytest.raises(Unfit):
        facts_of(kept("signed.pdf").model_copy(update={"facts": json.dumps(text)}))


def test_blobs_may_come_back_in_any_order() -> None:
    found = kept("stamped.pdf")
    turned = KeptEvidence(facts=found.facts, blobs=tuple(map(b64encode, reversed(found.blobs))))
    judge = Judge(make.material())
    assert judge.rejudge(turned, "a", make.moment()) == judge.rejudge(found, "a", make.moment())


# -- real files -----------------------------------------------------------------------------------


@with_corpus
def test_kept_evidence_judges_like_every_real_file() -> None:
    from tests.verify.test_corpus_agreement import _NOW, _material

    plain = Judge(make.nothing_trusted())
    judges: dict[str, Judge] = {}
    with (corpus() / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    several = 0
    for row in rows:
        data = (corpus() / row["path"]).read_bytes()
        content = (corpus() / row["content"]).read_bytes() if row["content"] else None
        if is_mail(data, row["path"]):
            facts = plain.mail(read_mail(data, None, Limits()).root)
        else:
            facts = plain.facts(data, row["path"], content)
        if kept_of(facts) is None:
            assert not facts.signed, row["id"]
            continue
        judge = judges.setdefault(row["anchors"], Judge(_material(row["anchors"])))
        for now in (_NOW, _NOW - timedelta(days=4000)):
            both(facts, judge, Moment(now=now), row["id"])
            both(facts, plain, Moment(now=now, receipt=now), row["id"])
            several += 1
    assert several > 300
