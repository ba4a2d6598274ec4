"""A running daemon: lists fetched into force, broken files told, nothing of it in intake's way."""

import contextlib
import http.server
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.daemon import DaemonProcess
from tests.support.database import open_folder
from tests.support.load import plain_mail
from tests.trust.authorities import Folders, crl
from tests.verify.making import root

AGE = "congvu_trust_data_age_seconds"
LEFT_OUT = "congvu_trust_files_left_out"


class Source(http.server.ThreadingHTTPServer):
    """Serves one list; while `hanging` is not set, it keeps its callers waiting."""

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.content = content
        self.answering = threading.Event()
        self.asked = threading.Event()


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        source = self.server
        assert isinstance(source, Source)
        source.asked.set()
        source.answering.wait(30)
        self.send_response(200)
        self.send_header("Content-Length", str(len(source.content)))
        self.end_headers()
        self.wfile.write(source.content)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def serving() -> Iterator[Source]:
    source = Source(crl(root()))
    thread = threading.Thread(target=source.serve_forever, daemon=True)
    thread.start()
    try:
        yield source
    finally:
        source.answering.set()
        source.shutdown()
        source.server_close()


@pytest.fixture
def folder() -> Path:
    return open_folder("congvu-fetch-")


def verify_section(folders: Folders) -> dict[str, str]:
    parts = ("anchors", "intermediates", "crls")
    return {part: str(folders.base / part) for part in parts}


def children(daemon: DaemonProcess) -> list[int]:
    """Fetching processes of this daemon."""
    assert daemon.process is not None
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # of others that end meanwhile
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if b"monitor.fetch.child" in words and str(daemon.process.pid).encode() in words:
                    found.append(int(entry.name))
    return found


def test_a_daemon_fetches_a_list_and_a_killed_fetcher_costs_nothing(folder: Path) -> None:
    folders = Folders(folder / "trust").make([root()])
    with serving() as source:
        host = f"127.0.0.1:{source.server_address[1]}"
        daemon = DaemonProcess(
            folder,
            verify=verify_section(folders),
            fetch={
                "enabled": True, "hosts": [host], "allow_private": [host],
                "urls": [f"http://{host}/root.crl"],
            },
        )  # fmt: skip
        daemon.start()
        try:
            daemon.wait_for(source.asked.is_set, "the first question")
            for pid in children(daemon):
                os.kill(pid, signal.SIGKILL)
            died = f'congvu_trust_fetches_total{{host="{host}",outcome="died"}}'
            daemon.wait_metric(died, 1)
            daemon.send(plain_mail(1))
            daemon.wait_drained()
            source.answering.set()
            daemon.wait_for(lambda: list((folders.base / "crls").iterdir()) != [], "the list", 120)
            daemon.wait_for(lambda: any(AGE in name for name in daemon.metrics()), "its age")
            assert daemon.congvu("trust", "status").returncode == 0
            assert f"fetch http://{host}/root.crl" in daemon.congvu("doctor").stdout
        finally:
            assert daemon.stop() == 0
        assert children(daemon) == []


def test_a_broken_list_is_told_and_stops_nothing(folder: Path) -> None:
    folders = Folders(folder / "trust").make([root()])
    good = folders.put("crls/root.crl", crl(root()))
    daemon = DaemonProcess(folder, verify=verify_section(folders))
    folders.put("crls/broken.crl", b"<html>not found</html>")
    daemon.start()
    try:
        assert daemon.metrics()[LEFT_OUT] == 1
        good.write_bytes(b"half")
        daemon.wait_metric(LEFT_OUT, 2)
        samples = daemon.metrics()
        assert samples[f'{AGE}{{ca="root"}}'] > 0
        assert samples['congvu_dropped_total{reason="malformed",stage="trust"}'] == 2
        (folders.base / "crls" / "broken.crl").unlink()
        good.write_bytes(crl(root()))
        daemon.wait_metric(LEFT_OUT, 0)
        daemon.send(plain_mail(2))
        daemon.wait_drained()
    finally:
        assert daemon.stop() == 0
