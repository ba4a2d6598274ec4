"""A small province, and items as the children would report them."""

from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from monitor.agencies import Registry
from monitor.agencies.reading import parse
from monitor.model import (
    Channel,
    DocumentClaim,
    DocumentClass,
    DocumentFacts,
    Examined,
    Hop,
    Indication,
    Integrity,
    ItemHeader,
    Judgement,
    Kind,
    MailEnvelope,
    MailFacts,
    Overall,
    PayloadKind,
    Signature,
    Trust,
    TrustClass,
    Verdict,
)
from monitor.settings import FolderSource, MailSource

PROVINCE = """
[[agencies]]
code = "ubnd"
name = "Ủy ban nhân dân tỉnh"
level = "province"
domains = ["tinh.gov.vn", "*.tinh.gov.vn"]
organ_codes = ["000.00.00.H53"]
uid = ["MNS:100"]

[[agencies]]
code = "vp-ubnd"
name = "Văn phòng UBND tỉnh"
level = "department"
parent = "ubnd"
domains = ["vp.tinh.gov.vn"]
uid = ["MNS:101"]
signs_for = ["ubnd"]

[[agencies]]
code = "so-tttt"
name = "Sở Thông tin và Truyền thông"
level = "department"
parent = "ubnd"
domains = ["stttt.tinh.gov.vn"]
addresses = ["duong-day-nong@tinh.gov.vn"]
organ_codes = ["000.20.31.H53", "H53.DN.7"]
uid = ["MNS:200"]
organisations = ["Sở Thông tin và Truyền thông"]
valid_to = 2025-02-28
successors = ["so-khcn"]

[[agencies]]
code = "so-khcn"
name = "Sở Khoa học và Công nghệ"
level = "department"
parent = "ubnd"
domains = ["skhcn.tinh.gov.vn"]
organ_codes = ["H53.40"]
uid = ["MNS:300"]

[[agencies]]
code = "xa-a"
name = "UBND xã A"
level = "commune"
parent = "ubnd"
domains = ["xãa.tinh.gov.vn"]
"""

GATEWAY = "10.0.0.4"
OUTSIDER = "203.0.113.9"
DURING = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)
BEFORE_MERGER = datetime(2025, 1, 15, 3, 0, tzinfo=UTC)

SOURCE = MailSource(
    name="gateway",
    journal_address="journal@congvu.invalid",
    networks=(ip_network("10.0.0.4/32"),),
    trusted_hops=(ip_network("10.0.0.0/29"),),
    internal_networks=(ip_network("10.8.0.0/16"), ip_network("10.0.0.5/32")),
)
FOLDER = FolderSource(name="office", path=Path("office"), agencies=("so-khcn", "ubnd"))

SUBMITTED = Hop(from_address="198.51.100.7", by_host="mx.tinh.gov.vn", protocol="ESMTPSA")
FROM_OUTSIDE = Hop(from_address=OUTSIDER, by_host="mx.tinh.gov.vn", protocol="ESMTPS")


def province() -> Registry:
    return registry_of(PROVINCE)


def registry_of(text: str) -> Registry:
    """The registry of a file's text."""
    content = parse(text.encode())
    return Registry(content.agencies, content.levels, "", content.signing)


def mail_header(
    mail_from: str, *, received_at: datetime = DURING, live: bool = True, **envelope: Any
) -> ItemHeader:
    said: dict[str, Any] = {"rcpt_to": (SOURCE.journal_address,), "peer": GATEWAY} | envelope
    return ItemHeader(
        item_id="0" * 32,
        kind=PayloadKind.MAIL,
        source="gateway",
        channel=Channel.MAIL,
        received_at=received_at,
        live=live,
        size=1,
        envelope=MailEnvelope(mail_from=mail_from, **said),
    )


def folder_header(agency: str, *, received_at: datetime = DURING, **claim: Any) -> ItemHeader:
    return ItemHeader(
        item_id="0" * 32,
        kind=PayloadKind.DOCUMENT,
        source="office",
        channel=Channel.DOCSYS,
        received_at=received_at,
        size=1,
        claim=DocumentClaim(agency=agency, file_name="1.pdf", **claim),
    )


def facts(
    *authors: str,
    to: tuple[str, ...] = ("ban@example.org",),
    hops: tuple[Hop, ...] = (SUBMITTED,),
    **more: Any,
) -> MailFacts:
    return MailFacts(message_key="0" * 64, from_addresses=authors, recipients=to, hops=hops, **more)


def signature(uid: str | None = None, *, valid: bool = True, **more: Any) -> Signature:
    """A signature under an anchor."""
    values: dict[str, Any] = {
        "format": "PAdES",
        "indication": Indication.TOTAL_PASSED if valid else Indication.TOTAL_FAILED,
        "integrity": Integrity.INTACT,
        "trust": Trust.TRUSTED,
        "trust_class": TrustClass.CONG_VU,
        "signer_uid": uid,
    }
    return Signature(**(values | more))


def document(*signatures: Signature) -> DocumentFacts:
    verdict = Verdict(
        path="1.pdf",
        kind=Kind.PDF,
        overall=Overall.VALID,
        integrity=Integrity.INTACT,
        trust=Trust.TRUSTED,
        signatures=signatures,
    )
    return DocumentFacts(
        content_hash="1" * 64,
        size=1,
        document_class=DocumentClass.FORMAL,
        judgement=Judgement(verdict=verdict),
    )


def examined(mail: MailFacts | None = None, *documents: DocumentFacts) -> Examined:
    verdict = Verdict(
        path="",
        kind=Kind.MAIL if mail else Kind.OTHER,
        overall=Overall.UNSIGNED,
        integrity=Integrity.NONE,
        trust=Trust.UNKNOWN,
    )
    return Examined(verdict=verdict, mail=mail, documents=documents)
