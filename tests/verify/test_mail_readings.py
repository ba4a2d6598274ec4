"""One mail, two readers: where they may see different parts, a signature vouches for neither.

Found by fuzzing (`python -m tests.fuzz smime`): every trick lets a reader find another boundary or
another From than the one that was verified, while the signed bytes stay as they were.
"""

import pytest

from monitor.model import Binding, Overall
from tests.verify.smime_samples import (
    ATTACK,
    TEXT,
    clear_signed,
    compressed,
    header,
    judge,
    opaque,
    pki,
    signature_part,
    signed,
)

LEADER = pki().officer()
FROM = f"Lanh dao <{LEADER.email}>"
SIGNATURE = signature_part(signed(TEXT, LEADER))
TYPE = b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256'
GENUINE = b"--one\r\n" + TEXT + b"\r\n--one\r\n" + SIGNATURE + b"\r\n--one--\r\n"
FORGED = b"--two\r\n" + ATTACK + b"\r\n--two--\r\n"


def overall(parameters: bytes, body: bytes, head: bytes = b"") -> Overall:
    raw = header(FROM) + head + TYPE + parameters + b"\r\n\r\n" + body
    return judge(raw).verdict.overall


def test_the_mail_that_is_changed_below_is_valid() -> None:
    assert overall(b'; boundary="one"', GENUINE) is Overall.VALID


@pytest.mark.parametrize(
    "parameters",
    [
        b'; x y" ; boundary="one"',
        b'; x" ; boundary="one"; y=" ; boundary="two"',
        b"; boundary=one; boundary*=utf-8''two",
        b"; boundary*=utf-8''one; boundary=two",
        b'; boundary*0="o"; boundary*1="ne"; boundary=two',
        b"; boundary=one; boundary*0=two",
        b", boundary=two; boundary=one",
        b'; x="; boundary=two"; boundary=one',
        b'; boundary="one" two',
        b"; boundary=one two",
        b'; boundary="one',
        b"; boundary=one\0two",
        b"; boundary=one (; boundary=two)",
        b'; boundary="one\\"',
    ],
)
def test_a_boundary_that_readers_may_read_differently_proves_nothing(parameters: bytes) -> None:
    assert overall(parameters, FORGED + GENUINE) is not Overall.VALID


@pytest.mark.parametrize(
    "parameters",
    [b"; boundary=one", b'; boundary="one" (as made)', b'; boundary*0="o"; boundary*1="ne"',
     b';; boundary="one";', b"; BOUNDARY=one", b"; boundary = one"],
)  # fmt: skip
def test_an_odd_but_plain_boundary_is_read(parameters: bytes) -> None:
    assert overall(parameters, GENUINE) is Overall.VALID


@pytest.mark.parametrize("mark", [b"--onex", b" --one", b"\r--one\r", b"--one;", b"--one--x"])
def test_a_preamble_with_what_may_be_a_delimiter_proves_nothing(mark: bytes) -> None:
    assert overall(b"; boundary=one", mark + b"\r\n" + ATTACK + GENUINE) is not Overall.VALID


def test_a_text_behind_the_signature_that_may_be_a_part_proves_nothing() -> None:
    behind = SIGNATURE + b"\r\n--onex\r\n" + ATTACK
    assert overall(b"; boundary=one", GENUINE.replace(SIGNATURE, behind)) is not Overall.VALID


