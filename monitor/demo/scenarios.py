"""What the demo province sends: one function a story, each with the truth about what it sends.

The first round tells every story once, so that soon after the start every word of the product's
vocabulary has occurred; then stories follow at random by weight. Order, agencies, documents and
texts depend on the seed alone.
"""

import asyncio
import io
import random
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zipfile import ZipInfo

from cryptography.hazmat.primitives.asymmetric import rsa

from monitor.clock import vietnam_day
from monitor.demo.agencies import (
    CLERK,
    FOLDER_AGENCIES,
    LEADER,
    STAFF,
    DemoAgency,
    DemoOfficer,
    active,
)
from monitor.demo.axis import Dispatch
from monitor.demo.documents import FIRST_NUMBER, DemoDocument, DocumentKind, DocumentMaker
from monitor.demo.mail_key import dkim_signed
from monitor.demo.mails import (
    Attachment,
    Mail,
    from_inside,
    from_outside,
    plain_mail,
    signed_mail,
)
from monitor.demo.pki import Pki
from monitor.demo.sendings import (
    AxisSending,
    ClaimedFile,
    Expectation,
    ExpectedDocument,
    FolderSending,
    MailSending,
    Sending,
)
from monitor.demo.signing import Manner
from monitor.demo.zone import FREE_ACCOUNT, FREE_DOMAIN, PARTNER_CLIENT
from monitor.model import Binding, Channel, Direction, Overall, PaperFlag

FREEMAIL = "khong.co.that.demo@gmail.com"
OUTSIDER = "lienhe@congty.demo.example"
BULK = (("List-Id", "<thongbao.hoasen.demo.example>"), ("Precedence", "bulk"))
AUTO_REPLY = (("Auto-Submitted", "auto-replied"),)


class Storyteller:
    """Tells stories one after the other; `run` keeps Message-IDs of later runs apart."""

    def __init__(
        self, pki: Pki, mail_key: rsa.RSAPrivateKey, seed: int, run: int, today: datetime
    ) -> None:
        self.pki = pki
        self.mail_key = mail_key
        self.random = random.Random(f"stories/{seed}/{run}")  # noqa: S311  # no secret: an order
        self.maker = DocumentMaker(pki, seed, first_number=FIRST_NUMBER + run * 1000)
        self.agencies = active(vietnam_day(today))
        self._prefix = f"demo.{seed}.{run}"
        self._count = 0
        self._sent: list[DemoDocument] = []

    def order(self) -> Iterator[str]:
        """Names of the stories to tell, endlessly."""
        first = list(STORIES)
        self.random.shuffle(first)
        yield from first
        names, weights = list(STORIES), [story.weight for story in STORIES.values()]
        while True:
            yield from self.random.choices(names, weights, k=100)

    async def tell(self, name: str, at: datetime) -> Sending:
        """The sending of one story, made at `at`; 1 to 150 ms of processor time."""
        self._count += 1
        return await STORIES[name].teller(self, at)

    # -- parts that stories are made of ---------------------------------------------------------

    def pick(self) -> DemoAgency:
        """Some agency in force."""
        return self.random.choice(self.agencies)

    def two(self) -> tuple[DemoAgency, DemoAgency]:
        """A sender and another agency."""
        first, second = self.random.sample(self.agencies, 2)
        return first, second

    async def make(self, kind: DocumentKind, agency: DemoAgency, at: datetime) -> DemoDocument:
        """A fresh document; made in a thread, for pyHanko starts a loop of its own."""
        document = await asyncio.to_thread(self.maker.make, kind, agency, at)
        if kind is DocumentKind.PAIR:
            self._sent = [*self._sent[-40:], document]
        return document

    async def earlier(self, not_of: DemoAgency, at: datetime) -> DemoDocument:
        """A validly signed document of another agency that has been sent before, if there is."""
        others = [d for d in self._sent if d.agency != not_of]
        if others:
            return self.random.choice(others)
        owner = next(a for a in self.agencies if a != not_of)
        return await self.make(DocumentKind.PAIR, owner, at)

    def mail(
        self,
        sender: str,
        recipients: tuple[str, ...],
        at: datetime,
        documents: tuple[DemoDocument, ...] = (),
    ) -> Mail:
        """A mail about its documents with a Message-ID of its own."""
        what = f"văn bản số {documents[0].number}/{documents[0].notation}" if documents else "họp"
        return Mail(
            sender=sender,
            recipients=recipients,
            subject=f"[DEMO] V/v {what}",
            message_id=f"{self._prefix}.{self._count}@{sender.rpartition('@')[2]}",
            date=at,
            attachments=tuple(Attachment(d.name, d.data) for d in documents),
        )

    @property
    def queue_id(self) -> str:
        """A queue identifier as the gateway gives one to each message."""
        return f"4DEMO{self._count:06d}"


