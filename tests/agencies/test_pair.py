"""The complete pair of Nghị định 30/2020 Điều 5, and what only looks like one."""

from typing import Any

import pytest

from monitor.agencies import attribute
from monitor.model import DocumentAttribution, Finding, Signature, SignerKind
from tests.agencies.attribution_samples import (
    BEFORE_MERGER,
    FOLDER,
    FROM_OUTSIDE,
    PROVINCE,
    SOURCE,
    document,
    examined,
    facts,
    folder_header,
    mail_header,
    registry_of,
    signature,
)

REGISTRY = registry_of(PROVINCE)


def person(domain: str = "skhcn.tinh.gov.vn", **more: Any) -> Signature:
    values = {"signer_kind": SignerKind.PERSON, "signer_name": "Nguyễn Văn A"}
    return signature(**({"signer_emails": (f"an@{domain}",)} | values | more))


def seal(uid: str = "MNS:300", **more: Any) -> Signature:
    return signature(uid, **({"signer_kind": SignerKind.ORGANISATION} | more))


def of(
    *signatures: Signature, agency: str = "so-khcn", text: str = PROVINCE
) -> DocumentAttribution:
    header = folder_header(agency)
    got = attribute(header, examined(None, document(*signatures)), registry_of(text), FOLDER)
    return got.documents[0]


def test_the_persons_and_the_seals_signature_of_the_issuer_are_a_pair() -> None:
    for signatures in ([person(), seal()], [seal(), person()]):
        got = of(*signatures)
        assert (got.paired, got.relayed) == (True, False)
    assert of(person(), seal()).signer_kinds == (SignerKind.PERSON, SignerKind.ORGANISATION)


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        [person()],
        [seal()],  # an appendix
        [person(), person("skhcn.tinh.gov.vn")],
        [seal(), seal()],
        [person(valid=False), seal()],
        [person(), seal(valid=False)],
        [person(), seal(counts=False)],  # a document time-stamp
        [person(), seal("MNS:100")],  # another agency's "đến" stamp
        [person("vp.tinh.gov.vn"), seal()],  # another agency's person
        [person(), seal("MNS:9")],  # nobody known
        [person(), seal(trust_class=None)],  # names nobody vouches for
        [person(signer_unit="Văn thư"), seal()],  # the clerk's own certificate
        [person(signer_kind=None, signer_name="Phòng Văn thư"), seal()],
        [person(signer_kind=None, signer_name="Văn phòng"), seal()],  # a unit's certificate
        [person(), seal(signer_kind=None)],
        [person(), seal(signer_name="Văn thư Sở KH&CN")],  # the registry's stamp
    ],
)
def test_what_does_not_complete_a_pair(signatures: list[Signature]) -> None:
    assert not of(*signatures).paired


def test_an_appendix_with_the_seal_alone_is_no_pair_and_no_error() -> None:
    header = folder_header("so-khcn")
    got = attribute(header, examined(None, document(seal())), REGISTRY, FOLDER)
    assert not got.documents[0].paired
    assert got.findings == ()


def test_stamps_beside_a_pair_take_nothing_away() -> None:
    stamp = person(signer_unit="Văn thư")
    arrival = seal("MNS:100")
    assert of(person(), seal(), stamp, arrival, seal()).paired
    assert not of(person(), seal(), stamp, arrival).relayed


def test_a_subordinates_person_counts_only_where_the_registry_says_so() -> None:
    subordinate = person("vp.tinh.gov.vn")
    assert of(subordinate, seal("MNS:100"), agency="ubnd").paired
    not_said = PROVINCE.replace('signs_for = ["ubnd"]', "")
    assert not of(subordinate, seal("MNS:100"), agency="ubnd", text=not_said).paired


@pytest.mark.parametrize(
    ("name", "paired"),
    [
        ("SỞ KHOA HỌC VÀ CÔNG NGHỆ", True),
        ("Phòng Hành chính", False),  # a unit's seal, with the agency's mail domain
        ("Sở KH và CN", False),
        (None, False),
    ],
)
def test_a_seal_is_the_agencys_by_its_uid_or_its_very_name(name: str | None, paired: bool) -> None:
    unit = seal("MNS:77", signer_name=name, signer_emails=("phc@skhcn.tinh.gov.vn",))
    got = of(person(), unit)
    assert (got.signer_agencies[1], got.paired) == ("so-khcn", paired)
    alias = PROVINCE.replace('uid = ["MNS:300"]', 'uid = ["MNS:300"]\naliases = ["Sở KH và CN"]')
    assert of(person(), unit, text=alias).paired is (paired or name == "Sở KH và CN")


