"""Files inside a ZIP archive, inside bounds (APPNOTE 6.3.10); names are labels, never paths."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from monitor.extract.words import tidy
from monitor.model import Finding, Limits
from monitor.verify.zip_reader import ZIP_FAULTS

_FREE_BYTES = 1024 * 1024
"""A small archive may compress as well as it likes."""
_ENTRY = b"PK\x01\x02"
_NESTED_ENTRIES = 20
"""Directory records of stored inner archives that a search for records may count as well."""
_CHUNK = 256 * 1024
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1


@dataclass(slots=True)
class Budget:
    """What may still be unpacked from one item."""

    limits: Limits
    entries: int = 0
    bytes: int = 0
    findings: set[Finding] = field(default_factory=set)

    def stop(self, finding: Finding) -> None:
        self.findings.add(finding)

    @property
    def bytes_left(self) -> int:
        return max(0, self.limits.archive_bytes - self.bytes)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive, unpacked."""

    name: str
    data: bytes


def unpack(data: bytes, budget: Budget) -> Iterator[Entry]:
    """The files that the budget allows, in directory order; the rest is a finding of the budget."""
    if data.count(_ENTRY) > budget.limits.archive_entries * _NESTED_ENTRIES:
        budget.stop(Finding.ARCHIVE_LIMIT)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if _overlap(infos):
                budget.stop(Finding.ARCHIVE_LIMIT)
                return
            yield from _entries(archive, infos, len(data), budget)
    except ZIP_FAULTS:
        budget.stop(Finding.MALFORMED)


def _overlap(infos: list[zipfile.ZipInfo]) -> bool:
    """Entries that share bytes: the way of the flat bomb (no honest writer does it)."""
    end = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        if info.header_offset < end:
            return True
        end = info.header_offset + 30 + info.compress_size
    return False


def _entries(
    archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], size: int, budget: Budget
) -> Iterator[Entry]:
    bound = max(_FREE_BYTES, size * budget.limits.archive_ratio)
    unpacked = 0
    for info in infos:
        if budget.entries >= budget.limits.archive_entries or budget.bytes_left == 0:
            budget.stop(Finding.ARCHIVE_LIMIT)
            return
        budget.entries += 1
        if info.flag_bits & _ENCRYPTED_FLAG:
            budget.stop(Finding.ARCHIVE_ENCRYPTED)
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            budget.stop(Finding.FORMAT_UNSUPPORTED)
        else:
            data = _read(archive, info, min(budget.bytes_left, bound - unpacked), budget)
            if data is not None:
                unpacked += len(data)
                yield Entry(_name(info), data)


def _read(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, bound: int, budget: Budget
) -> bytes | None:
    """One entry; None with a finding when it is broken or larger than `bound`."""
    pieces, size = [], 0
    try:
        with archive.open(info) as stream:
            while piece := stream.read(_CHUNK):
                size += len(piece)
                if size > bound:
                    budget.bytes += size
                    budget.stop(Finding.ARCHIVE_LIMIT)
                    return None
                pieces.append(piece)
    except ZIP_FAULTS:
        budget.bytes += size
        budget.stop(Finding.MALFORMED)
        return None
    budget.bytes += size
    return b"".join(pieces)


def _name(info: zipfile.ZipInfo) -> str:
    """UTF-8 where it is UTF-8: Windows and macOS archivers often leave the flag out."""
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG and not name.isascii():
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    return tidy(name)
