"""The commonest updates of a signed PDF, recognised without walking the whole document.

The general analysis must know every way an overridden object can be reached, and so reads every
object of the file. A further signature, a time-stamp or validation data override only objects
whose harmless change can be seen in themselves, whatever else refers to them: the catalog gains
/AcroForm or /DSS, the form gains fields, a page gains their widgets. Any other override, any
freed object, and any new object whose number the signed revision could already refer to (a
dangling reference filled later) is left to the general analysis.
"""

from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver

from monitor.verify.pdf_reader import freed, resolved, value_at, written

_Dict: TypeAlias = generic.DictionaryObject
_Ref: TypeAlias = generic.IndirectObject
_Numbers = generic.NumberObject | generic.FloatObject
_Texts = generic.TextStringObject | generic.ByteStringObject

_INVISIBLE = 0.001
"""Most that numbers differ when software writes them again (`595.32001`, `595.32`), in points."""
_FIELD_KEYS = frozenset({
    "/Type", "/Subtype", "/FT", "/T", "/F", "/P", "/Rect", "/V", "/AP", "/Lock", "/DA", "/MK",
    "/Ff", "/SV", "/DR", "/Border", "/BS", "/TU", "/TM", "/NM", "/M", "/H", "/Q",
})  # fmt: skip
_STORE_KEYS = frozenset({
    "/Type", "/VRI", "/Certs", "/CRLs", "/OCSPs", "/TU", "/TS", "/Cert", "/CRL", "/OCSP",
})  # fmt: skip
_INFO_KEYS = frozenset({
    "/Title", "/Author", "/Subject", "/Keywords", "/Creator", "/Producer", "/CreationDate",
    "/ModDate", "/Trapped",
})  # fmt: skip
_FORM_EXTRAS = frozenset({"/SigFlags", "/DA", "/DR"})
"""What a form may gain beside fields: flags, and defaults for appearances where it had none."""
_SHOWN = {
    "/Page": frozenset({"/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate"}),
    "/Pages": frozenset({"/Kids", "/Count", "/Resources", "/MediaBox", "/CropBox", "/Rotate"}),
}
"""Entries of pages that no later revision may change."""
_FORM_KEYS = frozenset({"/Fields", "/SigFlags", "/DR", "/DA", "/Type"})
_TRAILER_KEYS = frozenset({
    "/Size", "/Root", "/Info", "/ID", "/Prev", "/XRefStm", "/Encrypt", "/Type", "/Index", "/W",
    "/Length", "/Filter", "/DecodeParms", "/DocChecksum",
})  # fmt: skip


@dataclass(frozen=True)
class PlainUpdate:
    """A recognised update: the signature fields that are new since the signed revision."""

    new_fields: frozenset[tuple[int, int]]
    visible: bool
    metadata: int | None = None
    """Object number of replaced XMP metadata: harmless if only catalogs refer to it."""


def plain_update(old: HistoricalResolver, new: HistoricalResolver) -> PlainUpdate | None:
    """What an update added, or None where only the general analysis can tell."""
    return _Review(old, new).run()


