"""What tagging the field of a further signature adds to a PDF's structure tree (14.7).

Software that signs a tagged document tags its new field: the tree gains an element that holds
nothing but a reference to that field's widget, and the parent tree gains the entry that leads from
the widget back to the element. Everything that was there stays as it was, in its order. A reader
for the blind speaks the tree, so nothing else is permitted: no element that is not such a one, no
text in it but a description, and that only where a later signature covers it.
"""

from collections.abc import Collection
from typing import TypeAlias

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver

from monitor.verify.pdf_objects import (
    changed_keys,
    is_same,
    items_of,
    plain_dictionary,
    raw_value,
)
from monitor.verify.pdf_reader import value_at

_Dict: TypeAlias = generic.DictionaryObject
_Ref: TypeAlias = generic.IndirectObject
_Key: TypeAlias = tuple[int, int]

_GROWING = frozenset({"/K", "/ParentTree", "/ParentTreeNextKey"})
_NODE_KEYS = frozenset({"/Nums", "/Kids", "/Limits"})
_ELEMENT_KEYS = frozenset({"/Type", "/S", "/P", "/K", "/Pg", "/NS", "/Alt"})
_PARENT_KEYS = _ELEMENT_KEYS | {
    "/ID", "/Ref", "/A", "/C", "/R", "/T", "/Lang", "/E", "/ActualText", "/AF",
}  # fmt: skip
_ROLES = frozenset({"/Form", "/Annot"})
_MAX_ENTRIES, _MAX_DEPTH = 50_000, 50


class _Otherwise(Exception):
    """The tree changed in another way, or is larger than is looked at."""


