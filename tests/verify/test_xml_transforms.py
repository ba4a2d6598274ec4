"""Transforms and canonical forms: computed rightly, or not held against a file."""

import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from monitor.model import Cause, Coverage, Finding, Integrity, Overall, Verdict
from monitor.verify.judge import Judge
from monitor.verify.xml_reference import MAX_REFERENCES, MAX_TRANSFORMS
from tests.support.needs import needs, program
from tests.verify import making as make
from tests.verify import xml_making as xml
from tests.verify.xml_making import ENVELOPED, EXCLUSIVE, Ref

_JUDGE = Judge(make.material())
_XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_FILTER2 = "http://www.w3.org/2002/06/xmldsig-filter2"
_PLAIN = "<Document><Title>x</Title></Document>"


def _verdict(data: str, content: bytes | None = None) -> Verdict:
    return _JUDGE.judge(data.encode(), "a.xml", make.moment(), content).verdict


def _filtered(kind: str, expression: str) -> str:
    """A Filter 2.0 transform in canonical form."""
    return (
        f'<ds:Transform Algorithm="{_FILTER2}"><XPath xmlns="{_FILTER2}" Filter="{kind}">'
        f"{expression}</XPath></ds:Transform>"
    )


def _pathed(expression: str) -> str:
    return f'<ds:Transform Algorithm="{_XPATH}"><ds:XPath>{expression}</ds:XPath></ds:Transform>'


def _enveloped(*transforms: str, octets: str = _PLAIN) -> str:
    made = xml.signature(Ref("", octets.encode(), transforms))
    return _PLAIN.replace("</Document>", f"{made}</Document>")


def _could_not_check(data: str, content: bytes | None = None) -> None:
    found = _verdict(data, content)
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.OURS)
    assert Finding.ALGORITHM_UNSUPPORTED in found.findings


# -- prefix lists ---------------------------------------------------------------------------------

_AROUND = '<Document xmlns:p="urn:p" xmlns:q="urn:q" xmlns="urn:b">{}</Document>'
_INSIDE = '<p:Part Id="a"><p:In xmlns=""></p:In><c></c></p:Part>'
_RENDERED = {
    "#default": (
        '<p:Part xmlns="urn:b" xmlns:p="urn:p" Id="a"><p:In xmlns=""></p:In><c></c></p:Part>'
    ),
    "q #default": (
        '<p:Part xmlns="urn:b" xmlns:p="urn:p" xmlns:q="urn:q" Id="a"><p:In xmlns=""></p:In>'
        "<c></c></p:Part>"
    ),
    "q": (
        '<p:Part xmlns:p="urn:p" xmlns:q="urn:q" Id="a"><p:In></p:In><c xmlns="urn:b"></c></p:Part>'
    ),
    "": '<p:Part xmlns:p="urn:p" Id="a"><p:In></p:In><c xmlns="urn:b"></c></p:Part>',
}
"""Exclusive XML Canonicalization 1.0, 3: listed prefixes are rendered as if inclusively."""


def _listed(prefixes: str) -> str:
    step = (
        f'<ds:Transform Algorithm="{EXCLUSIVE}"><InclusiveNamespaces xmlns="{EXCLUSIVE}"'
        f' PrefixList="{prefixes}"></InclusiveNamespaces></ds:Transform>'
    )
    made = xml.signature(Ref("#a", _RENDERED[prefixes].encode(), (step,)))
    return _AROUND.format(_INSIDE + made)


@pytest.mark.parametrize("prefixes", _RENDERED)
def test_inherited_namespaces_in_a_prefix_list_are_canonical(prefixes: str) -> None:
    data = _listed(prefixes)
    assert _verdict(data).overall is Overall.VALID
    assert _verdict(data.replace('"urn:b"', '"urn:c"', 1)).overall is Overall.INVALID


@needs("xmlsec1")
@pytest.mark.parametrize("prefixes", _RENDERED)
def test_xmlsec1_takes_prefix_lists_alike(prefixes: str, tmp_path: Path) -> None:
    data = _listed(prefixes)
    assert _xmlsec1(tmp_path, data)
    assert not _xmlsec1(tmp_path, data.replace('"urn:b"', '"urn:c"', 1))


