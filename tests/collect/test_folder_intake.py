"""A watched folder: complete files are taken once, everything else is told why not."""

import asyncio
import os
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from unicodedata import normalize

import pytest

from monitor.collect import FolderIntake
from monitor.errors import SpoolFault, SpoolFull
from monitor.model import Channel, PayloadKind
from monitor.observe import Observer
from monitor.settings import FolderSource
from tests.collect.wire import Counts, MemorySink, raising

Form = Literal["NFC", "NFD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD")
NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


@dataclass
class Desk:
    """A folder, the intake that watches it, and a clock in hand."""

    root: Path
    time: list[float]
    sink: MemorySink = field(default_factory=MemorySink)
    options: dict[str, Any] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = self.root / "in"
        self.path.mkdir()
        self.restart()

    def restart(self) -> None:
        """A new process on the same folder and state."""
        observer = Observer()
        self.counts = Counts(observer)
        options: dict[str, Any] = {"settle_seconds": 2, "orphan_seconds": 100} | self.options
        folder = FolderSource(name="docs", path=self.path, agencies=("H99.1", "H99.2"), **options)
        self.intake = FolderIntake(
            folder, self.sink, self.root / "state", self.looks.append, observer, lambda: NOW
        )

    def put(self, name: str, data: bytes = b"%PDF-1.7 x") -> None:
        (self.path / name).write_bytes(data)

    def manifest(self, *rows: str, name: str = "manifest.csv") -> None:
        self.put(name, "\n".join(("file,agency,number,size,sha256", *rows, "")).encode())

    async def settle(self) -> None:
        """Long enough for what is complete to be taken."""
        await self.intake.look()
        self.time[0] += 3
        await self.intake.look()

    def waiting(self) -> list[str]:
        return sorted(
            one.name for one in self.path.iterdir() if one.name not in {"done", "rejected"}
        )

    def done(self) -> list[str]:
        return sorted(path.name for path in (self.path / "done").glob("*/*"))

    def rejected(self) -> dict[str, str]:
        """Reason word by name of what lies in rejected/."""
        reasons = (self.path / "rejected").glob("*/*.reason.txt")
        return {
            path.name.removesuffix(".reason.txt"): path.read_text().splitlines()[0]
            for path in reasons
        }


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    for module in ("folder", "watch"):
        monkeypatch.setattr(f"monitor.collect.{module}.monotonic", lambda: now[0])
    return now


@pytest.fixture
def desk(tmp_path: Path, time: list[float]) -> Desk:
    return Desk(tmp_path, time)


@pytest.fixture
def short_limit(tmp_path: Path, time: list[float]) -> Desk:
    return Desk(tmp_path, time, options={"max_file_bytes": 100})


async def test_a_named_file_is_taken_and_put_into_done(desk: Desk) -> None:
    desk.put("a.pdf", b"content")
    desk.manifest("a.pdf,H99.1,12,,")
    await desk.settle()
    header, body = desk.sink.items[0]
    assert body == b"content"
    assert (header.kind, header.source, header.channel, header.size, header.received_at) == (
        PayloadKind.DOCUMENT,
        "docs",
        Channel.DOCSYS,
        7,
        NOW,
    )
    assert header.claim is not None
    assert (header.claim.agency, header.claim.number) == ("H99.1", "12")
    assert desk.waiting() == []
    assert desk.done() == ["a.pdf", "manifest.csv"]
    assert desk.counts.event("document_captured") == 1


async def test_a_file_is_left_alone_until_it_rests(desk: Desk) -> None:
    desk.manifest("a.pdf,H99.1,,,")
    for length in range(1, 5):
        desk.put("a.pdf", b"x" * length)
        await desk.intake.look()
        desk.time[0] += 1.9
    assert not desk.sink.items
    await desk.settle()
    assert desk.sink.bodies == [b"xxxx"]


async def test_a_copied_old_file_rests_from_when_it_was_first_seen(desk: Desk) -> None:
    desk.put("a.pdf")
    os.utime(desk.path / "a.pdf", (1, 1))
    desk.manifest("a.pdf,H99.1,,,")
    await desk.intake.look()
    assert not desk.sink.items


async def test_a_manifest_under_another_name_is_not_one_yet(desk: Desk) -> None:
    desk.put("a.pdf")
    desk.manifest("a.pdf,H99.1,,,", name="manifest.csv.tmp")
    await desk.settle()
    assert not desk.sink.items
    (desk.path / "manifest.csv.tmp").rename(desk.path / "manifest.csv")
    await desk.settle()
    assert len(desk.sink.items) == 1


