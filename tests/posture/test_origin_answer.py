"""Where a message comes from, as far as names decide it: keys, SPF, alignment."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from monitor.extract.mail import read_mail
from monitor.model import DkimResult, Limits, SpfResult
from monitor.posture import origin
from monitor.posture.model import KeyQuestion, OriginAnswer, OriginQuestion
from monitor.posture.names import Answer, Kind, Why
from monitor.posture.origin import answer
from tests.posture.zones import Zone
from tests.support.dkim_mails import (
    LETTER,
    RFC6376,
    RFC6376_KEY,
    RFC8463,
    RFC8463_KEYS,
    SigningKey,
)

Data = Mapping[str, Mapping[str, Sequence[str]]]
DOMAIN = "so.tinh.example"
KEY = SigningKey.rsa()
CLIENT = "192.0.2.7"


def question(raw: bytes, *authors: str, **more: object) -> OriginQuestion:
    facts = read_mail(raw, None, Limits()).facts
    assert all(each.body_intact for each in facts.dkim)
    return OriginQuestion(
        signatures=tuple(
            KeyQuestion(
                domain=each.domain, selector=each.selector, algorithm=each.algorithm,
                digest=each.digest, signature=each.signature, below=each.below,
            )
            for each in facts.dkim
        ),
        from_domains=authors,
        **more,
    )  # fmt: skip


async def result(record: str | None, raw: bytes | None = None) -> DkimResult:
    data: Data = {f"mail._domainkey.{DOMAIN}": {"TXT": [record]}} if record is not None else {}
    found = await answer(Zone(data), question(raw or KEY.sign(LETTER, DOMAIN, "mail"), DOMAIN))
    return found.dkim[0]


async def test_the_example_of_rfc_6376_verifies() -> None:
    zone = Zone({"brisbane._domainkey.example.com": {"TXT": [RFC6376_KEY]}})
    found = await answer(zone, question(RFC6376, "football.example.com"))
    assert found.dkim == (DkimResult.PASS,)


async def test_both_signatures_of_rfc_8463_verify() -> None:
    found = await answer(Zone(RFC8463_KEYS), question(RFC8463, "football.example.com"))
    assert found == OriginAnswer(dkim=(DkimResult.PASS, DkimResult.PASS), aligned_by="dkim")


@pytest.mark.parametrize("raw", [RFC6376, RFC8463])
async def test_a_changed_signed_field_of_an_example_fails(raw: bytes) -> None:
    zone = Zone({"brisbane._domainkey.example.com": {"TXT": [RFC6376_KEY]}, **RFC8463_KEYS})
    changed = raw.replace(b"Is dinner ready?", b"Is dinner late?")
    found = await answer(zone, question(changed, "football.example.com"))
    assert set(found.dkim) == {DkimResult.FAIL}
    assert found.aligned_by is None
    assert not found.unknown


@pytest.mark.parametrize(
    "ways", ["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"]
)
async def test_what_dkimpy_signs_verifies(ways: str) -> None:
    signed = KEY.sign(LETTER, DOMAIN, "mail", ways=ways)
    assert await result(KEY.published(), signed) is DkimResult.PASS


async def test_another_key_does_not_verify() -> None:
    assert await result(SigningKey.rsa(1536).published()) is DkimResult.FAIL


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        (None, DkimResult.PERMERROR),
        ("v=DKIM1; p=", DkimResult.PERMERROR),
        ("v=spf1 -all", DkimResult.PERMERROR),
        (KEY.published("v=DKIM1; h=sha1"), DkimResult.PERMERROR),
        (KEY.published("v=DKIM1; s=tlsrpt"), DkimResult.PERMERROR),
        (RFC8463_KEYS["brisbane._domainkey.football.example.com"]["TXT"][0], DkimResult.PERMERROR),
        (KEY.published("v=DKIM1; t=y"), DkimResult.POLICY),
        (KEY.published("v=DKIM1; t=s"), DkimResult.PASS),
    ],
)
async def test_what_the_record_says_decides(record: str | None, wanted: DkimResult) -> None:
    assert await result(record) is wanted


async def test_a_short_key_holds_and_counts_for_nothing() -> None:
    short = SigningKey.rsa(768)
    signed = short.sign(LETTER, DOMAIN, "mail")
    found = await answer(Zone(short.record(DOMAIN, "mail")), question(signed, DOMAIN))
    assert found == OriginAnswer(dkim=(DkimResult.POLICY,))


async def test_a_key_for_its_domain_alone_does_not_hold_below_it() -> None:
    signed = KEY.sign(LETTER, DOMAIN, "mail", identity=f"@x.{DOMAIN}".encode())
    assert await result(KEY.published("v=DKIM1; t=s"), signed) is DkimResult.PERMERROR
    assert await result(KEY.published(), signed) is DkimResult.PASS


async def test_of_several_records_one_that_verifies_is_enough() -> None:
    data: Data = {
        f"mail._domainkey.{DOMAIN}": {
            "TXT": ["v=spf1 -all", SigningKey.rsa(1536).published(), KEY.published()]
        }
    }
    found = await answer(Zone(data), question(KEY.sign(LETTER, DOMAIN, "mail"), DOMAIN))
    assert found.dkim == (DkimResult.PASS,)


@pytest.mark.parametrize("why", [Why.TIMEOUT, Why.SERVFAIL, Why.BOGUS, Why.NO_RESOLVER, Why.LOOP])
async def test_silence_is_a_temporary_error_and_the_origin_unknown(why: Why) -> None:
    zone = Zone({}, {f"mail._domainkey.{DOMAIN}": why})
    found = await answer(zone, question(KEY.sign(LETTER, DOMAIN, "mail"), DOMAIN))
    assert found == OriginAnswer(dkim=(DkimResult.TEMPERROR,), unknown=True)


class Stalling(Zone):
    """A server that never answers for one domain, nor says that it will not."""

    async def ask(self, name: str, kind: Kind) -> Answer:
        if name.endswith(".evil.test"):
            await asyncio.Event().wait()
        return await super().ask(name, kind)


async def test_a_key_that_could_prove_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(origin, "SPARE_SECONDS", 0.01)
    raw = KEY.sign(KEY.sign(LETTER, "evil.test", "a"), "evil.test", "b")
    async with asyncio.timeout(20):
        found = await answer(Stalling(), question(raw, DOMAIN))
    assert found == OriginAnswer(dkim=(DkimResult.TEMPERROR, DkimResult.TEMPERROR))


async def test_silence_of_a_name_that_could_prove_nothing_leaves_nothing_unknown() -> None:
    signed = KEY.sign(LETTER, "list.example", "mail")
    zone = Zone({"example": {}}, {"mail._domainkey.list.example": Why.TIMEOUT})
    found = await answer(zone, question(signed, "so.tinh.test"))
    assert found == OriginAnswer(dkim=(DkimResult.TEMPERROR,))


# -- alignment -------------------------------------------------------------------------------------

DMARC = "v=DMARC1; p=none"


@pytest.mark.parametrize(
    ("signer", "author", "records", "aligned"),
    [
        ("so.tinh.example", "so.tinh.example", {}, True),
        ("tinh.example", "so.tinh.example", {}, True),
        ("so.tinh.example", "tinh.example", {}, True),
        ("so.tinh.example", "xa.tinh.example", {}, False),
        ("xtinh.example", "tinh.example", {}, False),
        ("other.example", "so.tinh.example", {}, False),
        ("so.tinh.example", "xa.tinh.example", {"_dmarc.tinh.example": DMARC}, True),
        ("so.tinh.example", "tinh.example", {"_dmarc.tinh.example": DMARC}, True),
        ("so.tinh.example", "xa.tinh.example", {
            "_dmarc.tinh.example": DMARC, "_dmarc.xa.tinh.example": DMARC + "; psd=n",
        }, False),
        ("so.tinh.example", "xa.tinh.example", {"_dmarc.tinh.example": DMARC + "; adkim=s"}, False),
        ("tinh.example", "tinh.example", {"_dmarc.tinh.example": DMARC + "; adkim=s"}, True),
        ("tinh.example", "so.tinh.example", {
            "_dmarc.tinh.example": DMARC, "_dmarc.so.tinh.example": DMARC + "; adkim=s",
        }, False),
        ("evil.gov.test", "so.gov.test", {"_dmarc.gov.test": DMARC + "; psd=y"}, False),
        ("so.tinh.example", "xa.tinh.example", {"_dmarc.tinh.example": DMARC + "; aspf=s"}, True),
    ],
)  # fmt: skip
async def test_alignment(
    signer: str, author: str, records: Mapping[str, str], aligned: bool
) -> None:
    data: dict[str, Mapping[str, Sequence[str]]] = {
        name: {"TXT": [text]} for name, text in records.items()
    }
    zone = Zone({**data, **KEY.record(signer, "mail")})
    found = await answer(zone, question(KEY.sign(LETTER, signer, "mail"), author))
    assert found.dkim == (DkimResult.PASS,)
    assert (found.aligned_by == "dkim") is aligned
    assert not found.unknown


async def test_every_author_has_to_be_proven() -> None:
    signed = KEY.sign(LETTER, DOMAIN, "mail")
    zone = Zone(KEY.record(DOMAIN, "mail"))
    both = await answer(zone, question(signed, DOMAIN, "other.example"))
    assert both.aligned_by is None
    twice = SigningKey.rsa().sign(signed, "other.example", "mail")
    zone = Zone({**KEY.record(DOMAIN, "mail"), **KEY.record("other.example", "mail")})
    assert (await answer(zone, question(twice, DOMAIN, "other.example"))).aligned_by == "dkim"


@pytest.mark.parametrize("author", ["\uff53o.tinh.example", "so.tinh.example\x00", "", "localhost"])
async def test_what_only_looks_like_a_name_is_proven_by_nothing(author: str) -> None:
    zone = Zone(KEY.record(DOMAIN, "mail"))
    found = await answer(zone, question(KEY.sign(LETTER, DOMAIN, "mail"), author))
    assert found == OriginAnswer(dkim=(DkimResult.PASS,))


async def test_a_silent_policy_of_another_domain_leaves_alignment_unknown() -> None:
    zone = Zone(KEY.record("tinh.example", "mail"), {"_dmarc.so.tinh.example": Why.TIMEOUT})
    found = await answer(zone, question(KEY.sign(LETTER, "tinh.example", "mail"), DOMAIN))
    assert found == OriginAnswer(dkim=(DkimResult.PASS,), unknown=True)


async def test_a_silent_policy_of_the_same_domain_does_not_matter() -> None:
    zone = Zone(KEY.record(DOMAIN, "mail"), {f"_dmarc.{DOMAIN}": Why.TIMEOUT})
    found = await answer(zone, question(KEY.sign(LETTER, DOMAIN, "mail"), DOMAIN))
    assert found.aligned_by == "dkim"


# -- SPF -------------------------------------------------------------------------------------------


def sent(
    *authors: str, by: str, client: str | None = CLIENT, helo: str = "mx.example"
) -> OriginQuestion:
    return OriginQuestion(from_domains=authors, client=client, helo=helo, mail_from=by)


async def test_a_client_that_spf_allows_proves_the_domain_of_the_envelope() -> None:
    zone = Zone({DOMAIN: {"TXT": [f"v=spf1 ip4:{CLIENT} -all"]}})
    found = await answer(zone, sent(DOMAIN, by=f"van.thu@{DOMAIN}"))
    assert found == OriginAnswer(spf=SpfResult.PASS, aligned_by="spf")


async def test_a_client_that_spf_does_not_allow_proves_nothing() -> None:
    zone = Zone({DOMAIN: {"TXT": ["v=spf1 ip4:198.51.100.1 -all"]}})
    found = await answer(zone, sent(DOMAIN, by=f"van.thu@{DOMAIN}"))
    assert found == OriginAnswer(spf=SpfResult.FAIL)


async def test_spf_of_a_strangers_domain_is_not_even_asked() -> None:
    zone = Zone({"evil.test": {"TXT": ["v=spf1 +all"]}})
    found = await answer(zone, sent(DOMAIN, by="x@evil.test"))
    assert found == OriginAnswer()
    assert ("evil.test", "TXT") not in zone.asked


async def test_of_the_null_sender_helo_is_proven() -> None:
    zone = Zone({DOMAIN: {"TXT": [f"v=spf1 ip4:{CLIENT} -all"]}})
    found = await answer(zone, sent(DOMAIN, by="", helo=DOMAIN))
    assert found == OriginAnswer(spf=SpfResult.PASS, aligned_by="spf")


async def test_strict_alignment_of_spf_is_honoured() -> None:
    spf = f"v=spf1 ip4:{CLIENT} -all"
    for tags, wanted in (("", "spf"), ("; aspf=s", None), ("; adkim=s", "spf")):
        zone = Zone(
            {"tinh.example": {"TXT": [spf]}, "_dmarc.tinh.example": {"TXT": [DMARC + tags]}}
        )
        found = await answer(zone, sent(DOMAIN, by="x@tinh.example"))
        assert found.aligned_by == wanted


async def test_spf_that_nobody_answers_leaves_it_unknown() -> None:
    zone = Zone({}, {DOMAIN: Why.SERVFAIL})
    found = await answer(zone, sent(DOMAIN, by=f"van.thu@{DOMAIN}"))
    assert found == OriginAnswer(spf=SpfResult.TEMPERROR, unknown=True)


async def test_silent_spf_does_not_undo_a_signature() -> None:
    zone = Zone(KEY.record(DOMAIN, "mail"), {DOMAIN: Why.SERVFAIL})
    asked = question(
        KEY.sign(LETTER, DOMAIN, "mail"), DOMAIN, client=CLIENT, mail_from=f"a@{DOMAIN}"
    )
    assert (await answer(zone, asked)).aligned_by == "dkim"


async def test_spf_proves_what_a_broken_signature_does_not() -> None:
    data = {DOMAIN: {"TXT": [f"v=spf1 ip4:{CLIENT} -all"]}}
    asked = question(
        KEY.sign(LETTER, DOMAIN, "mail"), DOMAIN, client=CLIENT, mail_from=f"a@{DOMAIN}"
    )
    found = await answer(Zone(data), asked)
    assert found == OriginAnswer(dkim=(DkimResult.PERMERROR,), spf=SpfResult.PASS, aligned_by="spf")


async def test_nothing_at_all_is_aligned_with_nothing() -> None:
    assert await answer(Zone({}), OriginQuestion(from_domains=(DOMAIN,))) == OriginAnswer()
