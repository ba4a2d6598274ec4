"""A file that comes again is not verified again, whatever its kind; one that differs is."""

import pytest

from monitor.extract.mail import read_mail
from monitor.model import Limits, Overall
from monitor.verify import judge as module
from monitor.verify.cms import CmsFacts, cms_facts
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify import smime_samples as mails
from tests.verify.test_kept_evidence import FILES
from tests.verify.test_smime_verdict import FROM, LEADER

CONTENT = b"van ban"


@pytest.mark.parametrize("name", FILES)
def test_the_same_bytes_are_read_once(name: str) -> None:
    judge, data = Judge(make.material()), FILES[name]()
    first = judge.facts(data, name)
    assert judge.facts(bytes(bytearray(data)), f"copy of {name}") is first
    changed = data[:-1] + bytes([data[-1] ^ 1])
    assert judge.facts(changed, name) is not first


def test_a_detached_signature_is_known_with_its_content_alone() -> None:
    judge, data = Judge(make.material()), make.cms(CONTENT)
    verdicts = [
        judge.judge(data, "a.p7s", make.moment(), content).verdict.overall
        for content in (CONTENT, CONTENT + b"!", CONTENT, None)
    ]
    assert verdicts == [Overall.VALID, Overall.INVALID, Overall.VALID, Overall.INDETERMINATE]
    assert judge.facts(data, "a.p7s", CONTENT) is judge.facts(data, "b.p7s", CONTENT)


def test_a_name_that_changes_what_a_file_is_is_no_copy() -> None:
    judge, data = Judge(make.material()), b"nothing known"
    kinds = {judge.facts(data, name).kind for name in ("a.pdf", "a.txt", "a.edxml")}
    assert len(kinds) == 3


def test_the_signature_of_a_mail_to_many_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[bytes] = []

    def counted(cms: bytes, content: bytes | None) -> CmsFacts:
        verified.append(cms)
        return cms_facts(cms, content)

    monkeypatch.setattr(module, "cms_facts", counted)
    judge = Judge(mails.material())
    signed = mails.clear_signed(mails.TEXT, LEADER)
    for number in range(5):
        raw = f"X-Copy: {number}\r\n".encode() + mails.header(FROM) + signed
        facts = judge.mail(read_mail(raw, None, Limits()).root)
        assert judge.conclude(facts, "", mails.MOMENT).verdict.overall is Overall.VALID
    assert len(verified) == 1


def test_a_message_cut_short_inside_others_is_read_whole_on_its_own() -> None:
    from tests.verify import test_edxml_messages as edxml

    judge = Judge(make.material())
    inner = edxml.message(edxml.attachment("a.pdf", make.signed_page()))
    nested = inner
    for _ in range(3):
        nested = edxml.message(edxml.attachment("a.edxml", nested.encode()))
    assert judge.judge(nested.encode(), "a.edxml", make.moment()).verdict.parts
    assert judge.judge(inner.encode(), "a.edxml", make.moment()).verdict.overall is Overall.VALID
