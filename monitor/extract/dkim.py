"""DKIM-Signature fields of a message, as far as the message alone decides them (RFC 6376 6.1.1).

Everything but the key of the signer is here: syntax, and the hashes of the body and of the signed
fields. The key is asked for elsewhere; this runs where nobody can be asked. Why dkimpy does not do
it: docs/decisions/0029-origin.md. It is the reference in the tests.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from monitor.extract.dkim_body import BodyHash, hash_body, squeezed
from monitor.model import DkimSignature
from monitor.verify.smime_entity import Entity

MAX_SIGNATURES = 5
"""The topmost ones; more are not looked at."""
MAX_FIELD = 16 * 1024
"""Octets of one DKIM-Signature field."""
MAX_HEADER = 1024 * 1024
"""Octets of a header; a longer one is not signed mail."""
MAX_SIGNATURE = 2800
"""Characters of a signature: one by a key of 16,384 bits."""
MAX_TAGS = 40
_FIELD = "dkim-signature"
_ALGORITHMS = frozenset({"rsa-sha256", "ed25519-sha256"})
"""RFC 8301 3.1, RFC 8463; no signature by `rsa-sha1` passes, so nothing is computed for it."""
_CANONICAL = frozenset({"simple", "relaxed"})
_NEEDED = ("v", "a", "b", "bh", "d", "h", "s")
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,60}")
_ALGORITHM = re.compile(r"[a-z0-9-]{1,40}")
_WHITE = " \t\r\n"
_DIGITS = re.compile(r"[0-9]{1,12}")
_BLANKS = re.compile(r"[ \t\r\n]+")
_LAST = 253402300799
"""9999-12-31T23:59:59Z."""


class _Malformed(Exception):
    """A field that breaks the syntax."""


@dataclass(frozen=True, slots=True)
class _Field:
    """One header field with its folds; `raw` has line feeds and none at its end."""

    name: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class _Tags:
    """The tags of one field that decide, checked."""

    algorithm: str
    signature: str
    body_hash: bytes
    domain: str
    selector: str
    signed: tuple[str, ...]
    relaxed_header: bool
    relaxed_body: bool
    most: int | None
    expires: datetime | None
    below: bool


@dataclass(slots=True)
class _Message:
    """A message whose body is hashed once for each way that a signature asks for."""

    root: Entity
    fields: Sequence[_Field]
    hashes: dict[tuple[bool, int | None], BodyHash] = field(default_factory=dict)

    def body(self, tags: _Tags) -> BodyHash:
        way = tags.relaxed_body, tags.most
        if way not in self.hashes:
            self.hashes[way] = hash_body(
                self.root.source, self.root.body, self.root.end,
                relaxed=tags.relaxed_body, most=tags.most,
            )  # fmt: skip
        return self.hashes[way]


def read_signatures(root: Entity) -> tuple[DkimSignature, ...]:
    """The topmost signatures of a message, newest first; never raises on what it says."""
    if not root.values(_FIELD) or root.body - root.start > MAX_HEADER:
        return ()
    message = _Message(root, _fields(root.source[root.start : root.body]))
    places = [at for at, each in enumerate(message.fields) if each.name == _FIELD]
    return tuple(_signature(message, at) for at in places[:MAX_SIGNATURES])


def _fields(header: bytes) -> list[_Field]:
    found: list[list[bytes]] = []
    for line in header.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if found:
                found[-1].append(line)
        elif b":" in line:
            found.append([line])
    return [_Field(_name(lines[0]), b"\n".join(lines)) for lines in found]


def _name(line: bytes) -> str:
    return line.partition(b":")[0].rstrip(b" \t").decode("latin-1").lower()


def _signature(message: _Message, at: int) -> DkimSignature:
    stood = message.fields[at]
    value = stood.raw.partition(b":")[2]
    said = _values(value) if len(value) <= MAX_FIELD else None
    try:
        tags = _checked(said or {})
    except _Malformed:
        return _unreadable(said or {})
    body = message.body(tags)
    return DkimSignature(
        domain=tags.domain,
        selector=tags.selector,
        algorithm=tags.algorithm,
        digest=_header_hash(message.fields, at, tags),
        signature=tags.signature,
        body_intact=body.digest == tags.body_hash and (tags.most or 0) <= body.size,
        partial=_is_partial(message, tags, body),
        expires=tags.expires,
        below=tags.below,
    )


def _unreadable(said: Mapping[str, str]) -> DkimSignature:
    algorithm = said.get("a", "").lower()
    return DkimSignature(
        domain=_domain(said.get("d", "")),
        selector=_domain(said.get("s", "")),
        algorithm=algorithm if _ALGORITHM.fullmatch(algorithm) else "",
        readable=False,
    )


def _domain(value: str) -> str:
    """A name that is one, else nothing: what stands there is not carried further."""
    name = value.lower()
    return name if len(name) <= 253 and _NAME.fullmatch(name) else ""


def _is_partial(message: _Message, tags: _Tags, body: BodyHash) -> bool:
    """Does somebody who adds to it, to its end or as a second author, not break it?

    A From that hides behind a CR is an author as well, for some readers (RFC 6376 8.14, 8.15); no
    signature covers it, however many of From it names.
    """
    authors = len(message.root.values("from"))
    standing = sum(each.name == "from" for each in message.fields)
    if min(tags.signed.count("from"), standing) < authors:
        return True
    return tags.most is not None and tags.most < body.size


# -- tags ------------------------------------------------------------------------------------------


def _values(value: bytes) -> dict[str, str] | None:
    """Values by tag, folds kept; None if it is no list of tags (RFC 6376 3.2)."""
    found: dict[str, str] = {}
    parts = value.decode("latin-1").split(";", MAX_TAGS + 1)
    if not parts[-1].strip(_WHITE):
        parts.pop()
    if len(parts) > MAX_TAGS:
        return None
    for part in parts:
        name, equals, text = part.partition("=")
        name = name.strip(_WHITE)
        if not equals or not _TAG.fullmatch(name) or name in found:
            return None
        found[name] = text.strip(_WHITE)
    return found


def _checked(said: Mapping[str, str]) -> _Tags:
    """Raises _Malformed for what RFC 6376 3.5 does not allow."""
    if any(name not in said for name in _NEEDED) or said["v"] != "1":
        raise _Malformed
    algorithm = said["a"].lower()
    if algorithm not in _ALGORITHMS or "dns/txt" not in _words(said.get("q", "dns/txt")):
        raise _Malformed
    domain, selector = _domain(said["d"]), _domain(said["s"])
    if "." not in domain or not selector:
        raise _Malformed
    signed = tuple(_words(said["h"]))
    if "from" not in signed:
        raise _Malformed
    relaxed_header, relaxed_body = _canonicalisation(said.get("c", "simple"))
    return _Tags(
        algorithm,
        _base64(said["b"])[0],
        _base64(said["bh"])[1],
        domain,
        selector,
        signed,
        relaxed_header,
        relaxed_body,
        _number(said["l"]) if "l" in said else None,
        _expiry(said),
        _is_below(said.get("i"), domain),
    )


def _words(value: str) -> list[str]:
    return [_BLANKS.sub("", word).lower() for word in value.split(":")]


def _canonicalisation(value: str) -> tuple[bool, bool]:
    header, _, body = value.lower().partition("/")
    body = body or "simple"
    if header not in _CANONICAL or body not in _CANONICAL:
        raise _Malformed
    return header == "relaxed", body == "relaxed"


def _base64(value: str) -> tuple[str, bytes]:
    text = _BLANKS.sub("", value)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _Malformed from None
    if not data or len(text) > MAX_SIGNATURE:
        raise _Malformed
    return text, data


def _number(value: str) -> int:
    if not _DIGITS.fullmatch(value):
        raise _Malformed
    return int(value)


def _expiry(said: Mapping[str, str]) -> datetime | None:
    signed = _number(said["t"]) if "t" in said else None
    if "x" not in said:
        return None
    expires = _number(said["x"])
    if signed is not None and expires <= signed:
        raise _Malformed
    return datetime.fromtimestamp(min(expires, _LAST), UTC)


def _is_below(identity: str | None, domain: str) -> bool:
    """Is `i=` of a domain below `d=`? One that is neither spoils the signature."""
    host = domain if identity is None else _BLANKS.sub("", identity.rpartition("@")[2]).lower()
    if identity is not None and "@" not in identity:
        raise _Malformed
    if host != domain and not host.endswith("." + domain):
        raise _Malformed
    return host != domain


# -- the header ------------------------------------------------------------------------------------


def _header_hash(fields: Sequence[_Field], at: int, tags: _Tags) -> str:
    """SHA-256 of the signed fields, the last of a name first, and of the signature's own without
    its `b=` (RFC 6376 3.7), hexadecimal.
    """
    standing: dict[str, list[bytes]] = {}
    for place, each in enumerate(fields):
        if place != at:
            standing.setdefault(each.name, []).append(each.raw)
    digest = hashlib.sha256()
    for name in tags.signed:
        if found := standing.get(name):
            digest.update(_canonical(found.pop(), relaxed=tags.relaxed_header) + b"\r\n")
    digest.update(_canonical(_without_signature(fields[at].raw), relaxed=tags.relaxed_header))
    return digest.hexdigest()


def _canonical(raw: bytes, *, relaxed: bool) -> bytes:
    """A field without the end of its last line (RFC 6376 3.4.1, 3.4.2)."""
    if not relaxed:
        return raw.replace(b"\n", b"\r\n")
    name, _, value = raw.partition(b":")
    value = squeezed(value.replace(b"\n", b"")).strip(b" ")
    return name.rstrip(b" \t").lower() + b":" + value


def _without_signature(raw: bytes) -> bytes:
    """The field with the value of `b=` and the blanks around it left out."""
    name, colon, value = raw.partition(b":")
    parts = value.split(b";")
    for place, part in enumerate(parts):
        tag, equals, _ = part.partition(b"=")
        if equals and tag.strip(_WHITE.encode()) == b"b":
            parts[place] = tag + equals
    return name + colon + b";".join(parts)
