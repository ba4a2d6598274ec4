"""Whose a signer is and what: the operator's map, then what a trusted certificate says."""

import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.agencies import Registry
from monitor.model import SignerKind
from tests.agencies.attribution_samples import PROVINCE, registry_of, signature

NAMESAKES = """
[[agencies]]
code = "phuong-1"
name = "UBND phường Tân Lập"
level = "commune"
parent = "so-khcn"
domains = ["p1.example"]

[[agencies]]
code = "phuong-2"
name = "UBND phường Tân Lập"
level = "commune"
parent = "vp-ubnd"
"""
ONE, OTHER = "ab" * 32, "cd" * 32
MAP = f"""
[[certificates]]
sha256 = "{ONE.upper()}"
agency = "so-khcn"
kind = "stamp"

[[certificates]]
uid = "CMND:012345678"
agency = "vp-ubnd"
kind = "organisation"
valid_from = 2026-01-01
valid_to = 2026-06-30

[[certificates]]
subject = {{ cn = "Phòng Hành chính", o = "Sở Khoa học và Công nghệ" }}
agency = "xa-a"
"""
DAY = date(2026, 3, 10)
_PERSON, _ORGANISATION, _STAMP = SignerKind.PERSON, SignerKind.ORGANISATION, SignerKind.STAMP


def code(registry: Registry, day: date = DAY, **subject: Any) -> str | None:
    agency = registry.signer(signature(**subject), day).agency
    return agency.code if agency else None


def kind(registry: Registry, day: date = DAY, **subject: Any) -> SignerKind | None:
    return registry.signer(signature(**subject), day).kind


# -- what a certificate says --------------------------------------------------------------------


def names(cn: str, unit: str | None, above: str | None, kind: SignerKind | None) -> dict[str, Any]:
    return {
        "signer_name": cn, "signer_unit": unit, "signer_organisation": above, "signer_kind": kind,
    }  # fmt: skip


@pytest.mark.parametrize(
    "subject",
    [
        {"uid": "MNS:300"},
        {"signer_emails": ("an@skhcn.tinh.gov.vn",)},
        names("Sở Khoa học và Công nghệ", None, "Ủy ban nhân dân tỉnh", _ORGANISATION),
    ],
)
def test_a_certificate_without_an_anchor_attributes_nothing(subject: dict[str, Any]) -> None:
    registry = registry_of(PROVINCE)
    assert code(registry, **subject) == "so-khcn"
    assert code(registry, **subject, trust_class=None) is None


def test_a_uid_may_hold_an_organ_code() -> None:
    registry = registry_of(PROVINCE)
    assert code(registry, uid="MNS:H53.40") == "so-khcn"
    assert code(registry, uid="MDD:000.00.00.H53") == "ubnd"


@pytest.mark.parametrize(
    ("subject", "agency"),
    [
        # an agency's seal: its own name in CN, its superior's in O
        (names("SỞ KHOA HỌC VÀ CÔNG NGHỆ", None, "Ủy ban nhân dân tỉnh", _ORGANISATION), "so-khcn"),
        (names("Ủy ban nhân dân tỉnh", None, "Ủy ban nhân dân tỉnh", _ORGANISATION), "ubnd"),
        # an officer: the agency in OU or O
        (names("An", "Sở Khoa học và Công nghệ", "Ủy ban nhân dân tỉnh", _PERSON), "so-khcn"),
        (names("An", "Phòng Kế hoạch", "Sở Khoa học và Công nghệ", _PERSON), "so-khcn"),
        (names("An", None, "Sở Khoa học và Công nghệ", _PERSON), "so-khcn"),
        # a name of another province's agency
        (names("Sở Khoa học và Công nghệ", None, "UBND tỉnh khác", _ORGANISATION), None),
        (names("An", "Sở Khoa học và Công nghệ", "UBND tỉnh khác", _PERSON), None),
        # a unit that is not in the registry, below an agency that has others below it
        (names("An", "Sở Y tế", "Ủy ban nhân dân tỉnh", _PERSON), None),
        (names("Sở Y tế", None, "Ủy ban nhân dân tỉnh", _ORGANISATION), None),
        # the seal of a unit is not the agency's
        (names("Trung tâm Tin học", None, "Sở Khoa học và Công nghệ", _ORGANISATION), None),
        # no O: nothing says which province
        (names("Sở Khoa học và Công nghệ", None, None, _ORGANISATION), None),
    ],
)
def test_names_attribute_only_where_they_lead_to_one_agency(
    subject: dict[str, Any], agency: str | None
) -> None:
    registry = registry_of(PROVINCE)
    decomposed: dict[str, Any] = {
        key: unicodedata.normalize("NFD", value) if isinstance(value, str) else value
        for key, value in subject.items()
    }
    assert code(registry, **subject) == agency
    assert code(registry, **(decomposed | {"signer_kind": subject["signer_kind"]})) == agency


