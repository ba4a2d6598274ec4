"""Names, types and labels of /metrics are an API: this is the golden list."""

from datetime import UTC, date, datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from monitor.agencies import Registry
from monitor.agencies.agency import Agency
from monitor.expose import Metrics
from monitor.expose.readings import agency_info, figures_as_metrics, rendered, trust_data
from monitor.material import Loaded
from monitor.measure import AccountCount, Figure, Scope, State
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

GOLDEN = {
    "congvu_mail_messages": ("counter", ("agency", "direction")),
    "congvu_mail_automatic": ("counter", ("direction",)),
    "congvu_documents": ("counter", ("agency", "channel", "verdict")),
    "congvu_documents_editable": ("counter", ("agency", "channel", "verdict")),
    "congvu_documents_relayed": ("counter", ("agency", "channel")),
    "congvu_archives_unopened": ("counter", ("agency", "channel")),
    "congvu_signatures": ("counter", ("channel", "format", "indication", "trust_class")),
    "congvu_findings": ("counter", ("finding",)),
    "congvu_verdicts_changed": ("counter", ("of", "from", "to")),
    "congvu_revalidation_waiting": ("gauge", ()),
    "congvu_revalidation_open": ("gauge", ()),
    "congvu_revalidation_stuck": ("gauge", ()),
    "congvu_privacy_last_success_timestamp_seconds": ("gauge", ()),
    "congvu_revalidation_last_success_timestamp_seconds": ("gauge", ()),
    "congvu_source_last_event_timestamp_seconds": ("gauge", ("source",)),
    "congvu_source_last_look_timestamp_seconds": ("gauge", ("source",)),
    "congvu_verify_duration_seconds": ("histogram", ("kind",)),
    "congvu_log_lines": ("counter", ("source", "outcome")),
    "congvu_log_left_out": ("counter", ("source", "reason")),
    "congvu_log_lag_bytes": ("gauge", ("source",)),
    "congvu_start_timestamp_seconds": ("gauge", ()),
    "congvu_record_lag_seconds": ("gauge", ()),
    "congvu_measure_last_success_timestamp_seconds": ("gauge", ()),
    "congvu_accounts_last_success_timestamp_seconds": ("gauge", ()),
    "congvu_build": ("info", ()),
}


def figure(**changes: Any) -> Figure:
    values: dict[str, Any] = {
        "indicator": "document_signed", "scope": Scope.AGENCY, "code": "so-mot",
        "channel": "mail", "document_class": "formal", "window": "period",
        "first_day": date(2026, 11, 1), "last_day": date(2026, 11, 22),
        "numerator": 1, "denominator": 4, "undecided": 0, "ratio": 0.25, "state": State.OK,
    }  # fmt: skip
    return Figure(**(values | changes))


def samples(*figures: Figure) -> dict[str, float]:
    return {
        sample.name + str(sorted(sample.labels.items())): sample.value
        for family in figures_as_metrics(figures)
        for sample in family.samples
    }


def test_the_counters_are_the_golden_ones() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    found = {
        family.name: (family.type, tuple(getattr(metrics, attribute)._labelnames))
        for attribute in vars(metrics)
        for family in getattr(metrics, attribute).describe()
    } | {"congvu_build": ("info", ())}
    assert found == GOLDEN
    assert b'congvu_build_info{version="' in generate_latest(registry)


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
    assert value(registry, "congvu_documents_editable_total", **labels, verdict="valid") == 1
    assert value(registry, "congvu_documents_relayed_total", **labels) == 1
    assert value(registry, "congvu_findings_total", finding="relayed") == 1


def test_no_data_is_an_absent_series_and_a_state_never_zero() -> None:
    empty = figure(numerator=0, denominator=0, ratio=None, state=State.NO_DATA)
    shown = samples(empty)
    assert not [name for name in shown if name.startswith("congvu_adoption_ratio")]
    state = "congvu_adoption_state[('agency', 'so-mot'), ('indicator', 'document_signed')]"
    assert shown[state] == 2


def test_a_stale_channel_is_not_hidden_by_a_good_one() -> None:
    both = samples(figure(), figure(channel="docsys", state=State.STALE))
    state = "congvu_adoption_state[('agency', 'so-mot'), ('indicator', 'document_signed')]"
    assert both[state] == 3
    assert samples(figure(), figure(channel="docsys", state=State.NO_DATA))[state] == 0


