"""A portal that would harm whoever crawls it: it is cut short, said so, and the rest goes on."""

import asyncio
import gzip
import os
import signal
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from monitor.errors import SpoolFull
from monitor.fetch.client import Client
from monitor.fetch.hosts import Failure
from monitor.fetch.wire import Outcome as FetchOutcome
from monitor.fetch.wire import Rules
from monitor.portal import process
from monitor.portal.asking import Asker
from monitor.portal.wire import Outcome
from tests.collect.wire import raising
from tests.fetch.servers import Server, leads_to, serving
from tests.portal.rig import PDF, Rig, page, says, sitemap

HOUR = timedelta(hours=1)


def resident_peak(pid: int) -> int:
    """Most octets of memory that a process has had so far."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


async def test_an_answer_of_ten_gigabytes_without_a_size_is_cut_and_memory_stays_flat(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, peaks, pids = 0, list[int](), list[int]()
    real = process._start

    async def noted() -> asyncio.subprocess.Process:
        made = await real()
        pids.append(made.pid)
        return made

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "application/pdf"})
        await response.prepare(request)
        await response.write(PDF)
        for _ in range(10 * 1024):
            await response.write(b"\0" * 1024 * 1024)
            sent += 1024 * 1024
            peaks.append(resident_peak(pids[0]))
        return response

    monkeypatch.setattr(process, "_start", noted)
    limit = 32 * 1024 * 1024
    rig = Rig(tmp_path, server, max_bytes=limit)
    server.pages |= {"/": page("big.pdf", "a.pdf"), "/big.pdf": endless, "/a.pdf": PDF}
    done = await rig.round()
    assert sent < 2 * limit
    assert peaks[-1] - peaks[0] < 2 * limit
    assert done.outcomes[Outcome.TOO_LARGE] == 1
    assert rig.taken == ["/a.pdf"]
    assert rig.counts.dropped("portal_too_large") == 1
    await rig.round(later=HOUR)
    assert "/big.pdf" not in server.paths()  # remembered


async def test_a_small_answer_that_unpacks_to_very_much_is_cut(rig: Rig) -> None:
    bomb = gzip.compress(PDF + bytes(200_000_000), compresslevel=9)
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/pdf"}
    rig.server.pages |= {
        "/": page("bomb.pdf", "/sitemap.xml.gz", "/fine.pdf", "/broken.pdf"),
        "/bomb.pdf": says(bomb, packed),
        "/sitemap.xml.gz": gzip.compress(sitemap() + b" " * 200_000_000, compresslevel=9),
        "/fine.pdf": says(gzip.compress(PDF), packed),
        "/broken.pdf": says(b"no gzip at all", packed),
    }
    done = await rig.round()
    assert rig.sink.bodies == [PDF]
    assert done.outcomes[Outcome.TOO_LARGE] == 2
    assert done.outcomes[Outcome.MALFORMED] == 1


async def test_an_endless_calendar_and_links_that_loop_are_bounded(
    server: Server, tmp_path: Path
) -> None:
    async def calendar(request: web.Request) -> web.StreamResponse:
        month = int(request.query["month"])
        found = page(*(f"/lich?month={month + n}" for n in range(1, 300)), "/", "/lich?month=0")
        return web.Response(body=found)

    rig = Rig(tmp_path, server, max_pages=60, depth=5)
    server.pages |= {
        "/": page("/lich?month=1", "/vb", "/#top", "/?utm_source=x"),
        "/lich": calendar,
        "/vb": page("/", "/vb", "/vb;jsessionid=A1B2", "/1.pdf"),
        "/1.pdf": PDF,
    }
    done = await rig.round()
    assert done.asked == 60
    assert done.left > 0
    assert rig.taken == ["/1.pdf"]
    paths = server.paths()
    assert (paths.count("/"), paths.count("/vb"), paths.count("/1.pdf")) == (1, 1, 1)


async def test_a_session_in_every_address_is_no_new_page(rig: Rig) -> None:
    count = 0

    async def stamped(_request: web.Request) -> web.StreamResponse:
        nonlocal count
        count += 1
        links = (f"/ds;jsessionid={count:032x}", f"/ds?PHPSESSID={count:032x}&trang=1", "/a.pdf")
        return web.Response(body=page(*links))

    rig.server.pages |= {"/": stamped, "/ds": stamped, "/a.pdf": PDF}
    await rig.round()
    assert rig.server.paths().count("/ds") == 2
    assert rig.taken == ["/a.pdf"]


async def test_a_hundred_thousand_addresses_are_bounded(server: Server, tmp_path: Path) -> None:
    rig = Rig(
        tmp_path, server, starts=[server.url("/s.xml")], max_pages=12, max_bytes=20_000_000
    )  # fmt: skip
    parts = [[server.url(f"/vb/{p}-{n}.pdf") for n in range(50_000)] for p in (1, 2)]
    server.pages["/s.xml"] = sitemap(server.url("/1.xml"), server.url("/2.xml"), index=True)
    server.pages |= {f"/{p}.xml": sitemap(*parts[p - 1]) for p in (1, 2)}
    for urls in parts:
        server.pages |= {url.removeprefix(server.url("")): PDF + url.encode() for url in urls[:20]}
    done = await rig.round()
    assert (done.asked, done.documents) == (12, 9)
    assert done.left > 90_000
    written = (tmp_path / "portal-cong.json").stat().st_size
    assert written < 1_000_000


async def test_what_one_round_leaves_comes_first_in_the_next(
    server: Server, tmp_path: Path
) -> None:
    rig = Rig(tmp_path, server, starts=[server.url("/s.xml")], max_pages=12)
    urls = [server.url(f"/vb/{n}.pdf") for n in range(40)]
    server.pages["/s.xml"] = sitemap(*urls)
    server.pages |= {f"/vb/{n}.pdf": PDF + str(n).encode() for n in range(40)}
    for _ in range(4):
        await rig.round(later=HOUR)
    assert len(set(rig.taken)) == len(rig.taken) >= 32


async def test_slow_answers_cost_their_time_and_nothing_else(
    server: Server, tmp_path: Path
) -> None:
    async def drop_by_drop(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(600):
            await response.write(b"%")
            await asyncio.sleep(0.1)
        return response

    rig = Rig(tmp_path, server, timeout_seconds=1)
    server.pages |= {"/": page("slow.pdf", "a.pdf"), "/slow.pdf": drop_by_drop, "/a.pdf": PDF}
    done = await rig.round()
    assert done.outcomes[Outcome.TIMEOUT] == 1
    assert rig.taken == ["/a.pdf"]


async def test_nothing_leads_out_of_the_list(rig: Rig) -> None:
    async with serving(Server(pages={"/x.pdf": PDF})) as other:
        places = [
            other.url("/x.pdf"), f"http://localhost:{rig.server.port}/x.pdf", "file:///etc/passwd",
            f"http://{rig.server.host}@localhost/x.pdf", "http://[", "gopher://x/", "//10.0.0.1/a",
        ]  # fmt: skip
        rig.server.pages["/"] = page(*(f"/r{n}?file=1" for n in range(len(places))), *places)
        rig.server.pages |= {f"/r{n}": leads_to(place) for n, place in enumerate(places)}
        done = await rig.round()
        assert other.asked == []
    assert done.outcomes[Outcome.HOST_REFUSED] >= len(places)
    assert rig.sink.items == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_private_address_is_asked_only_if_its_host_may_have_one(
    server: Server, tmp_path: Path, host: str
) -> None:
    where = f"{host}:{server.port}"
    server.pages |= {"/": page("a.pdf"), "/a.pdf": PDF}
    rig = Rig(tmp_path, server, starts=[f"http://{where}/"], allow_private=[])
    done = await rig.round()
    assert done.first_failure is Outcome.ADDRESS_REFUSED
    assert server.asked == []


async def test_a_name_that_turns_to_a_private_address_is_not_connected_to(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = Rules(
        hosts=(f"portal.example:{server.port}",), timeout_seconds=5, max_bytes=1000
    )  # fmt: skip
    resolved = 0

    async def rebind(
        host: str, port: int, **_: object
    ) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        nonlocal resolved
        resolved += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebind)
    async with Client(rules) as client:
        with pytest.raises(Failure) as refused:
            await Asker(client, rules).ask(f"http://portal.example:{server.port}/", None)
    assert refused.value.outcome is FetchOutcome.ADDRESS_REFUSED
    assert resolved == 1
    assert server.asked == []


BOMB = b"""<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>/&c;&x;.pdf</loc></url></urlset>"""


async def test_declarations_in_xml_are_not_read(rig: Rig) -> None:
    xml = {"Content-Type": "application/xml"}
    rig.server.pages |= {
        "/": page("/bomb.xml", "/utf16.xml", "/a.pdf"),
        "/bomb.xml": says(BOMB, xml),
        "/utf16.xml": says(BOMB.decode().encode("utf-16"), xml),
        "/a.pdf": PDF,
    }
    done = await rig.round()
    assert rig.taken == ["/a.pdf"]
    assert done.outcomes[Outcome.OTHER_TYPE] == 2


async def test_hostile_file_names_become_plain_ones(rig: Rig) -> None:
    names = {
        "/1": "../../etc/cron.d/x.pdf",
        "/2": "C:\\\\Windows\\\\b.pdf",
        "/3": "vb\x07\u202efdp.exe.pdf",
        "/4": "x" * 500 + ".pdf",
        "/5": "....",
        "/6": "=cmd|'/c calc'!A1.pdf",
    }
    rig.server.pages["/"] = page(*(f"{path}?download=1" for path in names))
    for path, name in names.items():
        header = f"attachment; filename*=UTF-8''{quoted(name)}"
        body = PDF + path.encode()
        rig.server.pages[path] = says(body, {"Content-Disposition": header})
    await rig.round()
    got = dict(zip((t.partition("?")[0] for t in rig.taken), rig.names, strict=True))
    assert got["/1"] == "x.pdf"
    assert got["/2"] == "b.pdf"
    assert got["/3"] == "vbfdp.exe.pdf"
    assert len(got["/4"]) == 200
    assert got["/4"].endswith(".pdf")
    assert got["/5"] == "5.pdf"
    assert not {"/", "\\", "|", "\x07"} & set("".join(got.values()))


def quoted(name: str) -> str:
    return "".join(f"%{octet:02X}" for octet in name.encode())


async def test_broken_and_deep_pages_give_what_can_be_read(rig: Rig) -> None:
    deep = b"<html>" + b"<div>" * 200_000 + b"<a href='/deep.pdf'>x</a>"
    broken = b"<a href='/1.pdf'><a href=/2.pdf <p></b><![CDATA[<a href='/3.pdf'\x00\xff\xfe>"
    rig.server.pages |= {
        "/": page("/deep", "/broken"),
        "/deep": says(deep, {"Content-Type": "text/html; charset=no-such-thing"}),
        "/broken": says(broken, {"Content-Type": "text/html"}),
        "/1.pdf": PDF + b"1",
    }
    done = await rig.round()
    assert "/1.pdf" in rig.taken
    assert not done.died


async def test_a_process_that_dies_over_a_page_leaves_it_out_the_next_time(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids: list[int] = []
    real = process._start

    async def noted() -> asyncio.subprocess.Process:
        made = await real()
        pids.append(made.pid)
        return made

    async def deadly(_request: web.Request) -> web.StreamResponse:
        os.kill(pids[-1], signal.SIGKILL)
        return web.Response(body=b"")

    monkeypatch.setattr(process, "_start", noted)
    rig.server.pages |= {
        "/": page("/0.pdf", "/deadly", "/vb"), "/deadly": deadly, "/vb": page("/1.pdf"),
        "/0.pdf": PDF, "/1.pdf": PDF + b"1",
    }  # fmt: skip
    done = await rig.round()
    assert done.died
    assert rig.counts.event("portal_process_died") == 1
    assert rig.taken == ["/0.pdf"]
    done = await rig.round(later=HOUR)
    assert not done.died
    assert "/deadly" not in rig.server.paths()
    assert rig.taken == ["/0.pdf", "/1.pdf"]


async def test_a_cancelled_round_leaves_no_process_behind(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[asyncio.subprocess.Process] = []
    real = process._start

    async def noted() -> asyncio.subprocess.Process:
        made.append(await real())
        return made[0]

    async def hang(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        raise web.HTTPInternalServerError

    monkeypatch.setattr(process, "_start", noted)
    rig.server.pages["/"] = hang
    running = asyncio.create_task(rig.crawler.run())  # noqa: TID251 - cancelled below
    while len(rig.server.asked) < 2:
        await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert made[0].returncode is not None


async def test_a_round_that_waits_for_the_spool_can_be_ended(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[asyncio.subprocess.Process] = []
    real = process._start

    async def noted() -> asyncio.subprocess.Process:
        made.append(await real())
        return made[0]

    monkeypatch.setattr(process, "_start", noted)
    rig.sink.before = raising(SpoolFull())
    rig.server.pages["/"] = page(*(f"{n}.pdf" for n in range(5)))
    rig.server.pages |= {f"/{n}.pdf": PDF + bytes(900_000) for n in range(5)}
    running = asyncio.create_task(rig.crawler.run())  # noqa: TID251 - cancelled below
    while not rig.counts.event("portal_waiting"):
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)  # the next document fills the pipe behind it
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 30)
    assert made[0].returncode is not None
    assert rig.sink.items == []