def test_a_seal_is_never_lent() -> None:
    """The office that signs for its committee stamps arrivals with its own seal."""
    leader = person("tinh.gov.vn")
    assert not of(leader, seal("MNS:101"), agency="ubnd").paired
    assert of(leader, seal("MNS:101"), seal("MNS:100"), agency="ubnd").paired
    given = '[[certificates]]\nsha256 = "' + "ab" * 32 + '"\nagency = "ubnd"\n'
    lent = seal("MNS:101", certificate_sha256="ab" * 32)
    assert of(leader, lent, agency="ubnd", text=PROVINCE + given).paired


def test_the_predecessors_seal_completes_its_heirs_pair() -> None:
    assert of(person(), seal("MNS:200")).paired


def test_the_map_of_certificates_decides_who_is_a_person_and_what_a_stamp() -> None:
    mapped = seal(certificate_sha256="ab" * 32)
    entry = '[[certificates]]\nsha256 = "' + "ab" * 32 + '"\nkind = "{}"\n'
    assert of(person(), mapped).paired
    assert not of(person(), mapped, text=PROVINCE + entry.format("stamp")).paired
    assert of(seal(), mapped, text=PROVINCE + entry.format("person")).paired


def test_incoming_mail_and_documents_of_nobody_have_no_pair() -> None:
    mail = facts("x@example.org", hops=(FROM_OUTSIDE,))
    got = attribute(
        mail_header("x@example.org"), examined(mail, document(person(), seal())), REGISTRY, SOURCE
    )
    assert [d.paired for d in got.documents] == [False]
    assert not of(person(), seal(), agency="nobody").paired


def test_a_pair_of_mail_is_the_sending_agencys() -> None:
    sender = "an@skhcn.tinh.gov.vn"
    got = attribute(
        mail_header(sender), examined(facts(sender), document(person(), seal())), REGISTRY, SOURCE
    )
    assert [d.paired for d in got.documents] == [True]


# -- documents of others ------------------------------------------------------------------------


def test_anothers_pair_under_the_own_arrival_stamp_stays_anothers_document() -> None:
    theirs = [person("vp.tinh.gov.vn"), seal("MNS:101")]
    for stamp in (seal(), person(signer_unit="Văn thư"), seal(signer_name="Văn thư")):
        got = of(*theirs, stamp)
        assert (got.relayed, got.paired) == (True, False)


def test_a_joint_document_is_the_own_where_an_own_person_signed_it() -> None:
    theirs = [person("vp.tinh.gov.vn"), seal("MNS:101")]
    got = of(*theirs, person(), seal())
    assert (got.relayed, got.paired) == (False, True)
    assert not of(*theirs, person()).relayed


def test_anothers_incomplete_signatures_do_not_make_the_own_seal_a_stamp() -> None:
    assert not of(seal("MNS:101"), seal()).relayed
    assert not of(person("vp.tinh.gov.vn"), seal()).relayed


def test_a_clerks_stamp_alone_relays_nothing() -> None:
    got = of(person(signer_unit="Văn thư"))
    assert (got.relayed, got.paired) == (False, False)


def test_before_the_merger_the_heirs_seal_is_another_agencys() -> None:
    header = folder_header("so-tttt", received_at=BEFORE_MERGER)
    folder = FOLDER.model_copy(update={"agencies": ("so-tttt",)})
    signatures = document(person("stttt.tinh.gov.vn"), seal())
    got = attribute(header, examined(None, signatures), REGISTRY, folder)
    assert not got.documents[0].paired
    assert got.findings == ()


def test_an_unknown_valid_signer_is_said() -> None:
    header = folder_header("so-khcn")
    got = attribute(header, examined(None, document(person(), seal("MNS:9"))), REGISTRY, FOLDER)
    assert got.findings == (Finding.SIGNER_UNATTRIBUTED,)
