"""What a portal's documents become, round by round."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from monitor.errors import SpoolFault, SpoolFull
from monitor.model import Channel, ItemHeader, PayloadKind
from monitor.portal import crawler
from monitor.portal.book import last_round
from monitor.portal.wire import Outcome
from tests.collect.wire import raising
from tests.fetch.servers import Server, leads_to, serving
from tests.portal.rig import PDF, Rig, free_port, page, says, sitemap

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def test_a_document_linked_on_a_page_reaches_the_spool_with_its_claim(rig: Rig) -> None:
    rig.server.pages |= {"/": page("/vb/"), "/vb/": page("12-QD.pdf"), "/vb/12-QD.pdf": PDF}
    done = await rig.round()
    ((header, body),) = rig.sink.items
    assert body == PDF
    assert (header.kind, header.channel, header.source) == (
        PayloadKind.DOCUMENT, Channel.PORTAL, "cong",
    )  # fmt: skip
    assert (header.live, header.size, header.received_at) == (True, len(PDF), rig.now)
    assert header.claim
    assert header.claim.agency == "ubnd"
    assert header.claim.file_name == "12-QD.pdf"
    assert header.claim.origin == rig.server.url("/vb/12-QD.pdf")
    assert header.claim.sent_at is None
    assert (done.asked, done.documents, done.failed, done.left) == (3, 1, 0, 0)
    assert set(rig.looks) == {"cong"}
    assert rig.counts.event("document_captured") == 1
    assert rig.pages(Outcome.PAGE) == 2


async def test_sitemaps_lead_to_documents_and_to_pages_with_documents(
    rig: Rig, server: Server, tmp_path: Path
) -> None:
    rig = Rig(tmp_path, server, starts=[server.url("/sitemap.xml")])
    server.pages |= {
        "/sitemap.xml": sitemap(server.url("/a.xml"), server.url("/b.txt"), index=True),
        "/a.xml": sitemap(server.url("/tin/1"), server.url("/files/1.pdf")),
        "/b.txt": says(f"{server.url('/files/2.pdf')}\n".encode(), {"Content-Type": "text/plain"}),
        "/tin/1": page("/files/3.pdf"),
        "/files/1.pdf": PDF + b"1",
        "/files/2.pdf": PDF + b"2",
        "/files/3.pdf": PDF + b"3",
    }
    await rig.round()
    assert sorted(rig.taken) == ["/files/1.pdf", "/files/2.pdf", "/files/3.pdf"]


async def test_feeds_lead_to_enclosures_and_to_pages(server: Server, tmp_path: Path) -> None:
    rig = Rig(tmp_path, server, starts=[server.url("/rss"), server.url("/atom")])
    rss = f"""<rss version="2.0"><channel><link>{server.url("/never")}</link>
        <item><link>{server.url("/tin?id=1")}</link>
        <pubDate>Mon, 02 Nov 2026 08:00:00 +0700</pubDate>
        <enclosure url="/tep/1.pdf" type="application/pdf" length="1"/></item></channel></rss>"""
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="/never2"/>
        <entry><link rel="enclosure" href="tep/2.docx"/>
        <updated>2026-11-02T08:00:00Z</updated></entry>
        </feed>"""
    server.pages |= {
        "/rss": says(rss.encode(), {"Content-Type": "application/rss+xml"}),
        "/atom": says(atom.encode(), {"Content-Type": "application/atom+xml"}),
        "/tin": page("/tep/3.pdf"),
        "/tep/1.pdf": PDF + b"1",
        "/tep/2.docx": b"PK\x03\x04 docx",
        "/tep/3.pdf": PDF + b"3",
    }
    await rig.round()
    assert sorted(rig.taken) == ["/tep/1.pdf", "/tep/2.docx", "/tep/3.pdf"]
    assert not {"/never", "/never2"} & set(server.paths())


async def test_an_address_without_an_extension_is_known_by_what_it_gives(rig: Rig) -> None:
    named = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": 'attachment; filename="x.pdf"; '
        "filename*=UTF-8''Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh%2012.pdf",
    }
    rig.server.pages |= {
        "/": page("/vanban/tai?file=123", "/vanban/chi-tiet?id=9"),
        "/vanban/tai": says(PDF, named),
        "/vanban/chi-tiet": says(PDF + b"9", {"Content-Type": "application/pdf"}),
    }
    await rig.round()
    assert sorted(rig.taken) == ["/vanban/chi-tiet?id=9", "/vanban/tai?file=123"]
    assert sorted(rig.names) == ["Quyết định 12.pdf", "chi-tiet.pdf"]


