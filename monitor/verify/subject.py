"""What a certificate says of its holder (DOMAIN.md, "The PKI", Subjects)."""

import functools
import re
from dataclasses import dataclass

from monitor.model import SignerKind
from monitor.verify.certificate import (
    COMMON_NAME,
    GIVEN_NAME,
    ORGANISATION,
    ORGANISATION_IDENTIFIER,
    SERIAL_NUMBER,
    SURNAME,
    UID,
    UNIT,
    Certificate,
)

_ESEAL, _ESIGN = "0.4.0.1862.1.6.2", "0.4.0.1862.1.6.1"
_ORGANISATION_UID = ("MNS:", "MST:")
_PERSON_UID = ("CMND:", "CCCD:", "CMT:", "HC:", "BHXH:")
UNIT_WORDS = (
    "ban", "báo", "bảo hiểm", "bảo tàng", "bệnh viện", "bộ", "chi bộ", "chi cục", "chi nhánh",
    "chính phủ", "công an", "công báo", "công ty", "cơ quan", "cảng vụ", "cổng", "cục",
    "doanh nghiệp", "huyện uỷ", "huyện ủy", "hđnd", "học viện", "hội", "hợp tác xã", "kho bạc",
    "khu", "liên đoàn", "mặt trận", "ngân hàng", "nhà máy", "nhà văn hóa", "phòng", "quận uỷ",
    "quận ủy", "quỹ", "sở", "tcty", "thanh tra", "thành uỷ", "thành ủy", "thư viện", "thị uỷ",
    "thị ủy", "toà án", "trung tâm", "trường", "trạm", "tòa án", "tập đoàn", "tỉnh uỷ", "tỉnh ủy",
    "tổ", "tổng công ty", "tổng cục", "ubmttq", "ubnd", "uỷ ban", "viện", "vp", "văn phòng",
    "văn thư", "vụ", "xí nghiệp", "đài", "đại học", "đảng bộ", "đảng uỷ", "đảng ủy", "đội",
    "ủy ban",
)  # fmt: skip
"""What names of bodies begin with and names of people do not; case-folded.

A unit's certificate (its registry's stamp, say) has the profile of an officer's, with OU, but is
neither the competent person's nor the organisation's: its kind stays open and completes no pair.
The registry of agencies adds words of its own.
"""
_BODIES = tuple(f"{words} " for words in UNIT_WORDS)
LONGEST_NAME = 400
"""Characters kept of one attribute; RFC 5280 allows 64 in a CN or OU."""
_NATURAL = ("PNO", "IDC", "PAS", "TIN")
"""Prefixes of natural persons' serial numbers (ETSI EN 319 412-1 5.1.3)."""


@dataclass(frozen=True, slots=True)
class Holder:
    subject: str
    organisation: str | None
    emails: tuple[str, ...]
    uid: str | None
    kind: SignerKind | None
    name: str | None
    unit: str | None
    issuer: str | None
    """CN, else O, of the issuer as named."""


@functools.lru_cache(maxsize=2048)
def holder(certificate: Certificate) -> Holder:
    """Subject, organisation, addresses, UID and kind of a certificate's holder."""
    name = certificate.subject
    kind = kind_of(certificate)
    uids = name.all(UID)
    uid = next((value for value in uids if ":" in value), uids[0] if uids else None)
    organisation = name.get(ORGANISATION)
    if organisation is None and kind is SignerKind.ORGANISATION:
        organisation = name.get(COMMON_NAME)
    above = certificate.issuer
    return Holder(
        str(name), organisation, certificate.emails, uid, kind, _bounded(name.get(COMMON_NAME)),
        _bounded(name.get(UNIT)), _bounded(above.get(COMMON_NAME) or above.get(ORGANISATION)),
    )  # fmt: skip


def _bounded(text: str | None) -> str | None:
    return text[:LONGEST_NAME] if text else None


def kind_of(certificate: Certificate) -> SignerKind | None:
    """Person or organisation, by what the profile states before what it suggests."""
    name = certificate.subject
    uids = [value.upper() for value in name.all(UID)]
    if _natural(certificate, uids):
        return SignerKind.PERSON
    if any(value.startswith(_ORGANISATION_UID) for value in uids):
        return SignerKind.ORGANISATION
    if _ESEAL in certificate.qualified_types or name.get(ORGANISATION_IDENTIFIER):
        return SignerKind.ORGANISATION
    common, organisation = name.get(COMMON_NAME) or "", name.get(ORGANISATION) or ""
    if common and common.casefold() == organisation.casefold():
        return SignerKind.ORGANISATION
    collective = _words(common).startswith(_BODIES)
    if name.get(UNIT):
        return None if collective else SignerKind.PERSON
    return SignerKind.ORGANISATION if collective and organisation else None


def _words(name: str) -> str:
    """Case-folded, with one blank after each word: `UBND-Sở` begins with `ubnd `."""
    return "".join(f"{word} " for word in re.findall(r"\w+", name.casefold()))


def _natural(certificate: Certificate, uids: list[str]) -> bool:
    """Does the certificate say that its holder is a natural person?"""
    if any(value.startswith(_PERSON_UID) for value in uids):
        return True
    if _ESEAL in certificate.qualified_types:
        return False
    name = certificate.subject
    return bool(
        _ESIGN in certificate.qualified_types
        or name.get(GIVEN_NAME)
        or name.get(SURNAME)
        or (name.get(SERIAL_NUMBER) or "").upper().startswith(_NATURAL)
    )