class _Review:
    def __init__(self, old: HistoricalResolver, new: HistoricalResolver) -> None:
        self._old, self._new = old, new
        self._fields: set[tuple[int, int]] = set()
        self._visible = False
        self._metadata: int | None = None

    def run(self) -> PlainUpdate | None:
        if freed(self._new) or not self._same_trailer():
            return None
        known = (
            reference
            for reference in written(self._new)
            if not self._old.is_ref_unassignable(reference)
        )
        if not all(self._harmless(reference) for reference in known) or not self._listed():
            return None
        return PlainUpdate(frozenset(self._fields), self._visible, self._metadata)

    def _same_trailer(self) -> bool:
        trailer = self._new.reader.trailer
        before = trailer.flatten(self._old.revision)
        after = trailer.flatten(self._new.revision)
        same = all(_same(_raw(before, k), _raw(after, k)) for k in ("/Root", "/Info", "/Encrypt"))
        return same and after.keys() - before.keys() <= _TRAILER_KEYS

    def _harmless(self, reference: generic.Reference) -> bool:
        before, after = self._old(reference), self._new(reference)
        if isinstance(before, generic.ArrayObject) and isinstance(after, generic.ArrayObject):
            return self._gains_fields(before, after)
        if _metadata(before) and _metadata(after):
            return self._replaced_metadata(reference)
        return _plain(before) and _plain(after) and self._harmless_entries(reference, before, after)

    def _replaced_metadata(self, reference: generic.Reference) -> bool:
        """XMP metadata of the document, in the same object as before."""
        known = (_raw(self._old.root, "/Metadata"), _raw(self._new.root, "/Metadata"))
        self._metadata = reference.idnum
        return isinstance(known[0], _Ref) and known[0].reference == reference and _same(*known)

    def _harmless_entries(self, reference: generic.Reference, before: _Dict, after: _Dict) -> bool:
        form = _raw(self._old.root, "/AcroForm")
        if reference == self._old.root_ref:
            return self._catalog(before, after)
        if isinstance(form, _Ref) and form.reference == reference:
            return self._gains_in(before, after, "/Fields", _FORM_EXTRAS)
        if value_at(before, "/Type") == "/Page" and value_at(after, "/Type") == "/Page":
            return self._gains_in(before, after, "/Annots", frozenset())
        if self._described(reference, before, after) or _marked(before, after):
            return True
        stores = bool(before) and before.keys() | after.keys() <= _STORE_KEYS
        return stores or _same(before, after)

    def _described(self, reference: generic.Reference, before: _Dict, after: _Dict) -> bool:
        """The document information: text entries that no page shows."""
        info = _raw(self._old.trailer_view, "/Info")
        if not isinstance(info, _Ref) or info.reference != reference:
            return False
        if not before.keys() | after.keys() <= _INFO_KEYS:
            return False
        texts = _Texts | generic.NameObject
        return all(isinstance(_raw(item, k), texts) for item in (before, after) for k in item)

    def _catalog(self, before: _Dict, after: _Dict) -> bool:
        changed = _changed(before, after)
        if not changed <= {"/AcroForm", "/DSS", "/Version", "/Metadata", "/Extensions"}:
            return False
        if "/Extensions" in changed and not _plain(_raw(after, "/Extensions")):
            return False
        if "/Metadata" in changed and not self._new_metadata(after):
            return False
        if "/DSS" in changed:
            store = value_at(after, "/DSS")
            if not _plain(store) or not store.keys() <= _STORE_KEYS:
                return False
        return "/AcroForm" not in changed or self._form(before, after)

    def _new_metadata(self, after: _Dict) -> bool:
        """Metadata went, or came in an object that is new."""
        raw = _raw(after, "/Metadata")
        if raw is None:
            return True
        if not isinstance(raw, _Ref) or not self._old.is_ref_unassignable(raw.reference):
            return False
        return _metadata(self._new(raw.reference))

    def _form(self, before: _Dict, after: _Dict) -> bool:
        """The catalog's form is new, or a direct dictionary that gained fields."""
        first, second, form = (
            _raw(before, "/AcroForm"),
            _raw(after, "/AcroForm"),
            value_at(after, "/AcroForm"),
        )
        if not _plain(form):
            return False
        if first is None:
            fields = value_at(form, "/Fields")
            return form.keys() <= _FORM_KEYS and self._gains_fields((), fields)
        if isinstance(second, _Ref) or not _plain(first):
            return False
        return self._gains_in(first, form, "/Fields", _FORM_EXTRAS)

    def _gains_in(self, before: _Dict, after: _Dict, key: str, free: frozenset[str]) -> bool:
        """Nothing changed but one array that gained signature fields (and entries left free)."""
        changed = _changed(before, after)
        changed -= {name for name in free if name == "/SigFlags" or name not in before}
        if not changed:
            return True
        first = value_at(before, key) if key in before else ()
        return changed == {key} and self._gains_fields(first, value_at(after, key))

    def _gains_fields(self, before: object, after: object) -> bool:
        """The new array is the old one with new signature fields behind it."""
        if not isinstance(after, generic.ArrayObject):
            return False
        if not isinstance(before, generic.ArrayObject | tuple):
            return False
        first, second = _items(before), _items(after)
        if len(second) < len(first) or not all(map(_same, first, second)):
            return False
        return all(self._new_field(item) for item in second[len(first) :])

    def _new_field(self, item: object) -> bool:
        if not isinstance(item, _Ref) or not self._old.is_ref_unassignable(item.reference):
            return False
        field = self._new(item.reference)
        if not _plain(field) or not field.keys() <= _FIELD_KEYS:
            return False
        if value_at(field, "/FT") != "/Sig" or value_at(field, "/Subtype") not in {None, "/Widget"}:
            return False
        self._fields.add((item.idnum, item.generation))
        self._visible = self._visible or _has_area(field)
        return True

    def _listed(self) -> bool:
        """Every new widget is a field of the form too: nothing is drawn that is no field."""
        if not self._fields:
            return True
        form = value_at(self._new.root, "/AcroForm")
        listed = value_at(form, "/Fields") if _plain(form) else None
        if not isinstance(listed, generic.ArrayObject):
            return False
        known = {(i.idnum, i.generation) for i in _items(listed) if isinstance(i, _Ref)}
        return self._fields <= known


