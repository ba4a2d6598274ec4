"""The target of edXML headers: what the axis' items are taken to say, whatever is written there."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from monitor.examine.examiner import Examiner
from monitor.extract.edxml import MAX_RECEIVERS
from monitor.extract.edxml_dates import FIRST_YEAR, LAST_YEAR
from monitor.extract.edxml_values import MAX_CODE, MAX_NAME
from monitor.model import (
    AxisFacts,
    AxisKind,
    Channel,
    Examined,
    Finding,
    ItemHeader,
    Limits,
    PayloadKind,
    Verdict,
)
from tests.fuzz import oracles
from tests.fuzz.mutate.xml import xml
from tests.fuzz.oracles import Violation
from tests.fuzz.world import World

_MOST_ANSWER = 16 * 1024 * 1024


class AxisTarget:
    """Items of the exchange axis, examined as the daemon's children do."""

    mutator = staticmethod(xml)

    def __init__(self, world: World) -> None:
        self.name, self.world = "axis", world
        self._examiner = Examiner(world.material, Limits())
        for data in world.genuine:
            if self._examined(data).axis is None:
                raise Violation("genuine message", "has no header")

    def run(self, data: bytes) -> Verdict:
        """Examines one input; raises `Violation`."""
        try:
            examined = self._examined(data)
        except MemoryError:
            raise
        except Exception as error:
            raise Violation("exception", oracles.place(error)) from error
        answer = examined.model_dump_json()
        if len(answer.encode()) > _MOST_ANSWER or Examined.model_validate_json(answer) != examined:
            raise Violation("answer", "does not fit")
        oracles.check(examined.verdict)
        for document in examined.documents:
            oracles.check(document.judgement.verdict)
        _check(examined)
        return examined.verdict

    def _examined(self, data: bytes) -> Examined:
        header = ItemHeader(
            item_id="0" * 32,
            kind=PayloadKind.AXIS,
            source="fuzz",
            channel=Channel.AXIS,
            received_at=self.world.moment.now,
            size=len(data),
        )
        return self._examiner.examine(header, data, self.world.moment)


def _check(examined: Examined) -> None:
    facts = examined.axis
    if (facts is None) is not (Finding.NOT_EDXML in examined.findings):
        raise Violation("header", "there or said to be none")
    if facts is None:
        return
    is_status = facts.kind is AxisKind.STATUS
    if is_status is not (facts.status is not None):
        raise Violation("header", "a status iff it is one")
    if is_status and (facts.concerns or facts.attachments or facts.business):
        raise Violation("header", "a status sends nothing")
    _check_bounds(facts)


def _check_bounds(facts: AxisFacts) -> None:
    for text in _texts(facts.model_dump()):
        unseen = any(unicodedata.category(c) in {"Cc", "Cs"} for c in text)
        if unseen or not text.strip() or unicodedata.normalize("NFC", text) != text:
            raise Violation("text", "hidden, blank or decomposed")
    organs = (facts.sender, *facts.receivers)
    if len(organs) > MAX_RECEIVERS + 1:
        raise Violation("bounds", "receivers")
    if any(len(o.code or "") > MAX_CODE or len(o.name or "") > MAX_NAME for o in organs):
        raise Violation("bounds", "of an agency")
    days = (facts.issued_on, facts.due_on, facts.said_at and facts.said_at.date())
    if any(day and not FIRST_YEAR - 1 <= day.year <= LAST_YEAR + 1 for day in days):
        raise Violation("bounds", "a day that cannot be")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each)
