"""What `python -m tests.fuzz` found, made small and from generated material."""

import re

import pytest
from asn1crypto import cms, x509
from cryptography.hazmat.primitives import serialization

from monitor.model import Finding, Integrity, Overall, Verdict
from monitor.verify import ber
from monitor.verify.certificate import certificate
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


def test_a_certificate_with_its_length_written_longer_is_the_same_certificate() -> None:
    der = make.officer().der
    assert der[:2] == b"\x30\x82"
    longer = b"\x30\x83\0" + der[2:4] + der[4:]
    assert certificate(longer).sha256 == certificate(der).sha256
    assert certificate(longer).der == der


@pytest.mark.parametrize("change", ["behind", "wrapped", "other algorithm"])
def test_a_certificate_whose_unsigned_part_was_changed_is_none(change: str) -> None:
    """Else one signed certificate could be shown under any hash (RFC 5280 4.1)."""
    officer = make.officer()
    outer = x509.Certificate.load(officer.der)
    tbs, named = outer["tbs_certificate"].dump(), outer["signature_algorithm"].dump()
    value = outer["signature_value"].dump()
    assert certificate(_sequence(tbs + named + value)).der == officer.der
    if change == "behind":
        changed = _sequence(tbs + named + value + b"\x04\x02ab")
    elif change == "wrapped":
        changed = _sequence(tbs + named + _sequence(value))
    else:
        changed = _sequence(tbs + named[:-1] + b"\3" + value)
    with pytest.raises(ber.Malformed):
        certificate(changed)


def _sequence(body: bytes) -> bytes:
    return ber.encode(ber.SEQUENCE, body)


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
