"""Mailboxes of From, To and the like, honest and hostile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.verify.smime_address import parse_mailboxes


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("a@b.vn", ("a@b.vn",)),
        ("A@B.VN", ("a@b.vn",)),
        ("Nguyễn Văn A <a@b.vn>", ("a@b.vn",)),
        ('"Sở, Ban: <x>" <a@b.vn>, c@d.vn', ("a@b.vn", "c@d.vn")),
        ("UBND: a@b.vn, C <c@d.vn>; e@f.vn", ("a@b.vn", "c@d.vn", "e@f.vn")),
        ("undisclosed-recipients:;", ()),
        ("a@b.vn (chú thích (lồng nhau), x@y.vn)", ("a@b.vn",)),
        ("<@x.vn,@y.vn:a@b.vn>", ("a@b.vn",)),
        ("a . b @ c.vn", ("a.b@c.vn",)),
        ('"a b"@c.vn', ('"a b"@c.vn',)),
        ("a@[10.0.0.1]", ("a@[10.0.0.1]",)),
        ("a@b.vn,, c@d.vn,", ("a@b.vn", "c@d.vn")),
        ("người@tỉnh.vn", ("người@tỉnh.vn",)),
        ("", ()),
    ],
)
def test_forms_of_the_standard_are_read(value: str, addresses: tuple[str, ...]) -> None:
    found = parse_mailboxes(value.encode())
    assert (found.addresses, found.clean) == (addresses, True)


@pytest.mark.parametrize(
    "value",
    [
        "a@b.vn c@d.vn",
        "<a@b.vn> <c@d.vn>",
        "<a@b.vn> c",
        "a@b.vn@c.vn",
        "<a@b.vn",
        "a@b.vn (open",
        "x@y.vn: a@b.vn;",
        "<a>",
        "Nguyen Van A",
        "a\x00@b.vn",
        "a\u202e@b.vn",
    ],
)
def test_what_two_readers_may_take_for_two_addresses_is_not_clean(value: str) -> None:
    assert not parse_mailboxes(value.encode()).clean


def test_bytes_that_are_no_utf8_are_not_clean() -> None:
    assert not parse_mailboxes(b"\xff <a@b.vn>").clean


@given(st.binary(max_size=300) | st.text('<>(),;:@.\\"[] ab\r\n\t').map(str.encode))
def test_nothing_raises_and_addresses_have_one_at_sign_outside_quotes(value: bytes) -> None:
    for address in parse_mailboxes(value).addresses:
        local, _, domain = address.rpartition("@")
        assert local
        assert domain
        assert "@" not in local or local.startswith('"')
        assert address.isprintable()
