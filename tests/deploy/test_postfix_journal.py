"""deploy/postfix with a real Postfix: copies reach congvu, and official mail never notices."""

from collections.abc import Iterator

import pytest

from tests.deploy.postfix_pair import JOURNAL_DOMAIN, Pair, is_root, postfix_pair, subjects
from tests.support.needs import needs

pytestmark = [
    needs("postfix", "postconf", "postqueue", "swaks"),
    pytest.mark.skipif(not is_root(), reason="Postfix starts as root alone"),
]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with postfix_pair() as running:
        yield running


def test_every_mail_is_delivered_and_copied_once(pair: Pair) -> None:
    pair.send("mot")
    pair.wait(lambda: len(pair.officials.taken) == 1 and len(pair.congvu.taken) == 1)
    copy = pair.congvu.taken[0]
    assert copy.mail_from == "an@so.gov.vn"
    assert copy.rcpt_to[0].endswith(f"@{JOURNAL_DOMAIN}")
    assert pair.officials.taken[0].rcpt_to == ("binh@so.gov.vn",)
    assert copy.content.count(b"\nReceived: ") + copy.content.startswith(b"Received: ") == 2
    assert b"with ESMTP" in copy.content


def test_while_congvu_is_away_official_mail_flows_and_copies_wait_in_their_own_queue(
    pair: Pair,
) -> None:
    pair.congvu.stop()
    for number in range(3):
        pair.send(f"mail {number}")
    pair.wait(lambda: len(pair.officials.taken) == 3)
    pair.wait(lambda: len(pair.journal.queue()) == 3)
    assert pair.gateway.queue() == []
    pair.congvu.start()
    pair.wait(lambda: len(pair.congvu.taken) == 3 and not pair.journal.queue())
    assert sorted(subjects(pair.congvu)) == ["mail 0", "mail 1", "mail 2"]
    assert sorted(subjects(pair.officials)) == ["mail 0", "mail 1", "mail 2"]


@pytest.mark.parametrize("answer", ["451 try later", "452 full", "550 no"])
def test_whatever_congvu_answers_the_copy_is_kept_and_nobody_is_told(
    pair: Pair, answer: str
) -> None:
    pair.congvu.answer = answer
    pair.send("mot")
    pair.wait(lambda: len(pair.officials.taken) == 1 and pair.congvu.refused > 1)
    assert len(pair.journal.queue()) == 1
    pair.congvu.answer = "250 OK"
    pair.wait(lambda: len(pair.congvu.taken) == 1 and not pair.journal.queue())
    assert subjects(pair.officials) == ["mot"]


def test_a_copy_that_expires_is_dropped_without_a_word_to_officials(pair: Pair) -> None:
    pair.congvu.answer = "451 try later"
    pair.journal.set(maximal_queue_lifetime="0s", bounce_queue_lifetime="0s")
    pair.send("mot")
    pair.wait(lambda: pair.congvu.refused > 0 and "status=expired" in pair.journal.said())
    pair.wait(lambda: not pair.journal.queue() and not pair.gateway.queue())
    pair.send("hai")
    pair.wait(lambda: "hai" in subjects(pair.officials))
    assert subjects(pair.officials) == ["mot", "hai"]


def test_with_the_journal_queue_stopped_official_mail_flows_and_nobody_is_told(pair: Pair) -> None:
    pair.journal.run("postfix", "stop")
    pair.send("mot")
    pair.wait(lambda: len(pair.officials.taken) == 1)
    assert len(pair.gateway.queue()) == 1
    pair.gateway.set(maximal_queue_lifetime="0s", bounce_queue_lifetime="0s")
    pair.wait(lambda: not pair.gateway.queue())
    pair.send("hai")
    pair.wait(lambda: "hai" in subjects(pair.officials))
    assert subjects(pair.officials) == ["mot", "hai"]


def test_a_bounce_of_the_journal_queue_itself_is_discarded(pair: Pair) -> None:
    """Even where NOTIFY=NEVER got lost on the way and the refusal is final."""
    pair.journal.set(soft_bounce="no")
    pair.congvu.answer = "550 no"
    pair.send("mot", port=pair.journal_port, to=f"journal-7f3a91@{JOURNAL_DOMAIN}")
    pair.wait(lambda: "sender non-delivery notification" in pair.journal.said())
    pair.wait(lambda: "relay=none" in pair.journal.said() and not pair.journal.queue())
    assert "(not a journal copy)" in pair.journal.said()
    assert pair.officials.taken == []


def test_the_journal_queue_takes_mail_for_nobody_else(pair: Pair) -> None:
    with pytest.raises(Exception, match="returned non-zero exit status"):
        pair.send("mot", port=pair.journal_port)
    assert "Relay access denied" in pair.journal.said()
    assert pair.journal.queue() == []


def test_a_large_mail_with_long_lines_is_copied_unchanged(pair: Pair) -> None:
    long = "x" * 5000
    pair.send(f"dai\nX-Long: {long}")
    pair.wait(lambda: len(pair.congvu.taken) == 1)
    assert long.encode() in pair.congvu.taken[0].content
