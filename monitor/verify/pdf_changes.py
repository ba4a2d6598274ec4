"""What was changed in a PDF after a signature (ISO 32000-1 12.8.2.2), object by object.

pyHanko's difference analysis reviews every later revision against the signed one. What is decided
here and why stands in docs/decisions/0005-verdicts.md:

- further signature fields after a certification with P=2 are accepted as "certified, signed later";
- values filled into a form after the last signature were signed by nobody;
- a new visible signature field without a signature is no signature but something drawn on a page.
"""

import functools
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader, RawPdfPath
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    ModificationLevel,
    StandardDiffPolicy,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.form_rules_api import FormUpdatingRule
from pyhanko.sign.diff_analysis.rules.form_field_rules import (
    GenericFieldModificationRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
)
from pyhanko.sign.diff_analysis.rules_api import Context, ReferenceUpdate, WhitelistRule
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from monitor.verify.pdf_layout import Layout
from monitor.verify.pdf_plain_update import PlainUpdate, plain_update, plainly_forbidden
from monitor.verify.pdf_raw import Fit, Range
from monitor.verify.pdf_reader import READ_ERRORS, Field, object_count, resolved, value_at, written
from monitor.verify.pdf_references import References

MAX_WALKED, MAX_COMPARED, MAX_REVISIONS = 40_000, 300_000, 200
"""Objects that the analyses of one file read and compare together, and revisions it may have."""

_STARTXREF = re.compile(rb"startxref\s+(\d+)")
_STYLE = ("/NeedAppearances", "/DR", "/DA", "/Q")
"""Entries of a form by which readers draw its values anew (ISO 32000-1 12.7.2)."""


class PageTreeMark(WhitelistRule):
    """iText marks the root of the page tree with its version; nothing displays it."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        before, after = old.root.raw_get("/Pages"), new.root.raw_get("/Pages")
        if before != after or not isinstance(before, generic.IndirectObject):
            return
        first, second = old(before.reference), new(after.reference)
        changed = {k for k in second if k not in first or first.raw_get(k) != second.raw_get(k)}
        if changed == {"/ITXT"} and not first.keys() - second.keys():
            place = Context.from_absolute(old, RawPdfPath("/Root", "/Pages"))
            yield ReferenceUpdate(before.reference, context_checked=place)


_RULES = [
    *DEFAULT_DIFF_POLICY.global_rules,
    PageTreeMark().as_qualified(ModificationLevel.LTA_UPDATES),
]
_STRICT = StandardDiffPolicy(global_rules=_RULES, form_rule=DEFAULT_DIFF_POLICY.form_rule)
_SIGNING_ALLOWED = StandardDiffPolicy(
    global_rules=_RULES,
    form_rule=FormUpdatingRule(
        field_rules=[
            SigFieldCreationRule(  # type: ignore[no-untyped-call]  # pyHanko has no hint here
                allow_new_visible_after_certify=True
            ),
            SigFieldModificationRule(),
            GenericFieldModificationRule(),
        ]
    ),
)


class Change(Enum):
    """The outcome for one signature."""

    NONE = "none"
    """Nothing follows the signed bytes."""
    EXTENDED = "extended"
    """Only what a signature permits: further signatures, time-stamps, validation data."""
    SIGNED_LATER = "signed later"
    """Certified, then further signature fields were added and signed."""
    FILLED = "filled"
    """Form values that the certification permits but that no signature covers."""
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"
    """The file's history could not be read."""
    LIMIT = "limit"


@dataclass(frozen=True)
class Permissions:
    """What a signature allows to be changed after it."""

    certification: MDPPerm | None = None
    fields: FieldMDPSpec | None = None


def permissions(signature: generic.DictionaryObject, *, locks: bool = False) -> Permissions:
    """DocMDP and FieldMDP of a signature's /Reference; one that cannot be read forbids all.

    `locks` says that the field's own /Lock permits no change.
    """
    found = _referenced(signature)
    return Permissions(MDPPerm.NO_CHANGES, found.fields) if locks else found


def _referenced(signature: generic.DictionaryObject) -> Permissions:
    certification = fields = None
    if "/Reference" not in signature:
        return Permissions()
    try:
        for item in signature["/Reference"]:
            reference = resolved(item)
            if not isinstance(reference, generic.DictionaryObject):
                return Permissions(MDPPerm.NO_CHANGES)
            method, parameters = (
                reference["/TransformMethod"],
                value_at(reference, "/TransformParams"),
            )
            if method == "/DocMDP":
                certification = _level(parameters)
            elif method == "/FieldMDP":
                fields = FieldMDPSpec.from_pdf_object(parameters)
    except READ_ERRORS:
        return Permissions(MDPPerm.NO_CHANGES)
    return Permissions(certification, fields)


def _level(parameters: object) -> MDPPerm:
    """/P of the transform parameters, 2 where it is missing (ISO 32000-1 table 254)."""
    if not isinstance(parameters, generic.DictionaryObject):
        return MDPPerm.FILL_FORMS
    level = value_at(parameters, "/P")
    return MDPPerm.FILL_FORMS if level is None else MDPPerm(level)


