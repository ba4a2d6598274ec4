"""Every kind of mistake in the settings is said in exactly these words."""

from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.settings import load

GALLERY = sorted((Path(__file__).parent / "bad").glob("*.toml"))


@pytest.mark.parametrize("bad", GALLERY, ids=lambda path: path.stem)
def test_bad_settings_are_refused_with_exactly_this_message(bad: Path) -> None:
    with pytest.raises(UserError) as refused:
        load(bad)
    said = str(refused.value).replace(f"{bad.resolve().parent}/", "")
    assert said == bad.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")


def test_every_message_of_the_gallery_has_its_file() -> None:
    texts = sorted((Path(__file__).parent / "bad").glob("*.txt"))
    assert [text.stem for text in texts] == [bad.stem for bad in GALLERY]


def test_a_secret_is_never_repeated() -> None:
    """Some files of the gallery hold one."""
    assert any("hunter2" in bad.read_bytes().decode("utf-8", "replace") for bad in GALLERY)
    for bad in GALLERY:
        text = bad.with_suffix(".txt").read_text(encoding="utf-8")
        assert "hunter2" not in text
        assert "5432" not in text


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file; --config names a TOML file"):
        load(tmp_path / "none.toml")


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_a_mistake_in_the_environment_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONGVU_HTTP__PORT", "http")
    with pytest.raises(UserError, match=r"^settings: http\.port: must be a whole number"):
        load(None)
