"""How many lines of logs a second are read, beside public tools on the same file.

    python -m bench.logs [--lines 400000] [--rounds 3]

Logs are made as mail systems of a province write them: thousands of accounts, several lines a
mail or login of which few say anything, noise of scanners, stack traces. Reading is one core,
processor time, blocks of 1 MiB, the median of the rounds. Peers: `grep -c` for what the format's
lines have in common (it only looks), `awk` that cuts every line into fields, and for Postfix
`pflogsumm`, which joins queue ids as we do (Debian package; on PATH or left out).
"""

import argparse
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench.log_lines import FORMATS, START, Maker
from monitor.activity.formats import reader
from monitor.settings import LogSource

BLOCK = 1024 * 1024


def make(path: Path, maker: Maker, lines: int) -> int:
    """A log of at least so many lines, a few seconds from mail to mail; how many they are."""
    chance = random.Random(4)
    written, number = 0, 0
    with path.open("w", encoding="utf-8") as file:
        while written < lines:
            for line in maker(chance, START + timedelta(seconds=number // 10), number):
                file.write(line + "\n")
                written += 1
            number += 1
    return written


def blocks_of(path: Path) -> list[bytes]:
    """The file in blocks of whole lines, as a tail hands them over."""
    whole, blocks, at = path.read_bytes(), [], 0
    while at < len(whole):
        end = whole.rfind(b"\n", at, at + BLOCK) + 1
        blocks.append(whole[at:end])
        at = end
    return blocks


def reading(format_: str, blocks: list[bytes]) -> tuple[float, int, int]:
    """Seconds of processor time, addresses with days, and unknown lines."""
    source = LogSource.model_validate(
        {"name": "bench", "format": format_, "path": "/x", "internal_networks": ["10.0.0.0/8"]}
    )
    one = reader(source)
    active: set[object] = set()
    unknown = 0
    before = time.process_time()
    for block in blocks:
        found = one.read(block, START + timedelta(days=30))
        active.update(found.activity)
        unknown += found.unknown
    return time.process_time() - before, len(active), unknown


def peer(command: list[str], path: Path) -> float | None:
    """Seconds of processor time of a program that reads the file; None if it is not here."""
    program = shutil.which(command[0])
    if program is None:
        return None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, *command[1:], str(path)], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peers(format_: str, common: str) -> dict[str, list[str]]:
    found = {
        "grep -c": ["grep", "-c", common],
        "awk fields": ["awk", "{ n[$5]++ } END { for (k in n) m++; print m }"],
    }
    if format_ == "postfix":
        found["pflogsumm"] = ["pflogsumm"]
    return found


def show(format_: str, lines: int, folder: Path, rounds: int) -> None:
    maker, common = FORMATS[format_]
    path = folder / f"{format_}.log"
    written = make(path, maker, lines)
    blocks, size = blocks_of(path), path.stat().st_size / BLOCK
    taken, active, unknown = zip(*(reading(format_, blocks) for _ in range(rounds)), strict=True)
    seconds = statistics.median(taken)
    print(
        f"{format_:18} {written:9,} lines {size:6.0f} MiB   {written / seconds:9,.0f} lines/s "
        f"{size / seconds:6.1f} MiB/s   {active[0]:,} addresses and days, {unknown[0]} unknown"
    )
    for name, command in peers(format_, common).items():
        other = peer(command, path)
        if other:
            print(
                f"{'':18} {name:>15}                 {written / other:9,.0f} lines/s "
                f"{size / other:6.1f} MiB/s   congvu is {other / seconds:.2f} x as fast"
            )
    sys.stdout.flush()
    path.unlink()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("formats", nargs="*", default=[*FORMATS])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for format_ in asked.formats:
            show(format_, asked.lines, Path(name), asked.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
