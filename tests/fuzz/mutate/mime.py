"""Changes of mails by header line, part, boundary and encoding, and of the CMS they carry."""

import random
import re
from collections.abc import Sequence

from tests.fuzz.mutate import Mutator, composed
from tests.fuzz.mutate.der import der
from tests.fuzz.mutate.octets import base64_text, octets

_LINE = re.compile(rb"^[!-9;-~]+:[^\n]*(?:\n[ \t][^\n]*)*\n", re.MULTILINE)
_MARK = re.compile(rb"^--[^\r\n]{1,70}\r?\n", re.MULTILINE)
_PARAMETER = re.compile(rb';\s*([A-Za-z-]+)=("[^"\r\n]*"|[^;\s]+)')
_TYPE = re.compile(rb"Content-Type:[ \t]*([^;\r\n]+)", re.IGNORECASE)
_HEADERS = (
    b"From: x@example.org\r\n", b"From : x@example.org\r\n", b"Subject: other\r\n",
    b"Content-Type: text/html\r\n", b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n", b"MIME-Version: 1.0\r\n",
    b"Content-Disposition: attachment\r\n", b"Sender: x@example.org\r\n", b"Reply-To: x@y.z\r\n",
    b'Content-Type: multipart/mixed; boundary="sig"\r\n', b"X: \0\r\n", b"From: a@b, c@d\r\n",
    b"Date: Mon, 1 Jan 2001 00:00:00 +0000\r\n", b"To: x@y.z\r\n", b"\r\n",
)  # fmt: skip
_TYPES = (
    b"text/plain", b"text/html", b"multipart/mixed", b"multipart/signed", b"multipart/alternative",
    b"multipart/related", b"message/rfc822", b"application/pkcs7-mime", b"multipart/digest",
    b"application/pkcs7-signature", b"application/octet-stream", b"message/partial",
    b"message/external-body", b"text/rfc822-headers", b"", b"text",
)  # fmt: skip
_TEXTS = (
    b"Content-Type: text/html\r\n\r\n<p>Pay</p>", b"\r\nPay", b"", b"Content-Type: text/plain\r\n",
    b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nUGF5",
)  # fmt: skip
_VALUES = (b"sig", b'"sig"', b'"sig "', b"", b'"', b"signed-data", b"enveloped-data",
           b"application/pkcs7-signature", b"sha-1", b"utf-7", b"=?utf-8?q?sig?=")  # fmt: skip


def mime(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The mail after one to four changes."""
    ways: tuple[Mutator, ...] = (
        octets, _line, _line, _parameter, _type, _part, _part, _wrapped, _around, _endings,
        _cms, _cms, _nested,
    )  # fmt: skip
    return composed(data, chance, others, *ways)


def _pick(pattern: re.Pattern[bytes], data: bytes, chance: random.Random) -> re.Match[bytes] | None:
    found = list(pattern.finditer(data[:100_000]))
    return chance.choice(found) if found else None


def _cms(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    return base64_text(data, chance, others, der)


def _line(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A header line is removed, doubled, exchanged, folded, or joined by another."""
    found = _pick(_LINE, data, chance)
    if found is None:
        return octets(data, chance, others)
    line = found[0]
    new = chance.choice((
        b"", line + line, line.lower(), line.replace(b" ", b"\r\n ", 1),
        line + chance.choice(_HEADERS), chance.choice(_HEADERS) + line, chance.choice(_HEADERS),
        line.replace(b":", b" :", 1), line.replace(b"\r\n", b"\n"),
        line.rstrip(b"\r\n") + b"; x=y\r\n",
    ))  # fmt: skip
    return data[: found.start()] + new + data[found.end() :]


def _parameter(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    found = _pick(_PARAMETER, data, chance)
    if found is None:
        return octets(data, chance, others)
    new = chance.choice((
        b"", found[0] + found[0], b"; %s=%s" % (found[1], chance.choice(_VALUES)),
        found[0] + b"; %s=%s" % (found[1], chance.choice(_VALUES)),
        b"; %s*=utf-8''%s" % (found[1], found[2].strip(b'"')),
        b"; %s*0=%s" % (found[1], found[2]), b";" + found[0], found[0].upper(),
        found[0] + b" (comment)",
    ))  # fmt: skip
    return data[: found.start()] + new + data[found.end() :]


def _type(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    found = _pick(_TYPE, data, chance)
    if found is None:
        return octets(data, chance, others)
    return data[: found.start(1)] + chance.choice(_TYPES) + data[found.end(1) :]


def _part(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """At a delimiter: a part more, the delimiter away, changed, doubled, or made the last."""
    found = _pick(_MARK, data, chance)
    if found is None:
        return octets(data, chance, others)
    mark = found[0]
    new = chance.choice((
        mark + chance.choice(_TEXTS) + b"\r\n" + mark, b"", mark + mark, b" " + mark,
        mark.rstrip() + b"--\r\n", mark.rstrip() + b" \t\r\n", mark.rstrip(b"\r\n-") + b"x\r\n",
        mark.replace(b"\r\n", b"\n"), b"\r\n" + mark,
    ))  # fmt: skip
    return data[: found.start()] + new + data[found.end() :]


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Header of the message without its content fields, and the rest as an entity."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = _LINE.findall(head + b"\r\n")
    own = [line for line in lines if not line.lower().startswith(b"content-")]
    content = [line for line in lines if line.lower().startswith(b"content-")]
    return b"".join(own), b"".join(content) + b"\r\n" + body


def _wrapped(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The entity becomes one part of a multipart of some kind."""
    header, entity = _split(data)
    parts = chance.choice(
        ([entity], [entity, chance.choice(_TEXTS)], [chance.choice(_TEXTS), entity])
    )
    kind = chance.choice((b"mixed", b"related", b"alternative", b"signed", b"report", b"x-own"))
    body = b"".join(b"--wrap\r\n" + part + b"\r\n" for part in parts)
    return (
        header
        + b'Content-Type: multipart/%s; boundary="wrap"\r\n\r\n' % kind
        + body
        + b"--wrap--\r\n"
    )


def _nested(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The message, or another, inside a message in the same name."""
    header, _ = _split(data)
    inner = chance.choice(others) if others and chance.random() < 0.3 else data
    return header + b"Content-Type: message/rfc822\r\n\r\n" + inner


def _around(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """Text where no reader looks, or where only some do."""
    head, gap, body = data.partition(b"\r\n\r\n")
    text = chance.choice((b"Pay\r\n", b"\r\n", b" \r\n", b"\t", b"--sig--\r\n", b"--sig\r\n"))
    return chance.choice((data + text, head + gap + text + body, text + data))


def _endings(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    unix = data.replace(b"\r\n", b"\n")
    return chance.choice((unix, unix.replace(b"\n", b"\r"), data.replace(b"\r\n", b"\r\r\n")))
