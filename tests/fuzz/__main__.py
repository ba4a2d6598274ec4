"""`python -m tests.fuzz`: fuzz the verifier by format, or judge a finding again."""

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path

_FORMATS = (
    "pdf", "cms", "smime", "xmldsig", "ooxml", "odf", "asic", "edxml", "axis", "zip", "revocation",
)  # fmt: skip
_HELP = """\
Fuzzes the verifier with one format's files, changed by their own structure.

Every verdict is held against oracles: no fault of the verifier, 5 s of processor time and 1 GiB
of memory at most, a verdict that does not contradict itself, and never `valid` for content,
signer or time that nobody signed, as an independent reader sees the file. With atheris installed
(`make fuzz` does it) mutants are guided by coverage; without it they are blind.

A run's folder holds status.json (executions, verdicts, findings), findings/ (the smallest input
of each, with its rule beside it) and the PKI that everything is judged by, so a later run goes on
in the same folder, and --replay judges a kept input again.

`make fuzz` runs every format for FUZZ_SECONDS (1800) each, then sends 10,000 malformed mails
through the whole daemon (tests/daemon/test_hostile_input.py).
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("formats", nargs="+", metavar="FORMAT", choices=(*_FORMATS, "all"),
                        help=f"{', '.join(_FORMATS)} or all")  # fmt: skip
    parser.add_argument("--seconds", type=int, default=1800, help="wall-clock for each format")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("var/fuzz"), help="where runs are kept")
    parser.add_argument("--blind", action="store_true", help="without coverage, even with atheris")
    parser.add_argument("--replay", type=Path, help="judge this input again and say what breaks")
    asked = parser.parse_args()
    formats = _FORMATS if "all" in asked.formats else asked.formats
    if asked.replay:
        return _replay(formats[0], asked.folder / formats[0], asked.replay)
    guided = not asked.blind and importlib.util.find_spec("atheris") is not None
    if not guided:
        print("mutants are blind: atheris is not installed (make .venv/.fuzz)")
    found = 0
    for name in formats:
        found += _supervise(name, asked.folder / name, asked.seconds, asked.seed, guided)
    return 1 if found else 0


def _supervise(name: str, folder: Path, seconds: int, seed: int, guided: bool) -> int:
    """Keeps a child fuzzing until the time is over; one that dies is a finding. The findings."""
    folder.mkdir(parents=True, exist_ok=True)
    end, died = time.monotonic() + seconds, 0
    with (folder / "log.txt").open("ab") as log:
        while (left := int(end - time.monotonic())) > 0 and died < 20:
            call = [sys.executable, "-m", "tests.fuzz.child", name, str(folder), str(left),
                    str(seed + died), "guided" if guided else "blind"]  # fmt: skip
            done = subprocess.run(call, stdout=log, stderr=log, check=False)
            if done.returncode:
                died += 1
    return _report(name, folder, died)


def _report(name: str, folder: Path, died: int) -> int:
    try:
        status = json.loads((folder / "status.json").read_text())
    except FileNotFoundError:
        print(f"{name}: could not begin, see {folder / 'log.txt'}")
        return 1
    verdicts = ", ".join(f"{count} {word}" for word, count in sorted(status["verdicts"].items()))
    print(f"{name}: {status['executions']} inputs in {status['seconds']:.0f} s ({verdicts}), "
          f"{len(status['findings'])} findings, {died} processes died")  # fmt: skip
    for rule, count in status["findings"].items():
        print(f"  {count} x {rule}")
    return len(status["findings"]) + died


def _replay(name: str, folder: Path, path: Path) -> int:
    from tests.fuzz.oracles import Violation
    from tests.fuzz.targets import target
    from tests.fuzz.world import World

    try:
        verdict = target(name, World.load(folder)).run(path.read_bytes())
    except Violation as violation:
        print(violation)
        return 1
    print(verdict.model_dump_json(indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
