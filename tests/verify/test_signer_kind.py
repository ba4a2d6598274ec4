"""Person or organisation, as certificates in Viet Nam and the EU say it."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from monitor.model import SignerKind
from monitor.verify.certificate import certificate
from monitor.verify.subject import holder
from tests.verify import making as make

_PERSON, _ORGANISATION = SignerKind.PERSON, SignerKind.ORGANISATION


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        (make.name("Nguyễn Văn A", o="Sở Y tế", ou="Phòng Kế hoạch"), _PERSON),
        (make.name("Sở Y tế", o="UBND tỉnh", uid="MNS:1057059"), _ORGANISATION),
        (make.name("Công ty A", o="Công ty A", uid="MST:0316950978"), _ORGANISATION),
        (make.name("Trần Thị B", o="Công ty A", uid="CMND:012345678"), _PERSON),
        (make.name("CÔNG BÁO NƯỚC", o="VĂN PHÒNG CHÍNH PHỦ"), _ORGANISATION),
        (make.name("PHÒNG VĂN THƯ", o="BỘ XÂY DỰNG", ou="VĂN PHÒNG BỘ"), None),
        (make.name("Văn phòng", o="BỘ XÂY DỰNG", ou="BỘ XÂY DỰNG"), None),
        (make.name("Văn thư Sở", o="Sở Y tế", ou="Văn phòng"), None),
        (make.name("UBND-Phường 1", o="UBND tỉnh", ou="UBND quận"), None),
        (make.name("ĐỘI QUẢN LÝ 3", o="Cục Thuế", ou="Chi cục"), None),
        (make.name("Sở Y tế", o="UBND tỉnh", ou="Sở Y tế", uid="MNS:1057059"), _ORGANISATION),
        (make.name("Văn phòng", o="Sở Y tế", ou="Sở Y tế", uid="CCCD:1"), _PERSON),
        (make.name("Công ty A", o="Sở khác"), _ORGANISATION),
        (make.name("Nguyễn Văn A", o="Sở Y tế"), None),
        (make.name("Sở Y tế"), None),
        (make.name("Bộ Văn C", o="Sở Y tế", ou="Thanh tra"), None),
        (make.name("Đoàn Văn C", o="Sở Y tế", ou="Thanh tra"), _PERSON),
        (make.name("Vũ Thị D", o="Sở Y tế", ou="Thanh tra"), _PERSON),
        (make.name("Tô Hội E", o="Sở Y tế", ou="Thanh tra"), _PERSON),
        (make.name("Vương Thị Sở", o="Sở Y tế", ou="Thanh tra"), _PERSON),
        (make.name("Ai đó"), None),
    ],
)
def test_the_profile_tells_persons_organisations_and_units_apart(
    subject: x509.Name, kind: SignerKind | None
) -> None:
    assert holder(certificate(make.issue(subject).der)).kind is kind


def test_a_given_name_makes_a_person_and_an_organisation_identifier_a_seal() -> None:
    natural = x509.Name([
        x509.NameAttribute(NameOID.GIVEN_NAME, "A"), x509.NameAttribute(NameOID.SURNAME, "B")
    ])  # fmt: skip
    legal = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, "VATEE-1"),
        x509.NameAttribute(NameOID.COMMON_NAME, "Seal"),
    ])  # fmt: skip
    assert holder(certificate(make.issue(natural).der)).kind is _PERSON
    assert holder(certificate(make.issue(legal).der)).kind is _ORGANISATION


def test_addresses_come_from_san_and_subject_without_repetition() -> None:
    names = x509.SubjectAlternativeName([x509.RFC822Name("A@so.example")])
    subject = make.name("A", e="a@so.example")
    found = holder(certificate(make.issue(subject, extensions=[(names, False)]).der))
    assert found.emails == ("a@so.example",)
    assert found.subject == "CN=A, E=a@so.example"


def test_decomposed_names_are_composed() -> None:
    decomposed = "So\u031b\u0309 Y te\u0302\u0301"
    assert holder(certificate(make.issue(make.name(decomposed)).der)).subject == "CN=Sở Y tế"
