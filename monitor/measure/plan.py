"""A plan's targets, from a TOML file (docs/targets.md): every mistake is found and said at once."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from monitor.errors import UserError
from monitor.measure.figures import Scope
from monitor.measure.indicators import CATALOGUE
from monitor.measure.windows import WindowName
from monitor.model import Channel, DocumentClass, Role
from monitor.settings import explain
from monitor.toml_file import read_toml

EACH = "each:"
LEVEL = "level:"
KNOWN_KEYS = {"name", "source", "targets"}


class Indicator(StrEnum):
    """What a target may be set for (DESIGN "Indicators")."""

    ACCOUNTS_PROVISIONED = "accounts_provisioned"
    ACCOUNTS_ACTIVE = "accounts_active"
    ACCOUNTS_HABITUAL = "accounts_habitual"
    MAIL_SIGNED = "mail_signed"
    DOCUMENT_SIGNED = "document_signed"
    DOCUMENT_PAIRED = "document_paired"
    DOCUMENT_ELECTRONIC = "document_electronic"
    DOCUMENT_PARALLEL_PAPER = "document_parallel_paper"
    DOCUMENT_PAPERLESS = "document_paperless"
    AGENCIES_SIGNING = "agencies_signing"
    DISPATCHED_ON_TIME = "dispatched_on_time"
    SIGNATURE_TIMESTAMPED = "signature_timestamped"
    SIGNATURE_PUBLIC_SERVICE_CA = "signature_public_service_ca"
    FREEMAIL = "freemail"
    DOMAIN_POSTURE = "domain_posture"

    @property
    def of_accounts(self) -> bool:
        return CATALOGUE[self].of_accounts

    @property
    def of_registers(self) -> bool:
        """Over all documents of a register."""
        return CATALOGUE[self].of_registers

    @property
    def by_channel(self) -> bool:
        """A target has to say which channel; the day of dispatch is the document system's."""
        return CATALOGUE[self].by_channel and not self.declared

    @property
    def monthly(self) -> bool:
        """It is computed of the calendar month before this one, too."""
        return WindowName.LAST_MONTH in CATALOGUE[self].windows

    @property
    def declared(self) -> bool:
        """An agency's own word has a part in it, unless only what was observed counts."""
        return CATALOGUE[self].declared


def _ratio(given: Any) -> Any:
    """`"60%"`, `"99,5%"` or 0.6, exactly."""
    if isinstance(given, str):
        number = given.strip().removesuffix("%").strip().replace(",", ".")
        try:
            return Fraction(number) / (100 if given.strip().endswith("%") else 1)
        except (ValueError, ZeroDivisionError):
            return None
    if isinstance(given, int | float) and not isinstance(given, bool):
        return Fraction(str(given))
    return None


def _checked_ratio(given: Any) -> Fraction:
    ratio = _ratio(given)
    if not isinstance(ratio, Fraction) or not 0 <= ratio <= 1:
        raise ValueError('must be a share: write "60%", or 0.6')
    return ratio


