"""Reading a segment file that belongs to no running spool: a copy, a backup, another machine's."""

from collections.abc import Iterator
from pathlib import Path

from monitor.errors import UserError
from monitor.model import ItemHeader
from monitor.spool.files import Files, OsFiles
from monitor.spool.record import decode
from monitor.spool.scan import Scan, Sound
from monitor.spool.segment import HEADER_BYTES, decode_header


def read_segment(
    path: Path, files: Files | None = None
) -> Iterator[tuple[ItemHeader, bytes] | None]:
    """Every record in order, done or not; None for a damaged stretch.

    Raises UserError when the file is no segment.
    """
    files = files or OsFiles()
    try:
        descriptor = files.open(path)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from error
    try:
        size = files.size(descriptor)
        header = decode_header(files.read(descriptor, min(size, HEADER_BYTES), 0))
        if header is None:
            raise UserError(f"{path}: not a segment of a congvu spool")
        scan = Scan(files, descriptor, header.nonce, size, complete=True)
        for stretch in scan.stretches(HEADER_BYTES, check_bodies=False):
            if not isinstance(stretch, Sound):
                yield None
                continue
            data = files.read(descriptor, stretch.prefix.record_bytes, stretch.start)
            loaded = decode(data, header.nonce)
            whole = loaded.header is not None and loaded.fault is None
            yield (loaded.header, loaded.body) if whole and loaded.header else None
    finally:
        files.close(descriptor)
