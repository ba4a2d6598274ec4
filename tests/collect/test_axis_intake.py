"""A folder of the exchange axis: each message is taken once, everything else is told why not."""

import io
import os
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from monitor.collect import AxisIntake
from monitor.errors import SpoolFault, SpoolFull
from monitor.model import Channel, PayloadKind
from monitor.observe import Observer
from monitor.settings import AxisSource
from tests.collect.wire import Counts, MemorySink, raising

NOW = datetime(2026, 11, 15, 18, 0, tzinfo=UTC)
"""16 November in Viet Nam."""


@dataclass
class Desk:
    """A folder, the intake that watches it, and a clock in hand."""

    root: Path
    time: list[float]
    sink: MemorySink = field(default_factory=MemorySink)
    looked: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path = self.root / "in"
        self.path.mkdir()
        self.restart()

    def restart(self) -> None:
        observer = Observer()
        self.counts = Counts(observer)
        source = AxisSource(name="axis", path=self.path, **self.options)
        self.intake = AxisIntake(source, self.sink, self.looked.append, observer, lambda: NOW)

    def put(self, name: str, data: bytes = b"<edXML/>") -> None:
        target = self.path / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)

    async def settle(self, seconds: float = 3) -> None:
        """Long enough for what is complete to be taken."""
        await self.intake.look()
        self.time[0] += seconds
        await self.intake.look()

    def under(self, place: str) -> list[str]:
        shelf = self.path / place
        return sorted(str(path.relative_to(shelf)) for path in shelf.glob("*/*"))


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr("monitor.collect.watch.monotonic", lambda: now[0])
    return now


@pytest.fixture
def desk(tmp_path: Path, time: list[float]) -> Desk:
    return Desk(tmp_path, time)


@pytest.fixture
def short_limit(tmp_path: Path, time: list[float]) -> Desk:
    return Desk(tmp_path, time, options={"max_file_bytes": 200})


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def named(*names: str, size: int = 10) -> bytes:
    return zipped(**{name: f"{n:0{size}}".encode() for n, name in enumerate(names)})


async def test_a_message_is_taken_whole_and_put_into_done_by_the_day(desk: Desk) -> None:
    desk.put("a.edxml", b"<edXML>1</edXML>")
    await desk.settle()
    header, body = desk.sink.items[0]
    assert body == b"<edXML>1</edXML>"
    assert (header.kind, header.channel, header.source, header.size, header.received_at) == (
        PayloadKind.AXIS, Channel.AXIS, "axis", 16, NOW,
    )  # fmt: skip
    assert header.claim is None
    assert desk.under("done") == ["2026-11-16/a.edxml"]
    assert desk.counts.event("document_captured") == 1
    assert desk.looked == ["axis", "axis"]


async def test_a_file_is_left_alone_until_it_rests(desk: Desk) -> None:
    for length in range(1, 5):
        desk.put("a.xml", b"x" * length)
        await desk.intake.look()
        desk.time[0] += 1.9
    assert not desk.sink.items
    await desk.settle()
    assert desk.sink.bodies == [b"xxxx"]


async def test_sub_folders_are_looked_into_one_level_deep(desk: Desk) -> None:
    desk.put("2026-11-15/a.edxml", b"1")
    desk.put("2026-11-16/a.edxml", b"2")
    (desk.path / "2026-11-16" / "deeper").mkdir()
    (desk.path / "2026-11-16" / "deeper" / "b.edxml").write_bytes(b"3")
    await desk.settle()
    assert sorted(desk.sink.bodies) == [b"1", b"2"]
    assert desk.under("done") == ["2026-11-15/a.edxml", "2026-11-16/a.edxml"]
    assert (desk.path / "2026-11-16" / "deeper" / "b.edxml").exists()


async def test_the_same_message_under_another_name_is_the_same_item(desk: Desk) -> None:
    desk.put("a.edxml", b"same")
    await desk.settle()
    desk.restart()
    desk.put("later/b.xml", b"same")
    desk.put("c.xml", b"other")
    await desk.settle()
    ids = {body: header.item_id for header, body in desk.sink.items}
    assert [h.item_id for h, body in desk.sink.items if body == b"same"] == [ids[b"same"]] * 2
    assert ids[b"same"] != ids[b"other"]


