"""A whole daemon on a portal: what is published is recorded, an endless answer costs itself."""

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.daemon.conftest import Start
from tests.portal.rig import page
from tests.support.load import plain_mail
from tests.verify import making as make


class Portal(http.server.ThreadingHTTPServer):
    """`/endless.pdf` goes on until `enough` is set or the client has gone."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.enough = threading.Event()
        self.sending = threading.Event()
        self.pages = {
            "/": page("endless.pdf", "ky.pdf", "tho.pdf"),
            "/ky.pdf": make.signed_page(),
            "/tho.pdf": make.page(),
        }

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        portal = self.server
        assert isinstance(portal, Portal)
        found = portal.pages.get(self.path)
        if self.path == "/endless.pdf":
            self._endless(portal)
        elif found is None:
            self.send_error(404)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

    def _endless(self, portal: Portal) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"%PDF-1.7")
        portal.sending.set()
        while not portal.enough.wait(0.01):
            self.wfile.write(b"0")
        try:
            while True:
                self.wfile.write(b"0" * 1_000_000)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def serving() -> Iterator[Portal]:
    portal = Portal()
    thread = threading.Thread(target=portal.serve_forever, daemon=True)
    thread.start()
    try:
        yield portal
    finally:
        portal.enough.set()
        portal.shutdown()
        portal.server_close()


def test_published_documents_are_recorded_beside_an_endless_one(daemon: Start) -> None:
    with serving() as portal:
        section = {
            "name": "cong", "agency": "mot", "starts": [f"http://{portal.host}/"],
            "allow_private": [portal.host], "delay_seconds": 0, "max_bytes": 10_000_000,
        }  # fmt: skip
        running = daemon(portals=section)
        running.wait_for(portal.sending.is_set, "the endless document")
        running.send(plain_mail(1))
        running.wait_for(
            lambda: running.sql("SELECT count(*) FROM message") == [(1,)], "the mail", 60
        )
        portal.enough.set()
        running.wait_metric('congvu_portal_documents_total{source="cong"}', 2, 60)
        running.wait_drained()
        assert running.sql(
            "SELECT a.code, d.channel, d.counted, d.file_name, d.origin, d.integrity "
            "FROM document d JOIN agency a USING (agency_id) ORDER BY file_name"
        ) == [
            ("mot", "portal", True, "ky.pdf", f"http://{portal.host}/ky.pdf", "intact"),
            ("mot", "portal", True, "tho.pdf", f"http://{portal.host}/tho.pdf", "none"),
        ]
        samples = running.metrics()
        look = 'congvu_source_last_look_timestamp_seconds{source="cong"}'
        assert samples[look] > time.time() - 120
        dropped = 'congvu_dropped_total{reason="portal_too_large",stage="collect"}'
        assert samples[dropped] == 1
        assert running.stop() == 0
