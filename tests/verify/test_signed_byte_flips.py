"""Every covered byte counts, in mails and in XML whose signed element was moved.

PDF, CMS, ASiC, ODF, OOXML and enveloped XML have the like of it beside their other tests.
"""

import pytest

from monitor.model import Overall
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify import smime_samples as mails
from tests.verify import xml_making as xml

_JUDGE = Judge(make.material())
LEADER = mails.pki().officer()
HEAD = mails.header(f"Lanh dao <{LEADER.email}>")


def test_no_byte_of_a_clear_signed_part_can_change_and_leave_it_valid() -> None:
    raw = HEAD + mails.clear_signed(mails.TEXT, LEADER)
    start = raw.index(mails.TEXT)
    for at in range(start, start + len(mails.TEXT)):
        changed = raw[:at] + bytes([raw[at] ^ 0x01]) + raw[at + 1 :]
        assert mails.judge(changed).verdict.overall is not Overall.VALID, at


def test_no_byte_of_an_opaque_signed_part_can_change_and_leave_it_valid() -> None:
    cms = mails.signed(mails.TEXT, LEADER, detached=False)
    start = cms.index(mails.TEXT)
    for at in range(start, start + len(mails.TEXT)):
        changed = cms[:at] + bytes([cms[at] ^ 0x01]) + cms[at + 1 :]
        assert mails.judge(HEAD + mails.opaque(changed)).verdict.overall is not Overall.VALID, at


def test_no_byte_of_a_detached_content_can_change_and_leave_it_valid() -> None:
    content = "Số 12/QĐ-UBND".encode()
    for signed in (make.cms(content), xml.signature(xml.Ref("a.txt", content)).encode()):
        assert _detached(signed, content) is Overall.VALID
        for at in range(len(content)):
            changed = content[:at] + bytes([content[at] ^ 0x80]) + content[at + 1 :]
            assert _detached(signed, changed) is Overall.INVALID, at


def _detached(signed: bytes, content: bytes) -> Overall:
    return _JUDGE.judge(signed, "a", make.moment(), content).verdict.overall


# -- XML signature wrapping (Somorovsky et al., "On Breaking SAML", USENIX Security 2012) ---------

SIGNED = '<Assertion Id="a"><Role>clerk</Role></Assertion>'
EVIL = '<Assertion Id="evil"><Role>chairman</Role></Assertion>'
SIGNATURE = xml.signature(xml.Ref("#a", SIGNED.encode(), (xml.EXCLUSIVE,)))
OPEN, CLOSE = SIGNATURE.split("</ds:Signature>")[0], "</ds:Signature>"
WRAPPED = {
    "1: the original inside the signature of the evil root": (
        f'<Response Id="evil"><Role>chairman</Role>{OPEN}<ds:Object><Response>{SIGNED}</Response>'
        f"</ds:Object>{CLOSE}</Response>"
    ),
    "2: the original beside the signature, detached": (
        f'<Response Id="evil"><Role>chairman</Role>{SIGNATURE}{SIGNED}</Response>'
    ),
    "3: evil and original are siblings": f"<Response>{EVIL}{SIGNED}{SIGNATURE}</Response>",
    "4: the original is a child of the evil one": (
        f'<Response><Assertion Id="evil"><Role>chairman</Role>{SIGNED}</Assertion>{SIGNATURE}'
        "</Response>"
    ),
    "5: the signature moved into the evil one, the original to the end": (
        f'<Response><Assertion Id="evil"><Role>chairman</Role>{SIGNATURE}</Assertion>{SIGNED}'
        "</Response>"
    ),
    "6: the original below the moved signature": (
        f'<Response><Assertion Id="evil"><Role>chairman</Role>{OPEN}{SIGNED}{CLOSE}</Assertion>'
        "</Response>"
    ),
    "7: the original in an extension, the identifier kept twice": (
        f'<Response><Extensions><Assertion Id="a"><Role>chairman</Role></Assertion></Extensions>'
        f"{SIGNED}{SIGNATURE}</Response>"
    ),
    "8: the original in an object of the moved signature": (
        f'<Response><Assertion Id="evil"><Role>chairman</Role>{OPEN}<ds:Object>{SIGNED}'
        f"</ds:Object>{CLOSE}</Assertion></Response>"
    ),
}


def test_the_document_that_is_wrapped_below_is_valid() -> None:
    genuine = f"<Response>{SIGNED}{SIGNATURE}</Response>".encode()
    assert _JUDGE.judge(genuine, "a.xml", make.moment()).verdict.overall is Overall.VALID


@pytest.mark.parametrize("kind", WRAPPED)
def test_no_way_of_wrapping_is_valid(kind: str) -> None:
    found = _JUDGE.judge(WRAPPED[kind].encode(), "a.xml", make.moment()).verdict
    assert found.overall is not Overall.VALID
