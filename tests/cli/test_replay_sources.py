"""Archives are replayed for any source of mail, and read as that source reads its own mail."""

from pathlib import Path

import pytest

from monitor.collect.pulled import PulledMail, item_id_of
from monitor.commands.replay import replay
from monitor.errors import UserError
from monitor.model import ItemHeader
from monitor.settings import ImapSource, MailFolderSource, Settings
from monitor.spool.record import decode
from tests.collect.pulling import mail


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    mailbox = ImapSource(
        name="journal", host="mail.example", username="j", password_file=tmp_path / "password"
    )
    box = MailFolderSource(name="box", path=tmp_path / "box")
    return Settings(state_dir=tmp_path / "var", imap=(mailbox,), mail_folders=(box,))


def handed_over(settings: Settings) -> list[tuple[ItemHeader, bytes]]:
    found = []
    for path in sorted((settings.state_dir / "spool" / "requeue").glob("*.item")):
        loaded = decode(path.read_bytes(), None)
        assert loaded.header is not None
        found.append((loaded.header, loaded.body))
    return found


@pytest.mark.parametrize("name", ["journal", "box"])
def test_a_replayed_mail_is_the_item_that_the_source_itself_would_make(
    settings: Settings, tmp_path: Path, name: str
) -> None:
    raw = mail(1)
    (tmp_path / "archive.mbox").write_bytes(b"From x\n" + raw.replace(b"\r\n", b"\n") + b"\n")
    (tmp_path / "again.eml").write_bytes(raw)
    paths = [tmp_path / "archive.mbox", tmp_path / "again.eml"]
    assert replay(paths, name, settings) == 0
    [(header, body)] = handed_over(settings)
    assert body == raw
    assert header.item_id == item_id_of(name, PulledMail(raw, len(raw)))
    assert (header.source, header.pulled, header.live) == (name, True, False)


def test_a_source_that_is_not_there_is_told_all_that_are(settings: Settings) -> None:
    with pytest.raises(UserError, match="configured: journal, box"):
        replay([], "gateway", settings)