Share = Annotated[Fraction, BeforeValidator(_checked_ratio)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Baseline(_Entry):
    """Where the straight line begins."""

    on: date
    value: Share


class Target(_Entry):
    """One target of a plan."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    name: Annotated[str, Field(min_length=1, max_length=300)]
    """As readers see it, in Vietnamese."""
    indicator: Indicator
    scope: Annotated[str, Field(min_length=1, max_length=200)]
    """An agency's code, `level:commune`, `province`, or `each:commune`: every agency of a level."""
    value: Share
    due: date
    channel: Channel | None = None
    window: WindowName = WindowName.PERIOD
    role: Role | None = None
    """Of account indicators; None is everyone."""
    base: Literal["roster", "provisioned", "observed"] = "roster"
    """Of account indicators: over all officials (`roster`), or over those with an account. Of those
    that registers have a part in: `observed` counts only what captured files prove."""
    document_class: DocumentClass = DocumentClass.FORMAL
    baseline: Baseline | None = None
    """None is the first figure that was measured."""
    source: Annotated[str, Field(max_length=2000)] = ""
    """What the plan says, and where."""
    unclear: Annotated[str, Field(max_length=500)] = ""
    """What of the source has to be confirmed by an operator."""
    confirmed: bool = False

    @model_validator(mode="after")
    def _fits_its_indicator(self) -> "Target":
        if self.indicator.by_channel and self.channel is None:
            raise ValueError(
                f'{self.indicator} is measured a channel each: add channel = "docsys", or another '
                f"of {', '.join(Channel)}"
            )
        if self.window is WindowName.LAST_MONTH and not self.indicator.monthly:
            raise ValueError(
                f'{self.indicator} has no window "last_month": write "30d" or "period"'
            )
        if self.indicator.of_registers and self.channel not in (None, Channel.DOCSYS):
            raise ValueError(f"{self.indicator} is over the register, all channels: remove channel")
        if not self.indicator.of_accounts and (self.role or self.base not in self._own_bases()):
            raise ValueError("role and base are for indicators accounts_… only: remove them")
        if self.indicator.of_accounts and self.base == "observed":
            raise ValueError('base = "observed" is for what captured files prove: remove it')
        if self.role is Role.MAILBOX and self.base == "roster":
            raise ValueError('mailboxes are on no roster: add base = "provisioned"')
        if self.indicator is Indicator.ACCOUNTS_PROVISIONED and self.base != "roster":
            raise ValueError("accounts_provisioned is over the roster: remove base")
        if self.indicator is Indicator.AGENCIES_SIGNING and self.scope_kind is Scope.AGENCY:
            raise ValueError(
                'agencies_signing counts agencies: write scope = "province" or "level:…"'
            )
        if self.baseline and self.baseline.on >= self.due:
            raise ValueError("baseline.on is not before due: the line needs a first and a last day")
        return self

    def _own_bases(self) -> tuple[str, ...]:
        """The bases of an indicator that is not of accounts; `roster` is none at all."""
        return ("roster", "observed") if self.indicator.declared else ("roster",)

    @property
    def scope_kind(self) -> Scope:
        """Whose figures it is about: an agency's (or each agency's), a level's, the province's."""
        if self.scope == Scope.PROVINCE:
            return Scope.PROVINCE
        return Scope.LEVEL if self.scope.startswith(LEVEL) else Scope.AGENCY

    @property
    def each(self) -> bool:
        """Every agency of a level has it."""
        return self.scope.startswith(EACH)

    @property
    def code(self) -> str:
        """The agency's code, or the name of the level."""
        return self.scope.removeprefix(EACH).removeprefix(LEVEL)

    @property
    def measured_channel(self) -> Channel:
        """Where its figure stands; registers are the document system's."""
        return self.channel or (Channel.DOCSYS if self.indicator.declared else Channel.MAIL)

    @property
    def self_declared(self) -> bool:
        """Its figure holds what agencies say of themselves: shown beside it."""
        return self.indicator.declared and self.base != "observed"

    @property
    def counts(self) -> bool:
        """It may be called met or missed: its source is clear, or somebody has confirmed it."""
        return self.confirmed or not self.unclear


@dataclass(frozen=True, slots=True)
class Plan:
    """The targets of one file."""

    name: str = ""
    targets: tuple[Target, ...] = ()


def read(path: Path) -> Plan:
    """The plan of a file. Raises UserError, one line a mistake: file, target, what to do."""
    tree = read_toml(path, "measure.targets")
    lines: list[str] = []
    plan = _plan(tree, lines)
    if lines:
        raise UserError("\n".join(f"{path}: {line}" for line in lines))
    return plan


def _plan(tree: dict[str, Any], lines: list[str]) -> Plan:
    lines += [
        f"{key}: no such key; a plan has name, source and [[targets]]"
        for key in sorted(tree.keys() - KNOWN_KEYS)
    ]
    for key in ("name", "source"):
        if not isinstance(tree.get(key, ""), str):
            lines.append(f"{key}: must be text in quotation marks")
    given = tree.get("targets", [])
    if not isinstance(given, list) or not given:
        lines.append("targets: there are none: begin each with a line [[targets]]")
        given = []
    targets = [target for n, each in enumerate(given) if (target := _target(n, each, lines))]
    lines += _twice([each.get("id") for each in given if isinstance(each, dict)])
    return Plan(str(tree.get("name", "")), tuple(targets))


def _target(number: int, given: object, lines: list[str]) -> Target | None:
    if not isinstance(given, dict):
        lines.append(f"target #{number + 1}: begin it with a line [[targets]]")
        return None
    where = given.get("id") if isinstance(given.get("id"), str) else f"#{number + 1}"
    try:
        return Target.model_validate(given)
    except ValidationError as error:
        lines += [f"target {where}: {_plain(line)}" for line in explain(error)]
        return None


def _plain(line: str) -> str:
    """Of one target, `settings` is no place."""
    line = line.removeprefix("settings: ")
    line = line.replace("no such setting; see config/congvu.toml for all of them", "no such key")
    return line.replace(" (see config/congvu.toml)", "")


def _twice(ids: Sequence[object]) -> Iterator[str]:
    for name in sorted({str(each) for each in ids if each is not None and ids.count(each) > 1}):
        yield f"target {name}: two targets have this id: give each its own"


class PlanFile:
    """The plan in force, read again when its file changes."""

    def __init__(self, path: Path | None) -> None:
        """Raises UserError when there is a file and it cannot be used."""
        self._path = path
        self.plan = read(path) if path else Plan()
        self._read_at = self._modified()

    def _modified(self) -> int:
        return self._path.stat().st_mtime_ns if self._path else 0

    def reload(self) -> bool:
        """Read the file again if it changed; UserError or OSError keeps the last good plan."""
        if self._path is None or (modified := self._modified()) == self._read_at:
            return False
        self._read_at = modified
        self.plan = read(self._path)
        return True


def unknown_scopes(plan: Plan, codes: Collection[str], levels: Collection[str]) -> list[str]:
    """Lines about scopes that the registry does not know: such a target has no figure, ever."""
    return [
        f"target {target.id}: scope {target.scope}: " + _missing(target, codes, levels)
        for target in plan.targets
        if target.scope_kind is not Scope.PROVINCE
        and target.code not in (levels if _of_level(target) else codes)
    ]


def _of_level(target: Target) -> bool:
    return target.each or target.scope_kind is Scope.LEVEL


def _missing(target: Target, codes: Collection[str], levels: Collection[str]) -> str:
    if _of_level(target):
        return f"no agency has this level; levels are {', '.join(sorted(levels)) or 'none'}"
    near = [code for code in sorted(codes) if code.startswith(target.code[:2])][:3]
    return "no agency of the registry has this code" + (
        f"; like it: {', '.join(near)}" * bool(near)
    )