async def test_a_file_shorter_than_its_manifest_says_is_still_on_its_way(desk: Desk) -> None:
    desk.put("a.pdf", b"half")
    desk.manifest(f"a.pdf,H99.1,,8,{sha256(b'halfhalf').hexdigest()}")
    await desk.settle()
    assert not desk.sink.items
    assert not desk.rejected()
    desk.put("a.pdf", b"halfhalf")
    await desk.settle()
    assert desk.sink.bodies == [b"halfhalf"]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("a.pdf,H99.1,,3,", "size_mismatch"),
        ("a.pdf,H99.1,,4," + "0" * 64, "hash_mismatch"),
        ("a.pdf,H99.3,,,", "agency_not_allowed"),
        ("a.pdf,H99.1,,four,", "row_invalid"),
    ],
)
async def test_a_file_that_contradicts_its_row_is_rejected_with_a_reason(
    desk: Desk, row: str, word: str
) -> None:
    desk.put("a.pdf", b"four")
    desk.put("b.pdf", b"fine")
    desk.manifest(row, "b.pdf,H99.2,,,")
    await desk.settle()
    assert desk.rejected() == {"a.pdf": word}
    assert desk.sink.bodies == [b"fine"]
    assert desk.counts.dropped(word) == 1
    (reason,) = desk.path.glob("rejected/*/a.pdf.reason.txt")
    _, english, vietnamese = reason.read_text().splitlines()
    assert english.isascii()
    assert not vietnamese.isascii()
    assert (reason.parent / "a.pdf").read_bytes() == b"four"
    assert desk.done() == ["b.pdf", "manifest.csv"]


async def test_a_file_too_large_is_rejected_unread(short_limit: Desk) -> None:
    short_limit.put("a.pdf", b"x" * 101)
    short_limit.manifest("a.pdf,H99.1,,,")
    await short_limit.settle()
    assert short_limit.rejected() == {"a.pdf": "too_large"}
    assert short_limit.counts.dropped("too_large") == 1


