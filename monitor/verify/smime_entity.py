"""MIME entities as exact slices of a message (RFC 2045, 2046, 5322).

S/MIME signs bytes, so a part must be found without being rewritten; and a mail is mostly one long
base64 body, so structure is found by searching for delimiters and not line by line (docs/
decisions/0004-mail-reading.md). The standard library's parser is the reference in the tests.
Nothing here raises on malformed input: it is read as far as it goes and marked.
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from monitor.model import Finding, Limits
from monitor.verify.smime_base64 import from_base64, one_reading
from monitor.verify.smime_open import Opened, open_cms
from monitor.verify.smime_params import Structured, parse_structured

_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
_DEFAULT = Structured("text/plain", {})
_MESSAGE = Structured("message/rfc822", {})
_WORD = re.compile(rb"[A-Za-z0-9_-]+")
UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]+)\r?$", re.MULTILINE)
_CONTENT_TYPE = re.compile(rb"^content-type[ \t]*:", re.IGNORECASE | re.MULTILINE)
ENCLOSED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_BLANK = b" \t\r\n"
_NOT_QUOTED = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?\n)")
IDENTITY = frozenset({"", "7bit", "8bit", "binary"})
UUENCODE = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
MAX_HEADER_LINES = 20_000
"""Of all parts of a message together."""


@dataclass(slots=True)
class Entity:
    """One MIME entity: header and body as offsets into `source`."""

    source: bytes
    start: int
    end: int
    top: bool = False
    """It is a message, or what a layer of S/MIME was put around: not a part among others."""
    body: int = 0
    fields: dict[str, list[bytes]] = field(default_factory=dict)
    """Unfolded values without surrounding blanks, by lower-case name."""
    content_type: Structured = _DEFAULT
    encoding: str = ""
    children: list["Entity"] = field(default_factory=list)
    preamble: bool = False
    """A multipart has text before its first delimiter; readers of MIME show none of it."""
    epilogue: bool = False
    """A multipart has text after its closing delimiter."""
    ambiguous: bool = False
    """Two readers may see different structures here."""
    opened: Opened | None = None
    """The CMS of an application/pkcs7-mime part."""
    inner: "Entity | None" = None
    """The entity that was signed or compressed in `opened`."""

    @property
    def type(self) -> str:
        """Media type, lower case, without parameters."""
        return self.content_type.token

    @property
    def is_multipart(self) -> bool:
        """Has parts between delimiters; False for a multipart whose delimiter never comes."""
        return bool(self.children) and self.type.startswith("multipart/")

    @property
    def is_message(self) -> bool:
        """Carries another message (forwarded or attached)."""
        return bool(self.children) and not self.type.startswith("multipart/")

    def raw(self) -> bytes:
        """Exactly what a signature over this entity covers: header, blank line and body."""
        return self.source[self.start : self.end]

    def values(self, name: str) -> list[bytes]:
        """Values of every field of this lower-case name."""
        return self.fields.get(name, [])

    def first(self, name: str) -> bytes | None:
        """Value of the first field of this lower-case name."""
        found = self.fields.get(name)
        return found[0] if found else None

    def disposition(self) -> Structured:
        """Content-Disposition (RFC 2183); its token is empty when there is none."""
        return parse_structured(self.first("content-disposition") or b"")

    def file_name(self) -> str:
        """Undecoded file name, lower case; empty when there is none."""
        name = self.disposition().text("filename") or self.content_type.text("name") or ""
        return name.strip().lower()

    def decoded(self) -> tuple[bytes, bool]:
        """The body without its transfer encoding, and whether that encoding was sound."""
        return decode_transfer(self.source[self.body : self.end], self.encoding)


@dataclass(slots=True)
class Structure:
    """What parsing one message has used of its limits, and what it found wrong."""

    limits: Limits
    parts: int = 0
    header_left: int = 0
    lines_left: int = MAX_HEADER_LINES
    unpacked: int = 0
    findings: set[Finding] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Headers of all parts together may take four times what one may."""
        self.header_left = 4 * self.limits.header_bytes

    def parse(self, source: bytes) -> Entity:
        """The entity tree of a whole message."""
        return self._read(Entity(source, 0, len(source), top=True), _DEFAULT, 0)

    def _read(self, entity: Entity, default: Structured, depth: int) -> Entity:
        self.parts += 1
        self._read_header(entity)
        types = entity.values("content-type")
        entity.content_type = parse_structured(types[0]) if types else default
        if "/" not in entity.type:
            entity.content_type = _DEFAULT
        encodings = entity.values("content-transfer-encoding")
        entity.encoding = _encoding(encodings[0]) if encodings else ""
        if len(types) > 1 or len(encodings) > 1:
            entity.ambiguous = True
            self.findings.add(Finding.HEADER_DUPLICATE)
        self._read_children(entity, depth)
        return entity

    def _read_header(self, entity: Entity) -> None:
        source, end = entity.source, entity.end
        limit = min(end, entity.start + min(self.limits.header_bytes, self.header_left))
        fields: list[tuple[str, list[bytes]]] = []
        hidden: list[tuple[str, list[bytes]]] = []
        endings: set[bool] = set()
        position = entity.start
        while position < end:
            if position >= limit or self.lines_left <= 0:
                self.findings.add(Finding.MIME_LIMIT)
                position = _after_blank_line(source, position, end)
                break
            self.lines_left -= 1
            stop = source.find(b"\n", position, end)
            following = stop + 1 if stop >= 0 else end
            found = source[position : min(stop if stop >= 0 else end, limit)]
            line = found.rstrip(b"\r")
            if not line:
                position = following
                break
            endings.add(found.endswith(b"\r\r"))
            if not self._take_line(line, fields, first=position == entity.start):
                break
            if b"\r" in line:
                hidden += self._take_hidden(entity, line)
            position = following
        entity.ambiguous |= len(endings) > 1  # CR CR LF is a blank line, unless all lines end so
        self.header_left -= min(position, limit) - entity.start
        entity.body = position
        for name, lines in (*fields, *hidden):
            entity.fields.setdefault(name, []).append(b"".join(lines).strip())

    def _take_line(
        self, line: bytes, fields: list[tuple[str, list[bytes]]], *, first: bool
    ) -> bool:
        """One line of a header; False when it is the first one of a body without a blank line."""
        if line[0] in b" \t":
            if fields:
                fields[-1][1].append(line)
            else:
                self.findings.add(Finding.MIME_MALFORMED)
        elif match := _NAME.match(line):
            fields.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
        elif not first or not line.startswith((b"From ", b">From ")):
            self.findings.add(Finding.MIME_MALFORMED)
            return False
        return True

    def _take_hidden(self, entity: Entity, line: bytes) -> list[tuple[str, list[bytes]]]:
        """A CR alone ends a line for some readers: what they take for a field is one more."""
        self.findings.add(Finding.MIME_MALFORMED)
        found = [(text, _NAME.match(text)) for text in line.split(b"\r")[1:]]
        entity.ambiguous |= any(not name and text[:1] not in (b" ", b"\t") for text, name in found)
        return [(name[1].decode("ascii").lower(), [t[name.end() :]]) for t, name in found if name]

    def _read_children(self, entity: Entity, depth: int) -> None:
        multipart = entity.type.startswith("multipart/")
        message = entity.type in ("message/rfc822", "message/global")
        enclosed = _is_enclosed(entity)
        if not (multipart or message or enclosed):
            return
        if depth >= self.limits.mime_depth:
            self.findings.add(Finding.MIME_LIMIT)
        elif multipart:
            self._read_parts(entity, depth)
        elif message:
            self._read_message(entity, depth)
        else:
            self._read_enclosed(entity, depth)

    def _read_enclosed(self, entity: Entity, depth: int) -> None:
        """Opens an opaque part (RFC 8551 3.5.2); what cannot be opened stays a leaf.

        All content is in it, so it must not be one CMS for this reader and another for the next.
        """
        entity.opened = opened = open_cms(entity.decoded()[0], self.limits)
        if opened is None:
            return
        if not _read_alike(entity.source[entity.body : entity.end], entity.encoding):
            entity.ambiguous = True
            self.findings.add(Finding.MIME_MALFORMED)
        if opened.limited:
            self.findings.add(Finding.MIME_LIMIT)
        content = opened.content
        if content is None or not self._affordable(content):
            return
        if entity.top or _is_entity(content):
            inner = Entity(content, 0, len(content), top=True)
            entity.inner = self._read(inner, _DEFAULT, depth + 1)

    def _read_message(self, entity: Entity, depth: int) -> None:
        if entity.encoding in IDENTITY:
            source, start, end = entity.source, entity.body, entity.end
        else:  # forbidden by RFC 2046 5.2.1, sent all the same
            source, _ = entity.decoded()
            start, end = 0, len(source)
            self.findings.add(Finding.MIME_MALFORMED)
            if not self._affordable(source):
                return
        inner = Entity(source, start, end, top=True)
        entity.children.append(self._read(inner, _DEFAULT, depth + 1))

    def _affordable(self, source: bytes) -> bool:
        """Copies inside copies are bounded together (Limits.archive_bytes)."""
        self.unpacked += len(source)
        if self.unpacked <= self.limits.archive_bytes:
            return True
        self.findings.add(Finding.MIME_LIMIT)
        return False

    def _read_parts(self, entity: Entity, depth: int) -> None:
        boundary = (entity.content_type.text("boundary") or "").rstrip().encode("latin-1")
        if not boundary:
            self.findings.add(Finding.MIME_MALFORMED)
            return
        if entity.encoding not in IDENTITY or entity.content_type.ambiguous:
            entity.ambiguous = True
            self.findings.add(Finding.MIME_MALFORMED)
        default = _MESSAGE if entity.type == "multipart/digest" else _DEFAULT
        for start, end in self._slices(entity, boundary):
            if self.parts >= self.limits.mime_parts:
                self.findings.add(Finding.MIME_LIMIT)
                return
            if entity.children and entity.type == "multipart/signed":  # a signature holds no text
                entity.ambiguous |= entity.source.find(b"--" + boundary, start, end) >= 0
            part = Entity(entity.source, start, end)
            entity.children.append(self._read(part, default, depth + 1))

    def _slices(self, entity: Entity, boundary: bytes) -> list[tuple[int, int]]:
        """Where the parts lie; the last one of a multipart that was cut off ends with it."""
        found: list[tuple[int, int]] = []
        opened = None
        for line, following, closing in _delimiters(entity, boundary):
            if opened is None:
                before = entity.source[entity.body : line]
                entity.preamble = bool(before.strip(_BLANK))
                entity.ambiguous |= b"--" + boundary in before
            else:
                found.append((opened, _before_line_end(entity.source, opened, line)))
                if len(found) > self.limits.mime_parts:
                    return found
            opened = following
            if closing:
                self._read_epilogue(entity, boundary, following)
                return found
        self.findings.add(Finding.MIME_MALFORMED)
        if opened is not None:
            entity.ambiguous = True
            found.append((opened, entity.end))
        return found

    def _read_epilogue(self, entity: Entity, boundary: bytes, start: int) -> None:
        entity.epilogue = bool(entity.source[start : entity.end].strip(_BLANK))
        if entity.source.find(b"\n--" + boundary, start - 1, entity.end) >= 0:
            entity.ambiguous = True
            self.findings.add(Finding.MIME_MALFORMED)


