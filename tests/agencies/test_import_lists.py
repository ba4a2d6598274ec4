"""A list changes the registry by what it says, from its first day on, and nothing else."""

import json
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from monitor.agencies import Agency, Registry
from monitor.agencies.reading import parse
from tests.agencies.command import Command, Said

DISTRICTS = '# Who is who.\nlevels = ["province", "department", "district", "commune"]\n'
REGISTRY = (
    DISTRICTS
    + """
# The top.
[[agencies]]
code = "ubnd"
name = "Ủy ban nhân dân tỉnh"
level = "province"
domains = ["tinh.gov.vn"]   # everybody's
organ_codes = ["000.00.00.H53"]

# Finance: asked on 3 May.
[[agencies]]
code = "stc"
name = "Sở Tài chính"
aliases = ["STC"]
level = "department"
parent = "ubnd"
addresses = [
    "*.stc@tinh.gov.vn",  # until they have a domain
]
organ_codes = ["000.00.09.H53"]
uid = ["MNS:9"]
organisations = ["STC tỉnh"]

[[mailboxes]]
address = "vanthu@tinh.gov.vn"
agency = "ubnd"

# Ended.
[[agencies]]
code = "cu"
name = "Sở Cũ"
level = "department"
valid_to = 2024-12-31
successors = ["stc"]

[[agencies]]
code = "moi"
name = "Sở Mới"
level = "department"
parent = "ubnd"
valid_from = 2025-01-01
"""
)
NEW_YEAR = "2026-01-01"


class Bench:
    """A registry file, lists, and the command that brings them together."""

    def __init__(self, folder: Path, agencies: Command) -> None:
        self.folder = folder
        self.path = folder / "agencies.toml"
        self.path.write_text(REGISTRY, encoding="utf-8")
        self.command = agencies

    def run(self, text: str, *options: str, name: str = "list.csv", since: str = NEW_YEAR) -> Said:
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.command(
            "import", self.folder / name, "--registry", self.path, "--from", since, *options
        )

    def answer(self, text: str, *options: str, **named: str) -> dict[str, Any]:
        said = self.run(text, "--json", *options, **named)
        found: dict[str, Any] = json.loads(said.out)
        assert said.status == (1 if found["problems"] else 0)
        return found

    def problems(self, text: str, *options: str, **named: str) -> list[str]:
        """Problems of a list without the file's name; the registry stays as it is."""
        before = self.path.read_bytes()
        said = self.run(text, "--apply", *options, **named)
        assert said.status == 1
        assert self.path.read_bytes() == before
        assert [each.name for each in self.folder.glob("agencies.toml?*")] == []
        return [line.removeprefix("congvu: list.csv, ") for line in said.err.splitlines()]

    def applied(self, text: str, *options: str, **named: str) -> Registry:
        said = self.run(text, "--apply", *options, **named)
        assert said.status == 0, said.err
        return Registry.load(self.path)

    def entries(self, code: str) -> list[Agency]:
        return [agency for agency in Registry.load(self.path).agencies if agency.code == code]


@pytest.fixture
def bench(tmp_path: Path, agencies: Command) -> Bench:
    return Bench(tmp_path, agencies)


def test_a_dry_run_shows_everything_and_writes_nothing(bench: Bench) -> None:
    text = (
        "code,name,level,parent,domains,valid_to,successors\n"
        "stc,Sở Tài chính và Đầu tư,Sở,ubnd,stc.tinh.gov.vn,,\n"
        "xa-a,UBND xã A,Xã,Ủy ban nhân dân tỉnh,,,\n"
        "moi,,,,,2025-12-31,stc\n"
        "ubnd,Uỷ ban  nhân dân Tỉnh,Tỉnh,,tinh.gov.vn,,\n"
    )
    said = bench.run(text)
    assert said.status == 0
    assert said.err == ""
    assert said.out.splitlines()[1:] == [
        "added 1",
        "  + xa-a UBND xã A (commune, below ubnd) from 2026-01-01 [row 3]",
        "changed 1",
        "  ~ stc Sở Tài chính và Đầu tư from 2026-01-01 [row 2]",
        "      name: Sở Tài chính → Sở Tài chính và Đầu tư",
        "      domains: nothing → stc.tinh.gov.vn",
        "ended 1",
        "  - moi Sở Mới, last day 2025-12-31, succeeded by stc [row 4]",
        "unchanged 1",
        "nothing is written yet: add --apply.",
    ]
    assert bench.path.read_text(encoding="utf-8") == REGISTRY


