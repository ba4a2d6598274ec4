"""Links of an HTML page, read as a stream: no tree is built, however deep or broken it is."""

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from yarl import URL

from monitor.portal.addresses import canonical, hopeless, likely_document

MAX_LINKS = 5000
_STEP = 64 * 1024
_LINKS = {"a": "href", "area": "href", "iframe": "src", "frame": "src"}
_EMBEDDED = {"embed": "src", "object": "data"}
"""What shows a document inside a page, more often than not."""
_FEEDS = re.compile(r"application/(?:rss|atom|rdf)\+xml", re.IGNORECASE)
_REFRESH = re.compile(r"[\d.\s]*[;,]\s*url\s*=\s*[\"']?([^\"']+)", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """A link as it stands: canonical, of a host in the list or not."""

    url: URL
    likely: bool
    modified: float = 0
    """When its page says that it changed, seconds since 1970."""


@dataclass
class Page:
    """What a page leads to."""

    links: list[Reference] = field(default_factory=list)
    whole: bool = True


def read_page(
    body: bytes, url: URL, content_type: str, *, obedient: bool = True, header: str | None = None
) -> Page:
    """Links of a page at an address; `header` is its X-Robots-Tag.

    An obedient reader follows no link of a page that says nofollow, and of single links that say
    so (rel) only what looks like a document: the mark is there to keep robots out of calendars,
    and content systems put it on every file that was uploaded.
    """
    target = _Reader(url, obedient)
    target.robots(header or "")
    parser = _parser(target, _encoding(body, content_type))
    try:
        for at in range(0, len(body), _STEP):
            parser.feed(body[at : at + _STEP])
        parser.close()
    except etree.LxmlError:
        target.page.whole = False
    except _Enough:
        target.page.whole = False
    if obedient and target.closed:
        return Page()
    return target.page


class _Enough(Exception):
    """No page of a portal has so many links."""


class _Reader:
    """Target of the parser: methods are named by lxml."""

    def __init__(self, url: URL, obedient: bool) -> None:
        self.page = Page()
        self.closed = False
        self._base = url
        self._obedient = obedient
        self._based = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if tag in _LINKS:
            self._take(attributes.get(_LINKS[tag]), attributes)
        elif tag in _EMBEDDED:
            self._take(attributes.get(_EMBEDDED[tag]), attributes, likely=True)
        elif tag == "link" and _FEEDS.match(attributes.get("type", "").strip()):
            self._take(attributes.get("href"), {})
        elif tag == "base" and not self._based:
            self._rebase(attributes.get("href", ""))
        elif tag == "meta":
            self._meta(attributes)

    def end(self, tag: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Text."""

    def close(self) -> None:
        """The page ends."""

    def robots(self, directives: str) -> None:
        """Of a meta element or header."""
        words = {word.strip().lower() for word in directives[:1000].split(",")}
        self.closed = self.closed or bool(words & {"nofollow", "none"})

    def _rebase(self, text: str) -> None:
        found = canonical(self._base, text)
        if found is not None:
            self._base, self._based = found, True

    def _meta(self, attributes: dict[str, str]) -> None:
        content = attributes.get("content", "")
        if attributes.get("name", "").strip().lower() in {"robots", "congvu"}:
            self.robots(content)
        elif attributes.get("http-equiv", "").strip().lower() == "refresh":
            refreshed = _REFRESH.match(content[:4000])
            self._take(refreshed[1] if refreshed else None, {})

    def _take(self, text: str | None, attributes: dict[str, str], *, likely: bool = False) -> None:
        url = canonical(self._base, text) if text else None
        if url is None or hopeless(url):
            return
        declared = attributes.get("type", "").strip().lower()
        likely = likely or "download" in attributes or declared == "application/pdf"
        likely = likely or likely_document(url)
        marked = "nofollow" in attributes.get("rel", "").lower().split()
        if marked and self._obedient and not likely:
            return
        if len(self.page.links) >= MAX_LINKS:
            raise _Enough
        self.page.links.append(Reference(url, likely))


def _parser(target: _Reader, encoding: str | None) -> etree.HTMLParser:
    known: dict[str, Any] = {
        "target": target, "recover": True, "no_network": True, "huge_tree": False,
    }  # fmt: skip
    try:
        return etree.HTMLParser(encoding=encoding, **known)
    except LookupError:  # a charset that nobody knows
        return etree.HTMLParser(**known)


def _encoding(body: bytes, content_type: str) -> str | None:
    """UTF-8 where the page is that, whatever is said of it; else what the header says.

    None leaves it to what the page itself says.
    """
    try:
        body.decode()
    except UnicodeDecodeError:
        declared = _CHARSET.search(content_type[:500])
        return declared[1] if declared else None
    return "utf-8"