Teller = Callable[[Storyteller, datetime], Awaitable[Sending]]


@dataclass(frozen=True)
class Story:
    """How often a story is told, and by what."""

    weight: int
    teller: Teller


def _expect_documents(
    documents: tuple[DemoDocument, ...], issuer: DemoAgency | None
) -> tuple[ExpectedDocument, ...]:
    return tuple(
        ExpectedDocument(
            document.content_hash,
            document.truth.overall,
            document.truth.cause,
            issuer.code if issuer else None,
            relayed=issuer is not None
            and document.agency != issuer
            and document.truth.overall is Overall.VALID,
            paired=document.agency == issuer and document.truth.paired,
        )
        for document in documents
    )


def sent_out(
    name: str, mail: Mail, sender: DemoAgency, documents: tuple[DemoDocument, ...] = ()
) -> Expectation:
    """What must be recorded of a mail of an agency with documents of its own."""
    return Expectation(
        story=name,
        channel=Channel.MAIL,
        agency=sender.code,
        direction=Direction.OUT,
        message_id=mail.message_id,
        overall=Overall.UNSIGNED,
        binding=None,
        automatic=False,
        documents=_expect_documents(documents, sender),
    )


def _sent_inside(teller: Storyteller, mail: Mail, expected: Expectation) -> MailSending:
    payload = from_inside(plain_mail(mail), mail.date, teller.queue_id)
    return MailSending(mail.sender, (payload,), expected)


# -- mail with one document of each kind ------------------------------------------------------


def _document_mail(kind: DocumentKind) -> Teller:
    async def tell(teller: Storyteller, at: datetime) -> Sending:
        sender, recipient = teller.two()
        documents = (await teller.make(kind, sender, at),)
        mail = teller.mail(sender.address(CLERK), (recipient.mailbox,), at, documents)
        return _sent_inside(teller, mail, sent_out(f"mail_{kind}", mail, sender, documents))

    return tell


# -- other outgoing mail ----------------------------------------------------------------------


async def _plain(teller: Storyteller, at: datetime) -> Sending:
    sender, recipient = teller.two()
    mail = teller.mail(sender.address(STAFF), (recipient.address(STAFF),), at)
    return _sent_inside(teller, mail, sent_out("plain", mail, sender))


async def _several(teller: Storyteller, at: datetime) -> Sending:
    """A signed letter with an unsigned appendix and its editable draft."""
    sender, recipient = teller.two()
    kinds = (DocumentKind.PAIR, DocumentKind.UNSIGNED, DocumentKind.EDITABLE)
    documents = tuple([await teller.make(kind, sender, at) for kind in kinds])
    mail = teller.mail(sender.address(CLERK), (recipient.mailbox,), at, documents)
    return _sent_inside(teller, mail, sent_out("several", mail, sender, documents))


async def _archive(teller: Storyteller, at: datetime) -> Sending:
    """A signed letter inside a zip archive."""
    sender, recipient = teller.two()
    document = await teller.make(DocumentKind.PAIR, sender, at)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(ZipInfo(document.name), document.data)
    mail = teller.mail(sender.address(CLERK), (recipient.mailbox,), at, (document,))
    mail = replace(mail, attachments=(Attachment("van-ban.zip", packed.getvalue()),))
    return _sent_inside(teller, mail, sent_out("archive", mail, sender, (document,)))


