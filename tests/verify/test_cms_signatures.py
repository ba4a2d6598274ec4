"""CMS signatures, attached and detached, as files: sound, tampered, odd and forged."""

import asyncio
import random

import pytest
from asn1crypto import algos, cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

from monitor.model import Finding, Integrity, Kind, Overall, SubIndication, Trust, Verdict
from monitor.verify import ber
from monitor.verify.cms import cms_facts
from monitor.verify.judge import Judge
from monitor.verify.signed_data import parse
from tests.verify import making as make

CONTENT = "Số 12/QĐ-UBND: ".encode() * 20


def verdict(data: bytes, content: bytes | None = None, *anchors: make.Identity) -> Verdict:
    return Judge(make.material(*anchors)).judge(data, "a.p7s", make.moment(), content).verdict


# -- sound ----------------------------------------------------------------------------------------


def test_an_attached_signature_is_valid_and_gives_its_content() -> None:
    data = make.cms(CONTENT, attached=True)
    assert verdict(data).overall is Overall.VALID
    facts = cms_facts(data)
    assert facts.content == CONTENT
    assert len(facts.signers[0].content_digest) == 64


def test_a_detached_signature_is_judged_over_the_content_beside_it() -> None:
    data = make.cms(CONTENT)
    assert verdict(data, CONTENT).overall is Overall.VALID
    changed = verdict(data, CONTENT + b".")
    assert (changed.overall, changed.integrity) == (Overall.INVALID, Integrity.MODIFIED)
    missing = verdict(data)
    assert (missing.overall, missing.cause) == (Overall.INDETERMINATE, "ours")
    assert missing.signatures[0].sub_indication is SubIndication.SIGNED_DATA_NOT_FOUND


def test_content_inside_that_is_not_the_content_beside_it_is_modified() -> None:
    assert verdict(make.cms(CONTENT, attached=True), b"other").overall is Overall.INVALID


@pytest.mark.parametrize("wrap", ["pem", "base64"])
def test_armour_is_opened(wrap: str) -> None:
    import base64

    body = base64.encodebytes(make.cms(CONTENT, attached=True))
    if wrap == "pem":
        body = b"-----BEGIN PKCS7-----\n" + body + b"-----END PKCS7-----\n"
    found = verdict(body)
    assert (found.kind, found.overall) == (Kind.CMS, Overall.VALID)


def test_indefinite_lengths_and_segmented_strings_are_read() -> None:
    data = _indefinite(ber.read(make.cms(CONTENT, attached=True)))
    assert data[1] == 0x80
    assert verdict(data).overall is Overall.VALID


def _indefinite(node: ber.Node, depth: int = 0) -> bytes:
    """The upper levels with indefinite lengths, the content in segments; signed parts as found."""
    if node.constructed and depth < 4 and node.tag != 0x31:
        inner = b"".join(_indefinite(child, depth + 1) for child in node.children)
        return bytes([node.tag]) + b"\x80" + inner + b"\0\0"
    if node.tag == 0x04 and node.content == CONTENT:
        parts = [ber.encode(0x04, CONTENT[i : i + 50]) for i in range(0, len(CONTENT), 50)]
        return b"\x24\x80" + b"".join(parts) + b"\0\0"
    return node.raw


def test_bytes_after_the_structure_are_not_part_of_it() -> None:
    assert verdict(make.cms(CONTENT, attached=True) + b"\0" * 50).overall is Overall.VALID


def test_each_of_several_signers_is_judged() -> None:
    found = verdict(_joined(make.cms(CONTENT, attached=True),
                            make.cms(CONTENT, make.stranger(), attached=True)))  # fmt: skip
    assert {s.trust for s in found.signatures} == {Trust.TRUSTED, Trust.UNTRUSTED}
    assert found.overall is Overall.INDETERMINATE
    assert Finding.SEVERAL_SIGNERS in found.findings


def _joined(first: bytes, second: bytes) -> bytes:
    one, two = cms.ContentInfo.load(first), cms.ContentInfo.load(second)
    for field in ("certificates", "signer_infos"):
        for item in two["content"][field]:
            one["content"][field].append(item)
    return bytes(one.dump(force=True))


# -- tampered and forged --------------------------------------------------------------------------


