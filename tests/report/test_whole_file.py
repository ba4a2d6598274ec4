"""Files that others read are there whole or not at all."""

import os
from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.whole_file import whole_file


def test_a_file_is_its_owners_alone_and_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("the last one")
    path.chmod(0o644)

    def interrupted() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert path.read_text() == "the last one"
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]
    with whole_file(path) as file:
        file.write(b"whole")
    assert path.read_text() == "whole"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UserError, match="cannot be written"), whole_file(tmp_path / "no" / "a"):
        pass


def test_others_may_read_what_is_meant_for_them(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    before = os.umask(0o077)
    try:
        with whole_file(path, 0o640) as file:
            file.write(b"whole")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640


def test_it_has_its_name_only_when_the_disk_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.pdf"
    done: list[tuple[str, bool]] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        done.append((str(Path(f"/proc/self/fd/{descriptor}").readlink()), path.exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    with whole_file(path) as file:
        file.write(b"whole")
    assert [there for _, there in done] == [False, True]
    assert done[1][0] == str(tmp_path)


def test_a_full_disk_is_a_clear_error_and_leaves_the_last_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"the last one")

    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="No space left"), whole_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"the last one"
    assert [each.name for each in tmp_path.iterdir()] == ["report.pdf"]