def signed_revision(reader: PdfFileReader, data: bytes, covered: Range) -> int | None:
    """The last revision that lies wholly in the signed bytes; None where they end elsewhere.

    The signed bytes must end with that revision's own `startxref`.
    """
    found = -1
    for revision in range(reader.xrefs.total_revisions):
        if reader.xrefs.get_xref_container_info(revision).end_location > covered.end:
            break
        found = revision
    pointers = _STARTXREF.findall(data[max(covered.gap_end, covered.end - 2048) : covered.end])
    if found < 0 or not pointers:
        return None
    expected = reader.xrefs.get_startxref_for_revision(found)
    return found if int(pointers[-1]) == expected else None


class History:
    """The revisions of one file and the signature fields in it.

    Each revision is compared with the one before it once, for all signatures together; only what
    that cannot settle is compared with each signed revision.
    """

    def __init__(self, reader: PdfFileReader, data: bytes, fields: Sequence[Field]) -> None:
        self._reader, self._data, self._fields = reader, data, fields
        self._objects = object_count(reader)
        self._layout = Layout(reader, data)
        self._references = References(reader, data)
        self._steps: dict[int, PlainUpdate | None] = {}
        self._walked: set[int] = set()
        self._compared = 0
        self._signed_to = -1
        self._stamps: set[str] = set()
        self._counted: set[object] = set()

    def note_timestamp(self, field: Field) -> None:
        """An intact document time-stamp fills this field."""
        if not field.visible:
            self._stamps.add(field.name)

    def note_signed(self, field: Field, revision: int) -> None:
        """An intact signature in this field covers everything up to this revision."""
        self._signed_to = max(self._signed_to, revision)
        self._counted.add(_key(field))

    def _covered(self, revision: int) -> bool:
        return revision <= self._signed_to

    def changes(self, covered: Range, revision: int | None, allowed: Permissions) -> Change:
        """What happened after a signature whose signed bytes end with a revision."""
        if covered.fit is Fit.WHOLE:
            return Change.NONE
        if revision is None or self._drawn_over(revision):
            return Change.FORBIDDEN
        if self._reader.xrefs.total_revisions > MAX_REVISIONS:
            return Change.LIMIT
        try:
            sound = self._layout.sound(revision, covered.end)
            return self._review(revision, allowed) if sound else Change.FORBIDDEN
        except SuspiciousModification:
            return Change.FORBIDDEN
        except READ_ERRORS:
            return Change.UNKNOWN

    def _drawn_over(self, revision: int) -> bool:
        """A visible field that came or was filled later and that no later signature covers.

        An empty one, one with a document time-stamp, or one that shows a signature which another
        field made, only draws something on a page.
        """
        return any(
            self._drawn_by(field, revision) for field in self._fields if field.visible or field.odd
        )

    def _drawn_by(self, field: Field, revision: int) -> bool:
        if field.introduced is None:
            shown = [other for other in self._fields if _key(other) == _key(field)]
            return _key(field) not in self._counted or len(shown) > 1
        changed = max(field.introduced, field.revision or 0)
        return changed > revision and (field.odd or not self._covered(changed))

    def _review(self, revision: int, allowed: Permissions) -> Change:
        outcome = Change.EXTENDED
        for later in range(revision + 1, self._reader.xrefs.total_revisions):
            step = self._plain(later, allowed)
            if step is None:
                old = self._reader.get_historical_resolver(revision)
                step = self._analysed(old, self._reader.get_historical_resolver(later), allowed)
            if step in {Change.FORBIDDEN, Change.FILLED, Change.LIMIT}:
                return step
            outcome = Change.SIGNED_LATER if step is Change.SIGNED_LATER else outcome
        return outcome

    def _plain(self, revision: int, allowed: Permissions) -> Change | None:
        """The quick answer for the commonest updates; None leaves it to the analysis."""
        if revision not in self._steps:
            self._steps[revision] = self._step(revision)
        update = self._steps[revision]
        return None if update is None else self._permitted(revision, update, allowed)

    def _permitted(self, revision: int, update: PlainUpdate, allowed: Permissions) -> Change | None:
        if update.spoken and not self._covered(revision):
            return Change.FORBIDDEN
        if allowed.fields is not None and any(map(allowed.fields.is_locked, update.names)):
            return None
        if not update.names or allowed.certification is None:
            return Change.EXTENDED
        if allowed.certification is MDPPerm.NO_CHANGES:
            return Change.EXTENDED if update.names <= self._stamps else None
        if update.visible:
            return Change.SIGNED_LATER if self._covered(revision) else Change.FORBIDDEN
        return Change.EXTENDED

    def _step(self, revision: int) -> PlainUpdate | None:
        """What a revision added to the one before it, if that can be seen in itself."""
        old = self._reader.get_historical_resolver(revision - 1)
        new = self._reader.get_historical_resolver(revision)
        update = plain_update(old, new)
        end = self._end(revision - 1)
        if update is None or end is None or _restyled(old, new):
            return None
        return None if self._entangled(end, old, new, update) else update

    def _end(self, revision: int) -> int | None:
        """Where the bytes of a revision end."""
        info = self._reader.xrefs.get_xref_container_info(revision)
        end = self._data.find(b"%%EOF", info.end_location)
        return end if end >= 0 else None

    def _entangled(
        self, end: int, old: HistoricalResolver, new: HistoricalResolver, update: PlainUpdate
    ) -> bool:
        """Could what was written appear elsewhere, through references in the bytes before?"""
        if update.metadata is not None and self._shared(end, old, update.metadata):
            return True
        defined = {r.idnum for r in written(new) if old.is_ref_unassignable(r)}
        return self._references.any_before(defined, end)

    def _shared(self, end: int, old: HistoricalResolver, number: int) -> bool:
        """Does anything but a catalog refer to the document's metadata?"""
        return self._references.count(number, end) > self._catalogs[int(old.revision)]

    @functools.cached_property
    def _catalogs(self) -> list[int]:
        """How often the catalog was written up to each revision."""
        views = map(self._reader.get_historical_resolver, range(self._reader.xrefs.total_revisions))
        written_in = (_root_number(view) in {r.idnum for r in written(view)} for view in views)
        return list(itertools.accumulate(map(int, written_in)))

    def _analysed(
        self, old: HistoricalResolver, new: HistoricalResolver, allowed: Permissions
    ) -> Change:
        if plainly_forbidden(old, new):
            return Change.FORBIDDEN
        self._walked.add(old.revision)
        self._compared += self._objects
        if len(self._walked) * self._objects > MAX_WALKED or self._compared > MAX_COMPARED:
            return Change.LIMIT
        outcome = Change.EXTENDED
        try:
            result = _STRICT.apply(old, new, allowed.fields, allowed.certification)
        except SuspiciousModification:
            if allowed.certification in {None, MDPPerm.NO_CHANGES}:
                raise
            result = _SIGNING_ALLOWED.apply(old, new, allowed.fields, allowed.certification)
            if not self._covered(new.revision):
                return Change.FORBIDDEN
            outcome = Change.SIGNED_LATER
        if self._exceeds(result, allowed) or _fills_gap(old, new):
            return Change.FORBIDDEN
        if self._filled(result, old, new) and not self._covered(new.revision):
            return Change.FILLED if allowed.certification else Change.FORBIDDEN
        return outcome

    def _filled(self, result: DiffResult, old: HistoricalResolver, new: HistoricalResolver) -> bool:
        """Did a field change that is no signature field, or the way in which fields are drawn?"""
        others = result.changed_form_fields - {field.name for field in self._fields}
        return bool(others) or _restyled(old, new)

    def _exceeds(self, result: DiffResult, allowed: Permissions) -> bool:
        """More than the certification permits; validation data and invisible document
        time-stamps are permitted at every level (ISO 32000-2 12.8.2.2.2).
        """
        level = result.modification_level
        if level is ModificationLevel.OTHER:
            return True
        filled = {field.name for field in self._fields if field.value is not None}
        signed = (result.changed_form_fields & filled) - self._stamps
        if signed and allowed.certification is MDPPerm.NO_CHANGES:
            return True
        if allowed.certification is None or level.value <= allowed.certification.value:
            return False
        stamped = bool(result.changed_form_fields) and result.changed_form_fields <= self._stamps
        return not (level is ModificationLevel.FORM_FILLING and stamped)


