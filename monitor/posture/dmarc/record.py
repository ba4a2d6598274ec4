"""A DMARC record: RFC 7489 6.3 and RFC 9989 4.7, which obsoletes it.

It is read as receivers read it: what is wrong in a tag other than `v` leaves the tag's default,
and what was wrong is said by a closed word.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from monitor.posture import answers
from monitor.posture.dmarc.tags import Tag, read_tags
from monitor.posture.dmarc.uris import ReportUri, read_uris

_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")
_NUMBER = re.compile(r"[0-9]{1,10}")
_KEYWORDS = re.compile(r"[A-Za-z0-9-]{1,63}(?:[ \t]*:[ \t]*[A-Za-z0-9-]{1,63})*")
_KNOWN = ("v", "p", "sp", "np", "adkim", "aspf", "rua", "ruf", "fo", "t", "psd", "pct", "rf", "ri")
_REMOVED = ("pct", "rf", "ri")
"""By RFC 9989 (its appendix A.6 for `pct`); receivers of RFC 7489 still heed them."""


class Policy(StrEnum):
    """What is asked for with mail that fails."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"

    @property
    def protects(self) -> bool:
        """It keeps forged mail out of inboxes."""
        return self is not Policy.NONE


class Fault(StrEnum):
    """What is wrong in a record."""

    NO_EQUALS = "no_equals"
    """A part that is no `tag=value`."""
    TWICE = "twice"
    """A tag a second time: the first is taken (RFC 6376 3.2 forbids it)."""
    CHARACTERS = "characters"
    """What is not printable ASCII, in a tag that nobody knows."""
    VALUE = "value"
    """A value that the tag cannot have."""
    NO_POLICY = "no_policy"
    """`p` is not there: RFC 9989 takes it for `none`, RFC 7489 has the record ignored."""
    # harmless
    UNKNOWN_TAG = "unknown_tag"
    REMOVED_TAG = "removed_tag"
    ORDER = "order"
    """`p` is not second, as RFC 7489 6.3 wants it and RFC 9989 does not."""

    @property
    def harmless(self) -> bool:
        """No receiver that keeps to either RFC loses anything by it."""
        return self in {Fault.UNKNOWN_TAG, Fault.REMOVED_TAG, Fault.ORDER}


@dataclass(frozen=True, slots=True)
class Flaw:
    """A fault, and the tag that it is in (at most 20 letters)."""

    fault: Fault
    tag: str


@dataclass(frozen=True, slots=True)
class Record:
    """What a receiver makes of a record."""

    p: Policy | None = None
    sp: Policy | None = None
    np: Policy | None = None
    adkim: Literal["r", "s"] = "r"
    aspf: Literal["r", "s"] = "r"
    rua: tuple[ReportUri, ...] = ()
    ruf: tuple[ReportUri, ...] = ()
    fo: str = "0"
    t: bool = False
    psd: Literal["y", "n", "u"] = "u"
    pct: int = 100
    flaws: tuple[Flaw, ...] = ()

    @property
    def void(self) -> bool:
        """Receivers take no policy out of it (RFC 9989 4.10.1): without `rua` they do nothing at
        all, with it they act as for `none`.
        """
        return any(
            flaw.fault is Fault.VALUE and flaw.tag in {"p", "sp", "np"} for flaw in self.flaws
        )

    @property
    def own(self) -> Policy:
        """Of the domain that publishes it."""
        return Policy.NONE if self.void or self.p is None else self.p

    @property
    def below(self) -> Policy:
        """Of names below it that exist."""
        return self.own if self.void or self.sp is None else self.sp

    @property
    def missing(self) -> Policy:
        """Of names below it that do not exist."""
        return self.below if self.void or self.np is None else self.np

    @property
    def broken(self) -> Flaw | None:
        """The first flaw that is not harmless."""
        return next((flaw for flaw in self.flaws if not flaw.fault.harmless), None)


def is_record(text: str) -> bool:
    """It starts with the version; all other is ignored (RFC 9989 4.7)."""
    return _VERSION.match(text) is not None


