"""The structure of a message, beside the standard library's parser and by the exact byte."""

import email
import email.policy
import io
import random
from email import generator
from email.message import EmailMessage, Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Finding, Limits
from monitor.verify.smime_entity import Entity, Structure
from tests.extract.mail_samples import HEADER, attachment, mail, mixed

TEXT = b"Content-Type: text/plain\r\n\r\nhello\r\n"


def parse(raw: bytes, limits: Limits | None = None) -> tuple[Entity, set[Finding]]:
    structure = Structure(limits or Limits())
    return structure.parse(raw), structure.findings


def shape(entity: Entity) -> object:
    """Types and decoded leaves as nested tuples."""
    if entity.children:
        return entity.type, tuple(shape(child) for child in entity.children)
    data, _ = entity.decoded()
    return entity.type, data.replace(b"\r\n", b"\n").strip()


def reference(message: Message) -> object:
    """The same of the standard library's tree."""
    payload = message.get_payload()
    if isinstance(payload, list):
        return message.get_content_type(), tuple(
            reference(part) for part in payload if isinstance(part, Message)
        )
    data = message.get_payload(decode=True)
    assert isinstance(data, bytes)
    return message.get_content_type(), data.replace(b"\r\n", b"\n").strip()


@st.composite
def messages(draw: st.DrawFn, depth: int = 0) -> EmailMessage:
    """Messages as a sound mailer writes them."""
    message = EmailMessage()
    kinds = ["text", "html", "file"] + (["mixed", "alternative", "forward"] if depth < 3 else [])
    kind = draw(st.sampled_from(kinds))
    words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=200)
    if kind in ("text", "html"):
        encoding = draw(st.sampled_from(["base64", "quoted-printable", "8bit"]))
        subtype = "plain" if kind == "text" else "html"
        message.set_content(draw(words), subtype=subtype, cte=encoding)
    elif kind == "file":
        message.set_content(
            draw(st.binary(max_size=300)),
            maintype="application",
            subtype="pdf",
            filename=draw(st.sampled_from(["a.pdf", "Công văn số 12.pdf"])),
        )
    elif kind == "forward":
        message.set_content(draw(messages(depth + 1)))
    else:
        getattr(message, f"make_{kind}")()
        for _ in range(draw(st.integers(1, 3))):
            message.attach(draw(messages(depth + 1)))
    return message


def written(message: EmailMessage, line_end: str) -> bytes:
    out = io.BytesIO()
    policy = email.policy.default.clone(linesep=line_end)
    generator.BytesGenerator(out, policy=policy).flatten(message)
    return out.getvalue()


@given(messages(), st.sampled_from(["\r\n", "\n"]))
def test_sound_messages_are_read_as_the_standard_library_reads_them(
    message: EmailMessage, line_end: str
) -> None:
    raw = written(message, line_end)
    entity, findings = parse(raw)
    assert shape(entity) == reference(email.message_from_bytes(raw, policy=email.policy.compat32))
    assert not findings


@given(messages(), st.sampled_from(["\r\n", "\n"]))
def test_every_part_is_an_exact_slice_between_its_delimiters(
    message: EmailMessage, line_end: str
) -> None:
    raw = written(message, line_end)
    root, _ = parse(raw)
    stack = [root]
    while stack:
        entity = stack.pop()
        assert entity.raw() == entity.source[entity.start : entity.end]
        for child in entity.children:
            assert entity.body <= child.start <= child.end <= entity.end
            if entity.is_multipart:
                assert raw[: child.start].endswith(line_end.encode())
                assert raw[child.end :].startswith(line_end.encode() + b"--")
        stack.extend(entity.children)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (HEADER + b"\r\n", ("text/plain", b"")),
        (b"", ("text/plain", b"")),
        (b"\r\nbody", ("text/plain", b"body")),
        (b"body without a header", ("text/plain", b"body without a header")),
        (b"From mailer Mon Mar  2 09:00:00 2026\nSubject: x\n\nbody", ("text/plain", b"body")),
        (HEADER + b"Content-Type: nonsense\r\n\r\nx", ("text/plain", b"x")),
        (HEADER + b"Content-Type: multipart/mixed\r\n\r\nx", ("multipart/mixed", b"x")),
        (
            HEADER + b"Content-Type: multipart/mixed; boundary=no\r\n\r\nx",
            ("multipart/mixed", b"x"),
        ),
        (
            HEADER + mixed(b"\r\none", TEXT).replace(b"--m1--\r\n", b""),
            ("multipart/mixed", (("text/plain", b"one"), ("text/plain", b"hello"))),
        ),
        (
            HEADER + mixed(b"\r\n--m1x\r\n --m1\r\ntext --m1"),
            ("multipart/mixed", (("text/plain", b"--m1x\n --m1\ntext --m1"),)),
        ),
        (
            HEADER + mixed(b"\r\nx").replace(b"--m1\r\n", b"--m1 \t \r\n"),
            ("multipart/mixed", (("text/plain", b"x"),)),
        ),
        (
            HEADER + mixed(mixed(TEXT, boundary="m2")[:-8]),
            ("multipart/mixed", (("multipart/mixed", (("text/plain", b"hello"),)),)),
        ),
        (
            HEADER + mixed(b"\r\nSubject: x\r\n\r\ny", kind="multipart/digest"),
            ("multipart/digest", (("message/rfc822", (("text/plain", b"y"),)),)),
        ),
    ],
)
def test_forms_seen_in_the_wild_are_read(raw: bytes, expected: object) -> None:
    assert shape(parse(raw)[0]) == expected


