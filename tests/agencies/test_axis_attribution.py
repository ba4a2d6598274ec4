"""Whose an edXML message is: by organ code on its day, whatever names it bears."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.agencies.attribution import attribute
from monitor.model import (
    Attribution,
    AxisFacts,
    AxisKind,
    AxisReference,
    AxisStatus,
    Channel,
    Direction,
    DocumentFacts,
    Examined,
    Finding,
    ItemHeader,
    Organ,
    PayloadKind,
    top_level,
)
from monitor.model.organs import organ_key
from monitor.settings import AxisSource
from tests.agencies.attribution_samples import (
    BEFORE_MERGER,
    DURING,
    document,
    examined,
    province,
    signature,
)

SOURCE = AxisSource(name="axis", path=Path("axis"))
REGISTRY = province()
OURS, OFFICE, FOREIGN = "H53.40", "000.00.00.H53", "000.00.00.G22"
STTTT = "000.20.31.H53"


def organs(*codes: str) -> tuple[Organ, ...]:
    return tuple(Organ(code=code) for code in codes)


def attributed(
    sender: str | None,
    *receivers: str,
    documents: tuple[DocumentFacts, ...] = (),
    received_at: datetime = DURING,
    name: str | None = None,
    kind: AxisKind = AxisKind.DOCUMENT,
    **more: Any,
) -> Attribution:
    facts = AxisFacts(
        kind=kind, sender=Organ(code=sender, name=name), receivers=organs(*receivers), **more
    )
    return of(examined(None, *documents).model_copy(update={"axis": facts}), received_at)


def of(said: Examined, received_at: datetime = DURING) -> Attribution:
    header = ItemHeader(
        item_id="0" * 32,
        kind=PayloadKind.AXIS,
        source="axis",
        channel=Channel.AXIS,
        received_at=received_at,
        size=1,
    )
    return attribute(header, said, REGISTRY, SOURCE)


def test_a_document_of_ours_is_out_and_its_documents_are_ours() -> None:
    found = attributed(
        "h53.40", OFFICE, FOREIGN, "H53.77", documents=(document(signature("MNS:300")),)
    )
    assert (found.direction, found.sender_agency) == (Direction.OUT, "so-khcn")
    assert found.recipient_agencies == ("ubnd",)
    assert found.receiver_agencies == ("ubnd", None, None)
    assert [(d.issuer, d.signer_agencies) for d in found.documents] == [("so-khcn", ("so-khcn",))]
    assert (found.sender, found.findings) == (None, ())


def test_a_foreign_document_is_in_and_belongs_to_nobody_here() -> None:
    found = attributed(FOREIGN, OURS, documents=(document(signature("MNS:300")),))
    assert (found.direction, found.sender_agency) == (Direction.IN, None)
    assert (found.recipient_agencies, found.receiver_agencies) == (("so-khcn",), ("so-khcn",))
    assert [d.issuer for d in found.documents] == [None]
    assert found.findings == ()


def test_a_document_that_only_the_sender_receives_is_internal() -> None:
    assert attributed(OURS, "H53.40", OURS).direction is Direction.INTERNAL
    assert attributed(OURS, "H53.40", FOREIGN).direction is Direction.OUT
    assert attributed(OURS).direction is Direction.OUT


def test_a_signed_document_of_another_agency_is_relayed() -> None:
    found = attributed(OURS, FOREIGN, documents=(document(signature("MNS:100")),))
    assert (found.documents[0].relayed, found.findings) == (True, (Finding.RELAYED,))


@pytest.mark.parametrize("code", [STTTT, "H53.31.20", "h53.dn.7", "20.31.H53"])
def test_every_code_of_an_agency_in_every_scheme_leads_to_it(code: str) -> None:
    found = attributed(code, FOREIGN, received_at=BEFORE_MERGER)
    assert found.sender_agency == "so-tttt"


def test_a_name_proves_nothing() -> None:
    found = attributed(FOREIGN, name="Sở Khoa học và Công nghệ")
    assert found.sender_agency is None
    assert attributed(None, name="Sở Khoa học và Công nghệ").findings == (Finding.AGENCY_UNKNOWN,)


def test_an_unknown_code_of_our_own_province_is_said() -> None:
    for code in ("H53.99", "000.99.99.H53", "H53.DN.8"):
        found = attributed(code, FOREIGN, documents=(document(),))
        assert (found.sender_agency, found.findings) == (None, (Finding.AGENCY_UNKNOWN,))
        assert [d.issuer for d in found.documents] == [None]


def test_agencies_are_those_of_the_day_of_dispatch_or_issue_but_never_after_receipt() -> None:
    assert attributed(STTTT).sender_agency is None
    assert attributed(STTTT, issued_on=date(2025, 2, 27)).sender_agency == "so-tttt"
    sent = datetime(2025, 2, 28, 16, 59, tzinfo=UTC)
    assert attributed(STTTT, said_at=sent, issued_on=date(2025, 3, 1)).sender_agency == "so-tttt"
    after = datetime(2025, 2, 28, 17, 1, tzinfo=UTC)
    assert attributed(STTTT, said_at=after, issued_on=date(2025, 2, 1)).sender_agency is None
    later = datetime(2027, 1, 1, tzinfo=UTC)
    assert attributed(STTTT, received_at=BEFORE_MERGER, said_at=later).sender_agency == "so-tttt"


def test_a_status_goes_to_whoever_issued_the_document() -> None:
    about = AxisReference(organ=OURS, document_id="1")
    found = attributed(FOREIGN, kind=AxisKind.STATUS, status=AxisStatus.RECEIVED, answers=about)
    assert (found.direction, found.recipient_agencies) == (Direction.IN, ("so-khcn",))
    assert (found.receiver_agencies, found.documents) == ((), ())
    ours = attributed(OURS, kind=AxisKind.STATUS, status=AxisStatus.DONE,
                      answers=AxisReference(organ=FOREIGN, document_id="1"))  # fmt: skip
    assert (ours.direction, ours.sender_agency) == (Direction.OUT, "so-khcn")


def test_a_file_that_is_no_message_is_of_an_unknown_agency() -> None:
    found = of(examined(None, document(signature("MNS:300"))))
    assert (found.direction, found.sender_agency) == (None, None)
    assert found.findings == (Finding.AGENCY_UNKNOWN,)
    assert [d.issuer for d in found.documents] == [None]


def test_a_time_that_leaves_the_calendar_is_of_no_account() -> None:
    found = attributed(OURS, said_at=datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
    assert found.sender_agency == "so-khcn"


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("000.20.31.H53", "H53.31.20"),
        ("H53.31.20", "H53.31.20"),
        ("28.22.H17", "H17.22.28"),
        ("000.28.22.H17", "H17.22.28"),
        ("H17.22.28", "H17.22.28"),
        ("00.00.H53", "H53"),
        ("000.00.00.H53", "H53"),
        ("h37.dn.001", "H37.DN.001"),
        ("14.00.W00", "W00.00.14"),
        ("A01.22.H17", "A01.22.H17"),
        ("", ""),
    ],
)
def test_codes_of_both_schemes_have_one_form(code: str, key: str) -> None:
    assert organ_key(code) == key
    assert top_level(code) == key.partition(".")[0]
