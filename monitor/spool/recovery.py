"""Opening what an earlier run left: index every record, cut torn tails, set damage aside.

A segment that a later one names is known in length: it is walked by its prefixes, and its bodies
are checked when they are handed out. The newest segment, where a crash can have struck, is
checked byte by byte.
"""

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

from monitor.spool.backlog import Backlog
from monitor.spool.events import (
    SpoolForeignFile,
    SpoolQuarantineFull,
    SpoolRecordCorrupt,
    SpoolSegmentShort,
    SpoolTailTorn,
)
from monitor.spool.quarantine import (
    QuarantineEntry,
    QuarantineFull,
    QuarantineStore,
    chunks_of,
    read_whole,
)
from monitor.spool.scan import Damaged, Scan, Sound, Stretch, Torn, is_zero
from monitor.spool.segment import (
    ACK_BYTES,
    HEADER_BYTES,
    Link,
    Segment,
    SegmentHeader,
    SegmentName,
    Span,
    decode_acks,
    decode_header,
)
from monitor.spool.site import Site


class Recovered(NamedTuple):
    """What a spool starts from."""

    backlog: Backlog
    next_sequence: int
    before: Link | None


def set_aside_damage(site: Site, store: QuarantineStore, name: SegmentName, span: Span) -> None:
    """Keep a corrupt stretch of a segment in the quarantine; QuarantineFull, OSError."""
    entry = QuarantineEntry(
        item_id=f"corrupt-{name.stem}-{span.start}",
        reason="corrupt",
        detail=f"bytes {span.start} to {span.end} of {name.data} are no sound record",
        at=site.clock(),
        source=None,
        size=span.end - span.start,
    )
    store.add(entry, chunks_of(site.files, site.segments / name.data, *span))


class Recovery:
    """One pass over the segments folder."""

    def __init__(self, site: Site, store: QuarantineStore) -> None:
        self._site = site
        self._files = site.files
        self._folder = site.segments
        self._observer = site.observer
        self._store = store

    def run(self) -> Recovered:
        """Index all segments, oldest first; OSError if the disk does not read or cut."""
        names = self._segment_names()
        headers = {name: self._header(name) for name in names}
        links = [header.before for header in headers.values() if header and header.before]
        durable = {link.nonce: link.durable_bytes for link in links}
        backlog = Backlog()
        before: Link | None = None
        for name in names:
            segment = self._index(name, headers[name], durable.get(name.nonce))
            backlog.adopt(segment)
            before = Link(name.nonce, segment.size)
        self._files.sync_directory(self._folder)
        return Recovered(backlog, names[-1].sequence + 1 if names else 1, before)

    def _segment_names(self) -> list[SegmentName]:
        found = set(self._files.names(self._folder))
        names = sorted(name for text in found if (name := SegmentName.parse(text)))
        known = {name.data for name in names} | {name.acks for name in names}
        for text in sorted(found - known):
            if text.endswith(".ack") and SegmentName.parse(text[: -len("ack")] + "seg"):
                self._files.remove(self._folder / text)
            else:
                self._observer.emit(SpoolForeignFile(len(text)))
        return names

    def _header(self, name: SegmentName) -> SegmentHeader | None:
        descriptor = self._files.open(self._folder / name.data)
        try:
            header = decode_header(self._files.read(descriptor, HEADER_BYTES, 0))
        finally:
            self._files.close(descriptor)
        return header if header and header.nonce == name.nonce else None

    def _index(
        self, name: SegmentName, header: SegmentHeader | None, durable: int | None
    ) -> Segment:
        segment = Segment(name)
        acks = self._acks(segment)
        descriptor = self._files.open(self._folder / name.data, write=True)
        try:
            size = self._files.size(descriptor)
            if durable is not None and size > durable:
                self._cut(descriptor, name, Span(durable, size))
                size = durable
            elif durable is not None and size < durable:
                self._observer.emit(SpoolSegmentShort(name.sequence, durable - size))
            segment.size = size
            complete = durable is not None
            for stretch in self._stretches(descriptor, name, header, size, complete=complete):
                self._place(descriptor, segment, stretch, acks)
            if not complete:
                self._files.sync(descriptor)
        finally:
            self._files.close(descriptor)
        return segment

    def _stretches(
        self,
        descriptor: int,
        name: SegmentName,
        header: SegmentHeader | None,
        size: int,
        *,
        complete: bool,
    ) -> Iterator[Stretch]:
        scan = Scan(self._files, descriptor, name.nonce, size, complete=complete)
        records = scan.stretches(HEADER_BYTES, check_bodies=not complete)
        if header is not None or size == 0:
            return records
        whole = Span(0, size)
        if not complete and (size < HEADER_BYTES or is_zero(self._files, descriptor, whole)):
            return iter([Torn(whole)])
        return chain([Damaged(Span(0, min(size, HEADER_BYTES)))], records)

    def _place(self, descriptor: int, segment: Segment, stretch: Stretch, acks: set[int]) -> None:
        match stretch:
            case Sound(start, prefix):
                segment.add(start, prefix.record_bytes, prefix.received, done=start in acks)
            case Damaged(span):
                if span.start not in acks:
                    self._set_aside(segment, span)
            case Torn(span):
                self._cut(descriptor, segment.name, span)
                segment.size = span.start

    def _set_aside(self, segment: Segment, span: Span) -> None:
        length = span.end - span.start
        try:
            set_aside_damage(self._site, self._store, segment.name, span)
        except (QuarantineFull, OSError):
            segment.damaged.append(span)
            self._observer.emit(SpoolQuarantineFull("corrupt", length))
            return
        segment.unsaved_acks.append(span.start)
        self._observer.emit(SpoolRecordCorrupt(segment.name.sequence, span.start, length))

    def _cut(self, descriptor: int, name: SegmentName, span: Span) -> None:
        """What is cut was never acknowledged: the sender still has it."""
        self._files.truncate(descriptor, span.start)
        self._files.sync(descriptor)
        self._observer.emit(SpoolTailTorn(name.sequence, span.start, span.end - span.start))

    def _acks(self, segment: Segment) -> set[int]:
        with suppress(FileNotFoundError):
            data = read_whole(self._files, self._folder / segment.name.acks)
            segment.ack_bytes = len(data) // ACK_BYTES * ACK_BYTES
            return decode_acks(segment.name.nonce, data)
        return set()