class StructureTree:
    """The structure tree of two revisions, and what the later one added for new fields."""

    def __init__(self, old: HistoricalResolver, new: HistoricalResolver) -> None:
        self._old, self._new = old, new
        self._root = raw_value(old.root, "/StructTreeRoot")
        self.tagged: frozenset[_Key] = frozenset()
        """The fields that were tagged."""
        self.spoken = False
        """Does what was added give readers for the blind something to say?"""

    def may_hold(self, before: object, after: object) -> bool:
        """Could the change of an object be one of the tree? (A quick look.)"""
        if not isinstance(self._root, _Ref):
            return False
        if isinstance(before, generic.ArrayObject):
            return isinstance(after, generic.ArrayObject)
        if not plain_dictionary(before) or not plain_dictionary(after):
            return False
        return changed_keys(before, after) <= _GROWING | _NODE_KEYS

    def tags(self, fields: Collection[_Key], overridden: Collection[_Key]) -> bool:
        """Did the tree gain elements of new fields, all of which are given, and nothing else?

        `overridden` are the objects whose change this has to explain.
        """
        try:
            return frozenset(overridden) <= self._explained(frozenset(fields))
        except _Otherwise:
            return False

    def _explained(self, fields: frozenset[_Key]) -> set[_Key]:
        root = self._root
        if not isinstance(root, _Ref) or not is_same(root, raw_value(self._new.root, _TREE)):
            raise _Otherwise
        before, after = self._both(root)
        _require(changed_keys(before, after) <= _GROWING)
        self._next_key(before, after)
        explained = {_key(root)}
        gained = self._entries_gained(before, after, explained)
        elements = {_key(element): self._element(at, element, fields)
                    for at, element in gained.items()}  # fmt: skip
        _require(0 < len(elements) == len(gained))
        self._hung_up(root, elements, explained)
        return explained

    def _both(self, reference: _Ref) -> tuple[_Dict, _Dict]:
        before, after = self._old(reference.reference), self._new(reference.reference)
        if not plain_dictionary(before) or not plain_dictionary(after):
            raise _Otherwise
        return before, after

    # -- the parent tree ---------------------------------------------------------------------------

    def _next_key(self, before: _Dict, after: _Dict) -> None:
        first, second = (value_at(item, "/ParentTreeNextKey") for item in (before, after))
        if second is not None or first is not None:
            _require(isinstance(second, int) and (first is None or _number(first) <= second))

    def _entries_gained(self, before: _Dict, after: _Dict, explained: set[_Key]) -> dict[int, _Ref]:
        """The entries that are new; all others must be the same."""
        was = _NumberTree(self._old, raw_value(before, "/ParentTree"))
        tree = _NumberTree(self._new, raw_value(after, "/ParentTree"))
        first, second = was.entries, tree.entries
        _require(first.keys() <= second.keys())
        for number, value in first.items():
            self._entry_kept(value, second[number])
        for key, reference in tree.nodes.items():
            if key in was.nodes:
                self._node_grew(reference)
                explained.add(key)
            else:
                _fresh(reference, self._old)
        return {n: _fresh(value, self._old) for n, value in second.items() if n not in first}

    def _node_grew(self, reference: _Ref) -> None:
        """A node, or its array, that is changed where it stands loses and moves nothing."""
        before, after = self._old(reference.reference), self._new(reference.reference)
        if isinstance(before, generic.ArrayObject):
            _gained(before, after)
            return
        _require(plain_dictionary(before) and plain_dictionary(after))
        for key in changed_keys(before, after) - {"/Limits"}:
            _gained(raw_value(before, key), raw_value(after, key))

    def _entry_kept(self, before: object, after: object) -> None:
        """The same element, or the same elements of a page in an array written anew."""
        if is_same(before, after):
            return
        first, second = _found(self._old, before), _found(self._new, after)
        _require(isinstance(first, generic.ArrayObject) and is_same(first, second))
        if isinstance(after, _Ref):
            _fresh(after, self._old)

    # -- the elements ------------------------------------------------------------------------------

    def _element(self, number: int, reference: _Ref, fields: frozenset[_Key]) -> _Ref:
        """The parent of a new element that holds one new field, which leads back to it."""
        element = self._new(reference.reference)
        if not plain_dictionary(element) or not element.keys() <= _ELEMENT_KEYS:
            raise _Otherwise
        _require(value_at(element, "/Type") in {None, "/StructElem"})
        _require(value_at(element, "/S") in _ROLES)
        widget = self._widget(element)
        _require(_key(widget) in fields)
        self.tagged |= {_key(widget)}
        field = self._new(widget.reference)
        _require(plain_dictionary(field) and value_at(field, "/StructParent") == number)
        self._on_page(element)
        self.spoken = self.spoken or "/Alt" in element or "/TU" in field
        parent = raw_value(element, "/P")
        if not isinstance(parent, _Ref) or self._old.is_ref_unassignable(parent.reference):
            raise _Otherwise
        if "/NS" in element:
            above = self._old(parent.reference)
            _require(is_same(raw_value(element, "/NS"), raw_value(above, "/NS")))
        return parent

    def _widget(self, element: _Dict) -> _Ref:
        """What the element's only child, an object reference, refers to (14.7.5.3)."""
        held = _found(self._new, raw_value(element, "/K"))
        if isinstance(held, generic.ArrayObject):
            _require(len(held) == 1)
            held = _found(self._new, items_of(held)[0])
        if not plain_dictionary(held) or value_at(held, "/Type") != "/OBJR":
            raise _Otherwise
        _require(held.keys() <= {"/Type", "/Obj", "/Pg"})
        self._on_page(held)
        widget = raw_value(held, "/Obj")
        if not isinstance(widget, _Ref):
            raise _Otherwise
        return widget

    def _on_page(self, item: _Dict) -> None:
        """/Pg, where it is there, is a page of the signed document."""
        page = raw_value(item, "/Pg")
        if page is not None:
            found = _found(self._old, page)
            _require(plain_dictionary(found) and value_at(found, "/Type") == "/Page")

    def _hung_up(self, root: _Ref, elements: dict[_Key, _Ref], explained: set[_Key]) -> None:
        """Each new element is the child of the parent it names, behind all older ones."""
        by_parent: dict[_Key, set[_Key]] = {}
        for element, parent in elements.items():
            by_parent.setdefault(_key(parent), set()).add(element)
        for parent in {_key(p): p for p in elements.values()}.values():
            if _key(parent) != _key(root):
                self._belongs(parent, root)
                before, after = self._both(parent)
                _require(changed_keys(before, after) <= {"/K"})
            explained.add(_key(parent))
            gained = self._children_gained(parent, explained)
            _require(len(gained) == len(set(gained)) and set(gained) == by_parent[_key(parent)])
        if _key(root) not in by_parent:
            before, after = self._both(root)
            _require(is_same(raw_value(before, "/K"), raw_value(after, "/K")))

    def _belongs(self, element: _Ref, root: _Ref) -> None:
        """Is it an element that was in the tree when it was signed?"""
        at = element
        for _ in range(_MAX_DEPTH):
            item = self._old(at.reference)
            if not plain_dictionary(item) or not item.keys() <= _PARENT_KEYS:
                raise _Otherwise
            _require(value_at(item, "/Type") in {None, "/StructElem"} and "/S" in item)
            parent = raw_value(item, "/P")
            if not isinstance(parent, _Ref):
                raise _Otherwise
            if _key(parent) == _key(root):
                return
            at = parent
        raise _Otherwise

    def _children_gained(self, parent: _Ref, explained: set[_Key]) -> list[_Key]:
        before, after = (raw_value(item, "/K") for item in self._both(parent))
        first, second = _children(self._old, before), _children(self._new, after)
        if isinstance(after, _Ref) and is_same(before, after):
            _require(isinstance(_found(self._old, before), generic.ArrayObject))
            explained.add(_key(after))  # an array of its own, changed where it stands
        elif isinstance(after, _Ref):
            _fresh(after, self._old)
        return [_key(_fresh(item, self._old)) for item in _gained(first, second)]