def _xmlsec1(folder: Path, data: str) -> bool:
    (folder / "a.xml").write_text(data)
    (folder / "root.pem").write_text(
        "-----BEGIN CERTIFICATE-----\n"
        f"{xml.certificate_text(make.root().certificate)}\n-----END CERTIFICATE-----\n"
    )
    done = subprocess.run(
        [program("xmlsec1"), "--verify", "--enabled-key-data", "x509", "--trusted-pem", "root.pem",
         "--id-attr:Id", "urn:p:Part", "a.xml"],
        cwd=folder, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode == 0


def test_the_whole_document_may_have_the_default_namespace_in_its_prefix_list() -> None:
    step = (
        f'<ds:Transform Algorithm="{EXCLUSIVE}"><InclusiveNamespaces xmlns="{EXCLUSIVE}"'
        ' PrefixList="#default"></InclusiveNamespaces></ds:Transform>'
    )
    plain = '<p:Document xmlns="urn:b" xmlns:p="urn:p"><p:Title>x</p:Title></p:Document>'
    made = xml.signature(Ref("", plain.encode(), (ENVELOPED, step)))
    data = plain.replace("</p:Document>", f"{made}</p:Document>")
    assert _verdict(data).overall is Overall.VALID
    assert _verdict(data.replace("urn:b", "urn:c", 1)).overall is Overall.INVALID


# -- what is not computed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "transforms",
    [
        (_filtered("union", "//Title"),),
        (_filtered("intersect", "//Title"),),
        (ENVELOPED, _filtered("union", "/")),
        (_filtered("subtract", "//Title"),),
        (_pathed("self::Title"),),
        (_pathed("not(self::ds:Signature)"),),
        (ENVELOPED, "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        (ENVELOPED, "http://www.w3.org/2002/07/decrypt#XML"),
        (EXCLUSIVE, ENVELOPED),
        (ENVELOPED, "http://www.w3.org/2010/xml-c14n2"),
        (ENVELOPED, ""),
    ],
)
def test_a_transform_that_is_not_computed_is_never_held_against_a_file(
    transforms: tuple[str, ...],
) -> None:
    steps = tuple(t or '<ds:Transform Algorithm=""></ds:Transform>' for t in transforms)
    _could_not_check(_enveloped(*steps, octets="whatever was digested"))


def test_too_many_transforms_and_references_end_in_our_limit() -> None:
    many = _enveloped(*[EXCLUSIVE] * (MAX_TRANSFORMS + 1))
    ref = Ref("", _PLAIN.encode(), (ENVELOPED,))
    more = _PLAIN.replace("</D", f"{xml.signature(*[ref] * (MAX_REFERENCES + 1))}</D")
    for data in (many, more):
        found = _verdict(data)
        assert (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.OURS)
        assert Finding.LIMIT_REACHED in found.findings


def test_relative_namespace_names_have_no_canonical_form_to_hold_against_a_file() -> None:
    """C14N 1.0, 1.3: implementations report a failure; some producers sign them all the same."""
    plain = '<Document xmlns="invoice"><Title>x</Title></Document>'
    made = xml.signature(Ref("", plain.encode(), (ENVELOPED, EXCLUSIVE)))
    _could_not_check(plain.replace("</Document>", f"{made}</Document>"))


@pytest.mark.parametrize(
    "content",
    [
        b"<a>" * 300 + b"</a>" * 300,
        b'<?xml version="1.0" encoding="x-unheard-of"?><a></a>',
        b"<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a></a>",
    ],
)
def test_a_referenced_file_that_is_beyond_our_reader_is_not_modified(content: bytes) -> None:
    made = xml.signature(Ref("a.xml", b"the canonical form", (EXCLUSIVE,)))
    _could_not_check(made, content)


def test_a_referenced_file_that_is_no_xml_any_more_is_modified() -> None:
    made = xml.signature(Ref("a.xml", b"<a></a>", (EXCLUSIVE,)))
    assert _verdict(made, b"<a></a>").overall is Overall.VALID
    assert _verdict(made, b"<a></b>").overall is Overall.INVALID


@pytest.mark.parametrize(
    "step",
    [
        _pathed("not(ancestor-or-self::ds:Signature)"),
        _pathed(
            "count(ancestor-or-self::ds:Signature | here()/ancestor::ds:Signature[1]) &gt; "
            "count(ancestor-or-self::ds:Signature)"
        ),
        _filtered("subtract", "//ds:Signature"),
        _filtered("subtract", "here()/ancestor::ds:Signature[1]"),
    ],
)
def test_expressions_that_leave_the_signature_out_are_known_by_their_text(step: str) -> None:
    data = _enveloped(step)
    assert _verdict(data).overall is Overall.VALID
    assert _verdict(data.replace(">x<", ">y<")).overall is Overall.INVALID


# -- what is left of nothing ----------------------------------------------------------------------


def test_a_reference_to_nothing_fits_and_covers_nothing() -> None:
    """An empty node-set has no octets: SHA-256 of nothing says nothing of the document."""
    nothing = Ref("#value-sig", b"", (ENVELOPED,))
    made = xml.signature(nothing)
    found = _verdict(_PLAIN.replace("</Document>", f"{made}</Document>"))
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.SIGNER)
    assert found.integrity is Integrity.INTACT
    assert found.signatures[0].coverage is not Coverage.WHOLE
    wrong = xml.signature(Ref("#value-sig", b"x", (ENVELOPED,)))
    assert _verdict(_PLAIN.replace("</D", f"{wrong}</D")).overall is Overall.INVALID


