"""pyHanko's reader, made tolerant, bounded and quick, and the signature fields it finds.

pyHanko parses a hexadecimal string one character at a time; the gazette's 131,072-byte /Contents
then dominate the time. The replacement below reads the same strings in blocks.
"""

import binascii
import functools
import io
import logging
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus, SecurityHandler, StandardSecurityHandler
from pyhanko.pdf_utils.misc import PdfError, PdfReadError, PdfStreamError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.pdf_utils.xref import XRefCache

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)

MAX_OBJECTS = 200_000
MAX_FIELDS = 10_000
MAX_TREE_NODES = 500
_BLOCK = 8192

READ_ERRORS = (
    PdfError,
    PdfReadError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    RuntimeError,
    ArithmeticError,
    OSError,
    MemoryError,
    StopIteration,
    SyntaxError,
    zlib.error,
    struct.error,
)  # fmt: skip
"""What the reader raises on files that are broken (seen: negative seeks, `math domain error`)."""


class Locked(Exception):
    """The file is encrypted and does not open with an empty user password."""


class Unreadable(Exception):
    """No PDF structure could be made of the bytes."""


class TooLarge(Exception):
    """More objects than are looked at."""


def _hex_string(
    stream: io.BytesIO,
) -> generic.ByteStringObject | generic.TextStringObject:
    """Drop-in for pyHanko's reader of hexadecimal strings."""
    stream.read(1)
    start = stream.tell()
    parts: list[bytes] = []
    while True:
        block = stream.read(_BLOCK)
        if not block:
            raise PdfStreamError("hex string without its end")
        at = block.find(b">")
        if at >= 0:
            parts.append(block[:at])
            break
        parts.append(block)
    text = b"".join(parts)
    stream.seek(start + len(text) + 1)
    digits = text.translate(None, b" \t\r\n\f\0")
    try:
        value = binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    except binascii.Error as error:
        raise PdfStreamError("unexpected token in hex string") from error
    return generic.pdf_string(value)


generic.read_hex_string_from_stream = _hex_string


@dataclass(frozen=True)
class Field:
    """A signature field; `value` is None while it is empty."""

    name: str
    value: generic.DictionaryObject | None
    reference: tuple[int, int] | None
    """Object number and generation of the signature dictionary; None where it is direct."""
    revision: int | None
    """Revision that wrote the signature dictionary last."""
    visible: bool
    introduced: int | None
    """Revision that brought the field; None where the field is no object of its own."""
    odd: bool = False
    """It acts, or it is drawn as something else than a form field."""
    locks: bool = False
    """Its /Lock permits no change of the document once it is signed (ISO 32000-2 table 236)."""


class _Sections(XRefCache):
    """pyHanko's cross-references, for files that refer to objects which they never define."""

    def get_introducing_revision(self, ref: generic.Reference) -> int:
        """-1 for an object that no revision has: it is null in all of them (7.3.10)."""
        try:
            return int(super().get_introducing_revision(ref))
        except KeyError:
            return -1

    def refs_freed_in_revision(self, revision: int) -> set[generic.Reference]:
        """Of numbers that were named before: iText 5 frees that of its own cross-references."""
        found: set[generic.Reference] = super().refs_freed_in_revision(revision)
        if not found:
            return found
        named = (self.explicit_refs_in_revision(earlier) for earlier in range(revision))
        before = {reference.idnum for references in named for reference in references}
        return {reference for reference in found if reference.idnum in before}


