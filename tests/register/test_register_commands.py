"""`congvu register list|show|unmatched|link|unlink`, as an operator calls them."""

import asyncio
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli.top import app
from monitor.record import Recorder, Sealer
from monitor.register.matching import match
from tests.register.entries import DAY, Entry, enter
from tests.support.database import Server, open_database
from tests.support.outcomes import digest, document, filed, mail

PERIOD = ("--from", "2026-03-01", "--to", "2026-03-31")


class Congvu:
    """The command on a database of its own."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.name = asyncio.run(server.create())
        self.config = folder / "congvu.toml"
        self.config.write_text(
            f'state_dir = "{server.state_dir}"\n[database]\ndsn = "{server.dsn(self.name)}"\n',
            encoding="utf-8",
        )

    def __call__(self, *words: str, status: int = 0) -> str:
        done = CliRunner().invoke(app, ["register", *words, "--config", str(self.config)])
        assert done.exit_code == status, (done.output, done.exception)
        return done.output or str(done.exception)

    async def fill(self) -> list[int]:
        database = await open_database(self.server.dsn(self.name))
        recorder = Recorder(database, self.server.state_dir)
        await recorder.write(
            [
                filed(document("a"), number="12", notation="UBND-VP", issued_on=DAY),
                mail("one", [document("b", file_name="=HYPERLINK(x).pdf")]),
            ]
        )
        ids = await enter(database, Entry(), Entry(number="13", paper="electronic"))
        sealer = Sealer.load(self.server.state_dir)
        async with database.connection() as connection:
            await connection.execute(
                "UPDATE register_entry SET sealed_subject = $1",
                sealer.seal("V/v kinh phí", "subject"),
            )
        await match(database)
        await database.close()
        return ids


@pytest.fixture
def congvu(postgres_server: Server, tmp_path: Path) -> Iterator[Congvu]:
    made = Congvu(postgres_server, tmp_path)
    yield made
    asyncio.run(postgres_server.drop(made.name))


def test_entries_are_listed_with_the_files_they_met(congvu: Congvu) -> None:
    one, two = asyncio.run(congvu.fill())
    text = congvu("list", "--agency", "so-mot", *PERIOD)
    assert "12/UBND-VP" in text
    assert "2 mục" in text
    rows = [json.loads(line) for line in congvu("list", "--json").splitlines()]
    assert {row["entry_id"]: row["files"] for row in rows} == {one: 1, two: 0}
    assert "no such agency" in congvu("list", "--agency", "khong", status=1)


def test_an_entry_is_shown_with_its_files_and_its_subject_only_for_a_reason(congvu: Congvu) -> None:
    one, _ = asyncio.run(congvu.fill())
    text = congvu("show", "12/ubnd-vp")
    assert f"MỤC {one} TRONG SỔ VĂN BẢN" in text
    assert f"{digest('a')[:12]} van-ban.pdf" in text
    assert "khớp theo số, ký hiệu và ngày" in " ".join(text.split())
    assert "kinh phí" not in text
    assert "V/v kinh phí" in congvu("show", "12/ubnd-vp", "--reveal", "--reason", "kiểm tra")
    congvu("show", "12/ubnd-vp", "--reveal", status=1)


def test_unmatched_lists_both_sides_and_writes_a_file_without_formulas(
    congvu: Congvu, tmp_path: Path
) -> None:
    _, two = asyncio.run(congvu.fill())
    text = congvu("unmatched", *PERIOD)
    assert "1 mục trong sổ chưa gặp tệp" in text
    assert "1 tệp chưa có trong sổ" in text
    path = tmp_path / "chua-khop.csv"
    congvu("unmatched", *PERIOD, "--csv", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1][0] == str(two)
    assert rows[3][4:6] == ["thư điện tử", "'=HYPERLINK(x).pdf"]
    assert not any(cell.startswith("=") for row in rows for cell in row)
    only = congvu("unmatched", *PERIOD, "--side", "files", "--json")
    (row,) = [json.loads(line) for line in only.splitlines()]
    assert (row["side"], row["name"], row["why"]) == ("files", digest("b"), "no_register")


def test_a_file_is_linked_and_unlinked_by_hand(congvu: Congvu) -> None:
    _, two = asyncio.run(congvu.fill())
    text = congvu("link", str(two), digest("b")[:12], "--reason", "đối chiếu hồ sơ")
    assert f"Đã gắn mục {two} với 1 văn bản" in text
    assert "gắn bằng tay" in congvu("show", str(two))
    text = congvu("unlink", str(two), digest("b")[:12], "--reason", "nhầm", "--language", "en")
    assert f"Entry {two} is unlinked from 1 documents" in text
    assert "đã gỡ bằng tay" in congvu("show", str(two))
    congvu("link", str(two), digest("b")[:12], status=2)
