"""What the committee reads first: a few sentences, each of a figure that stands in a table."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from operator import itemgetter

from monitor.measure.figures import State
from monitor.measure.indicators import CATALOGUE
from monitor.report.content.facts import (
    COMPARED,
    PREVIOUS,
    Facts,
    TargetRow,
)
from monitor.report.content.gaps import missing, unassessed
from monitor.report.content.main import HABITUAL, Line, known_of, line
from monitor.report.content.measures import Measured, change, comparable, single
from monitor.report.content.names import Names
from monitor.report.content.quality import FORMAL, kind_of
from monitor.report.content.targets import Judgement, Targets, judged
from monitor.report.model import Paragraph
from monitor.report.numbers import SAME_BELOW
from monitor.report.text import sentence
from monitor.report.words import Words

MOST_NAMED = 5
FAILING = ("unsigned", "invalid", "unconfirmed", "unreadable")
SOON = timedelta(days=30)
PANEL_DIFFERS = 0.005
"""Half a percentage point: then the agencies of both periods are named beside all of them."""


def paragraphs(
    facts: Facts, targets: Targets, few: int, names: Names, say: Words
) -> list[Paragraph]:
    """Results, targets, what needs attention; a paragraph that has nothing to say is left out."""
    made = line(facts, facts.of, few)
    found = (
        Paragraph(say("summary.results"), tuple(_results(facts, made, few, say))),
        Paragraph(say("summary.targets"), tuple(_targets(facts, targets, say))),
        Paragraph(say("summary.attention"), tuple(_attention(facts, few, names, say))),
    )
    return [each for each in found if each.lines]


# -- results ---------------------------------------------------------------------------------------


def _results(facts: Facts, made: Line, few: int, say: Words) -> Iterator[str]:
    if not facts.of.one:
        yield say("summary.agencies", count=say.numbers.count(len(facts.agencies)))
    yield from _accounts(facts, made, few, say)
    yield _documents(facts, made, few, say)


def _accounts(facts: Facts, made: Line, few: int, say: Words) -> Iterator[str]:
    numbers = say.numbers
    if made.provisioned.ratio is None:
        yield say("summary.no_roster")
        return
    yield say(
        "summary.provisioned", officials=numbers.count(made.provisioned.denominator),
        count=numbers.count(made.provisioned.numerator),
        share=numbers.percent(made.provisioned.ratio),
        part=_part("summary.rosters_part", known_of(facts)[0], facts, say),
    )  # fmt: skip
    if made.habitual.ratio is None:
        yield say("summary.no_activity")
        return
    changes = [
        (about, made.habitual, single(facts.figures, HABITUAL, facts.of, few, about=about))
        for about in COMPARED
    ]
    yield say(
        "summary.habitual", count=numbers.count(made.habitual.numerator),
        share=numbers.percent(made.habitual.ratio),
        officials=numbers.count(made.habitual.denominator), changes=_changes(changes, say),
    )  # fmt: skip
    figure = facts.figures.get(HABITUAL, facts.of)
    if figure and figure.first_day != facts.first:
        first, last = numbers.day(figure.first_day), numbers.day(figure.last_day)
        yield say("summary.last_month", first=first, last=last)


def _documents(facts: Facts, made: Line, few: int, say: Words) -> str:
    numbers, found = say.numbers, made.paired
    if found.state is State.NO_DATA:
        return say("summary.no_documents")
    if found.ratio is None or found.state is not State.OK:
        return say(
            "summary.documents_open", documents=numbers.count(found.denominator),
            why=say(f"why.{found.state}"),
        )  # fmt: skip
    changes = [(about, *comparable(facts.figures, facts.of, few, about)) for about in COMPARED]
    return say(
        "summary.documents", documents=numbers.count(found.denominator),
        count=numbers.count(found.numerator), share=numbers.percent(found.ratio),
        interval=_interval(found, say), changes=_changes(changes, say),
        panel=_panel(facts, few, say),
        part=_part("summary.documents_part", known_of(facts)[1], facts, say),
    )  # fmt: skip


def _part(key: str, known: int, facts: Facts, say: Words) -> str:
    """Of how many agencies a figure is, where it is not of all."""
    if known == len(facts.agencies):
        return ""
    return say(key, known=say.numbers.count(known), all=say.numbers.count(len(facts.agencies)))


def _interval(found: Measured, say: Words) -> str:
    if found.low is None or found.high is None or found.low >= found.high:
        return ""
    low, high = say.numbers.percent(found.low), say.numbers.percent(found.high)
    return say("summary.interval", low=low, high=high)


def _changes(found: Sequence[tuple[str, Measured, Measured]], say: Words) -> str:
    """Each with a comma before it; nothing of what cannot be compared."""
    texts = [
        said for about, now, before in found
        if (said := _change(change(now, before), say(f"about.{about}"), say))
    ]  # fmt: skip
    return "".join(f", {each}" for each in texts)


def _change(difference: float | None, what: str, say: Words) -> str:
    if difference is None:
        return ""
    if abs(difference) < SAME_BELOW:
        return say("change.same", what=what)
    key = "change.up" if difference > 0 else "change.down"
    return say(key, points=say.numbers.points(difference), what=what)


def _panel(facts: Facts, few: int, say: Words) -> str:
    """The change among agencies of both periods, where it is another one."""
    if facts.of.one:
        return ""
    whole = change(*comparable(facts.figures, facts.of, few, PREVIOUS))
    same = change(*comparable(facts.figures, facts.of, few, PREVIOUS, same_agencies=True))
    if whole is None or same is None or abs(whole - same) < PANEL_DIFFERS:
        return ""
    return say("summary.panel", change=_change(same, say("about.previous"), say))


# -- targets ---------------------------------------------------------------------------------------


def _targets(facts: Facts, targets: Targets, say: Words) -> Iterator[str]:
    own = targets.of(facts.of.scope, facts.of.code)
    for each in own:
        yield _standing(each, targets.few, say)
    if facts.of.one:
        if not own:
            yield say("summary.no_targets_of_agency")
        return
    tally = targets.tally(facts.agencies)
    if not sum(tally.values()):
        if not facts.targets:
            yield say("summary.no_targets")
        return
    numbers = say.numbers
    assessed = tally[Judgement.MET] + tally[Judgement.NOT_MET]
    met, unknown = tally[Judgement.MET], tally[Judgement.UNKNOWN]
    if not assessed:
        yield say("summary.tally_none", count=numbers.count(unknown))
        return
    key = "summary.tally" if met else "summary.tally_no_one"
    yield say(key, met=numbers.count(met), all=numbers.count(assessed))
    if unknown:
        yield say("summary.tally_unknown", count=numbers.count(unknown))


def _standing(target: TargetRow, few: int, say: Words) -> str:
    found = judged(target, few)
    name = CATALOGUE[target.indicator].name[say.language]
    value = say.numbers.whole_percent(target.value)
    if found is Judgement.UNKNOWN or target.ratio is None:
        return say("summary.target_unknown", title=target.title, name=name, value=value)
    return say(
        f"summary.target_{found}", title=target.title, name=name, value=value,
        share=say.numbers.percent(target.ratio), due=say.numbers.day(target.due),
    )  # fmt: skip


# -- attention -------------------------------------------------------------------------------------


def _attention(facts: Facts, few: int, names: Names, say: Words) -> Iterator[str]:
    if not facts.of.one:
        yield from _lowest(facts, few, names, say)
        yield from _lacking(facts, few, say)
    yield from _failing(facts, say)
    yield from _ending(facts, say)


def _lowest(facts: Facts, few: int, names: Names, say: Words) -> Iterator[str]:
    """Agencies of which the plan asks more; the widest gaps, of figures that may be used."""
    found = (
        (-(each.gap or 0.0), each.code, each)
        for each in facts.targets
        if each.scope == "agency" and each.gap and judged(each, few) is Judgement.NOT_MET
    )
    behind = sorted(found, key=itemgetter(0, 1))  # two targets may lack as much
    if not behind:
        return
    codes = list(dict.fromkeys(code for _, code, _ in behind))
    listed = [
        say("summary.behind_one", name=names.agency(code), share=_share(code, behind, say))
        for code in codes[:MOST_NAMED]
    ]
    key = "summary.behind_most" if len(codes) > MOST_NAMED else "summary.behind"
    yield say(key, count=say.numbers.count(len(codes)), list="; ".join(listed))


def _share(code: str, behind: Sequence[tuple[float, str, TargetRow]], say: Words) -> str:
    worst = next(each for _, whose, each in behind if whose == code)
    name = CATALOGUE[worst.indicator].name[say.language]
    ratio = say.numbers.percent(worst.ratio or 0.0)
    return f"{name[0].lower()}{name[1:]} {ratio}/{say.numbers.whole_percent(worst.value)}"


def _lacking(facts: Facts, few: int, say: Words) -> Iterator[str]:
    lacking = sum(unassessed(missing(facts, each, few, say)) for each in facts.agencies)
    if lacking:
        yield say("summary.lacking", count=say.numbers.count(lacking))


def _failing(facts: Facts, say: Words) -> Iterator[str]:
    """Of what could be checked: how many are unsigned, how many signed in vain."""
    issued = [
        each for each in facts.verdicts
        if each.document_class == FORMAL and not each.relayed and each.code
    ]  # fmt: skip
    kinds = Counter[str]()
    for each in issued:
        kinds[kind_of(each)] += each.documents
    total = sum(kinds[kind] for kind in ("valid", *FAILING))
    unsigned = kinds["unsigned"]
    invalid = sum(kinds[kind] for kind in FAILING) - unsigned
    if unsigned or invalid:
        count = say.numbers.count
        yield say("summary.failing", total=count(total), unsigned=count(unsigned),
                  invalid=count(invalid))  # fmt: skip


def _ending(facts: Facts, say: Words) -> Iterator[str]:
    soon = sum(
        each.certificates for each in facts.certificates if each.ends_on <= facts.last + SOON
    )
    if soon:
        yield sentence(say("summary.certificates", count=say.numbers.count(soon)))
