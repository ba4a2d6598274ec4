"""Two histories of 1 July 2025 as lists: districts abolished, three provinces merged."""

from datetime import date, datetime
from pathlib import Path

import pytest

from monitor.agencies import Registry, attribute
from monitor.clock import VIETNAM
from monitor.model import Direction
from tests.agencies.attribution_samples import SOURCE, examined, facts, mail_header, signature
from tests.agencies.command import DATA, Command

LAST, FIRST = date(2025, 6, 30), date(2025, 7, 1)
LATE = datetime(2025, 6, 30, 23, 59, 59, tzinfo=VIETNAM)
EARLY = datetime(2025, 7, 1, 0, 0, 0, tzinfo=VIETNAM)


@pytest.fixture
def registry_file(tmp_path: Path) -> Path:
    return tmp_path / "agencies.toml"


@pytest.fixture
def two_level(registry_file: Path, agencies: Command) -> Registry:
    return imported(registry_file, agencies, "two-level")


@pytest.fixture
def merged(registry_file: Path, agencies: Command) -> Registry:
    return imported(registry_file, agencies, "three-provinces")


def imported(path: Path, agencies: Command, name: str) -> Registry:
    for file, since in ((f"{name}-2024.csv", "2024-01-01"), (f"{name}-2025-07-01.csv", FIRST)):
        done = agencies("import", DATA / file, "--registry", path, "--from", since, "--apply")
        assert done.status == 0, done.err
    return Registry.load(path)


def owner(registry: Registry, sender: str, at: datetime, to: str = "a@example.org") -> str | None:
    header = mail_header(sender, received_at=at)
    mail = examined(facts(sender, to=(to,)))
    return attribute(header, mail, registry, SOURCE).sender_agency


def test_a_communes_mail_is_the_new_communes_from_the_first_of_july(two_level: Registry) -> None:
    for sender, before, after in (
        ("lan.anhoa@huyenan.tinh.gov.vn", "xa-an-hoa", "an-hoa"),
        ("lan.anloc@huyenan.tinh.gov.vn", "xa-an-loc", "an-hoa"),
        ("lan.anson@huyenan.tinh.gov.vn", "xa-an-son", "an-son"),
        ("lan@huyenan.tinh.gov.vn", "huyen-an", "an-son"),
        ("lan@tanlap.huyenbinh.tinh.gov.vn", "xa-tan-lap", "tan-lap"),
        ("lan@tantien.huyenbinh.tinh.gov.vn", "xa-tan-tien", "tan-lap"),
        ("lan@huyenbinh.tinh.gov.vn", "huyen-binh", "tan-lap"),
        ("lan@anhoa.tinh.gov.vn", "ubnd-tinh", "an-hoa"),
        ("lan@tinh.gov.vn", "ubnd-tinh", "ubnd-tinh"),
    ):
        assert (owner(two_level, sender, LATE), owner(two_level, sender, EARLY)) == (before, after)


def test_mail_between_merged_communes_becomes_internal(two_level: Registry) -> None:
    sender, receiver = "lan.anhoa@huyenan.tinh.gov.vn", "binh.anphu@huyenan.tinh.gov.vn"
    mail = examined(facts(sender, to=(receiver,)))
    directions = [
        attribute(mail_header(sender, received_at=at), mail, two_level, SOURCE).direction
        for at in (LATE, EARLY)
    ]
    assert directions == [Direction.OUT, Direction.INTERNAL]


def test_the_tree_has_three_levels_and_then_two(two_level: Registry) -> None:
    before, after = two_level.at(LAST), two_level.at(FIRST)
    assert [a.code for a in before.ancestors("xa-an-phu")] == ["huyen-an", "ubnd-tinh"]
    assert [a.code for a in after.ancestors("an-hoa")] == ["ubnd-tinh"]
    assert {a.level for a in before.agencies.values()} == {"province", "district", "commune"}
    assert {a.level for a in after.agencies.values()} == {"province", "commune"}
    assert set(after.agencies) == {"ubnd-tinh", "an-hoa", "an-son", "tan-lap"}


