"""One round of a portal, inside the process: robots.txt, pace, pages, documents."""

import asyncio
import hashlib
import resource
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from yarl import URL

from monitor.fetch.hosts import Failure, entry_of
from monitor.model import Kind
from monitor.portal.addresses import canonical
from monitor.portal.asking import MAX_XML, Asker, Got, Refused
from monitor.portal.feeds import Feed, NotRead, read_feed, read_list
from monitor.portal.frontier import MAX_HOPS, Frontier, Next
from monitor.portal.inflate import inflated
from monitor.portal.names import name_of
from monitor.portal.nature import HEAD, Nature, nature_of
from monitor.portal.pages import Reference, read_page
from monitor.portal.robots import MAX_BYTES, Robots
from monitor.portal.wire import MAX_LINKS_BYTES, Answer, Job, Link, Links, Outcome, remembered
from monitor.verify.sniff import kind_of

Tell = Callable[[Answer, Sequence[bytes]], None]
_MAX_FAILURES = 5
"""In a row; then a host is left alone until the next round."""
_MAX_FOREIGN_HOSTS = 50
_TOLD_FORBIDDEN = 1000
"""Addresses that robots.txt forbids are told one by one up to here, then only their number."""
_LINK_BYTES = 100
"""Of a link on the wire beside its address."""
_CPU_SECONDS = 60
"""For one address; a page that costs more ends the process, and is left out of the next rounds."""
_TROUBLE = frozenset({Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.BUSY})
_SIGNED = frozenset({Kind.EDXML, Kind.XMLDSIG})


@dataclass
class _Host:
    """What is known of one server in this round."""

    robots: Robots | None = None
    free_at: float = 0
    failures: int = 0

    @property
    def left_alone(self) -> bool:
        return self.failures >= _MAX_FAILURES


