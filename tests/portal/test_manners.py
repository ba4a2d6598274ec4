"""What a portal asks of robots is done; how often it is asked is bounded."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from monitor.fetch.wire import Rules
from monitor.portal import walk
from monitor.portal.asking import Asker, Got
from monitor.portal.nature import Nature
from monitor.portal.robots import MAX_BYTES, Robots
from monitor.portal.wire import MAX_DELAY_SECONDS, Job, Known, Outcome
from tests.fetch.servers import Server, leads_to
from tests.portal.rig import PDF, Rig, page, says, sitemap

SITE = {"/": page("/a.pdf", "/b/1.pdf"), "/a.pdf": PDF + b"a", "/b/1.pdf": PDF + b"b"}


async def test_what_robots_txt_forbids_is_not_asked(rig: Rig) -> None:
    rig.server.pages |= SITE | {"/robots.txt": b"User-agent: congvu\nDisallow: /b/\n"}
    done = await rig.round()
    assert rig.taken == ["/a.pdf"]
    assert "/b/1.pdf" not in rig.server.paths()
    assert done.outcomes[Outcome.ROBOTS] == 1
    assert done.failed == 0
    assert rig.server.asked[0].headers["User-Agent"].startswith("congvu")


async def test_robots_txt_is_not_asked_for_where_the_settings_say_so(
    server: Server, tmp_path: Path
) -> None:
    server.pages |= SITE | {"/robots.txt": b"User-agent: *\nDisallow: /\n"}
    rig = Rig(tmp_path, server, robots=False)
    await rig.round()
    assert len(rig.taken) == 2
    assert "/robots.txt" not in server.paths()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_no_robots_txt_allows_everything(rig: Rig, status: int) -> None:
    rig.server.pages |= SITE | {"/robots.txt": says(b"no", status=status)}
    await rig.round()
    assert len(rig.taken) == 2


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_rules_that_cannot_be_had_forbid_everything(rig: Rig, status: int) -> None:
    rig.server.pages |= SITE | {"/robots.txt": says(b"later", status=status)}
    done = await rig.round()
    assert rig.server.paths() == ["/robots.txt"]
    assert not done.reached
    assert done.first_failure in {Outcome.STATUS, Outcome.BUSY}


async def test_very_many_forbidden_addresses_are_a_number(server: Server, tmp_path: Path) -> None:
    rig = Rig(tmp_path, server, starts=[server.url("/s.xml"), server.url("/khong")], max_pages=5)
    urls = [server.url(f"/cam/{n}.pdf") for n in range(3000)]
    server.pages |= {
        "/robots.txt": b"User-agent: *\nDisallow: /cam/\n", "/s.xml": sitemap(*urls),
    }  # fmt: skip
    done = await rig.round()
    assert done.outcomes[Outcome.ROBOTS] == 1025
    assert rig.pages(Outcome.ROBOTS) == 1025
    assert done.left == 1975
    assert done.failed_starts == {server.url("/khong"): Outcome.NOT_FOUND}
    assert done.reached


async def test_rules_behind_a_redirect_hold(rig: Rig) -> None:
    rig.server.pages |= SITE | {
        "/robots.txt": leads_to("/quy-tac.txt"), "/quy-tac.txt": b"User-agent: *\nDisallow: /b\n",
    }  # fmt: skip
    await rig.round()
    assert rig.taken == ["/a.pdf"]


async def test_rules_without_end_are_read_up_to_a_bound(rig: Rig) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"User-agent: *\nDisallow: /b\n")
        while True:
            await response.write(b"# nothing\n" * 100_000)

    rig.server.pages |= SITE | {"/robots.txt": endless}
    await rig.round()
    assert rig.taken == ["/a.pdf"]


class FakePortal(Asker):
    """A portal of one page, without a network."""

    def __init__(self, rules: Rules, robots: bytes) -> None:
        self._max = rules.max_bytes
        self._robots = robots

    async def ask(self, url: str, known: Known | None) -> Got:
        return Got(Nature.HTML, [page("/2", "/3")])

    async def text(self, url: str, limit: int) -> Got:
        return Got(Nature.TEXT, [self._robots])


@pytest.mark.parametrize(
    ("robots", "pause"),
    [
        (b"", 0.2),
        (b"User-agent: *\nCrawl-delay: 7\n", 7.0),
        (b"User-agent: *\nCrawl-delay: 0\n", 0.2),
    ],
)
async def test_requests_to_one_host_keep_their_distance(
    robots: bytes, pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    time = 100.0

    async def sleep(seconds: float) -> None:
        nonlocal time
        slept.append(max(seconds, 0.0))
        time += slept[-1]

    monkeypatch.setattr(walk, "monotonic", lambda: time)
    monkeypatch.setattr(walk, "_limit_cpu", lambda _bytes: None)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    rules = Rules(hosts=("portal.example",), timeout_seconds=1, max_bytes=10_000)
    job = Job(
        rules=rules, starts=("http://portal.example/",), depth=2, max_pages=10, delay_seconds=0.2
    )
    await walk.Walk(job, FakePortal(rules, robots), lambda _answer, _body: None).run()
    first, second, *later = (round(seconds, 6) for seconds in slept)
    assert (first, second) == (0.0, 0.2)  # robots.txt, then the start
    assert later == [pause, pause]


async def test_a_page_that_says_nofollow_is_not_followed(rig: Rig) -> None:
    rig.server.pages |= {
        "/": page("/meta", "/header") + b'<a rel="nofollow" href="/lich">x</a>'
        b'<a rel="nofollow" href="/tep.pdf">x</a>',
        "/meta": page("/1.pdf", head='<meta name="robots" content="noindex, NOFOLLOW">'),
        "/header": says(page("/2.pdf"), {"X-Robots-Tag": "nofollow", "Content-Type": "text/html"}),
        "/lich": page("/3.pdf"),
        "/tep.pdf": PDF,
    }
    await rig.round()
    assert rig.taken == ["/tep.pdf"]
    assert "/lich" not in rig.server.paths()


async def test_only_a_links_number_of_steps_is_gone(server: Server, tmp_path: Path) -> None:
    rig = Rig(tmp_path, server, depth=1)
    server.pages |= {
        "/": page("/1"), "/1": page("/2", "/gan.pdf"), "/2": page("/xa.pdf"),
        "/gan.pdf": PDF + b"1", "/xa.pdf": PDF + b"2",
    }  # fmt: skip
    await rig.round()
    assert rig.taken == ["/gan.pdf"]


def test_the_longest_rule_decides_and_wildcards_are_understood() -> None:
    rules = Robots.read(b"User-agent: *\nDisallow: /*.pdf$\nAllow: /vb/*.pdf$\nDisallow: /a\n")
    assert rules.allows("http://x.example/vb/1.pdf")
    assert not rules.allows("http://x.example/1.pdf")
    assert rules.allows("http://x.example/1.pdf?x=1")
    assert not rules.allows("http://x.example/abc")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("5", 5.0), ("0.5", 0.5), ("1e9", MAX_DELAY_SECONDS), ("-3", 0.0), ("nan", 0.0),
        ("soon", 0.0),
    ],
)  # fmt: skip
def test_a_delay_is_a_bounded_number(said: str, meant: float) -> None:
    assert Robots.read(f"User-agent: *\nCrawl-delay: {said}\n".encode()).delay == meant


def test_a_line_cut_by_the_limit_is_no_rule() -> None:
    filler = b"# x\n" * (MAX_BYTES // 4 - 2)
    body = b"User-agent: *\n" + filler + b"Disallow: /only-this-long-path\n" * 2
    assert Robots.read(body).allows("http://x.example/only")


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00garbage\x00", b"<html>404</html>", b":::\n\n"])
def test_nonsense_forbids_nothing(body: bytes) -> None:
    assert Robots.read(body).allows("http://x.example/a.pdf")
