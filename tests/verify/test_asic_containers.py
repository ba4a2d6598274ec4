"""ASiC containers: every file a reader sees must be what a signature covers."""

import base64
import hashlib
import io
import struct
import unicodedata
import zipfile
from collections.abc import Mapping

import pytest

from monitor.model import Coverage, Finding, Integrity, Kind, Overall, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify import xml_making as xml
from tests.verify.xml_making import DSIG, Ref

_JUDGE = Judge(make.material())
_E, _S = "application/vnd.etsi.asic-e+zip", "application/vnd.etsi.asic-s+zip"
_XADES, _P7S, _LIST = (
    "META-INF/signatures0.xml",
    "META-INF/signature.p7s",
    "META-INF/ASiCManifest.xml",
)
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_SPACE = "http://uri.etsi.org/02918/v1.2.1#"
VALID = (Overall.VALID, Integrity.INTACT)
MODIFIED = (Overall.INVALID, Integrity.MODIFIED)


def verdict(data: bytes) -> Verdict:
    return _JUDGE.judge(data, "a.asice", make.moment()).verdict


def both(data: bytes) -> tuple[Overall, Integrity]:
    found = verdict(data)
    return found.overall, found.integrity


def packed(files: Mapping[str, bytes | str], mimetype: str = _E) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", mimetype)
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


FILES = {"công văn.txt": b"noi dung", "phu luc/1.csv": b"1;2"}


def with_xades(files: Mapping[str, bytes] = FILES, covers: Mapping[str, bytes] = FILES) -> bytes:
    refs = [Ref(name.replace(" ", "%20"), content) for name, content in covers.items()]
    made = xml.signature(*refs, xades=True)
    text = f'<a:XAdESSignatures xmlns:a="{_SPACE}">{made}</a:XAdESSignatures>'
    return packed({**files, _XADES: text})


def manifest(covers: Mapping[str, bytes], signed_by: str = _P7S) -> bytes:
    listed = "".join(
        f'<a:DataObjectReference URI="{name.replace(" ", "%20")}">'
        f'<ds:DigestMethod xmlns:ds="{DSIG}" Algorithm="{_SHA256}"/>'
        f'<ds:DigestValue xmlns:ds="{DSIG}">'
        f"{base64.b64encode(hashlib.sha256(content).digest()).decode()}</ds:DigestValue>"
        "</a:DataObjectReference>"
        for name, content in covers.items()
    )
    head = f'<a:ASiCManifest xmlns:a="{_SPACE}"><a:SigReference URI="{signed_by}"/>'
    return f"{head}{listed}</a:ASiCManifest>".encode()


def with_cades(files: Mapping[str, bytes] = FILES, covers: Mapping[str, bytes] = FILES) -> bytes:
    listed = manifest(covers)
    return packed({**files, _LIST: listed, _P7S: make.cms(listed)})


def simple(content: bytes = b"noi dung", signed: bytes = b"noi dung") -> bytes:
    return packed({"a.txt": content, _P7S: make.cms(signed)}, _S)


@pytest.mark.parametrize("data", [with_xades(), with_cades(), simple()])
def test_a_container_whose_files_are_all_covered_is_valid(data: bytes) -> None:
    found = verdict(data)
    assert (found.kind, found.overall) == (Kind.ASIC, Overall.VALID)
    assert found.signatures[0].coverage is Coverage.WHOLE


@pytest.mark.parametrize("make_one", [with_xades, with_cades])
def test_a_changed_missing_renamed_or_added_file_is_seen(make_one: object) -> None:
    assert callable(make_one)
    first, second = FILES
    assert both(make_one({first: b"other", second: FILES[second]}, FILES)) == MODIFIED
    assert both(make_one({first: FILES[first]}, FILES)) == MODIFIED
    assert both(make_one({"b.txt": FILES[first], second: FILES[second]}, FILES)) == MODIFIED
    assert both(make_one({**FILES, "more.pdf": b"%PDF-1.4"}, FILES)) == MODIFIED


def test_a_simple_container_holds_the_one_file_that_is_signed() -> None:
    assert both(simple(b"other")) == MODIFIED
    assert both(packed({"a.txt": b"a", "b.txt": b"b", _P7S: make.cms(b"a")}, _S)) == MODIFIED


def test_a_signature_that_holds_the_file_must_hold_this_one_and_is_kept_without_it() -> None:
    attached = make.cms(b"noi dung", attached=True)
    data = packed({"a.txt": b"noi dung", _P7S: attached}, _S)
    judgement = _JUDGE.judge(data, "a.asics", make.moment())
    assert judgement.verdict.overall is Overall.VALID
    assert judgement.kept is not None
    assert not any(b"noi dung" in blob for blob in judgement.kept.blobs)
    assert both(packed({"a.txt": b"other", _P7S: attached}, _S)) == MODIFIED


def test_a_changed_list_of_files_is_seen() -> None:
    listed = manifest(FILES)
    swapped = manifest({**FILES, "phu luc/1.csv": b"9;9"})
    files = {**FILES, "phu luc/1.csv": b"9;9"}
    assert both(packed({**files, _LIST: swapped, _P7S: make.cms(listed)})) == MODIFIED