def test_no_flipped_byte_of_content_or_signed_attributes_leaves_it_valid() -> None:
    data = make.cms(CONTENT, attached=True)
    signer = parse(data).signers[0]
    assert signer.signed_node is not None
    covered = [
        *range(data.index(CONTENT), data.index(CONTENT) + len(CONTENT)),
        *range(signer.signed_node.body, signer.signed_node.end),
    ]
    for at in random.Random(1).sample(covered, 120):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        assert verdict(bytes(changed)).overall is not Overall.VALID, at


def test_signed_attributes_passed_off_as_content_are_refused() -> None:
    """Strenzke 2023: the encoded attributes, signed by the victim, become a message."""
    info = cms.ContentInfo.load(make.cms(CONTENT))
    signer = info["content"]["signer_infos"][0]
    forged = signer["signed_attrs"].untag().dump()
    signer["signed_attrs"] = None
    info["content"]["encap_content_info"] = {"content_type": "data", "content": forged}
    found = verdict(bytes(info.dump(force=True)))
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.MODIFIED)


def test_a_certificate_exchanged_for_another_of_the_same_key_is_not_attributed() -> None:
    """ESS signing-certificate binds the certificate, not the key alone (RFC 5035)."""
    twin = make.issue(
        make.name("Chủ tịch", o="UBND tỉnh"), make.root(), own_key=make.officer().key,
        usage=make.usages(sign=True),
    )  # fmt: skip
    info = cms.ContentInfo.load(make.cms(CONTENT, attached=True))
    identity = cms.ContentInfo.load(make.cms(CONTENT, twin, attached=True))
    other = identity["content"]
    info["content"]["certificates"] = other["certificates"]
    info["content"]["signer_infos"][0]["sid"] = other["signer_infos"][0]["sid"]
    found = verdict(bytes(info.dump(force=True)))
    assert found.overall is Overall.INDETERMINATE
    assert Finding.SIGNER_UNATTRIBUTED in found.findings


def test_a_missing_certificate_is_our_lack_until_it_is_at_hand() -> None:
    info = cms.ContentInfo.load(make.cms(CONTENT, attached=True))
    info["content"]["certificates"] = None
    bare = bytes(info.dump(force=True))
    found = verdict(bare)
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, "ours")
    assert found.signatures[0].sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    known = make.material(intermediates=[make.intermediate(), make.officer()])
    completed = Judge(known).judge(bare, "a", make.moment()).verdict
    assert completed.overall is Overall.VALID


def test_a_wrong_message_digest_is_a_hash_failure_even_if_its_signature_fits() -> None:
    found = verdict(make.cms(b"other"), CONTENT)
    assert found.signatures[0].sub_indication is SubIndication.HASH_FAILURE


# -- algorithms -----------------------------------------------------------------------------------


def _by_hand(identity: make.Identity, family: str, digest: str) -> bytes:
    """SignedData without signed attributes, over CONTENT."""
    from asn1crypto import x509

    chosen = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}[digest]
    own: object = identity.key
    if isinstance(own, ec.EllipticCurvePrivateKey):
        value = own.sign(CONTENT, ec.ECDSA(chosen))
    elif isinstance(own, rsa.RSAPrivateKey) and family == "rsassa_pss":
        value = own.sign(CONTENT, padding.PSS(padding.MGF1(chosen), 32), chosen)
    elif isinstance(own, rsa.RSAPrivateKey):
        value = own.sign(CONTENT, padding.PKCS1v15(), chosen)
    else:
        assert isinstance(own, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
        value = own.sign(CONTENT)
    certificate = x509.Certificate.load(identity.der)
    algorithm: dict[str, object] = {"algorithm": family}
    if family == "rsassa_pss":
        algorithm["parameters"] = algos.RSASSAPSSParams({
            "hash_algorithm": {"algorithm": digest},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": digest}},
            "salt_length": 32,
        })  # fmt: skip
    signer = cms.SignerInfo({
        "version": "v1",
        "sid": {"issuer_and_serial_number": {
            "issuer": certificate.issuer, "serial_number": certificate.serial_number}},
        "digest_algorithm": {"algorithm": digest},
        "signature_algorithm": algorithm,
        "signature": value,
    })  # fmt: skip
    data = cms.SignedData({
        "version": "v1",
        "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": {"content_type": "data", "content": CONTENT},
        "certificates": [certificate],
        "signer_infos": [signer],
    })  # fmt: skip
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": data}).dump())


def _holder(own: object) -> make.Identity:
    return make.issue(
        make.name("Người Ký"), make.root(), own_key=own, usage=make.usages(sign=True)  # type: ignore[arg-type]  # any key
    )  # fmt: skip


@pytest.mark.parametrize("family", ["rsassa_pkcs1v15", "sha256_rsa", "rsassa_pss"])
def test_rsa_in_its_spellings_is_verified(family: str) -> None:
    data = _by_hand(_holder(make.key(2048)), family, "sha256")
    found = verdict(data)
    assert found.overall is Overall.VALID
    assert Finding.NO_SIGNED_ATTRIBUTES in found.findings


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.BrainpoolP256R1()])
def test_ecdsa_on_its_curves_is_verified(curve: ec.EllipticCurve) -> None:
    data = _by_hand(_holder(ec.generate_private_key(curve)), "sha256_ecdsa", "sha256")
    assert verdict(data).overall is Overall.VALID


