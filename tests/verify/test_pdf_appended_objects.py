# mypy: allow-untyped-calls
"""What may be appended to a signed PDF: a catalogue of objects, and the few that keep it valid.

The table of docs/evidence-of-correctness.md is this one.
"""

import io
from collections.abc import Callable

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field

from monitor.model import Overall
from monitor.verify.judge import Judge
from tests.verify import making as make

_JUDGE = Judge(make.material())
Writer = IncrementalPdfFileWriter
name, text = generic.pdf_name, generic.pdf_string


def _dictionary(**entries: object) -> generic.DictionaryObject:
    return generic.DictionaryObject({name(f"/{key}"): value for key, value in entries.items()})


def _page(writer: Writer) -> generic.DictionaryObject:
    page = writer.root["/Pages"]["/Kids"][0]
    assert isinstance(page, generic.DictionaryObject)
    return page


def _in_root(key: str, value: Callable[[Writer], object]) -> Callable[[Writer], None]:
    def change(writer: Writer) -> None:
        writer.root[name(key)] = value(writer)
        writer.update_root()

    return change


def _in_page(key: str, value: Callable[[Writer], object]) -> Callable[[Writer], None]:
    def change(writer: Writer) -> None:
        page = _page(writer)
        page[name(key)] = value(writer)
        writer.update_container(page)

    return change


def _stream(data: bytes, **entries: object) -> Callable[[Writer], object]:
    return lambda w: w.add_object(generic.StreamObject(_dictionary(**entries), stream_data=data))


def _script(_: Writer) -> object:
    return _dictionary(S=name("/JavaScript"), JS=text("app.alert('x')"))


def _note(writer: Writer) -> object:
    rect = generic.ArrayObject(map(generic.NumberObject, (0, 0, 200, 200)))
    note = _dictionary(Type=name("/Annot"), Subtype=name("/FreeText"), Rect=rect,
                       Contents=text("Da duyet"))  # fmt: skip
    return generic.ArrayObject([writer.add_object(note)])


def _layers(writer: Writer) -> object:
    layer = writer.add_object(_dictionary(Type=name("/OCG"), Name=text("An")))
    return _dictionary(OCGs=generic.ArrayObject([layer]),
                       D=_dictionary(OFF=generic.ArrayObject([layer])))  # fmt: skip


def _names(writer: Writer) -> object:
    scripts = generic.ArrayObject([text("x"), _script(writer)])
    return _dictionary(JavaScript=_dictionary(Names=scripts))


def _attach(writer: Writer) -> None:
    held = EmbeddedFileObject.from_file_data(writer, data=b"x", compress=False)
    embed_file(writer, FileSpec("x.txt", embedded_data=held))


def _another_page(writer: Writer) -> None:
    body = writer.add_object(generic.StreamObject(stream_data=b"0 0 100 100 re f"))
    writer.insert_page(PageObject(contents=body, media_box=(0, 0, 200, 200)))


def _text_field(writer: Writer) -> None:
    form = writer.root["/AcroForm"]
    rect = generic.ArrayObject(map(generic.NumberObject, (0, 0, 90, 90)))
    field = _dictionary(FT=name("/Tx"), T=text("so tien"), V=text("9"), Type=name("/Annot"),
                        Subtype=name("/Widget"), Rect=rect)  # fmt: skip
    form["/Fields"].append(writer.add_object(field))
    writer.update_container(form["/Fields"])


def _reorder(writer: Writer) -> None:
    page = _page(writer)
    page[name("/Rotate")] = generic.NumberObject(180)
    writer.update_container(page)


def _unused(writer: Writer) -> None:
    writer.add_object(_dictionary(Type=name("/Page"), Note=text("no reader gets here")))


def _box(_: Writer) -> object:
    return generic.ArrayObject(map(generic.NumberObject, (0, 0, 1, 1)))


def _xfa(writer: Writer) -> object:
    return _dictionary(Fields=writer.root["/AcroForm"]["/Fields"], XFA=_stream(b"<xdp/>")(writer))