def test_applying_edits_the_file_and_keeps_all_that_people_wrote(bench: Bench) -> None:
    text = (
        "code,name,addresses,valid_to,successors\n"
        "stc,Sở Tài chính và Đầu tư,*.stc@tinh.gov.vn,,\n"
        "moi,,,2025-12-31,stc\n"
    )
    bench.applied(text)
    (kept,) = bench.folder.glob("agencies.toml.2*")
    assert kept.read_text(encoding="utf-8") == REGISTRY
    expected = REGISTRY.replace(
        'organisations = ["STC tỉnh"]\n',
        """organisations = ["STC tỉnh"]
valid_to = 2025-12-31

[[agencies]]
code = "stc"
name = "Sở Tài chính và Đầu tư"
aliases = ["STC"]
level = "department"
parent = "ubnd"
addresses = ["*.stc@tinh.gov.vn"]
organ_codes = ["000.00.09.H53"]
uid = ["MNS:9"]
organisations = ["STC tỉnh"]
valid_from = 2026-01-01
""",
    ).replace(
        "valid_from = 2025-01-01\n",
        'valid_from = 2025-01-01\nvalid_to = 2025-12-31\nsuccessors = ["stc"]\n',
    )
    assert bench.path.read_text(encoding="utf-8") == expected


def test_the_same_list_again_changes_nothing_and_says_so(bench: Bench) -> None:
    text = "code,name,level,parent\nstc,Sở Tài chính và Đầu tư,Sở,ubnd\nxa-a,UBND xã A,Xã,ubnd\n"
    bench.applied(text)
    before = bench.path.read_bytes()
    for since in (NEW_YEAR, "2026-05-01"):
        said = bench.run(text, "--apply", since=since)
        assert said.out.splitlines()[-2:] == [
            "unchanged 2",
            "the registry says all of this already: nothing to apply.",
        ]
    assert bench.path.read_bytes() == before
    assert len(list(bench.folder.glob("agencies.toml.2*"))) == 1


@pytest.mark.parametrize(
    "row",
    [
        "stc,SỞ TÀI  CHÍNH,stc,H53.09,mns: 9,*.STC@tinh.gov.vn",
        "stc,So Tai chinh,STC,000.00.09.H53,MNS:9,*.stc@Tinh.gov.vn.",
        "stc,Sở Tài chính,STC,H53.09;000.00.09.H53,MNS:9,*.stc@tinh.gov.vn",
    ],
)
def test_spellings_are_no_changes(bench: Bench, row: str) -> None:
    found = bench.answer(f"code,name,aliases,organ_codes,uid,addresses\n{row}\n")
    assert found["problems"] == []
    assert (found["changed"], found["unchanged"]) == ([], 1)


def test_where_a_tone_mark_stands_is_no_change_but_another_mark_is(bench: Bench) -> None:
    bench.path.write_text(REGISTRY.replace("Sở Mới", "Sở Hòa Uý"), encoding="utf-8")
    assert bench.answer("code,name\nmoi,Sở Hoà Úy\n")["unchanged"] == 1
    (changed,) = bench.answer("code,name\nmoi,Sở Hóa Úy\n")["changed"]
    assert changed["fields"] == {"name": ["Sở Hòa Uý", "Sở Hóa Úy"]}


def test_a_list_without_codes_finds_agencies_by_organ_code_uid_and_name(bench: Bench) -> None:
    found = bench.answer(
        "Mã định danh,UID,Tên đơn vị,Cấp\n"
        "H53.09,,Sở Tài chính mới,Sở\n"
        ",,sở MỚI,Sở\n"
        "H53.77,,UBND Phường Đông Ngạc,Phường\n"
    )
    assert found["problems"] == []
    assert [(each["code"], each["row"]) for each in found["changed"]] == [("stc", 2)]
    assert found["changed"][0]["fields"]["name"] == ["Sở Tài chính", "Sở Tài chính mới"]
    assert found["unchanged"] == 1
    (added,) = found["added"]
    assert (added["code"], added["made"], added["level"]) == (
        "ubnd-phuong-dong-ngac", True, "commune",
    )  # fmt: skip
    by_uid = bench.answer("uid,name\nMNS:9,Sở Tài chính khác\n")
    assert [each["code"] for each in by_uid["changed"]] == ["stc"]


