"""The generated PKI: what must verify does, what must not does not, and all of it is marked."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from monitor.demo.agencies import AGENCIES, STAFF
from monitor.demo.pki import Identity, Pki
from monitor.material.demo_mark import is_demo_certificate
from monitor.model import TrustClass
from tests.support.needs import needs, program

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki.create(7, NOW)


def everyone(pki: Pki) -> list[Identity]:
    public = TrustClass.CONG_CONG
    return [
        pki.root, pki.sub, pki.public_root, pki.public_sub, pki.forged_root, pki.forged_sub,
        pki.tsa, pki.officer(), pki.organisation(), pki.officer(trust_class=public),
        pki.organisation(trust_class=public), pki.expired(), pki.revoked(), pki.forged(),
        pki.unpublished(),
    ]  # fmt: skip


def test_same_seed_and_time_give_the_same_bytes(pki: Pki) -> None:
    again = Pki.create(7, NOW)
    assert [i.der for i in everyone(pki)] == [i.der for i in everyone(again)]
    assert pki.crls() == again.crls()


def test_another_seed_gives_other_keys(pki: Pki) -> None:
    other = Pki.create(8, NOW)
    assert other.root.certificate.public_key() != pki.root.certificate.public_key()


def test_every_certificate_carries_both_demo_marks(pki: Pki) -> None:
    for identity in everyone(pki):
        organisation = identity.certificate.subject.get_attributes_for_oid(
            NameOID.ORGANIZATION_NAME
        )
        assert "congvu DEMO" in str(organisation[0].value)
        without_words = identity.der.replace(b"congvu DEMO", b"xxxxxx XXXX")
        assert is_demo_certificate(without_words), "the extension alone must be enough"


def test_a_certificate_of_somebody_else_is_not_taken_for_a_demo_one() -> None:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "RootCA G2")])
    from cryptography.hazmat.primitives import hashes

    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW.replace(year=2030))
        .sign(key, hashes.SHA256())
    )
    assert not is_demo_certificate(certificate.public_bytes(serialization.Encoding.DER))


def test_subjects_have_the_form_of_real_ones(pki: Pki) -> None:
    agency = AGENCIES[1]
    seal = pki.organisation(agency).certificate.subject
    person = pki.officer(agency, STAFF).certificate.subject
    short = {"1.2.840.113549.1.9.1": "E", "0.9.2342.19200300.100.1.1": "UID"}
    assert [short.get(a.oid.dotted_string, a.rfc4514_attribute_name) for a in seal] == [
        "E", "UID", "CN", "O", "L", "C",
    ]  # fmt: skip
    assert [short.get(a.oid.dotted_string, a.rfc4514_attribute_name) for a in person] == [
        "E", "CN", "OU", "O", "L", "C",
    ]  # fmt: skip
    assert pki.officer(agency, STAFF).email == f"chuyenvien.02@{agency.domain}"
    assert seal.get_attributes_for_oid(NameOID.USER_ID)[0].value == "MNS:9900002"


def test_the_forged_authority_has_the_real_ones_name_and_another_key(pki: Pki) -> None:
    assert pki.forged_root.certificate.subject == pki.root.certificate.subject
    assert pki.forged_sub.certificate.subject == pki.sub.certificate.subject
    assert pki.forged_root.certificate.public_key() != pki.root.certificate.public_key()
    assert pki.forged_sub.certificate.public_key() != pki.sub.certificate.public_key()


def test_the_revoked_officer_is_on_the_list_and_nobody_else(pki: Pki) -> None:
    crls = [x509.load_der_x509_crl(data) for data in pki.crls()]

    def listed(identity: Identity) -> bool:
        serial = identity.certificate.serial_number
        return any(crl.get_revoked_certificate_by_serial_number(serial) for crl in crls)

    assert [listed(i) for i in everyone(pki)] == [i is pki.revoked() for i in everyone(pki)]


def test_a_list_issued_later_says_so(pki: Pki) -> None:
    later = NOW.replace(day=20)
    crl = x509.load_der_x509_crl(pki.crls(later)[0])
    assert crl.last_update_utc == later
    assert crl.next_update_utc is not None
    assert crl.next_update_utc > later


def test_files_are_replaced_whole_under_a_daemon_that_reads_them(pki: Pki, tmp_path: Path) -> None:
    pki.write(tmp_path)
    crl = next((tmp_path / "crls").iterdir())
    with crl.open("rb") as being_read:
        begin = being_read.read(100)
        pki.write(tmp_path, NOW + timedelta(days=1))
        assert crl.read_bytes() != begin + being_read.read()
        being_read.seek(0)
        x509.load_pem_x509_crl(being_read.read())
    assert not list(tmp_path.rglob(".*"))


def test_rsa_keys_of_2048_bits_can_be_had() -> None:
    key = Pki.create(1, NOW, "rsa").officer().key
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size == 2048


OPENSSL_SAYS = [
    ("officer", "OK"),
    ("organisation", "OK"),
    ("public_officer", "OK"),
    ("tsa", "OK"),
    ("expired", "certificate has expired"),
    ("revoked", "certificate revoked"),
    ("forged", "unable to get local issuer certificate"),
    ("unpublished", "unable to get local issuer certificate"),
]


@needs("openssl")
@pytest.mark.parametrize(("who", "says"), OPENSSL_SAYS)
def test_openssl_agrees_on_every_chain(pki: Pki, tmp_path: Path, who: str, says: str) -> None:
    pki.write(tmp_path)
    public = who == "public_officer"
    identity = (
        pki.officer(trust_class=TrustClass.CONG_CONG)
        if public
        else pki.tsa if who == "tsa" else getattr(pki, who)()
    )  # fmt: skip
    leaf = tmp_path / "leaf.pem"
    leaf.write_bytes(identity.certificate.public_bytes(serialization.Encoding.PEM))
    for kind in ("crls", "intermediates"):
        joined = b"".join(p.read_bytes() for p in sorted((tmp_path / kind).glob("*.pem")))
        (tmp_path / f"{kind}.pem").write_bytes(joined)
    anchor = tmp_path / "anchors" / ("cong_cong" if public else "cong_vu") / "root-1.pem"
    result = subprocess.run(
        [program("openssl"), "verify", "-x509_strict", "-crl_check_all",
         "-attime", str(int(NOW.timestamp()) + 1), "-CAfile", str(anchor),
         "-CRLfile", str(tmp_path / "crls.pem"),
         "-untrusted", str(tmp_path / "intermediates.pem"), str(leaf)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert says in result.stdout + result.stderr