@pytest.mark.parametrize("step", [ENVELOPED, _pathed("not(ancestor-or-self::ds:Signature)")])
def test_an_object_that_a_transform_leaves_out_with_its_signature_is_not_covered(step: str) -> None:
    held = '<ds:Object Id="content">paid</ds:Object>'
    made = xml.signature(Ref("#content", b"", (step,)), objects=held)
    assert _verdict(made).overall is Overall.INDETERMINATE


# -- what a transform leaves out ------------------------------------------------------------------

_BASE64 = "http://www.w3.org/2000/09/xmldsig#base64"


def test_an_object_that_holds_a_file_in_base64_is_covered() -> None:
    held = '<ds:Object Id="o" Encoding="base64" MimeType="text/plain">eHl6</ds:Object>'
    made = xml.signature(Ref("#o", b"xyz", (_BASE64,)), objects=held)
    assert _verdict(made).overall is Overall.VALID
    assert _verdict(made.replace("eHl6", "eHl7")).overall is Overall.INVALID


@pytest.mark.parametrize(
    "part",
    [
        '<Part Id="a">eHl6</Part>',
        '<Rejected Id="a">eHl6</Rejected>',
        '<Part Id="a" state="paid">eHl6</Part>',
        '<Part Id="a">eH<Paid></Paid>l6</Part>',
    ],
)
def test_base64_of_an_elements_text_covers_neither_its_name_nor_what_is_in_it(part: str) -> None:
    made = xml.signature(Ref("#a", b"xyz", (_BASE64,)))
    found = _verdict(f"<D>{part}{made}</D>")
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.SIGNER)
    assert found.integrity is Integrity.INTACT


def test_a_fragment_of_a_file_beside_the_signature_is_not_computed() -> None:
    made = xml.signature(Ref("a.xml#part", b"<a></a>", (EXCLUSIVE,)), xades=True)
    space = "http://uri.etsi.org/02918/v1.2.1#"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.etsi.asic-e+zip")
        archive.writestr("a.xml", '<b><a Id="part"></a></b>')
        archive.writestr(
            "META-INF/signatures0.xml",
            f'<a:XAdESSignatures xmlns:a="{space}">{made}</a:XAdESSignatures>',
        )
    found = _JUDGE.judge(out.getvalue(), "a.asice", make.moment()).verdict
    assert found.overall is not Overall.VALID
    assert Finding.ALGORITHM_UNSUPPORTED in found.findings
    assert Finding.SIGNED_CONTENT_MISSING not in found.findings
