"""A log's reader with its memory: a line that it cannot bear costs that line alone."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from monitor.activity.blocks import Block
from monitor.activity.events import LogLineRefused
from monitor.activity.files import LogFile
from monitor.activity.lines import Found, LogReader
from monitor.observe import Observer

MakeReader = Callable[[], LogReader]


class Reading:
    """One reader, and what it remembered before the last block."""

    def __init__(self, source: str, make: MakeReader, state: str, observer: Observer) -> None:
        """`state`: as JSON, `{}` at the beginning of a log."""
        self._source = source
        self._make = make
        self._observer = observer
        self.state = state
        self._reader = self._restored()

    def _restored(self) -> LogReader:
        reader = self._make()
        reader.restore(json.loads(self.state))
        return reader

    def read(self, block: Block, file: LogFile) -> Found:
        """What a block says; `state` is what is remembered behind it."""
        if not block.data:
            return Found()
        written_at = datetime.fromtimestamp(file.mtime_ns / 1e9, UTC)
        try:
            found = self._reader.read(block.data, written_at)
            self.state = json.dumps(self._reader.state())
        except Exception as error:  # noqa: BLE001 - a format must not stop its log
            self._observer.emit(LogLineRefused(self._source, type(error).__name__))
            return self._line_by_line(block, written_at)
        return found

    def _line_by_line(self, block: Block, written_at: datetime) -> Found:
        self._reader = self._restored()
        whole = Found()
        for line in block.data.split(b"\n")[:-1]:
            try:
                found = self._reader.read(line + b"\n", written_at)
                self.state = json.dumps(self._reader.state())
            except Exception:  # noqa: BLE001 - said above
                self._reader = self._restored()
                found = Found(lines=1, unknown=1)
            _add(whole, found)
        return whole


def _add(whole: Found, part: Found) -> None:
    for key, kinds in part.activity.items():
        whole.activity[key] = whole.activity.get(key, 0) | kinds
    whole.sent = part.sent | whole.sent
    whole.lines += part.lines
    whole.unknown += part.unknown
    whole.failures += part.failures
    whole.newest = max(filter(None, (whole.newest, part.newest)), default=None)