def test_codes_made_of_names_are_unique_and_do_not_change_with_the_next_import(
    bench: Bench,
) -> None:
    text = (
        "name,level,parent,organ_codes\n"
        "UBND xã Tân Lập,Xã,ubnd,H53.101\n"
        "UBND xã Tân Lập,Xã,ubnd,H53.102\n"
        "Sở Mới,Xã,stc,\n"
        "Trung tâm Hỗ trợ phát triển doanh nghiệp vừa và nhỏ tỉnh,Sở,ubnd,\n"
    ).replace("Sở Mới,Xã,stc", "Unknown,Xã,stc")
    found = bench.answer(text)
    assert [each["code"] for each in found["added"]] == [
        "ubnd-xa-tan-lap",
        "ubnd-xa-tan-lap-h53-102",
        "unknown-2",
        "trung-tam-ho-tro-phat-trien-doanh-nghiep",
    ]
    bench.applied(text)
    again = bench.answer("\n".join([text.splitlines()[0], *text.splitlines()[:0:-1]]) + "\n")
    assert (again["problems"], again["added"], again["unchanged"]) == ([], [], 4)


def test_of_two_agencies_of_one_name_the_parent_tells_or_nobody_does(bench: Bench) -> None:
    bench.applied(
        "code,name,level,parent\nh1,Huyện Một,Huyện,ubnd\nh2,Huyện Hai,Huyện,ubnd\n"
        "x1,UBND xã Tân Lập,Xã,h1\nx2,UBND xã Tân Lập,Xã,h2\n"
    )
    told = bench.answer("name,parent,domains\nUBND xã Tân Lập,Huyện Hai,x2.tinh.gov.vn\n")
    assert [each["code"] for each in told["changed"]] == ["x2"]
    untold = bench.answer("name,domains\nUBND xã Tân Lập,x2.tinh.gov.vn\n")
    assert [(p["row"], p["column"], p["what"]) for p in untold["problems"]] == [
        (2, "name", "may be any of x1, x2: write its code in a column code")
    ]


def test_new_agencies_that_nothing_tells_apart_are_a_mistake(bench: Bench) -> None:
    head = "name,level,parent\n"
    (problem,) = bench.problems(head + "Xã Mới,Xã,ubnd\nXã mới,Xã,ubnd\nXã Mới,Xã,stc\n")
    assert problem == (
        "row 3, column name: is as row 2 has it, and nothing tells the two apart: give them "
        "codes, or leave one of them"
    )


def test_an_heir_may_have_the_name_of_an_agency_that_the_same_list_ends(bench: Bench) -> None:
    registry = bench.applied(
        "name,level,parent,organ_codes,valid_to,successors\n"
        "Sở Tài chính,Sở,ubnd,H53.99,,\n"
        "Sở Tài chính,,,,2025-12-31,H53.99\n"
    )
    assert registry.heirs("stc") == {"so-tai-chinh"}
    (old,) = bench.entries("stc")
    assert old.valid_to == date(2025, 12, 31)


def test_a_change_on_the_first_day_of_an_entry_is_made_in_place(bench: Bench) -> None:
    bench.applied("code,name\nmoi,Sở Mới tinh\n", since="2025-01-01")
    (entry,) = bench.entries("moi")
    assert (entry.name, entry.valid_from) == ("Sở Mới tinh", date(2025, 1, 1))


def test_an_empty_cell_takes_away_but_a_missing_column_does_not(bench: Bench) -> None:
    registry = bench.applied("code,aliases,name,level\nstc,,,\n")
    stc = registry.at(date(2026, 1, 1)).agencies["stc"]
    assert stc.aliases == ()
    assert (stc.name, stc.level, stc.uid) == ("Sở Tài chính", "department", ("MNS:9",))


def test_a_complete_list_ends_what_it_lacks(bench: Bench) -> None:
    registry = bench.applied("code\nubnd\nstc\n", "--whole")
    assert set(registry.at(date(2026, 1, 1)).agencies) == {"ubnd", "stc"}
    assert bench.entries("moi")[0].valid_to == date(2025, 12, 31)
    assert [a.valid_to for a in bench.entries("cu")] == [date(2024, 12, 31)]