def _root_number(view: HistoricalResolver) -> int | None:
    """Object number of a revision's catalog; the first part of a linearized file names none."""
    try:
        return int(view.root_ref.idnum)
    except READ_ERRORS:
        return None


def _key(field: Field) -> object:
    return field.reference or field.name


def _restyled(old: HistoricalResolver, new: HistoricalResolver) -> bool:
    """Could an update make readers draw the values of a form's fields differently?"""
    before, after = value_at(old.root, "/AcroForm"), value_at(new.root, "/AcroForm")
    if not isinstance(before, generic.DictionaryObject):
        return False
    if not isinstance(after, generic.DictionaryObject):
        return True
    values = any(
        isinstance(field, generic.DictionaryObject) and value_at(field, "/FT") != "/Sig"
        for field in map(resolved, _listed(value_at(before, "/Fields")))
    )
    return values and any(value_at(before, key) != value_at(after, key) for key in _STYLE)


def _listed(array: object) -> list[object]:
    return list(array) if isinstance(array, generic.ArrayObject) else []


def _fills_gap(old: HistoricalResolver, new: HistoricalResolver) -> bool:
    """Does an update define an object that the signed revision already refers to?

    pyHanko takes such an object for an orphan, yet it appears where the reference stands.
    """
    return any(
        old._get_usages_of_ref(reference)  # no public way to ask
        for reference in written(new)
        if old.is_ref_unassignable(reference)
    )