def test_a_message_that_was_wrongly_encoded_as_base64_is_still_opened() -> None:
    inner = HEADER + mixed(attachment(b"%PDF-1.4", "a.pdf"))
    root, findings = parse(HEADER + attachment(inner, "a.eml", "message/rfc822"))
    assert shape(root) == (
        "message/rfc822",
        (("multipart/mixed", (("application/octet-stream", b"%PDF-1.4"),)),),
    )
    assert Finding.MIME_MALFORMED in findings


@pytest.mark.parametrize(
    ("raw", "decoded", "sound"),
    [
        (b"QUJD", b"ABC", True),
        (b"QUI=\r\n", b"AB", True),
        (b"QUI", b"AB", False),
        (b"QUJDR", b"ABC", False),
        (b"Q U\r\nJ#D", b"ABC", True),
        (b"QUI=\r\nfooter text", b"AB", False),
        (b"", b"", True),
    ],
)
def test_broken_base64_gives_what_it_holds(raw: bytes, decoded: bytes, sound: bool) -> None:
    part = b"Content-Transfer-Encoding: BASE64 (mime)\r\n\r\n" + raw
    assert parse(part)[0].decoded() == (decoded, sound)


@pytest.mark.parametrize("encoding", [b"x-uuencode", b"uuencode", b"X-UUE"])
def test_uuencode_is_decoded(encoding: bytes) -> None:
    body = b"begin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n"
    raw = b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body
    assert parse(raw)[0].decoded() == (b"Cat", True)


def test_an_unknown_transfer_encoding_leaves_the_bytes_and_says_so() -> None:
    raw = b"Content-Transfer-Encoding: x-own\r\n\r\nbytes"
    assert parse(raw)[0].decoded() == (b"bytes", False)


def test_depth_parts_and_header_size_are_bounded() -> None:
    deep = TEXT
    for level in range(40):
        deep = mixed(deep, boundary=f"b{level}")
    many = mixed(*[TEXT] * 3000)
    long_header = b"X: " + b"y" * 2_000_000 + b"\r\nSubject: late\r\n\r\nbody"
    for raw in (deep, many, long_header):
        assert Finding.MIME_LIMIT in parse(HEADER + raw)[1]
    assert len(parse(HEADER + many)[0].children) < 1001
    assert parse(HEADER + long_header)[0].decoded()[0] == b"body"


def test_messages_inside_messages_are_bounded() -> None:
    nested = TEXT
    for _ in range(200):
        nested = b"Content-Type: message/rfc822\r\n\r\n" + nested
    assert Finding.MIME_LIMIT in parse(nested)[1]


SEEDS = (
    mail(TEXT, attachment(b"%PDF-1.4 x", "a.pdf")),
    mail(mixed(TEXT, boundary="m2"), b"Content-Type: message/rfc822\r\n\r\n" + HEADER + TEXT),
)


@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False), st.integers(1, 30))
def test_damaged_messages_are_read_without_an_error(
    seed: bytes, chance: random.Random, changes: int
) -> None:
    raw = bytearray(seed)
    for _ in range(changes):
        at = chance.randrange(len(raw))
        move = chance.randrange(4)
        if move == 0:
            raw[at] = chance.randrange(256)
        elif move == 1:
            del raw[at : at + chance.randrange(1, 40)]
        elif move == 2:
            raw[at:at] = chance.choice([b"\r\n--m1\r\n", b"--m1--", b"\n\n", b"\0", b'"', b"; ="])
        else:
            raw[at:at] = raw[chance.randrange(len(raw)) :][:80]
        if not raw:
            break
    entity, _ = parse(bytes(raw))
    shape(entity)


@given(st.binary(max_size=2000))
def test_arbitrary_bytes_are_read_without_an_error(raw: bytes) -> None:
    shape(parse(raw)[0])
