"""Small RAR, 7z, tar and TNEF files, made here."""

import io
import struct
import tarfile
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path


def written(files: Mapping[str, bytes], form: str, packing: str | None = None) -> bytes:
    """An archive as libarchive writes it."""
    import libarchive

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive"
        with libarchive.file_writer(str(path), form, packing) as archive:
            for name, data in files.items():
                archive.add_file_from_memory(name, len(data), data)
        return path.read_bytes()


def tar_gzip(files: Mapping[str, bytes]) -> bytes:
    """A compressed tar, by the standard library."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def tar_of_folders(count: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for number in range(count):
            entry = tarfile.TarInfo(f"{number}/")
            entry.type = tarfile.DIRTYPE
            archive.addfile(entry)
    return out.getvalue()


def rar(files: Mapping[str, bytes], *, encrypted: bool = False, wrong_sum: bool = False) -> bytes:
    """A RAR 4 archive whose files are stored as they are (technote.txt of RAR 4.20)."""
    out = b"Rar!\x1a\x07\x00" + _block(0x73, 0, bytes(6))
    for name, data in files.items():
        head = struct.pack(
            "<IIBIIBBHI",
            len(data), len(data), 2, zlib.crc32(data) ^ wrong_sum, 0x5A000000, 29, 0x30,
            len(name), 0x20,
        )  # fmt: skip
        out += _block(0x74, 0x8000 | (4 if encrypted else 0), head + name.encode(), data)
    return out + _block(0x7B, 0x4000, b"")


def _block(kind: int, flags: int, rest: bytes, data: bytes = b"") -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data


# -- TNEF ([MS-OXTNEF] 2.1.3) ----------------------------------------------------------------------


def attribute(level: int, identity: int, value: bytes) -> bytes:
    return (
        struct.pack("<BII", level, identity, len(value))
        + value
        + struct.pack("<H", sum(value) & 0xFFFF)
    )


def tnef(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x89006, b"\0\0\1\0") + b"".join(attributes)


def attached(data: bytes, title: str, long_name: str | None = None) -> bytes:
    """The attributes of one attachment."""
    found = attribute(2, 0x69002, bytes(14)) + attribute(2, 0x18010, title.encode() + b"\0")
    found += attribute(2, 0x6800F, data)
    if long_name is not None:
        name = long_name.encode("utf-16-le") + b"\0\0"
        found += attribute(2, 0x69005, properties((0x3707001F, name)))
    return found


def embedded(stream: bytes) -> bytes:
    """The attributes of an attached message."""
    content = bytes.fromhex("0703020000000000c000000000000046") + stream
    return attribute(2, 0x69002, bytes(14)) + attribute(
        2, 0x69005, properties((0x3701000D, content))
    )


def properties(*values: tuple[int, bytes]) -> bytes:
    found = struct.pack("<I", len(values))
    for tag, value in values:
        found += struct.pack("<III", tag, 1, len(value)) + value + bytes(-len(value) % 4)
    return found
