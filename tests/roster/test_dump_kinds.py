"""A dump is known by its content."""

from datetime import date
from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.roster.dump_kinds import read_dump
from tests.roster.test_ldif import PLAIN
from tests.roster.test_zimbra_dumps import REPORT, account

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        (account("an") + account("binh"), 2),
        (REPORT, 3),
        (PLAIN, 1),
        ("version: 1\n\n" + PLAIN, 1),
        ("# extended LDIF\n#\n# LDAPv3\n\n# an, People\n" + PLAIN, 1),
    ],
)
def test_each_dump_is_known_whatever_the_file_is_called(
    tmp_path: Path, text: str, accounts: int, encoding: str
) -> None:
    path = tmp_path / "danh-sach.csv"
    path.write_bytes(text.encode(encoding))
    listing = read_dump(path, TODAY)
    assert listing is not None
    assert len(list(listing.entries)) == accounts
    assert listing.problems == []


@pytest.mark.parametrize(
    "text", ["", "address,status\nan@so.example,active\n", "PK\x03\x04", "\n\n\n"]
)
def test_a_table_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "gaa.txt"
    path.write_text(text)
    assert read_dump(path, TODAY) is None


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_dump(tmp_path / "none", TODAY)
