"""Office signatures: parts, relationships and content types that were not signed are seen."""

import io
import zipfile

import pytest

from monitor.model import Coverage, Finding, Integrity, Kind, Overall, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify import package_making as pack

_JUDGE = Judge(make.material())
MODIFIED = (Overall.INVALID, Integrity.MODIFIED)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MICROSOFT = "http://schemas.microsoft.com/office/2011/relationships/people"
_RELS = "word/_rels/document.xml.rels"


def verdict(data: bytes) -> Verdict:
    return _JUDGE.judge(data, "a.docx", make.moment()).verdict


def both(data: bytes) -> tuple[Overall, Integrity]:
    found = verdict(data)
    return found.overall, found.integrity


def related(*more: str) -> dict[str, bytes]:
    files = pack.docx_files()
    files[_RELS] = pack.relationships(*pack.DOCUMENT, *more).encode()
    return files


def test_an_office_signature_that_leaves_out_only_properties_is_valid() -> None:
    found = verdict(pack.docx())
    assert (found.kind, found.overall) == (Kind.OOXML, Overall.VALID)
    assert found.signatures[0].coverage is Coverage.WHOLE


def test_properties_may_change_and_relationships_may_be_written_anew() -> None:
    files = pack.docx_files()
    files["docProps/app.xml"] = b"<Properties>2</Properties>"
    files[_RELS] = (
        b"<?xml version='1.0'?>\n" + pack.relationships(*reversed(pack.DOCUMENT)).encode()
    )
    assert verdict(pack.docx(files)).overall is Overall.VALID


@pytest.mark.parametrize("name", [*pack.COVERED, _RELS, "_rels/.rels"])
def test_a_changed_or_removed_part_is_seen(name: str) -> None:
    files = pack.docx_files()
    changed = {**files, name: files[name].replace(b"t", b"T").replace(b"P", b"Q")}
    assert changed != files
    assert verdict(pack.docx(changed)).overall is not Overall.VALID
    removed = {n: content for n, content in files.items() if n != name}
    assert both(pack.docx(removed)) == MODIFIED


def test_a_part_put_in_through_a_new_relationship_is_seen() -> None:
    more = pack.relationship("rId9", f"{_OFFICE}/header", "header1.xml")
    assert both(pack.docx({**related(more), "word/header1.xml": b"<hdr/>"})) == MODIFIED
    assert both(pack.docx(related(more))) == MODIFIED


def test_a_part_that_nothing_leads_to_is_seen() -> None:
    assert both(pack.docx({**pack.docx_files(), "word/comments.xml": b"<c/>"})) == MODIFIED


def test_a_second_main_document_is_seen() -> None:
    files = pack.docx_files()
    other = pack.relationship("rId0", f"{_OFFICE}/officeDocument", "docProps/app.xml")
    files["_rels/.rels"] = pack.relationships(other, *pack.ROOT).encode()
    assert both(pack.docx(files)) == MODIFIED


def test_a_relationship_led_elsewhere_is_seen() -> None:
    files = pack.docx_files()
    files[_RELS] = files[_RELS].replace(b"styles.xml", b"media/image1.png")
    assert both(pack.docx(files)) == MODIFIED


def test_a_changed_content_type_is_seen() -> None:
    files = pack.docx_files()
    files["[Content_Types].xml"] = pack.types(
        "application/vnd.ms-word.document.macroEnabled.main+xml"
    )
    assert both(pack.docx(files)) == MODIFIED


def test_what_the_signer_left_out_himself_is_no_proof() -> None:
    found = verdict(pack.docx(covers=["word/document.xml", "word/styles.xml"]))
    assert (found.overall, found.integrity) == (Overall.INDETERMINATE, Integrity.INTACT)
    assert Finding.PARTIALLY_SIGNED in found.findings
    files = {
        **related(pack.relationship("rId9", _MICROSOFT, "people.xml")),
        "word/people.xml": b"<p/>",
    }
    assert verdict(pack.docx(files)).overall is Overall.INDETERMINATE


def test_what_belongs_to_a_part_that_the_signer_left_out_was_left_out_with_it() -> None:
    """Custom XML: Office signs the relationship to the data alone."""
    files = {
        **pack.docx_files(),
        "word/media/_rels/image1.png.rels": pack.relationships(
            pack.relationship("rId1", f"{_OFFICE}/customXmlProps", "props.xml")
        ).encode(),
        "word/media/props.xml": b"<p/>",
    }
    left_out = ["word/document.xml", "word/styles.xml"]
    found = verdict(pack.docx(files, covers=left_out))
    assert (found.overall, found.integrity) == (Overall.INDETERMINATE, Integrity.INTACT)
    assert both(pack.docx(files)) == MODIFIED