async def _relayed(teller: Storyteller, at: datetime) -> Sending:
    """Another agency's signed letter, forwarded."""
    sender, recipient = teller.two()
    documents = (await teller.earlier(sender, at),)
    mail = teller.mail(sender.address(STAFF), (recipient.address(STAFF),), at, documents)
    return _sent_inside(teller, mail, sent_out("relayed", mail, sender, documents))


async def _freemail(teller: Storyteller, at: datetime) -> Sending:
    sender = teller.pick()
    documents = (await teller.make(DocumentKind.UNSIGNED, sender, at),)
    mail = teller.mail(sender.address(STAFF), (FREEMAIL,), at, documents)
    return _sent_inside(teller, mail, sent_out("freemail", mail, sender, documents))


async def _copies(teller: Storyteller, at: datetime) -> Sending:
    """A circular that the gateway's journal reports once for each of three recipients."""
    sender = teller.pick()
    documents = (await teller.make(DocumentKind.PAIR, sender, at),)
    others = tuple(a.mailbox for a in teller.agencies if a != sender)[:3]
    mail = teller.mail(sender.address(CLERK), others, at, documents)
    plain = plain_mail(mail)
    payloads = tuple(
        b"X-Journal-Copy: %d\r\n" % n + from_inside(plain, at, f"{teller.queue_id}{n}")
        for n in range(len(others))
    )
    expected = replace(sent_out("copies", mail, sender, documents), copies=len(payloads))
    return MailSending(mail.sender, payloads, expected)


async def _internal(teller: Storyteller, at: datetime) -> Sending:
    agency = teller.pick()
    mail = teller.mail(agency.address(LEADER), (agency.address(STAFF),), at)
    expected = replace(sent_out("internal", mail, agency), direction=Direction.INTERNAL)
    return _sent_inside(teller, mail, expected)


async def _bulk(teller: Storyteller, at: datetime) -> Sending:
    """A newsletter to a list: counted apart."""
    sender, recipient = teller.two()
    mail = teller.mail(sender.address(STAFF), (recipient.mailbox,), at)
    mail = replace(mail, headers=BULK)
    return _sent_inside(teller, mail, replace(sent_out("bulk", mail, sender), automatic=True))


# -- S/MIME -----------------------------------------------------------------------------------


async def _smime(teller: Storyteller, at: datetime) -> Sending:
    """Signed by the officer who sends it, with a signed letter inside."""
    sender, recipient = teller.two()
    documents = (await teller.make(DocumentKind.PAIR, sender, at),)
    mail = teller.mail(sender.address(LEADER), (recipient.mailbox,), at, documents)
    return await _smime_by(teller, mail, sender, LEADER, documents, sender, "smime")


async def _smime_plain(teller: Storyteller, at: datetime) -> Sending:
    sender, recipient = teller.two()
    mail = teller.mail(sender.address(STAFF), (recipient.address(STAFF),), at)
    return await _smime_by(teller, mail, sender, STAFF, (), sender, "smime_plain")


async def _smime_mailbox(teller: Storyteller, at: datetime) -> Sending:
    """From the agency's own mailbox, signed by the clerk whom the registry lets sign for it."""
    sender, recipient = teller.two()
    documents = (await teller.make(DocumentKind.PAIR, sender, at),)
    mail = teller.mail(sender.mailbox, (recipient.mailbox,), at, documents)
    return await _smime_by(teller, mail, sender, CLERK, documents, sender, "smime_mailbox")


async def _smime_mismatch(teller: Storyteller, at: datetime) -> Sending:
    """Signed with the certificate of another agency's officer."""
    sender, other = teller.two()
    mail = teller.mail(sender.address(STAFF), (other.mailbox,), at)
    return await _smime_by(teller, mail, other, STAFF, (), sender, "smime_mismatch")


