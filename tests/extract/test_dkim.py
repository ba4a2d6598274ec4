"""DKIM signatures as far as a message alone decides them (RFC 6376); dkimpy is the reference."""

import base64
import hashlib
import random
import re
from datetime import UTC, datetime

import pytest
from dkim.canonicalization import Relaxed, Simple

from monitor.extract import dkim_body
from monitor.extract.dkim import MAX_SIGNATURES
from monitor.extract.dkim_body import hash_body
from monitor.extract.journal import read_journal
from monitor.extract.mail import read_mail
from monitor.model import DkimSignature, Limits
from tests.extract import journal_samples
from tests.support.dkim_mails import LETTER, RFC6376, RFC8463, SigningKey, crlf

EMPTY_SHA256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
DOMAIN = "so.tinh.example"


def read(raw: bytes) -> tuple[DkimSignature, ...]:
    return read_mail(raw, None, Limits()).facts.dkim


def only(raw: bytes) -> DkimSignature:
    (found,) = read(raw)
    return found


def written(tags: str, message: bytes = LETTER) -> bytes:
    return b"DKIM-Signature: " + tags.encode() + b"\r\n" + message


def tags(**changes: str | None) -> str:
    said: dict[str, str | None] = {
        "v": "1", "a": "rsa-sha256", "d": DOMAIN, "s": "mail", "h": "from", "bh": EMPTY_SHA256,
        "b": "AAAA",
    }  # fmt: skip
    kept = {name: value for name, value in (said | changes).items() if value is not None}
    return "; ".join(f"{name}={value}" for name, value in kept.items())


SIGNED = SigningKey.rsa().sign(LETTER, DOMAIN, "mail")


def test_the_example_of_rfc_6376_has_the_body_it_was_signed_with() -> None:
    found = only(RFC6376)
    assert (found.domain, found.selector, found.algorithm) == (
        "example.com", "brisbane", "rsa-sha256",
    )  # fmt: skip
    assert found.body_intact
    assert found.readable
    assert found.below
    assert not found.partial


def test_both_signatures_of_rfc_8463_are_read_newest_first() -> None:
    first, second = read(RFC8463)
    assert (first.algorithm, first.selector) == ("ed25519-sha256", "brisbane")
    assert (second.algorithm, second.selector) == ("rsa-sha256", "test")
    assert first.body_intact
    assert second.body_intact
    assert first.digest != second.digest


@pytest.mark.parametrize(
    "ways", ["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"]
)
def test_line_feeds_alone_end_lines_as_they_do_in_stores_and_spools(ways: str) -> None:
    signed = SigningKey.rsa().sign(LETTER, DOMAIN, "mail", ways=ways)
    assert only(signed).body_intact
    assert only(signed.replace(b"\r\n", b"\n")) == only(signed)


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"Moi du hop.", b"Moi du hop!"), (b"Moi du hop.\r\n", b"Moi du hop.\r\nThem\r\n")],
)
def test_a_changed_body_is_not_intact(before: bytes, after: bytes) -> None:
    assert not only(SIGNED.replace(before, after)).body_intact


def test_a_changed_signed_field_gives_another_digest() -> None:
    changed = SIGNED.replace(b"thu.1@so", b"thu.2@so")
    assert only(changed).digest != only(SIGNED).digest
    assert only(changed).body_intact


def test_a_field_that_is_not_signed_may_be_added() -> None:
    assert only(b"X-Scanned: yes\r\n" + SIGNED).digest == only(SIGNED).digest


def test_relaxed_folds_and_blanks_of_fields_do_not_matter() -> None:
    folded = SIGNED.replace(b"Subject: ", b"SUBJECT : \t\r\n  ")
    assert only(folded).digest == only(SIGNED).digest


def test_simple_folds_and_blanks_of_fields_do() -> None:
    signed = SigningKey.rsa().sign(LETTER, DOMAIN, "mail", ways="simple/simple")
    assert only(signed.replace(b"Subject: ", b"Subject:  ")).digest != only(signed).digest


def test_of_a_field_that_stands_twice_the_last_is_signed_first() -> None:
    above = b"Subject: another\r\n"
    bare = written(tags(h="from:subject"))
    assert only(bare.replace(b"From: ", above + b"From: ", 1)).digest == only(bare).digest
    twice = written(tags(h="from:subject:subject"))
    assert only(twice.replace(b"From: ", above + b"From: ", 1)).digest != only(twice).digest


def test_a_second_author_that_is_not_signed_makes_it_partial() -> None:
    signed = written(tags())
    assert not only(signed).partial
    assert only(signed.replace(b"To: <", b"From: <x@y.example>\r\nTo: <", 1)).partial
    assert only(b"From: <x@y.example>\r\n" + signed).partial
    assert only(signed.replace(b"To: <", b"X-A: b\rFrom: <x@y.example>\r\nTo: <", 1)).partial


def test_an_author_who_is_signed_once_more_than_he_stands_there_cannot_be_joined() -> None:
    signed = written(tags(h="from:from"))
    joined = b"From: <x@y.example>\r\n" + signed
    assert not only(joined).partial
    assert only(joined).digest != only(signed).digest
    hidden = signed.replace(b"To: <", b"X-A: b\rFrom: <x@y.example>\r\nTo: <", 1)
    assert only(hidden).partial


def test_a_length_that_leaves_something_out_makes_it_partial() -> None:
    signed = SigningKey.rsa().sign(LETTER, DOMAIN, "mail", length=True)
    assert only(signed).body_intact
    assert not only(signed).partial
    longer = only(signed + b"Chuyen tien ngay\r\n")
    assert longer.body_intact
    assert longer.partial