def test_a_signer_who_lists_parts_only_proves_no_document() -> None:
    made = pack.docx_signature(pack.docx_files(), related=False)
    found = verdict(pack.packed({**pack.docx_files(), "_xmlsignatures/sig1.xml": made}))
    assert (found.overall, found.integrity) == (Overall.INDETERMINATE, Integrity.INTACT)


def test_a_manifest_that_covers_nothing_signs_nothing() -> None:
    assert verdict(pack.docx(covers=[])).overall is not Overall.VALID


def test_a_manifest_that_no_reference_covers_does_not_count() -> None:
    made = pack.docx_signature(pack.docx_files())
    moved = made.replace('Id="idPackageObject"', 'Id="other"', 1)
    wrapped = moved.replace(
        "</ds:Signature>",
        '<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="idPackageObject">'
        "<ds:Manifest></ds:Manifest></ds:Object></ds:Signature>",
    )
    data = pack.packed({**pack.docx_files(), "_xmlsignatures/sig1.xml": wrapped})
    assert both(data) == MODIFIED


def test_names_that_differ_in_case_only_are_two_readings() -> None:
    assert both(pack.docx({**pack.docx_files(), "word/Document.xml": b"<d/>"})) == MODIFIED


def test_without_a_signature_part_it_is_unsigned() -> None:
    assert verdict(pack.packed(pack.docx_files())).overall is Overall.UNSIGNED


def test_a_signature_part_outside_its_usual_folder_is_found() -> None:
    files = pack.docx_files()
    rels = files["_xmlsignatures/_rels/origin.sigs.rels"]
    files["_xmlsignatures/_rels/origin.sigs.rels"] = rels.replace(b"sig1.xml", b"/sig/a.bin")
    data = pack.packed({**files, "sig/a.bin": pack.docx_signature(pack.docx_files())})
    assert len(verdict(data).signatures) == 1


def test_signatures_where_other_tools_put_them_are_no_content() -> None:
    files = pack.docx_files()
    del files["_xmlsignatures/origin.sigs"], files["_xmlsignatures/_rels/origin.sigs.rels"]
    there = "package/services/digital-signature"
    kinds = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature"
    origin = pack.relationship("rId3", f"{kinds}/origin", f"{there}/origin.psdsor")
    signature = pack.relationship("r1", f"{kinds}/signature", f"/{there}/a.psdsxs")
    certificate = pack.relationship("r1", f"{kinds}/certificate", f"/{there}/a.cer")
    files |= {
        "_rels/.rels": pack.relationships(*pack.ROOT[:2], origin).encode(),
        f"{there}/origin.psdsor": b"",
        f"{there}/_rels/origin.psdsor.rels": pack.relationships(signature).encode(),
        f"{there}/_rels/a.psdsxs.rels": pack.relationships(certificate).encode(),
        f"{there}/a.cer": make.officer().der,
        "[trash]/0000.dat": b"\0\0",
    }
    made = pack.docx_signature(pack.docx_files(), key_info="")
    store = Judge(make.material(intermediates=[make.intermediate()]))
    data = pack.packed({**files, f"{there}/a.psdsxs": made})
    assert store.judge(data, "a.docx", make.moment()).verdict.overall is Overall.VALID


@pytest.mark.parametrize("kind", ["origin", "signature", "certificate"])
def test_a_part_is_no_signature_because_a_relationship_says_so(kind: str) -> None:
    kinds = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature"
    more = pack.relationship("rId9", f"{_OFFICE}/header", "header1.xml")
    files = {**related(more), "word/header1.xml": b"<hdr/>"}
    posing = [
        pack.relationship("rId8", f"{kinds}/{kind}", "word/document.xml"),
        pack.relationship("rId9", f"{kinds}/{kind}", "word/header1.xml"),
    ]
    files["_rels/.rels"] = pack.relationships(*pack.ROOT, *posing).encode()
    assert verdict(pack.docx(files)).overall is not Overall.VALID


def test_no_byte_of_the_document_can_change_and_leave_it_valid() -> None:
    data = pack.docx()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo("word/document.xml")
    start = info.header_offset + 30 + len(info.filename)
    for at in range(start, start + info.file_size):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert verdict(changed).overall is not Overall.VALID, at