@dataclass
class Walk:
    """One round; `tell` passes on what came of each address."""

    job: Job
    asker: Asker
    tell: Tell
    _frontier: Frontier = field(init=False)
    _hosts: dict[str, _Host] = field(default_factory=dict)
    _bodies: set[bytes] = field(default_factory=set)
    _foreign: set[str] = field(default_factory=set)
    _forbidden: int = 0
    _told: int = 0
    """Links that the daemon was told of: no more than it remembers."""

    def __post_init__(self) -> None:
        self._frontier = Frontier(self.job.depth, self.job.known)

    async def run(self) -> None:
        """Ask until nothing is left, `max_pages` are asked or far more are forbidden."""
        starts = (canonical(None, text) for text in self.job.starts)
        self._frontier.start(str(url) for url in starts if url)
        asked = 0
        while asked < self.job.max_pages and self._forbidden < 5 * self.job.max_pages + 1000:
            turn = self._frontier.next()
            if turn is None:
                break
            asked += await self._visit(turn)
        if self._forbidden > _TOLD_FORBIDDEN:
            self._say("", Outcome.ROBOTS, number=self._forbidden - _TOLD_FORBIDDEN)
        if self._frontier:
            self._say("", Outcome.LIMIT, number=len(self._frontier))

    async def _visit(self, turn: Next) -> int:
        """Ask one address; how many requests of the round it was."""
        url = turn.link.url
        where = URL(url, encoded=True)
        host = self._hosts.setdefault(str(where.origin()), _Host())
        if host.left_alone:
            return 0
        _limit_cpu(self.job.rules.max_bytes)
        if self.job.robots and not (await self._rules(host, where)).allows(url):
            self._forbidden += 1
            if self._forbidden <= _TOLD_FORBIDDEN:
                self._answer(turn, Outcome.ROBOTS)
            return 0
        await self._wait(host, url)
        try:
            got = await self.asker.ask(url, self._frontier.known.get(url))
            self._take(turn, got)
        except (Refused, Failure) as refusal:
            outcome = Outcome(refusal.outcome.value)
            number = refusal.number if isinstance(refusal, Refused) else None
            self._answer(turn, outcome, number=number)
            self._blame(host, where, outcome, number)
        else:
            host.failures = 0
        return 1

    def _blame(self, host: _Host, where: URL, outcome: Outcome, number: int | None) -> None:
        broken = outcome is Outcome.STATUS and (number or 0) >= 500
        host.failures = host.failures + 1 if broken or outcome in _TROUBLE else 0
        if host.left_alone:
            self._say(str(where.origin()) + "/", Outcome.GIVEN_UP)

    # -- manners --------------------------------------------------------------------------------

    async def _wait(self, host: _Host, url: str) -> None:
        """Until the host may be asked again."""
        self._say(url, Outcome.ASKING)
        await asyncio.sleep(host.free_at - monotonic())
        asked_for = host.robots.delay if host.robots else 0.0
        host.free_at = monotonic() + max(self.job.delay_seconds, asked_for)

    async def _rules(self, host: _Host, where: URL) -> Robots:
        """robots.txt of a server, asked once a round (RFC 9309 2.3, 2.4)."""
        if host.robots is None:
            host.robots = await self._read_robots(host, where.origin().with_path("/robots.txt"))
        return host.robots

    async def _read_robots(self, host: _Host, url: URL) -> Robots:
        first = url
        outcome: Outcome
        number: int | None
        try:
            for _ in range(MAX_HOPS + 1):
                await self._wait(host, str(url))
                got = await self.asker.text(str(url), MAX_BYTES)
                if got.location is None:
                    return Robots.read(b"".join(got.body or ()))
                url = got.location
        except Refused as refusal:
            missing = 400 <= (refusal.number or 0) < 500
            if refusal.outcome is Outcome.NOT_FOUND or missing:
                return Robots()
            outcome, number = refusal.outcome, refusal.number
        except Failure as failure:
            outcome, number = Outcome(failure.outcome.value), None
        else:
            return Robots()  # RFC 9309 2.3.1.2: more than five redirects are "unavailable"
        self._say(str(first), outcome, number=number)
        return Robots(forbidden=True)

    # -- what came --------------------------------------------------------------------------------

    def _take(self, turn: Next, got: Got) -> None:
        if got.location is not None:
            self._redirected(turn, got.location)
        elif got.body is None:
            self._answer(turn, Outcome.UNCHANGED)
            self._frontier.add_children(turn.link.url)
        elif got.nature is Nature.DOCUMENT:
            self._document(turn, got)
        elif got.nature is Nature.HTML:
            self._html(turn, got)
        else:
            self._structured(turn, got)

    def _redirected(self, turn: Next, location: URL) -> None:
        if entry_of(location) not in self.job.rules.hosts:
            raise Refused(Outcome.HOST_REFUSED)
        if turn.link.hops >= MAX_HOPS:
            raise Refused(Outcome.REDIRECTS)
        link = turn.link.model_copy(update={"url": str(location), "hops": turn.link.hops + 1})
        led = Link.model_validate(link.model_dump(include=set(Link.model_fields)))
        new = self._frontier.add(led, turn.link.url)
        self._page(turn, Got(), Outcome.REDIRECTED, Links(links=(led,) if new else ()))

    def _document(self, turn: Next, got: Got) -> None:
        name = name_of(got.disposition, turn.link.url, got.content_type, got.head)
        answer = _head(turn, Outcome.DOCUMENT, got).model_copy(
            update={"size": got.size, "file_name": name}
        )
        self.tell(answer, got.body or ())

    def _html(self, turn: Next, got: Got) -> None:
        body = b"".join(got.body or ())
        links = Links()
        if self._frontier.follows(turn.link) and self._is_new(body):
            page = read_page(
                body, URL(turn.link.url, encoded=True), got.content_type,
                obedient=self.job.robots, header=got.directives,
            )  # fmt: skip
            links = self._add(turn, page.links, whole=page.whole)
        self._page(turn, got, Outcome.PAGE, links)

    def _structured(self, turn: Next, got: Got) -> None:
        """A sitemap or feed; or a document that is XML."""
        nature, body = got.nature, b"".join(got.body or ())
        if nature is Nature.GZIP:
            body = self._inflated(body)
            nature = nature_of(body[:HEAD], "text/plain")
        feed = self._feed(turn, nature, body)
        if feed is None:
            if kind_of(body, "") not in _SIGNED:
                raise Refused(Outcome.OTHER_TYPE)
            self._document(turn, got)
            return
        links = Links()
        if self._frontier.follows(turn.link) and self._is_new(body):
            nested = self._add(turn, feed.nested, whole=feed.whole, nested=True)
            pages = self._add(turn, feed.pages, whole=feed.whole)
            links = Links(links=nested.links + pages.links, whole=nested.whole and pages.whole)
        self._page(turn, got, Outcome.PAGE, links)

    def _inflated(self, body: bytes) -> bytes:
        limit = min(MAX_XML, self.job.rules.max_bytes)
        try:
            whole = inflated([body], limit)
        except zlib.error:
            raise Refused(Outcome.MALFORMED) from None
        if whole is None:
            raise Refused(Outcome.TOO_LARGE)
        return whole

    def _feed(self, turn: Next, nature: Nature, body: bytes) -> Feed | None:
        """What a sitemap or feed leads to; None for what is neither. Raises Refused."""
        url = URL(turn.link.url, encoded=True)
        if nature is Nature.XML:
            try:
                return read_feed(body, url)
            except NotRead:
                return None
        navigates = turn.parent is None or turn.link.hops > 0
        return read_list(body, url) if nature is Nature.TEXT and navigates else None

    def _is_new(self, body: bytes) -> bool:
        """Was nothing of the same content read in this round, under whatever address?"""
        digest = hashlib.sha256(body).digest()
        new = digest not in self._bodies
        self._bodies.add(digest)
        return new

    def _add(
        self, turn: Next, found: Sequence[Reference], *, whole: bool, nested: bool = False
    ) -> Links:
        """Put what a page leads to in line; what of it is new in this round."""
        kept: list[Link] = []
        depth, hops = turn.link.depth + (not nested), (turn.link.hops + 1 if nested else 0)
        size = 0
        for one in found:
            if entry_of(one.url) not in self.job.rules.hosts:
                self._say_foreign(one, turn)
                continue
            link = Link(url=str(one.url), depth=depth, likely=one.likely, hops=hops)
            if self._frontier.add(link, turn.link.url, modified=one.modified):
                size += len(link.url) + _LINK_BYTES
                told = size <= MAX_LINKS_BYTES and self._told < remembered(self.job.max_pages)
                whole = whole and told
                self._told += told
                kept += [link] if told else []
        return Links(links=tuple(kept), whole=whole and not self._frontier.full)

    # -- telling ----------------------------------------------------------------------------------

    def _say_foreign(self, one: Reference, turn: Next) -> None:
        """A document on a host that is not in the list: once a host, the operator may want it."""
        host = entry_of(one.url)
        if not one.likely or host is None or host in self._foreign:
            return
        if len(self._foreign) < _MAX_FOREIGN_HOSTS:
            self._foreign.add(host)
            self._say(str(one.url), Outcome.HOST_REFUSED, parent=turn.link.url)

    def _page(self, turn: Next, got: Got, outcome: Outcome, links: Links) -> None:
        body = links.model_dump_json().encode()
        self.tell(_head(turn, outcome, got).model_copy(update={"size": len(body)}), (body,))

    def _answer(self, turn: Next, outcome: Outcome, number: int | None = None) -> None:
        self.tell(_head(turn, outcome, Got()).model_copy(update={"number": number}), ())

    def _say(
        self, url: str, outcome: Outcome, *, parent: str | None = None, number: int | None = None
    ) -> None:
        self.tell(Answer(url=url, outcome=outcome, parent=parent, number=number), ())


def _head(turn: Next, outcome: Outcome, got: Got) -> Answer:
    return Answer(
        url=turn.link.url, outcome=outcome, parent=turn.parent, depth=turn.link.depth,
        hops=turn.link.hops, etag=got.etag, last_modified=got.last_modified,
    )  # fmt: skip


def _limit_cpu(max_bytes: int) -> None:
    """So much more processor time than was used, for one address."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    more = _CPU_SECONDS + max_bytes // (4 * 1024 * 1024)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + more, hard))
