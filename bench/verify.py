"""How fast signatures are verified, beside plain pyHanko, `pdfsig`, `openssl` and `xmlsec1`.

    python -m bench verify            (or python -m bench.verify [--rounds 3] [--repeat 20])

Signed files only: those of the corpus where it is at hand, else generated ones. The product and
pyHanko run in processes of their own, one core, and processor time is counted, so that a busy
machine matters less; of each file the median of the rounds is taken, every round from empty
caches. The programs are a process for each file and are taken by the clock. "cold" is a file that
was not seen before, "again" the same bytes at another address. What is printed goes into
docs/benchmarks.md as it is.
"""

# ruff: noqa: PLC0415  # each contender loads its own, in a process of its own

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.verify_files import (
    KINDS,
    REVISIONS,
    Signed,
    collected,
    fresh,
    generated,
    growing,
    large,
    load,
    save,
)

Times = dict[str, list[float]]
"""Seconds of each file, by kind."""


def peak() -> float:
    """Largest resident size of this process in MB so far, its parent's left out."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def timed(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


# -- contenders, each in a process of its own -----------------------------------------------------


def run_product(files: list[Signed], rounds: int, repeat: int) -> dict[str, object]:
    """Cold and repeated times by kind."""
    cold = [_cold_round(files) for _ in range(rounds)]
    again: Times = {}
    for file in files:
        examine = _examiner(file)
        data = file.data
        examine(data)
        copies = [bytes(bytearray(data)) for _ in range(repeat)]
        spent = timed(lambda examine=examine, copies=copies: list(map(examine, copies)))  # type: ignore[misc]  # bound now
        again.setdefault(file.kind, []).append(spent / repeat)
    return {"cold": _medians(files, cold), "again": again, "memory": peak()}


def _cold_round(files: list[Signed]) -> list[float]:
    """Seconds of each file; one trust store for each set of anchors, as the daemon has."""
    from monitor.examine.examiner import Examiner
    from monitor.model import Limits

    examiners: dict[tuple[str, ...], Examiner] = {}
    times = []
    for at, file in enumerate([files[0], *files]):
        if file.anchors not in examiners:
            examiners[file.anchors] = Examiner(file.material, Limits())
        data, content, examiner = file.data, file.beside, examiners[file.anchors]
        started = time.process_time()
        examiner.judge_file(file.path, data, file.moment, content)
        if at:  # the first one loads what is loaded late
            times.append(time.process_time() - started)
        else:
            examiners.clear()
    return times


def _examiner(file: Signed) -> Callable[[bytes], object]:
    from monitor.examine.examiner import Examiner
    from monitor.model import Limits

    examiner, content, moment = Examiner(file.material, Limits()), file.beside, file.moment
    return lambda data: examiner.judge_file(file.path, data, moment, content)


def run_pyhanko(files: list[Signed], rounds: int, repeat: int) -> dict[str, object]:
    """pyHanko as its documentation shows it, tolerant, without a network."""
    del repeat
    import logging

    logging.disable(logging.CRITICAL)
    gave_up, all_times = 0, []
    for _ in range(rounds):
        times, gave_up = [], 0
        for at, file in enumerate([files[0], *files]):
            data = file.data
            started = time.process_time()
            judged = _pyhanko(file, data)
            if at:
                times.append(time.process_time() - started)
                gave_up += not judged
        all_times.append(times)
    return {"cold": _medians(files, all_times), "gave_up": gave_up, "memory": peak()}


def _pyhanko(file: Signed, data: bytes) -> bool:
    import io

    from asn1crypto import x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        for signature in reader.embedded_regular_signatures:
            context = ValidationContext(
                trust_roots=[x509.Certificate.load(d) for d in file.ders("")],
                other_certs=[x509.Certificate.load(d) for d in file.ders("int_")],
                allow_fetching=False,
            )
            validate_pdf_signature(signature, context)
    except Exception:  # noqa: BLE001  # a file it does not judge still took its time
        return False
    return True


def _medians(files: list[Signed], rounds: list[list[float]]) -> Times:
    found: Times = {}
    for file, *seconds in zip(files, *rounds, strict=True):
        found.setdefault(file.kind, []).append(statistics.median(seconds))
    return found


def run_large(files: list[Signed], rounds: int, repeat: int) -> dict[str, object]:
    """Memory and time of one large file."""
    del rounds, repeat
    file = files[0]
    examine, idle = _examiner(file), peak()
    data = file.data
    return {"spent": timed(lambda: examine(data)), "idle": idle, "memory": peak()}


CONTENDERS = {"product": run_product, "pyhanko": run_pyhanko, "large": run_large}


# -- programs, a process for each file ------------------------------------------------------------


def _pdfsig(file: Signed) -> list[str]:
    return ["pdfsig", "-nocert", file.path]


def _openssl_cms(file: Signed) -> list[str]:
    form = "SMIME" if file.kind == "smime" else "DER"
    content = ["-content", file.content] if file.content else []
    return ["openssl", "cms", "-verify", "-noverify", "-inform", form, "-in", file.path,
            *content, "-out", "/dev/null"]  # fmt: skip


def _xmlsec(file: Signed) -> list[str]:
    return ["xmlsec1", "--verify", "--insecure", "--enabled-key-data", "x509", file.path]


PROGRAMS: dict[str, Callable[[Signed], list[str]]] = {
    "pdf": _pdfsig,
    "cms": _openssl_cms,
    "smime": _openssl_cms,
    "xmldsig": _xmlsec,
}


def by_program(files: list[Signed], most: int) -> Times:
    """Seconds by the clock of the program for each kind, at most so many files of it."""
    found: Times = {}
    for kind, call_of in PROGRAMS.items():
        chosen = [file for file in files if file.kind == kind]
        for file in chosen[:: max(1, len(chosen) // most)]:
            call = call_of(file)
            if shutil.which(call[0]) is None:
                break
            started = time.perf_counter()
            subprocess.run(call, capture_output=True, check=False, timeout=60)
            found.setdefault(kind, []).append(time.perf_counter() - started)
    return found


# -- report ---------------------------------------------------------------------------------------


def quantiles(times: list[float]) -> tuple[float, float, float]:
    """p50, p90 and p99 in milliseconds."""
    ordered = sorted(times)
    p50, p90, p99 = (
        ordered[min(len(ordered) - 1, int(len(ordered) * q))] * 1e3 for q in (0.5, 0.9, 0.99)
    )
    return p50, p90, p99


def row(label: str, times: list[float]) -> str:
    p50, p90, p99 = quantiles(times)
    rate = len(times) / sum(times)
    return f"| {label} | {len(times)} | {p50:.2f} | {p90:.2f} | {p99:.2f} | {rate:,.0f} |"


def worker(name: str, files: list[Signed], scratch: Path, options: argparse.Namespace) -> "Result":
    """What a contender found in a process of its own."""
    listed = scratch / "files.json"
    save(files, listed)
    call = [sys.executable, "-m", "bench.verify", "--worker", name, "--files", str(listed),
            "--rounds", str(options.rounds), "--repeat", str(options.repeat)]  # fmt: skip
    done = subprocess.run(call, stdout=subprocess.PIPE, text=True, check=True)
    found: Result = json.loads(done.stdout.splitlines()[-1])
    return found


Result = dict[str, object]


def times_of(result: Result, part: str) -> Times:
    found = result[part]
    assert isinstance(found, dict)
    return found


def number(result: Result, part: str) -> float:
    return float(str(result[part]))


def report(scratch: Path, options: argparse.Namespace) -> None:
    files = [] if options.generated else collected()
    made = generated(scratch)
    print(f"{len(files)} signed files of a collection of real ones" if files else "Generated files")
    files = files or made
    product = worker("product", files, scratch, options)
    cold, again = times_of(product, "cold"), times_of(product, "again")
    programs = by_program(files, options.programs)
    pdfs = [file for file in files if file.kind == "pdf"]
    plain = worker("pyhanko", pdfs, scratch, options)
    fresh_pdfs = worker("product", fresh(scratch), scratch, options)
    print("\n| | files | p50 ms | p90 ms | p99 ms | files/s |\n|---|---|---|---|---|---|")
    for kind in (k for k in KINDS if k in cold):
        print(row(f"{kind}, cold", cold[kind]))
        print(row(f"{kind}, the same again", again[kind]))
    print(row("pdf, fresh, 200 KB, time-stamped", times_of(fresh_pdfs, "cold")["pdf"]))
    theirs = times_of(plain, "cold")["pdf"]
    print(row("pdf, plain pyHanko, `strict=False`", theirs))
    for kind, times in programs.items():
        print(row(f"{kind}, `{PROGRAMS[kind](pdfs[0])[0]}`, whole process (clock)", times))
    ratios(cold, again, theirs, programs)
    ours, theirs_peak = number(product, "memory"), number(plain, "memory")
    print(f"\nplain pyHanko gave up on {plain['gave_up']} of {len(theirs)} files;", end=" ")
    print(f"peak memory {ours:.0f} MB, pyHanko {theirs_peak:.0f} MB")
    growth(worker("product", growing(scratch), scratch, options), scratch)
    memory(scratch, options)


def ratios(cold: Times, again: Times, theirs: list[float], programs: Times) -> None:
    print("\n| ratio | | bar |\n|---|---|---|")
    print(f"| to plain pyHanko, files/s | {sum(theirs) / sum(cold['pdf']):.1f} × | 3 |")
    medians = statistics.median(theirs) / statistics.median(cold["pdf"])
    print(f"| to plain pyHanko, p50 | {medians:.1f} × | |")
    print(f"| pdf, again to cold | {sum(cold['pdf']) / sum(again['pdf']):.0f} × | 50 |")
    for kind, times in programs.items():
        ratio = statistics.median(times) / statistics.median(cold[kind])
        print(f"| {kind}: a process of the program to one verdict, p50 | {ratio:.1f} × | |")


def growth(found: Result, scratch: Path) -> None:
    print("\n| signatures, each a revision | file | ms | ms a signature |\n|---|---|---|---|")
    for count, seconds in zip(REVISIONS, times_of(found, "cold")["pdf"], strict=True):
        size = (scratch / f"signed-{count}.pdf").stat().st_size / 1000
        print(f"| {count} | {size:.0f} KB | {seconds * 1e3:.1f} | {seconds * 1e3 / count:.2f} |")


def memory(scratch: Path, options: argparse.Namespace) -> None:
    print("\n| large file | ms | MB before reading it | MB at most |\n|---|---|---|---|")
    for file in large(scratch, options.megabytes):
        found = worker("large", [file], scratch, options)
        label = f"{options.megabytes} MB, {Path(file.path).stem}"
        spent, idle, most = (number(found, part) for part in ("spent", "idle", "memory"))
        print(f"| {label} | {spent * 1e3:.0f} | {idle:.0f} | {most:.0f} |")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="times each file comes cold")
    parser.add_argument("--repeat", type=int, default=20, help="times a file comes again")
    parser.add_argument("--programs", type=int, default=30, help="files of a kind given to each")
    parser.add_argument("--megabytes", type=int, default=100, help="size of the large files")
    parser.add_argument("--generated", action="store_true", help="leave the real files out")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--files", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        found = CONTENDERS[options.worker](load(options.files), options.rounds, options.repeat)
        print(json.dumps(found))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        report(Path(scratch), options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
