"""What counters count, and what is read when the page is asked for."""

from datetime import UTC, date, datetime

from prometheus_client import CollectorRegistry

from monitor.agencies import Registry
from monitor.agencies.agency import Agency
from monitor.expose import Metrics
from monitor.expose.readings import agency_info, trust_data
from monitor.material import Loaded
from monitor.model import (
    Anchor,
    Attribution,
    Direction,
    DocumentAttribution,
    DocumentClass,
    Finding,
    TrustMaterial,
)
from monitor.record import Decision
from tests.support.outcomes import document, mail, valid


def value(metrics: CollectorRegistry, name: str, **labels: str) -> float:
    return metrics.get_sample_value(name, labels) or 0.0


def test_a_message_counts_out_for_its_sender_and_in_for_each_receiver_once() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    outcome = mail("one", [])
    first = Decision("0" * 32, True, True, ("so-hai", "so-ba"))
    copy = Decision("1" * 32, True, False, ("so-bon",))
    again = Decision("0" * 32, new_item=False)
    for decision in (first, copy, again):
        metrics.decided(outcome, decision)
    name = "congvu_mail_messages_total"
    assert value(registry, name, agency="so-mot", direction="out") == 1
    for agency in ("so-hai", "so-ba", "so-bon"):
        assert value(registry, name, agency=agency, direction="in") == 1


def test_a_relayed_or_editable_document_is_counted_apart() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    documents = [document("a", valid()), document("b", valid()), document("c", valid())]
    documents[1] = documents[1].model_copy(update={"document_class": DocumentClass.EDITABLE})
    outcome = mail("one", documents)
    attribution = Attribution(
        direction=Direction.OUT,
        sender_agency="so-mot",
        documents=(
            DocumentAttribution(issuer="so-mot"),
            DocumentAttribution(issuer="so-mot"),
            DocumentAttribution(issuer="so-mot", relayed=True),
        ),
        findings=(Finding.RELAYED,),
    )
    outcome = outcome.model_copy(update={"attribution": attribution})
    metrics.decided(outcome, Decision("0" * 32, True, True, new_documents=(0, 1, 2)))
    labels = {"agency": "so-mot", "channel": "mail"}
    assert value(registry, "congvu_documents_total", **labels, verdict="valid") == 1
    editable = {"channel": "mail", "verdict": "valid"}
    assert value(registry, "congvu_documents_editable_total", **editable) == 1
    assert value(registry, "congvu_documents_relayed_total", **labels) == 1
    assert value(registry, "congvu_findings_total", finding="relayed") == 1


def test_only_agencies_in_force_are_named() -> None:
    registry = Registry([
        Agency(code="so-mot", name="Sở Một", level="department"),
        Agency(code="huyen", name="Huyện", level="district", valid_to=date(2025, 6, 30)),
    ])  # fmt: skip
    [family] = agency_info(registry, date(2026, 1, 1))
    assert [sample.labels["agency"] for sample in family.samples] == ["so-mot"]


def test_trust_data_has_its_age_and_its_number() -> None:
    issued = datetime(2026, 11, 1, tzinfo=UTC)
    loaded = Loaded(TrustMaterial(anchors=(Anchor(certificate=b"AAAA"),)), {"cpcag2": issued})
    now = datetime(2026, 11, 2, tzinfo=UTC)
    found = {s.name: s.value for family in trust_data(loaded, now) for s in family.samples}
    assert found == {
        "congvu_trust_anchors": 1,
        "congvu_trust_data_age_seconds": 86400,
        "congvu_trust_files_left_out": 0,
    }
