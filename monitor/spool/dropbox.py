"""Handing items to the spool of a daemon that another process runs.

An item is a file in `requeue/`, renamed into place when it is whole; the daemon makes it durable
in its spool and removes it. The box is bounded, so that a replay of years waits for the daemon
instead of filling the disk.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from monitor.errors import UserError
from monitor.model import ItemHeader
from monitor.spool.files import Files, OsFiles, write_durably
from monitor.spool.quarantine import REQUEUE, item_name
from monitor.spool.record import NONCE_BYTES, encode, micros

MAX_FILES: Final = 1000
PATIENCE_SECONDS: Final = 60.0
_NO_NONCE: Final = bytes(NONCE_BYTES)


class Dropbox:
    """The handing side; `directory` is the spool's own."""

    def __init__(
        self,
        directory: Path,
        files: Files | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._files = files or OsFiles()
        self._folder = directory / REQUEUE
        self._patience = patience_seconds
        self._sleep = sleep
        self._room = 0
        for path in (directory, self._folder):
            self._files.make_directory(path)

    def put(self, header: ItemHeader, body: Sequence[bytes]) -> None:
        """Leave one item; one with the same id that still waits is replaced.

        Waits while the box is full; UserError when nobody empties it or it cannot be written.
        """
        self._wait_for_room()
        said = header.model_dump_json().encode()
        prefix = encode(_NO_NONCE, micros(header.received_at), said, body)
        try:
            write_durably(self._files, self._folder / item_name(header.item_id), [prefix, *body])
            self._files.sync_directory(self._folder)
        except OSError as error:
            raise UserError(f"{self._folder} cannot be written: {error.strerror}") from error
        self._room -= 1

    def _wait_for_room(self) -> None:
        waited, least = 0.0, MAX_FILES
        while self._room <= 0:
            waiting = len(self._files.names(self._folder))
            self._room = MAX_FILES - waiting
            if self._room > 0:
                return
            if waiting < least:
                waited, least = 0.0, waiting
            if waited >= self._patience:
                raise UserError(
                    f"{waiting} items wait in {self._folder} and nobody takes them: start "
                    "`congvu run` with this configuration, then call this again; what was handed "
                    "over counts once"
                )
            self._sleep(0.5)
            waited += 0.5
