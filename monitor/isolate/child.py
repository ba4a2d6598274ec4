"""The child: reads a request, examines, answers, until the daemon closes the wire.

Started as `python -I -m monitor.isolate.child LAUNCH`. It has one descriptor beside /dev/null, and
after `seal` nothing else can be had. Only its own exceptions are caught here; what the kernel does
to it is seen and answered for by the daemon.
"""

import gc
import importlib
import io
import logging
import os
import sys
import warnings
from typing import Protocol

from monitor.isolate import wire
from monitor.isolate.fitting import fitting
from monitor.isolate.preload import preload, shut_imports
from monitor.isolate.sandbox import be_the_first_to_go, die_with, limit_memory, seal
from monitor.model import Examined, Finding, ItemHeader, KeptEvidence, Moment, Value, Verdict

WIRE = 3
"""The descriptor the wire is moved to, next to the standard three."""

_NICE = 5
"""Examining yields to accepting: the daemon's loop runs before its children."""


class Examines(Protocol):
    """What a child runs: `monitor.examine.Examiner`."""

    def examine(
        self, header: ItemHeader, body: bytes, moment: Moment, unjudged: tuple[Finding, ...] = ()
    ) -> Examined:
        """Everything to be said of one item; with `unjudged`, all but verdicts."""

    def judge_file(
        self, name: str, data: bytes, moment: Moment, content: bytes | None = None
    ) -> Verdict:
        """The verdict of one file."""

    def rejudge(self, kept: KeptEvidence, name: str, moment: Moment) -> Verdict:
        """The verdict of a file or message from what was kept of it."""


def main() -> int:
    """Run one child; 0 when the daemon closed the wire, 1 when it could not start."""
    launch = wire.Launch.model_validate_json(sys.argv[1])
    die_with(launch.parent)
    be_the_first_to_go()
    os.nice(_NICE)
    warnings.simplefilter("ignore")
    os.dup2(launch.descriptor, WIRE)
    if launch.descriptor != WIRE:
        os.close(launch.descriptor)
    stream = io.BufferedReader(io.FileIO(WIRE, "rb", closefd=False), 256 * 1024)
    try:
        examiner, hello = _start(launch, stream)
    except Exception as error:  # noqa: BLE001 whatever it is, the daemon must be told
        fault = _fault(error).model_copy(update={"detail": f"{error}"[:500]})
        wire.write_answer(WIRE, wire.FAULT, 0, wire.encode(fault))
        return 1
    wire.write_answer(WIRE, wire.HELLO, 0, wire.encode(hello))
    notes = _Notes()
    _log_to(notes)
    return _serve(examiner, stream, notes)


class _Notes(logging.Handler):
    """Tells the daemon of exceptions that the examiner caught and logged: type and place."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._left = wire.MAX_NOTES

    def renew(self) -> None:
        self._left = wire.MAX_NOTES

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 its text may quote the item
        error = sys.exc_info()[1]
        if isinstance(error, Exception) and self._left:
            self._left -= 1
            wire.write_answer(WIRE, wire.NOTE, 0, wire.encode(_fault(error)))


def _log_to(notes: _Notes) -> None:
    """Silence the libraries; what the product's own code logs goes to the daemon."""
    logging.getLogger().setLevel(logging.CRITICAL + 1)
    ours = logging.getLogger("congvu")
    ours.setLevel(logging.ERROR)
    ours.propagate = False
    ours.addHandler(notes)


def _start(launch: wire.Launch, stream: io.BufferedIOBase) -> tuple[Examines, wire.Hello]:
    """Import everything, build the examiner from the first frame, then seal."""
    request = wire.read_request(stream)
    if request is None:
        sys.exit(0)
    setup = wire.Setup.model_validate_json(request.payload)
    if launch.search_path:
        sys.path.append(launch.search_path)
    module, _, factory = launch.target.partition(":")
    gc.disable()  # what is imported stays: looking for garbage in it is a tenth of the start
    build = getattr(importlib.import_module(module), factory)
    preload(module)
    examiner: Examines = build(setup.material, setup.limits)
    gc.collect()
    gc.freeze()
    gc.enable()
    limit_memory(launch.memory_bytes)
    hello = wire.Hello() if launch.isolation == "off" else seal(launch.parent, WIRE)
    shut_imports()
    return examiner, hello


def _serve(examiner: Examines, stream: io.BufferedIOBase, notes: _Notes) -> int:
    while request := wire.read_request(stream):
        notes.renew()
        kind, answer = _answer(examiner, request)
        wire.write_answer(WIRE, kind, request.ticket, wire.encode(answer))
        if isinstance(answer, wire.Fault) and answer.memory:
            return 0
    return 0


def _answer(examiner: Examines, request: wire.Request) -> tuple[bytes, Value]:
    """The examiner's word on one request, or what kept it from giving one."""
    try:
        if request.kind == wire.EXAMINE:
            item = wire.ExamineRequest.model_validate_json(request.payload)
            examined = examiner.examine(item.header, request.body, item.moment, item.unjudged)
            return wire.EXAMINED, fitting(examined)
        if request.kind == wire.REJUDGE:
            return wire.VERDICT, _rejudged(examiner, request)
        file = wire.JudgeRequest.model_validate_json(request.payload)
        data, content = request.body, None
        if file.detached:
            data, content = data[: file.data_bytes], data[file.data_bytes :]
        return wire.VERDICT, examiner.judge_file(file.name, data, file.moment, content)
    except Exception as error:  # noqa: BLE001 one item's exception is that item's verdict
        return wire.FAULT, _fault(error)


def _rejudged(examiner: Examines, request: wire.Request) -> Verdict:
    asked = wire.RejudgeRequest.model_validate_json(request.payload)
    blobs, start = [], 0
    for size in asked.blob_bytes:
        blobs.append(request.body[start : start + size])
        start += size
    # Not validated: bytes of this field are base64 to a validator, and these are plain.
    kept = KeptEvidence.model_construct(facts=asked.facts, blobs=tuple(blobs))
    return examiner.rejudge(kept, asked.name, asked.moment)


def _fault(error: Exception) -> wire.Fault:
    """Type and place of an exception; the place is the innermost line of what was run."""
    where = ""
    trace = error.__traceback__
    while trace:
        _, ours, path = trace.tb_frame.f_code.co_filename.rpartition("/monitor/")
        if ours and not path.startswith("isolate/"):
            where = f"{path}:{trace.tb_lineno}"
        trace = trace.tb_next
    memory = isinstance(error, MemoryError)
    return wire.Fault(error=type(error).__name__[:80], where=where[:160], memory=memory)


if __name__ == "__main__":
    # no interpreter shutdown: a sealed process has nothing to flush, and much it may not do
    os._exit(main())