async def test_nothing_but_regular_files_of_one_name_is_read(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (desk.path / "link.pdf").symlink_to(secret)
    (desk.path / "dangling.pdf").symlink_to(tmp_path / "nowhere")
    os.mkfifo(desk.path / "pipe.pdf")
    (desk.path / "folder.pdf").mkdir()
    (desk.path / "hard.pdf").hardlink_to(secret)
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(desk.path)
        listener.bind("socket.pdf")
        names = ["link", "dangling", "pipe", "folder", "hard", "socket"]
        desk.manifest(*(f"{name}.pdf,H99.1,,," for name in names))
        await desk.settle()
    assert desk.rejected() == {f"{name}.pdf": "not_regular" for name in names} | {
        "hard.pdf": "linked"
    }
    assert not desk.sink.items
    assert secret.read_bytes() == b"secret"


async def test_a_manifest_that_is_a_link_or_a_pipe_is_not_read(desk: Desk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.csv"
    elsewhere.write_text("file,agency\na.pdf,H99.1\n")
    (desk.path / "manifest.csv").symlink_to(elsewhere)
    os.mkfifo(desk.path / "manifest2.csv")
    desk.put("a.pdf")
    await desk.settle()
    assert desk.rejected() == {"manifest.csv": "not_regular", "manifest2.csv": "not_regular"}
    assert not desk.sink.items


async def test_a_link_in_place_of_done_leads_nowhere(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (desk.path / "done").symlink_to(outside)
    desk.put("a.pdf")
    desk.manifest("a.pdf,H99.1,,,")
    await desk.settle()
    assert list(outside.iterdir()) == []
    assert desk.counts.event("folder_unavailable") > 0


@pytest.mark.parametrize(
    "name", ["../outside.pdf", "/etc/hostname", "sub/a.pdf", "..", "a\x00.pdf"]
)
async def test_a_name_is_never_a_path(desk: Desk, tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.pdf").write_bytes(b"outside")
    (desk.path / "sub").mkdir()
    desk.put("sub/a.pdf")
    desk.manifest(f"{name},H99.1,,,")
    await desk.settle()
    assert desk.rejected() == {"row-2": "name_unsafe"}
    assert not desk.sink.items
    assert (tmp_path / "outside.pdf").exists()


@pytest.mark.parametrize("on_disk", FORMS)
@pytest.mark.parametrize("in_manifest", FORMS)
async def test_composed_and_decomposed_names_meet(
    desk: Desk, on_disk: Form, in_manifest: Form
) -> None:
    name = "Quyết định số 7.pdf"
    desk.put(normalize(on_disk, name), b"content")
    desk.manifest(normalize(in_manifest, f"{name},H99.1,,,"))
    await desk.settle()
    assert desk.sink.bodies == [b"content"]
    claim = desk.sink.items[0][0].claim
    assert claim is not None
    assert claim.file_name == normalize("NFC", name)


async def test_the_same_document_again_has_the_same_identifier(desk: Desk) -> None:
    for name in ("manifest.csv", "manifest-2.csv"):
        desk.put("a.pdf", b"content")
        desk.manifest("a.pdf,H99.1,12,,", name=name)
        await desk.settle()
    assert len(desk.sink.items) == 1
    assert desk.done() == ["a.pdf", "a.pdf", "manifest-2.csv", "manifest.csv"]
    (desk.root / "state" / "folder-docs.ledger").unlink()
    desk.restart()
    desk.put("a.pdf", b"content")
    desk.manifest("a.pdf,H99.1,12,,")
    await desk.settle()
    first, again = (header.item_id for header, _ in desk.sink.items)
    assert first == again


async def test_another_content_or_claim_is_another_item(desk: Desk) -> None:
    for content, row in (
        (b"one", "a.pdf,H99.1,12,,"),
        (b"two", "a.pdf,H99.1,12,,"),
        (b"one", "a.pdf,H99.1,13,,"),
        (b"one", "a.pdf,H99.2,12,,"),
    ):
        desk.put("a.pdf", content)
        desk.manifest(row)
        await desk.settle()
    assert len({header.item_id for header, _ in desk.sink.items}) == 4


@pytest.mark.parametrize("crash_at", ["ledger.Ledger.add", "shelf.Shelf.put_away"])
async def test_a_crash_after_the_append_takes_nothing_twice_and_leaves_nothing(
    desk: Desk, crash_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put("a.pdf", b"a")
    desk.put("b.pdf", b"b")
    desk.manifest("a.pdf,H99.1,1,,", "b.pdf,H99.1,2,,")

    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(f"monitor.collect.{crash_at}", crash)
        with pytest.raises(Crash):
            await desk.settle()
    assert desk.sink.bodies == [b"a"]
    desk.restart()
    await desk.settle()
    assert set(desk.sink.bodies) == {b"a", b"b"}
    assert len({header.item_id for header, _ in desk.sink.items}) == 2
    assert desk.waiting() == []
    assert desk.done() == ["a.pdf", "b.pdf", "manifest.csv"]
    assert not desk.rejected()


async def test_a_restart_between_two_files_of_a_manifest_goes_on_with_the_second(
    desk: Desk,
) -> None:
    desk.put("a.pdf", b"a")
    desk.manifest("a.pdf,H99.1,1,,", "b.pdf,H99.1,2,,")
    await desk.settle()
    assert desk.waiting() == ["manifest.csv"]
    desk.restart()
    desk.put("b.pdf", b"b")
    await desk.settle()
    assert desk.sink.bodies == [b"a", b"b"]
    assert desk.waiting() == []
    assert not desk.rejected()


async def test_a_growing_manifest_asks_for_no_file_twice(desk: Desk) -> None:
    desk.put("a.pdf", b"a")
    desk.manifest("a.pdf,H99.1,1,,")
    await desk.settle()
    desk.put("b.pdf", b"b")
    desk.manifest("a.pdf,H99.1,1,,", "b.pdf,H99.1,2,,")
    desk.restart()
    await desk.settle()
    desk.time[0] += 1000
    await desk.settle()
    assert desk.sink.bodies == [b"a", b"b"]
    assert not desk.rejected()
    assert desk.waiting() == []


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (SpoolFull("full"), "spool_full"),
        (SpoolFault("io"), "spool_fault"),
        (OSError(5, "?"), "fault"),
    ],
)
async def test_what_the_spool_does_not_take_stays_and_is_tried_again(
    desk: Desk, error: Exception, word: str
) -> None:
    desk.put("a.pdf")
    desk.manifest("a.pdf,H99.1,,,")
    desk.sink.before = raising(error)
    await desk.settle()
    await desk.settle()
    assert desk.waiting() == ["a.pdf", "manifest.csv"]
    # Said once, not at every look.
    assert desk.counts.event("folder_waiting") == 1
    desk.sink.before = None
    await desk.settle()
    assert len(desk.sink.items) == 1
    assert desk.waiting() == []


async def test_what_never_fits_together_is_rejected_in_the_end(desk: Desk) -> None:
    desk.put("unnamed.pdf")
    desk.put(".hidden")
    desk.manifest("missing.pdf,H99.1,,,")
    await desk.settle()
    assert not desk.rejected()
    desk.time[0] += 101
    await desk.settle()
    assert desk.rejected() == {"unnamed.pdf": "orphan", "row-2": "file_missing"}
    assert desk.waiting() == [".hidden"]


async def test_a_file_waiting_for_its_spool_is_no_orphan(desk: Desk) -> None:
    desk.put("a.pdf")
    desk.manifest("a.pdf,H99.1,,,")
    desk.sink.before = raising(SpoolFull("full"))
    await desk.settle()
    desk.time[0] += 1000
    await desk.settle()
    assert desk.waiting() == ["a.pdf", "manifest.csv"]


async def test_an_old_file_is_no_orphan_while_its_manifest_settles(desk: Desk) -> None:
    desk.put("a.pdf")
    await desk.intake.look()
    desk.time[0] += 101
    desk.manifest("a.pdf,H99.1,,,")
    await desk.settle()
    assert len(desk.sink.items) == 1


async def test_a_bad_manifest_is_rejected_and_its_correction_taken(desk: Desk) -> None:
    desk.put("a.pdf")
    desk.put("manifest.csv", "file,agency,notation\na.pdf,H99.1,QĐ\n".encode("cp1258"))
    await desk.settle()
    assert desk.rejected() == {"manifest.csv": "manifest_encoding"}
    desk.manifest("a.pdf,H99.1,,,")
    await desk.settle()
    assert len(desk.sink.items) == 1


async def test_equal_names_in_done_do_not_overwrite_each_other(desk: Desk) -> None:
    for content in (b"one", b"two"):
        desk.put("a.pdf", content)
        desk.manifest("a.pdf,H99.1,12,,")
        await desk.settle()
    kept = {path.read_bytes() for path in desk.path.glob("done/*/a.pdf*")}
    assert kept == {b"one", b"two"}


async def test_a_folder_that_is_away_is_waited_for(desk: Desk) -> None:
    desk.path.rename(desk.root / "away")
    await desk.intake.look()
    assert desk.counts.event("folder_unavailable") == 1
    (desk.root / "away").rename(desk.path)
    desk.put("a.pdf")
    desk.manifest("a.pdf,H99.1,,,")
    await desk.settle()
    assert len(desk.sink.items) == 1


async def test_a_torn_ledger_is_read_as_far_as_it_is_whole(desk: Desk) -> None:
    desk.put("a.pdf")
    desk.manifest("a.pdf,H99.1,,,")
    await desk.settle()
    ledger = desk.root / "state" / "folder-docs.ledger"
    ledger.write_text(ledger.read_text() + "2026-11-16 0123")
    desk.restart()
    desk.put("a.pdf")
    desk.manifest("a.pdf,H99.1,,,")
    await desk.settle()
    assert len(desk.sink.items) == 1
    assert all(len(line.split()) == 3 for line in ledger.read_text().splitlines())


async def test_unreadable_names_are_orphans_like_others(desk: Desk) -> None:
    (desk.path / os.fsdecode(b"caf\xe9.pdf")).write_bytes(b"x")
    await desk.settle()
    desk.time[0] += 101
    await desk.settle()
    assert desk.waiting() == []


async def test_it_watches_until_cancelled(tmp_path: Path) -> None:
    desk = Desk(tmp_path, [0.0], options={"settle_seconds": 0.1, "poll_seconds": 0.01})
    watching = asyncio.get_running_loop().create_task(desk.intake.run())
    for number in range(3):
        desk.put(f"{number}.pdf", b"content %d" % number)
        desk.manifest(f"{number}.pdf,H99.1,{number},,", name=f"manifest-{number}.csv")
        async with asyncio.timeout(20):
            while desk.waiting():
                await asyncio.sleep(0.01)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    assert len(desk.sink.items) == 3
    assert not desk.rejected()
