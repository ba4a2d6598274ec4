"""How long whole lists of people and accounts take to import, and again with few changes.

    python -m bench.roster [--people 2000000] [--agencies 2000] [--changed 0.01] [--kind both]

Lists are generated as CSV, a row a person, by a process of its own; the import is what
`congvu roster import --apply` does, on an embedded PostgreSQL that waits for the disk. Printed:
seconds by the clock, processor time of the importing process and of PostgreSQL, peak memory.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from monitor.agencies.agency import Agency
from monitor.agencies.registry import Registry
from monitor.observe import Observer, configure_logging
from monitor.record import Database, EmbeddedPostgres, Mode, Sealer
from monitor.record.roster_rows import Terms
from monitor.roster.accounts import read_accounts
from monitor.roster.agencies import Agencies
from monitor.roster.importing import Imported, import_accounts, import_people
from monitor.roster.people import read_people
from monitor.roster.words import LeaderPosts
from monitor.settings import DatabaseSettings, PrivacySettings, Settings

TICKS = os.sysconf("SC_CLK_TCK")
FAMILY = ("nguyen", "tran", "le", "pham", "hoang", "phan", "vu", "dang", "bui", "do")
GIVEN = ("an", "binh", "chi", "dung", "giang", "ha", "hung", "khanh", "lan", "minh", "nga", "phuc")
NAMES = ("Nguyễn Thị", "Trần Văn", "Lê Minh", "Phạm Quốc", "Hoàng Thu", "Vũ Đức", "Đặng Hồng")
POSTS = ("Chuyên viên",) * 12 + ("Văn thư", "Phó Trưởng phòng", "Trưởng phòng", "Giám đốc")
STATES = ("đang hoạt động",) * 18 + ("tạm khóa", "thu hồi")
FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def registry(agencies: int) -> Registry:
    return Registry([
        Agency(
            code=f"cq-{number}", name=f"Cơ quan số {number}", level="commune",
            domains=(f"cq{number}.tinh.gov.vn",),
        )
        for number in range(agencies)
    ])  # fmt: skip


def lines(kind: str, people: int, agencies: int, changed: float) -> Iterator[str]:
    """A list; of a later one so many rows are other than in the first."""
    dice = random.Random(people)
    moves = random.Random(int(changed * 1e6))
    if kind == "people":
        yield "Mã cán bộ,Họ và tên,Cơ quan,Chức vụ,Email,Từ ngày\n"
    else:
        yield "Địa chỉ,Bí danh,Trạng thái,Ngày cấp,Đăng nhập lần cuối,Mã cán bộ\n"
    for number in range(people):
        home = number % agencies
        post, state = dice.choice(POSTS), dice.choice(STATES)
        mail = f"{dice.choice(FAMILY)}.{dice.choice(GIVEN)}{number}@cq{home}.tinh.gov.vn"
        year = 2005 + number % 20
        if moves.random() < changed:
            home, state = (home + 1) % agencies, "tạm khóa"
        if kind == "people":
            name = f"{dice.choice(NAMES)} {dice.choice(GIVEN).title()}"
            yield f"CB{number:08},{name},cq-{home},{post},{mail},01/03/{year}\n"
        else:
            alias = f"a{number}@cq{number % agencies}.tinh.gov.vn" if number % 10 == 0 else ""
            yield f"{mail},{alias},{state},01/03/{year},20/12/2025,CB{number:08}\n"


def make(kind: str, path: Path, people: int, agencies: int, changed: float) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines(kind, people, agencies, changed))


@dataclass
class Bench:
    database: Database
    sealer: Sealer
    settings: Settings
    registry: Registry

    async def imported(self, kind: str, path: Path, as_of: date, *, apply: bool) -> Imported:
        terms = Terms("bench", as_of, whole=True, actor="bench", apply=apply)
        agencies = Agencies(self.registry, as_of)
        if kind == "people":
            posts = LeaderPosts(self.settings.accounts.leader_words)
            return await import_people(
                read_people(path, None, agencies, posts), agencies, terms, self.settings,
                self.database, self.sealer, lambda _: None,
            )  # fmt: skip
        return await import_accounts(
            read_accounts(path, None, agencies), agencies, terms, self.settings, self.database,
            self.sealer, lambda _: None,
        )  # fmt: skip


def memory(name: str) -> float:
    """Of this process, MB: `VmHWM` is the most so far, `VmRSS` what is held now."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0


