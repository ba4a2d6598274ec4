"""The mail domains of a province on one page: domains by checks, in signs and in words."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from monitor.commands.posture_words import Words, day, when
from monitor.explain import Line, Page, Tone, safe
from monitor.model import Check, CheckStatus
from monitor.posture.explaining import posture_words
from monitor.record.posture_domains import DomainStanding, held
from monitor.record.posture_domains import status as status_of
from monitor.record.posture_standing import GatewayStanding, Standing

FAMILIES: Mapping[str, tuple[Check, ...]] = {
    "MX": (Check.MX_GATEWAY, Check.MX_RESOLVES),
    "SPF": (Check.SPF_VALID, Check.SPF_CLOSED, Check.SPF_GATEWAY),
    "DKIM": (Check.DKIM_KEY,),
    "DMARC": (Check.DMARC_VALID, Check.DMARC_POLICY, Check.DMARC_REPORTS),
    "STS": (Check.MTA_STS,),
    "RPT": (Check.TLS_RPT,),
    "DNSSEC": (Check.DNSSEC,),
    "CNAME": (Check.NAMES_RESOLVE,),
}
"""Columns; each has a sign for each of its checks."""
SIGNS: Mapping[CheckStatus, str] = {
    CheckStatus.PASS: "✓",
    CheckStatus.FAIL: "✗",
    CheckStatus.NOT_APPLICABLE: "–",
    CheckStatus.UNKNOWN: "?",
}
TONES: Mapping[CheckStatus, Tone] = {
    CheckStatus.PASS: Tone.GOOD,
    CheckStatus.FAIL: Tone.BAD,
    CheckStatus.NOT_APPLICABLE: Tone.PLAIN,
    CheckStatus.UNKNOWN: Tone.OPEN,
}
_KEYS: Mapping[CheckStatus, str] = {
    CheckStatus.PASS: "passed",
    CheckStatus.FAIL: "failed",
    CheckStatus.NOT_APPLICABLE: "not_applicable",
    CheckStatus.UNKNOWN: "unknown",
}
NAME = 100
"""Characters of an agency's name."""
_WIDEST_NAME = 40
"""Of a domain beside its signs; a longer one stands above them."""
_BETWEEN = 2


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows."""

    domains: Sequence[DomainStanding]
    gateways: Sequence[GatewayStanding]
    names: Mapping[str, str]
    """Of agencies, by code."""
    now: datetime
    live: bool = False


def overview(found: Overview, words: Words, width: int) -> Iterator[Line]:
    """Agencies with their domains, the gateway's hosts, and what it all comes to."""
    page, shape = Page(width), _Shape.of(found.domains)
    if found.domains and shape.fits(page.deeper(2)):
        yield Line(" " * page.deeper(2).indent + _heading(shape, words), Tone.HEADING)
    for owners, domains in groupby(_sorted(found), key=lambda each: _owners(each, found.names)):
        yield from page.heading(owners or words("nobody"))
        for each in domains:
            yield from _domain(each, shape, words, found.now, page.deeper(2))
        yield Line()
    if found.domains:
        yield from _legend(words, page)
        yield Line()
    if found.gateways:
        yield from gateway_lines(found.gateways, words, found.now, page)
        yield Line()
    yield from _summary(found, words, page)


def _sorted(found: Overview) -> list[DomainStanding]:
    return sorted(found.domains, key=lambda each: (_owners(each, found.names), each.domain))


def owners_of(agencies: Sequence[str], names: Mapping[str, str]) -> str:
    """`Sở Y tế (so-yt), …`"""
    return ", ".join(
        f"{safe(names[code], NAME)} ({safe(code, NAME)})" if names.get(code) else safe(code, NAME)
        for code in agencies
    )


def _owners(each: DomainStanding, names: Mapping[str, str]) -> str:
    return owners_of(each.agencies, names)


# -- a domain --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """How wide the columns are, in characters."""

    name: int
    columns: Mapping[str, int]

    @classmethod
    def of(cls, domains: Sequence[DomainStanding]) -> "_Shape":
        names = [len(safe(each.domain)) for each in domains]
        columns = {
            family: max([len(family), *(len(_cell(each, family)) for each in domains)])
            for family in FAMILIES
        }
        return cls(max([each for each in names if each <= _WIDEST_NAME], default=0), columns)

    def fits(self, page: Page) -> bool:
        """Beside each other on one line?"""
        signs = sum(width + _BETWEEN for width in self.columns.values())
        return page.indent + self.name + signs <= page.width

    def line(self, name: str, cells: Mapping[str, str]) -> str:
        """One row; a name too long for its column pushes nothing but itself."""
        gap = " " * _BETWEEN
        listed = (f"{cells[family]:<{width}}" for family, width in self.columns.items())
        return f"{name:<{self.name}}{gap}{gap.join(listed)}".rstrip()


def _heading(shape: _Shape, words: Words) -> str:
    return shape.line(words("domain")[: shape.name], {family: family for family in FAMILIES})


