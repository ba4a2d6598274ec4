"""A portal served by nginx: real validators, real files, a file of five gigabytes."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.portal.wire import Outcome
from tests.fetch.servers import Server
from tests.portal.rig import PDF, Rig, free_port, page, sitemap
from tests.support import bound
from tests.support.needs import needs, program

pytestmark = needs("nginx")

GIB = 1024**3
CONFIG = """
daemon off; pid {base}/pid; error_log {base}/error.log; worker_processes 1; {user}
events {{}}
http {{
    access_log {base}/access.log; client_body_temp_path {base}/tmp; proxy_temp_path {base}/tmp;
    fastcgi_temp_path {base}/tmp; uwsgi_temp_path {base}/tmp; scgi_temp_path {base}/tmp;
    types {{ text/html html; application/pdf pdf; text/xml xml; text/plain txt; }}
    default_type application/octet-stream;
    server {{
        listen 127.0.0.1:{port}; root {base}/www; disable_symlinks off;
        location /loop/ {{ try_files /loop.html =404; }}
        location = /noi-bo {{ return 302 http://169.254.169.254/latest/; }}
    }}
}}
"""


@dataclass
class Nginx:
    base: Path
    port: int

    def put(self, name: str, content: bytes, size: int | None = None) -> None:
        file = self.base / "www" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        if size is not None:
            os.truncate(file, size)

    def sent(self) -> dict[str, list[tuple[int, int]]]:
        """Status and octets of every answer, by path."""
        answers: dict[str, list[tuple[int, int]]] = {}
        for line in (self.base / "access.log").read_text().splitlines():
            _, request, rest = line.split('"')[:3]
            status, size = rest.split()
            answers.setdefault(request.split()[1], []).append((int(status), int(size)))
        return answers


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    base = tmp_path / "nginx"
    (base / "www").mkdir(parents=True)
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    config = base / "nginx.conf"
    config.write_text(CONFIG.format(base=base, port=port, user=user))
    running = bound.start([program("nginx"), "-p", str(base), "-c", str(config)])
    try:
        yield Nginx(base, port)
    finally:
        running.terminate()
        running.wait(20)


async def ready(nginx: Nginx) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", nginx.port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


async def test_a_portal_with_a_looping_link_and_a_five_gigabyte_file(
    nginx: Nginx, tmp_path: Path
) -> None:
    await ready(nginx)
    server = Server(port=nginx.port)
    nginx.put("robots.txt", b"User-agent: *\nDisallow: /mat/\n")
    nginx.put("index.html", page("/vb/", "/loop/a", "/noi-bo", "/mat/1.pdf"))
    nginx.put("vb/index.html", page("lon.pdf", "Quyết định.pdf", "12.pdf", "/vb/", "../vb/"))
    nginx.put("loop.html", page("x/", "x/x/", "../loop/a"))
    nginx.put("vb/12.pdf", PDF + b"12")
    nginx.put("vb/Quyết định.pdf", PDF + b"qd")
    nginx.put("vb/lon.pdf", PDF, size=5 * GIB)
    nginx.put("mat/1.pdf", PDF + b"secret")
    rig = Rig(tmp_path / "state", server, max_bytes=8 * 1024 * 1024)
    done = await rig.round()
    assert sorted(rig.names) == ["12.pdf", "Quyết định.pdf"]
    assert done.outcomes[Outcome.TOO_LARGE] == 1
    assert done.outcomes[Outcome.ROBOTS] == 1
    assert done.outcomes[Outcome.HOST_REFUSED] == 1
    assert done.asked < 20
    sent = nginx.sent()
    assert sum(size for answers in sent.values() for _, size in answers) < 100_000_000
    assert "/mat/1.pdf" not in sent

    done = await rig.round(later=timedelta(hours=1))
    assert len(rig.sink.items) == 2
    sent = nginx.sent()
    assert sent["/vb/12.pdf"][-1][0] == 304
    assert sent["/"][-1][0] == 304
    assert len(sent["/vb/lon.pdf"]) == 1

    nginx.put("vb/12.pdf", PDF + b"12, corrected")
    await rig.round(later=timedelta(days=2))
    assert rig.sink.bodies[-1] == PDF + b"12, corrected"


async def test_a_sitemap_of_nginx(nginx: Nginx, tmp_path: Path) -> None:
    await ready(nginx)
    server = Server(port=nginx.port)
    nginx.put("sitemap.xml", sitemap(*(server.url(f"/vb/{n}.pdf") for n in range(20))))
    for n in range(20):
        nginx.put(f"vb/{n}.pdf", PDF + str(n).encode())
    rig = Rig(tmp_path / "state", server, starts=[server.url("/sitemap.xml")])
    await rig.round()
    assert len(rig.taken) == 20
