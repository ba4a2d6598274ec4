"""Answers are cut from the stream the same wherever it breaks, and bounded before they arrive."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.isolate.wire import (
    EXAMINE,
    EXAMINED,
    FAULT,
    HEAD,
    AnswerReader,
    Frame,
    WireError,
    head,
    read_request,
)

frames = st.lists(
    st.builds(
        Frame, st.sampled_from([EXAMINED, FAULT]), st.integers(0, 2**64 - 1), st.binary(max_size=99)
    )
)


@given(frames, st.lists(st.integers(1, 40), min_size=1))
def test_frames_survive_any_cutting(sent: list[Frame], sizes: list[int]) -> None:
    stream = b"".join(head(f.kind, f.ticket, f.payload) + f.payload for f in sent)
    got: list[Frame] = []
    reader, at, turn = AnswerReader(), 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        got += reader.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert got == sent


@given(st.binary(min_size=HEAD.size, max_size=200))
def test_any_bytes_are_frames_or_an_error_and_nothing_else(data: bytes) -> None:
    try:
        for frame in AnswerReader(100).feed(data):
            assert len(frame.payload) <= 100
    except WireError:
        pass


@pytest.mark.parametrize(
    "start",
    [HEAD.pack(EXAMINED, 1, 101, 0), HEAD.pack(EXAMINED, 1, 0, 1), HEAD.pack(EXAMINE, 1, 0, 0)],
    ids=["too long", "with a body", "not an answer"],
)
def test_a_bad_head_is_refused_before_its_payload_comes(start: bytes) -> None:
    with pytest.raises(WireError):
        list(AnswerReader(100).feed(start))


@given(st.binary(max_size=50), st.binary(max_size=50), st.integers(0, 200))
def test_a_request_is_read_whole_or_not_at_all(payload: bytes, body: bytes, cut: int) -> None:
    whole = head(EXAMINE, 7, payload, len(body)) + payload + body
    request = read_request(io.BytesIO(whole[:cut]))
    if cut < len(whole):
        assert request is None
    else:
        assert request == (EXAMINE, 7, payload, body)
