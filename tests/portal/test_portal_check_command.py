"""`congvu portal check`: what an operator is told of a portal before it is connected."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from tests.fetch.servers import Handler, Server, serving
from tests.portal.rig import PDF, page, says


def settings(tmp_path: Path, *servers: str, more: str = "") -> Path:
    portals = "".join(
        f'[[portals]]\nname = "cong{n}"\nagency = "ubnd"\nstarts = ["http://{host}/"]\n'
        f'allow_private = ["{host}"]\ndelay_seconds = 0\nmax_bytes = 100000\n{more}'
        for n, host in enumerate(servers)
    )
    file = tmp_path / "congvu.toml"
    file.write_text(f'state_dir = "{tmp_path / "var"}"\n{portals}')
    return file


async def check(config: Path, *options: str) -> tuple[int, str, str]:
    call = [sys.executable, "-m", "monitor", "portal", "check", "--config", str(config), *options]
    done = await asyncio.to_thread(subprocess.run, call, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


SITE: dict[str, bytes | Handler] = {
    "/robots.txt": b"User-agent: *\nDisallow: /mat/\n",
    "/": page("/a.pdf", "/mat/1.pdf", "/lon.pdf", "https://kho.example/x.pdf", "/hong.pdf"),
    "/a.pdf": says(PDF, {"Content-Disposition": "attachment; filename*=UTF-8''%1b%5b31mdo.pdf"}),
    "/lon.pdf": PDF + bytes(200_000),
}


async def test_a_dry_round_says_what_would_become_of_each_address(tmp_path: Path) -> None:
    async with serving(Server(pages=dict(SITE))) as server:
        status, told, _ = await check(settings(tmp_path, server.host))
    assert status == 0
    lines = {line.split()[0]: line for line in told.splitlines() if "http://" in line}
    assert "31mdo.pdf, 0 KiB" in lines["document"]
    assert "\x1b" not in told
    assert "/mat/1.pdf" in lines["robots"]
    assert "/lon.pdf  195 KiB" in lines["too_large"]
    assert "/hong.pdf" in lines["not_found"]
    assert "https://kho.example/x.pdf" in told
    assert "hosts; add it" in told
    assert "raise max_bytes" in told
    assert not (tmp_path / "var").exists()


async def test_every_address_is_a_line_of_json(tmp_path: Path) -> None:
    async with serving(Server(pages=dict(SITE))) as server:
        _, told, _ = await check(settings(tmp_path, server.host), "--json")
    found = [json.loads(line) for line in told.splitlines()]
    taken = [one for one in found if one["outcome"] == "document"]
    assert [(one["size"], one["depth"]) for one in taken] == [(len(PDF), 1)]


async def test_a_portal_that_gives_nothing_says_what_to_do_next(tmp_path: Path) -> None:
    async with serving(Server(pages={"/": page("/trong"), "/trong": page()})) as server:
        status, told, _ = await check(settings(tmp_path, server.host))
        assert status == 1
        assert "next: no documents" in told
        server.pages.clear()
        status, told, _ = await check(settings(tmp_path, server.host))
        assert status == 1
        assert "next: no start could be read" in told


async def test_pages_bounds_what_is_asked(tmp_path: Path) -> None:
    pages = {"/": page(*(f"/{n}.pdf" for n in range(30)))}
    async with serving(Server(pages=dict(pages))) as server:
        _, told, _ = await check(settings(tmp_path, server.host), "--pages", "5")
        assert len(server.asked) == 6
    assert "--pages asks more" in told


async def test_a_portal_has_to_be_named_where_there_are_many(tmp_path: Path) -> None:
    config = settings(tmp_path, "127.0.0.1:1", "127.0.0.1:2")
    for options in ((), ("--source", "khac")):
        status, _, error = await check(config, *options)
        assert status == 2
        assert "choose one of cong0, cong1" in error
        assert "Traceback" not in error
    status, _, error = await check(settings(tmp_path))
    assert status == 2
    assert "[[portals]]" in error
