"""PDF objects of two revisions compared, without following references (ISO 32000-1 7.3)."""

from typing import TypeAlias, TypeGuard

from pyhanko.pdf_utils import generic

_Dict: TypeAlias = generic.DictionaryObject
_Ref: TypeAlias = generic.IndirectObject
_Numbers = generic.NumberObject | generic.FloatObject
Texts = generic.TextStringObject | generic.ByteStringObject
"""Strings, however they are written."""

_INVISIBLE = 0.001
"""Most that numbers differ when software writes them again (`595.32001`, `595.32`), in points."""


def plain_dictionary(item: object) -> TypeGuard[_Dict]:
    """A dictionary that is no stream."""
    return isinstance(item, _Dict) and not isinstance(item, generic.StreamObject)


def raw_value(item: _Dict, key: str) -> object:
    try:
        return item.raw_get(key)
    except KeyError:
        return None


def items_of(array: generic.ArrayObject | tuple[object, ...]) -> list[object]:
    if isinstance(array, generic.ArrayObject):
        return [array.raw_get(at) for at in range(len(array))]
    return list(array)


def changed_keys(before: _Dict, after: _Dict) -> set[str]:
    keys = before.keys() | after.keys()
    return {key for key in keys if not is_same(raw_value(before, key), raw_value(after, key))}


def is_same(first: object, second: object) -> bool:
    """Are two objects the same without following references?"""
    if isinstance(first, _Numbers) and isinstance(second, _Numbers):
        return abs(float(first) - float(second)) <= _INVISIBLE
    return type(first) is type(second) and _alike(first, second)


def _alike(first: object, second: object) -> bool:
    """The same of two objects of one type."""
    if isinstance(first, _Ref) and isinstance(second, _Ref):
        return (first.idnum, first.generation) == (second.idnum, second.generation)
    if isinstance(first, Texts) and isinstance(second, Texts):
        return bool(first.original_bytes == second.original_bytes)
    if isinstance(first, generic.ArrayObject) and isinstance(second, generic.ArrayObject):
        return len(first) == len(second) and all(map(is_same, items_of(first), items_of(second)))
    if isinstance(first, _Dict) and isinstance(second, _Dict):
        return not changed_keys(first, second) and _data(first) == _data(second)
    return isinstance(first, generic.NullObject) or bool(first == second)


def _data(item: _Dict) -> bytes | None:
    return item.encoded_data if isinstance(item, generic.StreamObject) else None
