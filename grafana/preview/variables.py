"""Variables of a dashboard: what they stand for, and how a query or a title writes them."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

ALL = "$__all"
_NAME = re.compile(
    r"\$(?P<plain>\w+)|\$\{(?P<braced>\w+)(?::(?P<format>\w+))?\}|\[\[(?P<square>\w+)\]\]"
)
_REGEX_CHARACTERS = re.compile(r"[\\^$*+?.()|\[\]{}/]")


@dataclass(frozen=True)
class Variable:
    """One variable with its value. `several`: it may have more than one, so queries get a list."""

    name: str
    values: tuple[str, ...]
    texts: tuple[str, ...] = ()
    label: str = ""
    several: bool = False
    hidden: bool = False
    all_value: str | None = None
    """What "all" is written as, where the dashboard says so."""

    @property
    def text(self) -> str:
        """What the reader sees as its value."""
        return " + ".join(self.texts or self.values)


@dataclass(frozen=True)
class Scope:
    """All variables that are known, the built-in ones with two underscores among them."""

    variables: Mapping[str, Variable] = field(default_factory=dict)

    def with_values(self, values: Mapping[str, str]) -> "Scope":
        """A scope with built-in variables of one value each beside these."""
        more = {name: Variable(name, (value,)) for name, value in values.items()}
        return replace(self, variables={**self.variables, **more})

    def with_variable(self, variable: Variable) -> "Scope":
        return replace(self, variables={**self.variables, variable.name: variable})

    def expand(self, text: str, language: str = "text") -> str:
        """`text` with its variables; names that nobody defined stay as they are, as in Grafana.

        `language` is `promql`, `sql` or `text`: how a value is written where no format is named.
        """

        def written(match: re.Match[str]) -> str:
            name = match["plain"] or match["braced"] or match["square"]
            variable = self.variables.get(name)
            return match[0] if variable is None else _written(variable, match["format"], language)

        return _NAME.sub(written, text)


def _written(variable: Variable, style: str | None, language: str) -> str:
    if variable.all_value is not None:
        return variable.all_value
    if style is not None:
        return _formatted(variable, style)
    if variable.name.startswith("__") or language == "text":
        return ",".join(variable.values)
    if language == "sql":
        doubled = [value.replace("'", "''") for value in variable.values]
        return ",".join(f"'{value}'" for value in doubled) if variable.several else doubled[0]
    if not variable.several:
        return variable.values[0].replace("\\", "\\\\").replace('"', '\\"')
    return _alternatives(variable.values).replace("\\", "\\\\")


def _formatted(variable: Variable, style: str) -> str:
    write = _STYLES.get(style)
    if write is None:
        raise ValueError(f"${{{variable.name}:{style}}}: this tool does not know that format")
    return write(variable)


def _escaped(value: str) -> str:
    return _REGEX_CHARACTERS.sub(lambda match: "\\" + match[0], value)


def _alternatives(values: Sequence[str]) -> str:
    escaped = [_escaped(value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _json(values: Sequence[str]) -> str:
    return json.dumps(values if len(values) > 1 else values[0], ensure_ascii=False)


_STYLES: Mapping[str, Callable[[Variable], str]] = {
    "sqlstring": lambda one: ",".join("'" + v.replace("'", "''") + "'" for v in one.values),
    "singlequote": lambda one: ",".join("'" + v.replace("'", "\\'") + "'" for v in one.values),
    "doublequote": lambda one: ",".join('"' + v.replace('"', '\\"') + '"' for v in one.values),
    "regex": lambda one: _alternatives(one.values),
    "pipe": lambda one: "|".join(one.values),
    "text": lambda one: one.text,
    "json": lambda one: _json(one.values),
    "percentencode": lambda one: quote(",".join(one.values), safe=""),
    "raw": lambda one: ",".join(one.values),
    "csv": lambda one: ",".join(one.values),
}
"""`${name:style}`: how Grafana writes a value where a format is named."""


@dataclass(frozen=True)
class Option:
    """One choice that a variable offers."""

    value: str
    text: str


def chosen(
    definition: Mapping[str, Any], options: Iterable[Option], wanted: tuple[str, ...]
) -> Variable:
    """The variable with the values asked for, else its saved ones, else its first option.

    Raises ValueError where there is nothing to choose from.
    """
    name = str(definition["name"])
    offered = list(options)
    values = wanted or _saved(definition) or tuple(option.value for option in offered[:1])
    everything = values == (ALL,)
    if everything:
        values = tuple(option.value for option in offered)
    if not values:
        raise ValueError(f"variable {name}: nothing to choose from; give it with --var {name}=…")
    texts = {option.value: option.text for option in offered}
    all_value = definition.get("allValue") if everything else None
    return Variable(
        name, values, ("All",) if everything else tuple(texts.get(v, v) for v in values),
        label=str(definition.get("label") or name),
        several=bool(definition.get("multi") or definition.get("includeAll")),
        hidden=definition.get("hide") == 2 or definition.get("type") == "constant",
        all_value=str(all_value) if all_value else None,
    )  # fmt: skip


def _saved(definition: Mapping[str, Any]) -> tuple[str, ...]:
    value = (definition.get("current") or {}).get("value")
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    return () if value in {None, ""} else (str(value),)


def listed(definition: Mapping[str, Any]) -> list[Option]:
    """What a variable that asks nobody offers: `custom`, `interval`, `constant`, `textbox`."""
    query = str(definition.get("query") or "")
    if definition["type"] in {"constant", "textbox"}:
        return [Option(query, query)]
    pairs = [part.strip().split(" : ", 1) for part in re.split(r"(?<!\\),", query) if part.strip()]
    return [Option(pair[-1].strip(), pair[0].strip()) for pair in pairs]