def _right_to_left(_: Writer) -> object:
    return _dictionary(Direction=name("/R2L"))


REFUSED: dict[str, Callable[[Writer], None]] = {
    "page content": _in_page("/Contents", _stream(b"0 0 100 100 re f")),
    "resources of a page": _in_page("/Resources", lambda _: _dictionary()),
    "page turned": _reorder,
    "page box": _in_page("/CropBox", _box),
    "page": _another_page,
    "annotation": _in_page("/Annots", _note),
    "script at opening": _in_root("/OpenAction", _script),
    "script of a page": _in_page("/AA", lambda w: _dictionary(O=_script(w))),
    "script in the name tree": _in_root("/Names", _names),
    "optional content": _in_root("/OCProperties", _layers),
    "embedded file": _attach,
    "text field": _text_field,
    "XFA form": _in_root(
        "/AcroForm",
        _xfa,
    ),
    "page labels": _in_root("/PageLabels", lambda _: _dictionary(Nums=generic.ArrayObject())),
    "outlines": _in_root("/Outlines", lambda w: w.add_object(_dictionary())),
    "viewer preferences": _in_root("/ViewerPreferences", _right_to_left),
    "language": _in_root("/Lang", lambda _: text("vi")),
    "threads": _in_root("/Threads", lambda _: generic.ArrayObject()),
    "portfolio": _in_root("/Collection", lambda _: _dictionary(View=name("/D"))),
}
"""Kinds of objects that change what a reader sees or does: never valid behind a signature."""

ALLOWED: dict[str, Callable[[Writer], None]] = {
    "object that nothing refers to": _unused,
    "metadata": _in_root("/Metadata", _stream(
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", Type=name("/Metadata"), Subtype=name("/XML"))),
    "validation data (DSS)": _in_root("/DSS", lambda w: w.add_object(_dictionary(
        Certs=generic.ArrayObject([_stream(make.root().der)(w)])))),
    "empty signature field": lambda w: append_signature_field(w, SigFieldSpec("Tiep")),
}  # fmt: skip
"""Kinds that the difference policy permits: they show nothing."""


def overall(data: bytes) -> Overall:
    return _JUDGE.judge(data, "a.pdf", make.moment()).verdict.overall


@pytest.mark.parametrize("kind", REFUSED)
def test_what_shows_or_does_something_never_keeps_it_valid(kind: str) -> None:
    assert overall(make.update(make.signed_page(), REFUSED[kind])) is Overall.INVALID


@pytest.mark.parametrize("kind", ALLOWED)
def test_what_shows_nothing_keeps_it_valid_and_is_said(kind: str) -> None:
    found = _JUDGE.judge(make.update(make.signed_page(), ALLOWED[kind]), "a.pdf", make.moment())
    assert found.verdict.overall is Overall.VALID
    assert found.verdict.findings


def test_a_time_stamp_of_the_document_keeps_it_valid() -> None:
    stamper = signers.PdfTimeStamper(make.timestamper())
    writer = IncrementalPdfFileWriter(io.BytesIO(make.signed_page()), strict=False)
    out = stamper.timestamp_pdf(writer, "sha256")
    assert overall(bytes(out.getvalue())) is Overall.VALID


@pytest.mark.parametrize("kind", REFUSED)
def test_certified_without_changes_means_without_changes(kind: str) -> None:
    certified = make.sign_pdf(make.page(), certify=MDPPerm.NO_CHANGES)
    changed = make.update(certified, REFUSED[kind])
    assert overall(changed) is Overall.INVALID


def test_no_byte_that_is_covered_can_change_and_leave_it_valid() -> None:
    """Every byte of a small file but the hex digits of /Contents, one bit at a time."""
    data = make.signed_page()
    start = data.index(b"/Contents <") + len(b"/Contents ")
    stop = data.index(b">", start) + 1
    covered = [*range(start), *range(stop, len(data))]
    assert overall(data) is Overall.VALID
    for at in covered[::23]:
        changed = data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :]
        assert overall(changed) is not Overall.VALID, at
