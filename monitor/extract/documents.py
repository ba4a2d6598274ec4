"""The documents of an item: its leaves and what lies in archives, messages and edXML.

One content hash is one document (DESIGN "Which document counts, and once"). A detached signature
beside the file it belongs to is judged with that file and counts with it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256

from monitor.extract import packed, tnef
from monitor.extract.archive import unpack
from monitor.extract.budget import Budget, File
from monitor.extract.classify import Nature, classify, suffix
from monitor.extract.edxml import Opened, open_message
from monitor.extract.edxml_roles import appendixes_among, sends_a_copy
from monitor.extract.edxml_values import file_name
from monitor.extract.mail import Leaf, Mail, read_mail
from monitor.extract.words import decode_header
from monitor.model import AxisFacts, DocumentClass, DocumentRole, Finding, Kind, Limits
from monitor.verify.smime_entity import UU_BEGIN, Entity, from_uuencode
from monitor.verify.smime_layers import is_enclosing
from monitor.verify.smime_open import Layer, open_cms

_MAX_UUENCODED = 100


@dataclass(frozen=True, slots=True)
class Document:
    """One file sent as content; `signature` is the detached CMS that was beside it."""

    name: str | None
    data: bytes
    content_hash: str
    kind: Kind
    document_class: DocumentClass
    signature: bytes | None = None
    signature_name: str | None = None
    closed: frozenset[Finding] = frozenset()
    """Of an archive that could not be opened: why."""
    label: str = ""
    """What an edXML message says of the file that it came in."""
    role: DocumentRole | None = None

    @classmethod
    def of(cls, name: str | None, data: bytes, kind: Kind, document: DocumentClass) -> "Document":
        """A file that is a document by where it came from."""
        return cls(name, data, sha256(data).hexdigest(), kind, document)


@dataclass(slots=True)
class Contents:
    """Everything found in one item."""

    documents: list[Document] = field(default_factory=list)
    messages: list[Entity] = field(default_factory=list)
    """Messages that were attached as files or lay in archives."""
    findings: set[Finding] = field(default_factory=set)
    axis: list[tuple[int, AxisFacts]] = field(default_factory=list)
    """Headers of the edXML messages in it, each with how deep it lay."""


@dataclass(frozen=True, slots=True)
class _File:
    """A candidate, with its place: files of one place may belong together."""

    name: str | None
    data: bytes
    nature: Nature
    leaf: Leaf | None = None
    label: str = ""

    def content_hash(self) -> str:
        """SHA-256 of the content; a leaf is hashed once for its message key as well."""
        return self.leaf.content_hash if self.leaf else sha256(self.data).hexdigest()


def _named(name: str, data: bytes) -> _File:
    return _File(name, data, classify(data, name))


def contents_of_mail(mail: Mail, limits: Limits) -> Contents:
    """Documents of a message: its leaves, forwarded messages' leaves, archives, attached mails."""
    search = _Search(limits)
    search.take_leaves(mail.leaves, 0)
    return search.finish()


def contents_of_file(name: str | None, data: bytes, limits: Limits) -> Contents:
    """Documents of one file: itself, or what an archive or attached mail holds."""
    search = _Search(limits)
    search.take([_File(name, data, classify(data, name))], 0)
    return search.finish()


