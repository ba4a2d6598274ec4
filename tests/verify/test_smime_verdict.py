"""What an honest signed mail is, and what its damage is called."""

import pytest

from monitor.model import (
    Binding,
    Cause,
    Coverage,
    Finding,
    Integrity,
    Kind,
    Overall,
    Trust,
)
from monitor.verify import ber
from monitor.verify.evidence import facts_of
from monitor.verify.signed_data import parse
from tests.verify.smime_samples import (
    ATTACK,
    DATA,
    SIGNED,
    TEXT,
    certificates_only,
    clear_signed,
    compressed,
    content_info,
    enveloped,
    header,
    judge,
    multipart,
    opaque,
    pki,
    signature_part,
    signed,
)

LEADER = pki().officer()
OFFICE = pki().organisation()
FROM = f"Lanh dao <{LEADER.email}>"


def test_a_clear_signed_mail_is_valid_when_its_signer_is_its_sender() -> None:
    verdict = judge(header(FROM) + clear_signed(TEXT, LEADER)).verdict
    assert (verdict.overall, verdict.kind) == (Overall.VALID, Kind.SMIME)
    assert (verdict.integrity, verdict.trust) == (Integrity.INTACT, Trust.TRUSTED)
    assert verdict.binding is Binding.OK
    assert [s.coverage for s in verdict.signatures] == [Coverage.WHOLE]
    assert verdict.signatures[0].signer_emails == (LEADER.email,)


def test_a_mail_without_a_signature_is_unsigned() -> None:
    verdict = judge(header(FROM) + TEXT).verdict
    assert (verdict.overall, verdict.kind) == (Overall.UNSIGNED, Kind.MAIL)
    assert (verdict.integrity, verdict.trust, verdict.binding) == (
        Integrity.NONE,
        Trust.UNKNOWN,
        None,
    )


def test_bare_line_feeds_of_a_stored_mail_do_not_break_the_signature() -> None:
    raw = (header(FROM) + clear_signed(TEXT, LEADER)).replace(b"\r\n", b"\n")
    assert judge(raw).verdict.overall is Overall.VALID


def test_a_signature_over_bare_line_feeds_holds_as_they_stand() -> None:
    content = TEXT.replace(b"\r\n", b"\n")
    raw = header(FROM) + clear_signed(content, LEADER)
    assert judge(raw).verdict.overall is Overall.VALID


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"K\xc3\xadnh", b"K\xc3\xa0nh"), (b"text/plain", b"text/html"), (b"g\xe1", b"g \xe1")],
)
def test_a_change_of_the_signed_part_is_invalid(old: bytes, new: bytes) -> None:
    raw = (header(FROM) + clear_signed(TEXT, LEADER)).replace(old, new)
    verdict = judge(raw).verdict
    assert (verdict.overall, verdict.integrity) == (Overall.INVALID, Integrity.MODIFIED)
    assert verdict.binding is Binding.OK
    assert Finding.DIGEST_MISMATCH in verdict.findings


def test_an_opaque_mail_is_valid() -> None:
    raw = header(FROM) + opaque(signed(TEXT, LEADER, detached=False))
    assert judge(raw).verdict.overall is Overall.VALID


def test_a_gateway_that_took_the_media_type_away_is_seen_through() -> None:
    part = opaque(signed(TEXT, LEADER, detached=False))
    raw = header(FROM) + part.replace(b"application/pkcs7-mime", b"application/octet-stream")
    assert judge(raw).verdict.overall is Overall.VALID


def test_a_compressed_layer_is_looked_into() -> None:
    inner = clear_signed(TEXT, LEADER)
    raw = header(FROM) + opaque(compressed(inner), "compressed-data", "smime.p7z")
    assert judge(raw).verdict.overall is Overall.VALID


def test_a_bomb_in_a_compressed_layer_is_left_closed() -> None:
    raw = header(FROM) + opaque(compressed(bytes(20_000_000)), "compressed-data")
    verdict = judge(raw).verdict
    assert verdict.overall is Overall.INDETERMINATE
    assert Finding.FORMAT_UNSUPPORTED in verdict.findings


def test_two_layers_of_signatures_are_both_judged() -> None:
    inner = clear_signed(TEXT, OFFICE, boundary="inner")
    verdict = judge(header(FROM) + clear_signed(inner, LEADER)).verdict
    assert verdict.overall is Overall.VALID
    assert len(verdict.signatures) == 2


def test_the_author_may_be_the_inner_signer() -> None:
    inner = clear_signed(TEXT, LEADER, boundary="inner")
    verdict = judge(header(FROM) + clear_signed(inner, OFFICE)).verdict
    assert (verdict.overall, verdict.binding) == (Overall.VALID, Binding.OK)


def test_a_broken_inner_layer_is_never_covered_up_by_the_outer_one() -> None:
    inner = clear_signed(TEXT, OFFICE, boundary="inner").replace(b"K\xc3\xadnh", b"X")
    verdict = judge(header(FROM) + clear_signed(inner, LEADER)).verdict
    assert (verdict.overall, verdict.integrity) == (Overall.INVALID, Integrity.MODIFIED)


def test_an_encrypted_mail_is_unreadable() -> None:
    verdict = judge(header(FROM) + opaque(enveloped(TEXT), "enveloped-data")).verdict
    assert (verdict.overall, verdict.integrity) == (Overall.UNREADABLE, Integrity.UNREADABLE)
    assert verdict.findings == (Finding.ENCRYPTED,)


def test_what_is_signed_around_an_encrypted_content_stays_unreadable() -> None:
    """Sign-encrypt-sign (RFC 2634): nobody here knows what the reader will see."""
    inner = opaque(enveloped(TEXT), "enveloped-data")
    verdict = judge(header(FROM) + clear_signed(inner, LEADER)).verdict
    assert verdict.overall is Overall.UNREADABLE
    assert len(verdict.signatures) == 1
    assert Finding.ENCRYPTED in verdict.findings


