"""Mails that show one thing and had another signed, and mails in another's name.

The classes of Müller et al., "Johnny, you are fired!" (USENIX Security 2019): tricks with the CMS,
with identities, and with the MIME structure. None of them may be valid.
"""

import pytest

from monitor.extract.mail import read_mail
from monitor.model import Binding, Finding, Integrity, Limits, Overall
from tests.verify.smime_samples import (
    ATTACK,
    SIGNED_TYPE,
    TEXT,
    clear_signed,
    header,
    judge,
    judged,
    multipart,
    opaque,
    pki,
    signature_part,
    signed,
)

LEADER = pki().officer()
OFFICE = pki().organisation()
FROM = f"Lanh dao <{LEADER.email}>"
HIDDEN = b"Content-Type: text/plain\r\n\r\n" + b"x" * 200
SIGNED = clear_signed(TEXT, LEADER)
OPAQUE = opaque(signed(TEXT, LEADER, detached=False))
RFC822 = b"Content-Type: message/rfc822\r\n\r\n" + header(FROM) + SIGNED


# -- MIME structure -----------------------------------------------------------------------------


@pytest.mark.parametrize("genuine", [SIGNED, OPAQUE], ids=["clear", "opaque"])
@pytest.mark.parametrize("kind", ["multipart/mixed", "multipart/related", "multipart/alternative"])
@pytest.mark.parametrize("order", ["before", "after"])
def test_text_beside_a_signed_part_is_partial_and_invalid(
    genuine: bytes, kind: str, order: str
) -> None:
    parts = (ATTACK, genuine) if order == "before" else (genuine, ATTACK)
    verdict = judge(header(FROM) + multipart(kind, "wrap", *parts)).verdict
    assert (verdict.overall, verdict.integrity) == (Overall.INVALID, Integrity.MODIFIED)
    assert verdict.binding is Binding.PARTIAL
    assert Finding.PARTIALLY_SIGNED in verdict.findings


def test_a_signed_part_deep_below_a_text_is_still_found() -> None:
    nested = multipart(
        "multipart/mixed", "b2", multipart("multipart/related", "b3", SIGNED, HIDDEN)
    )
    verdict = judge(header(FROM) + multipart("multipart/mixed", "b1", ATTACK, nested)).verdict
    assert verdict.binding is Binding.PARTIAL


@pytest.mark.parametrize("kind", ["multipart/related", "multipart/alternative", "multipart/x-own"])
def test_only_multipart_mixed_around_one_part_shows_nothing_else(kind: str) -> None:
    assert judge(header(FROM) + multipart(kind, "wrap", SIGNED)).verdict.overall is Overall.INVALID


def test_an_empty_wrapping_and_its_empty_text_take_nothing_away() -> None:
    empty = b"Content-Type: text/plain\r\n\r\n \r\n"
    verdict = judge(header(FROM) + multipart("multipart/mixed", "wrap", SIGNED, empty)).verdict
    assert (verdict.overall, verdict.binding) == (Overall.VALID, Binding.OK)


@pytest.mark.parametrize("where", ["preamble", "epilogue"])
def test_text_around_the_parts_of_a_wrapping_is_no_empty_wrapping(where: str) -> None:
    whole = multipart("multipart/mixed", "wrap", SIGNED)
    if where == "preamble":
        whole = whole.replace(b"\r\n\r\n--wrap", b"\r\n\r\nPay now\r\n--wrap", 1)
    else:
        whole += b"Pay now\r\n"
    assert judge(header(FROM) + whole).verdict.overall is Overall.INVALID


def test_a_preamble_is_customary_and_a_text_after_the_end_is_not() -> None:
    """A list that knows no MIME hangs its footer there; old readers show it."""
    spoken = SIGNED.replace(b"\r\n\r\n--sig", b"\r\n\r\nThis is an S/MIME message\r\n--sig", 1)
    assert judge(header(FROM) + spoken).verdict.overall is Overall.VALID
    verdict = judge(header(FROM) + SIGNED + b"_____\r\nlist footer\r\n").verdict
    assert (verdict.overall, verdict.binding) == (Overall.INVALID, Binding.PARTIAL)


