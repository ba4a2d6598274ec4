"""Forged CAs that bear all of a real one's names and numbers, wherever they are put."""

from collections.abc import Sequence

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from monitor.model import Finding, Overall, Trust, TrustMaterial, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify.making import Identity, Key

SIGN = make.usages(sign=True)
_SPKI = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
GOVERNMENT = make.name("RootCA chuyên dùng Chính phủ G2", o="Ban Cơ yếu Chính phủ")
SUBORDINATE = make.name("CA phục vụ các cơ quan Nhà nước G2", o="Ban Cơ yếu Chính phủ")


def identifiers(key: Key, issuer: Key) -> list[tuple[x509.ExtensionType, bool]]:
    return [
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), False),
    ]


@pytest.fixture(scope="module")
def root() -> Identity:
    key = make.key()
    return make.issue(GOVERNMENT, own_key=key, ca=True, extensions=identifiers(key, key))


@pytest.fixture(scope="module")
def sub(root: Identity) -> Identity:
    key = make.key()
    return make.issue(
        SUBORDINATE, root, own_key=key, ca=True, extensions=identifiers(key, root.key)
    )


def forged(real: Identity, key: Key, by: Key, chain: Sequence[x509.Certificate] = ()) -> Identity:
    """A certificate with everything that the real one says, but another key, signed by one."""
    like = real.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(like.subject)
        .issuer_name(like.issuer)
        .public_key(key.public_key())
        .serial_number(like.serial_number)
        .not_valid_before(like.not_valid_before_utc)
        .not_valid_after(like.not_valid_after_utc)
    )
    for extension in like.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return Identity(builder.sign(by, hashes.SHA256()), key, tuple(chain))


@pytest.fixture(scope="module")
def false_root(root: Identity) -> Identity:
    key = make.key()
    return forged(root, key, key)


@pytest.fixture(scope="module")
def false_sub(sub: Identity, false_root: Identity) -> Identity:
    return forged(sub, make.key(), false_root.key, [false_root.certificate])


def signed(issuer: Identity, chain: Sequence[Identity] | None = None) -> bytes:
    """By an officer under a CA, with given certificates in place of the CA's own."""
    who = make.issue(make.name("Người Ký", o="Sở"), issuer, usage=SIGN)
    brought = who.chain if chain is None else tuple(c.certificate for c in chain)
    return make.cms(b"van ban", Identity(who.certificate, who.key, brought), attached=True)


def verdict(data: bytes, material: TrustMaterial) -> Verdict:
    return Judge(material).judge(data, "a.p7m", make.moment()).verdict


def never_trusted(found: Verdict) -> None:
    assert found.overall is Overall.INDETERMINATE
    assert found.trust in {Trust.UNTRUSTED, Trust.UNKNOWN}
    assert found.signatures[0].trust_class is None


def test_the_real_chain_is_trusted(root: Identity, sub: Identity) -> None:
    assert verdict(signed(sub), make.material(root)).overall is Overall.VALID


def test_a_forged_chain_in_the_signature_is_not(
    root: Identity, sub: Identity, false_root: Identity, false_sub: Identity
) -> None:
    local = make.material(root, intermediates=[sub])
    for chain in ([false_sub, false_root], [false_sub], [], [false_sub, root], [sub, root]):
        never_trusted(verdict(signed(false_sub, chain), local))


def test_forged_certificates_in_the_local_folder_vouch_for_nothing(
    root: Identity, sub: Identity, false_root: Identity, false_sub: Identity
) -> None:
    folder = make.material(root, intermediates=[false_root, false_sub, sub])
    found = verdict(signed(false_sub, []), folder)
    never_trusted(found)
    assert Finding.ANCHOR_UNKNOWN in found.findings


def test_forged_certificates_do_not_hide_the_real_ones(
    root: Identity, sub: Identity, false_root: Identity, false_sub: Identity
) -> None:
    folder = make.material(root, intermediates=[false_root, false_sub, sub])
    assert verdict(signed(sub, [false_sub, false_root]), folder).overall is Overall.VALID


@pytest.mark.parametrize("place", ["signature", "folder"])
def test_a_forged_cross_certificate_leads_nowhere(
    root: Identity, false_root: Identity, place: str
) -> None:
    """It says that the real root certified the forger's key; the real root never signed it."""
    rogue = make.issue(make.name("Rogue CA"), ca=True)
    stated = make.issue(make.name("Rogue CA"), root, ca=True)
    cross = forged(stated, rogue.key, false_root.key)
    folder = [cross] if place == "folder" else []
    found = verdict(
        signed(rogue, [cross] if place == "signature" else []),
        make.material(root, intermediates=folder),
    )
    never_trusted(found)


def test_a_signature_moved_from_the_real_certificate_does_not_fit(
    root: Identity, sub: Identity
) -> None:
    """The forger's key inside the real certificate's bytes."""
    key = make.key()
    real, mine = sub.der, forged(sub, key, key).certificate
    old = sub.certificate.public_key().public_bytes(*_SPKI)
    new = mine.public_key().public_bytes(*_SPKI)
    spliced = x509.load_der_x509_certificate(real.replace(old, new))
    assert spliced.public_key() == key.public_key()
    false = Identity(spliced, key)
    never_trusted(verdict(signed(false, [false]), make.material(root)))


def test_the_key_of_an_anchor_in_another_certificate_brings_no_new_rights() -> None:
    """Anybody can write a certificate around a public key; its owner too."""
    narrow = make.issue(make.name("Narrow Root"), ca=True, path_length=0)
    wide = make.issue(make.name("Narrow Root"), own_key=narrow.key, ca=True)
    below = make.issue(make.name("Below"), wide, ca=True)
    never_trusted(verdict(signed(below), make.material(narrow)))
    pinned = make.stranger()
    promoted = make.issue(pinned.certificate.subject, own_key=pinned.key, ca=True)
    never_trusted(verdict(signed(promoted), make.material(pinned)))


def test_a_pinned_signer_is_that_certificate_and_no_other_with_its_key() -> None:
    pinned = make.issue(make.name("Pinned"), usage=SIGN, not_after=make.NOW - make.DAY)
    longer = make.issue(make.name("Pinned"), own_key=pinned.key, usage=SIGN)
    data = make.cms(b"van ban", longer, attached=True)
    never_trusted(verdict(data, make.material(pinned)))
