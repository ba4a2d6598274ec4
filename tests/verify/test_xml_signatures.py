"""XML signatures: what is intact, what a change does, and what only looks signed."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import (
    Cause,
    Coverage,
    Finding,
    Indication,
    Integrity,
    Kind,
    Overall,
    SubIndication,
    TimeSource,
    Trust,
    Verdict,
)
from monitor.verify.conclusion import conclude
from monitor.verify.judge import Judge
from monitor.verify.xml_reference import Scene
from monitor.verify.xml_signature import verify
from monitor.verify.xml_tree import parse
from tests.support.needs import needs, program
from tests.verify import making as make
from tests.verify import xml_making as xml
from tests.verify.xml_making import DSIG, ENVELOPED, EXCLUSIVE, Ref

_JUDGE = Judge(make.material())


def verdict(data: bytes, content: bytes | None = None) -> Verdict:
    return _JUDGE.judge(data, "a.xml", make.moment(), content).verdict


def both(data: bytes) -> tuple[Overall, Integrity]:
    found = verdict(data)
    return found.overall, found.integrity


VALID = (Overall.VALID, Integrity.INTACT)
MODIFIED = (Overall.INVALID, Integrity.MODIFIED)


# -- what is right --------------------------------------------------------------------------------


@pytest.mark.parametrize("xades", [False, True])
def test_an_enveloped_signature_over_the_whole_document_is_valid(xades: bool) -> None:
    found = verdict(xml.enveloped(xades=xades))
    assert (found.overall, found.kind) == (Overall.VALID, Kind.XMLDSIG)
    signature = found.signatures[0]
    assert signature.format == ("XAdES" if xades else "XMLDSig")
    assert signature.level == ("B-B" if xades else None)
    assert signature.coverage is Coverage.WHOLE
    assert signature.signer_organisation == "Sở Thử nghiệm"


@pytest.mark.parametrize("xades", [False, True])
def test_an_enveloping_signature_is_valid(xades: bool) -> None:
    assert both(xml.enveloping(xades=xades)) == VALID


def test_rsa_and_der_encoded_ecdsa_values_fit_as_well() -> None:
    clerk = make.issue(
        make.name("RSA"), make.intermediate(), own_key=make.key(2048),
        usage=make.usages(sign=True),
    )  # fmt: skip
    assert both(xml.enveloped(identity=clerk)) == VALID
    assert both(xml.enveloped(der=True)) == VALID


def test_a_time_stamp_over_the_value_is_the_time_of_proof() -> None:
    signature = verdict(xml.enveloped(xades=True, stamp=True)).signatures[0]
    assert signature.level == "B-T"
    assert signature.signing_time_source is TimeSource.TIMESTAMP
    assert Finding.NOT_TIMESTAMPED not in signature.findings


def test_a_time_stamp_of_another_value_proves_nothing() -> None:
    stamped = xml.enveloped(xades=True, stamp=True).decode()
    begin, end = stamped.index("<xades:SignatureTimeStamp>"), stamped.index("</xades:UnsignedSig")
    moved = xml.enveloped(xades=True, unsigned=stamped[begin:end])
    signature = verdict(moved).signatures[0]
    assert Finding.TIMESTAMP_INVALID in signature.findings
    assert signature.signing_time_source is TimeSource.CLAIMED
    assert signature.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_properties_of_another_signature_leave_this_one_open() -> None:
    """The target is not signed: it proves no change, and no signature either."""
    whole = xml.enveloped(xades=True).decode()
    for target in ("#other", "sig"):
        found = verdict(whole.replace('Target="#sig"', f'Target="{target}"').encode())
        assert found.overall is Overall.INDETERMINATE
        assert Finding.SIGNATURE_MALFORMED in found.findings
    assert verdict(whole.replace(' Target="#sig"', "").encode()).overall is Overall.VALID


def test_the_claimed_time_is_the_signed_one() -> None:
    signature = verdict(xml.enveloped(xades=True)).signatures[0]
    assert signature.signing_time == make.NOW
    assert Finding.TIME_CLAIMED_ONLY in signature.findings


def test_a_detached_signature_is_judged_with_its_content() -> None:
    content = b"cong van so 12"
    data = xml.signature(Ref("cong-van.txt", content)).encode()
    assert verdict(data, content).overall is Overall.VALID
    assert verdict(data, content + b".").overall is Overall.INVALID
    alone = verdict(data)
    assert (alone.overall, alone.cause) == (Overall.INDETERMINATE, Cause.OURS)
    assert Finding.SIGNED_CONTENT_MISSING in alone.findings


def test_signatures_side_by_side_that_leave_each_other_out_are_valid() -> None:
    plain = b"<Document><Title>a</Title></Document>"
    out = (
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>'
        "not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>"
    )
    first = xml.signature(Ref("", plain, (out, EXCLUSIVE)), ident="a")
    second = xml.signature(Ref("", plain, (out, EXCLUSIVE)), ident="b", identity=make.agency())
    data = plain.replace(b"</Document>", f"{first}{second}</Document>".encode())
    found = verdict(data)
    assert (found.overall, len(found.signatures)) == (Overall.VALID, 2)
    assert verdict(data.replace(b">a<", b">b<")).overall is Overall.INVALID


def test_a_counter_signature_of_something_else_never_counts() -> None:
    stray = xml.signature(Ref("#sp-sig", b"other", (EXCLUSIVE,)), ident="c")
    data = xml.enveloped(
        xades=True, unsigned=f"<xades:CounterSignature>{stray}</xades:CounterSignature>"
    )
    found = verdict(data)
    assert found.overall is Overall.VALID
    assert [s.counts for s in found.signatures] == [True, False]
    assert found.signatures[1].integrity is Integrity.MODIFIED


# -- what was changed -----------------------------------------------------------------------------


@pytest.mark.parametrize("xades", [False, True])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Quy", b"Qux"),
        (b"<Title>", b'<Title kind="x">'),
        (b"</Title>", b"</Title><Title>more</Title>"),
        (b"<Document>", b"<Document>before"),
        (b"ecdsa-sha256", b"ecdsa-sha384"),
    ],
)
def test_a_changed_document_is_invalid(xades: bool, old: bytes, new: bytes) -> None:
    data = xml.enveloped(xades=xades)
    assert old in data
    assert both(data.replace(old, new, 1)) == MODIFIED


def test_no_byte_that_is_covered_can_change_and_leave_it_valid() -> None:
    data = xml.enveloped(xades=True)
    spans = [
        (b"<Document>", b"<ds:Signature"),
        (b"<ds:CanonicalizationMethod", b"</ds:SignedInfo>"),
        (b"</ds:SignedInfo><ds:SignatureValue", b"</ds:SignatureValue>"),
        (b"<xades:SignedSignatureProperties>", b"</xades:SignedProperties>"),
    ]
    for begin, end in spans:
        start = data.index(begin)
        if b"Value" in begin:  # its content, not its identifier
            start = data.index(b">", start + len(begin))
        for at in range(start, data.index(end, start), 3):
            if b"xmlns:" in data[at - 9 : at + 8]:
                continue  # a declaration that is repeated says nothing
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            assert verdict(changed).overall is not Overall.VALID, changed[at - 20 : at + 20]


def test_signed_properties_that_no_reference_covers_are_refused() -> None:
    data = xml.enveloped().decode()
    planted = (
        f'<ds:Object><xades:QualifyingProperties xmlns:xades="{xml.XADES}">'
        f"{xml.properties(make.officer(), time='2019-01-01T00:00:00Z')}"
        "</xades:QualifyingProperties></ds:Object></ds:Signature>"
    )
    assert both(data.replace("</ds:Signature>", planted).encode()) == MODIFIED


def test_a_second_set_of_signed_properties_is_refused() -> None:
    data = xml.enveloped(xades=True).decode()
    extra = xml.properties(make.officer(), ident="other", time="2019-01-01T00:00:00Z")
    end = "</xades:QualifyingProperties>"
    assert both(data.replace(end, extra + end).encode()) == MODIFIED


def test_a_certificate_that_the_signed_reference_does_not_name_is_not_the_signers() -> None:
    found = verdict(xml.enveloped(xades=True, claims=make.agency()))
    assert found.overall is Overall.INDETERMINATE
    assert found.signatures[0].sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert Finding.SIGNER_UNATTRIBUTED in found.findings


def test_certificate_doubling_attributes_a_signature_to_nobody() -> None:
    twice = "".join(
        f"<ds:X509Data><ds:X509Certificate>{xml.certificate_text(who.certificate)}"
        "</ds:X509Certificate></ds:X509Data>"
        for who in (make.agency(), make.officer())
    )
    chain = "".join(
        f"<ds:X509Data><ds:X509Certificate>{xml.certificate_text(c)}</ds:X509Certificate>"
        "</ds:X509Data>" for c in make.officer().chain
    )  # fmt: skip
    found = verdict(xml.enveloped(key_info=f"<ds:KeyInfo>{twice}{chain}</ds:KeyInfo>"))
    assert found.overall is Overall.INDETERMINATE
    assert Finding.SIGNER_UNATTRIBUTED in found.findings


def test_an_emptied_signature_is_a_destroyed_one() -> None:
    data = xml.enveloped().decode()
    begin, end = data.index("<ds:SignatureValue"), data.index("</ds:SignatureValue>")
    begin = data.index(">", begin) + 1
    assert both((data[:begin] + data[end:]).encode()) == (Overall.INVALID, Integrity.DESTROYED)


def test_a_signature_under_another_namespace_is_a_destroyed_one() -> None:
    data = xml.enveloped().replace(DSIG.encode() + b'"', b'urn:other"')
    data = data.replace(b"</Document>", f"<!-- {DSIG} --></Document>".encode())
    assert both(data) == (Overall.INVALID, Integrity.DESTROYED)


# -- what only looks signed -----------------------------------------------------------------------


def _partial(inner: str, *, outside: str, root: str = "Document") -> bytes:
    made = xml.signature(Ref("#a", inner.encode(), (EXCLUSIVE,)))
    return f"<{root}>{inner}{outside}{made}</{root}>".encode()


def test_a_signed_part_beside_unsigned_text_is_never_valid() -> None:
    inner = '<Part Id="a">x</Part>'
    assert both(_partial(inner, outside="")) == VALID
    found = verdict(_partial(inner, outside="<Note>paid</Note>"))
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.SIGNER)
    assert Finding.PARTIALLY_SIGNED in found.findings
    assert verdict(_partial(inner, outside="<approved/>")).overall is not Overall.VALID
    stated = _partial(inner, outside="").replace(b"<Document>", b'<Document state="no">')
    assert verdict(stated).overall is not Overall.VALID


def test_a_forged_twin_of_the_signed_element_is_wrapping() -> None:
    signed = '<Order Id="a">10</Order>'
    made = xml.signature(Ref("#a", signed.encode(), (EXCLUSIVE,)))
    wrapped = f'<Orders><Order Id="b">1000</Order><Old>{signed}</Old>{made}</Orders>'
    assert both(wrapped.encode()) == MODIFIED


def test_the_signed_element_hidden_in_an_object_is_wrapping() -> None:
    signed = '<Order Id="a">10</Order>'
    made = xml.signature(
        Ref("#a", signed.encode(), (EXCLUSIVE,)), objects=f"<ds:Object>{signed}</ds:Object>"
    )
    assert both(f"<Order>1000{made}</Order>".encode()) == MODIFIED


def test_two_elements_with_the_signed_identifier_are_refused() -> None:
    signed = '<Order Id="a">10</Order>'
    made = xml.signature(Ref("#a", signed.encode(), (EXCLUSIVE,)))
    for spelled in ("Id", "ID", "id", "xml:id"):
        twin = f'<Order {spelled}="a">1000</Order>'
        assert both(f"<Orders>{twin}{signed}{made}</Orders>".encode()) == MODIFIED


def test_a_signature_over_nothing_but_its_own_properties_signs_nothing() -> None:
    found = verdict(xml.signature(xades=True).encode())
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.SIGNER)
    assert verdict(f"<D>{xml.signature(xades=True)}</D>".encode()).overall is not Overall.VALID


def test_a_counter_signature_of_the_value_it_stands_at_is_intact() -> None:
    data = xml.enveloped(xades=True, countersigned=True)
    found = verdict(data)
    assert found.overall is Overall.VALID
    assert [(s.counts, s.integrity) for s in found.signatures] == [
        (True, Integrity.INTACT), (False, Integrity.INTACT)
    ]  # fmt: skip


@pytest.mark.parametrize("more", ["<ds:Object>more</ds:Object>", "<Note>x</Note>", "<ds:Note/>"])
def test_an_unsigned_object_in_an_enveloping_signature_is_not_covered(more: str) -> None:
    found = verdict(xml.enveloping(objects=more))
    assert (found.overall, found.integrity) == (Overall.INDETERMINATE, Integrity.INTACT)
    assert Finding.PARTIALLY_SIGNED in found.findings


def test_a_style_sheet_outside_what_is_signed_is_seen() -> None:
    plain = b'<Document Id="a">x</Document>'
    made = xml.signature(Ref("#a", plain, (ENVELOPED, EXCLUSIVE)))
    data = plain.replace(b"</Document>", f"{made}</Document>".encode())
    assert both(data) == VALID
    styled = b'<?xml-stylesheet href="evil.xsl" type="text/xsl"?>' + data
    assert verdict(styled).overall is not Overall.VALID


@pytest.mark.parametrize(
    "transform",
    [
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"></ds:Transform>',
        (
            '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>'
            "self::Title</ds:XPath></ds:Transform>"
        ),
        '<ds:Transform Algorithm="urn:unknown"></ds:Transform>',
    ],
)
def test_a_program_in_a_transform_is_never_run(transform: str) -> None:
    plain = b"<Document>x</Document>"
    made = xml.signature(Ref("", plain, (ENVELOPED, transform)))
    found = verdict(plain.replace(b"</Document>", f"{made}</Document>".encode()))
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.OURS)
    assert Finding.ALGORITHM_UNSUPPORTED in found.findings


def test_a_keyed_hash_is_no_signature() -> None:
    found = verdict(xml.enveloped(method=DSIG + "hmac-sha1"))
    assert found.overall is Overall.INDETERMINATE


def test_sha1_is_weak() -> None:
    found = verdict(xml.enveloped(digest="sha1"))
    assert (found.overall, found.trust) == (Overall.INDETERMINATE, Trust.WEAK)


def test_a_strangers_signature_is_intact_and_untrusted() -> None:
    found = verdict(xml.enveloped(identity=make.stranger()))
    assert (found.overall, found.integrity) == (Overall.INDETERMINATE, Integrity.INTACT)


def test_an_expired_certificate_is_judged_at_the_time_of_proof() -> None:
    data = xml.enveloped(xades=True)
    later = make.moment(now=make.NOW + timedelta(days=900), receipt=make.NOW + timedelta(days=800))
    found = _JUDGE.judge(data, "a.xml", later).verdict
    assert (found.overall, found.trust) == (Overall.INDETERMINATE, Trust.EXPIRED)


# -- hostile files --------------------------------------------------------------------------------


def test_declarations_of_entities_are_refused() -> None:
    data = xml.enveloped()
    for subset in ('<!ENTITY x "lol">', '<!ENTITY x SYSTEM "file:///etc/passwd">',
                   '<!ATTLIST Document state CDATA "approved">'):  # fmt: skip
        found = verdict(f"<!DOCTYPE Document [{subset}]>".encode() + data)
        assert (found.overall, found.findings) == (Overall.UNREADABLE, (Finding.MALFORMED,))


def test_deep_nesting_and_many_signatures_end_in_a_verdict() -> None:
    deep = b"<a>" * 5000 + xml.enveloped() + b"</a>" * 5000
    assert verdict(deep).overall is Overall.UNREADABLE
    many = b"<D>" + f'<Signature xmlns="{DSIG}"/>'.encode() * 500 + b"</D>"
    assert verdict(many).overall is not Overall.VALID


def test_references_beyond_all_measure_end_in_our_limit() -> None:
    plain = b"<Document><Title>x</Title></Document>"
    made = xml.signature(*[Ref("", plain, (ENVELOPED, EXCLUSIVE))] * 50)
    tree = parse(plain.replace(b"</Document>", f"{made}</Document>".encode()))
    signature = next(tree.iter(f"{{{DSIG}}}Signature"))
    judged = _JUDGE.store
    assert verify(Scene(tree), signature).facts.integrity is Integrity.INTACT
    facts = verify(Scene(tree, budget=100_000), signature).facts
    assert facts.integrity is Integrity.UNREADABLE
    assert Finding.LIMIT_REACHED in facts.findings
    found = conclude(facts, judged, make.moment())
    assert (found.indication, found.cause) == (Indication.INDETERMINATE, Cause.OURS)


def test_nothing_of_the_content_is_kept_as_evidence() -> None:
    judgement = _JUDGE.judge(xml.enveloping("<Title>secret</Title>"), "a.xml", make.moment())
    assert judgement.kept is not None
    assert not any(b"secret" in blob for blob in judgement.kept.blobs)
    assert any(b"SignatureValue" in blob for blob in judgement.kept.blobs)


# -- a second opinion -----------------------------------------------------------------------------


@needs("xmlsec1")
@pytest.mark.parametrize("change", [b"", b"Quy"])
def test_xmlsec1_agrees(tmp_path: Path, change: bytes) -> None:
    data = xml.enveloped(xades=True)
    data = data.replace(change, b"Qux") if change else data
    file, root = tmp_path / "a.xml", tmp_path / "root.pem"
    file.write_bytes(data)
    root.write_text(
        "-----BEGIN CERTIFICATE-----\n"
        f"{xml.certificate_text(make.root().certificate)}\n-----END CERTIFICATE-----\n"
    )
    done = subprocess.run(
        [program("xmlsec1"), "--verify", "--enabled-key-data", "x509", "--trusted-pem", str(root),
         "--id-attr:Id", f"{xml.XADES}:SignedProperties", str(file)],
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode == 0) == (verdict(data).overall is Overall.VALID)