def test_a_third_part_of_a_multipart_signed_is_not_covered() -> None:
    part = signature_part(signed(TEXT, LEADER))
    for parts in [(TEXT, part, ATTACK), (TEXT, ATTACK, part)]:
        verdict = judge(header(FROM) + multipart(SIGNED_TYPE, "sig", *parts)).verdict
        assert (verdict.overall, verdict.binding) == (Overall.INVALID, Binding.PARTIAL)


@pytest.mark.parametrize("shown", [b"text/html", b"text/plain", b"image/png"])
def test_a_signature_part_that_is_shown_as_content_is_content(shown: bytes) -> None:
    """Behind the end of the CMS there may be any text."""
    cms = signature_part(signed(TEXT, LEADER) + ATTACK)
    part = cms.replace(b"application/pkcs7-signature", shown)
    verdict = judge(header(FROM) + multipart(SIGNED_TYPE, "sig", TEXT, part)).verdict
    assert (verdict.overall, verdict.binding) == (Overall.INVALID, Binding.PARTIAL)


def test_the_signed_part_in_the_second_place_is_not_what_is_verified() -> None:
    part = signature_part(signed(TEXT, LEADER))
    verdict = judge(header(FROM) + multipart(SIGNED_TYPE, "sig", ATTACK, TEXT, part)).verdict
    assert verdict.overall is Overall.INVALID


def test_a_forwarded_signed_mail_signs_nothing_of_the_mail_around_it() -> None:
    raw = header("attacker@example.org") + multipart("multipart/mixed", "wrap", ATTACK, RFC822)
    mail = read_mail(raw, None, Limits())
    assert judged(mail.root).verdict.overall is Overall.UNSIGNED
    (inner,) = mail.forwarded()
    assert judged(inner).verdict.overall is Overall.VALID


@pytest.mark.parametrize(
    "body",
    [
        RFC822,
        multipart("multipart/mixed", "wrap", ATTACK, RFC822),
        multipart("multipart/digest", "wrap", b"\r\n" + header(FROM) + SIGNED, RFC822),
    ],
)
def test_a_mail_in_the_name_of_the_signer_of_the_mail_inside_borrows_a_signature(
    body: bytes,
) -> None:
    verdict = judge(header(FROM) + body).verdict
    assert (verdict.overall, verdict.binding) == (Overall.INVALID, Binding.PARTIAL)
    assert judge(header("reader@example.org") + body).verdict.overall is Overall.UNSIGNED


def test_two_content_types_in_one_header_are_two_mails_to_two_readers() -> None:
    raw = header(FROM) + b"Content-Type: text/html\r\n" + SIGNED
    assert judge(raw).verdict.overall is not Overall.VALID
    first = SIGNED.split(b"\r\n", 1)
    raw = header(FROM) + first[0] + b"\r\nContent-Type: text/html\r\n" + first[1]
    assert judge(raw).verdict.overall is Overall.INVALID


def test_a_doubled_boundary_parameter_is_ambiguous() -> None:
    raw = header(FROM) + SIGNED.replace(b'boundary="sig"', b'boundary="sig"; boundary="other"')
    assert judge(raw).verdict.overall is Overall.INVALID


def test_parts_behind_the_closing_delimiter_are_ambiguous() -> None:
    raw = header(FROM) + SIGNED + b"--sig\r\n" + ATTACK + b"--sig--\r\n"
    assert judge(raw).verdict.overall is Overall.INVALID


def test_a_transfer_encoding_of_the_whole_multipart_is_ambiguous() -> None:
    raw = header(FROM) + b"Content-Transfer-Encoding: base64\r\n" + SIGNED
    assert judge(raw).verdict.overall is Overall.INVALID


# -- CMS ----------------------------------------------------------------------------------------


def test_a_cms_that_carries_its_own_content_vouches_for_no_other() -> None:
    part = signature_part(signed(TEXT, LEADER, detached=False))
    verdict = judge(header(FROM) + multipart(SIGNED_TYPE, "sig", ATTACK, part)).verdict
    assert (verdict.overall, verdict.integrity) == (Overall.INVALID, Integrity.MODIFIED)


def test_a_second_signer_does_not_hide_that_the_first_signed_something_else() -> None:
    honest = signed(TEXT, LEADER)
    both = signed(ATTACK, LEADER, OFFICE)
    raw = header(FROM) + multipart(SIGNED_TYPE, "sig", ATTACK, signature_part(honest))
    assert judge(raw).verdict.overall is Overall.INVALID
    verdict = judge(
        header(FROM) + multipart(SIGNED_TYPE, "sig", ATTACK, signature_part(both))
    ).verdict
    assert verdict.overall is Overall.VALID
    assert Finding.SEVERAL_SIGNERS in verdict.findings