async def test_an_archive_of_many_messages_is_as_many_items(desk: Desk) -> None:
    desk.put("day.ZIP", named("a.edxml", "b.xml", "in/c.edxml"))
    desk.put("a.edxml", b"0000000000")
    await desk.settle()
    ids = {header.item_id for header, _ in desk.sink.items}
    assert (len(desk.sink.items), len(ids)) == (4, 3)
    assert {(h.size, sha256(body).hexdigest()) for h, body in desk.sink.items} == {
        (10, sha256(f"{n:010}".encode()).hexdigest()) for n in range(3)
    }
    assert desk.under("done") == ["2026-11-16/a.edxml", "2026-11-16/day.ZIP"]


@pytest.mark.parametrize(
    "data",
    [
        named("a.edxml"),
        named("a.edxml", "b.pdf"),
        zipped(**{"a.zip": named("x.edxml"), "b.zip": named("y.edxml")}),
        b"PK\x03\x04 no archive",
        b"",
    ],
)
async def test_another_archive_is_one_item(desk: Desk, data: bytes) -> None:
    desk.put("a.zip", data)
    await desk.settle()
    assert desk.sink.bodies == [data]


async def test_an_archive_bomb_is_set_aside_before_anything_of_it_is_taken(
    short_limit: Desk,
) -> None:
    short_limit.options["max_file_bytes"] = 100_000
    short_limit.restart()
    short_limit.put("a.zip", zipped(**{"a.xml": b"1", "b.xml": bytes(1_000_000)}))
    await short_limit.settle()
    assert short_limit.sink.items == []
    assert short_limit.under("rejected") == [
        "2026-11-16/a.zip", "2026-11-16/a.zip.reason.txt",
    ]  # fmt: skip
    assert short_limit.counts.dropped("too_large") == 1


async def test_an_archive_that_is_cut_off_is_set_aside_whole(desk: Desk) -> None:
    whole = bytearray(named("a.xml", "b.xml", size=4000))
    whole[60] ^= 0xFF
    desk.put("a.zip", bytes(whole))
    await desk.settle()
    assert desk.sink.items == []
    assert desk.counts.dropped("unreadable") == 1


async def test_a_file_that_is_too_large_is_set_aside_with_its_reason(short_limit: Desk) -> None:
    short_limit.put("big.edxml", bytes(201))
    await short_limit.settle()
    reason = short_limit.path / "rejected" / "2026-11-16" / "big.edxml.reason.txt"
    assert reason.read_text().splitlines()[0] == "too_large"
    assert short_limit.sink.items == []


async def test_links_are_never_followed(desk: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "secret.edxml"
    secret.write_bytes(b"secret")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "b.edxml").write_bytes(b"secret")
    (desk.path / "a.edxml").symlink_to(secret)
    (desk.path / "day.edxml").symlink_to(elsewhere)
    os.link(secret, desk.path / "hard.edxml")
    await desk.settle()
    assert desk.sink.items == []
    assert desk.counts.dropped("not_regular") == 2
    assert desk.counts.dropped("linked") == 1
    assert secret.read_bytes() == b"secret"


async def test_what_is_no_file_of_the_axis_waits_an_hour_and_is_set_aside(desk: Desk) -> None:
    desk.put("a.edxml.part")
    await desk.settle(3599)
    assert desk.under("rejected") == []
    desk.time[0] += 2
    await desk.intake.look()
    assert desk.counts.dropped("not_of_the_axis") == 1
    assert desk.sink.items == []


@pytest.mark.parametrize("error", [SpoolFull("full"), SpoolFault("fault"), RuntimeError("bug")])
async def test_a_spool_that_does_not_take_it_leaves_it_there(desk: Desk, error: Exception) -> None:
    desk.sink.before = raising(error)
    desk.put("a.edxml")
    await desk.settle()
    await desk.intake.look()
    assert (desk.path / "a.edxml").exists()
    assert desk.looked == ["axis"]
    assert desk.counts.event("folder_waiting") == 1
    desk.sink.before = None
    await desk.intake.look()
    assert desk.under("done") == ["2026-11-16/a.edxml"]


async def test_a_crash_before_the_move_repeats_the_same_item(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    desk.put("a.edxml")
    with monkeypatch.context() as patch:
        patch.setattr("monitor.collect.shelf.Shelf.put_away", crash)
        with pytest.raises(KeyboardInterrupt):
            await desk.settle()
    desk.restart()
    await desk.settle()
    first, second = (header.item_id for header, _ in desk.sink.items)
    assert first == second


async def test_a_folder_that_is_away_is_said_and_tried_again(desk: Desk) -> None:
    desk.put("a.edxml")
    away = desk.path.rename(desk.root / "away")
    await desk.settle()
    assert desk.looked == []
    assert desk.counts.event("folder_unavailable") == 2
    away.rename(desk.path)
    await desk.settle()
    assert desk.under("done") == ["2026-11-16/a.edxml"]
