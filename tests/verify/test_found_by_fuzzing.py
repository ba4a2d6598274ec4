"""What `python -m tests.fuzz` found, made small and from generated material."""

import re

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.primitives import serialization

from monitor.model import Finding, Integrity, Overall, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify import package_making as pack
from tests.verify import test_asic_containers as containers

_JUDGE = Judge(make.material())


def verdict(data: bytes, name: str = "a") -> Verdict:
    return _JUDGE.judge(data, name, make.moment()).verdict


def test_an_issuer_whose_key_is_no_key_issued_nothing() -> None:
    """The key of a certificate in the file was read without care before it is trusted."""
    public = make.intermediate().certificate.public_key()
    spki = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = make.cms(b"van ban", attached=True)
    assert spki in signed
    found = verdict(signed.replace(spki, spki[:2] + b"\x04" + bytes([len(spki) - 4]) + spki[4:]))
    assert (found.overall, found.integrity) == (Overall.INDETERMINATE, Integrity.INTACT)


def test_an_entry_without_a_name_is_no_reason_to_fail() -> None:
    """Python's zipfile raises IndexError when asked whether such an entry is a folder."""
    for data in (containers.with_xades(), pack.odf(), pack.docx()):
        assert verdict(_with_nameless(data)).overall is not Overall.VALID


def _with_nameless(data: bytes) -> bytes:
    """The first entry loses its name in the directory: its length becomes 0."""
    at = data.index(b"PK\x01\x02")
    size = int.from_bytes(data[at + 28 : at + 30], "little")
    cut = data[: at + 28] + b"\0\0" + data[at + 30 : at + 46] + data[at + 46 + size :]
    end = cut.rindex(b"PK\x05\x06")
    directory = int.from_bytes(cut[end + 12 : end + 16], "little") - size
    return cut[: end + 12] + directory.to_bytes(4, "little") + cut[end + 16 :]


def test_a_certificate_with_something_behind_its_signature_is_none() -> None:
    """Else one signature could be shown under certificates of any hash."""
    signed = make.cms(b"van ban", attached=True)
    officer = make.officer().der
    size = int.from_bytes(officer[2:4], "big") + 4
    longer = officer[:2] + size.to_bytes(2, "big") + officer[4:] + b"\x04\x02ab"
    parsed = cms.ContentInfo.load(signed)
    held = parsed["content"]["certificates"]
    held[[c.chosen.dump() for c in held].index(officer)] = core.Asn1Value.load(longer)
    found = verdict(bytes(parsed.dump(force=True)))
    assert found.overall is not Overall.VALID


def test_a_certificate_that_names_two_algorithms_is_none() -> None:
    """RFC 5280 4.1.1.2: the one outside is not signed and must be the one inside."""
    officer = make.officer().der
    at = officer.rindex(b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")
    other = officer[: at + 11] + b"\x03" + officer[at + 12 :]
    signed = make.cms(b"van ban", attached=True)
    assert signed.count(officer) == 1
    assert verdict(signed.replace(officer, other)).overall is not Overall.VALID


def test_a_signer_block_that_cannot_be_read_is_not_passed_over() -> None:
    """Else a flipped byte would make a second signature vanish instead of making it invalid."""
    one = cms.ContentInfo.load(make.cms(b"van ban", attached=True))
    two = cms.ContentInfo.load(make.cms(b"van ban", make.agency(), attached=True))
    for field in ("certificates", "signer_infos"):
        for item in two["content"][field]:
            one["content"][field].append(item)
    both = bytes(one.dump(force=True))
    assert verdict(both).overall is Overall.VALID
    block = bytes(two["content"]["signer_infos"][0].dump())
    broken = verdict(both.replace(block, b"\x31" + block[1:]))
    assert broken.overall is Overall.INDETERMINATE
    assert len(broken.signatures) == 2
    assert Finding.SIGNATURE_MALFORMED in broken.findings


def test_a_broken_signer_block_alone_is_a_trace_of_a_signature() -> None:
    signed = make.cms(b"van ban", attached=True)
    block = bytes(cms.ContentInfo.load(signed)["content"]["signer_infos"][0].dump())
    broken = verdict(signed.replace(block, b"\x31" + block[1:]))
    assert broken.overall not in {Overall.UNSIGNED, Overall.VALID}


@pytest.mark.parametrize("at", [8, 14, 18, 22, 30], ids=["method", "crc", "packed", "size", "name"])
@pytest.mark.parametrize("entry", [0, 1])
def test_a_header_that_contradicts_the_directory_is_a_second_reading(at: int, entry: int) -> None:
    """A reader that goes through the file finds another entry than one that asks the directory."""
    for data in (containers.with_xades(), pack.odf(), pack.docx()):
        start = [m.start() for m in re.finditer(b"PK\x03\x04", data)][entry] + at
        changed = data[:start] + bytes([data[start] ^ 1]) + data[start + 1 :]
        assert verdict(changed).overall in {Overall.INVALID, Overall.UNREADABLE}