@pytest.mark.parametrize("kind", [ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey])
def test_edwards_curves_are_verified_or_said_to_be_unsupported(kind: type) -> None:
    own = kind.generate()  # type: ignore[attr-defined]  # both have it
    name = "ed25519" if kind is ed25519.Ed25519PrivateKey else "ed448"
    found = verdict(_by_hand(_holder(own), name, "sha256"))
    assert found.overall is not Overall.INVALID


@pytest.mark.parametrize(("bits", "digest"), [(1024, "sha256"), (2048, "sha1")])
def test_weak_keys_and_digests_are_the_signers_fault_not_invalid(bits: int, digest: str) -> None:
    found = verdict(_by_hand(_holder(make.key(bits)), "rsassa_pkcs1v15", digest))
    assert (found.overall, found.cause, found.integrity, found.trust) == (
        Overall.INDETERMINATE, "signer", Integrity.INTACT, Trust.WEAK,
    )  # fmt: skip


def test_an_unknown_algorithm_is_our_lack() -> None:
    data = _by_hand(_holder(make.key()), "sha256_ecdsa", "sha256")
    odd = data.replace(bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d04037f"))
    found = verdict(odd)
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, "ours")
    assert Finding.ALGORITHM_UNSUPPORTED in found.findings


# -- odd input ------------------------------------------------------------------------------------


def test_enveloped_data_is_encrypted_not_unsigned() -> None:
    body = bytes.fromhex("301306092a864886f70d010703a00630040201003100")
    found = verdict(body)
    assert (found.overall, found.findings) == (Overall.UNREADABLE, (Finding.ENCRYPTED,))


def test_certificates_without_a_signer_are_unsigned() -> None:
    info = cms.ContentInfo.load(make.cms(CONTENT, attached=True))
    info["content"]["signer_infos"] = []
    assert verdict(bytes(info.dump(force=True))).overall is Overall.UNSIGNED


def test_every_truncation_has_an_answer_and_none_is_valid() -> None:
    data = make.cms(CONTENT, attached=True)
    for length in range(1, len(data), 37):
        assert verdict(data[:length]).overall is not Overall.VALID


def test_random_damage_never_crashes() -> None:
    data = make.cms(CONTENT, attached=True, stamp=make.timestamper())
    chooser = random.Random(7)
    judge = Judge(make.material())
    for _ in range(400):
        changed = bytearray(data)
        for _ in range(chooser.randrange(1, 4)):
            changed[chooser.randrange(len(data))] = chooser.randrange(256)
        judge.judge(bytes(changed), "a", make.moment())


def test_deep_nesting_is_refused_not_followed() -> None:
    assert verdict(b"\x30\x80" * 5000).overall is not Overall.VALID
    bomb = bytes.fromhex("308006092a864886f70d010702a080") + b"\x30\x80" * 100_000
    assert verdict(bomb).overall is Overall.UNREADABLE


def test_the_event_loop_is_not_needed() -> None:
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
    assert verdict(make.cms(CONTENT, attached=True)).overall is Overall.VALID
