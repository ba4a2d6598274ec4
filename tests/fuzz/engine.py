"""Runs a target over mutants, with coverage from atheris or blindly, and keeps what it finds.

A finding never ends a run: its input is kept once per rule and place, and the run goes on.
"""

import contextlib
import hashlib
import json
import random
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.oracles import Violation
from tests.fuzz.targets import AnyTarget

CPU_SECONDS = 5.0
"""Processor time that one input may take, generous because coverage makes the code slower."""
MEMORY = 1 << 30
"""Bytes by which one input may raise the process's memory."""
_STRUCTURED = 0.85
_AFRESH = 0.3
"""How often a mutant is made of a genuine file, so that many stay close to being valid."""
_REPORT_SECONDS = 10.0
_POOL = 2000


@dataclass
class Journal:
    """Counts and findings of a run, written to its folder as it goes."""

    folder: Path
    executions: int = 0
    seconds: float = 0.0
    verdicts: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    _started: float = field(default_factory=time.monotonic)
    _before: tuple[int, float] = (0, 0.0)
    _reported: float = 0.0

    @classmethod
    def open(cls, folder: Path) -> "Journal":
        """A journal that goes on where an earlier process of the run ended."""
        (folder / "findings").mkdir(parents=True, exist_ok=True)
        journal = cls(folder)
        with contextlib.suppress(FileNotFoundError):
            old = json.loads((folder / "status.json").read_text())
            journal._before = (old["executions"], old["seconds"])
            journal.verdicts, journal.findings = old["verdicts"], old["findings"]
        return journal

    def done(self, overall: str) -> None:
        self.executions += 1
        self.verdicts[overall] = self.verdicts.get(overall, 0) + 1
        if time.monotonic() - self._reported > _REPORT_SECONDS:
            self.write()

    def found(self, violation: Violation, data: bytes) -> None:
        """Keeps the smallest input of a finding."""
        key = str(violation)
        self.findings[key] = self.findings.get(key, 0) + 1
        path = self.folder / "findings" / hashlib.sha256(key.encode()).hexdigest()[:12]
        if not path.exists() or path.stat().st_size > len(data):
            path.write_bytes(data)
            path.with_suffix(".txt").write_text(key + "\n")
            self.write()

    def write(self) -> None:
        self._reported = time.monotonic()
        text = json.dumps({
            "executions": self._before[0] + self.executions,
            "seconds": round(self._before[1] + time.monotonic() - self._started, 1),
            "verdicts": self.verdicts,
            "findings": self.findings,
        }, indent=1)  # fmt: skip
        temporary = self.folder / "status.new"
        temporary.write_text(text)
        temporary.replace(self.folder / "status.json")


def run_one(target: AnyTarget, data: bytes, journal: Journal) -> None:
    """Judges one input within its bounds; a break of a rule is written down."""
    outcome = "violation"
    try:
        with _bounded():
            outcome = str(target.run(data).overall)
    except Violation as violation:
        journal.found(violation, data)
    journal.done(outcome)


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    began, before = time.process_time(), _peak(reset=True)
    yield
    if time.process_time() - began > CPU_SECONDS:
        raise Violation("slow", "processor time")
    if _peak() - before > MEMORY:
        raise Violation("large", "memory")


def _peak(*, reset: bool = False) -> int:
    """Peak resident bytes, since the last reset where the kernel allows one."""
    if reset:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def blind(
    target: AnyTarget, journal: Journal, seconds: float, seed: int,
    executions: int | None = None,
) -> None:  # fmt: skip
    """Mutants of seeds and of mutants, without coverage: repeatable, and without atheris."""
    chance = random.Random(seed)
    stock = [*target.world.genuine, *target.world.other]
    pool = list(stock)
    end = time.monotonic() + seconds
    count = 0
    while time.monotonic() < end and count != executions:
        data = target.mutator(chance.choice(pool), chance, stock)
        run_one(target, data, journal)
        count += 1
        if chance.random() < 0.05 and len(pool) < _POOL:
            pool.append(data)
    journal.write()


def guided(target: AnyTarget, journal: Journal, seconds: int, seed: int, folder: Path) -> None:
    """Mutants kept where they reach new code; ends the process, as libFuzzer does."""
    import atheris

    inputs = folder / "inputs"
    inputs.mkdir(exist_ok=True)
    stock = [*target.world.genuine, *target.world.other]
    for number, data in enumerate(stock):
        (inputs / f"seed-{number:03}").write_bytes(data)

    def mutate(data: bytes, max_size: int, chosen: int) -> bytes:
        chance = random.Random(chosen)
        if chance.random() < _AFRESH:
            data = chance.choice(target.world.genuine)
        if chance.random() < _STRUCTURED:
            return target.mutator(data, chance, stock)[:max_size]
        return bytes(atheris.Mutate(data, max_size))

    arguments = [
        sys.argv[0], str(inputs), f"-max_total_time={seconds}", f"-seed={seed}", "-timeout=120",
        "-rss_limit_mb=3000", "-max_len=400000", "-len_control=0", "-print_final_stats=1",
        f"-artifact_prefix={folder}/died-", "-use_value_profile=0",
    ]  # fmt: skip
    atheris.Setup(arguments, lambda data: run_one(target, data, journal), custom_mutator=mutate)
    atheris.Fuzz()
