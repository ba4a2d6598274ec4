"""How a revocation list of a million entries is taken in and asked, beside public tools.

    python -m bench.lists [--entries 1000000] [--lookups 2000]

Each contender runs in a process of its own, one core; processor time is counted, memory is the
process's peak over what it had before the list. `openssl crl` is a process for itself and is
taken by the clock. "hit" is a certificate that is on the list, "miss" one that is not.
"""

# ruff: noqa: PLC0415  # each contender imports its own, in a process of its own

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

START = datetime(2024, 1, 1, tzinfo=UTC)
Figures = dict[str, float]


def serial_of(number: int) -> int:
    """A serial number as CAs draw them: 16 octets, not in order, the first bit clear."""
    return int.from_bytes(sha256(number.to_bytes(8, "big")).digest()[:16], "big") >> 1


def make_list(folder: Path, entries: int, _: int) -> Figures:
    """A signed list with a reason in every third entry; by hand, for builders copy every entry."""
    from cryptography.hazmat.primitives import hashes, serialization

    from monitor.verify import ber
    from tests.verify import making as make

    def time_of(when: datetime) -> bytes:
        return ber.encode(ber.UTC_TIME, f"{when:%y%m%d%H%M%S}Z".encode())

    def entry(number: int) -> bytes:
        serial = serial_of(number)
        content = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
        reason = bytes.fromhex("300c300a0603551d1504030a0104") if number % 3 == 0 else b""
        return ber.encode(
            ber.SEQUENCE,
            ber.encode(ber.INTEGER, content) + time_of(START + timedelta(seconds=number)) + reason,
        )

    ca = make.intermediate()
    subject = ca.certificate.subject.public_bytes()
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    tbs = ber.encode(
        ber.SEQUENCE,
        b"\x02\x01\x01" + algorithm + subject
        + time_of(make.NOW - make.DAY) + time_of(make.NOW + make.DAY)
        + ber.encode(ber.SEQUENCE, b"".join(map(entry, range(entries)))),
    )  # fmt: skip
    from cryptography.hazmat.primitives.asymmetric import ec

    if not isinstance(ca.key, ec.EllipticCurvePrivateKey):
        raise TypeError("the test CA signs with ECDSA")
    signature = ca.key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    der = ber.encode(ber.SEQUENCE, tbs + algorithm + ber.encode(ber.BIT_STRING, b"\0" + signature))
    (folder / "large.crl").write_bytes(der)
    (folder / "ca.der").write_bytes(ca.certificate.public_bytes(serialization.Encoding.DER))
    leaf = make.officer().certificate
    (folder / "leaf.der").write_bytes(leaf.public_bytes(serialization.Encoding.DER))
    return {}


