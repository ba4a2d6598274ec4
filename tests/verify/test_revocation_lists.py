"""Lists of every kind (RFC 5280 5): which certificates they speak of, and who may say so."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509 import ReasonFlags
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as some

from monitor.verify.certificate import Certificate, certificate
from monitor.verify.crl import RevocationList
from monitor.verify.crl_entries import Index
from monitor.verify.revocation import State
from monitor.verify.trust import Assessment, TrustStore
from tests.verify import making as make
from tests.verify.list_making import URL, Revoked, answer, listing, part, points
from tests.verify.making import DAY, NOW, Identity

SIGN = make.usages(sign=True)
LIST_ONLY = x509.KeyUsage(
    digital_signature=False, content_commitment=False, key_encipherment=False,
    data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=True,
    encipher_only=False, decipher_only=False,
)  # fmt: skip
HELD = ReasonFlags.certificate_hold
LIFTED = ReasonFlags.remove_from_crl


def leaf(issuer: Identity | None = None, *extensions: tuple[x509.ExtensionType, bool]) -> Identity:
    subject = make.name("Người Ký", o="Sở Thử nghiệm")
    return make.issue(subject, issuer or make.root(), usage=SIGN, extensions=extensions)


def assessed(
    who: Identity,
    crls: Sequence[bytes] = (),
    ocsps: Sequence[bytes] = (),
    *,
    when: datetime = NOW,
    store: Sequence[Identity] = (),
    anchor: Identity | None = None,
) -> Assessment:
    material = make.material(anchor or make.root(), crls=crls, intermediates=store)
    answers = {"ocsps": tuple(ocsps)}
    judged_by = TrustStore(material.model_copy(update=answers))
    extras = [certificate(make_der(c)) for c in who.chain]
    return judged_by.assess(certificate(who.der), when, extras)


def make_der(found: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return found.public_bytes(Encoding.DER)


def state(who: Identity, *crls: bytes, **more: object) -> State:
    return assessed(who, crls, **more).revocation  # type: ignore[arg-type]  # passed through


# -- deltas ---------------------------------------------------------------------------------------


def test_a_delta_adds_a_revocation_to_its_base() -> None:
    who, root = leaf(), make.root()
    base = listing(root, number=5, issued=NOW - 3 * DAY)
    assert state(who, base, listing(root, number=6, base=5)) is State.GOOD
    assert state(who, base, listing(root, [Revoked(who)], number=6, base=5)) is State.REVOKED


def test_a_delta_makes_an_outdated_base_current() -> None:
    who, root = leaf(), make.root()
    old = listing(root, number=5, issued=NOW - 5 * DAY, until=NOW - 2 * DAY)
    assert state(who, old) is State.STALE
    assert state(who, old, listing(root, number=7, base=4)) is State.GOOD


@pytest.mark.parametrize(("number", "base"), [(7, 6), (5, 5), (4, 3)])
def test_a_delta_to_another_base_is_not_combined(number: int, base: int) -> None:
    who, root = leaf(), make.root()
    old = listing(root, number=5, issued=NOW - 5 * DAY, until=NOW - 2 * DAY)
    assert state(who, old, listing(root, number=number, base=base)) is State.STALE


def test_a_delta_alone_says_nothing_of_what_it_does_not_name() -> None:
    assert state(leaf(), listing(make.root(), number=6, base=5)) is State.UNCHECKED


def test_a_delta_of_another_part_is_not_combined() -> None:
    who, root = leaf(None, points()), make.root()
    old = listing(root, number=5, issued=NOW - 5 * DAY, until=NOW - 2 * DAY)
    other = listing(root, number=6, base=5, point=part(url=URL))
    assert state(who, old, other) is State.STALE


def test_a_hold_is_lifted_by_a_delta_and_a_final_revocation_is_not() -> None:
    who, root = leaf(), make.root()
    lifted = listing(root, [Revoked(who, reason=LIFTED)], number=6, base=5, issued=NOW - DAY / 2)
    held = listing(root, [Revoked(who, reason=HELD)], number=5)
    final = listing(root, [Revoked(who, reason=ReasonFlags.key_compromise)], number=5)
    assert state(who, held) is State.REVOKED
    assert state(who, held, lifted) is State.GOOD
    assert state(who, final, lifted) is State.REVOKED


def test_a_hold_is_lifted_by_the_next_complete_list() -> None:
    who, root = leaf(), make.root()
    held = listing(root, [Revoked(who, reason=HELD)], issued=NOW - 2 * DAY)
    assert state(who, held, listing(root)) is State.GOOD
    assert state(who, listing(root, issued=NOW - 3 * DAY), held) is State.REVOKED


# -- parts ----------------------------------------------------------------------------------------


def test_a_part_speaks_of_the_certificates_that_name_it() -> None:
    here, there = leaf(None, points()), leaf(None, points("http://crl.example/b.crl"))
    partial = listing(make.root(), point=part(url=URL))
    assert state(here, partial) is State.GOOD
    assert state(there, partial) is State.UNCHECKED
    assert state(leaf(), partial) is State.UNCHECKED


def test_lists_of_users_and_of_authorities_speak_of_their_own() -> None:
    users = listing(make.root(), point=part(users=True))
    authorities = listing(make.root(), point=part(authorities=True))
    assert state(leaf(), users) is State.GOOD
    assert state(leaf(), authorities) is State.UNCHECKED
    assert state(make.intermediate(), authorities) is State.GOOD
    assert state(make.intermediate(), users) is State.UNCHECKED


def test_only_all_reasons_together_prove_that_nothing_is_revoked() -> None:
    lost = frozenset({ReasonFlags.key_compromise, ReasonFlags.ca_compromise})
    others = frozenset(ReasonFlags) - lost - {ReasonFlags.unspecified, LIFTED}
    who, root = leaf(), make.root()
    first = listing(root, point=part(reasons=lost))
    second = listing(root, point=part(reasons=others))
    assert state(who, first) is State.STALE
    assert state(who, first, second) is State.GOOD
    named = listing(
        root, [Revoked(who, reason=ReasonFlags.key_compromise)], point=part(reasons=lost)
    )
    assert state(who, named, second) is State.REVOKED


def test_a_list_for_some_reasons_does_not_lift_a_hold() -> None:
    lost = frozenset({ReasonFlags.key_compromise})
    who, root = leaf(), make.root()
    held = listing(root, [Revoked(who, reason=HELD)], issued=NOW - 2 * DAY)
    assert state(who, held, listing(root, point=part(reasons=lost))) is State.REVOKED


def test_the_freshest_of_several_lists_decides_whether_data_is_current() -> None:
    root = make.root()
    old = listing(root, issued=NOW - 9 * DAY, until=NOW - 8 * DAY)
    assert state(leaf(), old, listing(root), old) is State.GOOD


def test_a_list_with_an_unknown_critical_extension_is_no_data() -> None:
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.7.7"), b"\x05\x00")
    from cryptography.hazmat.primitives import hashes, serialization

    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(make.root().certificate.subject)
        .last_update(NOW - DAY)
        .next_update(NOW + DAY)
        .add_extension(odd, critical=True)
        .sign(make.root().key, hashes.SHA256())
    )
    assert state(leaf(), made.public_bytes(serialization.Encoding.DER)) is State.UNCHECKED


# -- who may sign ---------------------------------------------------------------------------------


def keeper(issuer: Identity | None = None, usage: x509.KeyUsage = LIST_ONLY) -> Identity:
    """Issues lists for others."""
    return make.issue(make.name("Lists"), issuer or make.root(), usage=usage)


def test_an_indirect_list_counts_where_the_certificate_names_its_issuer() -> None:
    other = keeper()
    who = leaf(None, points(URL, other.certificate.subject))
    scope = part(url=URL, indirect=True)
    revoked = listing(other, [Revoked(who, named_issuer=True)], point=scope)
    assert state(who, listing(other, point=scope), store=[other]) is State.GOOD
    assert state(who, revoked, store=[other]) is State.REVOKED
    assert state(leaf(None, points()), revoked, store=[other]) is State.UNCHECKED


def test_an_indirect_list_that_does_not_say_so_is_ignored() -> None:
    other = keeper()
    who = leaf(None, points(URL, other.certificate.subject))
    assert state(who, listing(other, point=part(url=URL)), store=[other]) is State.UNCHECKED


def test_entries_of_an_indirect_list_belong_to_the_issuer_named_last() -> None:
    other, root = keeper(), make.root()
    extension = points(URL, other.certificate.subject)
    first, second = leaf(None, extension), leaf(None, extension)
    foreign = leaf(make.intermediate(), extension)
    scope = part(url=URL, indirect=True)
    made = listing(
        other, [Revoked(first, named_issuer=True), Revoked(second)], point=scope
    )  # fmt: skip
    sub = listing(root)
    assert state(second, made, store=[other]) is State.REVOKED
    assert state(foreign, made, sub, store=[other]) is State.GOOD
    unnamed = listing(other, [Revoked(first)], point=scope)
    assert state(first, unnamed, store=[other]) is State.GOOD


def test_a_keeper_of_lists_under_another_anchor_is_not_heard() -> None:
    forged_root = make.issue(make.root().certificate.subject, ca=True)
    other = keeper(forged_root)
    who = leaf(None, points(URL, other.certificate.subject))
    scope = part(url=URL, indirect=True)
    assert state(who, listing(other, point=scope), store=[other, forged_root]) is State.UNCHECKED


def test_a_certificate_for_the_cas_lists_alone_may_sign_them() -> None:
    signer = make.issue(make.root().certificate.subject, make.root(), usage=LIST_ONLY)
    assert state(leaf(), listing(signer)) is State.UNCHECKED
    assert state(leaf(), listing(signer), store=[signer]) is State.GOOD


def test_a_namesake_that_may_not_sign_lists_is_not_heard() -> None:
    signer = make.issue(make.root().certificate.subject, make.root(), usage=SIGN)
    assert state(leaf(), listing(signer), store=[signer]) is State.UNCHECKED


def test_a_list_by_the_cas_new_key_counts_for_what_its_old_key_issued() -> None:
    old = make.intermediate()
    new = make.issue(old.certificate.subject, make.root(), ca=True)
    who = leaf(old)
    both = [listing(make.root()), listing(new, [Revoked(who)])]
    assert state(who, *both, store=[new]) is State.REVOKED


def test_a_revoked_signer_of_lists_is_not_heard() -> None:
    old = make.intermediate()
    new = make.issue(old.certificate.subject, make.root(), ca=True)
    lists = [listing(make.root(), [Revoked(new)]), listing(new)]
    assert state(leaf(old), *lists, store=[new]) is State.UNCHECKED


def test_a_list_made_outside_its_signers_validity_is_not_heard() -> None:
    signer = make.issue(
        make.root().certificate.subject, make.root(), usage=LIST_ONLY, not_after=NOW - 2 * DAY
    )
    assert state(leaf(), listing(signer), store=[signer]) is State.UNCHECKED


def test_nothing_is_asked_about_an_anchor_that_is_an_intermediate() -> None:
    who = leaf(make.intermediate())
    found = assessed(who, [listing(make.intermediate())], anchor=make.intermediate())
    assert found.sound
    assert found.revocation is State.GOOD
    assert len(found.path.certificates) == 2


# -- OCSP responses that came as files ------------------------------------------------------------


def responder(issuer: Identity, *extensions: tuple[x509.ExtensionType, bool]) -> Identity:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    return make.issue(
        make.name("OCSP"), issuer, usage=SIGN, extensions=[(usage, False), *extensions]
    )


NO_CHECK = (x509.OCSPNoCheck(), False)


def test_a_response_of_the_issuer_or_its_responder_counts() -> None:
    who, root = leaf(), make.root()
    for by in (root, responder(root, NO_CHECK)):
        assert assessed(who, (), [answer(who, root, by)]).revocation is State.GOOD
        bad = answer(who, root, by, revoked=NOW - DAY)
        assert assessed(who, (), [bad]).revocation is State.REVOKED


def test_a_responder_that_the_issuer_did_not_entitle_is_not_heard() -> None:
    who, root = leaf(), make.root()
    plain = make.issue(make.name("OCSP"), root, usage=SIGN)
    elsewhere = responder(make.issue(root.certificate.subject, ca=True), NO_CHECK)
    below = responder(make.intermediate(), NO_CHECK)
    for by in (plain, elsewhere, below):
        assert assessed(who, (), [answer(who, root, by)]).revocation is State.UNCHECKED


def test_a_response_about_another_certificate_says_nothing() -> None:
    root = make.root()
    assert assessed(leaf(), (), [answer(leaf(), root, root)]).revocation is State.UNCHECKED


def test_an_outdated_response_is_stale() -> None:
    who, root = leaf(), make.root()
    old = answer(who, root, root, issued=NOW - 3 * DAY, until=NOW - 2 * DAY)
    assert assessed(who, (), [old]).revocation is State.STALE


def test_a_responder_whose_key_was_lost_is_not_heard() -> None:
    who, root = leaf(), make.root()
    by = responder(root)
    lost = [Revoked(by, when=NOW, reason=ReasonFlags.key_compromise)]
    crl = listing(root, lost, point=part(url=URL))  # speaks of none but those that name it
    named = responder(root, points())
    other = listing(
        root, [Revoked(named, NOW, ReasonFlags.key_compromise)], point=part(url=URL)
    )  # fmt: skip
    assert assessed(who, [crl], [answer(who, root, by)]).revocation is State.GOOD
    assert assessed(who, [other], [answer(who, root, named)]).revocation is State.UNCHECKED


# -- an index says what the list says -------------------------------------------------------------


def found_in(listed: RevocationList, who: Identity) -> list[tuple[datetime, int | None]]:
    return [tuple(entry) for entry in listed.find(certificate(who.der))]  # type: ignore[misc]  # pairs


def test_an_index_finds_what_a_search_finds_and_keeps_the_signature() -> None:
    people = [leaf() for _ in range(6)]
    entries = [
        Revoked(people[0]),
        Revoked(people[1], NOW - 9 * DAY, ReasonFlags.key_compromise),
        Revoked(people[2], NOW, HELD),
        Revoked(people[0], NOW - 5 * DAY, ReasonFlags.superseded),
    ]
    read = RevocationList(listing(make.root(), entries, number=3))
    made = RevocationList.of_index(read.indexed())
    for who in people:
        assert sorted(map(str, found_in(made, who))) == sorted(map(str, found_in(read, who)))
    root = Certificate(make.root().der)
    assert made.signed_by(root)
    assert not made.signed_by(Certificate(make.issue(root_name(), ca=True).der))
    assert (made.this_update, made.next_update, made.number) == (
        read.this_update, read.next_update, 3,
    )  # fmt: skip


def root_name() -> x509.Name:
    return make.root().certificate.subject


def test_an_index_of_an_empty_list_is_empty() -> None:
    made = RevocationList.of_index(RevocationList(listing(make.root())).indexed())
    assert found_in(made, leaf()) == []
    assert made.signed_by(Certificate(make.root().der))


def test_a_forged_entry_in_an_index_needs_another_signature() -> None:
    who = leaf()
    made = RevocationList(listing(make.root())).indexed()
    forged = RevocationList(listing(make.issue(root_name(), ca=True), [Revoked(who)])).indexed()
    swapped = RevocationList.of_index(made.model_copy(update={"digest": forged.digest}))
    assert not swapped.signed_by(Certificate(make.root().der))


@settings(max_examples=30, deadline=None)
@given(
    some.lists(
        some.tuples(
            some.integers(1, 2**159 - 1),
            some.integers(0, 2**31),
            some.sampled_from([None, *set(ReasonFlags) - {ReasonFlags.unspecified}]),
        ),
        max_size=40,
        unique_by=lambda entry: entry[0],
    )
)
def test_every_entry_of_a_list_is_in_its_index(
    entries: list[tuple[int, int, ReasonFlags | None]],
) -> None:
    from cryptography.hazmat.primitives import hashes, serialization

    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root_name())
        .last_update(NOW - DAY)
        .next_update(NOW + DAY)
    )
    start = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    for serial, seconds, reason in entries:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(serial)
            .revocation_date(start + timedelta(seconds=seconds))
        )
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    made = builder.sign(make.root().key, hashes.SHA256())
    read = RevocationList(made.public_bytes(serialization.Encoding.DER))
    index = Index(read.indexed().entries)
    assert len(index) == len(entries)
    probe = Certificate(make.stranger().der)
    probe.issuer = read.issuer
    for serial, seconds, _ in entries:
        content = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
        probe.serial_raw = bytes((2, len(content))) + content
        (entry_found,) = index.find(probe, read.issuer)
        assert entry_found.revoked_at == start + timedelta(seconds=seconds)


def test_a_leaf_that_is_never_revoked_needs_no_list_and_its_ca_does() -> None:
    """RFC 9608 noRevAvail; for a CA it means nothing."""
    never = (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.56"), b"\x05\x00"), False)
    who = leaf(make.intermediate(), never)
    assert state(who) is State.UNCHECKED
    assert state(who, listing(make.root())) is State.GOOD
    fallen = assessed(who, [listing(make.root(), [Revoked(make.intermediate())])])
    assert fallen.revocation is State.REVOKED
    assert fallen.revoked_authority
    ca = make.issue(make.name("Never"), make.root(), ca=True, extensions=[never])
    assert state(leaf(ca), listing(ca)) is State.UNCHECKED


def test_no_check_excuses_a_responder_alone() -> None:
    assert state(leaf(None, NO_CHECK)) is State.UNCHECKED
