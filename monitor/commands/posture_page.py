"""One mail domain: each check with what was seen, since when, and what is to be done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.commands.posture_table import SIGNS, TONES, owners_of
from monitor.commands.posture_words import Words, day, when
from monitor.explain import Line, Page, safe
from monitor.model import Check, CheckStatus
from monitor.posture.explaining import Explanation, posture_words
from monitor.record.posture_domains import DomainStanding, Selector, because, held
from monitor.record.posture_domains import status as status_of
from monitor.record.posture_standing import Change, Standing

EVIDENCE = 300
"""Characters of a record on a terminal; --json has all that is kept."""


@dataclass(frozen=True, slots=True)
class DomainPage:
    """What the page shows."""

    standing: DomainStanding
    names: Mapping[str, str]
    """Of agencies, by code."""
    now: datetime
    changes: Sequence[Change] = ()
    changes_since: datetime | None = None
    """None: they were not asked for."""
    selectors: Sequence[Selector] = ()
    live: bool = False


def domain_page(found: DomainPage, words: Words, width: int) -> Iterator[Line]:
    """Whose it is, its checks, selectors and changes."""
    page = Page(width)
    yield from page.heading(safe(found.standing.domain))
    yield from _head(found, words, page)
    yield Line()
    first: dict[Explanation, Check] = {}
    for check, each in found.standing.checks.items():
        said = _said(each, words)
        yield from _check(check, each, words, first.setdefault(said, check), page)
        yield from _open(each, words, found.now, page.deeper(4))
        yield Line()
    if found.selectors:
        listed = ", ".join(
            words("selector", name=safe(each.name), day=each.last_seen.strftime("%d/%m/%Y"))
            for each in found.selectors
        )
        yield from page.text(words("selectors", listed=listed))
    if found.changes_since is not None:
        yield from _history(found, found.changes_since, words, page)


def _head(found: DomainPage, words: Words, page: Page) -> Iterator[Line]:
    owners = owners_of(found.standing.agencies, found.names)
    yield from page.text(f"{words('of')}: {owners or words('nobody')}")
    if found.live:
        yield from page.text(words("live", when=when(found.now)))
    elif found.standing.looked_at is None:
        yield from page.text(words("not_looked"))
    else:
        yield from page.text(f"{words('last_look')}: {when(found.standing.looked_at)}")
    if found.standing.next_at is not None:
        yield from page.text(f"{words('next_look')}: {when(found.standing.next_at)}")


def _said(each: Standing, words: Words) -> Explanation:
    seen = because(each)
    return posture_words(words.language).explain(seen.reason, each.domain, seen.facts)


def _check(check: Check, each: Standing, words: Words, first: Check, page: Page) -> Iterator[Line]:
    """What is wrong with several at once is said under the `first` of them alone."""
    texts, inner = posture_words(words.language), page.deeper(4)
    shown, said = status_of(each), _said(each, words)
    yield from page.text(_title(check, each, words), f"{SIGNS[shown]} ", TONES[shown])
    again = bool(said.advice) and first is not check
    why = words("same", check=texts.title(first)) if again else said.says
    yield from inner.text(why, f"{words('reason')}: ")
    for record in because(each).evidence:
        yield from inner.text(safe(texts.evidence(record), EVIDENCE), f"{words('seen')}: ")
    if said.advice and not again:
        yield from inner.text(said.advice, f"{words('advice')}: ")


def _open(each: Standing, words: Words, now: datetime, inner: Page) -> Iterator[Line]:
    """What the last look leaves open of a result that stands."""
    if held(each):
        yield from inner.text(_unanswered(each, words, now), f"{words('unanswered')}: ")
    elif each.suspected_at is not None:
        texts = posture_words(words.language)
        suspicion = texts.explain(each.last.reason, each.domain, each.last.facts)
        text = words("suspicion_of", when=when(each.suspected_at), says=suspicion.says)
        yield from inner.text(text, f"{words('suspicion')}: ")


def _title(check: Check, each: Standing, words: Words) -> str:
    texts = posture_words(words.language)
    parts = [f"{texts.title(check)}: {texts.status(status_of(each))}"]
    if each.since is not None:
        parts.append(words("from", when=when(each.since)))
    if each.before is not None:
        parts.append(words("was", status=texts.status(each.before)))
    return ", ".join(parts)


def _unanswered(each: Standing, words: Words, now: datetime) -> str:
    said = posture_words(words.language).explain(each.last.reason, each.domain, each.last.facts)
    decided = because(each).at
    return words(
        "unanswered_at", when=when(each.last.at), says=said.says, decided=when(decided),
        age=words.age(now - decided),
    )  # fmt: skip


def _history(found: DomainPage, since: datetime, words: Words, page: Page) -> Iterator[Line]:
    if not found.changes:
        yield from page.text(words("no_changes", day=day(since)))
        return
    yield from page.heading(words("history"))
    for each in found.changes:
        yield from page.deeper(2).text(changed(each, words), tone=TONES[each.seen.status])


def changed(each: Change, words: Words) -> str:
    """`12/11/2026 08:00  SPF đóng: đạt → không đạt. SPF …`"""
    texts = posture_words(words.language)
    said = texts.explain(each.seen.reason, each.domain, each.seen.facts)
    return words(
        "changed", when=when(each.seen.at), check=check_title(each.check, words),
        before=_signed(each.before, words), after=_signed(each.seen.status, words), says=said.says,
    )  # fmt: skip


def check_title(check: str, words: Words) -> str:
    """One that this version does not know stands for itself."""
    known = check in frozenset(Check)
    return posture_words(words.language).title(Check(check)) if known else safe(check)


def _signed(status: CheckStatus, words: Words) -> str:
    return f"{SIGNS[status]} {posture_words(words.language).status(status)}"
