"""Sitemaps (sitemaps.org 0.9) and feeds (RSS 0.9 to 2.0, RDF, Atom: RFC 4287), read as a stream.

No entity is resolved and nothing is fetched; declarations of a DTD are refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from lxml import etree
from yarl import URL

from monitor.portal.addresses import canonical, hopeless, likely_document
from monitor.portal.pages import Reference
from monitor.portal.wire import MAX_URL

MAX_LINKS = 50_000
"""Of one file, as sitemaps.org has it."""
_STEP = 64 * 1024
_SUBSET = re.compile(
    rb"""\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?:\s+|<\?.*?\?>|<!--.*?-->)*<!DOCTYPE[^>\[]*\[""",
    re.DOTALL,
)
_HEAD = 64 * 1024
_ROOTS = frozenset({"urlset", "sitemapindex", "rss", "rdf", "feed"})
_DATES = frozenset({"lastmod", "pubdate", "updated", "date"})


class NotRead(Exception):
    """No sitemap or feed, or one with declarations."""


@dataclass
class Feed:
    """What a sitemap or feed leads to."""

    pages: list[Reference] = field(default_factory=list)
    nested: list[Reference] = field(default_factory=list)
    """Further sitemaps, and the next part of a feed."""
    whole: bool = True


def read_feed(body: bytes, url: URL) -> Feed:
    """Links of a sitemap or feed at an address; what is broken is read as far as it goes.

    Raises NotRead.
    """
    plain = body[:_HEAD].replace(b"\0", b"") if b"\0" in body[:4] else body[:_HEAD]
    if _SUBSET.match(plain):
        raise NotRead
    target = _Reader(url)
    parser = etree.XMLParser(
        target=cast("Any", target), recover=True, resolve_entities=False, no_network=True,
        load_dtd=False, huge_tree=False,
    )  # fmt: skip
    body = body.lstrip() if body[:1].isspace() else body
    try:
        for at in range(0, len(body), _STEP):
            parser.feed(body[at : at + _STEP])
        parser.close()
        broken = [e for e in parser.feed_error_log if e.level >= etree.ErrorLevels.FATAL]
        target.feed.whole = not broken
    except (etree.LxmlError, _Enough):
        target.feed.whole = False
    if target.root not in _ROOTS:
        raise NotRead
    return target.feed


def read_list(body: bytes, url: URL) -> Feed:
    """A sitemap of plain text: an address a line."""
    feed = Feed()
    for line in body.decode("utf-8", "replace").lstrip("\ufeff").splitlines():
        if len(feed.pages) >= MAX_LINKS:
            feed.whole = False
            break
        found = canonical(url, line) if line.strip().startswith(("http://", "https://")) else None
        if found is not None and not hopeless(found):
            feed.pages.append(Reference(found, likely_document(found)))
    return feed


class _Enough(Exception):
    """More links than one file may have."""


@dataclass
class _Entry:
    """One item while it is read."""

    links: list[tuple[str, bool]] = field(default_factory=list)
    """Addresses, and whether each is an enclosure."""
    modified: float = 0


class _Reader:
    """Target of the parser: methods are named by lxml."""

    def __init__(self, url: URL) -> None:
        self.feed = Feed()
        self.root = ""
        self._base = url
        self._entry: _Entry | None = None
        self._text: list[str] | None = None
        self._ends: dict[str, Callable[[str], None]] = {"loc": self._link, "link": self._link}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = _local(tag)
        self.root = self.root or name
        if name in {"url", "sitemap", "item", "entry"}:
            self._entry = _Entry()
        elif name == "link" and "href" in attributes:
            self._atom(attributes)
        elif name in {"enclosure", "content"} and "url" in attributes and self._entry:
            self._entry.links.append((attributes["url"], True))
        self._text = [] if name in self._ends or name in _DATES else None

    def data(self, text: str) -> None:
        """Text, in pieces."""
        if self._text is not None and len(self._text) < MAX_URL:
            self._text.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        name, text = _local(tag), "".join(self._text or ()).strip()
        self._text = None
        # image:loc and video:loc name pictures and films
        if name in self._ends and ("}" not in tag or "sitemap-" not in tag):
            self._ends[name](text)
        elif name in _DATES and self._entry:
            self._entry.modified = max(self._entry.modified, _instant(text))
        elif name in {"url", "sitemap", "item", "entry"}:
            self._finish(nested=name == "sitemap")

    def close(self) -> None:
        """The document ends."""

    def _link(self, text: str) -> None:
        if text and self._entry:
            self._entry.links.append((text, False))

    def _atom(self, attributes: dict[str, str]) -> None:
        relation = attributes.get("rel", "alternate").strip().lower()
        if self._entry and relation in {"alternate", "enclosure", "related", "via"}:
            self._entry.links.append((attributes["href"], relation == "enclosure"))
        elif not self._entry and relation == "next":
            self._keep(self.feed.nested, attributes["href"], False, 0)

    def _finish(self, *, nested: bool) -> None:
        entry, self._entry = self._entry, None
        for text, enclosed in entry.links[:20] if entry else ():
            kept = self.feed.nested if nested else self.feed.pages
            self._keep(kept, text, enclosed, entry.modified if entry else 0)

    def _keep(self, kept: list[Reference], text: str, enclosed: bool, modified: float) -> None:
        url = canonical(self._base, text)
        if url is None or hopeless(url):
            return
        if len(self.feed.pages) + len(self.feed.nested) >= MAX_LINKS:
            raise _Enough
        kept.append(Reference(url, enclosed or likely_document(url), modified))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _instant(text: str) -> float:
    """W3C or RFC 5322 time as seconds since 1970; 0 for what is neither."""
    try:
        return _aware(datetime.fromisoformat(text[:40])).timestamp()
    except (ValueError, OverflowError):
        pass
    try:
        return _aware(parsedate_to_datetime(text[:60])).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0


def _aware(found: datetime) -> datetime:
    return found if found.tzinfo else found.replace(tzinfo=UTC)