@pytest.mark.parametrize(
    "line",
    [
        b"X-A: b\rFrom: boss@example.org\r\n",
        b"X-A: b\r c\rFROM : boss@example.org\r\n",
        b"X-A: b\rContent-Type: text/html\r\n",
        b"Subject: x\r\rPay the other account\r\n",
        b"Subject: x\rPay the other account\r\n",
        b"Subject: x\r\r\n Pay the other account\r\n",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_lone_carriage_return_hides_nothing(line: bytes, first: bool) -> None:
    genuine = TYPE + b"; boundary=one\r\n\r\n" + GENUINE
    sender = header(FROM)
    raw = line + sender + genuine if first else sender + line + genuine
    found = judge(raw).verdict
    assert found.overall is Overall.INVALID
    assert found.binding in {Binding.FROM_MISMATCH, Binding.PARTIAL}


def test_a_lone_carriage_return_before_a_blank_is_only_odd() -> None:
    raw = header(FROM) + b"X-A: b\r c\r\n" + TYPE + b"; boundary=one\r\n\r\n" + GENUINE
    assert judge(raw).verdict.overall is Overall.VALID


def test_a_mail_whose_every_line_ends_with_two_returns_is_read() -> None:
    whole = header(FROM) + TYPE + b"; boundary=one\r\n\r\n"
    doubled = whole.replace(b"\r\n", b"\r\r\n") + GENUINE
    assert judge(doubled).verdict.overall is Overall.VALID


# -- base64 ---------------------------------------------------------------------------------------

OPAQUE = opaque(signed(TEXT, LEADER, detached=False))
JUNK = [
    b"!",
    b"-",
    b"_",
    b"\0",
    b"\xa0",
    b"=",
    b"==",
    b"====",
    b"\xe2\x80\x8b",
    b"# note\r\n",
    b"%3D",
]


def _into(part: bytes, at: int, junk: bytes) -> bytes:
    """Something among the base64 of a part, so many characters behind its header."""
    body = part.index(b"\r\n\r\n") + 4
    return part[: body + at] + junk + part[body + at :]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("at", [0, 2, 76, 403])
def test_base64_of_signed_content_that_readers_decode_differently_proves_nothing(
    junk: bytes, at: int
) -> None:
    raw = header(FROM) + _into(OPAQUE, at, junk)
    assert judge(header(FROM) + OPAQUE).verdict.overall is Overall.VALID
    assert judge(raw).verdict.overall is not Overall.VALID


@pytest.mark.parametrize("blank", [b" ", b"\t", b"\r\n", b" \r\n\r\n\t"])
def test_blanks_in_base64_are_no_matter(blank: bytes) -> None:
    for at in (0, 2, 403):
        assert judge(header(FROM) + _into(OPAQUE, at, blank)).verdict.overall is Overall.VALID


@pytest.mark.parametrize("behind", [b"\r\n", b"--\r\n", b"\r\n\r\n-- \r\n", b"\0"])
def test_what_stands_behind_the_last_octet_is_in_no_reading(behind: bytes) -> None:
    assert judge(header(FROM) + OPAQUE + behind).verdict.overall is Overall.VALID


@pytest.mark.parametrize("encoding", [b"quoted-printable", b"7bit", b"x-uuencode", b"x-unknown"])
def test_base64_below_another_transfer_encoding_is_strict_as_well(encoding: bytes) -> None:
    """A second base64 below the one the header tells of, or below none, is taken off."""
    inner = OPAQUE.replace(b"Encoding: base64", b"Encoding: " + encoding)
    if encoding == b"quoted-printable":
        head, body = inner.split(b"\r\n\r\n", 1)
        inner = head + b"\r\n\r\n" + body.replace(b"=", b"=3D")
    known = encoding in {b"quoted-printable", b"7bit"}
    assert (judge(header(FROM) + inner).verdict.overall is Overall.VALID) is known
    assert judge(header(FROM) + _into(inner, 76, b"!")).verdict.overall is not Overall.VALID
    if encoding == b"quoted-printable":
        assert judge(header(FROM) + _into(inner, 76, b"=x")).verdict.overall is not Overall.VALID


@pytest.mark.parametrize("junk", [b"!", b"_", b"\0", b"===="])
def test_junk_in_the_base64_of_a_detached_signature_is_tolerated(junk: bytes) -> None:
    """Its content is beside it and the same for all; who stops at the junk sees no signature."""
    mail = b"; boundary=one\r\n\r\n--one\r\n" + TEXT + b"\r\n--one\r\n"
    changed = mail + _into(SIGNATURE, 76, junk) + b"\r\n--one--\r\n"
    assert overall(changed, b"") is Overall.VALID


def test_compressed_content_that_readers_decode_differently_proves_nothing() -> None:
    part = opaque(compressed(clear_signed(TEXT, LEADER)), "compressed-data", "smime.p7z")
    assert judge(header(FROM) + part).verdict.overall is Overall.VALID
    assert judge(header(FROM) + _into(part, 76, b"-")).verdict.overall is not Overall.VALID
