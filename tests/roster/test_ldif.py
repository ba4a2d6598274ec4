"""Accounts from LDIF files, as RFC 2849 and the tools that write it have them."""

from base64 import b64encode
from datetime import date
from pathlib import Path

import pytest

from monitor.model import AccountState
from monitor.roster import dumps
from monitor.roster.ldif import read_ldif
from monitor.roster.listed import ListedAccount, Listing

TODAY = date(2026, 11, 22)
D = "@so-khcn.tinh.example"
PLAIN = f"dn: uid=an,dc=tinh\nobjectClass: inetOrgPerson\nmail: an{D}\n"


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> Listing[ListedAccount]:
    path = tmp_path / "all.ldif"
    path.write_bytes(text.encode(encoding))
    return read_ldif(path, TODAY)


def test_folded_base64_and_commented_lines_are_what_they_stand_for(tmp_path: Path) -> None:
    address = b64encode(f"binh{D}".encode()).decode()
    listing = read(
        tmp_path,
        f"version: 1\n\n# a comment\n#  that goes\n  on\n{PLAIN}\n"
        f"dn:: {b64encode('uid=bình,dc=tinh'.encode()).decode()}\n"
        f"MAIL:: {address[:5]}\n {address[5:12]}\n {address[12:]}\n"
        "employeeNumber: CB\n -7\n# mail: no@where.example\n#\n mail: nor@this.example\n"
        "jpegPhoto:: AAAA\n",
    )  # fmt: skip
    an, binh = listing.entries
    assert (an.address, an.row) == ("an" + D, 3)
    assert (binh.address, binh.aliases, binh.staff_number) == ("binh" + D, (), "CB-7")
    assert listing.problems == []


def test_the_schema_is_found_entry_by_entry(tmp_path: Path) -> None:
    listing = read(
        tmp_path,
        PLAIN
        + f"\ndn: uid=b\nobjectClass: zimbraAccount\nmail: b{D}\nzimbraAccountStatus: closed\n"
        + f"\ndn: CN=c\nobjectClass: user\nuserAccountControl: 514\nproxyAddresses: SMTP:C{D}\n"
        + f"proxyAddresses: smtp:c2{D}\n",
    )
    states = {each.address[0]: each.state for each in listing.entries}
    assert states == {
        "a": AccountState.ENABLED, "b": AccountState.CLOSED, "c": AccountState.LOCKED,
    }  # fmt: skip
    assert listing.problems == []


def test_lists_aliases_and_rooms_are_no_accounts(tmp_path: Path) -> None:
    classes = ("group", "groupOfNames", "zimbraDistributionList", "contact", "zimbraAlias")
    text = "\n".join(f"dn: cn={n}\nobjectClass: {n}\nmail: {n}{D}\n" for n in classes)
    listing = read(tmp_path, text)
    assert list(listing.entries) == []
    assert listing.problems == []


def test_what_ldifde_writes_is_read(tmp_path: Path) -> None:
    """It begins every entry with `changetype: add`, and -u writes UTF-16."""
    text = PLAIN.replace("objectClass", "changetype: add\nobjectClass", 1).replace("\n", "\r\n")
    for encoding in ("utf-8", "utf-16"):
        listing = read(tmp_path, text + "\r\n" + text.replace("an@", "chi@"), encoding)
        assert [each.address for each in listing.entries] == ["an" + D, "chi" + D]
        assert listing.problems == []


@pytest.mark.parametrize(
    ("text", "accounts", "said"),
    [
        (f"dn: uid=a\nchangetype: modify\nreplace: mail\nmail: a{D}\n", 0,
         "row 1: a record of changes"),
        ("dn: uid=a\nchangetype: delete\n", 0, "a record of changes"),
        (PLAIN + "\ndn: uid=b\nmail:< file:///etc/passwd\n", 1, "mail: a value by reference"),
        (PLAIN + "\ndn: uid=b\nmail:: @@@\n", 1, "row 5, column mail: is not base64"),
        (PLAIN + "\nmail: lost" + D + "\n", 1, 'row 5: is no entry: "dn:" is missing'),
        (PLAIN + "\nsearch: 2\nresult: 4 Size limit exceeded\n", 1, "the search failed"),
        (PLAIN + "\nSize limit exceeded (4)\n", 1, "the search failed"),
        (PLAIN + f"\ndn: uid=b\nmail: b{D}", 1, "cut off in the middle"),
        ("\0\1\2" * 100, 0, "is no entry"),
        ("", 0, "holds no entry"),
    ],
)  # fmt: skip
def test_a_broken_file_is_a_problem_with_file_and_line(
    tmp_path: Path, text: str, accounts: int, said: str
) -> None:
    listing = read(tmp_path, text)
    assert len(list(listing.entries)) == accounts
    assert any(said in str(each) for each in listing.problems), listing.problems


def test_an_entry_without_end_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "all.ldif"
    with path.open("w") as file:
        file.write("dn: uid=x\njpegPhoto:: ")
        for _ in range(20):
            file.write("A" * (1 << 20))
        file.write("\n\n" + PLAIN)
    listing = read_ldif(path, TODAY)
    assert [each.address for each in listing.entries] == ["an" + D]
    [problem] = listing.problems
    assert f"more than {dumps.LONGEST >> 20} MiB" in str(problem)