async def _smime_by(  # who signs and who sends differ
    teller: Storyteller,
    mail: Mail,
    signers: DemoAgency,
    officer: DemoOfficer,
    documents: tuple[DemoDocument, ...],
    sender: DemoAgency,
    name: str,
) -> MailSending:
    identity = teller.pki.officer(signers, officer)
    raw = await signed_mail(mail, identity, Manner(mail.date))
    honest = signers == sender
    expected = replace(
        sent_out(name, mail, sender, documents),
        overall=Overall.VALID if honest else Overall.INVALID,
        binding=Binding.OK if honest else Binding.FROM_MISMATCH,
    )
    payload = from_inside(raw, mail.date, teller.queue_id)
    return MailSending(mail.sender, (payload,), expected)


# -- what is no agency's own mail -------------------------------------------------------------


async def _spoofed(teller: Storyteller, at: datetime) -> Sending:
    """From says an agency, but the message came from the internet."""
    claimed, recipient = teller.two()
    documents = (await teller.make(DocumentKind.UNSIGNED, claimed, at),)
    mail = teller.mail(claimed.address(LEADER), (recipient.mailbox,), at, documents)
    return _incoming(teller, mail, documents, "spoofed")


async def _on_behalf(teller: Storyteller, at: datetime) -> Sending:
    """A company sends notices of the finance department, which gave it its DKIM key."""
    sender = next(a for a in teller.agencies if a.code == "hs-stc")
    recipient = next(a for a in teller.agencies if a != sender)
    mail = teller.mail(sender.address(STAFF), (recipient.mailbox,), at)
    sending = _incoming(teller, mail, (), "on_behalf")
    signed = dkim_signed(plain_mail(mail), sender.domain, teller.mail_key)
    payload = from_outside(signed, at, teller.queue_id, PARTNER_CLIENT)
    return replace(sending, payloads=(payload,))


async def _freemail_in(teller: Storyteller, at: datetime) -> Sending:
    """A document comes from a free-mail address."""
    recipient = teller.pick()
    documents = (await teller.make(DocumentKind.UNSIGNED, recipient, at),)
    mail = teller.mail(f"cong.dan@{FREE_DOMAIN}", (recipient.mailbox,), at, documents)
    return _incoming(teller, mail, documents, "freemail_in")


async def _freemail_account(teller: Storyteller, at: datetime) -> Sending:
    """A commune writes from the free-mail address that it still has."""
    recipient = next(a for a in teller.agencies if a.code != FREE_ACCOUNT[0])
    mail = teller.mail(FREE_ACCOUNT[1], (recipient.mailbox,), at)
    return _incoming(teller, mail, (), "freemail_account")


async def _incoming_mail(teller: Storyteller, at: datetime) -> Sending:
    """A company writes to an agency."""
    mail = teller.mail(OUTSIDER, (teller.pick().mailbox,), at)
    return _incoming(teller, mail, (), "incoming")


def _incoming(
    teller: Storyteller, mail: Mail, documents: tuple[DemoDocument, ...], name: str
) -> MailSending:
    expected = Expectation(
        story=name,
        channel=Channel.MAIL,
        agency=None,
        direction=Direction.IN,
        message_id=mail.message_id,
        overall=Overall.UNSIGNED,
        binding=None,
        automatic=False,
        documents=_expect_documents(documents, None),
    )
    payload = from_outside(plain_mail(mail), mail.date, teller.queue_id)
    return MailSending(mail.sender, (payload,), expected)


async def _automatic(teller: Storyteller, at: datetime) -> Sending:
    """An out-of-office reply: null sender, counted apart."""
    sender, recipient = teller.two()
    mail = teller.mail(sender.address(STAFF), (recipient.address(STAFF),), at)
    mail = replace(mail, headers=AUTO_REPLY)
    out = sent_out("automatic", mail, sender)
    expected = replace(out, agency=None, direction=Direction.IN, automatic=True)
    payload = from_inside(plain_mail(mail), at, teller.queue_id)
    return MailSending("", (payload,), expected)