async def test_content_decides_over_the_declared_type(rig: Rig) -> None:
    login = says(page("/x"), {"Content-Type": "application/pdf"})
    rig.server.pages |= {
        "/": page("/login.pdf", "/real.pdf", "/noise.pdf", "/film"),
        "/login.pdf": login,
        "/real.pdf": says(PDF, {"Content-Type": "text/html"}),
        "/noise.pdf": says(b"\x00\x01\x02 nothing known", {"Content-Type": "application/pdf"}),
        "/film": says(b"%PDF-1.7", {"Content-Type": "video/mp4"}),
    }
    done = await rig.round()
    assert rig.taken == ["/real.pdf"]
    assert done.outcomes[Outcome.OTHER_TYPE] == 2


async def test_an_edxml_message_is_a_document_and_other_xml_is_not(rig: Rig) -> None:
    xml = {"Content-Type": "application/xml"}
    message = b'<?xml version="1.0"?><edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"/>'
    rig.server.pages |= {
        "/": page("/1.edxml", "/2.xml"), "/1.edxml": says(message, xml),
        "/2.xml": says(b"<du-lieu/>", xml),
    }  # fmt: skip
    done = await rig.round()
    assert rig.sink.bodies == [message]
    assert done.outcomes[Outcome.OTHER_TYPE] == 1


async def test_a_second_round_asks_for_changes_and_takes_nothing_twice(rig: Rig) -> None:
    rig.server.pages |= {"/": page("/ds"), "/ds": page("a.pdf", "b.pdf")}
    rig.server.pages |= {"/a.pdf": PDF + b"a", "/b.pdf": PDF + b"b"}
    await rig.round()
    assert len(rig.sink.items) == 2
    rig.restart()
    done = await rig.round(later=HOUR)
    assert len(rig.sink.items) == 2
    assert done.outcomes[Outcome.UNCHANGED] == 4
    asked = {r.path: r.headers.get("If-None-Match") for r in rig.server.asked}
    assert all(asked[path] for path in ("/", "/ds", "/a.pdf", "/b.pdf"))


async def test_a_document_that_stays_the_same_is_asked_more_and_more_rarely(rig: Rig) -> None:
    rig.server.pages |= {"/": page("a.pdf"), "/a.pdf": PDF}
    await rig.round()
    looks = []
    for hour in range(1, 16):
        await rig.round(later=HOUR)
        looks += [hour] if "/a.pdf" in rig.server.paths() else []
    assert looks == [1, 3, 7, 15]


async def test_a_page_is_read_whole_once_a_day_whatever_it_says_of_changes(rig: Rig) -> None:
    rig.server.pages |= {"/": page("a.pdf"), "/a.pdf": PDF}
    await rig.round()
    await rig.round(later=HOUR)
    assert "If-None-Match" in next(r for r in rig.server.asked if r.path == "/").headers
    await rig.round(later=DAY)
    assert "If-None-Match" not in next(r for r in rig.server.asked if r.path == "/").headers


async def test_a_changed_document_is_a_new_one_and_the_same_without_validators_is_not(
    rig: Rig,
) -> None:
    rig.server.pages |= {"/": page("a.pdf"), "/a.pdf": says(PDF)}
    await rig.round()
    await rig.round(later=HOUR)
    assert len(rig.sink.items) == 1
    rig.server.pages["/a.pdf"] = says(PDF + b"v2")
    await rig.round(later=2 * DAY)
    assert rig.sink.bodies == [PDF, PDF + b"v2"]
    first, second = (header.item_id for header, _ in rig.sink.items)
    assert first != second


async def test_the_same_content_at_another_address_is_not_sent_again(rig: Rig) -> None:
    rig.server.pages |= {"/": page("a.pdf", "copy.pdf"), "/a.pdf": PDF, "/copy.pdf": PDF}
    await rig.round()
    assert rig.taken == ["/a.pdf"]


async def test_what_is_sent_again_after_the_state_was_lost_has_the_same_identifier(
    rig: Rig,
) -> None:
    rig.server.pages |= {"/": page("a.pdf"), "/a.pdf": PDF}
    await rig.round()
    for file in rig.state.iterdir():
        file.write_bytes(b"{broken")
    rig.restart()
    await rig.round(later=HOUR)
    first, second = (header.item_id for header, _ in rig.sink.items)
    assert first == second


async def test_a_document_that_nothing_links_to_any_more_is_still_looked_at(rig: Rig) -> None:
    rig.server.pages |= {"/": says(page("a.pdf")), "/a.pdf": PDF}
    await rig.round()
    rig.server.pages |= {"/": says(page()), "/a.pdf": PDF + b"2"}
    await rig.round(later=HOUR)
    assert rig.sink.bodies == [PDF, PDF + b"2"]


