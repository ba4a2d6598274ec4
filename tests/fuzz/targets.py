"""One target per format: judges an input and holds the verdict against what must be true of it."""

import base64
import binascii
import contextlib
import email
import email.policy
import io
import logging
import random
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message

from lxml import etree

from monitor.examine.examiner import Examiner
from monitor.model import (
    Channel,
    DocumentClaim,
    ItemHeader,
    Kind,
    Limits,
    Overall,
    PayloadKind,
    TimeSource,
    Trust,
    TrustMaterial,
    Verdict,
)
from tests.fuzz import oracles, readings
from tests.fuzz.axis import AxisTarget
from tests.fuzz.mutate import Mutator
from tests.fuzz.mutate.der import der
from tests.fuzz.mutate.mime import mime
from tests.fuzz.mutate.octets import base64_text, octets
from tests.fuzz.mutate.pdf import pdf
from tests.fuzz.mutate.xml import xml
from tests.fuzz.mutate.zip import zip_file
from tests.fuzz.oracles import Violation
from tests.fuzz.seeds import with_response
from tests.fuzz.world import World

_MAX_NESTED = 4
_REJUDGED = 8
"""One input in so many is also judged from what is kept of it."""


def _armoured(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """DER as it is or below its armour."""
    if data[:1] == b"\x30":
        way: Mutator = der if chance.random() < 0.8 else octets
        return way(data, chance, [each for each in others if each[:1] == b"\x30"])
    return base64_text(data, chance, others, der)


class Target:
    """Files of one format, judged as `congvu verify` judges them."""

    def __init__(self, name: str, file_name: str, mutator: Mutator, world: World) -> None:
        self.name, self.mutator, self.world = name, mutator, world
        self._file_name = file_name
        self._faults = oracles.Faults()
        logger = logging.getLogger("congvu.examine")
        logger.addHandler(self._faults)
        logger.propagate = False
        self._examiner = Examiner(world.material, Limits())
        self._genuine = _Genuine(world.content)
        for data in world.genuine:
            verdict = self.judge(data)
            if verdict.overall is not Overall.VALID:
                raise Violation("genuine file", f"is {verdict.overall}: {verdict.findings}")
            self._genuine.learn(data, verdict)

    def judge(self, data: bytes) -> Verdict:
        """The verdict; raises `Violation` at a fault of ours."""
        self._faults.take()
        verdict = self._examiner.judge_file(
            self._file_name, data, self.world.moment, self.world.content
        )
        fault = self._faults.take()
        if fault is not None:
            raise Violation("fault", fault)
        return verdict

    def run(self, data: bytes) -> Verdict:
        """Judges one input; raises `Violation`."""
        try:
            verdict = self.judge(data)
        except (Violation, MemoryError):
            raise
        except Exception as error:
            raise Violation("exception", oracles.place(error)) from error
        oracles.check(verdict)
        self._genuine.check(data, verdict)
        if zlib.crc32(data) % _REJUDGED == 0:
            self._check_rejudged(data)
        return verdict

    def _check_rejudged(self, data: bytes) -> None:
        """What is kept of an item must give the verdict that its content gave."""
        examined = self._examiner.examine(self._header(data), data, self.world.moment)
        judged = [(examined.verdict, examined.kept)]
        judged += [(d.judgement.verdict, d.judgement.kept) for d in examined.documents]
        for verdict, kept in judged:
            if kept is None:
                continue
            again = self._examiner.rejudge(kept, verdict.path, self.world.moment)
            if again != verdict:
                different = [n for n in Verdict.model_fields
                             if getattr(again, n) != getattr(verdict, n)]  # fmt: skip
                raise Violation("judged otherwise", f"{verdict.kind}: {', '.join(different)}")

    def _header(self, data: bytes) -> ItemHeader:
        mail = self.name == "smime"
        return ItemHeader(
            item_id="0" * 32,
            kind=PayloadKind.MAIL if mail else PayloadKind.DOCUMENT,
            source="fuzz",
            channel=Channel.MAIL if mail else Channel.DOCSYS,
            received_at=self.world.moment.now,
            size=len(data),
            claim=None if mail else DocumentClaim(agency="a", file_name=self._file_name),
        )


class _Genuine:
    """What the signers signed, by kind; no valid file may show anything else."""

    def __init__(self, content: bytes | None) -> None:
        self._content = content
        self._readings: dict[Kind, list[readings.Reading]] = {}
        self._revisions: list[readings.Revision] = []
        self._drawn: dict[bytes, str | None] = {}
        self._certificates: set[str] = set()
        self._stamped: set[object] = set()

    def learn(self, data: bytes, verdict: Verdict) -> None:
        for kind, piece in pieces(data, verdict):
            if kind is Kind.PDF:
                self._revisions += readings.revisions(piece)
            else:
                reading = readings.read(kind.value, piece, self._content)
                self._readings.setdefault(kind, []).append(reading)
        for each in oracles.walk(verdict):
            self._certificates |= {s.certificate_sha256 or "" for s in each.signatures}
            self._stamped |= {
                s.signing_time for s in each.signatures
                if s.signing_time_source is TimeSource.TIMESTAMP
            }  # fmt: skip

    def check(self, data: bytes, verdict: Verdict) -> None:
        """Raises `Violation` where a valid part shows what nobody signed, or names another."""
        for each in oracles.walk(verdict):
            if each.overall is Overall.VALID:
                self._check_names(each)
        for kind, piece in pieces(data, verdict):
            if kind is Kind.PDF:
                self._check_pdf(piece)
            else:
                self._check_reading(kind, piece)

    def _check_names(self, verdict: Verdict) -> None:
        for signature in verdict.signatures:
            if signature.counts and signature.certificate_sha256 not in self._certificates:
                raise Violation("false signer", str(verdict.kind))
            stamped = signature.signing_time_source is TimeSource.TIMESTAMP
            if stamped and signature.signing_time not in self._stamped:
                raise Violation("false time", str(verdict.kind))

    def _check_reading(self, kind: Kind, piece: bytes) -> None:
        known = self._readings.get(kind, [])
        try:
            reading = readings.read(kind.value, piece, self._content)
        except readings.Unread as error:
            if kind is Kind.CMS and any(self._holds(piece, each) for each in known):
                return
            raise Violation("valid but unread", f"{kind}: {error.__cause__!r}"[:90]) from error
        if not any(reading.within(each) for each in known):
            raise Violation("false valid", str(kind))

    def _holds(self, piece: bytes, genuine: readings.Reading) -> bool:
        """Is it this content, in a CMS or beside it? What stands beside is never changed."""
        return genuine.core == self._content or readings.contains(piece, genuine)

    def _check_pdf(self, data: bytes) -> None:
        found = [each for each in self._revisions if each.begins(data)]
        if not found:
            raise Violation("false valid", "pdf: no signed revision")
        end = max(each.end for each in found)
        if data[end:].strip() and self._look(data[:end]) != readings.drawn(data):
            raise Violation("false valid", "pdf: drawn otherwise")

    def _look(self, data: bytes) -> str | None:
        if data not in self._drawn:
            if len(self._drawn) > 200:
                self._drawn.clear()
            self._drawn[data] = readings.drawn(data)
        return self._drawn[data]


# -- where the bytes of a valid part are ----------------------------------------------------------


def pieces(data: bytes, verdict: Verdict) -> Iterator[tuple[Kind, bytes]]:
    """Kind and bytes of everything in a file that is called valid for a signature of its own."""
    valid = verdict.overall is Overall.VALID
    match verdict.kind:
        case Kind.ZIP:
            yield from _inside(_entries(data), verdict)
        case Kind.EDXML:
            if valid and any(s.counts for s in verdict.signatures):
                yield Kind.XMLDSIG, data
            yield from _inside(_attachments(data), verdict)
        case Kind.SMIME | Kind.MAIL:
            if valid:
                yield Kind.SMIME, data
            if any(p.kind is Kind.SMIME and p.overall is Overall.VALID for p in verdict.parts):
                yield from _forwarded(data)
        case _ if valid:
            yield verdict.kind, data


Entries = Sequence[tuple[str, bytes]]
"""Names and contents; a name may stand twice."""


def _inside(entries: Entries, verdict: Verdict) -> Iterator[tuple[Kind, bytes]]:
    """The parts whose path names one entry only: with two, either may be meant."""
    for part in verdict.parts:
        # edXML names may be nested elements, which readers join in their own ways
        found = _named(entries, part.path, 0) or [content for _, content in entries]
        if len(found) == 1:
            yield from pieces(found[0], part)
        elif part.overall is Overall.VALID and not found and verdict.kind is Kind.ZIP:
            raise Violation("valid but unread", f"{verdict.kind}: no such entry")


def _named(entries: Entries, path: str, depth: int) -> list[bytes]:
    """What a part's path may mean: a file here, or in an archive here."""
    found = [content for name, content in entries if name == path]
    if depth < _MAX_NESTED:
        for name, content in entries:
            if content[:2] == b"PK":
                below = path.removeprefix(f"{name}/")
                found += _named(_entries(content), below, depth + 1)
    return found


def _entries(data: bytes) -> Entries:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except readings.ZIP_FAULTS:
        return []
    found = []
    for info in infos:
        with contextlib.suppress(*readings.ZIP_FAULTS):
            found.append((info.filename, zipfile.ZipFile(io.BytesIO(data)).read(info)))
    return found


def _attachments(data: bytes) -> Entries:
    """The documents of an edXML message."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return []
    found = []
    for node in root.iter("{*}Attachment"):
        names = [text.strip() for text in _texts(node, "{*}AttachmentName", "{*}FileName")]
        texts = _texts(node, "{*}ContentTransferEncoded", "{*}AttachmentContent", "{*}Content")
        with contextlib.suppress(binascii.Error, ValueError):
            held = [base64.b64decode(text) for text in texts]
            found += [(name, content) for name in names or [""] for content in held]
    return found


def _texts(node: etree._Element, *tags: str) -> list[str]:
    return ["".join(map(str, each.itertext())) for each in node.iterchildren(*tags)]


def _forwarded(data: bytes) -> Iterator[tuple[Kind, bytes]]:
    """The forwarded messages that carry a signature, where all agree on what a line is."""
    if re.search(rb"\r(?!\n)", data):
        return
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            inner = part.get_payload(0)
            assert isinstance(inner, Message)
            if "signed" in inner.get_content_type():
                try:
                    yield Kind.SMIME, inner.as_bytes()
                except UnicodeError:  # the standard library cannot write all that it reads
                    return


# -- revocation data and certificates -------------------------------------------------------------


@dataclass(frozen=True)
class _Role:
    """One way an input is used: with which trust, and on which file."""

    name: str
    material: TrustMaterial
    signed: bytes


class RevocationTarget:
    """A list, a response or a certificate beside files whose verdict hangs on it."""

    def __init__(self, name: str, world: World) -> None:
        self.name, self.world, self.mutator = name, world, _armoured
        self._good = tuple(map(signed_part, world.genuine))
        self._bad = tuple(map(signed_part, (world.other[0], world.other[2])))

    def run(self, data: bytes) -> Verdict:
        """Judges the signed files with the input in each role; raises `Violation`."""
        verdict: Verdict | None = None
        for role in self._roles(data):
            examiner = Examiner(role.material, Limits())
            verdict = examiner.judge_file("a.p7m", role.signed, self.world.moment)
            oracles.check(verdict)
            if verdict.overall is Overall.VALID and not _holds(data, self._good):
                raise Violation("false valid", role.name)
            if verdict.trust is Trust.REVOKED and not _holds(data, self._bad):
                raise Violation("false revocation", role.name)
        assert verdict is not None
        return verdict

    def _roles(self, data: bytes) -> Iterator[_Role]:
        signed, leaf_only, root_list = self.world.kept
        material = self.world.material
        good_list = self.world.genuine[0]
        yield _Role("list", _with(material, [root_list, data]), signed)
        yield _Role("response", _with(material, [root_list]), with_response(signed, data))
        yield _Role("certificate", _with(material, [root_list, good_list], [data]), leaf_only)


def _with(
    material: TrustMaterial, crls: Sequence[bytes], intermediates: Sequence[bytes] = ()
) -> TrustMaterial:
    return material.model_copy(update={
        "crls": tuple(crls), "intermediates": tuple(intermediates),
    })  # fmt: skip


def signed_part(data: bytes) -> bytes:
    """The bytes that the issuer signed of a certificate, list or OCSP response."""
    from asn1crypto import ocsp

    if data[4:6] == b"\x0a\x01":
        response = ocsp.OCSPResponse.load(data).basic_ocsp_response
        return bytes(response["tbs_response_data"].dump())
    body = data[4:]
    size = 4 + int.from_bytes(body[2:4], "big") if body[1] == 0x82 else 3 + body[2]
    return body[:size] if body[1] & 0x80 else body[: 2 + body[1]]


def _holds(data: bytes, parts: Sequence[bytes]) -> bool:
    return any(part in data for part in parts)


_FILES: dict[str, tuple[str, Mutator]] = {
    "pdf": ("a.pdf", pdf),
    "cms": ("a.p7m", _armoured),
    "smime": ("a.eml", mime),
    "xmldsig": ("a.xml", xml),
    "ooxml": ("a.docx", zip_file),
    "odf": ("a.odt", zip_file),
    "asic": ("a.asice", zip_file),
    "edxml": ("a.edxml", xml),
    "zip": ("a.zip", zip_file),
}


AnyTarget = Target | RevocationTarget | AxisTarget


def target(name: str, world: World) -> AnyTarget:
    """The target of a format over a world."""
    if name == "axis":
        return AxisTarget(world)
    if name == "revocation":
        return RevocationTarget(name, world)
    file_name, mutator = _FILES[name]
    return Target(name, file_name, mutator, world)
