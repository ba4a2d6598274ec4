"""Published DKIM keys: one of use at least, and none that anybody can break."""

import base64
import functools

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from monitor.model import Check, CheckStatus
from monitor.posture.checks.dkim_key import dkim_key
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Why
from monitor.posture.words import Reason
from tests.posture.zones import Zone

PASS, FAIL = CheckStatus.PASS, CheckStatus.FAIL
NOT_APPLICABLE, UNKNOWN = CheckStatus.NOT_APPLICABLE, CheckStatus.UNKNOWN
DOMAIN = "so.tinh.vn"
KNOWN = Official(selectors=("gw", "old", "gw"))

# A key of 512 bits, made for this test: libraries make none so short any more.
RSA_512 = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALeBIR5tnWkOu6ee7nKzCHSTNPvRqFAcMnTqNtmhsp7UZcKLGRjzy6aGtVTw"
    "rdtY3HRSRzcaXv9tlXvnYkgtpKUCAwEAAQ=="
)


@functools.cache
def key(bits: int) -> str:
    public = rsa.generate_private_key(65537, bits).public_key()
    data = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(data).decode()


@functools.cache
def edwards() -> str:
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    return base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def published(**by_selector: str | list[str]) -> Zone:
    return Zone(
        {DOMAIN: {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]}}
        | {
            f"{selector}._domainkey.{DOMAIN}": {"TXT": [said] if isinstance(said, str) else said}
            for selector, said in by_selector.items()
        }
    )


def came_to(result: CheckResult) -> tuple[CheckStatus, Reason]:
    assert result.check is Check.DKIM_KEY
    return result.status, result.reason


GOOD = f"v=DKIM1; k=rsa; p={key(2048)}"
WEAK = f"v=DKIM1; p={key(1024)}"
SHORT = f"v=DKIM1; p={RSA_512}"
REVOKED = "v=DKIM1; p="


@pytest.mark.parametrize(
    ("zone", "status", "reason"),
    [
        (published(gw=GOOD), PASS, Reason.FINE),
        (published(gw=GOOD, old=REVOKED), PASS, Reason.FINE),
        (published(gw=GOOD, old="v=spf1 -all"), PASS, Reason.FINE),
        (published(gw=WEAK), PASS, Reason.DKIM_WEAK),
        (published(gw=GOOD, old=WEAK), PASS, Reason.DKIM_WEAK),
        (published(gw=f"v=DKIM1; k=ed25519; p={edwards()}"), PASS, Reason.DKIM_ED25519_ONLY),
        (published(gw=f"v=DKIM1; k=ed25519; p={edwards()}", old=GOOD), PASS, Reason.FINE),
        (published(gw=SHORT), FAIL, Reason.DKIM_SHORT),
        (published(gw=GOOD, old=SHORT), FAIL, Reason.DKIM_SHORT),
        (published(gw=f"{GOOD}; t=y"), FAIL, Reason.DKIM_TESTING),
        (published(gw=REVOKED), FAIL, Reason.DKIM_REVOKED),
        (published(gw="v=DKIM1; p=%%%"), FAIL, Reason.DKIM_BROKEN),
        (published(gw=[GOOD, WEAK]), FAIL, Reason.DKIM_BROKEN),
        (published(gw=f"{GOOD}; s=tlsrpt"), FAIL, Reason.DKIM_BROKEN),
        (published(gw=f"{GOOD}; h=sha1"), FAIL, Reason.DKIM_BROKEN),
        (published(other=GOOD), FAIL, Reason.DKIM_MISSING),
        (Zone({DOMAIN: {"TXT": ["v=spf1 -all"]}}), NOT_APPLICABLE, Reason.NO_MAIL),
    ],
)
async def test_what_is_published_decides(zone: Zone, status: CheckStatus, reason: Reason) -> None:
    assert came_to(await dkim_key(zone, DOMAIN, KNOWN)) == (status, reason)


def silent(name: str, **by_selector: str) -> Zone:
    data = {f"{one}._domainkey.{DOMAIN}": {"TXT": [text]} for one, text in by_selector.items()}
    return Zone({DOMAIN: {"MX": ["1 mx.vn"]}} | data, unknown={name: Why.TIMEOUT})


async def test_a_silent_selector_leaves_all_open_but_what_a_short_key_decides() -> None:
    name = f"old._domainkey.{DOMAIN}"
    assert came_to(await dkim_key(silent(name), DOMAIN, KNOWN)) == (UNKNOWN, Reason.UNANSWERED)
    good = await dkim_key(silent(name, gw=GOOD), DOMAIN, KNOWN)
    assert came_to(good) == (UNKNOWN, Reason.UNANSWERED), "what failed does not pass by a time-out"
    assert came_to(await dkim_key(silent(name, gw=SHORT), DOMAIN, KNOWN)) == (
        FAIL, Reason.DKIM_SHORT,
    )  # fmt: skip
    revoked = await dkim_key(silent(name, gw=REVOKED), DOMAIN, KNOWN)
    assert came_to(revoked) == (UNKNOWN, Reason.UNANSWERED)


async def test_a_silent_domain_may_send_no_mail_so_nothing_is_decided() -> None:
    assert (await dkim_key(silent(DOMAIN, gw=GOOD), DOMAIN, KNOWN)).status is UNKNOWN


@pytest.mark.parametrize(
    ("zone", "status", "reason"),
    [
        (published(), FAIL, Reason.DKIM_NONE),
        (published(any=GOOD), NOT_APPLICABLE, Reason.NOT_CONFIGURED),
        (
            Zone({DOMAIN: {"MX": ["1 mx.vn"]}, f"_domainkey.{DOMAIN}": {"CNAME": ["gone.vn"]}}),
            NOT_APPLICABLE, Reason.NOT_CONFIGURED,
        ),
        (silent(f"_domainkey.{DOMAIN}"), UNKNOWN, Reason.UNANSWERED),
    ],
)  # fmt: skip
async def test_without_selectors_only_the_lack_of_all_keys_is_seen(
    zone: Zone, status: CheckStatus, reason: Reason
) -> None:
    assert came_to(await dkim_key(zone, DOMAIN, Official())) == (status, reason)


async def test_a_key_behind_an_alias_is_found() -> None:
    zone = Zone(
        {
            DOMAIN: {"MX": ["1 mx.vn"]},
            f"gw._domainkey.{DOMAIN}": {"CNAME": ["gw.keys.provider.vn"]},
            "gw.keys.provider.vn": {"TXT": [GOOD]},
        }
    )
    result = await dkim_key(zone, DOMAIN, KNOWN)
    assert came_to(result) == (PASS, Reason.FINE)
    assert "gw.keys.provider.vn" in result.evidence[0]


async def test_what_is_wrong_is_named_with_its_place() -> None:
    facts = (await dkim_key(published(gw=SHORT), DOMAIN, KNOWN)).facts
    assert facts["bits"] == "512"
    assert facts["name"] == f"gw._domainkey.{DOMAIN}"
    facts = (await dkim_key(published(gw=f"{GOOD}; h=sha1"), DOMAIN, KNOWN)).facts
    assert facts["fault"] == "hash"


async def test_a_thousand_selectors_are_not_all_asked_for() -> None:
    zone = published(gw=GOOD)
    await dkim_key(zone, DOMAIN, Official(selectors=tuple(f"s{i}" for i in range(1000))))
    assert zone.questions == 51
