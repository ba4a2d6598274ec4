"""Signature wrapping in XML: a digest that fits is not yet a document that its reader sees signed.

After Jensen et al., "On the effectiveness of XML schema validation for countering XML signature
wrapping attacks" (2011), and the document around what is signed.
"""

import re

import pytest

from monitor.model import Cause, Coverage, Finding, Integrity, Overall, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify import xml_making as xml
from tests.verify.xml_making import DSIG, ENVELOPED, EXCLUSIVE, Ref

_JUDGE = Judge(make.material())
_PART = '<Part Id="a">x</Part>'
_OF_PART = Ref("#a", _PART.encode(), (EXCLUSIVE,))
_SIGNED = xml.signature(_OF_PART)
_TIME = f'<ds:Object xmlns:ds="{DSIG}" Id="time"><Time>2026-11-22</Time></ds:Object>'
_WITH_TIME = xml.signature(_OF_PART, Ref("#time", _TIME.encode(), (EXCLUSIVE,)), objects=_TIME)
"""As the invoices of Vietnam's tax office are signed."""
_QUALIFIED = xml.signature(_OF_PART, xades=True)


def _verdict(data: str | bytes) -> Verdict:
    octets = data.encode() if isinstance(data, str) else data
    return _JUDGE.judge(octets, "a.xml", make.moment()).verdict


def _partial(data: str) -> bool:
    found = _verdict(data)
    return (
        (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.SIGNER)
        and found.signatures[0].coverage is Coverage.PARTIAL
        and Finding.PARTIALLY_SIGNED in found.findings
    )


# -- the elements around --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        "<Invoice>{part}<Signatures><Seller>{signature}</Seller></Signatures></Invoice>",
        "<Invoice>\n  {part}\n  {signature}\n</Invoice>",
        '<Invoice xml:lang="vi" Id="i">{signature}{part}</Invoice>',
    ],
)
@pytest.mark.parametrize("signature", [_SIGNED, _WITH_TIME, _QUALIFIED])
def test_a_root_that_only_holds_what_is_signed_and_signatures_may_stand_outside(
    document: str, signature: str
) -> None:
    """So electronic invoices are signed: the root's name is nobody's word."""
    assert _verdict(document.format(part=_PART, signature=signature)).overall is Overall.VALID


def test_a_signature_of_nothing_but_an_object_of_its_own_does_not_speak_for_what_is_around() -> (
    None
):
    held = f'<ds:Object xmlns:ds="{DSIG}" Id="o">x</ds:Object>'
    signature = xml.signature(Ref("#o", held.encode(), (EXCLUSIVE,)), objects=held)
    assert _partial(f"<Document><Rejected>{signature}</Rejected></Document>")


@pytest.mark.parametrize(
    "document",
    [
        "<Document><Rejected>{part}</Rejected>{signature}</Document>",
        "<Document><Rejected>{part}{signature}</Rejected></Document>",
        "<Document><Draft><Old>{part}</Old></Draft>{signature}</Document>",
        "<Document>{part}<Rejected/>{signature}</Document>",
        "<Document>{part}<By><Name/>{signature}</By></Document>",
        '<Document state="rejected">{part}{signature}</Document>',
        '<Document xml:base="http://example.vn/">{part}{signature}</Document>',
        (
            '<Document xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Rejected">'
            "{part}{signature}</Document>"
        ),
    ],
)
def test_an_element_around_a_signed_part_says_what_nobody_signed(document: str) -> None:
    assert _partial(document.format(part=_PART, signature=_SIGNED))


def test_an_element_between_an_object_and_its_signed_part_says_what_nobody_signed() -> None:
    for around, valid in (("{}", True), ("<Rejected>{}</Rejected>", False)):
        held = f"<ds:Object>{around.format(_PART)}</ds:Object>"
        made = xml.signature(Ref("#a", _PART.encode(), (EXCLUSIVE,)), objects=held)
        assert (_verdict(made).overall is Overall.VALID) is valid


def test_one_of_several_signed_parts_cannot_be_renamed_by_its_surroundings() -> None:
    other = _PART.replace('"a"', '"b"')
    made = xml.signature(*(Ref(f"#{p[10]}", p.encode(), (EXCLUSIVE,)) for p in (_PART, other)))
    assert _verdict(f"<D>{_PART}{other}{made}</D>").overall is Overall.VALID
    assert _partial(f"<D>{_PART}<Void>{other}</Void>{made}</D>")


# -- what others bring in -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "declared",
    ['<!DOCTYPE Document SYSTEM "a.dtd">', '<!DOCTYPE Document PUBLIC "-//A//B" "a.dtd">'],
)
def test_a_dtd_beside_the_file_may_change_what_is_seen(declared: str) -> None:
    """Its default attributes and entities are no part of any canonical form."""
    assert _partial(declared + xml.enveloped().decode())
    assert _verdict("<!DOCTYPE Document>" + xml.enveloped().decode()).overall is Overall.VALID


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE Document SYSTEM "a>b" [<!ATTLIST Document state CDATA "approved">]>',
        "<!DOCTYPE Document PUBLIC '-//A>B' 'c' [<!ENTITY e 'x'>]>",
        "<!DOCTYPE Document [<!ATTLIST Part ident ID #IMPLIED>]>",
        '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declarations_are_found_however_they_are_written(declared: str, encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?>{declared}' + xml.enveloped().decode()
    assert _verdict(data.encode(encoding)).overall is Overall.UNREADABLE


def test_an_entity_that_is_nowhere_declared_is_no_document() -> None:
    data = xml.enveloped("<Title>x</Title>").replace(b">x<", b">&x;<")
    assert _verdict(data).overall is Overall.UNREADABLE


