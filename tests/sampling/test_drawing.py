"""What is drawn: by a keyed hash, alike on every node, and unforeseeable to who sends."""

import hashlib
import itertools

import pytest

from monitor.model import Examined
from monitor.record import Sealer
from monitor.sampling.drawing import draw, file_key, message_key
from tests.support.outcomes import document, filed, mail, verdict

SECRET = bytes(range(32))
KEYS = [hashlib.sha256(str(number).encode()).digest() for number in range(20_000)]


def drawn(secret: bytes, rate: float) -> list[bool]:
    sealer = Sealer(secret)
    return [draw(sealer, key, rate).drawn for key in KEYS]


@pytest.mark.parametrize("rate", [0.5, 0.2, 0.1, 0.02])
def test_the_share_that_is_drawn_is_the_rate(rate: float) -> None:
    # Five standard deviations of a binomial; the secret is fixed, so it is the same each time.
    share = sum(drawn(SECRET, rate)) / len(KEYS)
    assert abs(share - rate) < 5 * (rate * (1 - rate) / len(KEYS)) ** 0.5


def test_at_rate_one_everything_is_drawn() -> None:
    assert all(drawn(SECRET, 1.0))


def test_what_is_drawn_at_a_rate_is_drawn_at_every_higher_one() -> None:
    half, tenth = drawn(SECRET, 0.5), drawn(SECRET, 0.1)
    assert all(high for high, low in zip(half, tenth, strict=True) if low)


def test_two_nodes_with_the_same_secret_decide_alike() -> None:
    assert drawn(SECRET, 0.5) == drawn(bytes(SECRET), 0.5)


def test_who_does_not_know_the_secret_cannot_tell_what_is_drawn() -> None:
    # With any other secret, one bit away even, half of the decisions are others.
    other = bytes([SECRET[0] ^ 1, *SECRET[1:]])
    alike = sum(a == b for a, b in zip(drawn(SECRET, 0.5), drawn(other, 0.5), strict=True))
    assert abs(alike / len(KEYS) - 0.5) < 0.02


def test_a_message_next_to_one_that_was_not_drawn_is_drawn_as_often_as_any() -> None:
    # A sender who saw what became of one message learns nothing of the next, whatever is varied.
    sealer = Sealer(SECRET)
    lots = [sealer.lot(number.to_bytes(32, "big")) for number in range(4000)]
    after_low = [b for a, b in itertools.pairwise(lots) if a < 0.1]
    assert 0.35 < sum(after_low) / len(after_low) < 0.65


def test_the_lot_is_no_pseudonym_and_no_seal_shows_it() -> None:
    sealer = Sealer(SECRET)
    pseudonym = sealer.pseudonym("a@so.example") & (1 << 64) - 1
    assert sealer.lot(b"a@so.example") != (pseudonym >> 11) / (1 << 53)


def test_copies_of_a_message_have_one_key_and_other_messages_another() -> None:
    one, copy, other = mail("a"), mail("a", source="other"), mail("b")
    keys = [message_key(each.header, each.examined) for each in (one, copy, other)]
    assert keys[0] == keys[1] != keys[2]


def test_a_mail_that_nobody_could_read_is_drawn_by_itself() -> None:
    lost = Examined(verdict=verdict())
    keys = {message_key(mail("a").header, lost) for _ in range(3)}
    assert len(keys) == 3


def test_a_file_is_known_by_its_bytes_channel_and_whose_it_is_said_to_be() -> None:
    one, again = filed(document("x")), filed(document("x"))
    other = filed(document("x"), agency="so-hai")
    assert file_key(one.header, b"x") == file_key(again.header, b"x")
    assert file_key(one.header, b"x") != file_key(one.header, b"y")
    assert file_key(one.header, b"x") != file_key(other.header, b"x")