def test_a_length_beyond_the_body_is_no_signature_of_it() -> None:
    digest = hash_body(LETTER, LETTER.index(b"\r\n\r\n") + 4, len(LETTER), relaxed=False, most=None)
    bh = base64.b64encode(digest.digest).decode()
    assert only(written(tags(bh=bh, l=str(digest.size)))).body_intact
    assert not only(written(tags(bh=bh, l=str(digest.size + 1)))).body_intact


def test_the_day_it_expires_is_read() -> None:
    assert only(written(tags(x="1793606400"))).expires == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert only(written(tags(x="999999999999"))).expires == datetime(
        9999, 12, 31, 23, 59, 59, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"v": "2"}, {"v": None}, {"a": "rsa-sha1"}, {"a": "rsa-md5"}, {"a": None}, {"b": ""},
        {"b": "A"}, {"b": "!!!!"}, {"bh": "AA*A"}, {"bh": None}, {"d": "so..tinh"}, {"d": "vn"},
        {"d": "a b.vn"}, {"d": None}, {"h": "to:subject"}, {"h": None}, {"s": None}, {"s": "a/b"},
        {"s": "x" * 64}, {"c": "relaxed/fancy"}, {"c": "nowsp"}, {"l": "-1"}, {"l": "1e3"},
        {"l": "9" * 13}, {"x": "soon"}, {"t": "5", "x": "4"}, {"q": "http/txt"},
        {"i": "@other.example"}, {"i": "@xso.tinh.example"}, {"i": DOMAIN},
        {"b": "A" * 4000}, {"z": "y" * 20_000},
    ],
)  # fmt: skip
def test_what_breaks_the_syntax_is_no_signature(changes: dict[str, str | None]) -> None:
    assert not only(written(tags(**changes))).readable


@pytest.mark.parametrize(
    "value", ["", ";", "=", "v=1;v=1", "\u00e9=1", "v", "v=1; ; b=", ";" * 5000]
)
def test_what_is_no_list_of_tags_is_no_signature(value: str) -> None:
    assert not only(written(value)).readable


@pytest.mark.parametrize(
    ("identity", "below"),
    [("@so.tinh.example", False), ("a@x.so.tinh.example", True), ("@SO.tinh.example", False)],
)
def test_an_identity_below_the_domain_is_told(identity: str, below: bool) -> None:
    assert only(written(tags(i=identity))).below is below


def test_only_the_topmost_signatures_are_looked_at() -> None:
    raw = LETTER
    for number in range(MAX_SIGNATURES + 3):
        raw = written(tags(s=f"s{number}"), raw)
    found = read(raw)
    assert [each.selector for each in found] == ["s7", "s6", "s5", "s4", "s3"]


def test_of_a_journaled_message_the_signatures_of_the_original_are_read() -> None:
    signed = SigningKey.rsa().sign(journal_samples.original(), "so.tinh.gov.vn", "mail")
    wrapped = (
        b"DKIM-Signature: v=1; a=rsa-sha256; d=relay.example; s=x\r\n"
        + journal_samples.journal(signed)
    )
    (found,) = read_journal(wrapped, Limits()).facts.dkim
    assert (found.domain, found.body_intact) == ("so.tinh.gov.vn", True)


def test_a_mail_without_a_signature_has_none() -> None:
    assert read(LETTER) == ()


# -- canonical bodies ------------------------------------------------------------------------------

PIECES = (b"a", b"xyz", b" ", b"  ", b"\t", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" \r\n")


def _reference(body: bytes, *, relaxed: bool) -> bytes:
    """By dkimpy's functions; what is left at the end of a line without an end is taken off first:
    dkimpy keeps one blank there, and RFC 6376 3.4.4 ignores all.
    """
    lines = b"\r\n".join(re.split(rb"\r?\n", body))
    if not relaxed:
        return bytes(Simple.canonicalize_body(lines))
    return bytes(Relaxed.canonicalize_body(lines.rstrip(b" \t")))


@pytest.mark.parametrize("relaxed", [True, False])
@pytest.mark.parametrize("block", [1, 2, 3, 7, 1024])
def test_bodies_are_canonical_as_dkimpy_has_them_wherever_blocks_end(
    monkeypatch: pytest.MonkeyPatch, block: int, relaxed: bool
) -> None:
    monkeypatch.setattr(dkim_body, "BLOCK", block)
    chance = random.Random(block)
    for _ in range(400):
        body = b"".join(chance.choices(PIECES, k=chance.randint(0, 12)))
        wanted = _reference(body, relaxed=relaxed)
        found = hash_body(body, 0, len(body), relaxed=relaxed, most=None)
        assert found.size == len(wanted), body
        assert found.digest == hashlib.sha256(wanted).digest(), body
        most = chance.randint(0, 15)
        part = hash_body(body, 0, len(body), relaxed=relaxed, most=most)
        assert part.digest == hashlib.sha256(wanted[:most]).digest(), body


def test_empty_bodies_are_as_the_rfc_says() -> None:
    simple = hash_body(b"", 0, 0, relaxed=False, most=None)
    relaxed = hash_body(b"\r\n\r\n", 0, 4, relaxed=True, most=None)
    assert simple.digest == hashlib.sha256(b"\r\n").digest()
    assert relaxed.digest == hashlib.sha256(b"").digest()


def test_mutations_of_a_signed_mail_never_raise() -> None:
    chance = random.Random(8463)
    header = RFC8463.index(b"\r\n\r\n")
    for _ in range(600):
        data = bytearray(RFC8463)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(header)] = chance.randrange(256)
        for found in read(bytes(data)):
            assert len(found.digest) in (0, 64)


def test_a_header_field_that_is_not_ours_to_fold_is_left_alone() -> None:
    raw = crlf("DKIM-Signature: " + tags() + "\n\tz=a:b\n") + LETTER
    assert len(read(raw)) == 1
