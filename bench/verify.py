"""How fast signatures are verified, beside plain pyHanko and poppler's `pdfsig`.

    python -m bench.verify [--pdfsig 30] [--repeat 20]

Signed files only: those of the corpus where it is at hand, else generated ones. Each contender
runs in a process of its own, one core, and processor time is counted, so that a busy machine
matters less; `pdfsig` is a process for each file and is taken by the clock. "cold" is a file that
was not seen before, "again" the same bytes at another address.
"""

# ruff: noqa: PLC0415  # each contender imports its own, in a process of its own

import argparse
import base64
import csv
import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

PEM = re.compile(rb"-----BEGIN [^-]+-----(.*?)-----END", re.DOTALL)
KINDS = ("pdf", "cms")
Row = dict[str, str]


def corpus_rows() -> tuple[Path | None, list[Row]]:
    from tests.support.corpus import CORPUS

    if CORPUS is None:
        return None, []
    with (CORPUS / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return CORPUS, [r for r in rows if r["kind"] in KINDS and r["signatures"] != "0"]


def generated(folder: Path) -> list[Row]:
    """Pages signed once, twice, certified and time-stamped, where there is no corpus."""
    from pyhanko.sign.fields import MDPPerm

    from tests.verify import making as make

    once = make.sign_pdf(make.page(pages=40))
    makers = {
        "once": once,
        "twice": make.sign_pdf(once, make.agency(), visible=True),
        "certified": make.sign_pdf(make.page(), certify=MDPPerm.FILL_FORMS),
        "stamped": make.sign_pdf(make.page(pages=5), stamp=make.timestamper()),
    }
    rows = []
    for name, data in makers.items():
        (folder / f"{name}.pdf").write_bytes(data)
        rows.append({"path": f"{name}.pdf", "kind": "pdf", "anchors": "", "content": ""})
    return rows


def fresh(count: int = 40) -> list[bytes]:
    """Distinct freshly signed files of about 200 KB, as an office sends them."""
    import random

    from pyhanko.pdf_utils import generic

    from tests.verify import making as make

    def picture(writer: object) -> None:
        stream = generic.StreamObject(stream_data=random.randbytes(180_000))
        root = writer.root  # type: ignore[attr-defined]  # pyHanko's incremental writer
        root[generic.pdf_name("/Bench")] = writer.add_object(stream)  # type: ignore[attr-defined]
        writer.update_root()  # type: ignore[attr-defined]

    return [
        make.sign_pdf(make.update(make.page(pages=3), picture), stamp=make.timestamper())
        for _ in range(count)
    ]


def encoded(path: Path) -> list[bytes]:
    data = path.read_bytes()
    found = [base64.b64decode(match) for match in PEM.findall(data)]
    return found or [data]


def anchors_of(folder: Path, row: Row) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {"int_": [], "crl_": [], "": []}
    for name in filter(None, row["anchors"].split(";")):
        prefix = Path(name).name[:4]
        found[prefix if prefix in found else ""] += encoded(folder / name)
    return found


# -- contenders, each in a process of its own -----------------------------------------------------


def run_product(folder: Path, rows: list[Row], repeat: int) -> dict[str, object]:
    from monitor.model import Anchor, Moment, Revocation, TrustMaterial
    from monitor.verify.judge import Judge

    def judge_of(row: Row) -> Judge:
        given = anchors_of(folder, row)
        return Judge(
            TrustMaterial(
                anchors=tuple(Anchor(certificate=base64.b64encode(d)) for d in given[""]),
                intermediates=tuple(map(base64.b64encode, given["int_"])),
                crls=tuple(map(base64.b64encode, given["crl_"])),
                revocation=Revocation.SOFT,
            )
        )

    moment = Moment(now=datetime.now(UTC))
    judges: dict[str, Judge] = {}
    for row in rows:
        if row["anchors"] not in judges:
            judges[row["anchors"]] = judge_of(row)

    def one(row: Row, data: bytes, content: bytes | None) -> None:
        judges[row["anchors"]].judge(data, row["path"], moment, content)

    cold = timed(folder, rows, one)
    again: dict[str, list[float]] = {}
    for row in (r for r in rows if r["kind"] == "pdf"):
        data = (folder / row["path"]).read_bytes()
        judge = judge_of(row)
        judge.judge(data, row["path"], moment)
        copies = [bytes(bytearray(data)) for _ in range(repeat)]
        started = time.process_time()
        for copy in copies:
            judge.judge(copy, row["path"], moment)
        again.setdefault("pdf", []).append((time.process_time() - started) / repeat)
    return {"cold": cold, "again": again, "memory": peak()}


def run_fresh() -> dict[str, object]:
    from monitor.model import Moment
    from monitor.verify.judge import Judge
    from tests.verify import making as make

    files = fresh()
    judge = Judge(make.material())
    moment = Moment(now=datetime.now(UTC))
    judge.judge(files.pop(), "warm.pdf", moment)
    times = []
    for data in files:
        started = time.process_time()
        judge.judge(data, "a.pdf", moment)
        times.append(time.process_time() - started)
    return {"cold": {"pdf": times}, "size": statistics.mean(map(len, files)), "memory": peak()}


def run_pyhanko(folder: Path, rows: list[Row], repeat: int) -> dict[str, object]:
    """pyHanko as its documentation shows it, tolerant, without a network."""
    del repeat
    import io
    import logging

    from asn1crypto import x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    logging.disable(logging.CRITICAL)
    errors = 0

    def one(row: Row, data: bytes, content: bytes | None) -> None:
        nonlocal errors
        del content
        given = anchors_of(folder, row)
        try:
            reader = PdfFileReader(io.BytesIO(data), strict=False)
            for signature in reader.embedded_regular_signatures:
                context = ValidationContext(
                    trust_roots=[x509.Certificate.load(d) for d in given[""]],
                    other_certs=[x509.Certificate.load(d) for d in given["int_"]],
                    allow_fetching=False,
                )
                validate_pdf_signature(signature, context)
        except Exception:  # noqa: BLE001  # a file it does not judge still took its time
            errors += 1

    cold = timed(folder, [r for r in rows if r["kind"] == "pdf"], one)
    return {"cold": cold, "errors": errors, "memory": peak()}


def timed(
    folder: Path, rows: list[Row], one: Callable[[Row, bytes, bytes | None], None]
) -> dict[str, list[float]]:
    """Processor seconds of each file by kind; the first file is judged once before, unmeasured."""
    times: dict[str, list[float]] = {}
    for at, row in enumerate([rows[0], *rows]):
        data = (folder / row["path"]).read_bytes()
        content = (folder / row["content"]).read_bytes() if row.get("content") else None
        started = time.process_time()
        one(row, data, content)
        if at:
            times.setdefault(row["kind"], []).append(time.process_time() - started)
    return times


def peak() -> float:
    """Largest resident size in MB so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_pdfsig(folder: Path, rows: list[Row], count: int) -> list[float]:
    program = shutil.which("pdfsig")
    times: list[float] = []
    for row in [r for r in rows if r["kind"] == "pdf"][:: max(1, len(rows) // count or 1)]:
        if program is None:
            break
        call = [program, "-nocert", str(folder / row["path"])]
        started = time.perf_counter()
        subprocess.run(call, capture_output=True, check=False)
        times.append(time.perf_counter() - started)
    return times


# -- report ---------------------------------------------------------------------------------------


def spread(label: str, times: list[float]) -> None:
    ordered = sorted(times)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * q))] * 1e3 for q in (0.5, 0.9, 0.99)]
    rate = len(ordered) / sum(ordered)
    print(
        f"{label:30} {len(ordered):4} files  p50 {at[0]:8.2f}  p90 {at[1]:8.2f}  "
        f"p99 {at[2]:8.2f} ms  {rate:9.1f} files/s"
    )


def worker(name: str, folder: Path, repeat: int) -> dict[str, object]:
    call = [sys.executable, "-m", "bench.verify", "--worker", name, "--folder", str(folder),
            "--repeat", str(repeat)]  # fmt: skip
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def as_worker(name: str, folder: Path, repeat: int) -> None:
    rows = json.loads((folder / "rows.json").read_text()) if name != "fresh" else []
    base = Path((folder / "base").read_text()) if name != "fresh" else folder
    result = (
        run_fresh() if name == "fresh"
        else run_product(base, rows, repeat) if name == "product"
        else run_pyhanko(base, rows, repeat)
    )  # fmt: skip
    print(json.dumps(result))


def times_of(result: dict[str, object], part: str) -> Iterator[tuple[str, list[float]]]:
    found = result[part]
    assert isinstance(found, dict)
    yield from found.items()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pdfsig", type=int, default=30, help="files given to pdfsig")
    parser.add_argument("--repeat", type=int, default=20, help="times a file comes again")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        as_worker(options.worker, options.folder, options.repeat)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        report(Path(scratch), options.pdfsig, options.repeat)
    return 0


def report(scratch: Path, pdfsig: int, repeat: int) -> None:
    corpus, rows = corpus_rows()
    base = corpus or scratch
    rows = rows or generated(scratch)
    (scratch / "rows.json").write_text(json.dumps(rows))
    (scratch / "base").write_text(str(base))
    print("corpus files" if corpus else "generated files: set CONGVU_CORPUS for real ones")
    product, plain = worker("product", scratch, repeat), worker("pyhanko", scratch, repeat)
    office = worker("fresh", scratch, repeat)
    for kind, times in times_of(product, "cold"):
        spread(f"{kind}, cold", times)
    ours, theirs, again = (
        dict(times_of(result, part))["pdf"]
        for result, part in ((product, "cold"), (plain, "cold"), (product, "again"))
    )
    spread("pdf, the same again", again)
    spread("pdf, fresh, 200 KB, stamped", dict(times_of(office, "cold"))["pdf"])
    spread("pdf, plain pyHanko", theirs)
    if outside := run_pdfsig(base, rows, pdfsig):
        spread("pdf, pdfsig, whole process", outside)
    print(f"\nto plain pyHanko, files/s        {sum(theirs) / sum(ours):6.1f} ×   (bar: 3)")
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(f"to plain pyHanko, p50            {ratio:6.1f} ×")
    print(f"the same again to cold           {sum(ours) / sum(again):6.0f} ×   (bar: 50)")
    print(f"files plain pyHanko gave up on   {plain['errors']:6} of {len(theirs)}")
    print(f"peak memory, product / pyHanko   {product['memory']:.0f} / {plain['memory']:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