_TREE = "/StructTreeRoot"


class _NumberTree:
    """The entries of a number tree (7.9.7), and the objects it consists of."""

    def __init__(self, view: HistoricalResolver, root: object) -> None:
        self._view = view
        self.entries: dict[int, object] = {}
        self.nodes: dict[_Key, _Ref] = {}
        self._numbers: list[int] = []
        if root is not None:
            self._collect(root, _MAX_DEPTH)

    def _collect(self, item: object, depth: int) -> None:
        """The entries below a node: ascending and within /Limits, or readers would miss some."""
        node = self._met(item)
        if not plain_dictionary(node) or not node.keys() <= _NODE_KEYS:
            raise _Otherwise
        first = len(self._numbers)
        for kid in self._array(node, "/Kids"):
            _require(depth > 0)
            self._collect(kid, depth - 1)
        pairs = self._array(node, "/Nums")
        _require(len(pairs) % 2 == 0 and len(pairs) + len(self._numbers) < _MAX_ENTRIES)
        for number, value in zip(pairs[::2], pairs[1::2], strict=True):
            _require(not self._numbers or _number(number) > self._numbers[-1])
            self._numbers.append(_number(number))
            self.entries[self._numbers[-1]] = value
        if "/Limits" in node:
            held = self._numbers[first:]
            _require(bool(held) and self._array(node, "/Limits") == [held[0], held[-1]])

    def _met(self, item: object) -> object:
        """A part of the tree, each object once."""
        if isinstance(item, _Ref):
            _require(_key(item) not in self.nodes and len(self.nodes) < _MAX_ENTRIES)
            self.nodes[_key(item)] = item
        return _found(self._view, item)

    def _array(self, node: _Dict, key: str) -> list[object]:
        raw = raw_value(node, key)
        if raw is None:
            return []
        array = self._met(raw)
        if not isinstance(array, generic.ArrayObject):
            raise _Otherwise
        return items_of(array)


def _gained(before: object, after: object) -> list[object]:
    """What an array has behind all that it had before."""
    first, second = (
        items_of(item) if isinstance(item, generic.ArrayObject) else item
        for item in (before, after)
    )
    if not isinstance(first, list) or not isinstance(second, list):
        raise _Otherwise
    _require(len(first) <= len(second) and all(map(is_same, first, second)))
    return second[len(first) :]


def _children(view: HistoricalResolver, kids: object) -> list[object]:
    """/K as a list: it may be missing, one child, or an array (table 323)."""
    if kids is None:
        return []
    found = _found(view, kids)
    return items_of(found) if isinstance(found, generic.ArrayObject) else [kids]


def _found(view: HistoricalResolver, item: object) -> object:
    """What a reference leads to in one revision; anything else as it is."""
    return view(item.reference) if isinstance(item, _Ref) else item


def _fresh(item: object, old: HistoricalResolver) -> _Ref:
    """A reference to an object that is new."""
    if not isinstance(item, _Ref) or not old.is_ref_unassignable(item.reference):
        raise _Otherwise
    return item


def _key(item: _Ref) -> _Key:
    return item.idnum, item.generation


def _number(item: object) -> int:
    if not isinstance(item, int):
        raise _Otherwise
    return int(item)


def _require(holds: bool) -> None:
    if not holds:
        raise _Otherwise
