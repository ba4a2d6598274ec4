"""What the children of these tests run instead of the real examiner.

`Scripted` does what the first words of an item say; it stands for code that an attacker got to
run inside a child, so each action goes round the examiner's own manners.
"""

import _thread
import ctypes
import json
import logging
import mmap
import os
import resource
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from monitor.isolate import seccomp
from monitor.isolate.wire import HEAD, head
from monitor.model import (
    DocumentClass,
    DocumentFacts,
    Examined,
    Finding,
    Integrity,
    ItemHeader,
    Judgement,
    KeptEvidence,
    Kind,
    Limits,
    Moment,
    Overall,
    Trust,
    TrustMaterial,
    Verdict,
)

WIRE = 3


def verdict(said: str) -> Verdict:
    return Verdict(
        path=said,
        kind=Kind.OTHER,
        overall=Overall.UNSIGNED,
        integrity=Integrity.NONE,
        trust=Trust.UNKNOWN,
    )


def evidence(message: int, *documents: int) -> Examined:
    """A message and documents with so many megabytes of evidence each."""

    def kept(megabytes: int) -> KeptEvidence:
        blob = bytes(megabytes * 1024 * 1024)
        return KeptEvidence.model_construct(facts="{}", blobs=(blob,))

    return Examined(
        verdict=verdict("kept"),
        kept=kept(message),
        documents=tuple(
            DocumentFacts(
                content_hash="0" * 64,
                size=1,
                file_name=str(megabytes),
                document_class=DocumentClass.FORMAL,
                judgement=Judgement(verdict=verdict("document"), kept=kept(megabytes)),
            )
            for megabytes in documents
        ),
    )


