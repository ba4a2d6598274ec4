"""Appendices and copies are told by what a register or a file's name says."""

import pytest

from monitor.model import DocumentRole
from monitor.model.document_roles import declared_role, named_appendix


@pytest.mark.parametrize(
    ("document_type", "notation"),
    [
        ("Bản sao y", None),
        ("BẢN SAO LỤC", "UBND-VP"),
        ("trích sao", None),
        ("Sao y bản chính", None),
        ("Bản sao", None),
        (None, "SY-UBND"),
        (None, "SL/UBND"),
        (None, "TrS-VP"),
        ("Công văn", "SY - VP"),
        ("Ba\u0309n sao y", None),
    ],
)
def test_a_copy_is_known_by_its_type_or_its_notation(
    document_type: str | None, notation: str | None
) -> None:
    assert declared_role(document_type, notation) is DocumentRole.COPY


def test_an_appendix_is_known_by_its_type() -> None:
    assert declared_role("Phụ lục", "UBND-VP") is DocumentRole.APPENDIX


@pytest.mark.parametrize(
    ("document_type", "notation"),
    [
        ("Công văn", "UBND-VP"),
        ("Quyết định", "QĐ-UBND"),
        (None, "SYT-NVY"),
        (None, "SLĐTBXH-VP"),
        (None, "UBND-SY"),
        ("Báo cáo sao kê", None),
        (None, None),
    ],
)
def test_other_types_and_notations_say_nothing(
    document_type: str | None, notation: str | None
) -> None:
    assert declared_role(document_type, notation) is None


@pytest.mark.parametrize(
    "name",
    [
        "Phụ lục.pdf",
        "Phụ lục 1.pdf",
        "PHU LUC II.docx",
        "phuluc01.pdf",
        "PL01.pdf",
        "PL 2.pdf",
        "PL-III.xlsx",
        "01. Phụ lục kèm theo.pdf",
        "2_phu_luc_so_3.pdf",
        "12-UBND_PL1.pdf",
        "123_CV_PhuLuc2.pdf",
        "Báo cáo tháng 3 (Phụ lục 1).pdf",
        "Phu\u0323 lu\u0323c 4.pdf",
    ],
)
def test_names_that_say_appendix(name: str) -> None:
    assert named_appendix(name)


@pytest.mark.parametrize(
    "name",
    [
        "Công văn góp ý phụ lục.pdf",
        "Quyết định ban hành phụ lục 1.pdf",
        "PLAN.pdf",
        "PLX-2026.pdf",
        "Phú Lương.pdf",
        "van-ban.pdf",
        "12-PLYT.pdf",
        "",
    ],
)
def test_names_that_only_speak_of_one_do_not(name: str) -> None:
    assert not named_appendix(name)