def _is_enclosed(entity: Entity) -> bool:
    """RFC 8551 3.9: by media type, or by the file name where a gateway took the type away."""
    if entity.type in ENCLOSED:
        return True
    if entity.type != "application/octet-stream":
        return False
    return entity.file_name().endswith((".p7m", ".p7z"))


def _is_entity(content: bytes) -> bool:
    """Does it begin with a MIME header? A signed document in a .p7m does not."""
    head = content[:8192]
    return bool(_NAME.match(head)) and bool(_CONTENT_TYPE.search(head))


def _delimiters(entity: Entity, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """(start of line, start of the next, is it the closing one), RFC 2046 5.1.1.

    A delimiter is a whole line; one with anything but blanks behind it is text.
    """
    source, end = entity.source, entity.end
    needle = b"--" + boundary
    position = entity.body
    while True:
        line = source.find(needle, position, end)
        if line < 0:
            return
        position = line + len(needle)
        if line != entity.body and source[line - 1] != 0x0A:
            continue
        stop = source.find(b"\n", position, end)
        tail = source[position : stop if stop >= 0 else end].rstrip(b" \t\r")
        if tail in (b"", b"--"):
            yield line, stop + 1 if stop >= 0 else end, tail == b"--"


def _before_line_end(source: bytes, start: int, line: int) -> int:
    """The line break before a delimiter belongs to the delimiter."""
    if line > start and source[line - 1] == 0x0A:
        line -= 1
        if line > start and source[line - 1] == 0x0D:
            line -= 1
    return line


def _after_blank_line(source: bytes, start: int, end: int) -> int:
    start = max(0, start - 1)
    crlf = source.find(b"\n\r\n", start, end)
    plain = source.find(b"\n\n", start, crlf if crlf >= 0 else end)
    if plain >= 0:
        return plain + 2
    return crlf + 3 if crlf >= 0 else end


def _encoding(value: bytes) -> str:
    match = _WORD.search(value)
    return match[0].decode("ascii").lower() if match else ""


def decode_transfer(body: bytes, encoding: str) -> tuple[bytes, bool]:
    """A body without its Content-Transfer-Encoding (RFC 2045 6), and whether it was sound."""
    if encoding in IDENTITY:
        return body, True
    if encoding == "base64":
        return from_base64(body)
    if encoding == "quoted-printable":
        return quopri.decodestring(body), True
    if encoding in UUENCODE:
        match = UU_BEGIN.search(body)
        return from_uuencode(body, match.end() if match else 0)[0], match is not None
    return body, False


def _read_alike(body: bytes, encoding: str) -> bool:
    """Do all readers that know a transfer encoding take the same octets from a body?"""
    if encoding == "base64":
        return one_reading(body)
    if encoding == "quoted-printable":
        return not _NOT_QUOTED.search(body)
    return encoding in IDENTITY


def from_uuencode(body: bytes, start: int) -> tuple[bytes, int]:
    """Decoded lines up to `end`, and where the block stops; bad lines are left out."""
    pieces = []
    position = start
    while position < len(body):
        stop = body.find(b"\n", position)
        line = body[position : stop if stop >= 0 else len(body)].rstrip(b"\r\n")
        position = stop + 1 if stop >= 0 else len(body)
        if line == b"end":
            break
        if not line:
            continue
        try:
            pieces.append(binascii.a2b_uu(line))
        except binascii.Error:
            length = (((line[0] - 32) & 63) * 4 + 5) // 3  # trailing blanks lost or junk added
            try:
                pieces.append(binascii.a2b_uu(line[:length]))
            except binascii.Error:
                continue
    return b"".join(pieces), position
