"""Algorithms and keys are judged by the policy of the day a signature is proven to be from."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from monitor.errors import UserError
from monitor.model import (
    Cause,
    CryptoPolicy,
    DigestRule,
    Finding,
    Indication,
    KeyRule,
    Overall,
    Signature,
    SubIndication,
    TimeSource,
    Trust,
    TrustMaterial,
    Verdict,
)
from monitor.verify import policy
from monitor.verify.algorithms import Use
from monitor.verify.cms import cms_facts
from monitor.verify.conclusion import conclude
from monitor.verify.facts import SignerFacts, Token
from monitor.verify.judge import Judge
from monitor.verify.strength import KNOWN_DIGESTS, Strength
from monitor.verify.trust import TrustStore
from tests.verify import making as make
from tests.verify.making import Identity

LONG_AGO, FAR_OFF = datetime(2009, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)
SIGN = make.usages(sign=True)
IN_2012 = datetime(2012, 5, 5, tzinfo=UTC)
IN_2015 = datetime(2015, 5, 5, tzinfo=UTC)
IN_2018 = datetime(2018, 5, 5, tzinfo=UTC)
STAMPS = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)


def long_lived(name: str, issuer: Identity | None = None, **more: object) -> Identity:
    return make.issue(
        make.name(name), issuer, not_before=LONG_AGO, not_after=FAR_OFF, **more  # type: ignore[arg-type]  # passed through
    )  # fmt: skip


@pytest.fixture(scope="module")
def root() -> Identity:
    return long_lived("Old Root", ca=True)


@pytest.fixture(scope="module")
def signer(root: Identity) -> Identity:
    return long_lived("Người Ký", root, usage=SIGN)


@pytest.fixture(scope="module")
def authority(root: Identity) -> Identity:
    return long_lived("TSA", root, own_key=make.key(2048), usage=SIGN, extensions=[STAMPS])


def signed(
    signer: Identity,
    authority: Identity | None = None,
    stamped: datetime | None = None,
    digest: str = "sha1",
) -> bytes:
    stamp = make.timestamper(authority, stamped) if authority else None
    return make.cms(b"van ban", signer, attached=True, digest=digest, stamp=stamp)


def verdict(
    data: bytes,
    root: Identity,
    *,
    at: datetime | None = None,
    receipt: datetime | None = None,
    rules: CryptoPolicy | None = None,
) -> Verdict:
    material = make.material(root).model_copy(update={"policy": rules})
    return Judge(material).judge(data, "a.p7m", make.moment(at=at, receipt=receipt)).verdict


def test_sha1_of_2015_with_a_time_stamp_of_2015_is_valid_and_remarked(
    root: Identity, signer: Identity, authority: Identity
) -> None:
    found = verdict(signed(signer, authority, IN_2015), root)
    assert (found.overall, found.trust) == (Overall.VALID, Trust.TRUSTED)
    assert Finding.SHA1 in found.findings
    assert found.signatures[0].signing_time_source is TimeSource.TIMESTAMP


def test_sha1_without_a_proof_of_its_time_is_weak_whatever_it_claims(
    root: Identity, signer: Identity
) -> None:
    for at in (None, IN_2015):
        found = verdict(signed(signer), root, at=at)
        assert (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.SIGNER)
        assert found.trust is Trust.WEAK
        assert found.signatures[0].sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE


@pytest.mark.parametrize(
    ("instant", "good"),
    [("2016-12-31T16:59:59Z", True), ("2016-12-31T17:00:00Z", False)],
)
def test_the_last_day_of_sha1_is_a_vietnam_day(
    root: Identity, signer: Identity, authority: Identity, instant: str, good: bool
) -> None:
    stamped = signed(signer, authority, datetime.fromisoformat(instant))
    assert (verdict(stamped, root).trust is Trust.TRUSTED) is good


def test_a_receipt_proves_the_day_as_a_time_stamp_does(root: Identity, signer: Identity) -> None:
    assert verdict(signed(signer), root, receipt=IN_2015).overall is Overall.VALID
    assert verdict(signed(signer), root, receipt=IN_2018).trust is Trust.WEAK


def test_a_time_stamp_of_a_stranger_proves_no_day(signer: Identity, root: Identity) -> None:
    stranger = long_lived("TSA", own_key=make.key(2048), usage=SIGN, extensions=[STAMPS])
    assert verdict(signed(signer, stranger, IN_2015), root).trust is Trust.WEAK


def test_md5_was_never_good_enough() -> None:
    assert Strength(policy.SHIPPED).refused(frozenset({Use("md5")}), IN_2015)


@pytest.mark.parametrize(("year", "trust"), [(2012, Trust.TRUSTED), (2014, Trust.WEAK)])
def test_a_short_key_in_the_path_is_judged_by_its_day(
    root: Identity, authority: Identity, year: int, trust: Trust
) -> None:
    short = long_lived("Short CA", root, own_key=make.key(1024), ca=True)
    who = long_lived("Người Ký", short, usage=SIGN)
    found = verdict(signed(who, authority, datetime(year, 5, 5, tzinfo=UTC), digest="sha256"), root)
    assert found.trust is trust
    assert Finding.WEAK_KEY in found.findings


def test_the_key_of_an_anchor_counts_and_its_signature_on_itself_does_not() -> None:
    short = long_lived("Short Root", own_key=make.key(1024), ca=True)
    found = verdict(signed(long_lived("Người Ký", short, usage=SIGN), digest="sha256"), short)
    assert found.trust is Trust.WEAK


# -- the strength of a time-stamp itself ----------------------------------------------------------


def judged(
    facts: SignerFacts, root: Identity, later: Sequence[Token] = (), **times: datetime
) -> Signature:
    store = TrustStore(make.material(root))
    return conclude(facts, store, make.moment(**times), later)


@pytest.fixture(scope="module")
def weakly_stamped(root: Identity, signer: Identity) -> SignerFacts:
    """Signed with SHA-1 and stamped in 2012 by an authority with a short key."""
    short = long_lived("Old TSA", root, own_key=make.key(1024), usage=SIGN, extensions=[STAMPS])
    (found,) = cms_facts(signed(signer, short, IN_2012), None).signers
    return found


def stamps_of(signer: Identity, authority: Identity, when: datetime) -> tuple[Token, ...]:
    (over,) = cms_facts(signed(signer, authority, when, digest="sha256"), None).signers
    return over.tokens


def test_a_time_stamp_by_a_short_key_alone_proves_nothing_today(
    root: Identity, weakly_stamped: SignerFacts
) -> None:
    """Whoever finds the key today stamps any time."""
    found = judged(weakly_stamped, root)
    assert found.trust is Trust.WEAK
    assert Finding.TIMESTAMP_UNTRUSTED in found.findings


@pytest.mark.parametrize(("received", "trust"), [(2013, Trust.TRUSTED), (2017, Trust.WEAK)])
def test_a_time_stamp_by_a_short_key_counts_where_it_was_received_in_time(
    root: Identity, weakly_stamped: SignerFacts, received: int, trust: Trust
) -> None:
    found = judged(weakly_stamped, root, receipt=datetime(received, 6, 6, tzinfo=UTC))
    assert found.trust is trust
    assert (found.signing_time == IN_2012) is (trust is Trust.TRUSTED)


@pytest.mark.parametrize(("renewed", "counts"), [(2013, True), (2015, False)])
def test_a_time_stamp_by_a_short_key_counts_where_a_sound_one_was_added_in_time(
    root: Identity,
    signer: Identity,
    authority: Identity,
    weakly_stamped: SignerFacts,
    renewed: int,
    counts: bool,
) -> None:
    when = datetime(renewed, 6, 6, tzinfo=UTC)
    found = judged(weakly_stamped, root, stamps_of(signer, authority, when))
    assert found.signing_time == (IN_2012 if counts else when)


def test_a_sound_time_stamp_that_was_added_before_a_weak_one_does_not_help_it(
    root: Identity, signer: Identity, authority: Identity, weakly_stamped: SignerFacts
) -> None:
    in_2013 = datetime(2013, 6, 6, tzinfo=UTC)
    sound = stamps_of(signer, authority, in_2013)
    bare = replace(weakly_stamped, tokens=())
    weak = weakly_stamped.tokens
    assert judged(bare, root, (*sound, *weak)).signing_time == in_2013
    assert judged(bare, root, (*weak, *sound)).signing_time == IN_2012


def test_a_time_stamp_made_with_sha1_is_judged_by_its_own_day(
    root: Identity, signer: Identity, authority: Identity
) -> None:
    for when, untrusted in ((IN_2015, False), (IN_2018, True)):
        (facts,) = cms_facts(signed(signer, authority, when), None).signers
        assert Use("sha1") in facts.tokens[0].uses
        found = judged(facts, root)
        assert (Finding.TIMESTAMP_UNTRUSTED in found.findings) is untrusted


# -- the file -------------------------------------------------------------------------------------


def test_every_digest_that_is_computed_here_is_ruled_on_or_broken() -> None:
    assert {rule.name for rule in policy.SHIPPED.digests} == KNOWN_DIGESTS - {"md2", "md5"}


def test_what_the_file_leaves_out_was_never_good_enough() -> None:
    strict = Strength(
        CryptoPolicy(digests=(DigestRule(name="sha512"),), keys=(KeyRule(family="rsa", bits=3072),))
    )
    uses = frozenset(
        {Use("sha512"), Use("sha256"), Use("rsa", 4096), Use("rsa", 2048), Use("ecdsa", 256)}
    )
    assert strict.refused(uses, IN_2015) == {Use("sha256"), Use("rsa", 2048), Use("ecdsa", 256)}


def test_the_rule_of_the_next_smaller_size_holds_for_a_key() -> None:
    strength = Strength(policy.SHIPPED)
    late = datetime(2031, 1, 1, tzinfo=UTC)
    assert strength.refused(frozenset({Use("rsa", 3071)}), late)
    assert not strength.refused(frozenset({Use("rsa", 3072)}), late)
    assert strength.refused(frozenset({Use("rsa", 2047)}), IN_2015)


def test_other_rules_make_another_verdict(root: Identity, signer: Identity) -> None:
    lenient = CryptoPolicy(
        digests=(DigestRule(name="sha1"), DigestRule(name="sha256")),
        keys=(KeyRule(family="ecdsa", bits=256),),
    )
    found = verdict(signed(signer), root, rules=lenient)
    assert found.overall is Overall.VALID
    assert Finding.SHA1 not in found.findings
    strict = lenient.model_copy(update={"keys": (KeyRule(family="ecdsa", bits=384),)})
    assert verdict(signed(signer), root, rules=strict).trust is Trust.WEAK


def test_a_file_of_rules_is_read(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        '[digest.sha256]\nsource = "x"\n[digest.sha1]\nuntil = 2020-01-02\nsource = "y"\n'
        '[[key]]\nfamily = "rsa"\nbits = 2048\nuntil = 2030-12-31\nsource = "z"\n'
    )
    found = policy.read(file)
    assert found.digests[1] == DigestRule(name="sha1", until=date(2020, 1, 2))
    assert found.keys == (KeyRule(family="rsa", bits=2048, until=date(2030, 12, 31)),)


GOOD_KEY = '[[key]]\nfamily = "rsa"\nbits = 2048\nsource = "z"\n'
GOOD_DIGEST = '[digest.sha256]\nsource = "x"\n'


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (GOOD_KEY, "digest: no digest is permitted"),
        (GOOD_DIGEST, "key: no key is permitted"),
        (GOOD_KEY + '[digest.sha257]\nsource = "x"', "digest.sha257: no such digest; known are"),
        (GOOD_KEY + "[digest.sha256]\n", "digest.sha256.source: say where the rule comes from"),
        (
            GOOD_KEY + '[digest.sha1]\nuntil = "2016"\nsource = "x"',
            "digest.sha1.until: must be a day: write 2030-12-31, without quotation marks",
        ),
        (
            GOOD_KEY + '[digest.sha1]\nuntil = 1016-12-31\nsource = "x"',
            "digest.sha1.until: no day a signature can have (given: 1016-12-31)",
        ),
        (
            GOOD_KEY + '[digest.sha1]\nuntil = 2016-12-31T00:00:00\nsource = "x"',
            "digest.sha1.until: must be a day",
        ),
        (GOOD_KEY + '[digest.sha1]\nend = 1\nsource = "x"', "digest.sha1.end: no such setting"),
        (GOOD_KEY + GOOD_DIGEST + "[other]\n", "other: no such section"),
        (
            GOOD_DIGEST + '[[key]]\nfamily = "rsaa"\nbits = 2048\nsource = "z"',
            "key #1.family: must be one of rsa, dsa, ecdsa, eddsa (given: 'rsaa')",
        ),
        (
            GOOD_DIGEST + GOOD_KEY + '[[key]]\nfamily = "rsa"\nbits = "2048"\nsource = "z"',
            "key #2.bits: must be a size in bits, as 2048 (given: '2048')",
        ),
        (GOOD_DIGEST + GOOD_KEY + GOOD_KEY, "key #2: rsa from 2048 bits stands there already"),
        ("digest = 5\n" + GOOD_KEY, "digest: no digest is permitted"),
        ("[digest", "not TOML"),
    ],
)
def test_mistakes_in_the_file_are_named_with_their_place(
    tmp_path: Path, text: str, mistake: str
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    with pytest.raises(UserError) as caught:
        policy.read(file)
    assert f"{file}: {mistake}" in str(caught.value)


def test_a_policy_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"verify\.policy names a TOML file"):
        policy.read(tmp_path / "absent.toml")


# -- anchors with dates ---------------------------------------------------------------------------


def dated(root: Identity, **bounds: date) -> TrustMaterial:
    material = make.material(root)
    anchor = material.anchors[0].model_copy(update=bounds)
    return material.model_copy(update={"anchors": (anchor,)})


@pytest.mark.parametrize(
    ("bounds", "trusted"),
    [
        ({"trusted_until": date(2015, 5, 5)}, True),
        ({"trusted_until": date(2015, 5, 4)}, False),
        ({"trusted_from": date(2015, 5, 5)}, True),
        ({"trusted_from": date(2015, 5, 6)}, False),
    ],
)
def test_an_anchors_days_bound_the_time_of_proof(
    root: Identity, signer: Identity, bounds: dict[str, date], trusted: bool
) -> None:
    judge = Judge(dated(root, **bounds))
    data = signed(signer, digest="sha256")
    found = judge.judge(data, "a.p7m", make.moment(receipt=IN_2015)).verdict
    assert (found.trust is Trust.TRUSTED) is trusted
    if not trusted:
        assert (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.SIGNER)
        assert found.trust is Trust.UNTRUSTED
        assert Finding.ANCHOR_OUT_OF_PERIOD in found.findings


def test_a_claimed_time_does_not_save_what_a_fallen_anchor_signed(
    root: Identity, signer: Identity
) -> None:
    fallen = dated(root, trusted_until=date(2020, 1, 1))
    data = signed(signer, digest="sha256")
    found = Judge(fallen).judge(data, "a.p7m", make.moment(at=IN_2015)).verdict
    assert found.trust is Trust.UNTRUSTED


def test_an_anchors_days_bound_time_stamp_authorities_too(
    root: Identity, signer: Identity, authority: Identity
) -> None:
    fallen = dated(root, trusted_until=date(2020, 1, 1))
    (facts,) = cms_facts(signed(signer, authority, IN_2015), None).signers
    store = TrustStore(fallen)
    today = conclude(facts, store, make.moment())
    assert Finding.TIMESTAMP_UNTRUSTED in today.findings
    early = conclude(facts, store, make.moment(receipt=IN_2015 + timedelta(days=9)))
    assert early.indication is Indication.TOTAL_PASSED
