"""A registry file is read whole or refused with every mistake named at once."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.agencies import Agency, Registry
from monitor.agencies.reading import RegistryMistakes, parse
from monitor.errors import UserError
from tests.agencies.attribution_samples import PROVINCE

GALLERY = sorted((Path(__file__).parent / "bad").glob("*.toml"))


@pytest.mark.parametrize("bad", GALLERY, ids=lambda path: path.stem)
def test_a_bad_registry_is_refused_with_exactly_this_message(bad: Path) -> None:
    with pytest.raises(UserError) as refused:
        Registry.load(bad)
    said = str(refused.value).replace(str(bad), bad.name)
    assert said == bad.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")


def test_every_message_of_the_gallery_has_its_file() -> None:
    texts = sorted((Path(__file__).parent / "bad").glob("*.txt"))
    assert [text.stem for text in texts] == [bad.stem for bad in GALLERY]


def test_a_missing_file_is_said_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no such file; agencies\.registry names a TOML file"):
        Registry.load(tmp_path / "none.toml")


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        Registry.load(tmp_path)


def test_a_good_registry_is_loaded_with_its_fingerprint(tmp_path: Path) -> None:
    file = tmp_path / "agencies.toml"
    file.write_text("\ufeff" + PROVINCE, encoding="utf-8")
    registry = Registry.load(file)
    assert [a.code for a in registry.agencies] == ["ubnd", "vp-ubnd", "so-tttt", "so-khcn", "xa-a"]
    assert len(registry.fingerprint) == 64
    file.write_text(PROVINCE + "\n", encoding="utf-8")
    assert Registry.load(file).fingerprint != registry.fingerprint


def test_an_agency_may_change_everything_but_its_code() -> None:
    agencies, _, _ = parse(b"""
    [[agencies]]
    code = "tinh"
    name = "T"
    level = "province"

    [[agencies]]
    code = "huyen"
    name = "H"
    level = "district"
    parent = "tinh"
    valid_to = 2025-06-30

    [[agencies]]
    code = "xa"
    name = "X cu"
    level = "commune"
    parent = "huyen"
    domains = ["x.huyen.gov.vn"]
    valid_to = 2025-06-30

    [[agencies]]
    code = "xa"
    name = "X moi"
    level = "commune"
    parent = "tinh"
    domains = ["x.tinh.gov.vn"]
    valid_from = 2025-07-01
    """)
    registry = Registry(agencies)
    before, after = registry.at(date(2025, 6, 30)), registry.at(date(2025, 7, 1))
    assert [a.code for a in before.ancestors("xa")] == ["huyen", "tinh"]
    assert [a.code for a in after.ancestors("xa")] == ["tinh"]
    assert before.by_address("a@x.tinh.gov.vn") is None
    assert after.by_address("a@x.huyen.gov.vn") is None


def test_parents_swapped_over_time_are_no_ring() -> None:
    def entry(code: str, parent: str | None, **days: date) -> Agency:
        return Agency(code=code, name=code, level="province", parent=parent, **days)

    turn = date(2025, 7, 1)
    agencies, _, _ = parse(
        _toml(
            entry("a", None, valid_to=turn - timedelta(days=1)),
            entry("b", "a", valid_to=turn - timedelta(days=1)),
            entry("a", "b", valid_from=turn),
            entry("b", None, valid_from=turn),
        )
    )
    assert len(agencies) == 4


def test_a_parent_with_two_entries_end_to_end_covers_its_child() -> None:
    agencies, _, _ = parse(b"""
    [[agencies]]
    code = "tinh"
    name = "T cu"
    level = "province"
    valid_to = 2025-06-30

    [[agencies]]
    code = "tinh"
    name = "T moi"
    level = "province"
    valid_from = 2025-07-01

    [[agencies]]
    code = "xa"
    name = "X"
    level = "commune"
    parent = "tinh"
    """)
    assert len(agencies) == 3


def test_every_problem_is_said_at_once() -> None:
    with pytest.raises(RegistryMistakes) as refused:
        parse(b"""
        [[agencies]]
        code = "a"
        name = "A"
        level = "planet"
        parent = "nobody"

        [[agencies]]
        code = "b"
        level = "commune"

        [[agencies]]
        code = "c"
        name = "C"
        level = "commune"
        parent = "b"
        """)
    assert len(refused.value.lines) == 3


def test_two_thousand_agencies_are_read_and_answered() -> None:
    head = '[[agencies]]\ncode = "tinh"\nname = "T"\nlevel = "province"\n'
    rest = "".join(
        f'[[agencies]]\ncode = "xa-{n}"\nname = "Xa {n}"\nlevel = "commune"\nparent = "tinh"\n'
        f'domains = ["xa{n}.tinh.gov.vn"]\nuid = ["MNS:{n}"]\n'
        for n in range(2000)
    )
    agencies, levels, _ = parse((head + rest).encode())
    view = Registry(agencies, levels).at(date(2026, 1, 1))
    for n in range(2000):
        found = view.by_address(f"an@xa{n}.tinh.gov.vn")
        assert found is not None
        assert found.code == f"xa-{n}"


def _toml(*agencies: Agency) -> bytes:
    lines = []
    for agency in agencies:
        lines.append("[[agencies]]")
        for key, value in agency.model_dump(exclude_defaults=True).items():
            lines.append(f"{key} = {value if isinstance(value, date) else repr(value)}")
    return "\n".join(lines).encode()
