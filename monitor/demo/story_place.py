"""The story's province on disk, and how its letters are sent."""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from monitor.demo.agencies import BY_CODE, CLERK, DOMAIN, FOLDER_AGENCIES
from monitor.demo.documents import DocumentMaker
from monitor.demo.gateway import GatewayClient, file_document
from monitor.demo.mails import Attachment, Mail, from_inside, plain_mail
from monitor.demo.pki import Pki
from monitor.demo.province import JOURNAL_ADDRESS, free_port, registry_toml
from monitor.demo.sendings import ClaimedFile
from monitor.demo.story import Letter
from monitor.errors import UserError
from monitor.material.demo_mark import DEMO_LABEL
from monitor.model import PaperFlag
from monitor.record.embedded import running_dsn

MARK = "story.txt"
CRL_LASTS = timedelta(days=1000)
"""Prometheus holds the end of a list against its own clock, which is not the story's."""


@dataclass(frozen=True)
class StoryPlace:
    """One state folder with everything a daemon needs."""

    state_dir: Path
    config_path: Path
    inbox: Path
    http_port: int
    smtp_port: int
    pki: Pki

    def renew_lists(self, at: datetime) -> None:
        """The authorities issue their revocation lists anew."""
        self.pki.write(self.state_dir / "trust", at, CRL_LASTS)


class Post:
    """Sends letters as gateway and document system do, at the story's time."""

    def __init__(self, place: StoryPlace, seed: int) -> None:
        self._place = place
        self._maker = DocumentMaker(place.pki, seed, first_number=1)
        self._client = GatewayClient("127.0.0.1", place.smtp_port, JOURNAL_ADDRESS)
        self._sent = 0

    async def send(self, letter: Letter) -> None:
        """Make one letter and hand it over."""
        await asyncio.to_thread(self._send, letter)

    def close(self) -> None:
        self._client.close()

    def _send(self, letter: Letter) -> None:
        self._sent += 1
        # A file is never from after its receipt.
        at = letter.at - timedelta(minutes=5)
        document = self._maker.make(letter.kind, letter.agency, at)
        if not letter.by_mail:
            file = ClaimedFile(document, letter.agency.code, at, PaperFlag.ELECTRONIC)
            file_document(self._place.inbox, file, f"{self._sent:06d}")
            return
        sender = letter.agency.address(CLERK)
        to = next(a for a in BY_CODE.values() if a != letter.agency and a.valid_to is None)
        mail = Mail(
            sender, (to.mailbox,), f"[DEMO] V/v văn bản số {document.number}",
            f"story.{self._sent}@{letter.agency.domain}", at,
            attachments=(Attachment(document.name, document.data),),
        )  # fmt: skip
        self._client(sender, from_inside(plain_mail(mail), at, f"4STORY{self._sent:06d}"))


def prepare_story(state_dir: Path, seed: int, begins: datetime) -> StoryPlace:
    """Make the folder anew; raises UserError where something else lies there."""
    state_dir = state_dir.resolve()
    try:
        if state_dir.exists() and any(state_dir.iterdir()):
            if not (state_dir / MARK).exists():
                raise UserError(f"{state_dir}: is no story's folder; choose another with --state")
            if running_dsn(state_dir):
                raise UserError(f"{state_dir}: a story is told there now; end it first")
            shutil.rmtree(state_dir)
        inbox = state_dir / "inbox"
        inbox.mkdir(parents=True)
        (state_dir / MARK).write_text(f"{DEMO_LABEL}\n", encoding="utf-8")
        pki = Pki.create(seed, begins)
        http_port, smtp_port = free_port(), free_port()
        config_path = state_dir / "congvu.toml"
        config_path.write_text(_config_toml(http_port, smtp_port), encoding="utf-8")
        (state_dir / "agencies.toml").write_text(registry_toml(), encoding="utf-8")
        place = StoryPlace(state_dir, config_path, inbox, http_port, smtp_port, pki)
        place.renew_lists(begins)
    except OSError as error:
        raise UserError(
            f"{state_dir}: cannot be written: {error.strerror}; choose another with --state"
        ) from None
    return place


def _config_toml(http_port: int, smtp_port: int) -> str:
    agencies = ", ".join(f'"{code}"' for code in FOLDER_AGENCIES)
    return f"""\
# {DEMO_LABEL}: written anew by `congvu demo --story`.
state_dir = "."

[http]
port = {http_port}

[smtp]
port = {smtp_port}
hostname = "congvu.{DOMAIN}"

[[mail_sources]]
name = "gateway"
journal_address = "{JOURNAL_ADDRESS}"
silent_after_hours = 3
networks = ["127.0.0.0/8"]
trusted_hops = ["127.0.0.0/8"]

[[folders]]
name = "docsys"
path = "inbox"
agencies = [{agencies}]
poll_seconds = 0.5
settle_seconds = 0.2
silent_after_hours = 4

[verify]
isolation = "best-effort"
anchors = "trust/anchors"
intermediates = "trust/intermediates"
crls = "trust/crls"

[agencies]
registry = "agencies.toml"

[measure]
interval_seconds = 1
accounts_interval_seconds = 5

[log]
level = "error"
format = "console"
"""
