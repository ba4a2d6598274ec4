"""Mail domains as JSON lines and as CSV."""

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from monitor.commands.posture_page import check_title
from monitor.commands.posture_words import Words, when
from monitor.explain import safe
from monitor.model import CheckStatus
from monitor.posture.explaining import posture_words
from monitor.record.posture_domains import DomainStanding, Selector, because
from monitor.record.posture_domains import status as status_of
from monitor.record.posture_standing import Change, GatewayStanding, Seen, Standing
from monitor.tables import inert

COLUMNS = (
    "domain", "column_agencies", "column_names", "column_check", "column_title", "column_status",
    "column_since", "column_decided", "reason", "seen", "advice", "column_last", "column_checked",
)  # fmt: skip
CHANGE_COLUMNS = (
    "column_at", "domain", "column_agencies", "column_names", "column_check", "column_title",
    "column_before", "column_after", "reason", "seen",
)  # fmt: skip


# -- JSON ------------------------------------------------------------------------------------------


def domain_json(
    each: DomainStanding,
    names: Mapping[str, str],
    words: Words,
    more: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """A domain with all its checks; `more` stands beside them."""
    return {
        "domain": each.domain,
        "agencies": [{"code": code, "name": names.get(code)} for code in each.agencies],
        "looked_at": each.looked_at,
        "next_at": each.next_at,
        "checks": [_check_json(one, words) for one in each.checks.values()],
        **(more or {}),
    }


def _check_json(each: Standing, words: Words) -> dict[str, object]:
    """`status` is what stands, `last` what the last look came to."""
    return {
        "check": each.check,
        "since": each.since,
        "before": each.before,
        **_seen_json(each.domain, because(each), words),
        "status": status_of(each),
        "suspected_at": each.suspected_at,
        "last": _seen_json(each.domain, each.last, words),
    }


def _seen_json(about: str, seen: Seen, words: Words) -> dict[str, object]:
    said = posture_words(words.language).explain(seen.reason, about, seen.facts)
    return {
        "status": seen.status,
        "at": seen.at,
        "reason": safe(seen.reason),
        "says": said.says,
        "advice": said.advice,
        "facts": {safe(name): safe(fact) for name, fact in seen.facts.items()},
        "evidence": [safe(each) for each in seen.evidence],
    }


def change_json(each: Change, words: Words) -> dict[str, object]:
    """`status` is what it became, `at` when."""
    return {
        "domain": each.domain,
        "agencies": list(each.agencies),
        "check": each.check,
        "before": each.before,
        **_seen_json(each.domain, each.seen, words),
    }


def gateway_json(each: GatewayStanding, words: Words) -> dict[str, object]:
    return {
        "gateway": each.name,
        "since": each.since,
        "certificate_not_after": each.certificate_not_after,
        **_seen_json(each.name, each.last, words),
    }


def selector_json(each: Selector) -> dict[str, object]:
    return {"selector": each.name, "last_seen": each.last_seen}


# -- CSV -------------------------------------------------------------------------------------------


def write_domains(
    domains: Sequence[DomainStanding], names: Mapping[str, str], words: Words, only_failing: bool
) -> None:
    """A row each check."""
    _write(
        COLUMNS,
        words,
        (
            _cells(domain, each, names, words)
            for domain in domains
            for each in domain.checks.values()
            if not only_failing or status_of(each) is CheckStatus.FAIL
        ),
    )


def write_changes(found: Sequence[Change], names: Mapping[str, str], words: Words) -> None:
    """A row each change."""
    _write(CHANGE_COLUMNS, words, (_change_cells(each, names, words) for each in found))


def _write(columns: Sequence[str], words: Words, rows: Iterable[Iterator[str]]) -> None:
    """UTF-8 with a byte order mark, so that Excel shows Vietnamese; no cell is a formula."""
    text = io.TextIOWrapper(sys.stdout.buffer, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([words(each) for each in columns])
    for row in rows:
        writer.writerow([inert(safe(cell)) for cell in row])
    text.detach()


def _cells(
    domain: DomainStanding, each: Standing, names: Mapping[str, str], words: Words
) -> Iterator[str]:
    texts, seen = posture_words(words.language), because(each)
    said = texts.explain(seen.reason, domain.domain, seen.facts)
    yield domain.domain
    yield from _owners(domain.agencies, names)
    yield each.check
    yield check_title(each.check, words)
    yield texts.status(status_of(each))
    yield when(each.since) if each.since else ""
    yield when(seen.at) if each.decided else ""
    yield said.says
    yield " | ".join(map(texts.evidence, seen.evidence))
    yield said.advice
    yield texts.status(each.last.status)
    yield when(each.last.at)


def _change_cells(each: Change, names: Mapping[str, str], words: Words) -> Iterator[str]:
    texts = posture_words(words.language)
    yield when(each.seen.at)
    yield each.domain
    yield from _owners(each.agencies, names)
    yield each.check
    yield check_title(each.check, words)
    yield texts.status(each.before)
    yield texts.status(each.seen.status)
    yield texts.explain(each.seen.reason, each.domain, each.seen.facts).says
    yield " | ".join(map(texts.evidence, each.seen.evidence))


def _owners(agencies: Sequence[str], names: Mapping[str, str]) -> Iterator[str]:
    yield "; ".join(agencies)
    yield "; ".join(names.get(code, code) for code in agencies)
