"""Certificates that end soon: once for whoever signs with them, unless they were replaced."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from monitor.clock import VIETNAM
from monitor.expose.certificates import rendered_certificates
from monitor.measure.certificates import Expiring, expiring
from monitor.model import Indication, Outcome, Overall, SignerKind
from monitor.record import AgencyRow, Database, Recorder
from tests.support.outcomes import digest, document, filed, signature, verdict

TODAY = date(2026, 3, 18)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=VIETNAM)


def signed(
    content: str,
    certificate: str,
    ends_in: int,
    days_ago: int = 1,
    **signer: Any,
) -> Outcome:
    """A document of so-mot that was signed some days ago with a certificate that ends in some."""
    used = at(TODAY - timedelta(days=days_ago))
    passed = signer.pop("indication", Indication.TOTAL_PASSED)
    mark = signature(
        passed,
        certificate_sha256=digest(certificate),
        certificate_not_after=at(TODAY + timedelta(days=ends_in)),
        **({"signer_uid": f"CMND:{certificate}"} | signer),
    )
    overall = Overall.VALID if passed is Indication.TOTAL_PASSED else Overall.INVALID
    return filed(document(content, verdict(overall, [mark])), at=used, sent_at=used)


@pytest.fixture(autouse=True)
async def _agencies(database: Database) -> None:
    await database.sync_agencies(
        [
            AgencyRow("so-mot", "Sở Một", "department", "tinh"),
            AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
        ]
    )


async def counts(database: Database, today: date = TODAY) -> dict[tuple[str, int], int]:
    async with database.connection() as connection:
        found = await expiring(connection, today)
    return {(each.agency, each.within): each.certificates for each in found}


async def of_so_mot(database: Database, today: date = TODAY) -> tuple[int, int, int]:
    """Within 7, 30 and 90 days."""
    found = await counts(database, today)
    return found["so-mot", 7], found["so-mot", 30], found["so-mot", 90]


async def test_each_certificate_counts_once_in_every_span_that_it_ends_in(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            signed("a", "1", 5),
            signed("b", "1", 5),  # the same certificate again
            signed("c", "2", 7),
            signed("d", "3", 8),
            signed("e", "4", 90),
            signed("f", "5", 91),
        ]
    )
    assert await of_so_mot(database) == (2, 3, 4)


async def test_an_agency_without_known_certificates_is_absent_and_one_with_none_ending_is_zero(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([signed("a", "1", 400)])
    assert await counts(database) == {("so-mot", 7): 0, ("so-mot", 30): 0, ("so-mot", 90): 0}


async def test_what_has_ended_or_is_no_longer_used_is_not_counted(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([signed("a", "1", -1), signed("b", "2", 5, days_ago=91)])
    assert await of_so_mot(database) == (0, 0, 0)


async def test_a_signature_that_did_not_pass_shows_no_use(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [signed("a", "1", 5, indication=Indication.TOTAL_FAILED), signed("b", "2", 400)]
    )
    assert await of_so_mot(database) == (0, 0, 0)


async def test_a_certificate_that_its_signer_has_replaced_alarms_nobody(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([signed("a", "old", 5, days_ago=20, signer_uid="MNS:1")])
    assert await of_so_mot(database) == (1, 1, 1)
    await recorder.write([signed("b", "new", 700, signer_uid="MNS:1")])
    assert await of_so_mot(database) == (0, 0, 0)


@pytest.mark.parametrize(
    "other",
    [{"signer_uid": "MNS:2"}, {"signer_uid": "MNS:1", "signer_kind": SignerKind.ORGANISATION}],
    ids=["another signer", "the organisation's, by the same address"],
)
async def test_somebody_elses_newer_certificate_replaces_none(
    database: Database, recorder: Recorder, other: dict[str, Any]
) -> None:
    await recorder.write(
        [signed("a", "old", 5, signer_uid="MNS:1"), signed("b", "new", 700, **other)]
    )
    assert await of_so_mot(database) == (1, 1, 1)


async def test_without_a_uid_the_signer_is_known_by_the_address(
    database: Database, recorder: Recorder
) -> None:
    same: dict[str, Any] = {"signer_uid": None, "signer_emails": ("mau@so.tinh.example",)}
    await recorder.write(
        [
            signed("a", "old", 5, signer_subject="CN=Cũ", **same),
            signed("b", "new", 700, signer_subject="CN=Mới", **same),
        ]
    )
    assert await of_so_mot(database) == (0, 0, 0)


async def test_the_table_follows_and_forgets(database: Database, recorder: Recorder) -> None:
    await recorder.write([signed("a", "1", 5)])
    await counts(database)
    stored = "SELECT sum(certificates)::integer FROM grafana.certificate"
    async with database.connection() as connection:
        assert await connection.fetchval(stored) == 1
    await counts(database, TODAY + timedelta(days=6))
    async with database.connection() as connection:
        assert await connection.fetchval(stored) is None


def test_the_gauge_has_the_spans_as_labels() -> None:
    text = rendered_certificates([Expiring("so-mot", 7, 2)]).decode()
    assert 'congvu_certificates_expiring{agency="so-mot",within="7d"} 2.0' in text
    assert "# TYPE congvu_certificates_expiring gauge" in text
