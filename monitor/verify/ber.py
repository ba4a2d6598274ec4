"""A tolerant reader of BER and DER (X.690) that keeps where every element lies.

Signatures are made over exact bytes, so the raw octets of an element matter more than a decoded
tree; government producers write indefinite lengths, unsorted sets and segmented strings. Every
failure is a `Malformed`; nesting and the number of elements are bounded.
"""

from datetime import UTC, datetime, timedelta

MAX_DEPTH = 64
MAX_ELEMENTS = 400_000

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
ENUMERATED = 0x0A
SEQUENCE, SET = 0x30, 0x31
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18


class Malformed(ValueError):
    """The bytes are no BER, or not the structure that was expected."""


class Node:
    """One element: identifier octet, content and place in the buffer it was read from."""

    __slots__ = ("_children", "body", "buffer", "end", "start", "stop", "tag")

    def __init__(  # offsets in their order, made half a million times
        self, buffer: bytes, tag: int, start: int, body: int, stop: int, end: int
    ) -> None:
        self.buffer, self.tag = buffer, tag
        self.start, self.body, self.stop, self.end = start, body, stop, end
        self._children: list[Node] | None = None

    @property
    def raw(self) -> bytes:
        """The element with its header, as found."""
        return self.buffer[self.start : self.end]

    @property
    def content(self) -> bytes:
        """The content octets, as found."""
        return self.buffer[self.body : self.stop]

    @property
    def constructed(self) -> bool:
        return bool(self.tag & 0x20)

    @property
    def children(self) -> "list[Node]":
        """The elements inside a constructed one."""
        if self._children is None:
            if not self.constructed:
                raise Malformed(f"element {self.tag:#x} is not constructed")
            self._children = elements(self.buffer, self.body, self.stop)
        return self._children

    def expect(self, *tags: int) -> "Node":
        """Itself, if it has one of the identifiers."""
        if self.tag not in tags:
            raise Malformed(f"element {self.tag:#x} where {tags[0]:#x} belongs")
        return self


def read(buffer: bytes, at: int = 0, limit: int | None = None, depth: int = 0) -> Node:
    """The element that begins at an offset; what follows it is not looked at."""
    limit = len(buffer) if limit is None else limit
    try:
        tag = buffer[at]
        position = at + 1
        if tag & 0x1F == 0x1F:
            while buffer[position] & 0x80:
                position += 1
            position += 1
        length = buffer[position]
    except IndexError:
        raise Malformed("truncated element") from None
    position += 1
    if length == 0x80:
        return _indefinite(buffer, at, position, limit, depth)
    if length > 0x80:
        octets = length & 0x7F
        if octets > 8 or position + octets > limit:
            raise Malformed("absurd length")
        length = int.from_bytes(buffer[position : position + octets], "big")
        position += octets
    stop = position + length
    if stop > limit:
        raise Malformed("element reaches past its container")
    return Node(buffer, tag, at, position, stop, stop)


def _indefinite(buffer: bytes, at: int, body: int, limit: int, depth: int) -> Node:
    tag = buffer[at]
    if depth > MAX_DEPTH or not tag & 0x20:
        raise Malformed("indefinite length where none is allowed")
    children: list[Node] = []
    position = body
    while buffer[position : position + 2] != b"\0\0":
        child = read(buffer, position, limit, depth + 1)
        children.append(child)
        position = child.end
        if len(children) > MAX_ELEMENTS:
            raise Malformed("too many elements")
    if position + 2 > limit:
        raise Malformed("element without its end")
    node = Node(buffer, tag, at, body, position, position + 2)
    node._children = children
    return node


def elements(buffer: bytes, start: int, stop: int) -> list[Node]:
    """The elements that lie one after another between two offsets."""
    found: list[Node] = []
    while start < stop:
        node = read(buffer, start, stop)
        found.append(node)
        start = node.end
        if len(found) > MAX_ELEMENTS:
            raise Malformed("too many elements")
    return found


def octets(node: Node, depth: int = 0) -> bytes:
    """The value of an OCTET STRING, also a segmented one (X.690 8.7.3) or an implicit tag."""
    if not node.constructed:
        return node.content
    if depth > MAX_DEPTH:
        raise Malformed("string segments nested too deep")
    return b"".join(octets(child, depth + 1) for child in node.children)


def bits(node: Node) -> bytes:
    """The octets of a BIT STRING without its count of unused bits."""
    content = octets(node)
    if not content:
        raise Malformed("empty bit string")
    return content[1:]


def integer(node: Node) -> int:
    """The value of an INTEGER or ENUMERATED."""
    return int.from_bytes(node.content, "big", signed=True)


def oid(node: Node) -> str:
    """Dotted form of an OBJECT IDENTIFIER."""
    return dotted(node.expect(OID).content)


def dotted(content: bytes) -> str:
    """Dotted form of an object identifier's content octets (X.690 8.19)."""
    known = _OIDS.get(content)
    if known is not None:
        return known
    if not content or content[-1] & 0x80 or len(content) > 64:
        raise Malformed("no object identifier")
    arcs: list[int] = []
    value = 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    name = ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))
    if len(_OIDS) < 2000:
        _OIDS[content] = name
    return name


_OIDS: dict[bytes, str] = {}


def time(node: Node) -> datetime:
    """An aware datetime of UTCTime or GeneralizedTime, offsets and fractions included."""
    text = node.expect(UTC_TIME, GENERALIZED_TIME).content.decode("ascii", "replace").strip()
    digits = 2 if node.tag == UTC_TIME else 4
    zone = timedelta()
    if text.endswith("Z"):
        text = text[:-1]
    elif len(text) > 5 and text[-5] in "+-" and text[-4:].isdigit():
        zone = timedelta(hours=int(text[-4:-2]), minutes=int(text[-2:])) * (
            -1 if text[-5] == "-" else 1
        )
        text = text[:-5]
    text, _, fraction = text.replace(",", ".").partition(".")
    if not text.isascii() or not text.isdigit() or not digits + 6 <= len(text) <= digits + 10:
        raise Malformed("no time")
    year = int(text[:digits])
    if digits == 2:
        year += 1900 if year >= 50 else 2000
    fields = [int(text[i : i + 2]) for i in range(digits, len(text), 2)]
    try:
        moment = datetime(year, *fields, tzinfo=UTC) - zone  # type: ignore[misc,arg-type]  # 3-5 ints
        return moment + timedelta(seconds=float(f"0.{fraction[:6] or 0}"))
    except (ValueError, OverflowError, TypeError) as error:
        raise Malformed("no time") from error


def encode(tag: int, content: bytes) -> bytes:
    """An element in DER with a definite length."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    width = (size.bit_length() + 7) // 8
    return bytes((tag, 0x80 | width)) + size.to_bytes(width, "big") + content


def der(node: Node, depth: int = 0) -> bytes:
    """The element with definite lengths, joined strings and sorted SET OF, as DER asks."""
    if depth > MAX_DEPTH:
        raise Malformed("nested too deep")
    if not node.constructed:
        return encode(node.tag, node.content)
    if node.tag & 0xDF in {OCTET_STRING, BIT_STRING, 0x0C}:
        return encode(node.tag & 0xDF, octets(node))
    parts = [der(child, depth + 1) for child in node.children]
    if node.tag == SET:
        parts.sort()
    return encode(node.tag, b"".join(parts))