class _Reader(PdfFileReader):
    """pyHanko's reader; it asks for every object whether the file is encrypted."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream, strict=False)
        self.xrefs = _Sections(self, self.xrefs._xref_sections)  # no public way to them

    @functools.cached_property
    def encrypt_dict(self) -> generic.DictionaryObject | None:
        """Looked for once, in the trailers of all revisions."""
        return super().encrypt_dict


def open_pdf(data: bytes) -> PdfFileReader:
    """A reader of these bytes, decrypted with the empty password where that is needed.

    Raises `Unreadable`, `Locked` or `TooLarge`.
    """
    try:
        reader = _Reader(io.BytesIO(data))
        if object_count(reader) > MAX_OBJECTS:
            raise TooLarge
        _unlock(reader)
        if not isinstance(reader.root, generic.DictionaryObject):
            raise Unreadable("no catalog")
    except READ_ERRORS as error:
        raise Unreadable(str(error)) from error
    return reader


def written(revision: HistoricalResolver) -> set[generic.Reference]:
    """The objects that a revision writes."""
    return set(
        revision.explicit_refs_in_revision()  # type: ignore[no-untyped-call]  # no hint there
    )


def freed(revision: HistoricalResolver) -> set[generic.Reference]:
    """The objects that a revision frees."""
    return set(revision.refs_freed_in_revision())  # type: ignore[no-untyped-call]  # as above


def object_count(reader: PdfFileReader) -> int:
    """Objects over all revisions."""
    total = 0
    for revision in range(reader.xrefs.total_revisions):
        section = reader.xrefs.get_xref_data(revision)
        hybrid = section.hybrid.xref_data.explicit_refs_in_revision if section.hybrid else ()
        total += len(section.explicit_refs_in_revision) + len(hybrid)
    return total


def _unlock(reader: PdfFileReader) -> None:
    if "/Encrypt" not in reader.trailer:
        return
    encryption = reader.encrypt_dict
    handler = SecurityHandler.build(encryption) if encryption is not None else None
    if not isinstance(handler, StandardSecurityHandler):
        raise Locked
    if reader.decrypt(b"").status == AuthStatus.FAILED:
        raise Locked


def page_tree_sound(reader: PdfFileReader) -> bool:
    """Is the page tree a tree, as far as its first nodes go? One that refers to itself is not."""
    stack: list[object] = [value_at(reader.root, "/Pages")]
    seen: set[int] = set()
    while stack and len(seen) < MAX_TREE_NODES:
        node = stack.pop()
        if not isinstance(node, generic.DictionaryObject) or id(node) in seen:
            return False
        seen.add(id(node))
        stack += [resolved(kid) for kid in _array(value_at(node, "/Kids"))[:MAX_TREE_NODES]]
    return True


def fields(reader: PdfFileReader) -> list[Field]:
    """The signature fields of the interactive form, in the order of the form."""
    form = value_at(reader.root, "/AcroForm")
    if not isinstance(form, generic.DictionaryObject):
        return []
    found: list[Field] = []
    stack: list[tuple[object, str, object]] = [
        (item, "", None) for item in reversed(_array(value_at(form, "/Fields")))
    ]
    seen: set[tuple[int, int]] = set()
    while stack and len(seen) < MAX_FIELDS and len(found) < MAX_FIELDS:
        item, prefix, kind = stack.pop()
        if isinstance(item, generic.IndirectObject):
            key = (item.idnum, item.generation)
            if key in seen:
                continue
            seen.add(key)
        node = resolved(item)
        if not isinstance(node, generic.DictionaryObject):
            continue
        name = _name(prefix, node)
        kind = value_at(node, "/FT") or kind
        kids = [k for k in _array(value_at(node, "/Kids")) if _is_field(k)]
        if kids and "/V" not in node:
            stack.extend((kid, name, kind) for kid in reversed(kids))
        elif kind == "/Sig":
            found.append(_field(reader, name, item, node))
    return found


def _name(prefix: str, node: generic.DictionaryObject) -> str:
    part = value_at(node, "/T")
    if part is None:
        return prefix
    return f"{prefix}.{part}" if prefix else str(part)


def _is_field(item: object) -> bool:
    """A kid without /T is a widget of its parent, not a field of its own."""
    node = resolved(item)
    return isinstance(node, generic.DictionaryObject) and ("/T" in node or "/FT" in node)


def _field(reader: PdfFileReader, name: str, item: object, node: generic.DictionaryObject) -> Field:
    reference = revision = introduced = None
    if isinstance(item, generic.IndirectObject):
        introduced = _revision(reader.xrefs.get_introducing_revision, item)
    try:
        raw = node.raw_get("/V")
    except KeyError:
        raw = None
    if isinstance(raw, generic.IndirectObject):
        reference = (raw.idnum, raw.generation)
        revision = _revision(reader.xrefs.get_last_change, raw)
    return Field(
        name=name,
        value=_signature(raw),
        reference=reference,
        revision=revision,
        visible=_visible(node),
        introduced=introduced,
        odd=any(map(_is_odd, _widgets(node))),
        locks=_locks(node),
    )


def _signature(raw: object) -> generic.DictionaryObject | None:
    """The signature dictionary of a /V; an empty one where it is damaged, None where it is null."""
    value = resolved(raw)
    if isinstance(value, generic.DictionaryObject):
        return value
    missing = raw is None or isinstance(value, generic.NullObject)
    if missing:
        return None
    return generic.DictionaryObject()  # type: ignore[no-untyped-call]  # no hint there


def _revision(ask: Callable[[generic.Reference], int], item: generic.IndirectObject) -> int | None:
    try:
        return ask(item.reference)
    except READ_ERRORS:
        return None


def _visible(node: generic.DictionaryObject) -> bool:
    return any(map(_has_area, _widgets(node)))


def _widgets(node: generic.DictionaryObject) -> list[generic.DictionaryObject]:
    """A field and its kids: each may be the widget that is drawn."""
    widgets = [node, *(resolved(kid) for kid in _array(value_at(node, "/Kids")))]
    return [widget for widget in widgets if isinstance(widget, generic.DictionaryObject)]


def _locks(node: generic.DictionaryObject) -> bool:
    lock = value_at(node, "/Lock")
    return isinstance(lock, generic.DictionaryObject) and value_at(lock, "/P") == 1


def _is_odd(widget: generic.DictionaryObject) -> bool:
    if value_at(widget, "/Subtype") not in {None, "/Widget"}:
        return True
    return "/A" in widget or "/AA" in widget


def _has_area(widget: generic.DictionaryObject) -> bool:
    rectangle = _array(value_at(widget, "/Rect"))
    try:
        left, low, right, high = (float(str(side)) for side in rectangle)
    except (TypeError, ValueError):
        return False
    drawn = "/AP" in widget or bool(value_at(widget, "/MK"))
    return drawn and bool((right - left) * (high - low))


def value_at(node: generic.DictionaryObject, key: str) -> object:
    """An entry with its reference followed; None where it is missing or cannot be read.

    (`get` of pyHanko's dictionaries does not follow references.)
    """
    try:
        return node[key]
    except READ_ERRORS:
        return None


def resolved(item: object) -> object:
    """What a reference points at, None where that cannot be read; anything else as it is.

    (Walking through an array of an encrypted file gives its members still encrypted.)
    """
    try:
        if isinstance(item, generic.DecryptedObjectProxy):
            return item.decrypted
        if isinstance(item, generic.IndirectObject):
            return item.get_object()  # type: ignore[no-untyped-call]  # pyHanko has no hint here
        return item  # noqa: TRY300  # the guard is for the reference alone
    except READ_ERRORS:
        return None


def resolved_reference(reference: generic.Reference) -> object:
    """The object of a reference, None where it cannot be read."""
    try:
        return reference.get_object()
    except READ_ERRORS:
        return None


def object_at(reader: PdfFileReader, reference: generic.Reference, revision: int) -> object:
    """An object as a revision had it; raises one of `READ_ERRORS`."""
    return reader.get_object(  # type: ignore[no-untyped-call]  # pyHanko has no hint here
        reference, revision=revision
    )


def _array(item: object) -> list[object]:
    return list(item) if isinstance(item, generic.ArrayObject) else []


def signature_text(value: generic.DictionaryObject, key: str) -> str | None:
    """A name or string entry of a signature dictionary, as text."""
    found = value_at(value, key)
    return str(found) if found is not None else None


def signature_contents(value: generic.DictionaryObject) -> bytes | None:
    """/Contents as octets; never encrypted (ISO 32000-1 7.6.1)."""
    try:
        raw = value.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    except READ_ERRORS:
        return None
    if isinstance(raw, generic.IndirectObject):
        raw = resolved(raw)
    if isinstance(raw, generic.TextStringObject | generic.ByteStringObject):
        return bytes(raw.original_bytes)
    return None


def signature_range(value: generic.DictionaryObject) -> list[int]:
    """/ByteRange as numbers; empty where it is missing or none."""
    numbers = _array(value_at(value, "/ByteRange"))
    if len(numbers) != 4 or not all(isinstance(n, int) for n in numbers):
        return []
    return [int(n) for n in numbers if isinstance(n, int)]