def _domain(
    each: DomainStanding, shape: _Shape, words: Words, now: datetime, page: Page
) -> Iterator[Line]:
    name, tone = safe(each.domain), _tone(each)
    if not each.checks:
        yield from page.text(f"{name}: {words('not_looked')}", tone=tone)
        return
    cells = {family: _cell(each, family) for family in FAMILIES}
    if not shape.fits(page):
        yield from page.text(name, tone=tone)
        yield from page.deeper(2).text("  ".join(f"{key} {cell}" for key, cell in cells.items()))
    elif len(name) > shape.name:
        yield from page.text(name, tone=tone)
        yield Line(" " * page.indent + shape.line("", cells), tone)
    else:
        yield Line(" " * page.indent + shape.line(name, cells), tone)
    yield from _remarks(each, words, now, page.deeper(4))


def _tone(each: DomainStanding) -> Tone:
    shown = set(each.shown())
    if CheckStatus.FAIL in shown:
        return Tone.BAD
    return Tone.OPEN if CheckStatus.UNKNOWN in shown or not each.checks else Tone.GOOD


def _cell(each: DomainStanding, family: str) -> str:
    return "".join(_sign(each.checks.get(check)) for check in FAMILIES[family])


def _sign(standing: Standing | None) -> str:
    if standing is None:
        return SIGNS[CheckStatus.UNKNOWN]
    return SIGNS[status_of(standing)] + (SIGNS[CheckStatus.UNKNOWN] if held(standing) else "")


def _remarks(each: DomainStanding, words: Words, now: datetime, page: Page) -> Iterator[Line]:
    """What the signs say, in words: all but what passes or does not apply."""
    for key, tone, listed in (
        ("failing", Tone.BAD, _failing(each, words)),
        ("suspected", Tone.OPEN, _named(each, words, lambda one: one.suspected_at is not None)),
        ("open", Tone.OPEN, _named(each, words, lambda one: one.decided is None)),
        ("held", Tone.OPEN, _held(each, words, now)),
    ):
        if listed:
            yield from page.text(words(key, listed=", ".join(listed)), tone=tone)


def _failing(each: DomainStanding, words: Words) -> list[str]:
    short = posture_words(words.language).short
    return [
        words("since", what=short(check), day=day(one.since)) if one.since else short(check)
        for check, one in each.checks.items()
        if status_of(one) is CheckStatus.FAIL
    ]


def _named(each: DomainStanding, words: Words, wanted: Callable[[Standing], bool]) -> list[str]:
    texts = posture_words(words.language)
    return [texts.short(check) for check, one in each.checks.items() if wanted(one)]


def _held(each: DomainStanding, words: Words, now: datetime) -> list[str]:
    """Checks of one result and one look together: a resolver that is away holds all of them."""
    texts = posture_words(words.language)
    together: dict[tuple[CheckStatus, str, str], list[str]] = {}
    for check, one in each.checks.items():
        if one.decided and held(one):
            at = one.decided.at
            about = (one.decided.status, when(at), words.age(now - at))
            together.setdefault(about, []).append(texts.short(check))
    return [
        words("held_from", what=", ".join(what), status=texts.status(status), when=seen, age=age)
        for (status, seen, age), what in together.items()
    ]


# -- below the table -------------------------------------------------------------------------------


def _legend(words: Words, page: Page) -> Iterator[Line]:
    yield from page.text(words("legend", **{_KEYS[each]: SIGNS[each] for each in CheckStatus}))
    yield from page.text(words("stands", unknown=SIGNS[CheckStatus.UNKNOWN]))
    short = posture_words(words.language).short
    listed = "; ".join(
        f"{family}: {', '.join(short(check) for check in checks)}"
        for family, checks in FAMILIES.items()
    )
    yield from page.text(words("order", listed=listed))


def gateway_lines(
    gateways: Sequence[GatewayStanding], words: Words, now: datetime, page: Page
) -> Iterator[Line]:
    """Each host: sign, status in words, why, and how long its certificate lasts."""
    texts = posture_words(words.language)
    yield from page.heading(words("gateways"))
    for each in gateways:
        said = texts.explain(each.last.reason, each.name, each.last.facts)
        parts = [f"{safe(each.name)}: {texts.status(each.last.status)}"]
        if each.since < each.last.at:
            parts.append(words("from", when=when(each.since)))
        yield from page.deeper(2).text(
            f"{', '.join(parts)}. {said.says}",
            f"{SIGNS[each.last.status]} ",
            TONES[each.last.status],
        )
        if each.certificate_not_after is not None:
            yield from page.deeper(4).text(_certificate(each.certificate_not_after, words, now))
        if said.advice:
            yield from page.deeper(4).text(f"{words('advice')}: {said.advice}")


def _certificate(not_after: datetime, words: Words, now: datetime) -> str:
    if not_after <= now:
        return words("ended", when=when(not_after))
    return words("certificate", when=when(not_after), days=(not_after - now).days)


def _summary(found: Overview, words: Words, page: Page) -> Iterator[Line]:
    every = [one for each in found.domains for one in each.checks.values()]
    shown = Counter(map(status_of, every))
    counts = {_KEYS[each]: shown[each] for each in CheckStatus}
    yield from page.text(
        words("summary", domains=len(found.domains), checks=len(every), **counts),
        tone=Tone.HEADING,
    )
    if fallen := sum(one.fallen(found.now) for one in every):
        yield from page.text(words("fallen", count=fallen), tone=Tone.BAD)
    if found.live:
        yield from page.text(words("live", when=when(found.now)))
    elif looked := [each.looked_at for each in found.domains if each.looked_at]:
        first, last = when(min(looked)), when(max(looked))
        yield from page.text(words("looked", first=first, last=last))
    if found.domains:
        yield from page.text(words("more"))
