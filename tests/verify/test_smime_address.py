"""Mailboxes of From, To and the like, honest and hostile."""

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from monitor.verify.certificate import certificate
from monitor.verify.smime_address import mailbox_key, parse_mailboxes
from tests.verify import making as make


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
        "a@b.vn.",
        "a@b..vn",
        "a@.vn",
        "a@so\ufe0fyte.vn",
        "a@ｓｏ.vn",
        "a@\u212ao.vn",
        "=?utf-8?Q?a=40b.vn?=@c.vn",
        "a@=?utf-8?B?Yi52bg==?=",
        "<=?utf-8?Q?a?=@c.vn>",
    ],
)
def test_what_two_readers_may_take_for_two_addresses_is_not_clean(value: str) -> None:
    assert not parse_mailboxes(value.encode()).clean


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("An@So.VN", "an@so.vn"),
        ("an@tỉnh.vn", "an@xn--tnh-dlz.vn"),
        ("an@TỈNH.vn", "an@xn--tnh-dlz.vn"),
        ("an@t\u0069\u0309nh.vn", "an@tỉnh.vn"),
        ("an@XN--tnh-DLZ.vn", "an@tỉnh.vn"),
        ("người@so.vn", "người@SO.vn"),
    ],
)
def test_spellings_of_one_mailbox_are_one(left: str, right: str) -> None:
    assert mailbox_key(left) == mailbox_key(right)


@pytest.mark.parametrize(
    "other",
    [
        "an@sо.vn",  # Cyrillic o
        "аn@so.vn",  # Cyrillic a
        "ản@so.vn",
        "Ạn@so.vn",
        "an@ѕо.vn",
        "an@so.vn.",
        "an@so.vn\x00",
        "an@so.vn\n",
        "an@so.vn.evil.example",
        "an@evil.example@so.vn",
        "an@s\u00ado.vn",
        "an@s\u200bo.vn",
        "an@ｓｏ.vn",
        "an+x@so.vn",
        "a.n@so.vn",
        '"an"@so.vn',
        "@so.vn",
        "an",
        "",
    ],
)
def test_lookalikes_are_other_mailboxes(other: str) -> None:
    assert mailbox_key(other) != mailbox_key("an@so.vn")


@pytest.mark.parametrize("letter", ["\u212a", "\u0130"])
def test_no_letter_becomes_an_ascii_letter_by_lower_case(letter: str) -> None:
    plain = {"\u212a": "k", "\u0130": "i"}[letter]
    assert mailbox_key(f"{letter}@so.vn") != mailbox_key(f"{plain}@so.vn")
    assert mailbox_key(f"an@{letter}.vn") != mailbox_key(f"an@{plain}.vn")
    assert parse_mailboxes(f"{letter}@so.vn".encode()).addresses != (f"{plain}@so.vn",)


@given(st.text(max_size=60))
def test_any_text_has_a_key_and_the_key_is_its_own(text: str) -> None:
    assert mailbox_key(mailbox_key(text)) == mailbox_key(text)


def _emails(*names: x509.GeneralName, **subject: str) -> tuple[str, ...]:
    alternative = x509.SubjectAlternativeName(names)
    issued = make.issue(make.name("A", **subject), extensions=[(alternative, False)])
    return certificate(issued.der).emails


def _other_name(der: bytes, kind: str = "1.3.6.1.5.5.7.8.9") -> x509.OtherName:
    return x509.OtherName(x509.ObjectIdentifier(kind), der)


def _utf8(text: str) -> bytes:
    data = text.encode()
    return bytes([0x0C, len(data)]) + data


def test_an_internationalised_mailbox_of_a_certificate_is_read() -> None:
    """RFC 9598; older certificates have the host as U-labels (RFC 8398 drafts)."""
    found = _emails(_other_name(_utf8("người@xn--tnh-dlz.vn")), e="An@So.VN")
    assert found == ("người@xn--tnh-dlz.vn", "an@so.vn")
    assert _emails(_other_name(_utf8("người@tỉnh.vn"))) == ("người@xn--tnh-dlz.vn",)


@pytest.mark.parametrize(
    "name",
    [
        _other_name(_utf8("a@so.vn"), "1.3.6.1.4.1.311.20.2.3"),  # a user principal name
        _other_name(bytes([0x16, 3]) + b"a@b"),  # an IA5String
        _other_name(bytes([0x0C, 2]) + b"\xff\xff"),
        _other_name(bytes([0x05, 0])),
        x509.DNSName("a@so.vn"),
        x509.UniformResourceIdentifier("mailto:a@so.vn"),
    ],
)
def test_other_names_of_a_certificate_are_no_addresses(name: x509.GeneralName) -> None:
    assert _emails(name) == ()


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


def test_of_two_addresses_in_brackets_none_is_overlooked() -> None:
    found = parse_mailboxes(b"An <an@evil.example> <chu.tich@tinh.gov.vn>, b@x.vn")
    assert found.addresses == ("an@evil.example", "chu.tich@tinh.gov.vn", "b@x.vn")
    assert not found.clean