def peak_mb() -> float:
    """Of this process alone: what getrusage says is inherited through fork and exec."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    before = time.process_time()
    work()
    return time.process_time() - before


def lookups(ask: Callable[[int], object], entries: int, count: int) -> Figures:
    step = max(entries // count, 1)
    hits = [timed(lambda n=n: ask(serial_of(n))) for n in range(0, entries, step)]  # type: ignore[misc]  # a default binds n
    misses = [timed(lambda n=n: ask(serial_of(n))) for n in range(entries, entries + count)]  # type: ignore[misc]  # a default binds n
    return {
        "hit_ms": statistics.median(hits) * 1000,
        "miss_ms": statistics.median(misses) * 1000,
        "worst_ms": max(hits + misses) * 1000,
    }


def asker(folder: Path, listed: object) -> Callable[[int], object]:
    """Asks a list about a certificate that bears another serial number."""
    from monitor.verify.certificate import Certificate
    from monitor.verify.crl import RevocationList

    if not isinstance(listed, RevocationList):
        raise TypeError("no list")
    leaf = Certificate((folder / "leaf.der").read_bytes())

    def ask(serial: int) -> object:
        content = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
        leaf.serial_raw = bytes((2, len(content))) + content
        return listed.find(leaf)

    return ask


def searched(folder: Path, entries: int, count: int) -> Figures:
    """The list as it is, its bytes searched for every certificate."""
    from monitor.verify.certificate import Certificate
    from monitor.verify.crl import RevocationList

    ca = Certificate((folder / "ca.der").read_bytes())
    base = peak_mb()
    der = (folder / "large.crl").read_bytes()
    listed = RevocationList(der)
    load = timed(lambda: listed.signed_by(ca))
    found = lookups(asker(folder, listed), entries, min(count, 100))
    return {"load_s": load, "memory_mb": peak_mb() - base, **found}


def indexing(folder: Path, entries: int, count: int) -> Figures:
    """The parent: one pass over the list, and the frame that every child is sent."""
    from monitor.model import TrustMaterial
    from monitor.verify.crl import index_of

    base = peak_mb()
    der = (folder / "large.crl").read_bytes()
    taken = timed(lambda: index_of(der))
    made = index_of(der)
    if made is None:
        raise ValueError("no index")
    frame = TrustMaterial.model_construct(indexed=(made,)).model_dump_json().encode()
    (folder / "material.json").write_bytes(frame)
    return {
        "load_s": taken, "memory_mb": peak_mb() - base, "sent_mb": len(frame) / 1e6,
        "records_mb": len(made.entries) / 1e6, "entries": entries, "lookups": count,
    }  # fmt: skip


def indexed(folder: Path, entries: int, count: int) -> Figures:
    """A child: what it was sent, read and asked."""
    from monitor.model import TrustMaterial
    from monitor.verify.certificate import Certificate
    from monitor.verify.revocation import Lists

    ca = Certificate((folder / "ca.der").read_bytes())
    base = peak_mb()
    held = []

    def load() -> None:
        material = TrustMaterial.model_validate_json((folder / "material.json").read_bytes())
        (listed,) = Lists.of((), material.indexed).by_issuer[ca.subject.key]
        if not listed.signed_by(ca):
            raise ValueError("the index lost the list's signature")
        held.append(listed)

    taken = timed(load)
    found = lookups(asker(folder, held[0]), entries, count)
    return {"load_s": taken, "memory_mb": peak_mb() - base, **found}


def peer(folder: Path, entries: int, count: int) -> Figures:
    """`cryptography`: loads lazily, indexes nothing."""
    from cryptography import x509

    base = peak_mb()
    der = (folder / "large.crl").read_bytes()
    held: list[x509.CertificateRevocationList] = []

    def load() -> None:
        listed = x509.load_der_x509_crl(der)
        listed.get_revoked_certificate_by_serial_number(serial_of(0))
        held.append(listed)

    taken = timed(load)
    found = lookups(held[0].get_revoked_certificate_by_serial_number, entries, min(count, 20))
    return {"load_s": taken, "memory_mb": peak_mb() - base, **found}


def openssl(folder: Path) -> Figures:
    """`openssl crl`, a whole process that reads the list and checks its signature."""
    program = shutil.which("openssl")
    if program is None:
        return {}
    (folder / "ca.pem").write_bytes(
        subprocess.run(
            [program, "x509", "-inform", "DER", "-in", folder / "ca.der"],
            capture_output=True, check=True,
        ).stdout
    )  # fmt: skip
    before = time.monotonic()
    subprocess.run(
        [program, "crl", "-inform", "DER", "-in", folder / "large.crl", "-noout",
         "-CAfile", folder / "ca.pem"],
        capture_output=True, check=True,
    )  # fmt: skip
    taken = time.monotonic() - before
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"load_s": taken, "memory_mb": used}


CONTENDERS = {"searched": searched, "indexing": indexing, "indexed": indexed, "cryptography": peer}
STEPS = {"list": make_list, **CONTENDERS}


def measured(name: str, folder: Path, entries: int, count: int) -> Figures:
    """A contender in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.lists", "--contender", name, "--folder", folder,
         "--entries", str(entries), "--lookups", str(count)],
        capture_output=True, check=True,
    )  # fmt: skip
    found: Figures = json.loads(done.stdout)
    return found


WORDS = {
    "searched": "the bytes searched, as they are",
    "indexing": "parent: indexed once",
    "indexed": "child: the index it was sent",
    "cryptography": "cryptography (peer)",
    "openssl": "openssl crl, whole process (peer)",
}


def show(name: str, found: Figures) -> None:
    asked = (
        f"hit {found['hit_ms']:9.4f} ms   miss {found['miss_ms']:9.4f} ms"
        if "hit_ms" in found else ""
    )  # fmt: skip
    print(
        f"{WORDS[name]:35} load {found['load_s']:6.2f} s   memory {found['memory_mb']:5.0f} MB   "
        f"{asked}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--lookups", type=int, default=2000)
    parser.add_argument("--contender", choices=STEPS)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.contender:
        found = STEPS[asked.contender](asked.folder, asked.entries, asked.lookups)
        print(json.dumps(found))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured("list", folder, asked.entries, 0)
        size = (folder / "large.crl").stat().st_size / 1e6
        print(f"a list of {asked.entries:,} entries, {size:.1f} MB", flush=True)
        # openssl first: the memory of children is the largest of all so far
        figures = {"openssl": openssl(folder)}
        for contender in CONTENDERS:
            figures[contender] = measured(contender, folder, asked.entries, asked.lookups)
        for contender in (*CONTENDERS, "openssl"):
            if figures[contender]:
                show(contender, figures[contender])
        sent = figures["indexing"]
        print(
            f"sent to each child at start and reload: {sent['sent_mb']:.1f} MB for "
            f"{sent['records_mb']:.1f} MB of records; the list would be {size * 4 / 3:.1f} MB"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