# -- the document system ----------------------------------------------------------------------


def _folder_document(kind: DocumentKind, paper: PaperFlag = PaperFlag.ELECTRONIC) -> Teller:
    async def tell(teller: Storyteller, at: datetime) -> Sending:
        agency = _folder_agency(teller)
        document = await teller.make(kind, agency, at)
        return filed(f"folder_{kind}", document, agency, at, paper)

    return tell


async def _folder_relayed(teller: Storyteller, at: datetime) -> Sending:
    """The document system passes on another agency's letter as its own."""
    agency = _folder_agency(teller)
    document = await teller.earlier(agency, at)
    return filed("folder_relayed", document, agency, at, PaperFlag.ELECTRONIC)


async def _folder_arrived(teller: Storyteller, at: datetime) -> Sending:
    """Another agency's letter with the own "đến" stamp on it: still the other agency's."""
    agency = _folder_agency(teller)
    letter = await teller.earlier(agency, at)
    document = await asyncio.to_thread(teller.maker.stamp, letter, agency, at)
    return filed("folder_arrived", document, agency, at, PaperFlag.ELECTRONIC)


async def _folder_not_allowed(teller: Storyteller, at: datetime) -> Sending:
    """The folder names an agency that it may not speak for: the file ends up in rejected/."""
    agency = next(a for a in teller.agencies if a.code not in FOLDER_AGENCIES)
    document = await teller.make(DocumentKind.SEAL, agency, at)
    sending = filed("folder_not_allowed", document, agency, at, PaperFlag.ELECTRONIC)
    expected = replace(
        sending.expected, agency=None, documents=_expect_documents((document,), issuer=None)
    )
    return replace(sending, expected=expected)


def _folder_agency(teller: Storyteller) -> DemoAgency:
    return teller.random.choice([a for a in teller.agencies if a.code in FOLDER_AGENCIES])


def filed(
    name: str, document: DemoDocument, agency: DemoAgency, at: datetime, paper: PaperFlag
) -> FolderSending:
    """A file with its manifest, and what must be recorded of it."""
    expected = Expectation(
        story=name,
        channel=Channel.DOCSYS,
        agency=agency.code,
        direction=None,
        message_id=None,
        overall=None,
        binding=None,
        automatic=False,
        documents=_expect_documents((document,), agency),
    )
    return FolderSending(ClaimedFile(document, agency.code, at, paper), expected)


# -- the exchange axis --------------------------------------------------------------------------

_ARRIVED, _REJECTED = ("01", timedelta(minutes=1)), ("02", timedelta(minutes=30))
_TAKEN_UP = (_ARRIVED, ("03", timedelta(minutes=20)), ("06", timedelta(minutes=90)))
_TWO_HOURS, _LONG_AGO = timedelta(hours=2), timedelta(days=9)


def _axis(
    kind: DocumentKind,
    statuses: tuple[tuple[str, timedelta], ...],
    ago: timedelta = _TWO_HOURS,
    *,
    paper: bool = False,
    kept: timedelta = timedelta(),
) -> Teller:
    """Sent so long ago, and kept so long between signing and sending."""

    async def tell(teller: Storyteller, at: datetime) -> Sending:
        sender = _folder_agency(teller)
        receivers = tuple(a for a in teller.agencies if a != sender)[:2]
        document = await teller.make(kind, sender, at - ago - kept)
        expected = Expectation(
            story=f"axis_{kind}",
            channel=Channel.AXIS,
            agency=sender.code,
            direction=Direction.OUT,
            message_id=None,
            overall=None,
            binding=None,
            automatic=False,
            documents=_expect_documents((document,), sender),
        )
        return AxisSending(
            Dispatch(document, sender, receivers, at - ago, paper), statuses, expected
        )

    return tell