def test_two_agencies_of_one_name_are_told_apart_by_their_superiors_or_not_at_all() -> None:
    registry = registry_of(PROVINCE + NAMESAKES)
    ward = "UBND phường Tân Lập"
    assert code(registry, **names(ward, None, "Văn phòng UBND tỉnh", _ORGANISATION)) == "phuong-2"
    assert code(registry, **names(ward, None, "Ủy ban nhân dân tỉnh", _ORGANISATION)) is None
    assert code(registry, **names("An", ward, ward, _PERSON)) is None


def test_a_mail_domain_that_the_province_shares_gives_way_to_the_unit_below_it() -> None:
    registry = registry_of(PROVINCE)
    shared: dict[str, Any] = {"signer_emails": ("an@tinh.gov.vn",)}
    officer = names("An", "Sở Khoa học và Công nghệ", "Ủy ban nhân dân tỉnh", _PERSON)
    assert code(registry, **shared) == "ubnd"
    assert code(registry, **shared, **officer) == "so-khcn"
    elsewhere: dict[str, Any] = {"signer_emails": ("an@vp.tinh.gov.vn",)}
    assert code(registry, **elsewhere, **officer) == "vp-ubnd"


def test_a_listed_mailbox_goes_before_names_and_domains() -> None:
    listed = 'uid = ["MNS:101"]\naddresses = ["an@tinh.gov.vn"]'
    registry = registry_of(PROVINCE.replace('uid = ["MNS:101"]', listed))
    officer = names("An", "Sở Khoa học và Công nghệ", "Ủy ban nhân dân tỉnh", _PERSON)
    emails = ("binh@skhcn.tinh.gov.vn", "an@tinh.gov.vn")
    assert code(registry, signer_emails=emails, **officer) == "vp-ubnd"


def test_addresses_of_agencies_that_are_not_above_each_other_attribute_nothing() -> None:
    registry = registry_of(PROVINCE)
    assert code(registry, signer_emails=("a@skhcn.tinh.gov.vn", "a@tinh.gov.vn")) == "so-khcn"
    assert code(registry, signer_emails=("a@skhcn.tinh.gov.vn", "a@vp.tinh.gov.vn")) is None


def test_a_name_that_an_agency_no_longer_bears_still_leads_to_it() -> None:
    text = """
    [[agencies]]
    code = "so"
    name = "Sở Cũ"
    level = "department"
    valid_to = 2025-06-30

    [[agencies]]
    code = "so"
    name = "Sở Mới"
    level = "department"
    valid_from = 2025-07-01
    """
    registry = registry_of(text)
    assert code(registry, **names("Sở Cũ", None, "Sở Cũ", _ORGANISATION)) == "so"


TEXTS = st.none() | st.text(max_size=40) | st.sampled_from(
    ["Sở Khoa học và Công nghệ", "Ủy ban nhân dân tỉnh", "MNS:300", "an@tinh.gov.vn", "Văn thư"]
)  # fmt: skip


@given(TEXTS, TEXTS, TEXTS, TEXTS, st.lists(st.text(max_size=30), max_size=3))
def test_whatever_an_untrusted_certificate_says_it_is_nobodys(
    uid: str | None, name: str | None, unit: str | None, above: str | None, emails: list[str]
) -> None:
    said = names(name or "", unit, above, None) | {"uid": uid, "signer_emails": tuple(emails)}
    registry = registry_of(PROVINCE + MAP)
    assert code(registry, **said, trust_class=None) is None
    code(registry, **said)  # and never raises


# -- person, organisation or stamp --------------------------------------------------------------


@pytest.mark.parametrize(
    ("cn", "unit", "profile", "found"),
    [
        ("Nguyễn Văn A", "Phòng Kế hoạch", _PERSON, _PERSON),
        ("Nguyễn Văn A", "Văn thư", _PERSON, _STAMP),
        ("Nguyễn Văn A", "PHÒNG VĂN THƯ - LƯU TRỮ", _PERSON, _STAMP),
        ("Nguyễn Văn A", "Văn phòng", _PERSON, _PERSON),
        ("Nguyễn Văn Thư", "Phòng Kế hoạch", _PERSON, _PERSON),
        ("Văn thư Sở", None, _PERSON, _STAMP),
        ("Phòng Văn thư", "Văn phòng", None, _STAMP),
        ("Bộ phận văn thư, Sở Y tế", None, _ORGANISATION, _STAMP),
        ("Văn phòng", "Văn phòng", None, None),
        ("Sở Y tế", None, _ORGANISATION, _ORGANISATION),
        ("Hạt Kiểm lâm 3", "Chi cục", _PERSON, None),
        ("Hạt Văn Hậu", "Chi cục", _PERSON, None),
        ("Doãn Văn Hậu", "Chi cục", _PERSON, _PERSON),
        ("Nguyễn Thị B", "Bộ phận một cửa", _PERSON, _STAMP),
    ],
)
def test_registries_and_units_are_known_by_their_words(
    cn: str, unit: str | None, profile: SignerKind | None, found: SignerKind | None
) -> None:
    words = 'unit_words = ["hạt"]\nclerk_words = ["một cửa"]\n'
    registry = registry_of(words + PROVINCE)
    assert kind(registry, signer_name=cn, signer_unit=unit, signer_kind=profile) is found
    if unit:
        decomposed = unicodedata.normalize("NFD", unit)
        assert kind(registry, signer_name=cn, signer_unit=decomposed, signer_kind=profile) is found