def test_the_signature_of_another_mail_is_invalid() -> None:
    part = signature_part(signed(TEXT, LEADER))
    verdict = judge(header(FROM) + multipart(SIGNED_TYPE, "sig", ATTACK, part)).verdict
    assert (verdict.overall, verdict.integrity) == (Overall.INVALID, Integrity.MODIFIED)


def test_a_forged_authority_with_the_right_names_is_not_trusted() -> None:
    verdict = judge(header(FROM) + clear_signed(ATTACK, pki().forged())).verdict
    assert verdict.overall is Overall.INDETERMINATE


# -- identity -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "attacker@example.org",
        f"{LEADER.email} <attacker@example.org>",
        f'"{LEADER.email}" <attacker@example.org>',
        f"{LEADER.email}, attacker@example.org",
        f"attacker@example.org, {LEADER.email}",
        f"<{LEADER.email}> <attacker@example.org>",
        f"<{LEADER.email}> attacker@example.org",
        f"attacker@example.org: {LEADER.email};",
        f"{LEADER.email}\x00@example.org",
        f"{LEADER.email}.example.org",
        f"{LEADER.email}\u200b",
        f"x{LEADER.email}",
        f"attacker@example.org ({LEADER.email})",
        f"<@example.org:{LEADER.email}>x",
        f'"{LEADER.email} <x"@example.org>',
        f"{LEADER.email} attacker@example.org",
        "=?utf-8?Q?" + LEADER.email.replace("@", "=40") + "?=",
        f"<{LEADER.email}",
        "()",
    ],
)
def test_a_from_that_is_not_the_signers_alone_is_a_mismatch(sender: str) -> None:
    verdict = judge(header(sender) + SIGNED).verdict
    assert verdict.binding is Binding.FROM_MISMATCH
    assert verdict.overall is Overall.INVALID
    assert verdict.integrity is Integrity.INTACT


@pytest.mark.parametrize(
    "sender",
    [
        LEADER.email,
        LEADER.email.upper(),
        f"<{LEADER.email}>",
        f'"attacker@example.org" <{LEADER.email}>',
        f"=?utf-8?B?TmfGsOG7nWk=?= <{LEADER.email}>",
        f"{LEADER.email} (Nguoi ky)",
        f"Nguoi ky\r\n <{LEADER.email}>",
        f"Nguyen Van A <@example.org:{LEADER.email}>",
    ],
)
def test_a_from_of_the_signer_is_bound_however_it_is_written(sender: str) -> None:
    assert judge(header(sender) + SIGNED).verdict.binding is Binding.OK


@pytest.mark.parametrize("second", ["From", "from", "FROM ", "From\t"])
def test_two_from_fields_are_a_mismatch_even_if_one_is_right(second: str) -> None:
    for first_sender, other in [(FROM, "attacker@example.org"), ("attacker@example.org", FROM)]:
        raw = header(first_sender, f"{second}: {other}") + SIGNED
        assert judge(raw).verdict.binding is Binding.FROM_MISMATCH


def test_the_sender_field_binds_nothing() -> None:
    raw = header("attacker@example.org", f"Sender: {LEADER.email}", f"Reply-To: {FROM}") + SIGNED
    assert judge(raw).verdict.binding is Binding.FROM_MISMATCH


def test_a_protected_from_that_differs_from_the_shown_one_is_a_mismatch() -> None:
    """RFC 9788: header fields of the signed part are the author's."""
    inside = b"From: attacker@example.org\r\nSubject: x\r\n" + TEXT
    same = f"From: {FROM}\r\n".encode() + TEXT
    assert judge(header(FROM) + clear_signed(inside, LEADER)).verdict.overall is Overall.INVALID
    assert judge(header(FROM) + clear_signed(same, LEADER)).verdict.overall is Overall.VALID


def test_an_organisations_mailbox_speaks_for_itself_and_for_nobody_else() -> None:
    raw = clear_signed(TEXT, OFFICE)
    assert judge(header(OFFICE.email) + raw).verdict.overall is Overall.VALID
    assert judge(header(FROM) + raw).verdict.binding is Binding.FROM_MISMATCH
