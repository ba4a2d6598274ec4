"""Signed office documents for the verifier's tests, typed in canonical form by hand."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from tests.verify import xml_making as xml
from tests.verify.xml_making import DSIG, Ref

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def packed(files: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


# -- OpenDocument ---------------------------------------------------------------------------------

ODF_SPACE = "urn:oasis:names:tc:opendocument:xmlns:digitalsignature:1.0"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"


def odf_files(version: str = "1.3") -> dict[str, bytes]:
    content = (
        f'<office:document-content xmlns:office="{_OFFICE}" office:version="{version}">'
        "<office:body>Quyết định</office:body></office:document-content>"
    )
    listed = (
        f'<m:manifest xmlns:m="{_MANIFEST}"><m:file-entry m:full-path="/"></m:file-entry>'
        "</m:manifest>"
    )
    return {
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "content.xml": content.encode(),
        "Pictures/a b.png": b"\x89PNG",
        "Basic/Standard/script.xml": b"<script></script>",
        "META-INF/manifest.xml": listed.encode(),
    }


def odf_signature(files: Mapping[str, bytes], covers: Iterable[str], **options: Any) -> str:
    """A signature over files; XML files by their canonical form, as applications do."""
    refs = [
        Ref(name.replace(" ", "%20"), files[name], (C14N,) if name.endswith(".xml") else ())
        for name in covers
    ]
    made = xml.signature(*refs, xades=True, **options)
    return f'<d:document-signatures xmlns:d="{ODF_SPACE}">{made}</d:document-signatures>'


def odf(
    files: Mapping[str, bytes] | None = None,
    covers: Iterable[str] | None = None,
    *,
    where: str = "META-INF/documentsignatures.xml",
    signed: Mapping[str, bytes] | None = None,
    **options: Any,
) -> bytes:
    """A document of `files` with a signature made over `signed`."""
    files = files if files is not None else odf_files()
    signed = signed if signed is not None else files
    names = covers if covers is not None else signed
    return packed({**files, where: odf_signature(signed, names, **options)})


# -- Office Open XML ------------------------------------------------------------------------------

_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_MDSSI = "http://schemas.openxmlformats.org/package/2006/digital-signature"
RELATIONSHIP_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TRANSFORM = "http://schemas.openxmlformats.org/package/2006/RelationshipTransform"


def relationship(identifier: str, kind: str, target: str) -> str:
    return (
        f'<Relationship Id="{identifier}" Target="{target}" TargetMode="Internal"'
        f' Type="{kind}"></Relationship>'
    )


def relationships(*members: str) -> str:
    return f'<Relationships xmlns="{_RELS}">{"".join(members)}</Relationships>'


ROOT = [
    relationship("rId1", f"{_OFFICE_RELS}/officeDocument", "word/document.xml"),
    relationship("rId2", f"{_OFFICE_RELS}/extended-properties", "docProps/app.xml"),
    relationship("rId3", f"{_RELS}/digital-signature/origin", "_xmlsignatures/origin.sigs"),
]
DOCUMENT = [
    relationship("rId1", f"{_OFFICE_RELS}/styles", "styles.xml"),
    relationship("rId2", f"{_OFFICE_RELS}/image", "media/image1.png"),
]
COVERED = ("word/document.xml", "word/styles.xml", "word/media/image1.png")


def types(main: str = MAIN_TYPE) -> bytes:
    return (
        f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="{RELATIONSHIP_TYPE}"/>'
        '<Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    ).encode()


def docx_files() -> dict[str, bytes]:
    return {
        "[Content_Types].xml": types(),
        "_rels/.rels": relationships(*ROOT).encode(),
        "docProps/app.xml": b"<Properties/>",
        "word/document.xml": "<document>Quyết định</document>".encode(),
        "word/styles.xml": b"<styles/>",
        "word/media/image1.png": b"\x89PNG",
        "word/_rels/document.xml.rels": relationships(*DOCUMENT).encode(),
        "_xmlsignatures/origin.sigs": b"",
        "_xmlsignatures/_rels/origin.sigs.rels": relationships(
            relationship("rId1", f"{_RELS}/digital-signature/signature", "sig1.xml")
        ).encode(),
    }


def _selected(members: list[str], identifiers: Iterable[str]) -> tuple[bytes, str]:
    """The octets a relationship transform gives, and the transform."""
    kept = [m for m in sorted(members) if any(f'Id="{i}"' in m for i in identifiers)]
    asked = "".join(
        f'<mdssi:RelationshipReference xmlns:mdssi="{_MDSSI}" SourceId="{i}">'
        "</mdssi:RelationshipReference>" for i in identifiers
    )  # fmt: skip
    step = f'<ds:Transform Algorithm="{TRANSFORM}">{asked}</ds:Transform>'
    return relationships(*kept).encode(), step


def docx_signature(
    files: Mapping[str, bytes],
    covers: Iterable[str] = COVERED,
    *,
    related: bool = True,
    **options: Any,
) -> str:
    """An Office signature: a manifest of parts and relationships in a signed object."""
    content = {"word/document.xml": MAIN_TYPE, "word/media/image1.png": "image/png"}
    refs = []
    for part, members, names in (
        ("_rels/.rels", ROOT, ["rId1"]),
        ("word/_rels/document.xml.rels", DOCUMENT, ["rId1", "rId2"]),
    ):
        if not related:
            continue
        octets, step = _selected(members, names)
        uri = f"/{part}?ContentType={RELATIONSHIP_TYPE}"
        refs.append(Ref(uri, octets, (step, C14N)))
    refs += [
        Ref(f"/{part}?ContentType={content.get(part, 'application/xml')}", files[part])
        for part in covers
    ]
    listed = "".join(ref.text() for ref in refs)
    held = (
        f'<ds:Object xmlns:ds="{DSIG}" Id="idPackageObject">'
        f"<ds:Manifest>{listed}</ds:Manifest></ds:Object>"
    )
    made = Ref("#idPackageObject", held.encode(), (xml.EXCLUSIVE,), DSIG + "Object")
    return xml.signature(made, objects=held, xades=True, **options)


def docx(
    files: Mapping[str, bytes] | None = None, *, signed: Mapping[str, bytes] | None = None,
    covers: Iterable[str] = COVERED,
) -> bytes:  # fmt: skip
    """A document of `files` with a signature made over `signed`."""
    files = files if files is not None else docx_files()
    made = docx_signature(signed if signed is not None else docx_files(), covers)
    return packed({**files, "_xmlsignatures/sig1.xml": made})