def test_what_xinclude_brings_in_is_signed_by_nobody() -> None:
    body = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="a.xml"></xi:include>'
    assert _partial(xml.enveloped(body).decode())


# -- identifiers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Id", "ID", "id", "xml:id"])
@pytest.mark.parametrize("place", ["before", "inside", "object"])
def test_a_second_bearer_of_the_signed_identifier_is_refused(name: str, place: str) -> None:
    twin = f'<Other {name}="a">y</Other>'
    held = f"<ds:Object>{twin}</ds:Object>" if place == "object" else ""
    part = _PART.replace("x<", f"x{twin}<") if place == "inside" else _PART
    made = xml.signature(Ref("#a", part.encode(), (EXCLUSIVE,)), objects=held)
    found = _verdict(f"<D>{twin if place == 'before' else ''}{part}{made}</D>")
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.MODIFIED)


def test_an_identifier_in_a_namespace_of_its_own_is_none() -> None:
    """Only a schema says that `x:Id` identifies; the element is not found, so nothing is signed."""
    part = '<Part xmlns:x="urn:x" x:Id="a">x</Part>'
    made = xml.signature(Ref("#a", part.encode(), (EXCLUSIVE,)))
    assert _verdict(f"<D>{part}{made}</D>").overall is not Overall.VALID


# -- parts of the signature -----------------------------------------------------------------------


def test_signed_properties_of_another_signature_are_not_this_ones() -> None:
    """Exchanged, each is still where a reference finds it, but in the wrong signature."""
    one, two = (
        xml.signature(
            Ref("#a", _PART.encode(), (EXCLUSIVE,)), xades=True, ident=ident, identity=who
        )
        for ident, who in (("s", make.officer()), ("t", make.agency()))
    )
    assert _verdict(f"<D>{_PART}{one}{two}</D>").overall is Overall.VALID
    pattern = re.compile(r"<xades:SignedProperties .*</xades:SignedProperties>")
    first, second = (pattern.search(each) for each in (one, two))
    assert first is not None
    assert second is not None
    swapped = one.replace(first[0], second[0]) + two.replace(second[0], first[0])
    found = _verdict(f"<D>{_PART}{swapped}</D>")
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.MODIFIED)


def test_signed_properties_that_stand_outside_their_signature_are_not_read() -> None:
    made = xml.signature(Ref("#a", _PART.encode(), (EXCLUSIVE,)), xades=True)
    pattern = re.compile(r"<xades:SignedProperties .*</xades:SignedProperties>")
    found = pattern.search(made)
    assert found is not None
    forged = (
        found[0].replace("sp-sig", "other").replace("<xades:SigningTime>2", "<xades:SigningTime>1")
    )
    moved = f"<D>{_PART}{made.replace(found[0], forged)}<Aside>{found[0]}</Aside></D>"
    assert _verdict(moved).overall is not Overall.VALID


def test_a_copy_of_what_is_signed_in_an_object_changes_nothing_that_is_read() -> None:
    """Nobody reads the objects of a signature in a document; the original is as signed."""
    held = "<ds:Object><Part>x</Part></ds:Object>"
    made = xml.signature(Ref("#a", _PART.encode(), (EXCLUSIVE,)), objects=held)
    assert _verdict(f"<D>{_PART}{made}</D>").overall is Overall.VALID
    forged = _PART.replace("x<", "y<").replace('"a"', '"b"')
    hidden = made.replace("<Part>x</Part>", _PART)
    found = _verdict(f"<D>{forged}{hidden}</D>")
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.MODIFIED)


def test_comments_do_not_cut_what_is_read_of_a_value() -> None:
    """They are in no canonical form unless asked for; a value is read whole around them."""
    plain = xml.enveloped("<Title>Nguyen Van A</Title>", xades=True)
    for before in (b" Van A", b"Z</xades:SigningTime>", b"</ds:DigestValue>"):
        assert before in plain
        found = _verdict(plain.replace(before, b"<!-- -->" + before))
        assert found.overall is Overall.VALID
        assert found.signatures[0].signing_time == make.NOW


def test_comments_count_where_the_signer_asked_for_them() -> None:
    body = '<Part Id="a">x<!--y--></Part>'
    made = xml.signature(Ref("#xpointer(id('a'))", body.encode(), (EXCLUSIVE + "WithComments",)))
    assert _verdict(f"<D>{body}{made}</D>").overall is Overall.VALID
    assert _verdict(f"<D>{body}{made}</D>".replace("y--", "z--")).overall is Overall.INVALID


def test_a_namespace_that_is_bound_anew_changes_a_signed_name() -> None:
    part = '<p:Part xmlns:p="urn:p" Id="a"><p:In></p:In></p:Part>'
    made = xml.signature(Ref("#a", part.encode(), (EXCLUSIVE,)))
    plain = part.replace(' xmlns:p="urn:p"', "")
    data = f'<D xmlns:p="urn:p">{plain}{made}</D>'
    assert _verdict(data).overall is Overall.VALID
    assert _verdict(data.replace("urn:p", "urn:q", 1)).overall is Overall.INVALID
    assert _verdict(data.replace("<p:In>", '<p:In xmlns:p="urn:q">')).overall is Overall.INVALID


def test_a_signature_beside_the_document_it_enveloped_does_not_cover_what_was_added() -> None:
    plain = '<Document Id="a"><Title>x</Title></Document>'
    made = xml.signature(Ref("#a", plain.encode(), (ENVELOPED, EXCLUSIVE)))
    assert _verdict(plain.replace("</D", f"{made}</D")).overall is Overall.VALID
    moved = f"<Documents>{plain.replace('x<', 'y<').replace('Id=', 'No=')}{plain}{made}</Documents>"
    found = _verdict(moved)
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.MODIFIED)
