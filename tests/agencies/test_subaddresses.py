"""Agencies that share a domain are told apart by the local parts of their addresses."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.agencies import View
from monitor.agencies.names import MAX_ADDRESS
from monitor.agencies.reading import RegistryMistakes
from monitor.agencies.subaddress import SubAddresses, pattern
from tests.agencies.attribution_samples import registry_of, signature

SHARED = """
[[agencies]]
code = "ubnd"
name = "Ủy ban nhân dân tỉnh"
level = "province"
domains = ["tinh.gov.vn"]
addresses = ["vanban@tinh.gov.vn"]

[[agencies]]
code = "stc"
name = "Sở Tài chính"
level = "department"
parent = "ubnd"
addresses = ["*.stc@tinh.gov.vn", "stc-*@tinh.gov.vn", "vanban+stc@tinh.gov.vn", "*+tc@tinh.gov.vn"]

[[agencies]]
code = "stc-kb"
name = "Chi cục"
level = "department"
parent = "stc"
addresses = ["*.kb.stc@tinh.gov.vn", "stc-kb-*@tinh.gov.vn", "Truong.STC@Tinh.gov.vn"]
"""
TODAY = registry_of(SHARED).at(date(2026, 3, 10))


def code_of(view: View, address: str) -> str | None:
    agency = view.by_address(address)
    return agency.code if agency else None


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("lan.stc@tinh.gov.vn", "stc"),
        ("LAN.STC@TINH.GOV.VN", "stc"),
        ("stc-lan@tinh.gov.vn", "stc"),
        ("lan.kb.stc@tinh.gov.vn", "stc-kb"),
        ("stc-kb-lan@tinh.gov.vn", "stc-kb"),
        ("truong.stc@tinh.gov.vn", "stc-kb"),
        ("vanban@tinh.gov.vn", "ubnd"),
        ("vanban+stc@tinh.gov.vn", "stc"),
        ("vanban+moi@tinh.gov.vn", "ubnd"),
        ("vanban+tc@tinh.gov.vn", "stc"),
        ("lan.stc+tin@tinh.gov.vn", "stc"),
        ("truong.stc+tin@tinh.gov.vn", "stc-kb"),
        ("lan+x.stc@tinh.gov.vn", "ubnd"),
        (".stc@tinh.gov.vn", "ubnd"),
        ("stc-@tinh.gov.vn", "ubnd"),
        ("+@tinh.gov.vn", "ubnd"),
        ("lan.stc@khac.gov.vn", None),
        ("lan.stc@so.tinh.gov.vn", None),
    ],
)
def test_an_address_on_a_shared_domain_belongs_to_the_longest_pattern(
    address: str, code: str | None
) -> None:
    assert code_of(TODAY, address) == code


def test_an_address_that_a_pattern_holds_is_a_listed_one() -> None:
    stc = TODAY.agencies["stc"]
    assert TODAY.has_mailbox(stc, "lan.stc@tinh.gov.vn")
    assert not TODAY.has_mailbox(stc, "lan@tinh.gov.vn")


def test_a_certificate_with_a_sub_address_is_its_agencys() -> None:
    signed = signature(signer_emails=("lan.stc@tinh.gov.vn",))
    signer = registry_of(SHARED).signer(signed, date(2026, 3, 10))
    assert signer.agency is not None
    assert signer.agency.code == "stc"


@pytest.mark.parametrize(
    "written",
    ["*@tinh.gov.vn", "a*b@tinh.gov.vn", "*a*@tinh.gov.vn", "**a@tinh.gov.vn", "a@*.gov.vn",
     "*a@*.gov.vn", f"*{'a' * 65}@tinh.gov.vn", "*.stc", "@tinh.gov.vn"],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"write|at most 64"):
        pattern(written)


def test_an_agencys_own_mailbox_is_one_address() -> None:
    with pytest.raises(RegistryMistakes, match=r"'\*\.stc@tinh\.gov\.vn' is no mail address"):
        registry_of(SHARED + '[[mailboxes]]\naddress = "*.stc@tinh.gov.vn"\nagency = "stc"\n')


@pytest.mark.parametrize(
    ("own", "rivals", "refused"),
    [
        ("stc-*@tinh.gov.vn", "stc-*@tinh.gov.vn", "is also"),
        ("*.stc@tinh.gov.vn", "khcn*@tinh.gov.vn", "hold the same addresses"),
        ("*.stc@tinh.gov.vn", "skhcn*@tinh.gov.vn", None),
        ("*.stc@tinh.gov.vn", "khcn*@tinh2.gov.vn", None),
        ("*+stc@tinh.gov.vn", "khcn*@tinh.gov.vn", None),
        ("stc-*@tinh.gov.vn", "stc-kb-*@tinh.gov.vn", None),
    ],
)
def test_two_agencies_patterns_must_not_hold_one_address_alike(
    own: str, rivals: str, refused: str | None
) -> None:
    text = "".join(
        f'[[agencies]]\ncode = "{code}"\nname = "{code}"\nlevel = "commune"\n'
        f'addresses = ["{address}"]\n'
        for code, address in (("a", own), ("b", rivals))
    )
    if refused is None:
        registry_of(text)
        return
    with pytest.raises(RegistryMistakes, match=refused):
        registry_of(text)


LOCALS = st.text("ab.+-", min_size=1, max_size=8)
PATTERNS = st.tuples(LOCALS, st.sampled_from(["begin", "end", ""]))


@settings(deadline=None)
@given(st.lists(PATTERNS, max_size=8), LOCALS)
def test_the_owner_is_that_of_the_longest_fixed_part(
    patterns: list[tuple[str, str]], local: str
) -> None:
    """What the tables answer is what trying every pattern answers."""
    written = {
        f"{'*' * (side == 'begin')}{fixed}{'*' * (side == 'end')}@x.vn" for fixed, side in patterns
    }
    addresses: SubAddresses[str] = SubAddresses()
    for each in written:
        addresses.add(pattern(each), each)
    assert _fixed(addresses.find(f"{local}@x.vn")) == _fixed(_by_trying(written, local))


def _fixed(owner: str | None) -> int | None:
    return None if owner is None else len(owner.partition("@")[0].strip("*"))


def _by_trying(written: set[str], local: str) -> str | None:
    user = local.partition("+")[0] or local
    singles = {each for each in written if "*" not in each}
    detailed = {each for each in written - singles if "+" in each}
    for held, candidates in (
        (local, singles), (local, detailed), (user, singles), (user, written - singles - detailed)
    ):  # fmt: skip
        owners = [each for each in candidates if _holds(each.partition("@")[0], held)]
        if owners:
            return max(owners, key=len)
    return None


def _holds(written: str, local: str) -> bool:
    fixed = written.strip("*")
    if written.startswith("*"):
        return local.endswith(fixed) and len(local) > len(fixed)
    if written.endswith("*"):
        return local.startswith(fixed) and len(local) > len(fixed)
    return local == written


def test_an_address_longer_than_any_is_nobodys() -> None:
    held = ".stc@tinh.gov.vn"
    assert code_of(TODAY, "a" * (MAX_ADDRESS - len(held)) + held) == "stc"
    assert code_of(TODAY, "a." * 1_000_000 + "stc@tinh.gov.vn") is None
    assert code_of(TODAY, "a@" + "a." * 1_000_000 + "tinh.gov.vn") is None
    below = registry_of(SHARED.replace('"tinh.gov.vn"', '"*.tinh.gov.vn"')).at(date(2026, 3, 10))
    assert code_of(below, "a@" + "a." * 122 + "tinh.gov.vn") == "ubnd"
    assert code_of(below, "a@" + "a." * 123 + "tinh.gov.vn") is None


def test_a_system_name_leads_to_its_agency_behind_codes() -> None:
    registry = registry_of(
        """
        [[agencies]]
        code = "stc"
        name = "Sở Tài chính"
        level = "department"
        organ_codes = ["H53.9"]
        system_names = ["STC - Phòng Văn thư", "skhcn"]

        [[agencies]]
        code = "skhcn"
        name = "Sở Khoa học và Công nghệ"
        level = "department"
        """
    )
    view = registry.at(date(2026, 3, 10))
    found = {name: view.by_code(name) for name in ("stc - phòng  văn thư", "skhcn", "H53.9", "x")}
    assert {name: agency and agency.code for name, agency in found.items()} == {
        "stc - phòng  văn thư": "stc", "skhcn": "skhcn", "H53.9": "stc", "x": None,
    }  # fmt: skip
