"""The grammar of SPF records, strictly, and what macros stand for."""

from ipaddress import IPv6Address, ip_network

import pytest

from monitor.model import SpfResult
from monitor.posture.spf.macros import MacroError, address_value, read_macros, written_name
from monitor.posture.spf.record import Mech, SpfSyntaxError, read_record, spf_texts


def test_a_record_of_spf_begins_with_its_version_and_a_space_or_nothing() -> None:
    records = (
        "v=spf1",
        "V=SPF1 -all",
        "v=spf10 -all",
        "v=spf1\t-all",
        " v=spf1",
        "v=spf2.0/pra",
        "",
    )
    assert spf_texts(records) == ("v=spf1", "V=SPF1 -all")


def test_terms_are_read_with_qualifier_target_and_lengths() -> None:
    record = read_record(
        "v=spf1 ip4:192.0.2.77/24  ~a:mail.x.vn/28//64 ?MX/0 -all redirect=_spf.x.vn"
    )
    ip4, a, mx, rest = record.mechanisms
    assert (ip4.kind, ip4.qualifier, ip4.network) == (
        Mech.IP4, SpfResult.PASS, ip_network("192.0.2.0/24"),
    )  # fmt: skip
    assert a.target is not None
    assert (a.target.text, a.ip4_length, a.ip6_length) == ("mail.x.vn", 28, 64)
    assert (mx.kind, mx.qualifier, mx.target, mx.ip4_length) == (
        Mech.MX, SpfResult.NEUTRAL, None, 0,
    )  # fmt: skip
    assert (rest.kind, rest.qualifier) == (Mech.ALL, SpfResult.FAIL)
    assert record.redirect is not None
    assert record.redirect.text == "_spf.x.vn"


GOOD = (
    "a", "A:x.vn", "a/32", "a//0", "a:x.vn//128", "a:1.x.vn/24", "mx:foo:bar/baz.x.vn", "ptr",
    "ptr:x.vn.", "exists:%{ir}.%{v}._spf.%{d2}", "exists:%{l1r-+.,/_=}.x.vn", "include:_spf.%{D}",
    "a:%%%_%-", "a:x.a-1", "a:.vn", "ip6:::1", "ip6:2001:db8::/32", "ip6:::ffff:192.0.2.1/96",
    "ip4:0.0.0.0/0", "exp=%{i}.why.x.vn", "x-y.z_1=%{c}%{t}", "x=", "include:%{d007}",
)  # fmt: skip


@pytest.mark.parametrize("term", GOOD)
def test_what_the_grammar_allows_is_read(term: str) -> None:
    read_record(f"v=spf1 {term}")


BAD = (
    "moo", "all:x.vn", "all/8", "-all.", "a:", "a:x", "a:x.123", "a:-x.vn/33", "a/33", "a/032",
    "a//129", "a/", "a/24/64", "mx:x.-vn", "ptr/24", "ptr:", "include", "include:",
    "include:x.vn/24",
    "exists", "exists:%{d0}.x.vn", "exists:%{z}.x.vn", "exists:%{c}.x.vn", "exists:%{d.x.vn",
    "exists:%(d).x.vn", "exists:x%.vn", "ip4", "ip4:", "ip4:192.0.2", "ip4:192.0.2.01",
    "ip4:192.0.2.1/33", "ip4:192.0.2.1/", "ip4:192.0.2.1/00", "ip4:192.0.2.1:25", "ip4:x.vn",
    "ip4:192.0.2.1\n", "ip6:192.0.2.1", "ip6:fe80::1%1", "ip6:2001:db8::1/129", "ip6:[::1]",
    "redirect:x.vn", "redirect=", "redirect=x", "redirect=x.vn/24", "exp=", "exp=x",
    "-redirect=x.vn",
    "++a", "-", "=x", "1a=b", "x=%{d", "x=%", "a:x.vn\ta", "a:x.vn\x00", "a:\u0430.vn", "\u0430ll",
    "redirect=a.vn redirect=b.vn", "exp=a.vn exp=a.vn", f"ip4:192.0.2.{'1' * 9999}", "ip4:١.2.3.4",
)  # fmt: skip


@pytest.mark.parametrize("term", BAD)
def test_what_it_does_not_allow_is_refused_with_the_term(term: str) -> None:
    with pytest.raises(SpfSyntaxError) as raised:
        read_record(f"v=spf1 {term} -all")
    assert str(raised.value) in (term, *term.split(" "))


VALUES = {
    "s": "strong-bad@email.example.com", "l": "strong-bad", "o": "email.example.com",
    "d": "email.example.com", "i": "192.0.2.3", "v": "in-addr", "h": "mx.example.org",
    "p": "mx.example.org",
}  # fmt: skip

# RFC 7208 7.4
WRITTEN = {
    "%{s}": "strong-bad@email.example.com", "%{d4}": "email.example.com",
    "%{d2}": "example.com", "%{d1}": "com", "%{dr}": "com.example.email", "%{d2r}": "example.email",
    "%{l}": "strong-bad", "%{l-}": "strong.bad", "%{lr}": "strong-bad", "%{lr-}": "bad.strong",
    "%{l1r-}": "strong", "%{ir}.%{v}._spf.%{d2}": "3.2.0.192.in-addr._spf.example.com",
    "%{lr-}.lp._spf.%{d2}": "bad.strong.lp._spf.example.com",
    "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}": "3.2.0.192.in-addr.strong.lp._spf.example.com",
    "%{d2}.trusted-domains.example.net": "example.com.trusted-domains.example.net",
    "%{d99999999999999999999}": "email.example.com", "%{S}": "strong-bad%40email.example.com",
    "x%%%_%-y.vn.": "x% %20y.vn",
}  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_macros_stand_for_what_the_standard_says(text: str) -> None:
    assert written_name(read_macros(text), VALUES) == WRITTEN[text]


def test_an_address_of_ipv6_is_written_in_nibbles() -> None:
    written = address_value(IPv6Address("2001:db8::cb01"))
    assert written == "2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.C.B.0.1"


def test_a_name_too_long_loses_labels_from_the_left() -> None:
    labels = [f"{number:02}{'x' * 8}" for number in range(40)]
    name = written_name(read_macros(".".join((*labels, "vn"))), {})
    assert name == ".".join((*labels[-22:], "vn"))
    assert len(name) <= 253


def test_a_name_of_one_giant_label_is_none() -> None:
    assert written_name(read_macros("x" * 60_000), {}) == ""


def test_macros_of_a_giant_record_are_written_no_further_than_a_name_goes() -> None:
    class Watched(dict[str, str]):
        read = 0

        def __getitem__(self, letter: str) -> str:
            Watched.read += 1
            return "y" * 100

    spec = read_macros("%{l}" * 16_000 + ".x.vn")
    written_name(spec, Watched())
    assert Watched.read <= 3


def test_letters_of_an_explanation_stand_nowhere_else() -> None:
    with pytest.raises(MacroError):
        read_macros("%{r}.x.vn")
    assert read_macros("%{r} %{t}", frozenset("rt"), spaces=True).letters == {"r", "t"}
