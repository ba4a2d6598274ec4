"""winmail.dat: what Outlook attached is found, and no stream however bent leads anywhere else."""

import random
from typing import Any

import pytest

from monitor.extract import tnef as tnef_reader
from monitor.extract.documents import contents_of_file, contents_of_mail
from monitor.extract.mail import read_mail
from monitor.model import Finding
from tests.extract.archive_samples import attached, attribute, embedded, properties, tnef
from tests.extract.mail_samples import LIMITS, attachment, mail

PDF = b"%PDF-1.7\n% one"
MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def names(data: bytes) -> list[str | None]:
    return [each.name for each in contents_of_file("winmail.dat", data, LIMITS).documents]


def test_attachments_are_found_under_their_long_names() -> None:
    data = tnef(attached(PDF, "QUYETD~1.PDF", "Quyết định.pdf"), attached(PDF + b"2", "b.pdf"))
    assert names(data) == ["Quyết định.pdf", "b.pdf"]


def test_a_mail_that_carries_one_has_its_documents() -> None:
    raw = mail(attachment(tnef(attached(PDF, "a.pdf")), "winmail.dat"))
    found = contents_of_mail(read_mail(raw, None, LIMITS), LIMITS)
    assert [(each.name, each.data) for each in found.documents] == [("a.pdf", PDF)]
    assert found.findings == set()


def test_attachments_of_attached_messages_are_found_to_a_depth() -> None:
    stream = tnef(attached(PDF, "a.pdf"))
    assert names(tnef(embedded(stream))) == ["a.pdf"]
    for _ in range(40):
        stream = tnef(embedded(stream))
    assert Finding.ARCHIVE_LIMIT in contents_of_file("x", stream, LIMITS).findings


def test_a_cut_stream_gives_what_came_before_and_says_so() -> None:
    whole = tnef(attached(PDF, "a.pdf"), attached(PDF + b"2", "b.pdf"))
    found = contents_of_file("winmail.dat", whole[:-20], LIMITS)
    assert [each.name for each in found.documents][:1] == ["a.pdf"]
    assert found.findings == {Finding.MALFORMED}


@pytest.mark.parametrize(
    "value",
    [
        (2**32 - 1).to_bytes(4, "little"),
        properties()[:3],
        (1).to_bytes(4, "little") + (0x00011001).to_bytes(4, "little") + b"\xff" * 4,
        (9).to_bytes(4, "little") + (0x3707001F).to_bytes(4, "little") + b"\xff" * 8,
    ],
    ids=["endless properties", "cut", "endless values of no length", "endless text"],
)
def test_hostile_properties_end(value: bytes) -> None:
    stream = tnef(attribute(2, 0x69002, bytes(14)), attribute(2, 0x69005, value))
    assert contents_of_file("winmail.dat", stream, LIMITS).findings == {Finding.MALFORMED}


def test_changed_streams_raise_nothing() -> None:
    whole = tnef(attached(PDF, "a.pdf", "á.pdf"), embedded(tnef(attached(PDF, "b.pdf"))))
    chance = random.Random(5)
    for _ in range(2000):
        changed = bytearray(whole)
        for _ in range(3):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        contents_of_file("winmail.dat", bytes(changed), LIMITS)


def test_values_of_no_length_are_not_counted_out() -> None:
    null = (0x00011001).to_bytes(4, "little")
    claimed = 1_000_000
    value = (1).to_bytes(4, "little") + null + claimed.to_bytes(4, "little") + bytes(claimed)
    taken: list[int] = []
    reader = tnef_reader._value

    def counted(*given: Any, **how: Any) -> Any:
        taken.append(1)
        return reader(*given, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tnef_reader, "_value", counted)
        names(tnef(attribute(2, 0x69002, bytes(14)), attribute(2, 0x69005, value)))
    assert len(taken) == 1


def test_no_more_attachments_are_noted_than_may_be_opened() -> None:
    limits = LIMITS.model_copy(update={"archive_entries": 3})
    stream = tnef(*[attribute(2, 0x69002, b"")] * 50, attribute(3, 0, b""))
    found = contents_of_file("winmail.dat", stream, limits)
    assert found.findings == {Finding.ARCHIVE_LIMIT}  # what is cut lies behind the bound


def test_of_an_attachment_with_several_contents_each_is_found() -> None:
    other = properties((0x37010102, PDF + b"3"))
    twice = attribute(2, 0x6800F, PDF + b"2") + attribute(2, 0x69005, other)
    inside = attribute(2, 0x69005, properties((0x3701000D, MESSAGE + tnef(attached(PDF, "m")))))
    found = contents_of_file("x", tnef(attached(PDF + b"1", "a.pdf") + twice + inside), LIMITS)
    contents = {each.data for each in found.documents}
    assert contents == {PDF, PDF + b"1", PDF + b"2", PDF + b"3"}