# -- the operator's map -------------------------------------------------------------------------


def test_a_listed_fingerprint_goes_before_everything_and_needs_no_anchor() -> None:
    registry = registry_of(PROVINCE + MAP)
    certificate: dict[str, Any] = {
        "uid": "MNS:100",
        "certificate_sha256": ONE,
        "signer_kind": _ORGANISATION,
    }
    assert code(registry, **certificate) == "so-khcn"
    assert code(registry, **certificate, trust_class=None) == "so-khcn"
    assert kind(registry, **certificate) is _STAMP
    assert code(registry, **(certificate | {"certificate_sha256": OTHER})) == "ubnd"


def test_a_listed_uid_holds_from_its_first_to_its_last_day_and_under_an_anchor_only() -> None:
    registry = registry_of(PROVINCE + MAP)
    person: dict[str, Any] = {"uid": "cmnd: 012345678", "signer_emails": ("an@skhcn.tinh.gov.vn",)}
    for day, agency in [
        (date(2025, 12, 31), "so-khcn"), (date(2026, 1, 1), "vp-ubnd"),
        (date(2026, 6, 30), "vp-ubnd"), (date(2026, 7, 1), "so-khcn"),
    ]:  # fmt: skip
        assert code(registry, day, **person) == agency
    assert kind(registry, **person, signer_kind=_PERSON) is _ORGANISATION
    assert kind(registry, **person, signer_kind=_PERSON, trust_class=None) is _PERSON
    assert code(registry, **person, trust_class=None) is None


def test_a_listed_subject_is_matched_whole_and_without_case_but_never_as_a_pattern() -> None:
    registry = registry_of(PROVINCE + MAP)

    def of(cn: str, o: str, **more: Any) -> str | None:
        return code(registry, signer_name=cn, signer_organisation=o, **more)

    cn, o = "Phòng Hành chính", "Sở Khoa học và Công nghệ"
    assert of(cn, o) == "xa-a"
    assert of(unicodedata.normalize("NFD", cn.upper()), f" {o}  ") == "xa-a"
    assert of(f"{cn} 2", o) == "so-khcn"
    assert of(cn, "Sở khác") is None
    assert of(f"{cn}\n{o}", "") is None
    assert of(cn, o, trust_class=None) is None


def test_an_entry_with_a_kind_only_leaves_the_agency_to_the_certificate() -> None:
    text = PROVINCE + f'[[certificates]]\nsha256 = "{ONE}"\nkind = "person"\n'
    registry = registry_of(text)
    unit: dict[str, Any] = {"uid": "MNS:300", "certificate_sha256": ONE, "signer_unit": "Văn thư"}
    assert (code(registry, **unit), kind(registry, **unit)) == ("so-khcn", _PERSON)


def test_a_listed_certificate_of_an_agency_that_ended_is_its_heirs() -> None:
    text = PROVINCE + f'[[certificates]]\nsha256 = "{ONE}"\nagency = "so-tttt"\n'
    registry = registry_of(text)
    assert code(registry, date(2025, 2, 28), certificate_sha256=ONE) == "so-tttt"
    assert code(registry, DAY, certificate_sha256=ONE) == "so-khcn"


# -- mailboxes ----------------------------------------------------------------------------------


def test_an_agencys_certificates_may_sign_as_its_mailbox_by_identity_and_never_by_name() -> None:
    text = PROVINCE + MAP + f"""
    [[certificates]]
    subject = {{ cn = "Sở", o = "Tỉnh" }}
    agency = "so-khcn"

    [[mailboxes]]
    address = "vanban@skhcn.tinh.gov.vn"
    agency = "so-khcn"
    officers = ["an@skhcn.tinh.gov.vn"]
    certificates = ["{OTHER}"]
    valid_from = 2025-07-01
    """  # fmt: skip
    rights = registry_of(text).mailbox_rights()
    assert {right.address for right in rights} == {"vanban@skhcn.tinh.gov.vn"}
    assert {c for right in rights for c in right.certificates} == {ONE, OTHER}
    assert {uid for right in rights for uid in right.uids} == {"MNS:300"}
    assert {e for right in rights for e in right.emails} == {"an@skhcn.tinh.gov.vn"}
    assert {(right.first_day, right.last_day) for right in rights} == {(date(2025, 7, 1), None)}


def test_a_right_ends_with_the_agency_that_it_comes_from() -> None:
    text = PROVINCE + '[[mailboxes]]\naddress = "a@tinh.gov.vn"\nagency = "so-tttt"\n'
    (right,) = registry_of(text).mailbox_rights()
    assert (right.first_day, right.last_day) == (None, date(2025, 2, 28))
