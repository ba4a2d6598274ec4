"""Files that appear whole in watched folders, and the oldest of those that are done with."""

import contextlib
from pathlib import Path

DONE_KEPT = 500
"""Files that the demo leaves in a folder's `done/`: it would fill the disk in some weeks."""


def appear(path: Path, data: bytes) -> None:
    """Write a file in one step: nobody sees half of it."""
    hidden = path.with_name(f".{path.name}.part")
    hidden.write_bytes(data)
    hidden.replace(path)


def prune(done: Path, keep: int = DONE_KEPT) -> None:
    """Remove the oldest files below a folder beyond `keep`, and sub-folders that are empty then."""
    files = sorted((path.stat().st_mtime_ns, path) for path in done.rglob("*") if path.is_file())
    for _, path in files[: max(0, len(files) - keep)]:
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # others are still in it
            path.parent.rmdir()
