"""What readers may take for the signer's address in From, and is not; and what is."""

import pytest

from monitor.demo.pki import Identity
from monitor.model import Binding, Overall
from tests.verify.smime_samples import TEXT, clear_signed, header, judge, pki

LEADER = pki().officer()
LOCAL, DOMAIN = LEADER.email.split("@")
SIGNED = clear_signed(TEXT, LEADER)
EVIL = "attacker@example.org"


def binding(sender: str, *more: str, signed: bytes = SIGNED) -> Binding | None:
    verdict = judge(header(sender, *more) + signed).verdict
    assert (verdict.binding is Binding.OK) == (verdict.overall is Overall.VALID)
    return verdict.binding


@pytest.mark.parametrize(
    "sender",
    [
        # host names that look alike
        f"{LOCAL}@{DOMAIN.replace('o', 'о')}",  # Cyrillic
        f"{LOCAL}@{DOMAIN.replace('a', 'ạ', 1)}",
        f"{LOCAL}@{DOMAIN}.",
        f"{LOCAL}@.{DOMAIN}",
        f"{LOCAL}@{DOMAIN.replace('.', '..', 1)}",
        f"{LOCAL}@{DOMAIN.replace('.', chr(0x3002), 1)}",
        f"{LOCAL}@{DOMAIN.replace('.', chr(0xFF0E), 1)}",
        f"{LOCAL}@{DOMAIN[0]}\u00ad{DOMAIN[1:]}",
        f"{LOCAL}@{DOMAIN[0]}\ufe0f{DOMAIN[1:]}",
        f"{LOCAL}@{DOMAIN}\u202e",
        f"{LOCAL}@{chr(0xFF00 + ord(DOMAIN[0]) - 0x20)}{DOMAIN[1:]}",
        # local parts that look alike
        f"{LOCAL.replace('a', 'а', 1)}@{DOMAIN}",  # Cyrillic
        f"{LOCAL}+x@{DOMAIN}",
        f'"{LOCAL} "@{DOMAIN}',
        f"{LOCAL}.@{DOMAIN}",
        # encoded words: no reader should decode them in an address, some do
        f"=?utf-8?Q?{LOCAL}?=@{DOMAIN}",
        f"=?utf-8?Q?{LOCAL}=40{DOMAIN}=00?=@example.org",
        f"=?utf-8?Q?{LOCAL}=40{DOMAIN}=3E?= <{EVIL}>",
        f"=?utf-8?B?PA==?={LEADER.email}=?utf-8?B?Pg==?= <{EVIL}>",
        f"<=?utf-8?Q?{LOCAL}?=@=?utf-8?Q?{DOMAIN}?=>",
        # comments
        f"{EVIL} <(>){LEADER.email}>",
        f"({LEADER.email}) {EVIL}",
        f"{EVIL}({LEADER.email}",
        f"{LOCAL}@(x){DOMAIN}(y).evil.example",
        # groups and lists
        f"Nhom: {LEADER.email}, {EVIL};",
        f"Nhom: {LEADER.email};, {EVIL}",
        f"{EVIL}: {LEADER.email};",
        f"{LEADER.email}: {EVIL};",
        f"{LEADER.email}, {LEADER.email.replace('@', '@x.')}",
        f"{LEADER.email}; {EVIL}",
        # line folding and control characters
        f"{LEADER.email}\r\n ,{EVIL}",
        f"{LEADER.email}\r\n\t<{EVIL}>",
        f"{LEADER.email}\x00",
        f"{LOCAL}\x0b@{DOMAIN}",
        f"{LOCAL}\u2003@{DOMAIN}",
        f"<{EVIL}\x00{LEADER.email}>",
    ],
)
def test_an_address_that_only_resembles_the_signers_is_a_mismatch(sender: str) -> None:
    assert binding(sender) is Binding.FROM_MISMATCH


@pytest.mark.parametrize(
    "sender",
    [
        f"{LOCAL.upper()}@{DOMAIN.title()}",
        f"Nhom: {LEADER.email};",
        f"(chú thích) {LOCAL}(x)@(y){DOMAIN}",
        f"=?utf-8?Q?attacker=40example.org?= <{LEADER.email}>",
        f"\u202eattacker <{LEADER.email}>",
        f'"{EVIL}" <{LEADER.email}>',
        f"<@example.org:{LEADER.email}>",
        f"\r\n {LEADER.email}",
    ],
)
def test_the_signers_own_address_is_bound_whatever_stands_around_it(sender: str) -> None:
    """A display name says nothing; what it may say is another finding's matter."""
    assert binding(sender) is Binding.OK


@pytest.mark.parametrize("field", ["Sender", "Reply-To", "Resent-From", "X-From", "Return-Path"])
def test_no_other_field_binds_and_none_unbinds(field: str) -> None:
    assert binding(EVIL, f"{field}: {LEADER.email}") is Binding.FROM_MISMATCH
    assert binding(LEADER.email, f"{field}: {EVIL}") is Binding.OK


@pytest.mark.parametrize("second", [EVIL, LEADER.email, ""])
def test_a_second_from_field_is_never_bound(second: str) -> None:
    assert binding(LEADER.email, f"From: {second}") is Binding.FROM_MISMATCH
    assert binding(second or EVIL, f"From: {LEADER.email}") is Binding.FROM_MISMATCH


def test_a_name_in_the_certificate_binds_no_address() -> None:
    """A common name that is an address is a name."""
    office: Identity = pki().organisation()
    signed = clear_signed(TEXT, office)
    assert binding(office.email, signed=signed) is Binding.OK
    assert binding(LEADER.email, signed=signed) is Binding.FROM_MISMATCH