async def test_a_document_that_is_gone_is_let_go(rig: Rig) -> None:
    rig.server.pages |= {"/": says(page("a.pdf")), "/a.pdf": PDF}
    await rig.round()
    del rig.server.pages["/a.pdf"]
    rig.server.pages["/"] = says(page())
    assert (await rig.round(later=HOUR)).outcomes[Outcome.NOT_FOUND] == 1
    await rig.round(later=2 * DAY)
    assert "/a.pdf" not in rig.server.paths()


async def test_redirects_within_the_list_are_followed_and_name_the_document(rig: Rig) -> None:
    rig.server.pages |= {
        "/": page("/tai?id=1", "/xoay"), "/tai": leads_to("/kho/12.pdf"), "/kho/12.pdf": PDF,
        "/xoay": leads_to("/xoay"),
    }  # fmt: skip
    await rig.round()
    assert rig.taken == ["/kho/12.pdf"]
    assert len(rig.server.asked) < 10


async def test_a_chain_of_redirects_ends(rig: Rig) -> None:
    rig.server.pages["/"] = page("/n0")
    rig.server.pages |= {f"/n{n}": leads_to(f"/n{n + 1}") for n in range(30)}
    done = await rig.round()
    assert done.outcomes[Outcome.REDIRECTS] == 1
    assert "/n10" not in rig.server.paths()


@pytest.mark.parametrize("error", [SpoolFull(), SpoolFault()])
async def test_a_spool_that_takes_nothing_is_waited_for(
    rig: Rig, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawler, "_FIRST_RETRY_SECONDS", 0.01)
    refusals = 3

    def before() -> Callable[[ItemHeader], Awaitable[None]]:
        async def refuse(_header: ItemHeader) -> None:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                raise error

        return refuse

    rig.sink.before = before()
    rig.server.pages |= {"/": page("a.pdf", "b.pdf"), "/a.pdf": PDF + b"a", "/b.pdf": PDF + b"b"}
    await rig.round()
    assert len(rig.sink.items) == 2
    assert rig.counts.event("portal_waiting") == 1


async def test_an_error_of_ours_loses_nothing(rig: Rig) -> None:
    rig.sink.before = raising(RuntimeError("a bug"))
    rig.server.pages |= {"/": page("a.pdf"), "/a.pdf": PDF}
    await rig.round()
    assert rig.counts.event("intake_fault") == 1
    rig.sink.before = None
    await rig.round(later=HOUR)
    assert rig.taken == ["/a.pdf"]


async def test_a_portal_that_is_away_is_said_and_tried_again(tmp_path: Path) -> None:
    server = Server(port=free_port(), pages={"/": page("a.pdf"), "/a.pdf": PDF})
    rig = Rig(tmp_path, server)
    done = await rig.round()
    assert (done.reached, done.first_failure, done.failures) == (False, Outcome.UNREACHABLE, 1)
    assert rig.looks == []
    assert rig.counts.event("portal_failed") == 1
    assert rig.crawler._pause(done) == 60
    assert rig.crawler._pause(await rig.round()) == 120
    async with serving(server):
        done = await rig.round(later=HOUR)
    assert (done.reached, done.failures) == (True, 0)
    assert rig.taken == ["/a.pdf"]
    assert rig.crawler._pause(done) == 3600


async def test_the_last_round_is_kept_for_the_operator(rig: Rig) -> None:
    assert last_round(rig.state, "cong") is None
    rig.server.pages |= {
        "/": page("a.pdf", "https://kho.example/b.pdf", "https://www.example/page"),
        "/a.pdf": says(PDF + b"x" * 2_000_000),
    }  # fmt: skip
    done = await rig.round()
    assert last_round(rig.state, "cong") == done
    assert done.too_large == (rig.server.url("/a.pdf"),)
    assert done.other_hosts == ("https://kho.example/b.pdf",)


async def test_rounds_follow_each_other_and_go_on_where_a_restart_left_them(
    tmp_path: Path, server: Server
) -> None:
    server.pages |= {"/": page("a.pdf"), "/a.pdf": PDF}
    rig = Rig(tmp_path, server, interval_seconds=1)
    running = asyncio.ensure_future(rig.crawler.run())  # noqa: TID251 - cancelled below
    while not rig.sink.items:
        await asyncio.sleep(0.02)
    while last_round(tmp_path, "cong") is None:
        await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    rig.source = rig.source.model_copy(update={"interval_seconds": 3600})
    rig.restart()
    server.asked.clear()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(rig.crawler.run(), 0.5)
    assert server.asked == []  # it is not due yet


async def test_a_server_that_asks_for_rest_is_left_alone(rig: Rig) -> None:
    async def busy(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPTooManyRequests

    rig.server.pages["/"] = page(*(f"/{n}.pdf" for n in range(30)))
    rig.server.pages |= {f"/{n}.pdf": busy for n in range(30)}
    done = await rig.round()
    assert done.outcomes[Outcome.BUSY] == 5
    assert done.outcomes[Outcome.GIVEN_UP] == 1