def postgres_seconds() -> float:
    """Processor time of all that this process has started and of what that has, ended or not."""
    own = str(os.getpid())
    processes: dict[str, tuple[str, int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                processes[entry.name] = fields[1], sum(map(int, fields[11:15]))
    return sum(
        ticks for parent, ticks in processes.values()
        if own in {parent, processes.get(parent, ("", 0))[0]}
    ) / TICKS  # fmt: skip


async def measured(
    bench: Bench, kind: str, what: str, path: Path, as_of: date, *, apply: bool = True
) -> None:
    clock, own, server = time.perf_counter(), time.process_time(), postgres_seconds()
    done = await bench.imported(kind, path, as_of, apply=apply)
    clock, own = time.perf_counter() - clock, time.process_time() - own
    server = postgres_seconds() - server
    outcome = done.outcome
    print(
        f"{kind:9} {what:28} {clock:7.1f} s   own {own:6.1f} s   PostgreSQL {server:6.1f} s   "
        f"memory {memory('VmRSS'):4.0f} MB, at most {memory('VmHWM'):4.0f} MB   "
        f"+{outcome.total('added')} ~{outcome.total('changed')} -{outcome.total('ended')} "
        f"={outcome.total('unchanged')} problems {len(done.problems)}",
        flush=True,
    )


async def run(asked: argparse.Namespace, folder: Path) -> None:
    kinds = ("people", "accounts") if asked.kind == "both" else (asked.kind,)
    embedded = EmbeddedPostgres(folder / "state", Observer())
    async with embedded:
        database = await Database.open(embedded.dsn, Mode.REAL, DatabaseSettings(), Observer())
        settings = Settings(privacy=PrivacySettings(keep_names=asked.names))
        bench = Bench(database, Sealer(b"b" * 32), settings, registry(asked.agencies))
        for kind in kinds:
            await steps(bench, kind, folder)
        await database.close()


async def steps(bench: Bench, kind: str, folder: Path) -> None:
    first, later = folder / f"{kind}.csv", folder / f"{kind}-later.csv"
    await measured(bench, kind, "the first, dry run", first, FIRST, apply=False)
    await measured(bench, kind, "the first, applied", first, FIRST)
    await measured(bench, kind, "the same again", first, SECOND)
    await measured(bench, kind, "with changes, applied", later, THIRD)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=2_000_000)
    parser.add_argument("--agencies", type=int, default=2_000)
    parser.add_argument("--changed", type=float, default=0.01)
    parser.add_argument("--kind", choices=("people", "accounts", "both"), default="both")
    parser.add_argument("--names", action="store_true", help="keep names, sealed")
    parser.add_argument("--make", choices=("people", "accounts"), help=argparse.SUPPRESS)
    parser.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.make:
        make(asked.make, asked.to, asked.people, asked.agencies, asked.changed)
        return 0
    configure_logging("error", "console")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        for kind in ("people", "accounts"):
            for suffix, changed in (("", 0.0), ("-later", asked.changed)):
                file = folder / f"{kind}{suffix}.csv"
                subprocess.run(
                    [sys.executable, "-m", "bench.roster", "--make", kind, "--to", str(file),
                     "--people", str(asked.people), "--agencies", str(asked.agencies),
                     "--changed", str(changed)],
                    check=True,
                )  # fmt: skip
        size = (folder / "people.csv").stat().st_size / 1e6
        print(
            f"{asked.people:,} people in {asked.agencies:,} agencies, {size:.0f} MB as CSV; "
            f"waiting for a processor before it began: {os.getloadavg()[0]:.1f}"
        )
        asyncio.run(run(asked, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
