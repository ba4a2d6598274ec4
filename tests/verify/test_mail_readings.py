"""One mail, two readers: where they may see different parts, a signature vouches for neither.

Found by fuzzing (`python -m tests.fuzz smime`): every trick lets a reader find another boundary or
another From than the one that was verified, while the signed bytes stay as they were.
"""

import pytest

from monitor.model import Binding, Overall
from tests.verify.smime_samples import (
    ATTACK,
    TEXT,
    header,
    judge,
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
