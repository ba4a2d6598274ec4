"""What agencies, levels and the province are called in a report."""

from collections import Counter
from collections.abc import Mapping

from monitor.measure.figures import Scope
from monitor.report.content.facts import AgencyRow, Facts, Of
from monitor.report.text import clean
from monitor.report.words import Words


class Names:
    """Names in the report's language; who is not of the report is called by code."""

    def __init__(self, facts: Facts, say: Words) -> None:
        self._say = say
        self._agencies: Mapping[str, AgencyRow] = {each.code: each for each in facts.agencies}
        self._called = Counter(each.name(say.language) for each in facts.agencies)

    def agency(self, code: str) -> str:
        """Names are not unique: who has another's is called by name and code."""
        found = self._agencies.get(code)
        if found is None:
            return clean(code)
        name = found.name(self._say.language)
        return f"{name} ({clean(code)})" if self._called[name] > 1 else name

    def level(self, level: str | None) -> str:
        """A registry may have levels of its own: they are called as it calls them."""
        return self._say("level.none") if level is None else clean(self._say.of("level", level))

    def of(self, scope: Scope, code: str) -> str:
        if scope is Scope.AGENCY:
            return self.agency(code)
        return self._say("phrase.province") if scope is Scope.PROVINCE else self.level(code)

    def ended(self, agency: AgencyRow, of: Of) -> str:
        """When an agency ended and who took it over; in its own report no other is named."""
        day = self._say.numbers.day(agency.last)
        if of.one or not agency.successors:
            return self._say("note.ended", day=day)
        heirs = self._say.listing(self.agency(code) for code in agency.successors)
        return self._say("note.succeeded", day=day, heirs=heirs)
