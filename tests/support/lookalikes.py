"""Demo lookalikes of real files, and what the product says of them: docs/verify.md prints these.

An official-gazette PDF whose issuing CA is not at hand, a Ministry PDF with the registry's and
the organisation's signatures, and a signed mail that claims another's address. Names, numbers
and times are fictional and fixed; nothing printed depends on the machine or the day.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from monitor.demo.agencies import AGENCIES, CLERK, LEADER, PROVINCE_OFFICE, DemoAgency
from monitor.demo.documents import DocumentKind, DocumentMaker
from monitor.demo.mails import Attachment, Mail, signed_mail
from monitor.demo.pki import Pki
from monitor.demo.signing import Manner, sign_pdf
from monitor.examine import Examiner
from monitor.explain import report
from monitor.model import Language, Limits, Moment, TrustMaterial, Verdict

NOW = datetime(2026, 11, 3, 2, 30, tzinfo=UTC)
SIGNED = NOW - timedelta(days=2)
PKI = Pki.create(1, NOW)
FINANCE: DemoAgency = next(agency for agency in AGENCIES if agency.code == "hs-stc")


def judge(name: str, data: bytes, material: TrustMaterial | None = None) -> Verdict:
    """By the demo's trust, or by other material."""
    return Examiner(material or PKI.material(NOW), Limits()).judge_file(name, data, Moment(now=NOW))


def document(kind: DocumentKind, at: datetime = SIGNED) -> bytes:
    """A demo document of a kind, always with the same text."""
    return DocumentMaker(PKI, 1).make(kind, at=at).data


def gazette() -> Verdict:
    """Intact and time-stamped; the sub-CA's certificate is missing."""
    lacking = PKI.material(NOW).model_copy(update={"intermediates": ()})
    return judge("cong-bao.pdf", document(DocumentKind.SEAL), lacking)


def ministry() -> Verdict:
    """Signed by the head, twice by the registry, and by the organisation last."""
    data = document(DocumentKind.UNSIGNED)
    clerk, organisation = PKI.officer(officer=CLERK), PKI.organisation()
    signers = (PKI.officer(officer=LEADER), clerk, clerk, organisation)
    for number, signer in enumerate(signers, 1):
        at = SIGNED + timedelta(minutes=7 * number)
        data = sign_pdf(data, signer, Manner(at, PKI.tsa), f"Signature{number}")
    return judge("quy-chuan.pdf", data)


def spoofed_mail() -> Verdict:
    """Signed by an officer of one agency, sent as the mailbox of another, with a signed PDF."""
    mail = Mail(
        sender=FINANCE.mailbox,
        recipients=(PROVINCE_OFFICE.mailbox,),
        subject="V/v chuyển kinh phí",
        message_id="chuyen-kinh-phi@demo.example",
        date=SIGNED,
        attachments=(Attachment("cong-van.pdf", document(DocumentKind.TAMPERED)),),
    )
    signer = PKI.officer(PROVINCE_OFFICE, CLERK)
    data = asyncio.run(signed_mail(mail, signer, Manner(SIGNED, PKI.tsa)))
    return judge("chuyen-kinh-phi.eml", data)


def section() -> str:
    """The three reports in Vietnamese, each with the English one below."""
    return "\n".join(_printed())


def _printed() -> Iterator[str]:
    titles = {
        "A gazette PDF whose issuing CA's certificate is not at hand": gazette(),
        "A Ministry PDF with four signatures": ministry(),
        "A signed mail that claims another's address": spoofed_mail(),
    }
    for title, verdict in titles.items():
        yield f"### {title}\n"
        for language in Language:
            yield f"```\n{report(verdict, language).strip()}\n```\n"
