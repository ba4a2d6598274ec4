"""The mail builders: what they sign verifies, what they spoof does not, and traces are read."""

import email
import email.policy
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.demo.agencies import AGENCIES
from monitor.demo.documents import DocumentKind
from monitor.examine import Examiner
from monitor.model import (
    Binding,
    Channel,
    Examined,
    ItemHeader,
    Limits,
    MailEnvelope,
    Moment,
    Overall,
    PayloadKind,
)
from tests.support.mails import (
    NOW,
    Manner,
    Pki,
    attached,
    document,
    from_inside,
    from_outside,
    letter,
    plain_mail,
    signed_mail,
)
from tests.support.needs import needs, program


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki.create(7, NOW)


def examine(pki: Pki, raw: bytes, sender: str = "a@b.example") -> Examined:
    header = ItemHeader(
        item_id="0" * 32,
        kind=PayloadKind.MAIL,
        source="demo-gateway",
        channel=Channel.MAIL,
        received_at=NOW,
        size=len(raw),
        envelope=MailEnvelope(mail_from=sender, rcpt_to=("j@demo.example",), peer="127.0.0.1"),
    )
    moment = Moment(now=NOW + timedelta(minutes=2), receipt=NOW)
    return Examiner(pki.material(), Limits()).examine(header, raw, moment)


@pytest.mark.parametrize("opaque", [False, True])
async def test_a_signed_mail_is_valid(pki: Pki, opaque: bool) -> None:
    mail = letter()
    raw = await signed_mail(mail, pki.officer(AGENCIES[0]), Manner(NOW), opaque=opaque)
    examined = examine(pki, from_inside(raw, NOW), mail.sender)
    assert examined.verdict.overall is Overall.VALID
    assert examined.verdict.binding is Binding.OK


async def test_a_mail_signed_by_somebody_else_does_not_bind(pki: Pki) -> None:
    raw = await signed_mail(letter(), pki.officer(AGENCIES[1]), Manner(NOW))
    verdict = examine(pki, raw).verdict
    assert verdict.overall is Overall.INVALID
    assert verdict.binding is Binding.FROM_MISMATCH


@needs("openssl")
async def test_openssl_verifies_a_signed_mail(pki: Pki, tmp_path: Path) -> None:
    raw = await signed_mail(letter(), pki.officer(), Manner(NOW))
    pki.write(tmp_path)
    (tmp_path / "mail.eml").write_bytes(raw)
    authorities = [tmp_path / "anchors/cong_vu/root-1.pem", tmp_path / "intermediates/sub-1.pem"]
    (tmp_path / "ca.pem").write_bytes(b"".join(path.read_bytes() for path in authorities))
    result = subprocess.run(
        [program("openssl"), "cms", "-verify", "-in", str(tmp_path / "mail.eml"),
         "-CAfile", str(tmp_path / "ca.pem"),
         "-attime", str(int(NOW.timestamp())), "-out", "/dev/null"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr


def test_attachments_are_found_with_their_verdicts(pki: Pki) -> None:
    made = [document(pki, k) for k in (DocumentKind.PAIR, DocumentKind.TAMPERED)]
    examined = examine(pki, plain_mail(letter(attachments=attached(*made))))
    assert {d.content_hash: d.judgement.verdict.overall for d in examined.documents} == {
        made[0].content_hash: Overall.VALID,
        made[1].content_hash: Overall.INVALID,
    }


@pytest.mark.parametrize(
    ("trace", "protocol", "address"),
    [(from_inside, "ESMTPSA", "10.99.1.23"), (from_outside, "ESMTP", "203.0.113.77")],
)
def test_the_trace_tells_inside_from_outside(
    pki: Pki, trace: "object", protocol: str, address: str
) -> None:
    assert callable(trace)
    examined = examine(pki, trace(plain_mail(letter()), NOW))
    assert examined.mail is not None
    assert (examined.mail.hops[0].protocol, examined.mail.hops[0].from_address) == (
        protocol,
        address,
    )


def test_the_same_mail_gives_the_same_bytes(pki: Pki) -> None:
    mail = letter(attachments=attached(document(pki, DocumentKind.UNSIGNED)))
    assert plain_mail(mail) == plain_mail(mail)


def test_a_mail_is_well_formed_and_labelled() -> None:
    raw = plain_mail(letter(subject="Báo cáo tháng 11", display_name="Sở Tài chính"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Subject"] == "Báo cáo tháng 11"
    assert message["X-Demo"]
    assert not message.defects
    assert raw.lower().count(b"mime-version:") == 1