def test_heirs_are_known_and_a_split_districts_are_several(two_level: Registry) -> None:
    assert two_level.heirs("xa-an-loc") == {"an-hoa"}
    assert two_level.heirs("tt-an") == {"an-son"}
    assert two_level.heirs("xa-tan-tien") == {"tan-lap"}
    assert two_level.heirs("huyen-an") == {"an-hoa", "an-son"}
    held = {code: two_level.holder(code, FIRST) for code in ("huyen-an", "huyen-binh", "xa-an-phu")}
    assert {code: found and found.code for code, found in held.items()} == {
        "huyen-an": None, "huyen-binh": "tan-lap", "xa-an-phu": "an-hoa",
    }  # fmt: skip


def test_three_mail_systems_go_on_under_the_merged_departments(merged: Registry) -> None:
    for sender, before, after in (
        ("lan@stc.mot.gov.vn", "stc-mot", "stc"),
        ("lan@stc.hai.gov.vn", "stc-hai", "stc"),
        ("lan@taichinh.ba.gov.vn", "stc-ba", "stc"),
        ("lan@stttt.mot.gov.vn", "stttt-mot", "skhcn"),
        ("lan@skhcn.hai.gov.vn", "skhcn-hai", "skhcn"),
        ("lan@mot.gov.vn", "ubnd-mot", "ubnd"),
        ("lan@hai.gov.vn", "ubnd-hai", "ubnd"),
        ("lan@moi.ba.gov.vn", "ubnd-ba", "ubnd"),
    ):
        assert (owner(merged, sender, LATE), owner(merged, sender, EARLY)) == (before, after)


def test_organ_codes_of_both_schemes_lead_to_who_has_them_on_the_day(merged: Registry) -> None:
    for code, before, after in (
        ("000.00.09.H53", "stc-mot", "stc"),
        ("H53.09", "stc-mot", "stc"),
        ("H17.09", "stc-hai", "stc"),
        ("000.00.11.H60", "stc-ba", "stc"),
        ("H60.11", "stc-ba", "stc"),
        ("H53", "ubnd-mot", "ubnd"),
    ):
        found = [merged.at(day).by_code(code) for day in (LAST, FIRST)]
        assert [agency and agency.code for agency in found] == [before, after]


def test_certificates_of_the_former_departments_are_their_heirs(merged: Registry) -> None:
    signed = signature("MNS:202")
    signers = [merged.signer(signed, day).agency for day in (LAST, FIRST)]
    assert [agency and agency.code for agency in signers] == ["stc-hai", "stc"]
    assert merged.heirs("stttt-mot") == {"skhcn"}
    assert merged.heirs("ubnd-hai") == {"ubnd"}


@pytest.mark.parametrize("name", ["two-level", "three-provinces"])
def test_the_lists_imported_again_change_nothing(
    name: str, registry_file: Path, agencies: Command
) -> None:
    imported(registry_file, agencies, name)
    before = registry_file.read_bytes()
    for file, since in (
        (f"{name}-2025-07-01.csv", FIRST),
        (f"{name}-2025-07-01.csv", "2026-01-01"),
    ):
        again = agencies(
            "import", DATA / file, "--registry", registry_file, "--from", since, "--apply"
        )
        assert again.status == 0, again.err
        assert "nothing to apply" in again.out
    assert registry_file.read_bytes() == before


def test_the_list_of_before_is_no_list_of_after(registry_file: Path, agencies: Command) -> None:
    imported(registry_file, agencies, "two-level")
    again = agencies(
        "import", DATA / "two-level-2024.csv", "--registry", registry_file, "--from", "2025-07-01"
    )
    assert again.status == 1
    assert "row 3, column Mã: huyen-an ended on 2025-06-30: leave the row out" in again.err
