"""Names out of a dictionary, for the rules of the posture room.

    Zone({"tinh.gov.vn": {"MX": ["10 mail.tinh.gov.vn"], "TXT": ["v=spf1 -all"]}})

A name stands for itself; one that only has names below it is there and has no data (RFC 8020);
`*.x` is a wildcard (RFC 4592); `CNAME` is followed. What is in `unknown` is not answered: a name
for all its types, or a pair of name and type for one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from monitor.posture.labels import asked_name
from monitor.posture.names import MAX_ALIASES, Answer, Found, Kind, Names, Why

Data = Mapping[str, Mapping[str, Sequence[str]]]


class Zone(Names):
    """Answers at once, and keeps what it was asked."""

    def __init__(
        self,
        data: Data | None = None,
        unknown: Mapping[str | tuple[str, str], Why] | None = None,
        secure: Collection[str] | bool = False,
        ttl: int = 300,
    ) -> None:
        """`secure`: names (with all below them) that a validating resolver vouches for, or all."""
        self._data = {
            _plain(name): {Kind(kind): tuple(records) for kind, records in kinds.items()}
            for name, kinds in (data or {}).items()
        }
        self._unknown = {
            _plain(key) if isinstance(key, str) else (_plain(key[0]), Kind(key[1])): why
            for key, why in (unknown or {}).items()
        }
        self._secure = secure if isinstance(secure, bool) else frozenset(map(_plain, secure))
        self._ttl = ttl
        self.asked: list[tuple[str, Kind]] = []
        """Every question in order, the same one as often as it was asked."""

    @property
    def questions(self) -> int:
        """How many different ones were asked: a resolver has the others in its cache."""
        return len(set(self.asked))

    async def ask(self, name: str, kind: Kind) -> Answer:
        """As the resolver would."""
        asked = asked_name(name)
        cached = (asked, kind) in self.asked
        self.asked.append((asked or name, kind))
        if asked is None:
            return Answer(name, kind, Found.UNKNOWN, why=Why.BAD_NAME)
        return replace(self._told(asked, kind), cached=cached)

    def _told(self, asked: str, kind: Kind) -> Answer:
        aliases: list[str] = []
        last = asked
        while True:
            if why := self._unknown.get((last, kind)) or self._unknown.get(last):
                return Answer(asked, kind, Found.UNKNOWN, aliases=tuple(aliases), why=why)
            records = self._records(last)
            target = (records or {}).get(Kind.CNAME)
            if not target or kind is Kind.CNAME:
                return self._answer(asked, kind, records, tuple(aliases))
            last = _plain(target[0])
            if last in aliases or last == asked or len(aliases) == MAX_ALIASES:
                return Answer(asked, kind, Found.UNKNOWN, aliases=tuple(aliases), why=Why.LOOP)
            aliases.append(last)

    def _answer(
        self,
        asked: str,
        kind: Kind,
        records: Mapping[Kind, tuple[str, ...]] | None,
        aliases: tuple[str, ...],
    ) -> Answer:
        secure = all(map(self._is_secure, (asked, *aliases)))
        held = tuple(_record(kind, text) for text in (records or {}).get(kind, ()))
        found = Found.FOUND if held else Found.NO_NAME if records is None else Found.NO_DATA
        return Answer(asked, kind, found, held, self._ttl, secure, aliases)

    def _records(self, name: str) -> Mapping[Kind, tuple[str, ...]] | None:
        """Of a name, or of the wildcard that stands for it; None where there is no such name."""
        if name in self._data:
            return self._data[name]
        if self._exists(name):
            return {}
        parent = name
        while "." in parent:
            parent = parent.partition(".")[2]
            if self._exists(parent):
                return self._data.get(f"*.{parent}")
        return None

    def _exists(self, name: str) -> bool:
        return any(there == name or there.endswith(f".{name}") for there in self._data)

    def _is_secure(self, name: str) -> bool:
        if isinstance(self._secure, bool):
            return self._secure
        return any(name == top or name.endswith(f".{top}") for top in self._secure)


def _plain(name: str) -> str:
    return asked_name(name) or name.lower().removesuffix(".")


def _record(kind: Kind, text: str) -> str:
    """As an `Answer` has it: names in lower case without the final dot, TXT as it is."""
    if kind in {Kind.MX, Kind.NS, Kind.PTR, Kind.CNAME}:
        return text.lower().removesuffix(".")
    return text
