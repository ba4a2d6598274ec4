"""The commonest updates of a signed PDF, recognised without walking the whole document.

The general analysis must know every way an overridden object can be reached, and so reads every
object of the file. A further signature, a time-stamp or validation data override only objects
whose harmless change can be seen in themselves, whatever else refers to them: the catalog gains
/AcroForm or /DSS, the form gains fields, a page gains their widgets, the structure tree
their tags. Any other override, any freed object, and any new object whose number the signed
revision could already refer to (a dangling reference filled later) is left to the general analysis.
"""

from dataclasses import dataclass
from typing import TypeAlias

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver

from monitor.verify.pdf_objects import (
    Texts,
    changed_keys,
    is_same,
    items_of,
    plain_dictionary,
    raw_value,
)
from monitor.verify.pdf_reader import freed, resolved, value_at, written
from monitor.verify.pdf_structure_tree import StructureTree

_Dict: TypeAlias = generic.DictionaryObject
_Ref: TypeAlias = generic.IndirectObject

_FIELD_KEYS = frozenset({
    "/Type", "/Subtype", "/FT", "/T", "/F", "/P", "/Rect", "/V", "/AP", "/Lock", "/DA", "/MK",
    "/Ff", "/SV", "/DR", "/Border", "/BS", "/TU", "/TM", "/NM", "/M", "/H", "/Q", "/StructParent",
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
    """A recognised update."""

    names: frozenset[str]
    """The signature fields that came."""
    visible: bool
    """Among them is one with an area."""
    metadata: int | None = None
    """Object number of replaced XMP metadata: harmless if only catalogs refer to it."""
    spoken: bool = False
    """Readers for the blind say something more."""


def plain_update(old: HistoricalResolver, new: HistoricalResolver) -> PlainUpdate | None:
    """What an update added, or None where only the general analysis can tell."""
    return _Review(old, new).run()


class _Review:
    def __init__(self, old: HistoricalResolver, new: HistoricalResolver) -> None:
        self._old, self._new = old, new
        self._tree = StructureTree(old, new)
        self._fields: set[tuple[int, int]] = set()
        self._numbered: set[tuple[int, int]] = set()
        self._names: set[str] = set()
        self._visible = False
        self._metadata: int | None = None

    def run(self) -> PlainUpdate | None:
        if freed(self._new) or not self._same_trailer():
            return None
        rest = set()
        for reference in written(self._new):
            if not self._old.is_ref_unassignable(reference) and not self._harmless(reference):
                if not self._tree.may_hold(self._old(reference), self._new(reference)):
                    return None
                rest.add((reference.idnum, reference.generation))
        if not self._listed() or not self._tagged(rest):
            return None
        return PlainUpdate(frozenset(self._names), self._visible, self._metadata, self._tree.spoken)

    def _tagged(self, rest: set[tuple[int, int]]) -> bool:
        """Is all else what tagging the new fields changes in the structure tree?"""
        if "/StructTreeRoot" not in self._old.root or not (rest or self._numbered):
            return not rest
        return self._tree.tags(self._fields, rest) and self._numbered <= self._tree.tagged

    def _same_trailer(self) -> bool:
        trailer = self._new.reader.trailer
        before = trailer.flatten(self._old.revision)
        after = trailer.flatten(self._new.revision)
        same = all(
            is_same(raw_value(before, k), raw_value(after, k))
            for k in ("/Root", "/Info", "/Encrypt")
        )
        return same and after.keys() - before.keys() <= _TRAILER_KEYS

    def _harmless(self, reference: generic.Reference) -> bool:
        before, after = self._old(reference), self._new(reference)
        if isinstance(before, generic.ArrayObject) and isinstance(after, generic.ArrayObject):
            return self._gains_fields(before, after)
        if _metadata(before) and _metadata(after):
            return self._replaced_metadata(reference)
        return (
            plain_dictionary(before)
            and plain_dictionary(after)
            and self._harmless_entries(reference, before, after)
        )

    def _replaced_metadata(self, reference: generic.Reference) -> bool:
        """XMP metadata of the document, in the same object as before."""
        known = (raw_value(self._old.root, "/Metadata"), raw_value(self._new.root, "/Metadata"))
        self._metadata = reference.idnum
        return isinstance(known[0], _Ref) and known[0].reference == reference and is_same(*known)

    def _harmless_entries(self, reference: generic.Reference, before: _Dict, after: _Dict) -> bool:
        form = raw_value(self._old.root, "/AcroForm")
        if reference == self._old.root_ref:
            return self._catalog(before, after)
        if isinstance(form, _Ref) and form.reference == reference:
            return self._gains_in(before, after, "/Fields", _FORM_EXTRAS)
        if value_at(before, "/Type") == "/Page" and value_at(after, "/Type") == "/Page":
            return self._gains_in(before, after, "/Annots", frozenset())
        if self._described(reference, before, after) or _marked(before, after):
            return True
        stores = bool(before) and before.keys() | after.keys() <= _STORE_KEYS
        return stores or is_same(before, after)

    def _described(self, reference: generic.Reference, before: _Dict, after: _Dict) -> bool:
        """The document information: text entries that no page shows."""
        info = raw_value(self._old.trailer_view, "/Info")
        if not isinstance(info, _Ref) or info.reference != reference:
            return False
        if not before.keys() | after.keys() <= _INFO_KEYS:
            return False
        texts = Texts | generic.NameObject
        return all(isinstance(raw_value(item, k), texts) for item in (before, after) for k in item)

    def _catalog(self, before: _Dict, after: _Dict) -> bool:
        changed = changed_keys(before, after)
        if not changed <= {"/AcroForm", "/DSS", "/Version", "/Metadata", "/Extensions"}:
            return False
        if "/Extensions" in changed and not plain_dictionary(raw_value(after, "/Extensions")):
            return False
        if "/Metadata" in changed and not self._new_metadata(after):
            return False
        if "/DSS" in changed:
            store = value_at(after, "/DSS")
            if not plain_dictionary(store) or not store.keys() <= _STORE_KEYS:
                return False
        return "/AcroForm" not in changed or self._form(before, after)

    def _new_metadata(self, after: _Dict) -> bool:
        """Metadata went, or came in an object that is new."""
        raw = raw_value(after, "/Metadata")
        if raw is None:
            return True
        if not isinstance(raw, _Ref) or not self._old.is_ref_unassignable(raw.reference):
            return False
        return _metadata(self._new(raw.reference))

    def _form(self, before: _Dict, after: _Dict) -> bool:
        """The catalog's form is new, or a direct dictionary that gained fields."""
        first, second, form = (
            raw_value(before, "/AcroForm"),
            raw_value(after, "/AcroForm"),
            value_at(after, "/AcroForm"),
        )
        if not plain_dictionary(form):
            return False
        if first is None:
            fields = value_at(form, "/Fields")
            return form.keys() <= _FORM_KEYS and self._gains_fields((), fields)
        if isinstance(second, _Ref) or not plain_dictionary(first):
            return False
        return self._gains_in(first, form, "/Fields", _FORM_EXTRAS)

    def _gains_in(self, before: _Dict, after: _Dict, key: str, free: frozenset[str]) -> bool:
        """Nothing changed but one array that gained signature fields (and entries left free)."""
        changed = changed_keys(before, after)
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
        first, second = items_of(before), items_of(after)
        if len(second) < len(first) or not all(map(is_same, first, second)):
            return False
        return all(self._new_field(item) for item in second[len(first) :])

    def _new_field(self, item: object) -> bool:
        if not isinstance(item, _Ref) or not self._old.is_ref_unassignable(item.reference):
            return False
        field = self._new(item.reference)
        if not plain_dictionary(field) or not field.keys() <= _FIELD_KEYS:
            return False
        if value_at(field, "/FT") != "/Sig" or value_at(field, "/Subtype") not in {None, "/Widget"}:
            return False
        self._fields.add((item.idnum, item.generation))
        self._names.add(str(value_at(field, "/T")))
        self._visible = self._visible or _has_area(field)
        if "/StructParent" in field:
            self._numbered.add((item.idnum, item.generation))
        return True

    def _listed(self) -> bool:
        """Every new widget is a field of the form too: nothing is drawn that is no field."""
        if not self._fields:
            return True
        form = value_at(self._new.root, "/AcroForm")
        listed = value_at(form, "/Fields") if plain_dictionary(form) else None
        if not isinstance(listed, generic.ArrayObject):
            return False
        known = {(i.idnum, i.generation) for i in items_of(listed) if isinstance(i, _Ref)}
        return self._fields <= known


def _marked(before: _Dict, after: _Dict) -> bool:
    """IText marks the root of the page tree with its version; nothing displays it."""
    pages = value_at(before, "/Type") == "/Pages" and value_at(after, "/Type") == "/Pages"
    return pages and changed_keys(before, after) == {"/ITXT"} and "/ITXT" not in before


def plainly_forbidden(old: HistoricalResolver, new: HistoricalResolver) -> bool:
    """Does an update change what a page shows, which pages there are, or comment on one?

    No signature permits that here, so the general analysis need not be asked.
    """
    for reference in written(new):
        if old.is_ref_unassignable(reference):
            continue
        before, after = old(reference), new(reference)
        if plain_dictionary(before) and plain_dictionary(after):
            forbidden = _SHOWN.get(str(value_at(before, "/Type")))
            if forbidden and forbidden & changed_keys(before, after):
                return True
            if value_at(before, "/Type") == "/Page" and _commented(after, old):
                return True
    return False


def _commented(page: _Dict, old: HistoricalResolver) -> bool:
    """Does a page bear an annotation that is new and no widget of a field?"""
    listed = value_at(page, "/Annots")
    for item in items_of(listed) if isinstance(listed, generic.ArrayObject) else ():
        if isinstance(item, _Ref) and old.is_ref_unassignable(item.reference):
            annotation = resolved(item)
            if plain_dictionary(annotation) and value_at(annotation, "/Subtype") != "/Widget":
                return True
    return False


def _metadata(item: object) -> bool:
    """A stream of XMP metadata, by its own word."""
    return isinstance(item, generic.StreamObject) and (
        value_at(item, "/Type") == "/Metadata" and value_at(item, "/Subtype") == "/XML"
    )


def _has_area(widget: _Dict) -> bool:
    rectangle = value_at(widget, "/Rect")
    if not isinstance(rectangle, generic.ArrayObject):
        return False
    try:
        left, low, right, high = (float(str(side)) for side in rectangle)
    except ValueError:
        return True
    return bool((right - left) * (high - low))
