"""Addresses, pages, feeds, names and first octets: what each is read as, without a network."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from monitor.fetch.hosts import entry_of
from monitor.portal.addresses import canonical, hopeless, likely_document
from monitor.portal.feeds import NotRead, read_feed, read_list
from monitor.portal.frontier import Frontier
from monitor.portal.names import name_of, plain
from monitor.portal.nature import Nature, foreign, nature_of
from monitor.portal.pages import MAX_LINKS, read_page
from monitor.portal.wire import Known, Link
from tests.portal.rig import PDF, page

BASE = URL("https://tinh.gov.vn/vb/ds?trang=1", encoded=True)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("a.pdf", "https://tinh.gov.vn/vb/a.pdf"),
        ("/a.pdf#trang2", "https://tinh.gov.vn/a.pdf"),
        ("?trang=2", "https://tinh.gov.vn/vb/ds?trang=2"),
        ("HTTPS://TINH.gov.vn:443/a", "https://tinh.gov.vn/a"),
        ("//kho.tinh.gov.vn/a", "https://kho.tinh.gov.vn/a"),
        ("../x/./y/../z", "https://tinh.gov.vn/x/z"),
        ("Báo cáo số 1.pdf", "https://tinh.gov.vn/vb/B%C3%A1o%20c%C3%A1o%20s%E1%BB%91%201.pdf"),
        ("  /a\n\t.pdf ", "https://tinh.gov.vn/a.pdf"),
        ("/a;jsessionid=AB12.node1?x=1", "https://tinh.gov.vn/a?x=1"),
        ("/(S(abc123))/a", "https://tinh.gov.vn/a"),
        ("/a?utm_source=x&id=7&fbclid=y", "https://tinh.gov.vn/a?id=7"),
        ("/a?sid=0123456789abcdef0123&id=7", "https://tinh.gov.vn/a?id=7"),
        ("/a?sid=12", "https://tinh.gov.vn/a?sid=12"),
        ("", None), ("mailto:a@b.vn", None), ("javascript:void(0)", None), ("data:,x", None),
        ("file:///etc/passwd", None), ("http://u:p@tinh.gov.vn/", None), ("http://[", None),
        ("http://tinh.gov.vn:99999/", None), ("http://tinh.gov.vn:0/", None),
        ("/" + "a" * 3000, None), ("/" + "ệ" * 700, None),
    ],
)  # fmt: skip
def test_an_address_has_one_spelling(text: str, address: str | None) -> None:
    found = canonical(BASE, text)
    assert (str(found) if found else None) == address
    if address:
        assert str(canonical(None, address)) == address


@pytest.mark.parametrize(
    "path",
    ["/a.pdf", "/a.PDF", "/tai?file=12.docx", "/tai?file=123", "/download/12", "/GetFile.ashx?id=1",
     "/portal/VanBan/TaiVe?id=7", "/dinhkem/7", "/documents/20182/0/abc"],
)  # fmt: skip
def test_an_address_that_looks_like_a_documents(path: str) -> None:
    assert likely_document(URL("https://tinh.gov.vn" + path))


@pytest.mark.parametrize("path", ["/", "/tin-tuc/1", "/lich?thang=1", "/profile", "/a.html"])
def test_an_address_that_does_not(path: str) -> None:
    assert not likely_document(URL("https://tinh.gov.vn" + path))


def test_pictures_and_films_are_not_asked() -> None:
    assert hopeless(URL("https://tinh.gov.vn/a.JPG?x=1"))
    assert not hopeless(URL("https://tinh.gov.vn/anh?file=1"))


# -- pages -------------------------------------------------------------------------------------


def links(body: bytes, content_type: str = "text/html") -> list[str]:
    return [str(one.url) for one in read_page(body, BASE, content_type).links]


def test_links_are_found_wherever_a_page_has_them() -> None:
    body = b"""<html><head><link rel="alternate" type="application/rss+xml" href="/rss">
      <link rel="stylesheet" href="/x.css"><meta http-equiv="refresh" content="5; url='/moi'">
      </head><body><a href=/1>1</a><map><area href="/2"></map><iframe src="/3"></iframe>
      <embed src="/4"><object data="/5"></object><img src="/6.png"><script src="/7"></script>
      <form action="/8"></form></body></html>"""
    paths = [address.removeprefix("https://tinh.gov.vn") for address in links(body)]
    assert paths == ["/rss", "/moi", "/1", "/2", "/3", "/4", "/5"]


def test_what_a_page_embeds_or_offers_for_download_looks_like_a_document() -> None:
    body = b'<a href="/1" download>x</a><embed src="/2"><a href="/3" type="application/pdf">y</a>'
    assert all(one.likely for one in read_page(body, BASE, "text/html").links)


def test_the_base_of_a_page_counts_once() -> None:
    body = b'<base href="/kho/"><base href="/khac/"><a href="a.pdf">x</a>'
    assert links(body) == ["https://tinh.gov.vn/kho/a.pdf"]


@pytest.mark.parametrize(
    "content_type", ["text/html", "text/html; charset=iso-8859-1", "x; charset=?"]
)
def test_names_in_utf_8_are_read_whatever_the_server_says(content_type: str) -> None:
    assert links('<a href="số.pdf">x</a>'.encode(), content_type) == [
        "https://tinh.gov.vn/vb/s%E1%BB%91.pdf"
    ]


def test_a_page_of_a_declared_charset_is_read_in_it() -> None:
    body = '<a href="đ.pdf">x</a>'.encode("cp1258")
    assert links(body, "text/html; charset=windows-1258") == ["https://tinh.gov.vn/vb/%C4%91.pdf"]


def test_a_page_of_very_many_links_is_cut_and_says_so() -> None:
    found = read_page(page(*(f"/{n}" for n in range(MAX_LINKS + 10))), BASE, "text/html")
    assert len(found.links) == MAX_LINKS
    assert not found.whole


@pytest.mark.parametrize(
    "body", [b"", b"\0", b"<", b"<a href=", b"\xff\xfe<\0a\0", b"<a " * 100_000, b"<![CDATA["]
)
def test_no_page_is_too_broken(body: bytes) -> None:
    assert links(body) == []


# -- sitemaps and feeds --------------------------------------------------------------------------


def test_a_sitemap_names_pages_and_when_they_changed() -> None:
    body = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc> /a.pdf </loc>
      <lastmod>2026-11-02</lastmod><image:image><image:loc>/tranh</image:loc></image:image></url>
      </urlset>"""
    (one,) = read_feed(body, BASE).pages
    assert str(one.url) == "https://tinh.gov.vn/a.pdf"
    assert one.modified == datetime(2026, 11, 2, tzinfo=UTC).timestamp()


