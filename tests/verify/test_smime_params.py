"""Parameters of MIME fields (RFC 2045, RFC 2231)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.verify.smime_params import parse_structured


def value(field: str, name: str) -> tuple[bytes, str | None] | None:
    found = parse_structured(field.encode()).parameters.get(name)
    return (found.value, found.charset) if found else None


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("a/b; name=x.pdf", (b"x.pdf", None)),
        ('a/b; NAME="x y.pdf"', (b"x y.pdf", None)),
        (r'a/b; name="x\"y\\z.pdf"', (b'x"y\\z.pdf', None)),
        (r'a/b; name="C:\tai lieu\x.pdf"', (rb"C:\tai lieu\x.pdf", None)),
        ("a/b; name=bao cao thang 3.pdf; x=y", (b"bao cao thang 3.pdf", None)),
        ('a/b; name="khong dong', (b"khong dong", None)),
        ("a/b; name*=utf-8''C%C3%B4ng", ("Công".encode(), "utf-8")),
        ("a/b; name*=utf-8'vi'C%C3%B4ng", ("Công".encode(), "utf-8")),
        ("a/b; name*=C%C3%B4ng", ("Công".encode(), None)),
        ("a/b; name*0=cong; name*1=van", (b"congvan", None)),
        ("a/b; name*1=van; name*0=cong", (b"congvan", None)),
        ("a/b; name*0*=utf-8''c%C3; name*1*=%B4ng; name*2=.pdf", ("công.pdf".encode(), "utf-8")),
        ("a/b; name*0=cong; name*2=van", (b"cong", None)),
        ("a/b; name=old.pdf; name*=utf-8''new.pdf", (b"new.pdf", "utf-8")),
        ("a/b; name*1=lost", None),
        ("a/b", None),
    ],
)
def test_a_parameter_is_read(field: str, expected: tuple[bytes, str | None] | None) -> None:
    assert value(field, "name") == expected


def test_the_token_is_lower_case_and_without_comment() -> None:
    assert parse_structured(b"Text/HTML (rich) ; charset=x").token == "text/html"
    assert parse_structured(b"").token == ""


def test_a_protocol_word_loses_its_comment() -> None:
    assert parse_structured(b"a/b; boundary=xyz (as made)").text("boundary") == "xyz"


def test_a_parameter_given_twice_is_marked_and_the_first_one_holds() -> None:
    found = parse_structured(b"a/b; boundary=one; boundary=two")
    assert found.ambiguous
    assert found.text("boundary") == "one"


@given(st.binary(max_size=400) | st.text("a/b;=*'\"\\%01 \t(").map(str.encode))
def test_nothing_raises(field: bytes) -> None:
    parse_structured(field)