def test_a_broken_signature_around_an_encrypted_content_is_invalid() -> None:
    inner = opaque(enveloped(TEXT), "enveloped-data")
    raw = header(FROM) + clear_signed(inner, LEADER).replace(b"smime-type=env", b"smime-type=Env")
    assert judge(raw).verdict.overall is Overall.INVALID


def test_certificates_alone_sign_nothing() -> None:
    cms = certificates_only([LEADER.der])
    verdict = judge(header(FROM) + opaque(cms, "certs-only", "smime.p7c")).verdict
    assert verdict.overall is Overall.UNSIGNED


def test_a_wrapping_without_a_signer_is_a_destroyed_remnant() -> None:
    part = signature_part(certificates_only([LEADER.der]))
    raw = header(FROM) + multipart(
        'multipart/signed; protocol="application/pkcs7-signature"', "sig", TEXT, part
    )
    verdict = judge(raw).verdict
    assert (verdict.overall, verdict.integrity) == (Overall.INVALID, Integrity.DESTROYED)
    assert verdict.findings == (Finding.REMNANT_DESTROYED,)


def test_an_opaque_content_without_its_signers_is_a_destroyed_remnant() -> None:
    found = judge(header(FROM) + opaque(_without_signers(b"\x31\x00"))).verdict
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.DESTROYED)


@pytest.mark.parametrize("behind", [b"", b"\x04\x00"])
def test_an_opaque_content_whose_signers_cannot_be_found_is_unreadable(behind: bytes) -> None:
    found = judge(header(FROM) + opaque(_without_signers(behind))).verdict
    assert found.overall is Overall.UNREADABLE


def _without_signers(behind: bytes) -> bytes:
    """SignedData with a content and something else in the place of its signers."""
    kind = ber.encode(0x06, bytes.fromhex(DATA))
    held = ber.encode(0x30, kind + ber.encode(0xA0, ber.encode(0x04, TEXT)))
    head = ber.encode(0x02, b"\1") + ber.encode(0x31, b"")
    return content_info(SIGNED, ber.encode(0x30, head + held + behind))


def test_a_signature_part_taken_away_is_a_destroyed_remnant() -> None:
    raw = header(FROM) + multipart(
        'multipart/signed; protocol="application/pkcs7-signature"', "sig", TEXT
    )
    verdict = judge(raw).verdict
    assert (verdict.overall, verdict.integrity) == (Overall.INVALID, Integrity.DESTROYED)


def test_a_multipart_signed_flattened_by_a_gateway_is_a_destroyed_remnant() -> None:
    part = signature_part(signed(TEXT, LEADER))
    verdict = judge(header(FROM) + multipart("multipart/mixed", "m", TEXT, part)).verdict
    assert (verdict.overall, verdict.integrity) == (Overall.INVALID, Integrity.DESTROYED)


def test_rubbish_in_the_place_of_a_cms_is_no_crash() -> None:
    part = signature_part(b"\x30\x80" * 40)
    verdict = judge(header(FROM) + multipart("multipart/signed", "sig", TEXT, part)).verdict
    assert verdict.overall is Overall.INVALID
    assert judge(header(FROM) + opaque(b"\x30\x80rubbish")).verdict.overall is Overall.UNREADABLE


@pytest.mark.parametrize(
    ("who", "overall", "trust"),
    [
        (pki().revoked(), Overall.INDETERMINATE, Trust.REVOKED),
        (pki().expired(), Overall.INDETERMINATE, Trust.EXPIRED),
        (pki().forged(), Overall.INDETERMINATE, Trust.UNKNOWN),
        (pki().unpublished(), Overall.INDETERMINATE, Trust.UNKNOWN),
    ],
    ids=["revoked", "expired", "forged", "unpublished"],
)
def test_a_signer_without_trust_is_never_valid(who: object, overall: Overall, trust: Trust) -> None:
    raw = header(FROM) + clear_signed(TEXT, who)  # type: ignore[arg-type]  # an Identity
    verdict = judge(raw).verdict
    assert verdict.overall is not Overall.VALID
    assert verdict.integrity is Integrity.INTACT


def test_openpgp_is_said_to_be_unsupported_and_never_called_unsigned() -> None:
    part = b"Content-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n"
    raw = header(FROM) + multipart(
        'multipart/signed; protocol="application/pgp-signature"', "pgp", TEXT, part
    )
    verdict = judge(raw).verdict
    assert (verdict.overall, verdict.cause) == (Overall.INDETERMINATE, Cause.SIGNER)
    assert (verdict.kind, verdict.findings) == (Kind.MAIL, (Finding.FORMAT_UNSUPPORTED,))


def test_evidence_of_an_opaque_mail_holds_its_signature_and_none_of_its_text() -> None:
    cms = signed(TEXT + ATTACK, LEADER, detached=False)
    judgement = judge(header(FROM) + opaque(cms))
    assert judgement.kept is not None
    assert b"other account" in cms
    assert not any(b"other account" in blob for blob in judgement.kept.blobs)
    (kept,) = facts_of(judgement.kept).signers
    assert parse(kept.raw).signers[0].signature == parse(cms).signers[0].signature


def test_evidence_follows_the_signatures_of_all_layers() -> None:
    inner = clear_signed(TEXT, OFFICE, boundary="inner")
    judgement = judge(header(FROM) + clear_signed(inner, LEADER))
    assert judgement.kept is not None
    outer, deeper = facts_of(judgement.kept).signers
    assert outer.content_digest != deeper.content_digest
