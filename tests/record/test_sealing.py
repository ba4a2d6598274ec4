"""The key file, opening by older keys, and names that a new key leaves as they are."""

import os
from datetime import date
from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.record import Sealer, keyring
from monitor.record.keyring import KEY_FILE, NEXT_FILE, Key, new_key
from monitor.record.message_ref import message_ref
from monitor.record.people_key import person_pseudonym

ROTATED = date(2026, 5, 10)


@pytest.fixture
def old() -> Key:
    return new_key()


@pytest.fixture
def rotated(old: Key) -> Sealer:
    return Sealer.of([new_key(ROTATED), old])


def test_a_file_with_one_key_and_no_day_is_read_as_it_is(tmp_path: Path) -> None:
    first = Sealer.load(tmp_path)
    text = (tmp_path / KEY_FILE).read_text(encoding="ascii")
    assert len(text.split()) == 1
    assert Sealer.load(tmp_path).fingerprint == first.fingerprint


def test_what_an_older_key_sealed_is_opened(old: Key, rotated: Sealer) -> None:
    sealed = Sealer.of([old]).seal("bí mật", "sender")
    assert rotated.open(sealed, "sender") == "bí mật"
    new = rotated.seal("bí mật", "sender")
    assert new
    assert new.startswith(rotated.head)
    with pytest.raises(UserError, match="another key"):
        Sealer.of([old]).open(new, "sender")


def test_keys_are_written_and_read_newest_first(tmp_path: Path, old: Key) -> None:
    newer = new_key(ROTATED)
    keyring.replace(tmp_path / KEY_FILE, [newer, old])
    assert keyring.read(tmp_path / KEY_FILE) == (newer, old)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert Sealer.load(tmp_path).fingerprint == Sealer.of([newer]).fingerprint


def test_what_an_interrupted_rotation_sealed_is_opened(tmp_path: Path, old: Key) -> None:
    newer = new_key(ROTATED)
    keyring.replace(tmp_path / KEY_FILE, [old])
    keyring.replace(tmp_path / NEXT_FILE, [newer, old])
    loaded = Sealer.load(tmp_path)
    assert loaded.fingerprint == Sealer.of([old]).fingerprint
    assert loaded.open(Sealer.of([newer]).seal("tên", "sender"), "sender") == "tên"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_key_that_root_changes_stays_its_owners(tmp_path: Path, old: Key) -> None:
    keyring.replace(tmp_path / KEY_FILE, [old])
    os.chown(tmp_path / KEY_FILE, 12345, 12346)
    keyring.replace(tmp_path / NEXT_FILE, [new_key(ROTATED), old])
    keyring.promote(tmp_path)
    found = (tmp_path / KEY_FILE).stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (12345, 12346, 0o600)


@pytest.mark.parametrize("text", ["", "xyz\n", "00ff\n", "00" * 32 + " 2026-13-01\n"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / KEY_FILE
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(UserError, match="is not a sealing key; restore it from a backup"):
        Sealer.load(tmp_path)


def test_a_full_disk_leaves_the_keys_there_were_and_nothing_beside_them(
    tmp_path: Path, old: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.replace(tmp_path / KEY_FILE, [old])

    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"sealing\.key: cannot be written: No space left"):
        keyring.replace(tmp_path / KEY_FILE, [new_key(), old])
    assert keyring.read(tmp_path / KEY_FILE) == (old,)
    assert [each.name for each in tmp_path.iterdir()] == [KEY_FILE]


def test_a_new_key_parts_no_mail_from_its_log_line(old: Key, rotated: Sealer) -> None:
    before, after = date(2026, 5, 9), date(2026, 5, 10)
    once = Sealer.of([old])
    assert message_ref(rotated, "<A.1@x>", before) == message_ref(once, "a.1@x", before)
    assert message_ref(rotated, "<A.1@x>", after) != message_ref(once, "a.1@x", after)
    assert rotated.pseudonym("a@x") != once.pseudonym("a@x")
    assert rotated.pseudonyms("A@x")[1] == once.pseudonym("a@x")


def test_a_person_is_known_by_staff_number_and_source_or_by_address(old: Key) -> None:
    sealer = Sealer.of([old])
    by_number, sealed = person_pseudonym(sealer, "so-noi-vu", " CB.01 ", "a@x.example")
    assert person_pseudonym(sealer, "so-noi-vu", "cb.01", None)[0] == by_number
    assert person_pseudonym(sealer, "khac", "cb.01", None)[0] != by_number
    by_address, _ = person_pseudonym(sealer, "so-noi-vu", None, "A@x.example")
    assert person_pseudonym(sealer, "khac", " ", "a@x.example")[0] == by_address
    text = sealer.open(sealed, "person")
    assert text
    assert sealer.pseudonym(text) == by_number
    with pytest.raises(ValueError, match="no key"):
        person_pseudonym(sealer, "so-noi-vu", None, None)
