"""The fields of an edXML message by the block they stand in, whatever producers make of its tree.

Name spaces and prefixes are not looked at: QCVN 102:2016 has one, the flat variant of document
systems another, some have none. Nor are the levels between: where a tag is not closed, everything
behind it lies inside, so a field belongs to the nearest block around it that knows such a field.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from monitor.verify.edxml import name_of
from monitor.verify.xml_tree import Element, Tree, is_element, text_of

MAX_ELEMENTS = 500_000
"""Elements that are looked at; a message with 5000 receivers has some 50,000."""
MAX_LISTED = 5000
"""Receivers and files; of other blocks fewer."""
MAX_BLOCKS = 200
MAX_VALUES = 100
"""Values of one field in one block."""
_MAX_CLIMB = 50
"""Open blocks around a field that are looked at; with more unclosed tags it is the message's."""
_MAX_FIELD = 16 * 1024
"""Characters of a field that are looked at."""

_ORGAN = frozenset({"organid", "organname", "organizationincharge"})
_BUSINESS = frozenset({"documentid", "bussinessdoctype", "businessdoctype", "paper", "organid"})
_FIELDS: Mapping[str, frozenset[str]] = {
    "from": _ORGAN,
    "to": _ORGAN,
    "responsefor": frozenset(
        {"organid", "documentid", "code", "codenumber", "codenotation", "promulgationdate"}
    ),
    "code": frozenset({"codenumber", "codenotation"}),
    "promulgationinfo": frozenset({"promulgationdate"}),
    "documenttype": frozenset({"typename"}),
    "signerinfo": frozenset({"competence", "position", "fullname", "signer"}),
    "traceheader": frozenset({"organid", "timestamp", "time"}),
    "bussiness": _BUSINESS,
    "business": _BUSINESS,
    "replacementinfo": frozenset({"documentid", "organid"}),
    "reference": frozenset({"contentid", "attachmentname", "filename", "description"}),
}
_OF_MESSAGE = frozenset({
    "documentid", "subject", "duedate", "statuscode", "timestamp", "code", "codenumber",
    "codenotation", "promulgationdate", "documenttype", "typename", "appendix", "bussinessdoctype",
    "businessdoctype", "paper",
})  # fmt: skip
_LEFT_OUT = frozenset({
    "attachment", "signature",
    "staffinfo",  # people: nobody's business
    "toplaces", "organidlist", "receiverlist",  # would be taken for senders and receivers
})  # fmt: skip
_MANY = frozenset({"to", "reference"})


@dataclass(slots=True)
class Block:
    """One block of a message, or the message itself, whose name is empty."""

    name: str
    parent: "Block | None" = None
    fields: dict[str, list[str]] = field(default_factory=dict)

    def knows(self, name: str) -> bool:
        return name in _FIELDS.get(self.name, _OF_MESSAGE)

    def all(self, *names: str) -> list[str]:
        return [text for name in names for text in self.fields.get(name, ())]

    def one(self, *names: str) -> str:
        """The first value that is not blank; empty if there is none."""
        return next(iter(self.all(*names)), "")


@dataclass(slots=True)
class Message:
    """All that is looked at of one message."""

    root: Block = field(default_factory=lambda: Block(""))
    blocks: list[Block] = field(default_factory=list)
    headers: int = 0
    """How many headers it has; only the first is read."""
    cut: bool = False
    """Past a limit: the rest was not looked at."""

    def named(self, *names: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.name in names)

    def within(self, block: Block, name: str) -> Block | None:
        """The first block of a name directly in another one."""
        return next((b for b in self.blocks if b.name == name and b.parent is block), None)


def read_blocks(tree: Tree) -> Message:
    """One walk through a tree: no recursion, bounded in elements, blocks and values."""
    reading = _Reading()
    walk = etree.iterwalk(tree, events=("start", "end"))
    for count, (event, element) in enumerate(walk):
        if count >= 2 * MAX_ELEMENTS:
            reading.message.cut = True
            break
        if event == "end":
            reading.end(element)
        elif not reading.start(element):
            walk.skip_subtree()
    return reading.message


class _Reading:
    """The walk's state: the innermost open block, and the elements that opened one."""

    def __init__(self) -> None:
        self.message = Message()
        self._inner = self.message.root
        self._openers: list[Element] = []
        self._opened: Counter[str] = Counter()

    def start(self, element: Element) -> bool:
        """Take an element; whether to look into it."""
        name = name_of(element).lower()
        if name in _LEFT_OUT:
            return False
        if name == "messageheader":
            self.message.headers += 1
            return self.message.headers == 1
        leaf = not any(map(is_element, element))
        if name in _FIELDS and not (leaf and self._holder(name)):
            return self._open(name, element)
        if leaf and (holder := self._holder(name)):
            self._add(holder, name, element)
        return True

    def end(self, element: Element) -> None:
        if self._openers and self._openers[-1] is element:
            self._openers.pop()
            self._inner = self._inner.parent or self.message.root

    def _open(self, name: str, element: Element) -> bool:
        self._opened[name] += 1
        if self._opened[name] > (MAX_LISTED if name in _MANY else MAX_BLOCKS):
            self.message.cut = True
            return False
        self._inner = Block(name, self._inner)
        self.message.blocks.append(self._inner)
        self._openers.append(element)
        return True

    def _holder(self, name: str) -> Block | None:
        """The nearest block around that knows such a field."""
        block: Block | None = self._inner
        for _ in range(_MAX_CLIMB):
            if block is None or block.knows(name):
                return block
            block = None if block.name == "reference" else block.parent
        return self.message.root if self.message.root.knows(name) else None

    def _add(self, block: Block, name: str, element: Element) -> None:
        text = text_of(element)[:_MAX_FIELD].strip()
        if not text:
            return
        values = block.fields.setdefault(name, [])
        if len(values) < (MAX_LISTED if block.name in _MANY else MAX_VALUES):
            values.append(text)
        else:
            self.message.cut = True