def test_a_complete_list_that_lacks_many_is_asked_about(bench: Bench) -> None:
    rows = "".join(f"xa-{n},Xã {n},Xã,ubnd\n" for n in range(8))
    bench.applied("code,name,level,parent\n" + rows)
    half = "code\nubnd\nstc\nmoi\nxa-0\nxa-1\n"
    refused = bench.answer(half, "--whole", "--allow-ending", "5", since="2026-02-01")
    assert [each["what"] for each in refused["problems"]] == [
        (
            "lacks 6 of 11 agencies in force, which --whole would end: is the list complete? If so "
            "add --allow-ending 6, else import it with --partial"
        )
    ]
    allowed = bench.answer(half, "--whole", "--allow-ending", "6", since="2026-02-01")
    assert len(allowed["ended"]) == 6
    assert {each["row"] for each in allowed["ended"]} == {None}
    few = bench.answer(half + "xa-2\n", "--whole", since="2026-02-01")
    assert len(few["ended"]) == 5


@pytest.mark.parametrize(
    ("text", "since", "problem"),
    [
        ("code,name\nstc,\nsts,Sở\n", NEW_YEAR, "row 3, column level: is missing: add it"),
        (
            "code,name\nmoi,Khác\n", "2024-06-01",
            ("row 2, column code: moi begins only on 2025-01-01, after the first day of this list, "
            "2024-06-01: import the list with --from 2025-01-01, or leave the row out"),
        ),
        (
            "code,name,valid_from\nmoi,Khác,2025-01-01\n", "2024-06-01",
            ("row 2, column name: would change moi before 2025-01-01, when that entry begins: "
            "import the list with --from 2025-01-01 or later"),
        ),
        (
            "code,name\ncu,Khác\n", "2024-06-01",
            ("row 2, column name: would change what cu is until 2024-12-31, but that entry already "
            "ends there: correct the row, import the list from a later day, or edit the registry "
            "by hand"),
        ),
        (
            "code,valid_to\ncu,2024-11-30\n", NEW_YEAR,
            ("row 2, column valid_to: would change what cu is until 2024-12-31, but that entry "
            "already ends there: correct the row, import the list from a later day, or edit the "
            "registry by hand"),
        ),
        (
            "code,name\ncu,Sở Cũ\n", NEW_YEAR,
            ("row 2, column code: cu ended on 2024-12-31: leave the row out, or write valid_from "
            "if it was set up again"),
        ),
        (
            "code,valid_to,successors\nmoi,,stc\n", NEW_YEAR,
            "row 2, column successors: has successors but no valid_to: add its last day",
        ),
        (
            "code,name,valid_to\nmoi,Khác,2025-06-30\n", NEW_YEAR,
            ("row 2, column name: differs from the registry for moi, which ends on 2025-06-30, "
            "before the first day of this list, 2026-01-01: leave it empty, or write what was"),
        ),
        (
            "code,valid_from,valid_to\nmoi,2025-01-01,2024-01-01\n", NEW_YEAR,
            "row 2, column valid_to: 2024-01-01 is before valid_from 2025-01-01: correct one",
        ),
        (
            "code,valid_to\nmoi,31/02/2026\n", NEW_YEAR,
            "row 2, column valid_to: “31/02/2026”: there is no such day, correct it",
        ),
        (
            "code,name,level\nstc,Sở Tài chính,Hành tinh\n", NEW_YEAR,
            ("row 2, column level: agency stc: level 'Hành tinh' is not one of province, "
            "department, district, commune: use one of them or add it to levels"),
        ),
        (
            "code,parent\nstc,Sở Lạ\n", NEW_YEAR,
            ("row 2, column parent: “Sở Lạ” is no agency of the registry or this list on "
            "2026-01-01: correct it, or add that agency"),
        ),
        (
            "code,parent\nubnd,stc\n", NEW_YEAR,
            ("row 2, column parent: agency ubnd: its parents lead back to it (ubnd → stc → ubnd): "
            "correct the parent of one of them"),
        ),
        (
            "code,domains\nstc,tinh.gov.vn\n", NEW_YEAR,
            ("row 2, column domains: agency stc: domain tinh.gov.vn is also ubnd's from "
            "2026-01-01: leave it to one of them, or end one with valid_to"),
        ),
        (
            "code,organ_codes\nmoi,H53.09\n", NEW_YEAR,
            ("row 2, column organ_codes: agency moi: organ code H53.09 is also stc's from "
            "2026-01-01: leave it to one of them, or end one with valid_to"),
        ),
        (
            ("code,name,level,valid_from,valid_to,successors\n"
            "moi,,,,2025-12-31,sau\nsau,Sở Sau,Sở,2026-03-01,,\n"), NEW_YEAR,
            ("row 2, column successors: agency moi: its successor sau is not in force on "
            "2026-01-01, the day after valid_to: correct valid_to here or valid_from there"),
        ),
        (
            "code,valid_to,successors\nubnd,2025-12-31,stc\n", NEW_YEAR,
            ("row 2, column valid_to: agency stc: its parent ubnd is not in force from "
            "2026-01-01: end this entry there and add a second one with the new parent"),
        ),
        (
            "code,name,level\nxa,Xã,Xã\nxa,Xã khác,Xã\n", NEW_YEAR,
            "row 3, column code: is xa again, as row 2 is: leave one of them",
        ),
        (
            "code,name,level\nSở A,Sở A,Sở\n", NEW_YEAR,
            ("row 2, column code: 'sở a' is no code: use a-z, 0-9, '.', '_' and '-', at most "
            "40"),
        ),
        (
            "code,name,level,domains\nxa,Xã,Xã,@x\n", NEW_YEAR,
            ("row 2, column domains: '@x' is no domain: write so.tinh.gov.vn, or "
            "*.tinh.gov.vn for every domain below it"),
        ),
        (
            "name,level\n,Xã\n", NEW_YEAR,
            "row 2, column name: is empty: write the agency's name or its code",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_row_and_column(
    bench: Bench, text: str, since: str, problem: str
) -> None:
    assert problem in bench.problems(text, since=since)


def test_all_mistakes_are_said_at_once_and_nothing_is_applied(bench: Bench) -> None:
    problems = bench.problems(
        "code,name,level,parent,domains\n"
        "stc,Sở Tài chính,Sở,nobody,stc.tinh.gov.vn\n"
        "xa-a,Xã A,Làng,ubnd,a.tinh.gov.vn\n"
        "xa-b,Xã B,Xã,ubnd,a.tinh.gov.vn\n"
        "xa-c,Xã C,Xã,ubnd,c.tinh.gov.vn\n"
    )
    assert [problem.partition(":")[0] for problem in problems] == [
        "row 2, column parent", "row 3, column level", "row 4, column domains",
    ]  # fmt: skip


def test_a_mailbox_of_another_agency_is_a_mistake_of_the_row(bench: Bench) -> None:
    (problem,) = bench.problems("code,addresses\nmoi,vanthu@tinh.gov.vn\n")
    assert problem.startswith("row 2, column addresses: mailbox vanthu@tinh.gov.vn: given to ubnd")


def test_a_parent_that_a_complete_list_lacks_is_told(bench: Bench) -> None:
    problems = bench.problems("code,parent\nstc,ubnd\nmoi,Ủy ban nhân dân tỉnh\n", "--whole")
    assert problems[0] == (
        "row 3, column parent: “Ủy ban nhân dân tỉnh” is ubnd, which by this list ends on "
        "2025-12-31: name who takes its place, or add its row if the list forgets it"
    )


def test_columns_are_mapped_and_values_translated(bench: Bench) -> None:
    (bench.folder / "map.toml").write_text(
        'columns = { code = "Ký hiệu", name = "Đơn vị công tác", level = "Nhóm" }\n'
        'values.level = { "Khối tỉnh" = "department" }\n',
        encoding="utf-8",
    )
    found = bench.answer(
        "Ký hiệu;Đơn vị công tác;Nhóm\nxtt;Xã Tân Tiến;Khối tỉnh\n",
        "--mapping", str(bench.folder / "map.toml"),
    )  # fmt: skip
    assert [(each["code"], each["level"]) for each in found["added"]] == [("xtt", "department")]


def test_a_toml_list_says_what_a_registry_says(bench: Bench) -> None:
    text = """
    [[agencies]]
    code = "stc"
    name = "Sở Tài chính"
    level = "department"
    parent = "ubnd"
    signs_for = ["ubnd"]

    [[agencies]]
    code = "xa-a"
    name = "UBND xã A"
    level = "commune"
    valid_from = 2025-07-01
    """
    found = bench.answer(text, name="list.toml")
    fields = found["changed"][0]["fields"]
    assert fields["signs_for"] == [None, ["ubnd"]]
    assert fields["aliases"] == [["STC"], None]
    assert (found["added"][0]["since"], found["added"][0]["row"]) == ("2025-07-01", 9)
    wrong = text.replace('"UBND xã A"', "7").replace("2025-07-01", '"x"').replace("signs", "sings")
    problems = bench.answer(wrong + "[[mailboxes]]\naddress = 'a@b.vn'\n", name="list.toml")
    assert [(each["row"], each["column"]) for each in problems["problems"]][:4] == [
        (None, "mailboxes"), (2, "sings_for"), (9, "name"), (9, "valid_from"),
    ]  # fmt: skip


def test_a_list_makes_the_registry_that_is_not_there_yet(bench: Bench) -> None:
    bench.path.unlink()
    registry = bench.applied("code,name,level\nubnd,UBND tỉnh,Tỉnh\n", since="2020-01-01")
    assert [(a.code, a.valid_from) for a in registry.agencies] == [("ubnd", date(2020, 1, 1))]
    assert list(bench.folder.glob("agencies.toml.2*")) == []


def test_a_first_list_of_today_is_asked_about(bench: Bench) -> None:
    bench.path.unlink()
    text = "code,name,level\nubnd,UBND tỉnh,Tỉnh\n"
    assert "mails before 2100-01-01 will be nobody's" in bench.run(text, since="2100-01-01").out
    assert "will be nobody's" not in bench.run(text, since="2020-01-01").out


def test_without_a_registry_it_is_said_how_to_name_one(agencies: Command, tmp_path: Path) -> None:
    said = agencies("import", tmp_path / "list.csv")
    assert said.status == 2
    assert "set agencies.registry in the settings, or give --registry PATH" in said.err


def test_a_missing_list_and_a_bad_registry_are_mistakes_of_the_call(bench: Bench) -> None:
    assert bench.run("code\nstc\n", name="../list.csv").status == 0
    (bench.folder.parent / "list.csv").unlink()
    bench.path.write_text("levels = 1", encoding="utf-8")
    said = bench.run("code\nstc\n")
    assert said.status == 2
    assert "levels: must be a list of words" in said.err


def test_an_agency_set_up_again_begins_with_what_it_was(bench: Bench) -> None:
    registry = bench.applied("code,valid_from,domains\ncu,2026-02-01,cu.tinh.gov.vn\n")
    again = registry.at(date(2026, 2, 1)).agencies["cu"]
    assert (again.name, again.domains) == ("Sở Cũ", ("cu.tinh.gov.vn",))
    assert registry.at(date(2026, 1, 31)).by_code("cu") is None


def test_a_row_with_its_own_first_day_holds_from_that_day(bench: Bench) -> None:
    registry = bench.applied("code,name,valid_from\nstc,Sở Tài chính và Giá,2026-03-01\n")
    names = [registry.at(date(2026, month, 1)).agencies["stc"].name for month in (2, 3)]
    assert names == ["Sở Tài chính", "Sở Tài chính và Giá"]


def test_a_whole_life_may_come_in_one_list(bench: Bench) -> None:
    registry = bench.applied(
        "code,name,level,valid_from,valid_to\n"
        "stc,Sở Tài chính,Sở,,2025-06-30\n"
        "stc,Sở Tài chính và Kế hoạch,Sở,2025-07-01,\n"
        "xa,Xã Một,Xã,2020-01-01,2025-06-30\n"
        "xa,Xã Hai,Xã,2025-07-01,\n"
    )
    for day, names in (
        (date(2025, 6, 30), ("Sở Tài chính", "Xã Một")),
        (date(2025, 7, 1), ("Sở Tài chính và Kế hoạch", "Xã Hai")),
    ):
        view = registry.at(day)
        assert (view.agencies["stc"].name, view.agencies["xa"].name) == names


def test_heirs_that_were_forgotten_can_be_added_to_an_agency_that_ended(bench: Bench) -> None:
    bench.applied("code,valid_to\nmoi,2025-12-31\n")
    registry = bench.applied("code,valid_to,successors\nmoi,2025-12-31,stc\n", since="2026-05-01")
    assert registry.heirs("moi") == {"stc"}
    (problem,) = bench.answer("code,valid_to,successors\nmoi,2025-12-31,ubnd\n")["problems"]
    assert problem["column"] == "successors"


def test_what_is_in_a_list_never_moves_a_terminals_cursor(bench: Bench) -> None:
    said = bench.run('[[agencies]]\ncode = "x"\nname = "A\\u001b[2JB"\nlevel = "commune"\n',
                     name="list.toml")  # fmt: skip
    assert "\x1b" not in said.out + said.err


def test_the_registry_that_results_is_read_as_it_was_planned(bench: Bench) -> None:
    rows = "".join(f'x-{n},"Xã ""{n}"" \\ số",Xã,ubnd,"tên; khác\\; hẳn"\n' for n in range(3))
    bench.applied("code,name,level,parent,aliases\n" + rows)
    content = parse(bench.path.read_bytes())
    assert content.agencies[-1].name == 'Xã "2" \\ số'
    assert content.agencies[-1].aliases == ("tên", "khác; hẳn")


def test_two_thousand_agencies_are_renamed_in_one_list(bench: Bench) -> None:
    rows = [f"xa-{n},UBND xã số {n},Xã,ubnd,x{n}.tinh.gov.vn" for n in range(2000)]
    head = "code,name,level,parent,domains\n"
    bench.applied(head + "\n".join(rows), since="2025-01-01")
    renamed = "\n".join(row.replace("UBND xã", "UBND phường") for row in rows)
    registry = bench.applied(head + renamed, since="2025-07-01")
    assert len(registry.agencies) == 4000 + 4
    names = [registry.at(date(2025, month, 1)).agencies["xa-7"].name for month in (6, 7)]
    assert names == ["UBND xã số 7", "UBND phường số 7"]


def test_a_row_with_a_bad_day_can_still_be_referred_to(bench: Bench) -> None:
    (problem,) = bench.problems(
        "code,name,level,parent,valid_from\nh1,Huyện Một,Huyện,ubnd,32/01/2026\n"
        "x1,Xã Một,Xã,Huyện Một,2026-01-01\n"
    )
    assert problem.startswith("row 2, column valid_from")


ROWS = [
    ["Mã", "Tên cơ quan", "Cấp", "Cấp trên"],
    ["xa-phu", "UBND xã Phú Thượng", "Xã", "Ủy ban nhân dân tỉnh"],
    ["phuong-nghia", "UBND phường Nghĩa Đô, quận Cầu Giấy", "Phường", "Ủy ban nhân dân tỉnh"],
]


def test_a_list_in_an_old_encoding_reads_as_the_same_names(bench: Bench) -> None:
    text = "\r\n".join(";".join(row) for row in ROWS)
    expected = bench.answer(text)["added"]
    assert [each["name"] for each in expected] == [row[1] for row in ROWS[1:]]
    (bench.folder / "old.csv").write_bytes(_windows_1258(text))
    (bench.folder / "map.toml").write_text('encoding = "windows-1258"\n', encoding="utf-8")
    said = bench.command(
        "import", bench.folder / "old.csv", "--mapping", bench.folder / "map.toml",
        "--registry", bench.path, "--from", NEW_YEAR, "--json",
    )  # fmt: skip
    assert json.loads(said.out)["added"] == expected


def _windows_1258(text: str) -> bytes:
    """As Windows wrote it: tone marks are characters of their own behind the letter."""
    made = []
    for letter in unicodedata.normalize("NFC", text):
        try:
            made.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tone = next(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
            base = unicodedata.normalize("NFC", parts.replace(tone, ""))
            made.append((base + tone).encode("cp1258"))
    return b"".join(made)


def test_a_workbook_with_titles_is_read_and_a_formula_in_it_is_refused(bench: Bench) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["DANH MỤC CƠ QUAN"])
    sheet.merge_cells("A1:D1")
    for row in ROWS:
        sheet.append(row)
    path = bench.folder / "list.xlsx"
    book.save(path)
    asked = ("import", path, "--registry", bench.path, "--from", NEW_YEAR, "--json")
    found = json.loads(bench.command(*asked).out)
    assert [(each["code"], each["row"]) for each in found["added"]] == [
        ("xa-phu", 3), ("phuong-nghia", 4),
    ]  # fmt: skip
    sheet["B4"] = '="UBND phường "&A4'
    book.save(path)
    refused = bench.command(*asked)
    (problem,) = json.loads(refused.out)["problems"]
    assert refused.status == 1
    assert (problem["row"], problem["column"]) == (4, "Tên cơ quan")
    assert "holds a formula" in problem["what"]
