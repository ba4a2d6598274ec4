"""Parameters of structured MIME fields: `type/subtype; name=value` (RFC 2045 5.1, RFC 2231).

Values stay bytes: their charset is either said by RFC 2231 or left to whoever decodes them.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_PARAMETER = re.compile(rb';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL)
_ESCAPED = re.compile(rb'\\(["\\])')
_COMMENT = re.compile(rb"\([^()]*\)\s*$")
_BETWEEN = re.compile(rb"[\s;]*(?:\([^()]*\)[\s;]*)*")
_LOOSE = re.compile(rb'[\s"(),<>@\[\\\]\0-\x1f]')
_BOUNDARY = re.compile(rb"boundary[*\d]*\s*=", re.IGNORECASE)
_CONTINUED = re.compile(r"(.+?)\*(\d{1,3})(\*?)$")
MAX_VALUE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Parameter:
    """Value of one parameter; `charset` only where RFC 2231 gives one."""

    value: bytes
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class Structured:
    """A field's first token, lower case, with its parameters by lower-case name."""

    token: str
    parameters: dict[str, Parameter]
    ambiguous: bool = False
    """Readers differ on its boundary: given twice or in two ways, or among what is no parameter."""

    def text(self, name: str) -> str | None:
        """A parameter that is a protocol word (boundary, protocol, smime-type), comment removed."""
        found = self.parameters.get(name)
        if found is None:
            return None
        return _COMMENT.sub(b"", found.value).strip().decode("latin-1")


def parse_structured(value: bytes) -> Structured:
    """Tolerant reading of a Content-Type or Content-Disposition; never raises.

    Continuations may come in any order (RFC 2231 3); one that is missing ends the value.
    """
    value = value[:MAX_VALUE]
    token = _COMMENT.sub(b"", value.split(b";", 1)[0]).strip().strip(b'"').lower()
    plain: dict[str, bytes] = {}
    extended: dict[str, dict[int, tuple[bytes, bool]]] = {}
    ambiguous, end = False, value.find(b";") if b";" in value else len(value)
    for match in _PARAMETER.finditer(value):
        name = match[1].decode("latin-1").lower()
        quoted, bare = match[2], match[3]
        given = _ESCAPED.sub(rb"\1", quoted) if quoted is not None else bare.strip()
        base, index, encoded = _split_name(name)
        ambiguous |= not _BETWEEN.fullmatch(value, end, match.start())
        ambiguous |= base == "boundary" and _is_loose(match)
        end = match.end()
        if index is None:
            ambiguous |= base in plain
            plain.setdefault(base, given)
        else:
            ambiguous |= index in extended.setdefault(base, {})
            extended[base].setdefault(index, (given, encoded))
    ambiguous |= not _BETWEEN.fullmatch(value, end)
    given_as = ("boundary" in plain) + len(extended.get("boundary", ()))
    ambiguous |= "boundary" in plain and "boundary" in extended
    ambiguous |= len(_BOUNDARY.findall(value)) > given_as
    parameters = {name: Parameter(found) for name, found in plain.items()}
    parameters |= {name: _joined(pieces) for name, pieces in extended.items() if 0 in pieces}
    return Structured(token.decode("latin-1"), parameters, ambiguous)


def _is_loose(parameter: re.Match[bytes]) -> bool:
    """May another reader end this value elsewhere? An unclosed quote, or blanks without quotes."""
    if parameter[2] is not None:
        return not parameter[0].endswith(b'"') or parameter[0].endswith(b'\\"')
    return bool(_LOOSE.search(_COMMENT.sub(b"", parameter[3]).strip()))


def _split_name(name: str) -> tuple[str, int | None, bool]:
    """`name*` is (name, 0, encoded), `name*1` is (name, 1, not encoded), `name` has no index."""
    match = _CONTINUED.match(name)
    if match:
        return match[1], int(match[2]), bool(match[3])
    if name.endswith("*") and len(name) > 1:
        return name[:-1], 0, True
    return name, None, False


def _joined(pieces: dict[int, tuple[bytes, bool]]) -> Parameter:
    charset: str | None = None
    value = b""
    for index in range(len(pieces)):
        if index not in pieces:
            break
        given, encoded = pieces[index]
        if encoded and index == 0 and given.count(b"'") >= 2:
            named, _, given = given.split(b"'", 2)
            charset = named.decode("latin-1").strip() or None
        value += unquote_to_bytes(given) if encoded else given
    return Parameter(value, charset)