_MAIL_WEIGHTS = {
    DocumentKind.PAIR: 16,
    DocumentKind.PERSON: 6,
    DocumentKind.SEAL: 3,
    DocumentKind.CLERK_SEAL: 2,
    DocumentKind.PUBLIC_CA: 3,
    DocumentKind.NO_TIMESTAMP: 3,
    DocumentKind.PKCS7: 2,
    DocumentKind.TAMPERED: 2,
    DocumentKind.EXPIRED: 1,
    DocumentKind.EXPIRED_CLAIMED: 1,
    DocumentKind.REVOKED: 1,
    DocumentKind.FORGED_CA: 1,
    DocumentKind.UNPUBLISHED_CA: 1,
    DocumentKind.REMNANT: 2,
    DocumentKind.UNSIGNED: 8,
    DocumentKind.ENCRYPTED: 1,
    DocumentKind.CORRUPT: 1,
    DocumentKind.EDITABLE: 4,
}

STORIES: dict[str, Story] = {
    **{f"mail_{k}": Story(w, _document_mail(k)) for k, w in _MAIL_WEIGHTS.items()},
    "plain": Story(5, _plain),
    "several": Story(3, _several),
    "archive": Story(1, _archive),
    "relayed": Story(3, _relayed),
    "freemail": Story(2, _freemail),
    "freemail_in": Story(2, _freemail_in),
    "freemail_account": Story(1, _freemail_account),
    "on_behalf": Story(1, _on_behalf),
    "copies": Story(2, _copies),
    "internal": Story(4, _internal),
    "bulk": Story(1, _bulk),
    "smime": Story(3, _smime),
    "smime_plain": Story(2, _smime_plain),
    "smime_mailbox": Story(2, _smime_mailbox),
    "smime_mismatch": Story(1, _smime_mismatch),
    "spoofed": Story(2, _spoofed),
    "incoming": Story(4, _incoming_mail),
    "automatic": Story(2, _automatic),
    "folder_pair": Story(10, _folder_document(DocumentKind.PAIR)),
    "folder_parallel": Story(3, _folder_document(DocumentKind.PAIR, PaperFlag.PARALLEL)),
    "folder_person": Story(4, _folder_document(DocumentKind.PERSON)),
    "folder_seal": Story(2, _folder_document(DocumentKind.SEAL)),
    "folder_clerk_seal": Story(2, _folder_document(DocumentKind.CLERK_SEAL)),
    "folder_public_ca": Story(1, _folder_document(DocumentKind.PUBLIC_CA)),
    "folder_unsigned": Story(3, _folder_document(DocumentKind.UNSIGNED)),
    "folder_tampered": Story(1, _folder_document(DocumentKind.TAMPERED)),
    "folder_expired": Story(1, _folder_document(DocumentKind.EXPIRED)),
    "folder_forged": Story(1, _folder_document(DocumentKind.FORGED_CA)),
    "folder_corrupt": Story(1, _folder_document(DocumentKind.CORRUPT)),
    "folder_editable": Story(1, _folder_document(DocumentKind.EDITABLE)),
    "folder_relayed": Story(1, _folder_relayed),
    "folder_arrived": Story(2, _folder_arrived),
    "folder_not_allowed": Story(1, _folder_not_allowed),
    "axis_done": Story(6, _axis(DocumentKind.PAIR, _TAKEN_UP)),
    "axis_parallel": Story(2, _axis(DocumentKind.PAIR, _TAKEN_UP, paper=True)),
    "axis_unsigned": Story(2, _axis(DocumentKind.UNSIGNED, _TAKEN_UP[:2])),
    "axis_rejected": Story(1, _axis(DocumentKind.SEAL, (_ARRIVED, _REJECTED))),
    "axis_sent_late": Story(1, _axis(DocumentKind.PAIR, _TAKEN_UP, kept=_LONG_AGO)),
    "axis_never_taken_up": Story(2, _axis(DocumentKind.PAIR, (_ARRIVED,), _LONG_AGO)),
}
