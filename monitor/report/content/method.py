"""How the figures were made, what they leave out, and how to challenge one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from monitor.measure.closing import Closing
from monitor.measure.figures import State
from monitor.measure.indicators import CATALOGUE, PAIRED
from monitor.model import Channel
from monitor.periods import CalendarKind, Kind, Period
from monitor.report.content.basis import Basis
from monitor.report.content.compared import ACCOUNTS
from monitor.report.content.facts import Facts, Of
from monitor.report.content.measures import Measured, measured, paired
from monitor.report.model import Head, Paragraph, Standing
from monitor.report.spans import days, span
from monitor.report.text import clean, sentence
from monitor.report.words import Words

ALL_CHANNELS = tuple(Channel)
MOST_DAYS = 10


@dataclass(frozen=True, slots=True)
class Method:
    """What the method page is made of."""

    facts: Facts
    closing: Closing
    basis: Basis
    head: Head
    compared: Mapping[str, Period]
    """The periods before and of the year before."""
    partly: Mapping[str, Mapping[str, date]]
    """Of these: what is on record of only a part, since when."""
    few: int
    say: Words


def paragraphs(given: Method) -> list[Paragraph]:
    """The method page; a paragraph that has nothing to say is left out."""
    say = given.say
    found = (
        Paragraph(say("method.period"), tuple(_period(given))),
        Paragraph(say("method.habitual"), tuple(_habitual(given))),
        Paragraph(say("method.documents"), tuple(_documents(given))),
        Paragraph(say("method.no_data"), tuple(_no_data(given))),
        Paragraph(say("method.sampling"), tuple(_sampling(given))),
        Paragraph(say("method.coverage"), tuple(_coverage(given))),
        Paragraph(say("method.gaps"), tuple(_gaps(given))),
        Paragraph(say("method.comparison"), tuple(_comparison(given))),
        Paragraph(say("method.definitions"), tuple(_definitions(given))),
        Paragraph(say("method.challenge"), tuple(_challenge(given))),
    )
    return [each for each in found if each.lines]


def _period(given: Method) -> Iterator[str]:
    say, head = given.say, given.head
    yield say("method.span", span=span(head.period, say))
    if head.period.kind is not Kind.CUSTOM:
        administrative = head.period.calendar is CalendarKind.ADMINISTRATIVE
        yield say("method.administrative" if administrative else "method.calendar")
    if head.standing is Standing.PROVISIONAL:
        yield say("method.provisional")
        return
    yield say(
        "method.closed", at=say.numbers.instant(given.closing.closed_at), version=str(head.version)
    )
    if given.basis.waited_days is not None:
        yield say("method.waited", count=str(given.basis.waited_days))
    if given.basis.early:
        yield say("method.early")
    if head.standing is Standing.RESTATED:
        yield say("method.restated", reason=reason(given.closing, given.facts.of, say))


def reason(closing: Closing, of: Of, say: Words) -> str:
    """Why it was restated, as the operator wrote it: that may name another agency, so an agency's
    own sheet does not repeat it.
    """
    return say("phrase.later_data") if of.one else clean(closing.reason)


def _habitual(given: Method) -> Iterator[str]:
    say, basis = given.say, given.basis
    if basis.habitual_days is None:
        return
    kinds = say.listing(say.of("activity", kind) for kind in basis.human)
    key = "method.habitual_days" if basis.working_days is None else "method.habitual_of_days"
    working = str(basis.working_days)
    yield say(key, count=str(basis.habitual_days), kinds=kinds, working=working)
    yield say("method.not_activity")
    figure = given.facts.figures.get("accounts_habitual", given.facts.of)
    period = given.head.period
    if figure and (figure.first_day, figure.last_day) != (period.first, period.last):
        numbers = say.numbers
        first, last = numbers.day(figure.first_day), numbers.day(figure.last_day)
        yield say("method.last_month", first=first, last=last)


def _documents(given: Method) -> Iterator[str]:
    say = given.say
    yield say("method.documents_unit")
    yield say("method.documents_pair")
    yield say("method.documents_channels")
    yield say("method.documents_relayed")
    yield say("method.documents_register")
    if all(given.facts.figures.get("document_paired", given.facts.of, channel) is None
           for channel in PAIRED):  # fmt: skip
        yield say("method.documents_no_pair")


def _no_data(given: Method) -> Iterator[str]:
    say = given.say
    yield say("method.dash")
    yield say("method.few", few=say.numbers.count(given.few))
    yield say("method.undecided")


def _sampling(given: Method) -> Iterator[str]:
    say, facts = given.say, given.facts
    found = [
        (channel, measured(facts.figures.get("document_signed", facts.of, channel)))
        for channel in ALL_CHANNELS
    ]
    known = [(channel, each) for channel, each in found if each.state is not State.NO_DATA]
    if not known:
        return
    if all(each.sample_fraction >= 1 for _, each in known):
        yield say("method.census")
        return
    yield say("method.sampled")
    for channel, each in known:
        yield say(
            "method.sampled_channel", channel=sentence(say.of("channel", channel)).rstrip("."),
            checked=say.numbers.count(each.checked or 0),
            documents=say.numbers.count(each.denominator + each.undecided),
            share=say.numbers.percent(each.sample_fraction),
        )  # fmt: skip


def _coverage(given: Method) -> Iterator[str]:
    say, facts = given.say, given.facts
    unknown = []
    for channel in ALL_CHANNELS:
        found = measured(facts.figures.get("document_signed", facts.of, channel))
        name = say.of("channel", channel)
        if found.coverage is not None:
            yield say("method.covered", channel=name, share=say.numbers.percent(found.coverage))
        elif found.state is not State.NO_DATA:
            unknown.append(name)
    if unknown:
        yield say("method.not_covered", list=say.listing(unknown))


def _gaps(given: Method) -> Iterator[str]:
    say, facts = given.say, given.facts
    used = set(facts.figures.channels("document_signed"))
    unused = [each for each in ALL_CHANNELS if each not in used]
    if unused:
        names = say.listing(say.of("channel", each) for each in unused)
        yield say("method.no_channel", list=names)
    if not facts.figures.channels("document_electronic"):
        yield say("method.no_register")
    without = [
        each.name[say.language] for each in CATALOGUE.values()
        if facts.of.scope.value in each.scopes and not facts.figures.channels(each.id)
    ]  # fmt: skip
    if without:
        yield say("method.no_indicator", list=say.listing(without))
    whole = paired(facts.figures, facts.of, given.few)
    if share := _undecided(whole):
        yield say("method.undecided_share", share=say.numbers.percent(share))
    for channel, silent in sorted(given.basis.silent_days.items()):
        listed = ", ".join(say.numbers.day(day) for day in silent[:MOST_DAYS])
        key = "method.silent" if len(silent) <= MOST_DAYS else "method.silent_most"
        yield say(key, channel=say.of("channel", channel), list=listed, count=str(len(silent)))
    if (senders := given.basis.unknown_senders) and not facts.of.one:
        yield say("method.unknown_senders", count=say.numbers.count(senders))


def _undecided(found: Measured) -> float | None:
    return found.undecided_share or None


def _comparison(given: Method) -> Iterator[str]:
    say = given.say
    known = {about for about, _, _ in given.facts.figures}
    for about, period in given.compared.items():
        line = say(f"method.{about}", days=days(period, say))
        yield line if about in known else say("method.nothing_known", line=line)
        yield from _in_part(given, about)
    yield say("method.channels")
    if not given.facts.of.one:
        yield say("method.panel")
    yield say("method.ranking", few=say.numbers.count(given.few))


def _in_part(given: Method, about: str) -> Iterator[str]:
    say = given.say
    for what, day in sorted(given.partly.get(about, {}).items()):
        name = say("method.use_of_mailboxes") if what == ACCOUNTS else say.of("channel", what)
        yield say("method.in_part", what=name, day=say.numbers.day(day))


def _definitions(given: Method) -> Iterator[str]:
    """Each indicator that has figures here, in plain words, with the version of its definition."""
    say, language = given.say, given.say.language
    for each in CATALOGUE.values():
        if given.facts.figures.channels(each.id):
            yield say(
                "method.definition", name=each.name[language], id=each.id,
                version=given.basis.versions.get(each.id, str(each.version)),
                numerator=each.numerator[language], denominator=each.denominator[language],
                rule=each.rule,
            )  # fmt: skip


def _challenge(given: Method) -> Iterator[str]:
    say, head = given.say, given.head
    period = head.period.id
    yield say("method.ask", issuer=head.issuer or say("method.reporting_office"))
    code = head.code if given.facts.of.one else say("method.agency_code")
    yield say("method.documents_list", code=code, first=str(head.period.first),
              last=str(head.period.last))  # fmt: skip
    if head.standing is Standing.PROVISIONAL:
        return
    yield say("method.check", period=period)
    yield say("method.identity", digest=head.facts, version=str(head.version))
    if given.basis.program:
        yield say("method.program", program=given.basis.program)