def test_two_lists_for_one_signature_are_refused() -> None:
    listed = manifest(FILES)
    other = manifest({"x": b"x"})
    data = {**FILES, _LIST: listed, "META-INF/ASiCManifest2.xml": other, _P7S: make.cms(listed)}
    assert both(packed(data)) == MODIFIED


def test_a_signature_over_some_of_the_files_proves_nothing_for_the_rest() -> None:
    first, second = FILES
    one = xml.signature(Ref(second, FILES[second]), xades=True, ident="one")
    two = xml.signature(
        Ref(first.replace(" ", "%20"), FILES[first]), Ref(second, FILES[second]), ident="two"
    )
    text = f'<a:XAdESSignatures xmlns:a="{_SPACE}">{one}{two}</a:XAdESSignatures>'
    found = verdict(packed({**FILES, _XADES: text}))
    assert found.overall is Overall.INDETERMINATE
    assert [s.coverage for s in found.signatures] == [Coverage.PARTIAL, Coverage.WHOLE]
    assert Finding.PARTIALLY_SIGNED in found.findings


def test_a_file_with_two_entries_has_two_readings_and_is_refused() -> None:
    out = io.BytesIO(with_xades())
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("phu luc/1.csv", b"1;2")
    assert both(out.getvalue()) == MODIFIED


def test_an_entry_that_the_directory_does_not_list_is_noticed() -> None:
    data = with_xades()
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("phu luc/1.csv", b"9;9")
    local = hidden.getvalue()[: hidden.getvalue().index(b"PK\x01\x02")]
    end = data.rindex(b"PK\x05\x06")
    start = struct.unpack_from("<I", data, end + 16)[0]
    moved = data[end : end + 16] + struct.pack("<I", start + len(local)) + data[end + 20 :]
    assert both(data[:start] + local + data[start:end] + moved) == MODIFIED
    assert both(local + data) == MODIFIED


def test_an_open_manifest_that_lists_other_files_is_noticed() -> None:
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"

    def listed(*names: str) -> bytes:
        entries = "".join(f'<m:file-entry m:full-path="{n}" m:media-type=""/>' for n in names)
        files = {"META-INF/manifest.xml": f'<m:manifest xmlns:m="{space}">{entries}</m:manifest>'}
        return with_xades({**FILES, **{n: t.encode() for n, t in files.items()}}, FILES)

    assert verdict(listed("/", *FILES)).overall is Overall.VALID
    found = verdict(listed("/", *FILES, "missing.txt"))
    assert found.overall is Overall.INDETERMINATE
    assert Finding.MANIFEST_MISMATCH in found.findings


def test_a_name_in_another_unicode_form_is_the_same_name() -> None:
    composed = {unicodedata.normalize("NFC", n): content for n, content in FILES.items()}
    decomposed = {unicodedata.normalize("NFD", n): content for n, content in FILES.items()}
    assert composed.keys() != decomposed.keys()
    assert both(with_xades(decomposed, composed)) == VALID
    assert both(with_xades({**decomposed, **composed}, composed)) == MODIFIED


def test_names_that_lead_out_of_the_container_are_refused() -> None:
    for name in ("../a.txt", "/a.txt", "b\\a.txt", "./a.txt"):
        files = {name: b"x"}
        assert verdict(with_xades(files, files)).overall is not Overall.VALID


def test_a_file_that_is_called_as_a_folder_is_lost_when_unpacked_and_refused() -> None:
    named = packed({"x/": b"noi dung", _P7S: make.cms(b"noi dung", attached=False)}, _S)
    assert both(named) == MODIFIED
    assert (
        both(packed({"x": b"noi dung", _P7S: make.cms(b"noi dung", attached=False)}, _S)) == VALID
    )


def test_what_cannot_be_read_is_said() -> None:
    assert verdict(with_xades()[:-30]).overall is Overall.UNREADABLE
    assert verdict(b"no container").overall is Overall.UNREADABLE
    broken = packed({**FILES, _XADES: "<a"})
    assert verdict(broken).overall is Overall.UNREADABLE
    assert verdict(packed(FILES)).overall is Overall.UNSIGNED


def test_a_bomb_ends_in_a_verdict_that_is_ours() -> None:
    out = io.BytesIO(with_xades({"a": b"a"}, {"a": b"a", "zeros": b""}))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(40_000_000))
    found = verdict(out.getvalue())
    assert (found.overall, found.findings) == (Overall.INDETERMINATE, (Finding.ARCHIVE_LIMIT,))


@pytest.mark.parametrize("data", [with_xades(), with_cades(), simple()])
def test_no_byte_of_a_signed_file_can_change_and_leave_it_valid(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = [i for i in archive.infolist() if not i.filename.startswith(("META", "mime"))]
    for info in infos:
        start = info.header_offset
        for at in range(start, start + 30 + len(info.filename.encode()) + info.file_size):
            changed = data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1 :]
            if at - start in range(4, 26):
                continue  # time stamps and versions of an entry are no content
            assert verdict(changed).overall is not Overall.VALID, at
