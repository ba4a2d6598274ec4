# mypy: allow-untyped-calls
"""Tagged PDF files, and further signatures whose fields are tagged as signing software does."""

import io
from collections.abc import Callable
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from tests.verify import making as make

Writer = IncrementalPdfFileWriter
name, text = generic.pdf_name, generic.pdf_string
number, array = generic.NumberObject, generic.ArrayObject


def dictionary(**entries: object) -> generic.DictionaryObject:
    return generic.DictionaryObject({name(f"/{key}"): value for key, value in entries.items()})


def tagged_page(*, kids: bool = False) -> bytes:
    """A page of one tagged paragraph; with `kids` the parent tree has leaves."""

    def tag(writer: Writer) -> None:
        page = writer.root["/Pages"]["/Kids"].raw_get(0)
        root = writer.add_object(dictionary(Type=name("/StructTreeRoot")))
        whole = writer.add_object(dictionary(Type=name("/StructElem"), S=name("/Document"), P=root))
        paragraph = writer.add_object(
            dictionary(Type=name("/StructElem"), S=name("/P"), P=whole, Pg=page, K=number(0),
                       ActualText=text("Van ban"))
        )  # fmt: skip
        entries = array([number(0), writer.add_object(array([paragraph]))])
        tree = dictionary(Nums=entries)
        if kids:
            leaf = dictionary(Nums=entries, Limits=array([number(0), number(0)]))
            tree = dictionary(Kids=array([writer.add_object(leaf)]))
        whole.get_object()[name("/K")] = paragraph
        root.get_object().update({
            name("/K"): array([whole]), name("/ParentTree"): writer.add_object(tree),
            name("/ParentTreeNextKey"): number(1), name("/RoleMap"): dictionary(Muc=name("/P")),
        })  # fmt: skip
        page.get_object()[name("/StructParents")] = number(0)
        writer.update_container(page.get_object())
        writer.root[name("/StructTreeRoot")] = root
        writer.root[name("/MarkInfo")] = dictionary(Marked=generic.BooleanObject(True))
        writer.update_root()

    return make.update(make.page(), tag)


@dataclass
class Tags:
    """What tagging one field touches, to be spoilt by a test before it is written."""

    writer: Writer
    root: generic.DictionaryObject
    whole: generic.DictionaryObject
    tree: generic.DictionaryObject
    """The parent tree, written anew."""
    entries: generic.ArrayObject
    element: generic.DictionaryObject
    field: generic.DictionaryObject


Spoil = Callable[[Tags], None]


def sign_tagged(
    data: bytes,
    identity: make.Identity | None = None,
    *,
    spoil: Spoil = lambda _: None,
    in_place: bool = False,
    box: tuple[int, int, int, int] | None = (10, 10, 90, 40),
    sign: bool = True,
) -> bytes:
    """One more signature, its field tagged: the parent tree written anew, or changed in place."""
    writer = Writer(io.BytesIO(data), strict=False)
    field_name = f"Ky {len(data)}"
    fields.append_signature_field(writer, fields.SigFieldSpec(field_name, box=box))
    field = writer.root["/AcroForm"]["/Fields"].raw_get(-1)
    spoil(_tag(writer, field, in_place=in_place))
    if not sign:
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()
    meta = signers.PdfSignatureMetadata(field_name=field_name, md_algorithm="sha256")
    signed = signers.sign_pdf(writer, meta, make.signer(identity or make.officer()))
    return bytes(signed.getvalue())


def _tag(writer: Writer, field: generic.IndirectObject, *, in_place: bool) -> Tags:
    root = writer.root["/StructTreeRoot"]
    whole = root["/K"][0]
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    at = root["/ParentTreeNextKey"]
    held = dictionary(Type=name("/OBJR"), Obj=field)
    element = dictionary(Type=name("/StructElem"), S=name("/Form"), P=root["/K"].raw_get(0),
                         Pg=page, K=held)  # fmt: skip
    new = writer.add_object(element)
    kids = whole.raw_get("/K")
    earlier = list(kids) if isinstance(kids, generic.ArrayObject) else [kids]
    whole[name("/K")] = array([*earlier, new])
    root[name("/ParentTreeNextKey")] = number(at + 1)
    leaf, entries = _leaf(root["/ParentTree"], int(at), new)
    if not in_place:
        leaf = dictionary(Nums=entries)
        root[name("/ParentTree")] = writer.add_object(leaf)
    field.get_object()[name("/StructParent")] = number(at)
    for changed in (root, whole, field.get_object(), *([leaf] if in_place else [])):
        writer.update_container(changed)
    return Tags(writer, root, whole, leaf, entries, element, field.get_object())


def _leaf(
    tree: generic.DictionaryObject, at: int, element: generic.IndirectObject
) -> tuple[generic.DictionaryObject, generic.ArrayObject]:
    """The last leaf of the parent tree with one more entry."""
    while "/Kids" in tree:
        tree = tree["/Kids"][-1]
    entries = array([*tree["/Nums"], number(at), element])
    tree[name("/Nums")] = entries
    if "/Limits" in tree:
        tree[name("/Limits")] = array([entries[0], number(at)])
    return tree, entries