def is_nearly(text: str) -> bool:
    """It was meant to be one, and no receiver takes it for one: `v=dmarc1`, quotation marks."""
    return not is_record(text) and answers.is_nearly(text, "DMARC")


def read_record(text: str) -> Record:
    """Read what `is_record`; never raises."""
    tags = list(read_tags(text))
    values: dict[str, str] = {}
    flaws: list[Flaw] = []
    for tag in tags[1:]:
        _take(tag, values, flaws)
    if "p" not in values:
        flaws.append(Flaw(Fault.NO_POLICY, "p"))
    elif tags[1].name.lower() != "p":
        flaws.append(Flaw(Fault.ORDER, "p"))
    return _typed(values, flaws)


def _take(tag: Tag, values: dict[str, str], flaws: list[Flaw]) -> None:
    name = tag.name.lower()
    shown = name[:20] if name.isascii() and name.isalnum() else "?"
    if tag.value is None:
        flaws.append(Flaw(Fault.NO_EQUALS, shown))
    elif name in values or name == "v":
        flaws.append(Flaw(Fault.TWICE, shown))
    elif name not in _KNOWN:
        flaws.append(Flaw(Fault.UNKNOWN_TAG if tag.printable else Fault.CHARACTERS, shown))
    else:
        values[name] = tag.value
        if name in _REMOVED:
            flaws.append(Flaw(Fault.REMOVED_TAG, shown))


def _typed(values: dict[str, str], flaws: list[Flaw]) -> Record:
    def word(tag: str, allowed: Iterable[str]) -> str | None:
        if tag not in values:
            return None
        value = values[tag].lower()
        if value in allowed:
            return value
        flaws.append(Flaw(Fault.VALUE, tag))
        return None

    def policy(tag: str) -> Policy | None:
        value = word(tag, tuple(Policy))
        return None if value is None else Policy(value)

    def uris(tag: str) -> tuple[ReportUri, ...]:
        if tag not in values:
            return ()
        found, whole = read_uris(values[tag])
        if not whole:
            flaws.append(Flaw(Fault.VALUE, tag))
        return found

    p, sp, np = policy("p"), policy("sp"), policy("np")
    strict_dkim = word("adkim", ("r", "s")) == "s"
    strict_spf = word("aspf", ("r", "s")) == "s"
    rua, ruf = uris("rua"), uris("ruf")
    psd = word("psd", ("y", "n", "u"))
    pct, fo = _percent(values, flaws), _options(values, flaws)
    testing = word("t", ("y", "n")) == "y"
    if _KEYWORDS.fullmatch(values.get("rf", "afrf")) is None:
        flaws.append(Flaw(Fault.VALUE, "rf"))
    if _NUMBER.fullmatch(values.get("ri", "0")) is None:
        flaws.append(Flaw(Fault.VALUE, "ri"))
    return Record(
        p=p,
        sp=sp,
        np=np,
        adkim="s" if strict_dkim else "r",
        aspf="s" if strict_spf else "r",
        rua=rua,
        ruf=ruf,
        fo=fo,
        t=testing,
        psd="y" if psd == "y" else "n" if psd == "n" else "u",
        pct=pct,
        flaws=tuple(flaws),
    )


def _percent(values: dict[str, str], flaws: list[Flaw]) -> int:
    text = values.get("pct", "100")
    if _NUMBER.fullmatch(text) and int(text) <= 100:
        return int(text)
    flaws.append(Flaw(Fault.VALUE, "pct"))
    return 100


def _options(values: dict[str, str], flaws: list[Flaw]) -> str:
    """RFC 7489 6.3 lets any of them be joined by colons, RFC 9989 only `d` and `s`."""
    text = values.get("fo", "0").lower().replace(" ", "")
    if set(text.split(":")) <= {"0", "1", "d", "s"}:
        return text
    flaws.append(Flaw(Fault.VALUE, "fo"))
    return "0"
