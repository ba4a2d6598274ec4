"""OpenDocument signatures: the whole package, or it is not the document that was signed."""

import io
import zipfile

import pytest

from monitor.model import Coverage, Finding, Integrity, Kind, Overall, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify import package_making as pack
from tests.verify import xml_making as xml

_JUDGE = Judge(make.material())
MODIFIED = (Overall.INVALID, Integrity.MODIFIED)
MACROS = "META-INF/macrosignatures.xml"


def verdict(data: bytes) -> Verdict:
    return _JUDGE.judge(data, "a.odt", make.moment()).verdict


def both(data: bytes) -> tuple[Overall, Integrity]:
    found = verdict(data)
    return found.overall, found.integrity


def test_a_document_whose_every_file_is_covered_is_valid() -> None:
    found = verdict(pack.odf())
    assert (found.kind, found.overall) == (Kind.ODF, Overall.VALID)
    assert found.signatures[0].coverage is Coverage.WHOLE


@pytest.mark.parametrize("name", sorted(pack.odf_files()))
def test_any_changed_file_is_seen(name: str) -> None:
    files = pack.odf_files()
    changed = {**files, name: files[name].replace(b"t", b"T").replace(b"P", b"Q")}
    assert changed != files
    assert verdict(pack.odf(changed, signed=files)).overall is Overall.INVALID


@pytest.mark.parametrize("name", ["Pictures/b.png", "META-INF/more.txt", "evil.xml"])
def test_an_added_file_is_seen(name: str) -> None:
    files = pack.odf_files()
    assert both(pack.odf({**files, name: b"x"}, signed=files)) == MODIFIED


@pytest.mark.parametrize("name", ["mimetype", "Pictures/a b.png", "META-INF/manifest.xml"])
def test_a_removed_file_is_seen(name: str) -> None:
    files = pack.odf_files()
    rest = {n: content for n, content in files.items() if n != name}
    assert both(pack.odf(rest, signed=files)) == MODIFIED


def test_a_signature_of_macros_is_none_of_the_document() -> None:
    found = verdict(pack.odf(covers=["Basic/Standard/script.xml"], where=MACROS))
    assert (found.overall, found.integrity) == (Overall.INDETERMINATE, Integrity.INTACT)
    assert Finding.PARTIALLY_SIGNED in found.findings


def test_a_macro_signature_under_the_name_of_a_document_signature_is_refused() -> None:
    assert both(pack.odf(covers=["Basic/Standard/script.xml"])) == MODIFIED


def test_beside_a_document_signature_that_of_macros_does_not_count() -> None:
    files = pack.odf_files()
    macro = pack.odf_signature(files, ["Basic/Standard/script.xml"])
    found = verdict(pack.odf({**files, MACROS: macro.encode()}, signed=files))
    assert found.overall is Overall.VALID
    assert [s.counts for s in found.signatures] == [True, False]


def test_the_first_versions_signed_neither_manifest_nor_media_type() -> None:
    old = pack.odf_files("1.1")
    covers = [n for n in old if n not in {"mimetype", "META-INF/manifest.xml"}]
    assert verdict(pack.odf(old, covers)).overall is Overall.VALID
    found = verdict(pack.odf(covers=covers))
    assert found.overall is Overall.INDETERMINATE
    assert Finding.PARTIALLY_SIGNED in found.findings


def test_certificate_doubling_attributes_the_signature_to_nobody() -> None:
    twice = "".join(
        f"<ds:X509Data><ds:X509Certificate>{xml.certificate_text(c)}</ds:X509Certificate></ds:X509Data>"
        for c in (make.officer().certificate, make.stranger().certificate)
    )
    files = pack.odf_files()
    refs = [xml.Ref(n.replace(" ", "%20"), content) for n, content in files.items()]
    made = xml.signature(
        *refs, identity=make.stranger(), key_info=f"<ds:KeyInfo>{twice}</ds:KeyInfo>"
    )
    text = f'<d:document-signatures xmlns:d="{pack.ODF_SPACE}">{made}</d:document-signatures>'
    found = verdict(pack.packed({**files, "META-INF/documentsignatures.xml": text}))
    assert found.overall is Overall.INDETERMINATE
    assert Finding.SIGNER_UNATTRIBUTED in found.findings


def test_an_encrypted_document_is_unreadable() -> None:
    files = pack.odf_files()
    files["META-INF/manifest.xml"] = files["META-INF/manifest.xml"].replace(
        b"></m:file-entry>", b"><m:encryption-data/></m:file-entry>"
    )
    found = verdict(pack.odf(files))
    assert (found.overall, found.findings) == (Overall.UNREADABLE, (Finding.ENCRYPTED,))


def test_no_signature_in_the_signature_file_is_unsigned() -> None:
    empty = f'<d:document-signatures xmlns:d="{pack.ODF_SPACE}"/>'
    data = pack.packed({**pack.odf_files(), "META-INF/documentsignatures.xml": empty})
    assert verdict(data).overall is Overall.UNSIGNED
    assert verdict(pack.packed(pack.odf_files())).overall is Overall.UNSIGNED


def test_no_byte_of_content_can_change_and_leave_it_valid() -> None:
    data = pack.odf()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo("content.xml")
    start = info.header_offset + 30 + len(info.filename)
    for at in range(start, start + info.file_size, 2):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert verdict(changed).overall is not Overall.VALID, at