def test_an_rdf_feed_and_the_next_part_of_an_atom_feed_are_read() -> None:
    rdf = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns="http://purl.org/rss/1.0/"><channel><link>/x</link></channel>
      <item><link>/1</link></item></rdf:RDF>"""
    assert [one.url.path for one in read_feed(rdf, BASE).pages] == ["/1"]
    atom = b'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="?trang=2"/></feed>'
    assert [str(one.url) for one in read_feed(atom, BASE).nested] == [
        "https://tinh.gov.vn/vb/ds?trang=2"
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"<rss><channel><item><link>/1?a=1&b=2</link></item><item><link>/2</item></channel>",
        b'\n\n<?xml version="1.0" encoding="utf-8"?><rss><channel><item><link>/1</link></item>',
        b"\xef\xbb\xbf<rss><item><link><![CDATA[/1]]></link></item></rss>",
        b"<rss><item><title>A &nbsp; B</title><link>/1</link></item></rss>",
        '<?xml version="1.0" encoding="utf-16"?><rss><item><link>/1</link></item></rss>'.encode(
            "utf-16"
        ),
        b"<!DOCTYPE rss SYSTEM 'http://x.example/rss.dtd'><rss><item><link>/1</link></item></rss>",
    ],
)
def test_a_feed_as_portals_write_them_is_read_as_far_as_it_goes(body: bytes) -> None:
    assert read_feed(body, BASE).pages[0].url.path == "/1"


@pytest.mark.parametrize(
    "body",
    [
        b"<a/>", b"", b"<", b"<html><url><loc>/x</loc></url></html>",
        b"<!DOCTYPE urlset [<!ENTITY a 'b'>]><urlset><url><loc>/&a;</loc></url></urlset>",
        b"<!-- x --><?y?><!DOCTYPE rss SYSTEM 'a' [<!ENTITY % p SYSTEM 'file:///x'>]><rss/>",
    ],
)  # fmt: skip
def test_what_is_no_feed_or_declares_entities_is_not_read(body: bytes) -> None:
    with pytest.raises(NotRead):
        read_feed(body, BASE)


def test_a_deep_feed_is_left_where_it_becomes_too_deep() -> None:
    body = b"<rss><item><link>/1</link></item>" + b"<a>" * 100_000
    assert not read_feed(body, BASE).whole


def test_a_sitemap_of_text_has_an_address_a_line() -> None:
    body = "\ufeffhttps://tinh.gov.vn/1.pdf\r\n\r\nnonsense\nhttps://tinh.gov.vn/2.pdf".encode()
    assert [one.url.path for one in read_list(body, BASE).pages] == ["/1.pdf", "/2.pdf"]


# -- names and first octets ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("disposition", "url", "content_type", "name"),
    [
        ('attachment; filename="a.pdf"', "http://x.vn/b", "", "a.pdf"),
        ("attachment; filename=C%C3%B4ng%20v%C4%83n.pdf", "http://x.vn/b", "", "Công văn.pdf"),
        ("nonsense;;=", "http://x.vn/vb/12-Q%C4%90.pdf?x=1", "", "12-QĐ.pdf"),
        (None, "http://x.vn/tai?file=7", "application/pdf", "tai.pdf"),
        (None, "http://x.vn/", "", "document.pdf"),
        (None, "http://x.vn/..%2f..%2fetc%2fpasswd", "", "passwd.pdf"),
    ],
)
@pytest.mark.filterwarnings("ignore::aiohttp.multipart.BadContentDispositionHeader")
@pytest.mark.filterwarnings("ignore::aiohttp.multipart.BadContentDispositionParam")
def test_a_document_gets_a_name(
    disposition: str | None, url: str, content_type: str, name: str
) -> None:
    assert name_of(disposition, url, content_type, PDF) == name


def test_an_old_word_file_without_an_extension_is_named_by_its_type() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    assert name_of(None, "http://x.vn/tai", "application/msword; x", ole) == "tai.doc"
    assert name_of(None, "http://x.vn/a.xls", "application/msword", ole) == "a.xls"


def test_a_plain_name_keeps_vietnamese_letters_and_no_tricks() -> None:
    assert plain("Quye\u0302\u0301t đi\u0323nh\u202e.pdf") == "Quyết định.pdf"
    assert plain("\udcff\x00 a \t b.pdf") == "_ a b.pdf"
    assert plain("../..") == ""
    assert len(plain("ệ" * 300 + ".pdf").encode()) <= 200


@pytest.mark.parametrize(
    ("head", "content_type", "nature"),
    [
        (b"%PDF-1.7", "text/plain", Nature.DOCUMENT),
        (b"junk\n%PDF-1.4", "application/octet-stream", Nature.DOCUMENT),
        (b"PK\x03\x04", "", Nature.DOCUMENT),
        (b"Rar!\x1a\x07\x00", "", Nature.DOCUMENT),
        (b"-----BEGIN PKCS7-----", "text/plain", Nature.DOCUMENT),
        (bytes.fromhex("3082100006092a864886f70d010702a0"), "", Nature.DOCUMENT),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>", "", Nature.HTML),
        (b"<p>%PDF-1.7 is a header</p>", "text/html", Nature.HTML),
        (b"<?xml version='1.0'?><rss>", "text/html", Nature.XML),
        (b"<?xml version='1.0'?><x>", "text/xml", Nature.XML),
        (b"<br />\n<b>Warning</b>\n%PDF-1.4", "application/pdf", Nature.DOCUMENT),
        (b"<?xml version='1.0'?><html>", "application/xhtml+xml", Nature.HTML),
        (b"\xff\xfe<\0u\0r\0l\0", "", Nature.XML),
        (b"\x1f\x8b\x08", "", Nature.GZIP),
        (b"http://x.vn/", "text/plain; charset=utf-8", Nature.TEXT),
        (b"\x89PNG", "", Nature.OTHER),
        (b"", "", Nature.OTHER),
    ],
)
def test_first_octets_say_what_an_answer_is(head: bytes, content_type: str, nature: Nature) -> None:
    assert nature_of(head, content_type) is nature


def test_types_that_are_no_document_are_told() -> None:
    assert foreign("image/png")
    assert foreign("text/css; charset=utf-8")
    assert not foreign("application/octet-stream")
    assert not foreign("")


# -- what comes next -------------------------------------------------------------------------------


def order(frontier: Frontier) -> list[str]:
    found = []
    while turn := frontier.next():
        found.append(turn.link.url)
    return found


def test_starts_come_first_then_new_documents_then_pages_that_are_near() -> None:
    frontier = Frontier(3, ())
    frontier.start(["s"])
    frontier.add(Link(url="far", depth=2), "s")
    frontier.add(Link(url="near", depth=1), "s")
    frontier.add(Link(url="doc", depth=3, likely=True), "s")
    assert order(frontier) == ["s", "doc", "near", "far"]


def test_the_newest_document_of_a_sitemap_comes_first() -> None:
    frontier = Frontier(1, ())
    for url, modified in (("old", 10.0), ("none", 0.0), ("new", 20.0)):
        frontier.add(Link(url=url, depth=1, likely=True), "s", modified=modified)
    assert order(frontier) == ["new", "old", "none"]


def test_known_documents_are_looked_at_however_much_is_new() -> None:
    known = [Known(url=f"k{n}", document=True, likely=True) for n in range(3)]
    frontier = Frontier(1, known)
    frontier.start(["s"])
    for n in range(30):
        frontier.add(Link(url=f"n{n}", depth=1, likely=True), "s")
    assert {"k0", "k1", "k2"} <= set(order(frontier)[:13])


def test_what_rests_is_not_asked_but_what_it_led_to_is() -> None:
    known = [
        Known(url="redirect", depth=1, rests=True),
        Known(url="child", depth=1, parent="redirect"),
        Known(url="loop", depth=1, rests=True, parent="loop"),
    ]
    frontier = Frontier(1, known)
    frontier.add(Link(url="redirect", depth=1), "s")
    frontier.add(Link(url="loop", depth=1), "s")
    assert order(frontier) == ["child"]


def test_a_sitemap_that_says_that_a_resting_document_changed_is_believed() -> None:
    known = Known(url="d", depth=1, likely=True, document=True, rests=True, asked=100.0)
    for modified, wanted in ((50.0, []), (200.0, ["d"])):
        frontier = Frontier(1, [known])
        frontier.add(Link(url="d", depth=1, likely=True), "s", modified=modified)
        assert order(frontier) == wanted


# -- whatever comes --------------------------------------------------------------------------------

MARKUP = st.lists(
    st.sampled_from([
        b"<a href=", b"'/x'", b">", b"<", b"</a>", b"<urlset>", b"<url><loc>", b"</loc></url>",
        b"<!DOCTYPE ", b"<![CDATA[", b"]]>", b"<!--", b"&amp", b"&#x110000;", b"\xff\xfe", b"\0",
        b"<base href='http://[' ", b"<meta name=robots content=", b"http://[::1", b"%zz", b"<?xml ",
        b"encoding='utf-7'?>", b"<rss><item><link>", b"<pubDate>99999999999", b"\xc3", b"</rss>",
    ]),
    max_size=30,
).map(b"".join)  # fmt: skip


@given(st.text(max_size=60), st.sampled_from(["", "/", "//", "http://x.vn/", "?", "/a;", "http:"]))
def test_the_spelling_of_any_address_is_its_own(text: str, before: str) -> None:
    found = canonical(BASE, before + text)
    if found is not None:
        assert canonical(None, str(found)) == found
        assert entry_of(found) is not None


@given(MARKUP | st.binary(max_size=300), st.sampled_from(["", "text/html; charset=x", "text/xml"]))
def test_no_octets_are_too_hostile_to_be_read(body: bytes, content_type: str) -> None:
    nature_of(body, content_type)
    read_page(body, BASE, content_type)
    read_list(body, BASE)
    with suppress(NotRead):
        read_feed(body, BASE)


@pytest.mark.filterwarnings("ignore::aiohttp.multipart.BadContentDispositionHeader")
@pytest.mark.filterwarnings("ignore::aiohttp.multipart.BadContentDispositionParam")
@given(st.text(max_size=80), st.text(max_size=80))
def test_every_name_is_one_plain_component(disposition: str, path: str) -> None:
    name = name_of(f"attachment; filename*=UTF-8''{disposition}", f"http://x.vn/{path}", "", PDF)
    assert name
    assert name == plain(name)
    assert not {"/", "\\", "\0", "\n"} & set(name)
