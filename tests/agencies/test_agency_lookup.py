"""The registry answers for one day, in every spelling."""

import unicodedata
from datetime import date
from typing import Any

import pytest

from monitor.agencies import Registry, View
from tests.agencies.attribution_samples import province, signature

REGISTRY = province()
TODAY = REGISTRY.at(date(2026, 3, 10))
THEN = REGISTRY.at(date(2025, 2, 28))


def code_of(view: View, address: str) -> str | None:
    agency = view.by_address(address)
    return agency.code if agency else None


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("an@skhcn.tinh.gov.vn", "so-khcn"),
        ("An@SKHCN.Tinh.Gov.VN", "so-khcn"),
        ("an@skhcn.tinh.gov.vn.", "so-khcn"),
        ("an@tinh.gov.vn", "ubnd"),
        ("an@moi.skhcn.tinh.gov.vn", "ubnd"),
        ("an@xãa.tinh.gov.vn", "xa-a"),
        (unicodedata.normalize("NFD", "AN@XÃA.tinh.gov.vn"), "xa-a"),
        ("an@xn--xa-sia.tinh.gov.vn", "xa-a"),
        ("an@vp.tinh.gov.vn", "vp-ubnd"),
        ("an@ｓｋｈｃｎ.tinh.gov.vn", "ubnd"),
        ("an@skhcn.tinh.gov.vn。", None),
        ("an@s\u212ahcn.tinh.gov.vn", "ubnd"),
        ("an@skhcn.tinh.gov.\u2170n", None),
        ("an@skhcn.tinh.gov.vn.example.org", None),
        ("an@notskhcn.gov.vn", None),
        ("skhcn.tinh.gov.vn", None),
        ("@skhcn.tinh.gov.vn", None),
        ("an@", None),
        ("", None),
    ],
)
def test_an_address_belongs_to_the_longest_match(address: str, code: str | None) -> None:
    assert code_of(TODAY, address) == code


def test_a_single_mailbox_goes_before_its_domain() -> None:
    assert code_of(THEN, "Duong-Day-Nong@tinh.gov.vn") == "so-tttt"
    assert code_of(TODAY, "duong-day-nong@tinh.gov.vn") == "ubnd"


def test_the_last_day_in_force_is_included_and_the_next_is_not() -> None:
    assert code_of(THEN, "an@stttt.tinh.gov.vn") == "so-tttt"
    assert code_of(REGISTRY.at(date(2025, 3, 1)), "an@stttt.tinh.gov.vn") == "ubnd"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("000.20.31.H53", "so-tttt"),
        ("H53.31.20", "so-tttt"),
        ("h53.31.20", "so-tttt"),
        ("H53.DN.7", "so-tttt"),
        ("H53", "ubnd"),
        ("000.00.00.H53", "ubnd"),
        ("H53.40", "so-khcn"),
        ("H53.31", None),
        ("", None),
    ],
)
def test_an_organ_code_is_found_in_both_schemes(written: str, code: str | None) -> None:
    agency = THEN.by_organ_code(written)
    assert (agency.code if agency else None) == code


def test_a_manifest_may_write_the_code_or_the_organ_code() -> None:
    for written in ("so-khcn", " SO-KHCN ", "H53.40"):
        agency = TODAY.by_code(written)
        assert agency is not None
        assert agency.code == "so-khcn"


def signer(registry: Registry, day: date, **subject: Any) -> str | None:
    agency = registry.signer(signature(**subject), day).agency
    return agency.code if agency else None


def test_a_signer_is_known_by_uid_before_mail_before_organisation() -> None:
    day = date(2025, 1, 1)
    mail = ("an@skhcn.tinh.gov.vn",)
    organisation = unicodedata.normalize("NFD", "SỞ  Thông tin và truyền thông ")
    assert signer(REGISTRY, day, uid="mns: 100", signer_emails=mail) == "ubnd"
    assert signer(REGISTRY, day, uid="CMND:1", signer_emails=mail) == "so-khcn"
    assert signer(REGISTRY, day, signer_emails=mail, signer_organisation=organisation) == "so-khcn"
    assert signer(REGISTRY, day, signer_organisation=organisation) == "so-tttt"
    assert signer(REGISTRY, day, signer_organisation="Sở khác") is None


def test_a_certificate_that_outlives_its_agency_leads_to_the_only_heir() -> None:
    assert signer(REGISTRY, date(2025, 2, 28), uid="MNS:200") == "so-tttt"
    assert signer(REGISTRY, date(2025, 3, 1), uid="MNS:200") == "so-khcn"


def test_a_split_agencys_certificate_is_nobodys() -> None:
    split = [
        a.model_copy(update={"successors": ("so-khcn", "vp-ubnd")}) if a.code == "so-tttt" else a
        for a in REGISTRY.agencies
    ]
    assert signer(Registry(split), date(2025, 3, 1), uid="MNS:200") is None


def test_ancestors_are_named_nearest_first() -> None:
    assert [a.code for a in TODAY.ancestors("so-khcn")] == ["ubnd"]
    assert TODAY.ancestors("nobody") == []


def test_views_of_days_between_two_changes_are_one() -> None:
    assert REGISTRY.at(date(2026, 1, 1)) is REGISTRY.at(date(2026, 7, 1))
    assert REGISTRY.at(date(2025, 2, 28)) is not REGISTRY.at(date(2025, 3, 1))


def test_codes_name_past_agencies_too() -> None:
    assert province().codes() == {"ubnd", "vp-ubnd", "so-tttt", "so-khcn", "xa-a"}


def test_an_empty_registry_knows_nobody() -> None:
    assert Registry().at(date(2026, 1, 1)).by_address("an@tinh.gov.vn") is None
    assert signer(Registry(), date(2026, 1, 1), uid="MNS:1") is None