def test_totals_are_families_of_their_own_and_editable_documents_stay_out() -> None:
    province = figure(scope=Scope.PROVINCE, code="province")
    editable = figure(document_class="editable", ratio=1.0)
    shown = samples(figure(), province, editable)
    ratios = {name: v for name, v in shown.items() if "_ratio[" in name}
    assert set(ratios.values()) == {0.25}
    assert len([name for name in ratios if name.startswith("congvu_adoption_group_ratio")]) == 1


def test_the_whole_province_and_the_level_of_that_name_are_two_series() -> None:
    province = figure(scope=Scope.PROVINCE, code="province", ratio=0.5)
    level = figure(scope=Scope.LEVEL, code="province", ratio=0.75)
    lines = rendered((province, level)).decode().splitlines()
    names = [line.rsplit(" ", 1)[0] for line in lines if not line.startswith("#")]
    assert len(names) == len(set(names)) == 4
    shown = samples(province, level)
    assert {v for name, v in shown.items() if "'province_level'" in name} == {0.75, 4}


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


def test_accounts_stand_beside_documents_in_the_same_families() -> None:
    account = figure(indicator="accounts_active", document_class="", numerator=3)
    shown = samples(figure(), account, figure(document_class="editable", numerator=4))
    ratios = {name: value for name, value in shown.items() if name.startswith("congvu_adoption_ra")}
    assert sorted(ratios.values()) == [0.25, 0.25]
    assert any("accounts_active" in name for name in ratios)
    page = rendered([figure()], [AccountCount("so-mot", "leader", "dormant", 2)]).decode()
    assert 'congvu_accounts{agency="so-mot",role="leader",state="dormant"} 2.0' in page


def test_an_agency_on_every_channel_but_the_portal_has_about_120_series() -> None:
    """DESIGN "Metrics": at most about 120 of adoption an agency, all its figures being there."""
    own = ("mail", "docsys", "axis")
    channels = {
        "document_signed": own, "document_paired": own[1:], "mail_signed": own[:1],
        "signature_timestamped": own, "signature_public_service_ca": own,
        "document_electronic": own[1:2], "document_parallel_paper": own[1:2],
        "document_paperless": own[1:2], "dispatched_on_time": own,
    }  # fmt: skip
    windows = ("wd5", "wd20_prior", "30d", "period", "last_month")
    monthly = list(channels)[-4:]
    figures = [
        figure(indicator=name, channel=channel, window=window, base=base, undecided_share=0.0,
               coverage=1.0)
        for name, named in channels.items() for channel in named for window in windows
        for base in ("", "observed")
        if window != "last_month" or name in monthly
    ]  # fmt: skip
    accounts = {"accounts_provisioned": 2, "accounts_active": 4, "accounts_habitual": 2}
    figures += [
        figure(indicator=name, window=window, document_class="")
        for name, count in accounts.items() for window in windows[4 - count : 4]
    ]  # fmt: skip
    shown = samples(*figures)
    assert len(shown) <= 125
    lines = [line for line in rendered(figures).decode().splitlines() if line[0] != "#"]
    assert len(lines) == len({line.rsplit(" ", 1)[0] for line in lines})


def test_what_captured_files_alone_prove_is_no_series_beside_the_figure() -> None:
    which = {"indicator": "document_electronic", "channel": "docsys", "window": "last_month"}
    shown = samples(figure(**which, ratio=0.75), figure(**which, base="observed", ratio=0.5))
    assert [v for name, v in shown.items() if name.startswith("congvu_adoption_ratio")] == [0.75]


def test_the_state_of_a_register_is_that_of_the_last_month() -> None:
    month = figure(indicator="document_electronic", channel="docsys", window="last_month")
    now = figure(indicator="document_electronic", channel="docsys", ratio=None, state=State.NO_DATA)
    state = "congvu_adoption_state[('agency', 'so-mot'), ('indicator', 'document_electronic')]"
    assert samples(now, month)[state] == 0


def test_coverage_of_a_register_is_that_of_the_last_month() -> None:
    by_register = [
        figure(indicator=name, channel="docsys", window=window, coverage=coverage)
        for name, window, coverage in (
            ("document_electronic", "last_month", 0.9), ("document_electronic", "wd5", 0.1),
            ("document_signed", "30d", 0.2),
        )
    ]  # fmt: skip
    mail = figure(indicator="mail_signed", window="wd5", coverage=0.8)
    shown = samples(*by_register, mail)
    name = "congvu_adoption_coverage_ratio[('agency', 'so-mot'), ('channel', '{}')]"
    covered = {key: v for key, v in shown.items() if "coverage" in key}
    assert covered == {name.format("docsys"): 0.9, name.format("mail"): 0.8}