class Scripted:
    def __init__(self, material: TrustMaterial, limits: Limits) -> None:
        self.cutoff = str(material.public_ca_cutoff)
        self.limits = limits
        self.seen = 0

    def examine(
        self, header: ItemHeader, body: bytes, moment: Moment, unjudged: tuple[Finding, ...] = ()
    ) -> Examined:
        if unjudged:
            if b"extractable" not in body:
                raise LookupError("not even extraction works on this one")
            return Examined(verdict=verdict("unjudged"), findings=unjudged)
        self.seen += 1
        line, _, rest = body.partition(b"\n")
        words = line.decode().split(" ")
        if words[0] == "keep":
            return evidence(*map(int, words[1:]))
        action: Callable[..., str] = getattr(self, "do_" + words[0])
        return Examined(verdict=verdict(action(*words[1:], rest=rest, moment=moment)))

    def judge_file(
        self, name: str, data: bytes, moment: Moment, content: bytes | None = None
    ) -> Verdict:
        detached = "no content" if content is None else content.decode()
        return verdict(f"{name}: {data.decode()}, {detached}")

    def rejudge(self, kept: KeptEvidence, name: str, moment: Moment) -> Verdict:
        self.seen += 1
        words = kept.facts.split(" ")
        rest = b"|".join(kept.blobs)
        action: Callable[..., str] = getattr(self, "do_" + words[0])
        return verdict(f"{name}: {action(*words[1:], rest=rest, moment=moment)}")

    def do_blobs(self, *, rest: bytes, moment: Moment, **_: object) -> str:
        return f"{rest!r} at {moment.receipt}"

    # -- good manners ----------------------------------------------------------------------------

    def do_echo(self, text: str, *, rest: bytes, **_: object) -> str:
        return f"{text} {len(rest)} {self.cutoff}"

    def do_moment(self, *, moment: Moment, **_: object) -> str:
        assert moment.receipt
        return f"{moment.now.isoformat()} {moment.receipt.isoformat()}"

    def do_count(self, **_: object) -> str:
        return f"{os.getpid()} {self.seen}"

    def do_say(self, size: str, *_: object, **__: object) -> str:
        return "\0" + "ư" * int(size)

    def do_clock(self, **_: object) -> str:
        return datetime.now().astimezone().isoformat()

    # -- bad luck --------------------------------------------------------------------------------

    def do_raise(self, **_: object) -> str:
        raise LookupError("a secret of the item")

    def do_log(self, times: str, **_: object) -> str:
        for _turn in range(int(times)):
            try:
                self.do_raise()
            except LookupError:
                logging.getLogger("congvu.examine").exception("a secret of the item")
        logging.getLogger("pyhanko").critical("a secret of the item")
        return "went on"

    def do_import(self, name: str, **_: object) -> str:
        return __import__(name).__name__

    def do_hang(self, **_: object) -> str:
        while True:
            pass

    def do_sleep(self, seconds: str, **_: object) -> str:
        time.sleep(float(seconds))
        return "slept"

    def do_eat(self, megabytes: str, **_: object) -> str:
        kept = [bytearray(1024 * 1024) for _ in range(int(megabytes))]
        return str(len(kept))

    def do_crash(self, **_: object) -> str:
        return ctypes.string_at(8).decode()

    def do_crash_unless_fresh(self, **_: object) -> str:
        return self.do_crash() if self.seen > 1 else "alive in a fresh child"

    def do_exit(self, **_: object) -> str:
        os._exit(0)

    # -- bad intent ------------------------------------------------------------------------------

    def do_open(self, path: str, **_: object) -> str:
        return attempt(lambda: Path(path).read_bytes())

    def do_stat(self, path: str, **_: object) -> str:
        return attempt(lambda: Path(path).stat())

    def do_create(self, path: str, **_: object) -> str:
        return attempt(lambda: Path(path).write_bytes(b"owned"))

    def do_list(self, path: str, **_: object) -> str:
        return attempt(lambda: list(Path(path).iterdir()))

    def do_fork(self, **_: object) -> str:
        return attempt(os.fork)

    def do_thread(self, **_: object) -> str:
        return attempt(lambda: _thread.start_new_thread(time.sleep, (0,)))

    def do_executable_memory(self, **_: object) -> str:
        everything = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        return attempt(lambda: mmap.mmap(-1, 4096, prot=everything))

    def do_raise_limit(self, **_: object) -> str:
        huge = resource.RLIM_INFINITY
        return attempt(lambda: resource.setrlimit(resource.RLIMIT_AS, (huge, huge)))

    def do_become_root(self, **_: object) -> str:
        return attempt(lambda: os.setuid(0))

    def do_call(self, name: str, *arguments: str, **_: object) -> str:
        result = getattr(LIBC, name)(*[ctypes.c_long(int(number)) for number in arguments])
        return f"{result} {os.strerror(ctypes.get_errno())}"

    def do_exec(self, marker: str, **_: object) -> str:
        return attempt(lambda: os.execv("/bin/touch", ["touch", marker]))

    def do_kill_parent(self, **_: object) -> str:
        return attempt(lambda: os.kill(os.getppid(), 9))

    def do_trace_parent(self, **_: object) -> str:
        return self.do_call("ptrace", "16", str(os.getppid()), "0", "0")

    def do_frame(self, kind: str, ticket: str, *, rest: bytes, **_: object) -> str:
        os.write(WIRE, head(kind.encode(), int(ticket), rest) + rest)
        return "and the answer after it"

    def do_promise(self, size: str, **_: object) -> str:
        os.write(WIRE, HEAD.pack(b"e", 1, int(size), 0) + b"{")
        time.sleep(60)
        return "unreachable"

    def do_write(self, hexadecimal: str, *, rest: bytes, **_: object) -> str:
        os.write(WIRE, bytes.fromhex(hexadecimal) + rest)
        return "and the answer after it"

    def do_flood(self, **_: object) -> str:
        while True:
            os.write(WIRE, bytes(65536))

    def do_close_wire(self, **_: object) -> str:
        os.close(WIRE)
        time.sleep(60)
        return "unreachable"

    def do_who(self, **_: object) -> str:
        return json.dumps({"environ": dict(os.environ), "uid": os.getuid()})


LIBC = ctypes.CDLL(None, use_errno=True)


def attempt(action: Callable[[], object]) -> str:
    try:
        return f"done: {action()!r}"
    except (OSError, RuntimeError, ValueError) as error:
        return f"{type(error).__name__} {getattr(error, 'errno', None)}"


class CannotStart:
    def __init__(self, material: TrustMaterial, limits: Limits) -> None:
        raise ValueError("the CRL of a CA cannot be read")


class DiesAtStart:
    def __init__(self, material: TrustMaterial, limits: Limits) -> None:
        os._exit(7)


class OnAnUnknownMachine(Scripted):
    """Sealing comes after this and finds no filter for the architecture."""

    def __init__(self, material: TrustMaterial, limits: Limits) -> None:
        super().__init__(material, limits)
        seccomp.MACHINES.clear()


class StartsOnlyWithoutCutoff(Scripted):
    def __init__(self, material: TrustMaterial, limits: Limits) -> None:
        super().__init__(material, limits)
        if material.public_ca_cutoff:
            raise ValueError("no cut-off, please")