class _Search:
    """Walks places breadth by depth; every place is paired on its own."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._budget = Budget(limits)
        self._contents = Contents()
        self._seen: dict[str, int] = {}

    def finish(self) -> Contents:
        self._contents.findings |= self._budget.findings
        return self._contents

    def take_leaves(self, leaves: Iterable[Leaf], depth: int) -> None:
        self.take([file for leaf in leaves for file in _files_of(leaf)], depth)

    def take(self, files: list[_File], depth: int, *, formal: bool = False) -> None:
        """The files of one place; `formal` where each of them is sent as a document."""
        signatures = _detached(files)
        used = {id(signature) for signature in signatures.values()}
        for file in files:
            if id(file) in used:
                continue
            if file.nature.holds_others:
                self._open(file, depth, formal=formal)
            elif (signature := signatures.get(id(file))) is not None:
                self._add(file, DocumentClass.FORMAL, signature)
            else:
                self._add_plain(file, DocumentClass.FORMAL if formal else file.nature.document)

    def _add_plain(self, file: _File, kind: DocumentClass | None) -> None:
        if kind is not None and not _is_lone_signature(file):
            self._add(file, kind, None)

    def _open(self, file: _File, depth: int, *, formal: bool) -> None:
        if depth >= self._limits.archive_depth:
            self._budget.stop(Finding.ARCHIVE_LIMIT)
        elif file.nature.kind is Kind.ZIP or file.nature.packing or file.nature.tnef:
            self._open_archive(file, depth, formal=formal)
        elif file.nature.kind is Kind.EDXML:
            self._open_edxml(file, depth)
        else:
            mail = read_mail(file.data, None, self._limits)
            self._contents.messages += [mail.root, *mail.forwarded()]
            self.take_leaves(mail.leaves, depth + 1)

    def _open_archive(self, file: _File, depth: int, *, formal: bool) -> None:
        """The documents of an archive; one that gives none stands for them."""
        budget, before = self._budget, self._budget.findings
        budget.findings = set()
        entries = [
            replace(_named(entry.name, entry.data), label=file.label)
            for entry in _unpacked(file, budget)
        ]
        closed = frozenset(budget.findings)
        budget.findings |= before
        if closed and not entries:
            kind = DocumentClass.FORMAL if formal else DocumentClass.ARCHIVE
            document = Document.of(file.name, file.data, Kind.OTHER, kind)
            self._keep(replace(document, closed=closed))
        self.take(entries, depth + 1, formal=formal)

    def _open_edxml(self, file: _File, depth: int) -> None:
        """The documents of an edXML message; one that cannot be read stands for its documents."""
        opened = open_message(file.data)
        if opened is None:
            self._add(file, DocumentClass.FORMAL, None)
            return
        if opened.facts:
            self._contents.axis.append((depth, opened.facts))
        before = len(self._contents.documents)
        self.take(self._attached(opened), depth + 1, formal=True)
        if opened.facts:
            self._assign_roles(before, opened.facts)

    def _attached(self, opened: Opened) -> list[_File]:
        """The files that came with a message, as far as the budget goes."""
        found = opened.attached
        if any(each.data is None for each in found):
            self._contents.findings.add(Finding.MALFORMED)
        left = max(0, self._limits.archive_entries - self._budget.entries)
        if len(found) > left:
            self._budget.stop(Finding.ARCHIVE_LIMIT)
        self._budget.entries += min(len(found), left)
        return [
            replace(_named(file_name(each.name), each.data), label=each.description)
            for each in found[:left]
            if each.data
        ]

    def _assign_roles(self, first: int, facts: AxisFacts) -> None:
        """What a message's documents are; those in a message inside are that one's."""
        documents = self._contents.documents[first:]
        labels = [(each.name or "", each.label) for each in documents]
        main = DocumentRole.COPY if sends_a_copy(facts) else None
        found = appendixes_among(labels, facts.appendixes)
        for index, is_appendix in enumerate(found, first):
            document = self._contents.documents[index]
            role = document.role or (DocumentRole.APPENDIX if is_appendix else main)
            self._contents.documents[index] = replace(document, role=role)

    def _add(self, file: _File, kind: DocumentClass, signature: _File | None) -> None:
        document = Document(
            file.name,
            file.data,
            file.content_hash(),
            file.nature.kind,
            kind,
            signature.data if signature else None,
            signature.name if signature else None,
            label=file.label,
        )
        self._keep(document)

    def _keep(self, document: Document) -> None:
        """Once each content; with the signature beside it if one of its copies has one."""
        known = self._seen.get(document.content_hash)
        if known is None:
            self._seen[document.content_hash] = len(self._contents.documents)
            self._contents.documents.append(document)
        elif document.signature and self._contents.documents[known].signature is None:
            self._contents.documents[known] = document


def _unpacked(file: _File, budget: Budget) -> Iterator[File]:
    if file.nature.packing:
        return packed.unpack(file.data, file.nature.packing, budget)
    if file.nature.tnef:
        return tnef.unpack(file.data, budget)
    return unpack(file.data, budget)


def _files_of(leaf: Leaf) -> Iterator[_File]:
    """A leaf as a file, unless it is the wrapping of a signed mail."""
    if leaf.signature or leaf.entity.inner is not None:
        return
    opened = leaf.entity.opened
    if opened is not None and opened.layer is not Layer.SIGNED and is_enclosing(leaf.entity):
        return
    nature = classify(leaf.data, leaf.name)
    body = leaf.is_text and (leaf.name is None or leaf.entity.type == "text/html")
    if body and nature.kind in (Kind.MAIL, Kind.XMLDSIG):
        nature = Nature(Kind.OTHER)  # a text that quotes a header or markup is no attachment
    yield _File(leaf.name, leaf.data, nature, leaf)
    if leaf.is_text and b"begin " in leaf.data:
        yield from _uuencoded(leaf.data)


def _uuencoded(text: bytes) -> Iterator[_File]:
    """Files written into a text body between `begin` and `end` (POSIX uuencode)."""
    position = 0
    for _ in range(_MAX_UUENCODED):
        begin = UU_BEGIN.search(text, position)
        if begin is None:
            return
        data, position = from_uuencode(text, begin.end())
        name = decode_header(begin[1]).text
        if data:
            yield _File(name, data, classify(data, name))


def _detached(files: list[_File]) -> dict[int, _File]:
    """The signature file that belongs to each file, by the names (`a.pdf.p7s`, `a.p7s`)."""
    signatures = [
        file for file in files if file.nature.kind is Kind.CMS and suffix(file.name) in _DETACHED
    ]
    others = [file for file in files if file.nature.kind is not Kind.CMS and file.name]
    found: dict[int, _File] = {}
    for signature in signatures:
        stem = _stem(signature.name)
        exact = [file for file in others if _folded(file.name) == stem]
        loose = [file for file in others if _stem(file.name) == stem]
        target = exact[:1] or (loose if len(loose) == 1 else [])
        if target and _is_lone_signature(signature):
            found.setdefault(id(target[0]), signature)
    return found


_DETACHED = frozenset({".p7s", ".p7m", ".sig", ".p7b"})


def _folded(name: str | None) -> str:
    return (name or "").casefold()


def _stem(name: str | None) -> str:
    folded = _folded(name)
    return folded[: len(folded) - len(suffix(folded))]


def _is_lone_signature(file: _File) -> bool:
    """A signature without the content it was made for is no document: nothing was sent in it."""
    if file.nature.kind is not Kind.CMS:
        return False
    opened = open_cms(file.data, Limits())
    return opened is not None and opened.layer is Layer.SIGNED and opened.content is None
