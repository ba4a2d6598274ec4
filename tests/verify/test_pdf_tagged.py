# mypy: allow-untyped-calls
"""Tagged PDF files signed again: the tag of the new field is permitted, and nothing else.

What a reader for the blind speaks comes from the structure tree, so a change of it is a change of
the document (ISO 32000-1 14.7, 14.9).
"""

from unittest import mock

import pytest
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers.pdf_signer import PdfSigner

from monitor.model import Coverage, Finding, Integrity, Overall
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify.pdf_bytes import Update, body, number_of, with_entry
from tests.verify.tagged_pdf import (
    Spoil,
    Tags,
    array,
    dictionary,
    name,
    number,
    sign_tagged,
    tagged_page,
    text,
)

_JUDGE = Judge(make.material())


def first_signature(data: bytes) -> tuple[Overall, Integrity, frozenset[Finding]]:
    found = _JUDGE.judge(data, "a.pdf", make.moment()).verdict
    signed = found.signatures[0]
    return found.overall, signed.integrity, frozenset(found.findings)


def refused(data: bytes) -> bool:
    overall, integrity, findings = first_signature(data)
    return (
        overall is Overall.INVALID
        and integrity is Integrity.MODIFIED
        and Finding.CHANGED_AFTER_SIGNING in findings
    )


def _signed(**parts: bool) -> bytes:
    return make.sign_pdf(tagged_page(**parts))


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("kids", [True, False])
def test_three_signatures_whose_fields_are_tagged_are_valid(kids: bool, in_place: bool) -> None:
    data = _signed(kids=kids)
    for signer in (make.agency(), make.officer()):
        data = sign_tagged(data, signer, in_place=in_place)
    found = _JUDGE.judge(data, "a.pdf", make.moment()).verdict
    assert found.overall is Overall.VALID
    assert [s.coverage for s in found.signatures] == [
        Coverage.REVISION, Coverage.REVISION, Coverage.WHOLE,
    ]  # fmt: skip


def test_a_tagged_field_is_permitted_as_far_as_the_certification_permits_fields() -> None:
    for level, expected in (
        (MDPPerm.FILL_FORMS, Overall.VALID),
        (MDPPerm.NO_CHANGES, Overall.INVALID),
    ):
        data = make.sign_pdf(tagged_page(), certify=level)
        with mock.patch.object(PdfSigner, "_enforce_certification_constraints"):
            assert first_signature(sign_tagged(data, make.agency()))[0] is expected


def test_a_description_is_spoken_so_somebody_must_sign_it() -> None:
    def describe(tags: Tags) -> None:
        tags.element[name("/Alt")] = text("Chu ky cua Bo truong")

    data = _signed()
    assert first_signature(sign_tagged(data, spoil=describe))[0] is Overall.VALID
    assert first_signature(sign_tagged(data, box=None, sign=False))[0] is Overall.VALID
    assert refused(sign_tagged(data, spoil=describe, box=None, sign=False))


def _more(key: str, value: object) -> Spoil:
    def change(tags: Tags) -> None:
        tags.element[name(key)] = value

    return change


def _root(key: str, value: object) -> Spoil:
    def change(tags: Tags) -> None:
        tags.root[name(key)] = value

    return change


def _entries(change: Spoil) -> Spoil:
    def spoil(tags: Tags) -> None:
        change(tags)
        tags.tree[name("/Nums")] = tags.entries

    return spoil


def _kids(*order: int) -> Spoil:
    """The children of the whole document in another order; -1 is the new one."""

    def change(tags: Tags) -> None:
        kids = tags.whole["/K"]
        tags.whole[name("/K")] = array([kids.raw_get(at % len(kids)) for at in order])

    return change


def _another_element(tags: Tags) -> None:
    parent = tags.element.raw_get("/P")
    more = dictionary(S=name("/P"), P=parent, ActualText=text("900 trieu"))
    tags.whole["/K"].append(tags.writer.add_object(more))


def _paragraph(key: str, value: object) -> Spoil:
    def change(tags: Tags) -> None:
        paragraph = tags.whole["/K"][0]
        paragraph[name(key)] = value
        tags.writer.update_container(paragraph)

    return change


def _old_widget(tags: Tags) -> None:
    first = tags.writer.root["/AcroForm"]["/Fields"].raw_get(0)
    tags.element["/K"][name("/Obj")] = first


def _remapped(tags: Tags) -> None:
    tags.root["/RoleMap"][name("/P")] = name("/Artifact")


def _without_entry(tags: Tags) -> None:
    del tags.entries[-2:]


def _moved_entry(tags: Tags) -> None:
    tags.entries[1] = tags.entries[-1]


def _unreachable(tags: Tags) -> None:
    tags.tree[name("/Limits")] = array([number(7), number(9)])


def _reused_object(tags: Tags) -> None:
    """The parent tree moves to where a page's resources were."""
    content = tags.writer.root["/Pages"]["/Kids"][0].raw_get("/Contents")
    tags.root[name("/ParentTree")] = content
    tags.writer.objects[content.generation, content.idnum] = tags.tree


SPOILT: dict[str, Spoil] = {
    "text in its place": _more("/ActualText", text("900 trieu")),
    "expansion of an abbreviation": _more("/E", text("900 trieu")),
    "title": _more("/T", text("900 trieu")),
    "attributes": _more("/A", dictionary(O=name("/Layout"), Placement=name("/Block"))),
    "class": _more("/C", name("/X")),
    "namespace": _more("/NS", dictionary(NS=text("http://x"))),
    "language": _more("/Lang", text("en")),
    "a paragraph": _more("/S", name("/P")),
    "content of a page": _more("/K", array([number(0)])),
    "two children": _more("/K", array([number(0), dictionary(Type=name("/OBJR"))])),
    "the widget of an older field": _old_widget,
    "another role map": _root("/RoleMap", dictionary(P=name("/Artifact"))),
    "a role in the same map": _remapped,
    "a class map": _root("/ClassMap", dictionary()),
    "an associated file": _root("/AF", array([])),
    "the tree emptied": _root("/K", array([])),
    "fewer keys": _root("/ParentTreeNextKey", number(0)),
    "an older child gone": _kids(-1),
    "children in another order": _kids(-1, 0),
    "an older child twice": _kids(0, 0, -1),
    "the new child twice": _kids(0, -1, -1),
    "the new child nowhere": _kids(0),
    "another element": _another_element,
    "an older element's text": _paragraph("/ActualText", text("900 trieu")),
    "an older element's role": _paragraph("/S", name("/Artifact")),
    "an older element's child": _paragraph("/K", array([number(0), number(1)])),
    "no entry": _entries(_without_entry),
    "an older entry replaced": _entries(_moved_entry),
    "entries that are not found": _unreachable,
    "a tree in an object of a page": _reused_object,
}
"""Ways to abuse the permission; all of them signed by somebody who may sign."""


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("way", SPOILT)
def test_nothing_but_the_tag_of_the_field_comes_with_it(way: str, in_place: bool) -> None:
    assert refused(sign_tagged(_signed(), make.agency(), spoil=SPOILT[way], in_place=in_place))


def test_the_structure_tree_does_not_change_without_a_new_field() -> None:
    data = _signed()
    whole = number_of(data, "/StructTreeRoot", "/K", 0)
    spoken = with_entry(body(data, whole), b"/Alt (900 trieu)")
    assert refused(Update({whole: spoken}).on(data))
    tree = number_of(data, "/StructTreeRoot", "/ParentTree")
    lost = with_entry(body(data, tree), b"/Limits [9 9]")
    assert refused(Update({tree: lost}).on(data))