def _marked(before: _Dict, after: _Dict) -> bool:
    """IText marks the root of the page tree with its version; nothing displays it."""
    pages = value_at(before, "/Type") == "/Pages" and value_at(after, "/Type") == "/Pages"
    return pages and _changed(before, after) == {"/ITXT"} and "/ITXT" not in before


def plainly_forbidden(old: HistoricalResolver, new: HistoricalResolver) -> bool:
    """Does an update change what a page shows, which pages there are, or comment on one?

    No signature permits that here, so the general analysis need not be asked.
    """
    for reference in written(new):
        if old.is_ref_unassignable(reference):
            continue
        before, after = old(reference), new(reference)
        if _plain(before) and _plain(after):
            forbidden = _SHOWN.get(str(value_at(before, "/Type")))
            if forbidden and forbidden & _changed(before, after):
                return True
            if value_at(before, "/Type") == "/Page" and _commented(after, old):
                return True
    return False


def _commented(page: _Dict, old: HistoricalResolver) -> bool:
    """Does a page bear an annotation that is new and no widget of a field?"""
    listed = value_at(page, "/Annots")
    for item in _items(listed) if isinstance(listed, generic.ArrayObject) else ():
        if isinstance(item, _Ref) and old.is_ref_unassignable(item.reference):
            annotation = resolved(item)
            if _plain(annotation) and value_at(annotation, "/Subtype") != "/Widget":
                return True
    return False


def _plain(item: object) -> TypeGuard[_Dict]:
    """A dictionary that is no stream."""
    return isinstance(item, _Dict) and not isinstance(item, generic.StreamObject)


def _metadata(item: object) -> bool:
    """A stream of XMP metadata, by its own word."""
    return isinstance(item, generic.StreamObject) and (
        value_at(item, "/Type") == "/Metadata" and value_at(item, "/Subtype") == "/XML"
    )


def _raw(item: _Dict, key: str) -> object:
    try:
        return item.raw_get(key)
    except KeyError:
        return None


def _items(array: generic.ArrayObject | tuple[object, ...]) -> list[object]:
    if isinstance(array, generic.ArrayObject):
        return [array.raw_get(at) for at in range(len(array))]
    return list(array)


def _changed(before: _Dict, after: _Dict) -> set[str]:
    keys = before.keys() | after.keys()
    return {key for key in keys if not _same(_raw(before, key), _raw(after, key))}


def _same(first: object, second: object) -> bool:
    """Are two objects the same without following references?"""
    if isinstance(first, _Numbers) and isinstance(second, _Numbers):
        return abs(float(first) - float(second)) <= _INVISIBLE
    return type(first) is type(second) and _alike(first, second)


def _alike(first: object, second: object) -> bool:
    """The same of two objects of one type."""
    if isinstance(first, _Ref) and isinstance(second, _Ref):
        return (first.idnum, first.generation) == (second.idnum, second.generation)
    if isinstance(first, _Texts) and isinstance(second, _Texts):
        return bool(first.original_bytes == second.original_bytes)
    if isinstance(first, generic.ArrayObject) and isinstance(second, generic.ArrayObject):
        return len(first) == len(second) and all(map(_same, _items(first), _items(second)))
    if isinstance(first, _Dict) and isinstance(second, _Dict):
        return not _changed(first, second) and _data(first) == _data(second)
    return isinstance(first, generic.NullObject) or bool(first == second)


def _data(item: _Dict) -> bytes | None:
    return item.encoded_data if isinstance(item, generic.StreamObject) else None


def _has_area(widget: _Dict) -> bool:
    rectangle = value_at(widget, "/Rect")
    if not isinstance(rectangle, generic.ArrayObject):
        return False
    try:
        left, low, right, high = (float(str(side)) for side in rectangle)
    except ValueError:
        return True
    return bool((right - left) * (high - low))
