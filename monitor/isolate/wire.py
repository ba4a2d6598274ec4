"""The wire between the daemon and an isolated child: length-prefixed JSON, both ways.

A frame is a fixed head (kind, ticket, length of the JSON, length of the body), the JSON and, from
the daemon to the child only, a raw body. Nothing here does I/O but `read_request` and
`write_answer`, which the child calls on its one descriptor. Nothing is ever unpickled.
"""

import os
import struct
from collections.abc import Iterator
from io import BufferedIOBase
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, Field

from monitor.model import Finding, ItemHeader, Limits, Moment, TrustMaterial, Value

HEAD = struct.Struct(">cQIQ")
"""Kind, ticket of the item it is about (0 for none), bytes of JSON, bytes of body."""

SETUP, EXAMINE, JUDGE, REJUDGE = b"S", b"E", b"J", b"R"
HELLO, EXAMINED, VERDICT, FAULT, NOTE = b"h", b"e", b"v", b"f", b"n"
ANSWERS = frozenset((HELLO, EXAMINED, VERDICT, FAULT, NOTE))

MAX_NOTES = 8
"""Notes before one answer: a Fault that the examiner met with in a part and went on after."""

MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""Bound of one answer: a mail's CMS evidence may be some 100 KB, a container's a few MB."""


class WireError(Exception):
    """What came over the wire is no frame of this protocol."""


class Launch(Value):
    """What a child is told on its command line; there is nothing secret in it."""

    descriptor: int
    parent: int
    """Process id of the daemon: a child that finds another parent was orphaned at birth."""
    isolation: Literal["require", "best-effort", "off"]
    memory_bytes: int
    target: str
    """`module:factory` of what examines, called with (TrustMaterial, Limits)."""
    search_path: str | None = None
    """Folder to import the target from when it is not installed."""


class Setup(Value):
    """The first frame to a child."""

    material: TrustMaterial
    limits: Limits


class ExamineRequest(Value):
    """Examine the item whose bytes are the body."""

    header: ItemHeader
    moment: Moment
    unjudged: tuple[Finding, ...] = ()
    """Not empty: judging it cost a child its life. Say only whose it is and what it holds; every
    verdict is `unreadable` with these findings. With `not_sampled` alone it was not drawn for
    verification, and every verdict is `indeterminate`."""


class JudgeRequest(Value):
    """Judge a file: the body is its bytes, followed by the detached content if there is one."""

    name: str
    moment: Moment
    data_bytes: int
    detached: bool = False


class RejudgeRequest(Value):
    """Judge kept evidence again: the body is its blobs, one behind the other."""

    name: str
    moment: Moment
    facts: str
    blob_bytes: tuple[int, ...]


class Hello(Value):
    """The first frame from a child: it is sealed and ready for work."""

    seccomp: bool = False
    landlock: int = 0
    """Version of the kernel's Landlock interface that was used, 0 for none."""
    no_new_privs: bool = False
    privileges_dropped: bool = False
    """True also when there were none to drop."""
    missing: tuple[Annotated[str, Field(max_length=200)], ...] = ()
    """What the machine refused, in words for the operator."""


class Fault(Value):
    """An exception of the child's own code: its type and place, never its text, which may quote
    the item. `detail` is read only from a child that has not yet seen an item.
    """

    error: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,79}$")]
    where: Annotated[str, Field(pattern=r"^[A-Za-z0-9_./:-]{0,160}$")] = ""
    memory: bool = False
    detail: Annotated[str, Field(max_length=500)] | None = None


class Frame(NamedTuple):
    kind: bytes
    ticket: int
    payload: bytes


class Request(NamedTuple):
    kind: bytes
    ticket: int
    payload: bytes
    body: bytes


def encode(value: BaseModel) -> bytes:
    """The value as JSON bytes."""
    return value.__pydantic_serializer__.to_json(value)


def head(kind: bytes, ticket: int, payload: bytes, body_bytes: int = 0) -> bytes:
    """The fixed part in front of a payload and its body."""
    return HEAD.pack(kind, ticket, len(payload), body_bytes)


class AnswerReader:
    """Cuts a child's bytes into answers, and trusts none of them.

    Sans-IO: feed it what arrived. Raises WireError for an unknown kind, a body, or a length over
    the bound, before buffering what the length promises.
    """

    def __init__(self, max_bytes: int = MAX_ANSWER_BYTES) -> None:
        self._buffer = bytearray()
        self._max_bytes = max_bytes

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The whole answers that are there now."""
        self._buffer += data
        while len(self._buffer) >= HEAD.size:
            kind, ticket, length, body_bytes = HEAD.unpack_from(self._buffer)
            if kind not in ANSWERS or body_bytes or length > self._max_bytes:
                raise WireError
            end = HEAD.size + length
            if len(self._buffer) < end:
                return
            payload = bytes(memoryview(self._buffer)[HEAD.size : end])
            del self._buffer[:end]
            yield Frame(kind, ticket, payload)


def read_request(stream: BufferedIOBase) -> Request | None:
    """The next request, or None when the daemon has closed the wire."""
    start = stream.read(HEAD.size)
    if len(start) < HEAD.size:
        return None
    kind, ticket, length, body_bytes = HEAD.unpack(start)
    payload = stream.read(length)
    body = stream.read(body_bytes)
    if len(payload) < length or len(body) < body_bytes:
        return None
    return Request(kind, ticket, payload, body)


def write_answer(descriptor: int, kind: bytes, ticket: int, payload: bytes) -> None:
    """Write one whole answer; one write call unless the daemon reads slowly."""
    rest = memoryview(head(kind, ticket, payload) + payload)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
